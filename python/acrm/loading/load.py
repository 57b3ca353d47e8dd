"""The load of one delivery: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from acrm.errors import InputError
from acrm.loading.batch_load import BatchLoad
from acrm.loading.batch_log import utc_now
from acrm.loading.contract_file import load_system
from acrm.loading.contracts import System, Table
from acrm.loading.discovery import discover, named_table
from acrm.loading.engine import storage_error
from acrm.loading.options import Listener, Options, Silent, check_options
from acrm.loading.postgres_server import connected_to
from acrm.loading.postgres_url import (
    PostgresUrl,
    looks_like_url,
    postgres_url,
    refuse_url_as_system,
)
from acrm.loading.results import LoadRefusedError, LoadResult, Status
from acrm.lock import writer_lock
from acrm.project import Project


def load(
    project: Project,
    source: Path | PostgresUrl | str,
    system_name: str,
    options: Options | None = None,
    listener: Listener | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> LoadResult:
    """Load files, or tables of a live database, into the raw zone as one batch.

    What the batch log has already is passed over. Rows that break their contract go
    to quarantine. Files and tables that are not what they say are refused, and with
    any of them the whole delivery is, unless the options set them apart.

    Parameters
    ----------
    project : Project
        Where the contracts and the warehouse home are.
    source : Path, PostgresUrl or str
        A file, a folder, or the URL of a PostgreSQL database.
    system_name : str
        The pack whose contracts hold.
    options : Options, optional
        How to load.
    listener : Listener, optional
        Is told how the load goes on.
    clock : callable, optional
        Says the moment, in UTC and without a zone. A batch is never dated before one
        that was committed earlier, whatever it says.

    Returns
    -------
    LoadResult
        Committed, unless ``batch_id`` is None.

    Raises
    ------
    LoadRefusedError
        If any file is refused; with every problem of every file.
    InputError
        If the options, the contracts, the path or the database cannot be used, the
        home cannot be written, or another process writes it.
    """
    options = options or Options()
    check_options(options, clock())
    refuse_url_as_system(system_name)
    system = load_system(project, system_name)
    result = LoadResult(system=system.name, checked_only=options.check)
    batch = BatchLoad(project, system, clock, options, listener or Silent(), result)
    if not isinstance(source, PostgresUrl) and looks_like_url(source):
        source = postgres_url(str(source))
    if isinstance(source, PostgresUrl):
        tables = _tables(system, options.table)
        with (
            _writing(project, options, "acrm load from PostgreSQL"),
            connected_to(source) as server,
        ):
            batch.all_from(server, tables)
    else:
        delivery = discover(Path(source), system, options.table, options.takes)
        result.ignored = delivery.ignored
        result.problems = delivery.problems
        with _writing(project, options, f"acrm load {source}"):
            batch.all_of(delivery.files)
    if result.problems and not options.sets_refused_apart:
        raise LoadRefusedError(result)
    return result


def _tables(system: System, name: str | None) -> list[Table]:
    """Return the tables to read from a database: the one asked for, or all."""
    asked = system.tables if name is None else (named_table(system, name),)
    tables = [table for table in asked if table.postgres is not None]
    if not tables:
        raise InputError(
            f"{'No table' if name is None else 'This table'} of system "
            f"'{system.name}' is read from a database: the contract says "
            "postgres: false.",
            where=str(system.path),
            hint="Take it out, or load the files that bring the table.",
        )
    return tables


@contextmanager
def _writing(project: Project, options: Options, purpose: str) -> Iterator[None]:
    """Hold the warehouse home, where anything is to be written to it."""
    lock: AbstractContextManager[None] = nullcontext()
    if not options.check:
        lock = writer_lock(project, purpose)
    with lock, _told_plainly(project.home):
        yield


@contextmanager
def _told_plainly(home: Path) -> Iterator[None]:
    """Turn a full disk and its like into a message."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        known = storage_error(error, home)
        if known is None:
            raise
        raise known from error


def mark_not_loaded(result: LoadResult) -> LoadResult:
    """Return a refused result in which no file claims to have been loaded."""
    files = [
        replace(each, status=Status.WOULD_LOAD)
        if each.status is Status.LOADED
        else each
        for each in result.files
    ]
    return replace(result, files=files, batch_id=None)
