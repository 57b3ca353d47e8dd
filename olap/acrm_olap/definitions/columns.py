"""Columns of a table and of those joined to it, held against the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from acrm_olap.definitions.catalog import Catalog
from acrm_olap.definitions.model import Join
from acrm_olap.definitions.queries import shown_table
from acrm_olap.errors import DefinitionError, UnknownNameError

# What statements call the table that others are joined to.
_TAKEN = frozenset({"fact", "member", "chosen", "here"})


def table_columns(
    catalog: Catalog, table: str, joins: list[Join], where: Callable[..., str]
) -> dict[str, str]:
    """Return the columns of a table, and ``table.column`` of those joined to it."""
    found = dict(catalog.columns(table, where=where("table")))
    titles = set(_TAKEN)
    for number, join in enumerate(joins):
        place = where("joins", number)
        joined = catalog.columns(join.table, where=place)
        for here, there in join.on.items():
            require_column(found, here, table, place)
            require_column(joined, there, join.table, place)
        if join.title in titles:
            owner = "The table itself" if join.title in _TAKEN else "Another join"
            raise DefinitionError(
                f"{owner} is called '{join.title}' already.",
                where=place,
                hint="Give the join a name of its own: `name: ...`.",
            )
        titles.add(join.title)
        found |= {f"{join.title}.{column}": kind for column, kind in joined.items()}
    return found


def require_column(
    columns: Mapping[str, str], name: str, table: str, where: str
) -> str:
    """Return the type of a column, or refuse its name with the nearest."""
    if name not in columns:
        raise UnknownNameError(
            "column", name, columns, owner=f"table '{shown_table(table)}'", where=where
        )
    return columns[name]
