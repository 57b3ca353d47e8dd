"""What tables and columns a warehouse has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from acrm_olap.definitions.queries import is_query, shown_table
from acrm_olap.errors import DefinitionError, UnknownNameError
from acrm_olap.expressions import Type, name_parts, written_name

if TYPE_CHECKING:
    import duckdb

_QUERY = re.compile(r"\s*(select|with|from|table|values)\b", re.IGNORECASE)
_IN_BRACKETS = "A query stands in brackets: '(select ...)'."
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
    describe : callable, optional
        The columns of a query in brackets, with their types.
    """

    tables: Mapping[str, Mapping[str, str]]
    describe: Callable[[str], Mapping[str, str]] | None = field(
        default=None, repr=False
    )
    _lowered: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._lowered.update({name.lower(): name for name in self.tables})

    def columns(self, table: str, *, where: str = "") -> Mapping[str, str]:
        """Return the columns of a table, by name, with their types.

        Raises
        ------
        UnknownNameError
            If there is no such table.
        DefinitionError
            If it is a query in brackets that the warehouse cannot answer.
        """
        if is_query(table):
            return self._of_query(table, where)
        name = self._lowered.get(table.lower())
        if name is None:
            known = [each for each in self.tables if len(name_parts(each)) == 1]
            raise UnknownNameError(
                "table",
                table,
                known or self.tables,
                owner="the warehouse",
                where=where,
                more=_IN_BRACKETS if _QUERY.match(table) else "",
            )
        return self.tables[name]

    def _of_query(self, table: str, where: str) -> Mapping[str, str]:
        if self.describe is None:
            raise DefinitionError(
                f"The table is a query, '{shown_table(table)}', and here tables alone"
                " are known.",
                where=where,
                hint="Make a model of the query, and name its table.",
            )
        import duckdb

        try:
            return self.describe(table)
        except duckdb.Error as error:
            raise DefinitionError(
                f"The query '{shown_table(table)}' cannot be answered: "
                + str(error).split("\n", 1)[0].rstrip(". ")
                + ".",
                where=where,
                hint="Try it by `acrm sql`, without the brackets.",
            ) from error


def read_catalog(connection: duckdb.DuckDBPyConnection) -> Catalog:
    """Read which tables the current database of a connection has.

    Queries in brackets are described over the same connection, as long as it is open.
    """
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
    known: dict[str, Mapping[str, str]] = {}

    def describe(query: str) -> Mapping[str, str]:
        if query not in known:
            columns = connection.execute(f"describe {query}").fetchall()
            known[query] = {
                written_name(title): data_type for title, data_type, *_ in columns
            }
        return known[query]

    return Catalog(tables, describe)


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
