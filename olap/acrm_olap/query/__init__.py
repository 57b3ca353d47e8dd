"""Questions to cubes, whatever form they were written in."""

from acrm_olap.query.cuts import Cut, cuts_of
from acrm_olap.query.query import MOST_CELLS, Query, Top, make_query

__all__ = ["MOST_CELLS", "Cut", "Query", "Top", "cuts_of", "make_query"]
