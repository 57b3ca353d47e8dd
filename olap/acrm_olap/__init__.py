"""Cubes over the published stars: slice, dice, drill and pivot, never silently wrong.

>>> from acrm_olap import connect  # doctest: +SKIP
>>> connect("published")["sales"].query("net", "product.department")  # doctest: +SKIP
"""

from acrm_olap.api import Cube, Cubes, connect
from acrm_olap.planning import Rights
from acrm_olap.query import Cut, Query, Top
from acrm_olap.results import Result

__all__ = ["Cube", "Cubes", "Cut", "Query", "Result", "Rights", "Top", "connect"]
