"""Write the build file anew when most of it is space that nothing uses.

DuckDB uses freed blocks again but seldom gives them back, and a deleted row keeps its
place until all rows around it are gone.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.disk import sync
from acrm.project import Project
from acrm.publication.build_file import comments_of, opened, rows_of, write_comments
from acrm.publication.parquet import TableListener
from acrm.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

# Readable by DuckDB 1.5 and 2.0.
STORAGE_VERSION = "v1.5.0"

# Below it a file is too small for its space to matter.
SMALLEST_BYTES = 64 * 1024 * 1024
# With more than half free, copying the rest writes less than what freed the blocks did.
FREE_BLOCKS = 0.5
# Scans read dead rows as well: a third more time is worth one rewrite.
DEAD_ROWS = 0.3
# Dead rows of a table that is a small part of the file are no reason to write it all.
LARGE_TABLE = 0.1


def reason_to_compact(
    connection: duckdb.DuckDBPyConnection, file_bytes: int
) -> str | None:
    """Say why the open file should be written anew; None if it should not.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The build file, after a checkpoint.
    file_bytes : int
        Its size.
    """
    if file_bytes <= SMALLEST_BYTES:
        return None
    ((total, free),) = connection.execute(
        """
        select total_blocks, free_blocks from pragma_database_size()
        where database_name = current_database()
        """
    ).fetchall()
    if free > FREE_BLOCKS * total:
        return f"{free} of {total} blocks are free"
    places = {}
    for schema, name in _tables(connection):
        relation = f"{identifier(schema)}.{identifier(name)}"
        ((last,),) = connection.execute(f"select max(rowid) from {relation}").fetchall()
        places[name] = (0 if last is None else last + 1, rows_of(connection, relation))
    all_places = sum(place for place, _ in places.values())
    for name, (place, rows) in places.items():
        dead = place - rows
        if place >= LARGE_TABLE * all_places and dead > DEAD_ROWS * place:
            return f"{dead} of {place} rows of {name} are deleted"
    return None


def compacting_path(build_file: Path) -> Path:
    """Return where the new file is written: beside the one whose place it takes."""
    return build_file.with_name(f"{build_file.name}.compacting")


def log_of(database: Path) -> Path:
    """Return where DuckDB logs what is not in the file yet."""
    return database.with_name(f"{database.name}.wal")


def compact(project: Project, listener: TableListener | None = None) -> None:
    """Copy all tables of the build file into a fresh one, which takes its place.

    Facts come in the order of their ``date_key``, for the zone maps. Views are not
    copied: a published file has none. Primary and unique keys are not copied either:
    tests hold them, and their indexes would cost time and space.

    Parameters
    ----------
    project : Project
        Whose build file; it must be open nowhere.
    listener : callable, optional
        Told of each table: what was done, done, total.
    """
    fresh = compacting_path(project.database)
    fresh.unlink(missing_ok=True)
    log_of(fresh).unlink(missing_ok=True)
    with opened(project.database, project.tmp / "spill") as connection:
        ((name,),) = connection.execute("select current_database()").fetchall()
        copy = identifier(f"{name}_copy")  # unlike the other, whatever that is
        connection.execute(
            f"attach {literal(str(fresh))} as {copy}"
            f" (storage_version {literal(STORAGE_VERSION)})"
        )
        tables = _tables(connection)
        for done, (schema, table) in enumerate(tables, start=1):
            connection.execute(
                f"create schema if not exists {copy}.{identifier(schema)}"
            )
            _copy_table(connection, schema, table, copy)
            if listener is not None:
                listener(f"compacted {table}", done, len(tables))
        connection.execute(f"checkpoint {copy}")
        connection.execute(f"detach {copy}")
    sync(fresh)
    fresh.replace(project.database)
    sync(project.database.parent)


def has_space(project: Project, file_bytes: int) -> bool:
    """Whether the disk can hold the build file a second time, and the night's rest."""
    return shutil.disk_usage(project.database.parent).free > 2 * file_bytes


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = connection.execute(
        """
        select schema_name, table_name from duckdb_tables()
        where not internal and database_name = current_database()
        order by schema_name, table_name
        """
    ).fetchall()
    return [(schema, name) for schema, name in rows]


def _copy_table(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, database: str
) -> None:
    source = f"{identifier(schema)}.{identifier(name)}"
    copy = f"{database}.{source}"
    connection.execute(f"create table {copy} as from {source} limit 0")
    columns = connection.execute(f"describe {source}").fetchall()
    kinds = {}
    for column, kind, null, *_ in columns:
        kinds[column] = kind
        if null == "NO":
            connection.execute(
                f"alter table {copy} alter column {identifier(column)} set not null"
            )
    in_order = "order by date_key, rowid" if kinds.get("date_key") == "DATE" else ""
    connection.execute(f"insert into {copy} select * from {source} {in_order}")
    write_comments(connection, copy, comments_of(connection, schema, name))
