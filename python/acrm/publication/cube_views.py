"""One SQL view a cube in what readers get, for those who write SQL themselves.

dbt builds none of them: a publication would make tables of its views, and copy every
fact. They are made of the definitions of the cubes when all else of a file is done,
since stripping and compaction leave no view, and take no room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.errors import RunError
from acrm.project import Project
from acrm.publication.build_file import (
    is_there,
    opened,
    transaction,
    write_comments,
)
from acrm.sql import identifier

if TYPE_CHECKING:
    import duckdb

    from acrm_olap.export import CubeView

# What each view of a file was made of, so that a night makes only other ones again.
KNOWN = ("intermediate", "known_cube_view")
_TABLE = ".".join(KNOWN)


def plan_views(project: Project) -> tuple[CubeView, ...]:
    """Return the views that the definitions of a project give; ask before a build.

    Parameters
    ----------
    project : Project
        Whose definitions, in ``olap/``.

    Raises
    ------
    CubeError
        If a definition cannot be used, with its file and line.
    """
    if not (project.root / "olap" / "cubes").is_dir():
        return ()  # a project without cubes does not wait for the cube layer
    from acrm_olap.export.planned import planned_views

    return tuple(planned_views(project.root))


def standing(
    connection: duckdb.DuckDBPyConnection, views: Sequence[CubeView]
) -> frozenset[str]:
    """Return the views that stand in a file as they would be made.

    Parameters
    ----------
    connection : DuckDBPyConnection
        On the build file.
    views : sequence of CubeView
        From :func:`plan_views`.

    Raises
    ------
    RunError
        If the tables that a view reads are not there, with their columns.
    """
    import duckdb

    made_of = _made_of(connection)
    found = set()
    for view in views:
        try:
            columns = connection.execute(f"describe {view.sql()}").fetchall()
        except duckdb.Error as error:
            raise RunError(
                f"The view {view.name} cannot be made.",
                where=str(error).strip().splitlines()[0],
                hint="The build file has other columns than the contracts of the marts"
                " promise: run `acrm build --full`.",
            ) from error
        # a view keeps the types of its columns, and is refused where they changed
        there = connection.execute(
            """
            select column_name, data_type from duckdb_columns()
            where
                database_name = current_database()
                and schema_name = 'main'
                and table_name = $view
            order by column_index
            """,
            {"view": view.name},
        ).fetchall()
        is_same = made_of.get(view.name) == _hash_of(view)
        if is_same and there == [(name, kind) for name, kind, *_ in columns]:
            found.add(view.name)
    return frozenset(found)


def put_in(
    database: Path,
    spill: Path,
    views: Sequence[CubeView],
    built: Collection[str],
    there: Collection[str] = (),
) -> None:
    """Put views into a file that is to be published, in the place of former ones.

    Parameters
    ----------
    database : Path
        The file; it must be open nowhere.
    spill : Path
        Folder for what does not fit in memory.
    views : sequence of CubeView
        From :func:`plan_views`.
    built : collection of str
        What models of the project build; they come first where names are the same.
    there : collection of str, optional
        The views that stand in it as they would be made.

    Raises
    ------
    RunError
        If a view cannot be read.
    """
    wanted = [
        view for view in views if view.name not in built and view.name not in there
    ]
    if not wanted:
        return
    with opened(database, spill) as connection:
        with transaction(connection):
            connection.execute("create schema if not exists intermediate")
            connection.execute(
                f"create table if not exists {_TABLE} (view varchar, made_of varchar)"
            )
            for view in wanted:
                _put(connection, view)
        connection.execute("checkpoint")


def _put(connection: duckdb.DuckDBPyConnection, view: CubeView) -> None:
    name = identifier(view.name)
    connection.execute(f"create or replace view {name} as {view.sql()}")
    comments = {column.name: column.about for column in view.columns}
    write_comments(connection, name, (view.description, comments), kind="view")
    connection.execute(f"delete from {_TABLE} where view = $view", {"view": view.name})
    connection.execute(
        f"insert into {_TABLE} values ($view, $made_of)",
        {"view": view.name, "made_of": _hash_of(view)},
    )


def _made_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    if not is_there(connection, KNOWN):
        return {}
    return dict(connection.execute(f"select view, made_of from {_TABLE}").fetchall())


def _hash_of(view: CubeView) -> str:
    said = [view.description, *(each.about for each in view.columns)]
    text = "\n".join([view.sql(), *said])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
