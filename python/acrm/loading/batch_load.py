"""One batch on its way: what is new, each file of it, and the commit of all or none."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from acrm.errors import InputError
from acrm.loading.batch_log import (
    WORK_PREFIX,
    FileRecord,
    commit,
    committed_ids,
    new_batch_id,
    next_loaded_at,
    read_log,
    remove_unfinished,
    undo,
)
from acrm.loading.contracts import Postgres, System, Table
from acrm.loading.discovery import DataFile
from acrm.loading.engine import connected
from acrm.loading.file_attempt import FileAttempt
from acrm.loading.file_load import Outcome, Stamp
from acrm.loading.options import Listener, Options
from acrm.loading.postgres_input import Reading, find_table, read_table
from acrm.loading.postgres_server import LiveTable, Server
from acrm.loading.postgres_weighing import brings_nothing, weigh
from acrm.loading.results import FileResult, LoadResult, OverTolerance, Status
from acrm.loading.watermarks import Watermark, last_watermarks
from acrm.project import Project


class BatchLoad:
    """One load under way.

    Parameters
    ----------
    project : Project
        Where the warehouse home is.
    system : System
        The contracts that hold.
    clock : callable
        Says the moment, in UTC and without a zone.
    options : Options
        How to load.
    listener : Listener
        Is told how the load goes on.
    result : LoadResult
        Is filled.
    """

    stamp: Stamp
    log: list[FileRecord]

    def __init__(
        self,
        project: Project,
        system: System,
        clock: Callable[[], datetime],
        options: Options,
        listener: Listener,
        result: LoadResult,
    ) -> None:
        self.project = project
        self.system = system
        self.clock = clock
        self.options = options
        self.listener = listener
        self.result = result
        self.records: list[FileRecord] = []
        self.watermarks: list[Watermark] = []

    def all_of(self, files: list[DataFile]) -> None:
        """Load what is new of delivered files."""
        self._begin()
        new = self._new_ones(files)
        if not new:
            return
        self._refuse_used_batch_id()
        with self._workshop() as (connection, work):
            self._load(connection, work, new, 0)

    def all_from(self, server: Server, tables: Sequence[Table]) -> None:
        """Load what is new in tables of a live database.

        All are read before the first is weighed and loaded, and the server is let go.
        """
        self._begin()
        log = {record.table_name: record for record in self._log_of_system()}
        marks = last_watermarks(self.project, self.system.name)
        found = self._found(server, tables)
        if not found or (self.result.problems and not self.options.sets_refused_apart):
            return
        with self._workshop() as (connection, work):
            readings = []
            for number, (table, live) in enumerate(found, start=1):
                self.listener.begin(live.source_name, number, 2 * len(found))
                reading = read_table(
                    server,
                    table,
                    live,
                    marks.get((table.name, live.source_name)),
                    work / f"extract-{number:05d}.parquet",
                    self.listener.report,
                )
                readings.append(reading)
            server.close()
            new = [
                (reading.file, sha256)
                for reading in readings
                if (sha256 := self._weighed(server, connection, reading, log))
            ]
            if new:
                self._refuse_used_batch_id()
                self._load(connection, work, new, len(found))

    def _begin(self) -> None:
        """Clear up, read the log and date the batch.

        Nobody else commits a batch between this and the commit, for the lock is held.
        """
        if not self.options.check:
            remove_unfinished(self.project)
        self.log = read_log(self.project)
        moment = next_loaded_at(self.log, self.clock())
        self.stamp = Stamp(
            batch_id=self.options.batch_id or new_batch_id(moment),
            system=self.system.name,
            loaded_at=moment,
            extracted_at=self.options.extracted_at or moment,
        )

    def _weighed(
        self,
        server: Server,
        connection: duckdb.DuckDBPyConnection,
        reading: Reading,
        log: dict[str, FileRecord],
    ) -> str:
        """Return the fingerprint of what was read; nothing where that is not new."""
        weighed = weigh(server, connection, reading, self.stamp)
        record = log.get(reading.file.table.name)
        if brings_nothing(reading, weighed, record):
            last = f" since batch {record.batch_id}" if record is not None else ""
            note = f"nothing new{last}"
            self._pass_over(reading.file, Status.ALREADY_LOADED, note)
            return ""
        if weighed.watermark is not None:
            self.watermarks.append(weighed.watermark)
        return weighed.sha256

    def _found(
        self, server: Server, tables: Sequence[Table]
    ) -> list[tuple[Table, LiveTable]]:
        """Return the tables on the server; note every problem before reading any."""
        found = []
        for table in tables:
            try:
                live = find_table(server, table, str(self.system.path))
            except InputError as error:
                name = (
                    f"postgresql:{(table.postgres or Postgres()).table or table.name}"
                )
                self._refuse(name, table, error)
            else:
                found.append((table, live))
        return found

    @contextmanager
    def _workshop(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        with (
            self._work_folder() as work,
            connected(self.options.memory, work / "spill") as connection,
        ):
            yield connection, work

    def _load(
        self,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        new: list[tuple[DataFile, str]],
        before: int,
    ) -> None:
        """Load files and commit; ``before`` counts steps that were done already."""
        attempt = FileAttempt(
            connection,
            self.stamp,
            contract=str(self.system.path),
            log=self.log,
            home=self.project.home,
            work=work,
            checked_only=self.options.check,
            listener=self.listener,
        )
        for number, (file, sha256) in enumerate(new, start=1):
            self.listener.begin(file.source_file, before + number, before + len(new))
            self._note(file, sha256, attempt.load(file, number))
        self._judge_tolerance()
        if self._is_to_commit():
            # a refused table is read again from where it was read before
            loaded = {each.table_name for each in self.records}
            watermarks = [each for each in self.watermarks if each.table_name in loaded]
            commit(self.project, self.stamp.batch_id, work, self.records, watermarks)
            self.result.batch_id = self.stamp.batch_id
            self.result.loaded_at = self.stamp.loaded_at

    def _is_to_commit(self) -> bool:
        if self.options.check or not self.records:
            return False
        return self.options.sets_refused_apart or not self.result.problems

    def _log_of_system(self) -> list[FileRecord]:
        return [record for record in self.log if record.system == self.system.name]

    def _refuse_used_batch_id(self) -> None:
        if self.stamp.batch_id in committed_ids(self.project):
            raise InputError(
                f"Batch '{self.stamp.batch_id}' is committed already, with other "
                "content.",
                where="--batch",
                hint="Committed batches never change. Give another id, or none.",
            )

    @contextmanager
    def _work_folder(self) -> Iterator[Path]:
        """Give a folder for unfinished work, gone at the end however it ends."""
        if self.options.check:
            with tempfile.TemporaryDirectory(prefix="acrm-check-") as folder:
                yield Path(folder)
            return
        work = self.project.tmp / f"{WORK_PREFIX}{self.stamp.batch_id}"
        work.mkdir(parents=True)
        try:
            yield work
        except BaseException:
            undo(self.project, self.stamp.batch_id)
            raise
        finally:
            shutil.rmtree(work)

    def _new_ones(self, files: list[DataFile]) -> list[tuple[DataFile, str]]:
        """Return the files whose content was not loaded before, with their hash."""
        known = {
            (record.table_name, record.file_sha256): record
            for record in self._log_of_system()
        }
        new: dict[tuple[str, str], DataFile] = {}
        for file in files:
            try:
                with file.path.open("rb") as handle:
                    sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            except OSError as error:
                problem = InputError(
                    f"It cannot be read: {error.strerror}.", where=file.where
                )
                self._refuse(file.source_file, file.table, problem)
                continue
            content = (file.table.name, sha256)
            if content in known:
                record = known[content]
                self._pass_over(
                    file,
                    Status.ALREADY_LOADED,
                    f"already loaded in batch {record.batch_id} on "
                    f"{record.loaded_at:%Y-%m-%d %H:%M} UTC",
                )
            elif content in new:
                note = f"same content as {new[content].source_file}"
                self._pass_over(file, Status.SAME_CONTENT, note)
            else:
                new[content] = file
        return [(file, sha256) for (_, sha256), file in new.items()]

    def _pass_over(self, file: DataFile, status: Status, note: str) -> None:
        self.result.files.append(
            FileResult(file.source_file, file.table.name, status, note=note)
        )

    def _note(self, file: DataFile, sha256: str, outcome: Outcome | InputError) -> None:
        if isinstance(outcome, InputError):
            where = outcome.where or file.where
            problem = InputError(outcome.what, where=where, hint=outcome.hint)
            self._refuse(file.source_file, file.table, problem)
            return
        result = FileResult(
            source_file=file.source_file,
            table=file.table.name,
            status=Status.WOULD_LOAD if self.options.check else Status.LOADED,
            rows_read=outcome.rows_read,
            rows_loaded=outcome.rows_loaded,
            rows_quarantined=outcome.rows_quarantined,
            reasons=outcome.reasons,
            example=outcome.example,
            note=file.note
            if outcome.rows_read or file.place
            else "no rows, only a header",
        )
        self.result.files.append(result)
        self.listener.end(result)
        self.records.append(
            FileRecord(
                batch_id=self.stamp.batch_id,
                system=self.system.name,
                table_name=file.table.name,
                source_file=file.source_file,
                file_bytes=file.path.stat().st_size,
                file_sha256=sha256,
                rows_read=outcome.rows_read,
                rows_loaded=outcome.rows_loaded,
                rows_quarantined=outcome.rows_quarantined,
                event_from=outcome.event_from,
                event_to=outcome.event_to,
                extracted_at=self.stamp.extracted_at,
                loaded_at=self.stamp.loaded_at,
                contract_sha256=file.table.sha256,
                rows_late=outcome.rows_late,
            )
        )

    def _refuse(self, source_file: str, table: Table, problem: InputError) -> None:
        self.result.problems.append(problem)
        refused = FileResult(source_file, table.name, Status.REFUSED, note=problem.what)
        self.result.files.append(refused)
        self.listener.end(refused)

    def _judge_tolerance(self) -> None:
        for table in self.system.tables:
            files = [each for each in self.result.files if each.table == table.name]
            rows = sum(each.rows_read for each in files)
            bad = sum(each.rows_quarantined for each in files)
            if rows and bad / rows > table.max_quarantined_share:
                over = OverTolerance(
                    table.name, bad / rows, table.max_quarantined_share
                )
                self.result.over_tolerance.append(over)
