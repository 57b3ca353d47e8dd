"""Open a published version, or another file, read-only and cut off from all else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.building.database import explain_database_error
from acrm.errors import InputError
from acrm.project import Project
from acrm.publication.versions import Version, find_version
from acrm.sql import literal

if TYPE_CHECKING:
    import duckdb


def connect(project: Project, version: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a published version for reading.

    The connection sees that version for as long as it is open, whatever is
    published or rolled back meanwhile. It cannot write, read other files, reach a
    network, or change these settings.

    Parameters
    ----------
    project : Project
        Whose versions.
    version : int, optional
        Which; the current one by default.

    Returns
    -------
    DuckDBPyConnection
        Time zone UTC.

    Raises
    ------
    InputError
        If nothing is published, there is no such version, or it is damaged.
    """
    return open_version(project, version)[1]


def open_version(
    project: Project, number: int | None = None, *, memory: str = ""
) -> tuple[Version, duckdb.DuckDBPyConnection]:
    """Open a version, and say which it is; ``memory`` as of ``open_file``."""
    import duckdb

    more = {"memory": memory} if memory else {}
    version = find_version(project, number)
    try:
        return version, open_read_only(version.database, **more)
    except duckdb.Error as error:
        # Between finding the current version and opening it, enough publications
        # may have passed for it to be removed; there is a newer one then.
        newer = find_version(project, number)
        if newer.number != version.number:
            return newer, open_read_only(newer.database, **more)
        raise InputError(
            f"Version {version.number} cannot be opened.",
            where=f"{version.database}: {error}",
            hint="Take another version (`acrm versions`), or publish anew.",
        ) from error


def open_file(database: Path, *, memory: str = "") -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file that is no published version, such as a past build.

    Parameters
    ----------
    database : Path
        The file.
    memory : str, optional
        What its queries may take together: ``4GB``; else what DuckDB takes.

    Raises
    ------
    InputError
        If it does not exist, is no DuckDB file, or is open for writing.
    """
    import duckdb

    if not database.is_file():
        raise InputError(
            "There is no such file to ask.",
            where=str(database),
            hint="Give a DuckDB file, such as `acrm build --as-known-on` leaves.",
        )
    try:
        return open_read_only(database.resolve(), memory=memory)
    except duckdb.Error as error:
        raise explain_database_error(str(error), database) or InputError(
            "The file cannot be opened.",
            where=f"{database}: {str(error).strip().splitlines()[0]}",
            hint="Give a DuckDB file, such as `acrm build --as-known-on` leaves.",
        ) from error


def open_read_only(database: Path, *, memory: str = "") -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file with every way out shut.

    Parameters
    ----------
    database : Path
        An absolute path without symbolic links, so that a switch of ``current``
        cannot mix two versions.
    memory : str, optional
        What its queries may take together: ``4GB``; else what DuckDB takes.
    """
    import duckdb

    # What does not fit in memory must not go beside the published file.
    spill = Path(tempfile.gettempdir()) / f"acrm-{os.getuid()}-{os.getpid()}"
    connection = duckdb.connect(":memory:")
    try:
        for statement in (
            f"set temp_directory = {literal(str(spill))}",
            *([f"set memory_limit = {literal(memory)}"] if memory else []),
            "set TimeZone = 'UTC'",
            "set python_enable_replacements = false",
            f"attach {literal(str(database))} as acrm (read_only)",
            "use acrm.main",
            "set enable_external_access = false",
            "set lock_configuration = true",
        ):
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection
