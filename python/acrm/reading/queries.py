"""Run SQL on a published version, or on a file that holds a past build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from acrm.errors import InputError
from acrm.project import Project
from acrm.publication.versions import Version
from acrm.reading.connection import open_file, open_version

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_CHUNK = 10_000
_MISSING_TABLE = re.compile(r"Table with name (?P<name>.+?) does not exist")


@dataclass(frozen=True)
class Asked:
    """What a question is put to, as messages name it.

    Parameters
    ----------
    name : str
        ``version 3``, or the path of a file.
    tables : tuple of str
        What it holds.
    """

    name: str
    tables: tuple[str, ...]


@dataclass
class Answer:
    """The rows of a query, read as they are taken; close it, or use ``with``.

    Parameters
    ----------
    version : Version or None
        What was asked; None if it was a file.
    columns : tuple of str
        Names.
    types : tuple of str
        DuckDB types.
    """

    version: Version | None
    columns: tuple[str, ...]
    types: tuple[str, ...]
    _asked: Asked
    _connection: duckdb.DuckDBPyConnection
    _statement: duckdb.Statement
    _relation: duckdb.DuckDBPyRelation | None
    _rest: Iterator[tuple[Any, ...]] | None = None

    def __enter__(self) -> Answer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the version go."""
        self._connection.close()

    def take(self, count: int) -> list[tuple[Any, ...]]:
        """Return the next rows, at most ``count``."""
        if self._rest is None:
            self._rest = self._read()
        return list(islice(self._rest, count))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield all rows that are left, as Python values."""
        while chunk := self.take(_CHUNK):
            yield from chunk

    def count(self) -> int:
        """Return how many rows there are in all; do it after taking rows.

        To count a query is far cheaper than to read its rows.
        """
        if self._relation is None:
            return 0
        with _explained(self._asked):
            ((total,),) = self._relation.aggregate("count(*)").fetchall()
        return int(total)

    def arrow(self) -> pa.RecordBatchReader:
        """Return all rows as Arrow batches; 128-bit integers become decimals."""
        if self._relation is None:
            raise InputError(
                "The last statement has no rows to write.",
                hint="End with a select.",
            )
        with _explained(self._asked):
            return self._relation.to_arrow_reader(_CHUNK)

    def _read(self) -> Iterator[tuple[Any, ...]]:
        import duckdb

        if self._relation is None:
            return
        with _explained(self._asked):
            if self._statement.type != duckdb.StatementType.SELECT:
                yield from self._relation.fetchall()
                return
            self._connection.execute(self._statement)
            while chunk := self._connection.fetchmany(_CHUNK):
                yield from chunk


def query(
    project: Project,
    sql: str,
    version: int | None = None,
    *,
    database: Path | None = None,
) -> Answer:
    """Run SQL on a published version, or on another DuckDB file, read-only.

    Parameters
    ----------
    project : Project
        Whose versions.
    sql : str
        One or more statements; the answer is that of the last one.
    version : int, optional
        Which version; the current one by default.
    database : Path, optional
        A file to ask instead, such as one as known on a past date.

    Returns
    -------
    Answer
        Open on that version until it is closed.

    Raises
    ------
    InputError
        If the SQL is wrong or wants to change something, with DuckDB's message.

    Examples
    --------
    >>> from acrm.project import find_project
    >>> from acrm.reading import query
    >>> with query(find_project(), "select 1 as one") as answer:  # doctest: +SKIP
    ...     list(answer.rows())
    [(1,)]
    """
    found, asked, connection = _open(project, version, database)
    try:
        with _explained(asked):
            statements = connection.extract_statements(sql)
            if not statements:
                raise InputError(
                    "There is no SQL to run.",
                    hint='Give a statement, as in `acrm sql "select 1"`.',
                )
            *before, last = statements
            for statement in before:
                connection.execute(statement)
            relation = _bind(connection, last)
        return Answer(
            version=found,
            columns=tuple(relation.columns) if relation is not None else (),
            types=tuple(map(str, relation.types)) if relation is not None else (),
            _asked=asked,
            _connection=connection,
            _statement=last,
            _relation=relation,
        )
    except BaseException:
        connection.close()
        raise


def _open(
    project: Project, version: int | None, database: Path | None
) -> tuple[Version | None, Asked, duckdb.DuckDBPyConnection]:
    if database is None:
        found, connection = open_version(project, version)
        asked = f"version {found.number}"
    else:
        found, connection, asked = None, open_file(database), str(database)
    rows = connection.execute(
        """
        select table_name from information_schema.tables
        where table_catalog = 'acrm' and table_schema = 'main'
        order by table_name
        """
    ).fetchall()
    return found, Asked(asked, tuple(name for (name,) in rows)), connection


def _bind(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement
) -> duckdb.DuckDBPyRelation | None:
    import duckdb

    if duckdb.ExpectedResultType.NOTHING in statement.expected_result_type:
        connection.execute(statement)
        return None
    try:
        return connection.sql(statement)
    except duckdb.Error:
        connection.execute(statement)  # the same error, with its place in the text
        raise


class _explained:  # noqa: N801 - reads as a clause of `with`
    """Turn DuckDB's errors into one message with what is near."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        import duckdb

        if not isinstance(error, duckdb.Error):
            return
        message = str(error).strip()
        head, _, position = message.partition("\n\n")
        first, *more = head.splitlines()
        if _MISSING_TABLE.search(first):
            more = []  # DuckDB proposes its own catalog; the hint has our tables
        where = [self._asked.name, *more, *position.splitlines()]
        raise InputError(
            first, where="\n".join(where), hint=self._hint(error, message)
        ) from error

    def _hint(self, error: BaseException, message: str) -> str:
        import duckdb

        missing = _MISSING_TABLE.search(message)
        if missing:
            tables = self._asked.tables
            wanted = missing["name"].strip('"').lower()
            near = get_close_matches(wanted, tables, n=3)
            asked = f"Did you mean {', '.join(near)}? " if near else ""
            name = self._asked.name[:1].upper() + self._asked.name[1:]
            return f"{asked}{name} has: {', '.join(tables)}."
        if isinstance(error, duckdb.PermissionException) or "read-only" in message:
            return "What is asked is read-only, and sees no other file."
        return ""
