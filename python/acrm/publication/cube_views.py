"""One SQL view a cube in what readers get, for those who write SQL themselves.

dbt builds none of them: a publication would make tables of its views, and copy every
fact. They are made of the definitions of the cubes when all else of a file is done,
since stripping and compaction leave no view, and take no room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
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


@dataclass
class Views:
    """The views that the definitions of a project give, worked out when asked for.

    Parameters
    ----------
    project : Project
        Whose definitions, in ``olap/``.
    code : str, optional
        A checksum of the definitions, and of all else that decides what they give.
    """

    project: Project
    code: str = ""

    @cached_property
    def planned(self) -> tuple[CubeView, ...]:
        """All of them.

        Raises
        ------
        CubeError
            If a definition cannot be used, with its file and line.
        """
        if not (self.project.root / "olap" / "cubes").is_dir():
            return ()  # a project without cubes does not wait for the cube layer
        from acrm_olap.export.planned import planned_views

        return tuple(planned_views(self.project.root))

    def check(self) -> None:
        """Raise, as :attr:`planned` does, if a definition cannot be used."""
        _ = self.planned


def keep_standing(
    connection: duckdb.DuckDBPyConnection, views: Views
) -> tuple[frozenset[str], tuple[CubeView, ...]]:
    """Tell which views stand in a file as they would be made; forget others.

    Parameters
    ----------
    connection : DuckDBPyConnection
        On the build file.
    views : Views
        What it is to have.

    Returns
    -------
    tuple of (frozenset of str, tuple of CubeView)
        The names of those that stand, and the views to make.

    Raises
    ------
    RunError
        If the tables that a view reads are not there, with their columns.
    """
    known = _known(connection)
    there = {name for name in known if _columns_of(connection, name)}
    made_by = {code for _, code in known.values()}
    if views.code and made_by == {views.code} and there == set(known):
        return frozenset(known), ()
    found = frozenset(
        view.name
        for view in views.planned
        # a view keeps the types of its columns, and is refused where they changed
        if _described(connection, view) == _columns_of(connection, view.name)
        and known.get(view.name, ("", ""))[0] == _hash_of(view)
    )
    for name in known:
        if name in found:
            connection.execute(
                f"update {_TABLE} set code = $code where view = $view",
                {"view": name, "code": views.code},
            )
        else:
            connection.execute(
                f"delete from {_TABLE} where view = $view", {"view": name}
            )
    return found, tuple(view for view in views.planned if view.name not in found)


def _described(
    connection: duckdb.DuckDBPyConnection, view: CubeView
) -> list[tuple[str, str]]:
    """Return the columns that a view would have, and their types."""
    import duckdb

    try:
        columns = connection.execute(f"describe {view.sql()}").fetchall()
    except duckdb.Error as error:
        raise RunError(
            f"The view {view.name} cannot be made.",
            where=str(error).strip().splitlines()[0],
            hint="The build file has other columns than the contracts of the marts"
            " promise: run `acrm build --full`.",
        ) from error
    return [(name, kind) for name, kind, *_ in columns]


def _columns_of(
    connection: duckdb.DuckDBPyConnection, name: str
) -> list[tuple[str, str]]:
    """Return the columns that a view has, and their types; none if it is not there."""
    return connection.execute(
        """
        select column_name, data_type from duckdb_columns()
        where
            database_name = current_database()
            and schema_name = 'main'
            and table_name = $name
        order by column_index
        """,
        {"name": name},
    ).fetchall()


def put_in(
    database: Path,
    spill: Path,
    views: Collection[CubeView],
    built: Collection[str],
    code: str = "",
) -> None:
    """Put views into a file that is to be published, in the place of former ones.

    Parameters
    ----------
    database : Path
        The file; it must be open nowhere.
    spill : Path
        Folder for what does not fit in memory.
    views : collection of CubeView
        Those that do not stand in it.
    built : collection of str
        What models of the project build; they come first where names are the same.
    code : str, optional
        By which they are made, see :class:`Views`.

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
            connection.execute("create schema if not exists intermediate")
            connection.execute(
                f"create table if not exists {_TABLE}"
                " (view varchar, made_of varchar, code varchar)"
            )
            for view in wanted:
                _put(connection, view, code)
        connection.execute("checkpoint")


def _put(connection: duckdb.DuckDBPyConnection, view: CubeView, code: str) -> None:
    name = identifier(view.name)
    connection.execute(f"create or replace view {name} as {view.sql()}")
    comments = {column.name: column.about for column in view.columns}
    write_comments(connection, name, (view.description, comments), kind="view")
    connection.execute(f"delete from {_TABLE} where view = $view", {"view": view.name})
    connection.execute(
        f"insert into {_TABLE} values ($view, $made_of, $code)",
        {"view": view.name, "made_of": _hash_of(view), "code": code},
    )


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Return of each view of a file what it was made of, and by which code."""
    if not is_there(connection, KNOWN):
        return {}
    rows = connection.execute(f"select view, made_of, code from {_TABLE}").fetchall()
    return {view: (made_of, code) for view, made_of, code in rows}


def _hash_of(view: CubeView) -> str:
    said = [view.description, *(each.about for each in view.columns)]
    text = "\n".join([view.sql(), *said])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
