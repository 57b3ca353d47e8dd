"""The cubes' own small language: parsed and typed, never pasted text."""

from acrm_olap.expressions.parse import fail, parse
from acrm_olap.expressions.quoting import (
    name_parts,
    quoted_name,
    split_name,
    written_name,
)
from acrm_olap.expressions.to_sql import cast, divide, to_sql
from acrm_olap.expressions.tree import Node, Type, names
from acrm_olap.expressions.types import FUNCTIONS, type_of

__all__ = [
    "FUNCTIONS", "Node", "Type", "cast", "divide", "fail", "name_parts", "names",
    "parse", "quoted_name", "split_name", "to_sql", "type_of", "written_name",
]  # fmt: skip
