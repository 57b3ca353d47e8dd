"""The private DuckDB file that dbt builds: can it be written, and by whom not."""

from __future__ import annotations

import os
import re
from pathlib import Path

from acrm.errors import InputError
from acrm.project import DATABASE_VARIABLE

_HOLDER = re.compile(r"Conflicting lock is held in (?P<holder>.*?\(PID \d+\))")
_DISK_FULL = re.compile(
    r"No space left on device|disk quota exceeded|failed to write.*(?:ENOSPC|EDQUOT)",
    re.IGNORECASE,
)


def check_database(database: Path) -> None:
    """Raise unless dbt can open the build file for writing.

    Parameters
    ----------
    database : Path
        The build file; it need not exist, its folder is created when it is the
        default one (``target/``).

    Raises
    ------
    InputError
        If its folder is missing or read-only, if the file is locked by another
        process, or if it is not a DuckDB file.
    """
    import duckdb

    folder = database.parent
    if folder.name == "target" and folder.parent.is_dir():
        folder.mkdir(exist_ok=True)
    if not folder.is_dir():
        raise InputError(
            "The folder of the build file does not exist.",
            where=str(folder),
            hint=f"Create it, or point {DATABASE_VARIABLE} to a file in one that does.",
        )
    if not database.exists():
        if not os.access(folder, os.W_OK):
            raise _read_only(folder)
        return
    if not os.access(database, os.W_OK):
        raise _read_only(database)
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        raise explain_database_error(str(error), database) or InputError(
            "The build file cannot be opened.",
            where=f"{database}: {_first_line(str(error))}",
            hint="It can be deleted: `acrm build` makes it anew from the raw zone.",
        ) from error


def explain_database_error(message: str, database: Path) -> InputError | None:
    """Return what a user can do about a DuckDB message, None if it says no such thing.

    Parameters
    ----------
    message : str
        What DuckDB, or dbt on its behalf, reported.
    database : Path
        The file it was working on.
    """
    locked = _HOLDER.search(message)
    if locked:
        return InputError(
            "The build file is open in another process.",
            where=f"{database}, held by {locked['holder']}",
            hint="Close that process, then try again. Readers use the published"
            " version, which is never locked.",
        )
    if _DISK_FULL.search(message):
        return InputError(
            "The disk is full.",
            where=f"{database}: {_first_line(message)}",
            hint="Free some space, then try again. What was published is unharmed.",
        )
    return None


def _read_only(path: Path) -> InputError:
    return InputError(
        "The build file cannot be written.",
        where=f"{path} is read-only for this user",
        hint=f"Change its permissions, or point {DATABASE_VARIABLE} elsewhere.",
    )


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else "no message"
