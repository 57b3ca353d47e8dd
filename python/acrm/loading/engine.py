"""The DuckDB connection that loads: bounded memory, UTC, nothing fetched."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from acrm.errors import InputError, StorageError
from acrm.loading import sql_text

DEFAULT_MEMORY = "4GB"
_POLL_SECONDS = 0.2


@contextmanager
def connected(memory: str, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that spills to a folder beyond its limit."""
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = true")
        connection.execute("set enable_progress_bar = true")
        connection.execute("set enable_progress_bar_print = false")
        yield connection
    finally:
        connection.close()


@contextmanager
def watched(
    connection: duckdb.DuckDBPyConnection, report: Callable[[float], None]
) -> Iterator[None]:
    """Tell, while a query runs, what share of it is done."""
    over = threading.Event()

    def poll() -> None:
        while not over.wait(_POLL_SECONDS):
            percent = connection.query_progress()
            if percent > 0:
                report(percent / 100)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> list[tuple[object, ...]]:
    """Run a query and return its rows."""
    rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
    return rows


def count_of(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Run a query that returns one number, or nothing for none."""
    rows = rows_of(connection, sql)
    return int(str(rows[0][0])) if rows else 0


def write_parquet(
    connection: duckdb.DuckDBPyConnection, select: str, path: Path
) -> int:
    """Write a select's rows to a Parquet file, in order; return how many."""
    return count_of(
        connection,
        f"copy ({select}) to {sql_text.file_to_write(path)} (format parquet, "
        "compression zstd, row_group_size 122880)",
    )


def storage_error(error: Exception, home: Path) -> InputError | None:
    """Return what to tell when writing failed for want of room, rights or memory.

    Parameters
    ----------
    error : Exception
        What was raised.
    home : Path
        The folder that was written to.

    Returns
    -------
    InputError or None
        None when the error is about something else.
    """
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return InputError(
            "The load needs more memory than it may take.",
            where="--memory",
            hint=f"Give more with --memory. {text.strip().splitlines()[0]}",
        )
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in text:
        return StorageError(
            "The disk is full.",
            where=str(home),
            hint="Nothing was loaded and the unfinished batch is removed. Make room, "
            "then load again.",
        )
    if number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageError(
            f"The warehouse home cannot be written: {text}.",
            where=str(home),
            hint="Nothing was loaded. Give write access, then load again.",
        )
    return None
