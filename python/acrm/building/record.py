"""What is known of the build file: which run made it, and whether it is whole."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from acrm.disk import write_atomically
from acrm.errors import InputError


@dataclass(frozen=True)
class BuildRecord:
    """The state of the build file, kept beside it.

    Parameters
    ----------
    run_id : str
        The dbt run that last wrote the file; empty while it runs.
    started_at : str
        When that run started (UTC, ISO 8601).
    status : {"running", "pass", "fail", "publishing", "standby"}
        How it ended. ``running`` or ``publishing`` of a run that is gone: it was
        killed. ``standby``: the file was published, and waits for the next build.
    complete : bool
        Whether every model and test passed since the last failure, that is,
        whether the file may be published.
    failed : tuple of str
        Names of the nodes that failed.
    generation : str
        The same until incremental models are rebuilt from all of the raw zone, or
        might have been; files of two generations cannot stand in for one another.
    mark : str
        Size and time of the file when the record was written: another mark shows
        that somebody else wrote to it.
    stripped : bool
        Whether it lacks views, seeds and working tables, as published files do.
    version : int or None
        The published version that a file on standby is a copy of.
    mines : bool
        Whether it is a build of mining on what readers have: where it did not pass,
        the next build begins with that again, and does not wait for mining.
    """

    run_id: str
    started_at: str
    status: str
    complete: bool
    failed: tuple[str, ...] = ()
    generation: str = ""
    mark: str = ""
    stripped: bool = False
    version: int | None = None
    mines: bool = False


def mark_of(database: Path) -> str:
    """Return the mark of a file as it is now; empty if there is none."""
    try:
        found = database.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}"


def new_generation() -> str:
    """Return a generation that no file has."""
    return uuid.uuid4().hex


def generation_of(database: Path, record: BuildRecord | None) -> str:
    """Return the generation of a file, a new one if it cannot be known."""
    if record is None or not record.mark or record.mark != mark_of(database):
        return new_generation()
    return record.generation or new_generation()


def record_path(database: Path) -> Path:
    """Return the path of the record of a build file."""
    return database.with_name(database.name + ".build.json")


def read_record(database: Path) -> BuildRecord | None:
    """Read the record; None if dbt was run without this command.

    Raises
    ------
    InputError
        If it cannot be understood.
    """
    path = record_path(database)
    if not path.exists():
        return None
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return BuildRecord(**{**fields, "failed": tuple(fields["failed"])})
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            "The record of the last build cannot be read.",
            where=f"{path}: {error}",
            hint="Run `acrm build`, which writes it anew.",
        ) from error


def write_record(database: Path, record: BuildRecord) -> None:
    """Replace the record, at once or not at all.

    Raises
    ------
    InputError
        If the disk is full or read-only.
    """
    text = json.dumps(asdict(record), indent=2) + "\n"
    path = record_path(database)
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise InputError(
            "The record of the build cannot be written.",
            where=f"{path}: {error.strerror}",
            hint="Make space or give the right to write, then `acrm build`.",
        ) from error
