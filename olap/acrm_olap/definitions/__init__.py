"""Definitions of cubes and dimensions: read, checked, held against a warehouse."""

from acrm_olap.definitions.bind import bind
from acrm_olap.definitions.bound import (
    BoundCube,
    BoundLevel,
    BoundMeasure,
    BoundUse,
    Stored,
    spelt_out,
)
from acrm_olap.definitions.catalog import (
    Catalog,
    expression_type,
    read_catalog,
    read_sizes,
)
from acrm_olap.definitions.read import Definitions, read_definitions

__all__ = [
    "BoundCube", "BoundLevel", "BoundMeasure", "BoundUse", "Catalog", "Definitions",
    "Stored", "bind", "expression_type", "read_catalog", "read_definitions",
    "read_sizes", "spelt_out",
]  # fmt: skip
