"""Cubes over the published stars: slice, dice, drill and pivot, never silently wrong.

>>> from acrm_olap.api.example import example
>>> print(example()["sales"].query("net", "customer.region", as_of="is").to_csv())
customer.region,net\r
North,316.00\r
South,639.00\r
<BLANKLINE>
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
