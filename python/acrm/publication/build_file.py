"""Make the build file what readers get: tables of the marts, and no more than state.

The file is changed in place, so that a publication costs what changed. What the next
build can make again goes; what incremental models remember stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.building.database import explain_database_error
from acrm.errors import InputError, RunError
from acrm.project import memory_limit
from acrm.publication.versions import TableEntry
from acrm.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

# What incremental models keep beside their own tables: macros write it, no model.
_MODEL_STATE = ("intermediate", "model_state")
_CHANGED_DAY = ("intermediate", "changed_day")
_TEST_STATE = ("intermediate", "test_state")
STATE_TABLES = frozenset(
    {
        _MODEL_STATE,
        ("intermediate", "replaced_row"),
        ("intermediate", "changed_version"),
        ("intermediate", "changed_member"),
        _CHANGED_DAY,
        _TEST_STATE,
        ("intermediate", "known_view"),
        ("intermediate", "built_from"),
    }
)


@dataclass(frozen=True)
class Relations:
    """What stands in schema ``main`` of the build file.

    Parameters
    ----------
    publish : tuple of str
        Tables and views that a model of the project builds.
    left_out : tuple of str
        The others: left by models that are gone, or dbt's working tables. Not the views
        of cubes, which each publication makes anew.
    """

    publish: tuple[str, ...]
    left_out: tuple[str, ...]


@contextmanager
def opened(
    build_file: Path, spill: Path, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file under its own name, as its views expect.

    Parameters
    ----------
    build_file : Path
        What dbt built.
    spill : Path
        Folder for what does not fit in memory.
    read_only : bool, default False
        Whether nothing will be written to it.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"set temp_directory = {literal(str(spill))}")
        connection.execute(f"set memory_limit = {literal(memory_limit())}")
        connection.execute("set TimeZone = 'UTC'")
        name = identifier(build_file.stem)
        how = "(read_only)" if read_only else ""
        try:
            connection.execute(f"attach {literal(str(build_file))} as {name} {how}")
        except duckdb.Error as error:
            raise explain_database_error(str(error), build_file) or error from error
        connection.execute(f"use {name}.main")
        yield connection
    finally:
        connection.close()


def find_relations(
    connection: duckdb.DuckDBPyConnection, built: Collection[str]
) -> Relations:
    """Sort the relations of the build file into those to publish and the others.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :func:`opened`.
    built : collection of str
        Names that the models of the project build in ``main``.
    """
    rows = connection.execute(
        """
        select
            table_name,
            table_type = 'VIEW' and starts_with(table_name, 'cube_') as is_of_cube
        from information_schema.tables
        where table_catalog = current_database() and table_schema = 'main'
        order by table_name
        """
    ).fetchall()
    return Relations(
        publish=tuple(name for name, _ in rows if name in built),
        left_out=tuple(
            name for name, is_of_cube in rows if name not in built and not is_of_cube
        ),
    )


def make_tables_of_views(
    connection: duckdb.DuckDBPyConnection, names: Collection[str]
) -> None:
    """Put a table in the place of each view to publish, which then stands alone.

    Raises
    ------
    InputError
        If a view cannot be read.
    RunError
        If its rows change from query to query.
    """
    views = _names(
        connection,
        """
        select 'main', view_name from duckdb_views()
        where
            not internal
            and database_name = current_database()
            and schema_name = 'main'
        order by view_name
        """,
    )
    for _, view in views:
        if view in names:
            with transaction(connection):
                _make_table(connection, view)


def strip(
    connection: duckdb.DuckDBPyConnection,
    names: Collection[str],
    state: Collection[tuple[str, str]],
) -> None:
    """Drop all that is neither published nor state, in one transaction.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :func:`opened`.
    names : collection of str
        The tables and views of ``main`` to publish.
    state : collection of (str, str)
        Schema and name of each other table to keep.
    """
    kept = {("main", name) for name in names} | set(state)
    with transaction(connection):
        if is_there(connection, _CHANGED_DAY):
            # the next version is compared with this one
            connection.execute(f"delete from {_sql_name(_CHANGED_DAY)}")
        for schema, name in _names(
            connection,
            """
            select schema_name, view_name from duckdb_views()
            where not internal and database_name = current_database()
            """,
        ):
            if (schema, name) not in kept:
                connection.execute(f"drop view {identifier(schema)}.{identifier(name)}")
        tables = _names(
            connection,
            """
            select schema_name, table_name from duckdb_tables()
            where not internal and database_name = current_database()
            """,
        )
        for schema, name in tables:
            if (schema, name) not in kept:
                connection.execute(
                    f"drop table {identifier(schema)}.{identifier(name)}"
                )
        needed = {"main"} | {
            schema for schema, name in tables if (schema, name) in kept
        }
        for schema, _ in _names(
            connection,
            """
            select schema_name, '' from duckdb_schemas()
            where not internal and database_name = current_database()
            """,
        ):
            if schema not in needed:
                connection.execute(f"drop schema {identifier(schema)} cascade")
    connection.execute("checkpoint")


def code_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a hash of the code that the incremental models were last rebuilt by."""
    if not is_there(connection, _MODEL_STATE):
        return ""
    ((found,),) = connection.execute(
        f"""
        select md5(coalesce(string_agg(model || code_hash, ' ' order by model), ''))
        from {_sql_name(_MODEL_STATE)}
        """
    ).fetchall()
    return str(found)


