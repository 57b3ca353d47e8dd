"""One SQL view a cube in what readers get, for those who write SQL themselves.

dbt builds none of them: a publication would make tables of its views, and copy every
fact. They are made of the definitions of the cubes when all else of a file is done,
since stripping and compaction leave no view, and take no room.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.errors import RunError
from acrm.project import Project
from acrm.publication.build_file import opened, transaction, write_comments
from acrm.sql import identifier

if TYPE_CHECKING:
    import duckdb

    from acrm_olap.export import CubeView


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


def put_in(
    database: Path, spill: Path, views: Sequence[CubeView], built: Collection[str]
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

    Raises
    ------
    RunError
        If a view cannot be read.
    """
    wanted = [view for view in views if view.name not in built]
    if not wanted:
        return
    with opened(database, spill) as connection:
        with transaction(connection):
            for view in wanted:
                _put(connection, view)
        connection.execute("checkpoint")


def require_readable(
    connection: duckdb.DuckDBPyConnection, views: Sequence[CubeView]
) -> None:
    """Raise unless the tables that views read are there, with their columns.

    Parameters
    ----------
    connection : DuckDBPyConnection
        On the build file.
    views : sequence of CubeView
        From :func:`plan_views`.

    Raises
    ------
    RunError
        If one is not.
    """
    import duckdb

    for view in views:
        try:
            connection.execute(f"describe {view.sql()}")
        except duckdb.Error as error:
            raise RunError(
                f"The view {view.name} cannot be made.",
                where=str(error).strip().splitlines()[0],
                hint="The build file has other columns than the contracts of the marts"
                " promise: run `acrm build --full`.",
            ) from error


def _put(connection: duckdb.DuckDBPyConnection, view: CubeView) -> None:
    name = identifier(view.name)
    connection.execute(f"create or replace view {name} as {view.sql()}")
    comments = {column.name: column.about for column in view.columns}
    write_comments(connection, name, (view.description, comments), kind="view")
