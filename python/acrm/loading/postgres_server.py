"""A PostgreSQL database as the loader sees it: one consistent view, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from acrm.errors import InputError
from acrm.loading import sql_text
from acrm.loading.postgres_url import PostgresUrl
from acrm.loading.wording import did_you_mean

MISSING_DRIVER = "pip install 'acrm[postgres]'"
_SHOWN_TABLES = 20
_NOTHING_LOADED = "Nothing was loaded; "

# What a server says when it lets nobody in, by a part of it that stays the same.
_REFUSALS = (
    (
        "password authentication failed",
        "The server refused the user name or the password.",
        "Check both; a password may stand in the URL, PGPASSWORD or ~/.pgpass.",
    ),
    (
        "no password supplied",
        "The server asks for a password, and none was given.",
        "Set PGPASSWORD, or add a line to ~/.pgpass, which only you may read.",
    ),
    (
        "could not translate host name",
        "The host of the database is not known.",
        "Check its name in the URL.",
    ),
    (
        "definition of service",
        "The service is not defined.",
        "Check PGSERVICE, and the file that PGSERVICEFILE names or ~/.pg_service.conf.",
    ),
    (
        "Is the server running",
        "No server answers there.",
        "Check host and port, and whether the server runs and takes connections.",
    ),
    (
        "timeout expired",
        "No server answers there in time.",
        "Check host and port, and what stands between; connect_timeout=SECONDS in the "
        "URL waits longer.",
    ),
    (
        "no pg_hba.conf entry",
        "The server lets this user in from nowhere near here.",
        "Have its pg_hba.conf allow the connection.",
    ),
)


@dataclass(frozen=True)
class LiveColumn:
    """A column of a table on the server.

    Parameters
    ----------
    name : str
        Its name.
    kind : str
        The name of its type, of a domain's that of what it is made of.
    shown_type : str
        The type as the server writes it, for messages.
    nullable : bool
        Whether the server lets it be empty.
    """

    name: str
    kind: str
    shown_type: str
    nullable: bool


@dataclass(frozen=True)
class LiveTable:
    """A table or view on the server.

    Parameters
    ----------
    schema, name : str
        Its full name.
    columns : dict of str to LiveColumn
        In their order.
    rows_estimated : int
        What the server believes; nought where it does not know.
    """

    schema: str
    name: str
    columns: dict[str, LiveColumn] = field(default_factory=dict)
    rows_estimated: int = 0

    @property
    def source_name(self) -> str:
        """What the batch log calls it: no host, no user."""
        return f"postgresql:{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """Its name as SQL."""
        return f"{sql_text.name(self.schema)}.{sql_text.name(self.name)}"


class Server:
    """An open connection that reads everything as of one moment.

    Parameters
    ----------
    connection : adbc_driver_manager.dbapi.Connection
        In a transaction that has not read yet.
    url : PostgresUrl
        Where it leads.
    """

    def __init__(self, connection: Any, url: PostgresUrl) -> None:
        self._connection = connection
        self._url = url
        self._run("set transaction isolation level repeatable read, read only")
        # all digits of floating point, whatever the server's version
        self._run("set extra_float_digits = 3")
        ((identity, now_utc, now_local),) = self.rows(
            "select case when has_function_privilege('pg_control_system()', 'execute') "
            "then (select system_identifier::text from pg_control_system()) "
            "else 'unknown' end || '/' || oid, now() at time zone 'UTC', "
            "localtimestamp from pg_database where datname = current_database()"
        )
        self.identity = str(identity)
        self.now_utc: datetime = now_utc
        # what the server puts into columns without a zone
        self.now_local: datetime = now_local

    @property
    def label(self) -> str:
        """What messages call the database."""
        return self._url.label

    def close(self) -> None:
        """End the transaction and let the server go."""
        self._connection.close()

    def table(self, name: str) -> LiveTable:
        """Return a table by ``schema.table``, or ``table`` on the search path.

        Raises
        ------
        InputError
            If there is none that this user may know of.
        """
        schema, _, table = name.rpartition(".")
        place = (
            f"n.nspname = {sql_text.literal(schema)} "
            f"and c.relname = {sql_text.literal(table)}"
            if schema
            else f"c.oid = to_regclass(quote_ident({sql_text.literal(table)}))"
        )
        found = self.rows(
            "select c.oid::text, n.nspname::text, c.relname::text, "
            f"c.reltuples::float8 from {_TABLES} and {place}"
        )
        if not found:
            raise self._no_table(name)
        oid, schema, table, rows = found[0]
        columns = self.rows(
            "select a.attname::text, b.typname::text, "
            "format_type(a.atttypid, a.atttypmod), not a.attnotnull "
            "from pg_attribute a join pg_type t on t.oid = a.atttypid "
            "join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid) "
            f"where a.attrelid = {oid} and a.attnum > 0 and not a.attisdropped "
            "order by a.attnum"
        )
        return LiveTable(
            schema=schema,
            name=table,
            columns={each[0]: LiveColumn(*each) for each in columns},
            rows_estimated=max(int(rows), 0),
        )

    def _no_table(self, name: str) -> InputError:
        there = [
            str(row[0])
            for row in self.rows(
                f"select n.nspname || '.' || c.relname from {_TABLES} "
                "and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "
                "order by 1"
            )
        ]
        bare = {each.rpartition(".")[2]: each for each in there}
        near = did_you_mean(name, there)
        if not near:
            near = did_you_mean(name.rpartition(".")[2], bare)
        shown = ", ".join(there[:_SHOWN_TABLES]) or "none that this user sees"
        more = len(there) - _SHOWN_TABLES
        return InputError(
            f"The database has no table '{name}'.",
            where=self.label,
            hint=f"{near}Its tables: {shown}"
            + (f", and {more:,} more" if more > 0 else "")
            + ". Name the right one in the contract: postgres: {table: schema.table}.",
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query with a short answer."""
        with self._told_plainly(), self._connection.cursor() as cursor:
            cursor.execute(query)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _run(self, statement: str) -> None:
        with self._told_plainly(), self._connection.cursor() as cursor:
            cursor.execute(statement)

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Run a query and yield its rows as they come, some megabytes at a time.

        Raises
        ------
        InputError
            If the query fails, or the connection is lost before its end.
        """
        with self._connection.cursor() as cursor:
            with self._told_plainly():
                cursor.execute(query)
                reader = cursor.fetch_record_batch()
            while True:
                with self._told_plainly():
                    try:
                        batch = reader.read_next_batch()
                    except StopIteration:
                        break
                yield batch
        # a server that gave up half-way has no working transaction any more
        self.rows("select 1")

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        import adbc_driver_manager

        try:
            yield
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            raise self._error(error) from None

    def _error(self, error: Exception) -> InputError:
        state = getattr(error, "sqlstate", None) or ""
        said = _said(error, self._url)
        if state == "42501":
            return InputError(
                f"This user may not read it: {said}.",
                where=self.label,
                hint="Grant select to the user of the URL.",
            )
        is_told_mid_stream = not state and "ERROR:  " in str(error)
        if not is_told_mid_stream and (not state or state[:2] in ("08", "57")):
            return InputError(
                f"The database ended the reading: {said}.",
                where=self.label,
                hint=_NOTHING_LOADED + "load again when the server is well.",
            )
        return InputError(
            f"The database cannot answer: {said}.",
            where=self.label,
            hint=_NOTHING_LOADED + "mend it there, or load again.",
        )


_TABLES = (
    "pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'p', 'v', 'm', 'f')"
)


@contextmanager
def connected_to(url: PostgresUrl) -> Iterator[Server]:
    """Open a database for reading.

    Raises
    ------
    InputError
        If the driver is not installed, or the server lets nobody in.
    """
    try:
        import adbc_driver_manager
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise InputError(
            "Loading from PostgreSQL needs a driver that is not installed.",
            where=str(error),
            hint=f"Install it: {MISSING_DRIVER}.",
        ) from error
    try:
        connection = dbapi.connect(url.uri)
    except adbc_driver_manager.Error as error:
        raise _refusal(error, url) from None
    try:
        yield Server(connection, url)
    finally:
        connection.close()


def _refusal(error: Exception, url: PostgresUrl) -> InputError:
    text = str(error)
    for sign, what, hint in _REFUSALS:
        if sign in text:
            return InputError(what, where=url.label, hint=hint)
    return InputError(
        f"The database cannot be opened: {_said(error, url)}.",
        where=url.label,
        hint="Check the URL: postgresql://user@host:port/database.",
    )


def _said(error: Exception, url: PostgresUrl) -> str:
    """Return the first line of what the server or its driver said, without secrets."""
    details = dict(getattr(error, "details", None) or [])
    primary = details.get("PG_DIAG_MESSAGE_PRIMARY")
    text = primary.decode(errors="replace") if primary else str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    said = lines[0].removeprefix("IO: ").rpartition("[libpq] ")[2]
    said = said.removeprefix("Failed to connect: ")
    for severity in ("FATAL:  ", "ERROR:  "):
        said = said.rpartition(severity)[2]
    return url.without_secrets(said.strip().rstrip(".:"))
