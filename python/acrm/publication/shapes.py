"""Tables of a published version without their rows, for dbt to document.

dbt opens what it documents for writing, and nobody writes to a published file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acrm.building.record import read_record
from acrm.project import DATABASE_VARIABLE, Project
from acrm.publication.build_file import (
    comments_of,
    opened,
    state_tables,
    write_comments,
)
from acrm.publication.versions import Version, current_version
from acrm.sql import identifier, literal


@contextmanager
def with_shapes(project: Project) -> Iterator[None]:
    """Let the build file be one that has every published table, if only its columns.

    That is the build file itself, unless it became a version: then an empty one takes
    its place for the time of the block. The caller holds the lock.
    """
    record = read_record(project.database)
    version = current_version(project)
    is_whole = project.database.exists() and not (record and record.stripped)
    if is_whole or version is None:
        yield
        return
    folder = project.tmp / "shapes"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shapes = folder / project.database.name  # dbt names the catalog after the file
    copy_shapes(version, shapes)
    before = os.environ.get(DATABASE_VARIABLE)
    os.environ[DATABASE_VARIABLE] = str(shapes)
    try:
        yield
    finally:
        if before is None:
            del os.environ[DATABASE_VARIABLE]
        else:
            os.environ[DATABASE_VARIABLE] = before
        shutil.rmtree(folder)


def copy_shapes(version: Version, shapes: Path) -> None:
    """Copy the tables of a version without their rows into a new file.

    Parameters
    ----------
    version : Version
        Whose tables: the published ones, and those of what macros remember.
    shapes : Path
        The file.
    """
    with opened(version.database, shapes.parent, read_only=True) as connection:
        connection.execute(f"attach {literal(str(shapes))} as shapes_of_version")
        for table in version.tables:
            name = identifier(table.name)
            shape = f"shapes_of_version.main.{name}"
            connection.execute(f"create table {shape} as from {name} limit 0")
            comments = comments_of(connection, "main", table.name)
            write_comments(connection, shape, comments)
        for schema, table_name in state_tables(connection):
            # incremental models ask these what they know, which here is nothing
            state = f"{identifier(schema)}.{identifier(table_name)}"
            connection.execute(
                f"create schema if not exists shapes_of_version.{identifier(schema)}"
            )
            connection.execute(
                f"create table shapes_of_version.{state} as from {state} limit 0"
            )
        connection.execute("detach shapes_of_version")
