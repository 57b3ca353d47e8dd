"""Questions to cubes, whatever form they were written in."""

from acrm_olap.query.cuts import Cut, cuts_of
from acrm_olap.query.forms import canonical, from_dict, from_json, to_dict, to_json
from acrm_olap.query.forms_cut import read_url_cuts, read_url_names
from acrm_olap.query.forms_line import from_line, read_where, to_line
from acrm_olap.query.forms_url import from_pairs, from_url, to_url
from acrm_olap.query.query import (
    MOST_CELLS,
    Query,
    Top,
    check_as_of,
    check_missing,
    make_query,
)

__all__ = [
    "MOST_CELLS",
    "Cut",
    "Query",
    "Top",
    "canonical",
    "check_as_of",
    "check_missing",
    "cuts_of",
    "from_dict",
    "from_json",
    "from_line",
    "from_pairs",
    "from_url",
    "make_query",
    "read_url_cuts",
    "read_url_names",
    "read_where",
    "to_dict",
    "to_json",
    "to_line",
    "to_url",
]
