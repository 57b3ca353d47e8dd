"""A file of stars that cubes are asked of: read-only, one version for its life."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrm.project import Project, find_project
from acrm.reading.connection import open_file, open_version
from acrm.sql import identifier
from acrm_olap.errors import MeaningError, QueryStoppedError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PUBLISHED = "published"


@dataclass
class Database:
    """An open file, and what is known of it.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Read-only; each query gets a cursor of its own.
    name : str
        The file, or ``version 12``.
    version : int or None
        The published version; None for another file.
    data_through : mapping of str to str
        Last business instant of each source system, if it is a published version.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    version: int | None = None
    data_through: Mapping[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _idle: list[duckdb.DuckDBPyConnection] = field(default_factory=list, repr=False)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor of its own, for one thread; it is used again."""
        with self._lock:
            cursor = self._idle.pop() if self._idle else self._new_cursor()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        with self._lock:
            self._idle.append(cursor)

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        # A cursor does not take over which database its connection uses.
        (name,) = self.connection.execute("select current_database()").fetchall()[0]
        cursor = self.connection.cursor()
        cursor.execute(f"use {identifier(name)}")
        return cursor

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the rows of a short statement."""
        with self.cursor() as cursor:
            found: list[Any] = cursor.execute(sql, values or None).fetchall()
            return found

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Any],
        *,
        seconds: float | None = None,
        stop: threading.Event | None = None,
    ) -> pa.Table:
        """Return the answer of a statement.

        Parameters
        ----------
        sql : str
            The statement.
        values : mapping
            Bound to it.
        seconds : float, optional
            After which it is stopped.
        stop : Event, optional
            Stops it when set.

        Raises
        ------
        QueryStoppedError
            If it took too long, or was stopped.
        """
        with self.cursor() as cursor, _Stopping(cursor, seconds, stop) as stopping:
            import duckdb

            try:
                found = cursor.sql(sql, params=dict(values) if values else None)
                return found.to_arrow_table()
            except duckdb.InterruptException as error:
                raise stopping.reason() from error
            except (duckdb.DataError, duckdb.NotSupportedError) as error:
                raise MeaningError(
                    "A number of the answer cannot be computed:"
                    f" {str(error).partition(chr(10))[0]}.",
                    hint="A sum or product may be too large for its type; cast the"
                    " column to a double in the definition, or ask for less.",
                ) from error

    def close(self) -> None:
        """Close the file; queries that run are stopped."""
        with self._lock:
            for cursor in self._idle:
                cursor.close()
            self._idle.clear()
        self.connection.close()


class _Stopping:
    """Interrupts a cursor when its time is over, or when it is told to."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        seconds: float | None,
        stop: threading.Event | None,
    ) -> None:
        self.cursor = cursor
        self.seconds = seconds
        self.stop = stop
        self.done = threading.Event()
        self.late = False
        self.thread: threading.Thread | None = None

    def __enter__(self) -> _Stopping:
        if self.seconds is not None or self.stop is not None:
            self.thread = threading.Thread(target=self._watch, daemon=True)
            self.thread.start()
        return self

    def _watch(self) -> None:
        import time

        until = None if self.seconds is None else time.monotonic() + self.seconds
        while not self.done.wait(0.01):
            self.late = until is not None and time.monotonic() > until
            if self.late or (self.stop is not None and self.stop.is_set()):
                self.cursor.interrupt()

    def __exit__(self, *_: object) -> None:
        self.done.set()
        if self.thread is not None:
            self.thread.join()

    def reason(self) -> QueryStoppedError:
        if self.late:
            return QueryStoppedError(
                f"The query took longer than {self.seconds:g} seconds.",
                hint="Cut it, or ask for fewer levels at once.",
            )
        return QueryStoppedError("The query was stopped.")


def open_database(target: str | Path, project: Project | None = None) -> Database:
    """Open what is published, a version of it, or a DuckDB file.

    Parameters
    ----------
    target : str or Path
        ``published``, ``published:12`` for a version, or the path of a file.
    project : Project, optional
        Whose versions; else that of the working directory.

    Raises
    ------
    InputError
        If there is no such version or file.
    """
    text = str(target)
    if text == PUBLISHED or text.startswith(f"{PUBLISHED}:"):
        number = text.partition(":")[2]
        version, connection = open_version(
            project or find_project(), int(number) if number.isdigit() else None
        )
        return Database(
            connection, f"version {version.number}", version.number,
            version.data_through,
        )  # fmt: skip
    path = Path(target)
    return Database(open_file(path), str(path))