def changed_days(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, frozenset[date]]:
    """Return the days of incremental tables that changed since the last version.

    A table that was rebuilt, and so did not note what it changed, is left out.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :func:`opened`.
    """
    if not is_there(connection, _CHANGED_DAY):
        return {}
    state, changed = _sql_name(_MODEL_STATE), _sql_name(_CHANGED_DAY)
    rows = connection.execute(
        f"""
        select
            model,
            coalesce(
                list(distinct date_key) filter (date_key is not null), []
            )
        from {state}
        left join {changed} using (model)
        group by model
        having not coalesce(
            bool_or(date_key is null and changed_at is not null), false
        )
        """
    ).fetchall()
    return {model: frozenset(days) for model, days in rows}


def state_tables(
    connection: duckdb.DuckDBPyConnection,
) -> list[tuple[str, str]]:
    """Return the tables in which macros keep what they remember, as far as there."""
    return sorted(each for each in STATE_TABLES if is_there(connection, each))


def forget_tests(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget which tests the rows have passed, so that each looks at all of them."""
    if is_there(connection, _TEST_STATE):
        connection.execute(f"delete from {_sql_name(_TEST_STATE)}")


def rows_of(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Return the number of rows; of a table it is known without reading it."""
    ((count,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)


def comments_of(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str
) -> tuple[str | None, dict[str, str]]:
    """Return the comment of a table or view, and those of its columns."""
    on_relation = connection.execute(
        """
        select comment from duckdb_tables()
        where database_name = current_database()
            and schema_name = $schema and table_name = $name
        union all
        select comment from duckdb_views()
        where database_name = current_database()
            and schema_name = $schema and view_name = $name
        """,
        {"schema": schema, "name": name},
    ).fetchall()
    on_columns = connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = current_database()
            and schema_name = $schema and table_name = $name and comment is not null
        order by column_index
        """,
        {"schema": schema, "name": name},
    ).fetchall()
    return (on_relation[0][0] if on_relation else None), dict(on_columns)


def write_comments(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    comments: tuple[str | None, dict[str, str]],
    kind: str = "table",
) -> None:
    """Put comments on a table, or on a view, named as SQL names it."""
    on_table, on_columns = comments
    if on_table:
        connection.execute(f"comment on {kind} {table} is {literal(on_table)}")
    for column, comment in on_columns.items():
        connection.execute(
            f"comment on column {table}.{identifier(column)} is {literal(comment)}"
        )


def require_readable(database: Path, entries: Collection[TableEntry]) -> None:
    """Open the file to be published as a reader does, and count once more.

    Raises
    ------
    RunError
        If it does not open read-only or lacks rows.
    """
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = {
                each.name: rows_of(connection, identifier(each.name))
                for each in entries
            }
    except duckdb.Error as error:
        raise RunError(
            "The file to be published cannot be read.", where=f"{database}: {error}"
        ) from error
    wrong = [each.name for each in entries if found[each.name] != each.rows]
    if wrong:
        raise RunError("The file to be published lacks rows.", where=", ".join(wrong))


def _make_table(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    name, passing = identifier(view), identifier(f"{view}__published")
    comments = comments_of(connection, "main", view)
    try:
        before = rows_of(connection, name)
        connection.execute(f"create or replace table {passing} as from {name}")
    except Exception as error:
        raise InputError(
            f"{view} cannot be read from the build file.",
            where=str(error),
            hint="Run `acrm build` to build it anew.",
        ) from error
    after = rows_of(connection, passing)
    if before != after:
        raise RunError(
            f"The view {view} cannot be published.",
            where=f"it had {before} rows at first, then {after}",
            hint="Its rows change from query to query: make it a table, or mend it.",
        )
    connection.execute(f"drop view {name}")
    connection.execute(f"alter table {passing} rename to {name}")
    write_comments(connection, name, comments)


def is_there(connection: duckdb.DuckDBPyConnection, relation: tuple[str, str]) -> bool:
    """Whether the file has a table of that schema and name."""
    schema, name = relation
    return bool(
        connection.execute(
            """
            select 1 from duckdb_tables()
            where database_name = current_database()
                and schema_name = $schema and table_name = $name
            """,
            {"schema": schema, "name": name},
        ).fetchall()
    )


def _sql_name(relation: tuple[str, str]) -> str:
    return ".".join(map(identifier, relation))


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Make all of a block, or nothing of it."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _names(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, str]]:
    return [(schema, name) for schema, name in connection.execute(sql).fetchall()]
