"""What tables and columns a warehouse has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from acrm_olap.definitions.model import Join
from acrm_olap.errors import UnknownNameError
from acrm_olap.expressions import Type, name_parts, split_name, written_name

if TYPE_CHECKING:
    import duckdb

_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip


def expression_type(data_type: str) -> Type:
    """Return what an expression takes a column of a DuckDB type for."""
    if data_type.startswith(_NUMBERS):
        return Type.NUMBER
    if data_type.startswith(("DATE", "TIMESTAMP")):
        return Type.DATE
    if data_type == "BOOLEAN":
        return Type.FLAG
    return Type.TEXT


@dataclass(frozen=True)
class Catalog:
    """The tables that definitions may name.

    Parameters
    ----------
    tables : mapping
        By name as definitions give it (``table`` or ``schema.table``), the columns
        with their DuckDB types.
    """

    tables: Mapping[str, Mapping[str, str]]
    _lowered: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._lowered.update({name.lower(): name for name in self.tables})

    def columns(self, table: str, *, where: str = "") -> Mapping[str, str]:
        """Return the columns of a table, by name, with their types.

        Raises
        ------
        UnknownNameError
            If there is no such table.
        """
        name = self._lowered.get(table.lower())
        if name is None:
            known = [each for each in self.tables if len(name_parts(each)) == 1]
            raise UnknownNameError(
                "table", table, known or self.tables, owner="the warehouse", where=where
            )
        return self.tables[name]


def read_catalog(connection: duckdb.DuckDBPyConnection) -> Catalog:
    """Read which tables the current database of a connection has."""
    rows = connection.execute(
        "select schema_name, table_name, column_name, data_type"
        " from duckdb_columns()"
        " where database_name = current_database() and not internal"
        " order by schema_name <> current_schema(), schema_name, column_index"
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    owner: dict[str, str] = {}
    for schema, table, title, data_type in rows:
        column, bare = written_name(title), written_name(table)
        tables.setdefault(written_name(schema, table), {})[column] = data_type
        # The bare name means the table of the first schema that has it.
        if owner.setdefault(bare, schema) == schema:
            tables.setdefault(bare, {})[column] = data_type
    return Catalog(tables)


def read_sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Read about how many rows the tables have, by name as of the catalog."""
    rows = connection.execute(
        "select schema_name, table_name, estimated_size from duckdb_tables()"
        " where database_name = current_database() and not internal"
        " order by schema_name <> current_schema(), schema_name"
    ).fetchall()
    found: dict[str, int] = {}
    for schema, table, size in rows:
        found[written_name(schema, table)] = size
        found.setdefault(written_name(table), size)
    return found


def table_columns(
    catalog: Catalog, table: str, joins: list[Join], where: Callable[..., str]
) -> dict[str, str]:
    """Return the columns of a table, and ``table.column`` of those joined to it."""
    found = dict(catalog.columns(table, where=where("table")))
    for number, join in enumerate(joins):
        place = where("joins", number)
        joined = catalog.columns(join.table, where=place)
        for here, there in join.on.items():
            require_column(found, here, table, place)
            require_column(joined, there, join.table, place)
        _, name = split_name(join.table)
        found |= {
            f"{written_name(name)}.{column}": kind for column, kind in joined.items()
        }
    return found


def require_column(
    columns: Mapping[str, str], name: str, table: str, where: str
) -> str:
    """Return the type of a column, or refuse its name with the nearest."""
    if name not in columns:
        raise UnknownNameError(
            "column", name, columns, owner=f"table '{table}'", where=where
        )
    return columns[name]
