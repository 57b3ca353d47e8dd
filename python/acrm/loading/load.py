"""The load of one delivery: all of it, or nothing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import duckdb

from acrm.errors import AcrmError, InputError
from acrm.loading.batch_log import (
    WORK_PREFIX,
    FileRecord,
    commit,
    committed_ids,
    new_batch_id,
    read_log,
    remove_unfinished,
    undo,
    utc_now,
)
from acrm.loading.contract_file import load_system
from acrm.loading.contracts import System
from acrm.loading.discovery import DataFile, discover
from acrm.loading.engine import connected, storage_error
from acrm.loading.file_load import FileLoad, Outcome, Stamp
from acrm.loading.options import Listener, Options, Silent, check_options
from acrm.loading.results import (
    FileResult,
    LoadRefusedError,
    LoadResult,
    OverTolerance,
    Status,
)
from acrm.lock import writer_lock
from acrm.project import Project


def load(
    project: Project,
    path: Path,
    system_name: str,
    options: Options | None = None,
    listener: Listener | None = None,
) -> LoadResult:
    """Load a file or a folder into the raw zone as one batch.

    Files whose content the batch log has already are passed over. Rows that break
    their contract go to quarantine. Files that are not what they say are refused,
    and with any of them the whole delivery is.

    Parameters
    ----------
    project : Project
        Where the contracts and the warehouse home are.
    path : Path
        A file or a folder.
    system_name : str
        The pack whose contracts hold.
    options : Options, optional
        How to load.
    listener : Listener, optional
        Is told how the load goes on.

    Returns
    -------
    LoadResult
        Committed, unless ``batch_id`` is None.

    Raises
    ------
    LoadRefusedError
        If any file is refused; with every problem of every file.
    InputError
        If the options, the contracts or the path cannot be used, the home cannot be
        written, or another process writes it.
    """
    options = options or Options()
    now = utc_now()
    check_options(options, now)
    system = load_system(project, system_name)
    delivery = discover(path, system, options.table)
    result = LoadResult(
        system=system.name,
        checked_only=options.check,
        ignored=delivery.ignored,
        problems=delivery.problems,
    )
    stamp = Stamp(
        batch_id=options.batch_id or new_batch_id(now),
        system=system.name,
        loaded_at=now,
        extracted_at=options.extracted_at or now,
    )
    run = _Run(project, system, stamp, options, listener or Silent(), result)
    lock: AbstractContextManager[None] = nullcontext()
    if not options.check:
        lock = writer_lock(project, f"acrm load {path}")
    with lock, _told_plainly(project.home):
        run.all_of(delivery.files)
    if result.problems:
        raise LoadRefusedError(result)
    return result


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


class _Run:
    """One load under way."""

    def __init__(
        self,
        project: Project,
        system: System,
        stamp: Stamp,
        options: Options,
        listener: Listener,
        result: LoadResult,
    ) -> None:
        self.project = project
        self.system = system
        self.stamp = stamp
        self.options = options
        self.listener = listener
        self.result = result
        self.records: list[FileRecord] = []

    def all_of(self, files: list[DataFile]) -> None:
        """Load what is new of the files."""
        if not self.options.check:
            remove_unfinished(self.project)
        new = self._new_ones(files)
        if not new:
            return
        self._refuse_used_batch_id()
        with self._work_folder() as work:
            with connected(self.options.memory, work / "spill") as connection:
                for number, (file, sha256) in enumerate(new, start=1):
                    self.listener.begin(file.source_file, number, len(new))
                    outcome = self._one(connection, work, file, number)
                    self._note(file, sha256, outcome)
            self._judge_tolerance()
            if not self.options.check and not self.result.problems:
                commit(self.project, self.stamp.batch_id, work, self.records)
                self.result.batch_id = self.stamp.batch_id
                self.result.loaded_at = self.stamp.loaded_at

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
        log = {
            (record.table_name, record.file_sha256): record
            for record in read_log(self.project)
            if record.system == self.system.name
        }
        new: dict[tuple[str, str], DataFile] = {}
        for file in files:
            try:
                with file.path.open("rb") as handle:
                    sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            except OSError as error:
                self._refuse(file, InputError(f"It cannot be read: {error.strerror}."))
                continue
            content = (file.table.name, sha256)
            if content in log:
                record = log[content]
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

    def _one(
        self,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        file: DataFile,
        number: int,
    ) -> Outcome | InputError:
        """Load one file; a problem is returned, so that all of them are found."""
        parking = work / "parking"
        parking.mkdir(parents=True, exist_ok=True)
        name = f"{self.system.name}/{file.table.name}/{number:05d}.parquet"
        targets = work / "raw" / name, work / "quarantine" / name
        try:
            before = file.path.stat()
            outcome = self._read(connection, file, parking, targets)
            after = file.path.stat()
            if (before.st_mtime_ns, before.st_size) != (
                after.st_mtime_ns,
                after.st_size,
            ):
                return InputError(
                    "The file changed while it was read.",
                    hint="Load it when it is written to its end.",
                )
        except InputError as error:
            return error
        except (OSError, duckdb.Error) as error:
            if storage_error(error, self.project.home) is not None:
                raise
            return InputError(
                f"The file cannot be read: {str(error).strip().splitlines()[0]}.",
                hint="It was damaged on the way, or is something else; deliver it "
                "again.",
            )
        finally:
            shutil.rmtree(parking)
        return outcome

    def _read(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: DataFile,
        parking: Path,
        targets: tuple[Path, Path],
        *,
        careful: bool = False,
    ) -> Outcome:
        """Read a file the fast way where there is one, else, or then, the careful."""
        loading = FileLoad(
            connection,
            file,
            self.stamp,
            contract=str(self.system.path),
            parking=parking,
            report=self.listener.report,
            careful=careful,
        )
        try:
            return loading.check() if self.options.check else loading.write(*targets)
        except (AcrmError, duckdb.Error) as error:
            failed_for_good = storage_error(error, self.project.home) is not None
            if not loading.is_fast or failed_for_good:
                raise
        for target in targets:
            target.unlink(missing_ok=True)
        return self._read(connection, file, parking, targets, careful=True)

    def _note(self, file: DataFile, sha256: str, outcome: Outcome | InputError) -> None:
        if isinstance(outcome, InputError):
            self._refuse(file, outcome)
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
            note=file.note if outcome.rows_read else "no rows, only a header",
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
            )
        )

    def _refuse(self, file: DataFile, error: AcrmError) -> None:
        where = error.where or str(file.path)
        problem = InputError(error.what, where=where, hint=error.hint)
        self.result.problems.append(problem)
        refused = FileResult(
            file.source_file, file.table.name, Status.REFUSED, note=error.what
        )
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


def mark_not_loaded(result: LoadResult) -> LoadResult:
    """Return a refused result in which no file claims to have been loaded."""
    files = [
        replace(each, status=Status.WOULD_LOAD)
        if each.status is Status.LOADED
        else each
        for each in result.files
    ]
    return replace(result, files=files, batch_id=None)
