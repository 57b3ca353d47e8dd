"""Aggregate tables: what they keep of a fact, and when they answer in its place."""

from acrm_olap.aggregates.build import definition_of, select_of, totals_of
from acrm_olap.aggregates.route import Proofs, Routing, route
from acrm_olap.aggregates.tables import AggregateTable, tables_of_cube

__all__ = [
    "AggregateTable",
    "Proofs",
    "Routing",
    "definition_of",
    "route",
    "select_of",
    "tables_of_cube",
    "totals_of",
]  # fmt: skip
