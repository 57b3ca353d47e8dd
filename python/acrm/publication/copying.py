"""Copy the marts of the build file into a fresh DuckDB file and Parquet folders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.errors import InputError, RunError
from acrm.publication.versions import DATABASE_NAME, TableEntry
from acrm.sql import identifier, literal, parquet_column

if TYPE_CHECKING:
    import duckdb

# Readable by DuckDB 1.5 and 2.0.
STORAGE_VERSION = "v1.5.0"

TableListener = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Relations:
    """What stands in schema ``main`` of the build file.

    Parameters
    ----------
    publish : tuple of str
        Tables and views that a model of the project builds.
    left_out : tuple of str
        The others: left by models that are gone, or dbt's working tables.
    """

    publish: tuple[str, ...]
    left_out: tuple[str, ...]


@contextmanager
def opened(build_file: Path, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file read-only under its own name, as its views expect.

    Parameters
    ----------
    build_file : Path
        What dbt built.
    spill : Path
        Folder for what does not fit in memory.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"set temp_directory = {literal(str(spill))}")
        connection.execute("set TimeZone = 'UTC'")
        name = identifier(build_file.stem)
        connection.execute(f"attach {literal(str(build_file))} as {name} (read_only)")
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
        select table_name
        from information_schema.tables
        where table_catalog = current_database() and table_schema = 'main'
        order by table_name
        """
    ).fetchall()
    names = [name for (name,) in rows]
    return Relations(
        publish=tuple(name for name in names if name in built),
        left_out=tuple(name for name in names if name not in built),
    )


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    names: Collection[str],
    folder: Path,
    listener: TableListener | None = None,
) -> tuple[TableEntry, ...]:
    """Copy tables and views, with order, types, NOT NULL and comments, and check them.

    Primary and unique keys are not copied: the audit has tested them, readers
    cannot break them, and their indexes would cost time and space.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :func:`opened`.
    names : collection of str
        What to copy.
    folder : Path
        An empty folder; gets ``acrm.duckdb`` and ``parquet/<table>/part-0.parquet``.
    listener : callable, optional
        Told of each table that is copied: name, done, total.

    Returns
    -------
    tuple of TableEntry
        By name.

    Raises
    ------
    RunError
        If a copy does not have the rows of its original.
    """
    target = folder / DATABASE_NAME
    ((build_name,),) = connection.execute("select current_database()").fetchall()
    copy_name = identifier(f"{build_name}_copy")  # unlike the other, whatever that is
    schema = f"{copy_name}.main"
    connection.execute(
        f"attach {literal(str(target))} as {copy_name}"
        f" (storage_version {literal(STORAGE_VERSION)})"
    )
    entries = []
    for done, name in enumerate(names, start=1):
        _copy_table(connection, name, f"{schema}.{identifier(name)}")
        parquet = folder / "parquet" / name / "part-0.parquet"
        _write_parquet(connection, f"{schema}.{identifier(name)}", parquet)
        rows = _require_equal_rows(connection, name, schema, parquet)
        entries.append(TableEntry(name, rows, parquet.stat().st_size))
        if listener is not None:
            listener(name, done, len(names))
    connection.execute(f"detach {copy_name}")
    return tuple(entries)


def require_readable(database: Path, entries: Collection[TableEntry]) -> None:
    """Open the copy as a reader does, and count once more.

    Raises
    ------
    RunError
        If it does not open read-only or lacks rows.
    """
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = {
                each.name: _count(connection, identifier(each.name)) for each in entries
            }
    except duckdb.Error as error:
        raise RunError(
            "The copy to be published cannot be read.", where=f"{database}: {error}"
        ) from error
    wrong = [each.name for each in entries if found[each.name] != each.rows]
    if wrong:
        raise RunError("The copy to be published lacks rows.", where=", ".join(wrong))


def _copy_table(connection: duckdb.DuckDBPyConnection, name: str, copy: str) -> None:
    source = identifier(name)
    try:
        connection.execute(f"create table {copy} as from {source} limit 0")
    except Exception as error:
        raise InputError(
            f"{name} cannot be read from the build file.",
            where=str(error),
            hint="Run `acrm build` to build it anew.",
        ) from error
    columns = connection.execute(
        """
        select column_name, is_nullable, comment
        from duckdb_columns()
        where
            database_name = current_database()
            and schema_name = 'main'
            and table_name = ?
        order by column_index
        """,
        [name],
    ).fetchall()
    for column, is_nullable, _ in columns:
        if not is_nullable:
            connection.execute(
                f"alter table {copy} alter column {identifier(column)} set not null"
            )
    connection.execute(f"insert into {copy} from {source}")
    comments = connection.execute(
        """
        select comment from duckdb_tables()
        where database_name = current_database() and schema_name = 'main'
            and table_name = $name
        union all
        select comment from duckdb_views()
        where database_name = current_database() and schema_name = 'main'
            and view_name = $name
        """,
        {"name": name},
    ).fetchall()
    for (comment,) in comments:
        if comment:
            connection.execute(f"comment on table {copy} is {literal(comment)}")
    for column, _, comment in columns:
        if comment:
            connection.execute(
                f"comment on column {copy}.{identifier(column)} is {literal(comment)}"
            )


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, copy: str, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    columns = connection.execute(f"describe {copy}").fetchall()
    wanted = ", ".join(parquet_column(column, kind) for column, kind, *_ in columns)
    connection.execute(
        f"copy (select {wanted} from {copy})"
        f" to {literal(str(path))} (format parquet, compression zstd)"
    )


def _require_equal_rows(
    connection: duckdb.DuckDBPyConnection, name: str, schema: str, parquet: Path
) -> int:
    built = _count(connection, identifier(name))
    copied = _count(connection, f"{schema}.{identifier(name)}")
    (in_parquet,) = connection.execute(
        "select count(*) from read_parquet(?)", [str(parquet)]
    ).fetchall()[0]
    if not built == copied == in_parquet:
        raise RunError(
            f"The copy of {name} does not have the rows of the build.",
            where=f"build {built}, DuckDB copy {copied}, Parquet copy {in_parquet}",
            hint="A view whose rows change from query to query cannot be published;"
            " otherwise please report this.",
        )
    return int(built)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)
