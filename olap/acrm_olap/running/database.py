"""A file of stars that cubes are asked of: read-only, one version for its life."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from acrm.project import Project, find_project
from acrm.reading.connection import open_file, open_version
from acrm.sql import identifier
from acrm_olap.errors import CubeError
from acrm_olap.running.bounds import bounded, running

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PUBLISHED = "published"

# DuckDB warns that rows are copied once more than by `cursor.sql`. That plans each
# statement twice, which takes longer: 6 ms of 18 for months against the past, where to
# copy a million rows takes 4.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


@dataclass(frozen=True)
class Identity:
    """What tells a file from any other, and from itself before it was written anew.

    Parameters
    ----------
    path : Path
        Where it is.
    version : int or None
        Of a published one, which never changes.
    device, inode, modified, size : int
        What the file system says of it.
    """

    path: Path
    version: int | None
    device: int
    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path, version: int | None = None) -> Self | None:
        """Return the identity of a file; None if it is not there."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(
            path, version, found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
        )

    @property
    def holds(self) -> bool:
        """Whether the file is still what it was when it was opened."""
        return self.version is not None or self == Identity.of(self.path)


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
    memory : Path or None
        File for what was found out about a version, which never changes.
    identity : Identity, optional
        What tells the file from any other; None where that cannot be told.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    version: int | None = None
    data_through: Mapping[str, str] = field(default_factory=dict)
    memory: Path | None = None
    identity: Identity | None = None
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

    def file(self) -> Path:
        """Return the path of the file."""
        rows = self.rows(
            "select path from duckdb_databases()"
            " where database_name = current_database()"
        )
        return Path(rows[0][0])

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the rows of a short statement, within the bounds of its thread."""
        with self.cursor() as cursor, running(cursor):
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
            After which it is stopped; else the bounds of its thread hold.
        stop : Event, optional
            Stops it when set.

        Raises
        ------
        QueryStoppedError
            If it took too long, or was stopped.
        TooLargeError
            If it needs more memory than there is.
        """
        more: dict[str, Any] = {"parameters": dict(values)} if values else {}
        with bounded(seconds, stop), self.cursor() as cursor, running(cursor):
            return cursor.execute(sql, **more).to_arrow_table()

    def close(self) -> None:
        """Close the file; queries that run are stopped."""
        with self._lock:
            for cursor in self._idle:
                cursor.close()
            self._idle.clear()
        self.connection.close()


def open_database(
    target: str | Path, project: Project | None = None, *, memory: str = ""
) -> Database:
    """Open what is published, one of its versions, or a DuckDB file, for reading.

    Parameters
    ----------
    target : str or Path
        ``published``, ``published:12`` for a version, or the path of a file.
    project : Project, optional
        Whose versions; else that of the working directory.
    memory : str, optional
        What queries may take together: ``4GB``; else what DuckDB takes.

    Raises
    ------
    InputError
        If there is no such version or file.
    """
    text = str(target)
    if text == PUBLISHED or text.startswith(f"{PUBLISHED}:"):
        _, colon, number = text.partition(":")
        if colon and not number.isdigit():
            raise CubeError(
                f"There is no version '{number}'.",
                hint="Give 'published', or 'published:12' for a version.",
            )
        found = project or find_project()
        version, connection = open_version(
            found, int(number) if number.isdigit() else None, memory=memory
        )
        # Numbers may come again when a home is begun anew; instants do not.
        instant = "".join(sign for sign in version.published_at if sign.isalnum())
        return Database(
            connection, f"version {version.number}", version.number,
            version.data_through,
            found.home / "cubes" / f"{version.number:06d}-{instant}.json",
            Identity.of(version.database, version.number),
        )  # fmt: skip
    path = Path(target)
    before = Identity.of(path.resolve())
    connection = open_file(path, memory=memory)
    # If another file took its place meanwhile, it cannot be told which was opened.
    same = before is not None and before.holds
    return Database(connection, str(path), identity=before if same else None)
