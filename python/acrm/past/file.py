"""Files that hold the warehouse as known on a past date, and what they say of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.building.fingerprint import fingerprint_of
from acrm.errors import InputError
from acrm.loading.batch_log import FileRecord, read_log
from acrm.past.instant import Instant
from acrm.project import Project
from acrm.sql import literal

if TYPE_CHECKING:
    import duckdb

_TABLE = "landing.past_build"


@dataclass(frozen=True)
class Known:
    """What is in the raw zone, or in a file that was built from it, as of an instant.

    Parameters
    ----------
    until : datetime
        The last moment that counts (UTC).
    batches : int
        How many were loaded by then.
    last_loaded_at : datetime
        When the last of them was.
    """

    until: datetime
    batches: int
    last_loaded_at: datetime


@dataclass(frozen=True)
class Origin:
    """By what a file was built.

    Parameters
    ----------
    code : str
        From :func:`acrm.building.fingerprint.fingerprint_of`.
    target, variables : str
        As they were given.
    """

    code: str
    target: str
    variables: str


@dataclass(frozen=True)
class PastFile:
    """A file that stands.

    Parameters
    ----------
    path : Path
        Where.
    known : Known
        What it was built from.
    origin : Origin
        By what.
    """

    path: Path
    known: Known
    origin: Origin

    def differs(self, project: Project, instant: Instant) -> str:
        """Say what a build of the same instant would find new; empty if nothing."""
        now = what_was_known(project, instant)
        if (self.known.batches, self.known.last_loaded_at) != (
            now.batches,
            now.last_loaded_at,
        ):
            return "more was loaded since it was built"
        if self.origin.code != fingerprint_of(project):
            return "the project's code is another since it was built"
        return ""


def folder_of_past_files(project: Project) -> Path:
    """Return the folder in which past builds stand."""
    return project.home / "as_known_on"


def default_path(project: Project, instant: Instant) -> Path:
    """Return where the build of an instant stands unless told otherwise."""
    return folder_of_past_files(project) / f"{instant.stamp}.duckdb"


def find_past_file(project: Project, instant: Instant) -> PastFile:
    """Return the file that stands for an instant.

    Raises
    ------
    InputError
        If none was built, or it cannot be read.
    """
    path = default_path(project, instant)
    hint = f"Build it with `acrm build --as-known-on {instant.given.replace(' ', 'T')}`"
    if not path.exists():
        raise InputError(
            f"The warehouse as known on {instant} is not built.",
            where=f"{path} does not exist",
            hint=f"{hint}.",
        )
    found = read_past_file(path)
    if found is None:
        raise InputError(
            f"The warehouse as known on {instant} cannot be read.",
            where=f"{path} is no file that such a build left, or is open for writing",
            hint=f"{hint} --full once it is moved out of the way.",
        )
    return found


def what_was_known(project: Project, instant: Instant) -> Known:
    """Return what had been loaded by an instant.

    Raises
    ------
    InputError
        If nothing had.
    """
    log: list[FileRecord] = read_log(project)
    known = [record for record in log if record.loaded_at <= instant.until]
    if known:
        return Known(
            instant.until,
            len({record.batch_id for record in known}),
            known[-1].loaded_at,
        )
    if not log:
        raise InputError(
            f"Nothing was known on {instant}: nothing was ever loaded.",
            where=str(project.batches),
            hint="Load extracts with `acrm load`.",
        )
    first = log[0].loaded_at
    raise InputError(
        f"Nothing was known on {instant}: the first load came later.",
        where=f"{project.batches}, first load at {first:%Y-%m-%d %H:%M:%S} UTC",
        hint=f"Give {first:%Y-%m-%d}, or a later date.",
    )


def write_note(connection: duckdb.DuckDBPyConnection, origin: Origin) -> Known:
    """Let a file say what it holds, from the batches that its build saw.

    Parameters
    ----------
    connection : DuckDBPyConnection
        On the file, for writing.
    origin : Origin
        By what it was built.
    """
    given = ", ".join(
        f"{literal(value)} as {field.name}"
        for field, value in zip(fields(origin), astuple(origin), strict=True)
    )
    connection.execute(
        f"""
        create or replace table {_TABLE} as
        select
            known_on,
            (select count(distinct batch_id) from landing.batch_log) as batches,
            (select max(loaded_at) from landing.batch_log) as last_loaded_at,
            {given}
        from landing.known_on
        """
    )
    return _read_note(connection)[0]


def read_past_file(path: Path) -> PastFile | None:
    """Return what a file says of itself; None if it is no past build, or locked."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return PastFile(path, *_read_note(connection))
    except duckdb.Error:
        return None


def _read_note(connection: duckdb.DuckDBPyConnection) -> tuple[Known, Origin]:
    names = ", ".join(field.name for field in fields(Origin))
    ((known_on, batches, last_loaded_at, *origin),) = connection.execute(
        f"select known_on, batches, last_loaded_at, {names} from {_TABLE}"
    ).fetchall()
    return Known(known_on, batches, last_loaded_at), Origin(*origin)
