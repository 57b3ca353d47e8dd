"""Which tables of a cube are queries: what dbt builds is built of models alone."""

from __future__ import annotations

from acrm_olap.definitions.bound import BoundCube
from acrm_olap.definitions.queries import is_query, shown_table
from acrm_olap.errors import DefinitionError


def tables_of(cube: BoundCube) -> list[str]:
    """Return the tables that a cube may read, queries in brackets among them."""
    found = [cube.base.fact, *(each.table for each in cube.base.joins)]
    for use in cube.uses.values():
        if use.dimension is not None:
            found.append(use.dimension.table)
            found += [each.table for each in use.dimension.joins]
    return list(dict.fromkeys(found))


def queries_of(cube: BoundCube) -> list[str]:
    """Return the tables of a cube that are queries, as messages name them."""
    return [shown_table(each) for each in tables_of(cube) if is_query(each)]


def why_no_models(cube: BoundCube) -> str:
    """Return why models cannot be all that a cube reads; nothing if they can."""
    for query in queries_of(cube):
        return f"'{query}' is a query: make a model of it, and name its table."
    return ""


def require_models(cube: BoundCube, aggregate: str, where: str) -> None:
    """Refuse an aggregate of a cube that reads queries: dbt builds it of models."""
    for query in queries_of(cube):
        raise DefinitionError(
            f"The aggregate '{aggregate}' would be built of a query, '{query}'.",
            where=where,
            hint="dbt builds aggregates of models: make a model of the query, and name"
            " its table; or leave the aggregate out.",
        )
