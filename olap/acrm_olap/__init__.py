"""Cubes over the published stars: slice, dice, drill and pivot, never silently wrong.

>>> from acrm_olap.api.example import example
>>> sales = example()["sales"]
>>> sales.query("net", "customer.region", as_of="is").to_csv().split()
['customer.region,net', 'North,316.00', 'South,639.00']
"""

from acrm_olap.api import Cube, Cubes, connect
from acrm_olap.planning import Rights
from acrm_olap.query import (
    Cut,
    Query,
    Top,
    from_dict,
    from_json,
    from_line,
    from_url,
    make_query,
    to_dict,
    to_json,
    to_line,
    to_url,
)
from acrm_olap.results import Pivot, Result, State

__all__ = [
    "Cube",
    "Cubes",
    "Cut",
    "Pivot",
    "Query",
    "Result",
    "Rights",
    "State",
    "Top",
    "connect",
    "from_dict",
    "from_json",
    "from_line",
    "from_url",
    "make_query",
    "to_dict",
    "to_json",
    "to_line",
    "to_url",
]
