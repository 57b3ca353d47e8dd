"""The log of committed batches: a batch exists once its Parquet file does."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from acrm.errors import InputError
from acrm.loading.watermarks import Watermark, metadata_of
from acrm.project import Project

_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WORK_PREFIX = "load-"
# The raw zone keeps moments to the microsecond.
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class FileRecord:
    """One delivered file of a committed batch, one row of the log."""

    batch_id: str
    system: str
    table_name: str
    source_file: str
    file_bytes: int
    file_sha256: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    event_from: datetime | None
    event_to: datetime | None
    extracted_at: datetime
    loaded_at: datetime
    contract_sha256: str
    rows_late: int | None = None


_TYPES = {"str": pa.string(), "int": pa.int64(), "int | None": pa.int64()}
# Logs of before a column was thought of have none of it.
_LATER_COLUMNS = {"rows_late"}
SCHEMA = pa.schema(
    [
        (field.name, _TYPES.get(str(field.type), pa.timestamp("us")))
        for field in fields(FileRecord)
    ]
)


def utc_now() -> datetime:
    """Return the moment in UTC, without a zone, as the raw zone keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def next_loaded_at(log: Sequence[FileRecord], now: datetime) -> datetime:
    """Return the moment of the next batch: now, and after all that are committed.

    Clocks are set back. Models read what came after the last batch that they know,
    so a batch with an earlier moment would never be read.

    Parameters
    ----------
    log : sequence of FileRecord
        The whole log, read under the writer's lock.
    now : datetime
        What the clock says.
    """
    return max([now, *(record.loaded_at + _STEP for record in log)])


def known_until(
    log: Sequence[FileRecord], system: str, table_name: str
) -> datetime | None:
    """Return the latest event of a table that was loaded; None if there is none."""
    return max(
        (
            record.event_to
            for record in log
            if record.event_to is not None
            and (record.system, record.table_name) == (system, table_name)
        ),
        default=None,
    )


def new_batch_id(loaded_at: datetime) -> str:
    """Return an id that sorts by time and is not met twice."""
    return f"{loaded_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def check_batch_id(batch_id: str) -> None:
    """Refuse an id that could not name a folder.

    Raises
    ------
    InputError
        If it has other characters than letters, digits, ``.``, ``_`` and ``-``.
    """
    if not _BATCH_ID.fullmatch(batch_id):
        raise InputError(
            f"The batch id {batch_id!r} cannot be used.",
            where="--batch",
            hint="Use up to 64 letters, digits, '.', '_' and '-', beginning with a "
            "letter or digit. Ids that sort by time keep the log readable.",
        )


def committed_ids(project: Project) -> set[str]:
    """Return the ids of all committed batches."""
    return {path.stem for path in project.batches.glob("*.parquet")}


def read_log(project: Project) -> list[FileRecord]:
    """Return the whole log, oldest batch first.

    Raises
    ------
    InputError
        If a record cannot be read.
    """
    records: list[FileRecord] = []
    for path in sorted(project.batches.glob("*.parquet")):
        try:
            table = pq.read_table(path, partitioning=None)
            absent = _LATER_COLUMNS - set(table.column_names)
            rows = table.select(
                [name for name in SCHEMA.names if name not in absent]
            ).to_pylist()
        except (pa.ArrowException, OSError, KeyError) as error:
            raise InputError(
                f"A record of the batch log cannot be read: {error}.",
                where=str(path),
                hint="Restore it from a backup; without it the batch does not count "
                "as loaded.",
            ) from error
        records += [FileRecord(**row) for row in rows]
    return sorted(records, key=lambda record: (record.loaded_at, record.batch_id))


def remove_unfinished(project: Project) -> list[Path]:
    """Remove what loads left behind that never came to their commit.

    Returns
    -------
    list of Path
        The folders that were removed.
    """
    committed = committed_ids(project)
    leftovers = [
        path
        for zone in (project.raw, project.quarantine)
        for path in zone.glob("*/*/*")
        if path.is_dir() and path.name not in committed
    ]
    leftovers += project.tmp.glob(f"{WORK_PREFIX}*")
    for path in leftovers:
        shutil.rmtree(path)
    return leftovers


def commit(
    project: Project,
    batch_id: str,
    work: Path,
    records: Sequence[FileRecord],
    watermarks: Sequence[Watermark] = (),
) -> None:
    """Make a batch exist: move its folders to their places, then write its record.

    A kill at any point before the last rename leaves the batch without a record,
    so that readers pass it over and the next load removes it.

    Parameters
    ----------
    project : Project
        Whose home to write to.
    batch_id : str
        The batch.
    work : Path
        Holds ``raw/<system>/<table>`` and ``quarantine/<system>/<table>``.
    records : sequence of FileRecord
        One a delivered file.
    watermarks : sequence of Watermark
        How far tables of a live database were read.
    """
    for zone in (project.raw, project.quarantine):
        for folder in sorted((work / zone.name).glob("*/*")):
            if not any(folder.iterdir()):
                continue
            target = zone / folder.parent.name / folder.name / batch_id
            _make_folder(target.parent, project.home)
            for file in folder.iterdir():
                _sync(file)
            _sync(folder)
            folder.rename(target)
            _sync(target.parent)
    _make_folder(project.batches, project.home)
    columns = {
        name: [asdict(record)[name] for record in records] for name in SCHEMA.names
    }
    unfinished = work / "batch.parquet"
    schema = SCHEMA.with_metadata(metadata_of(watermarks))
    pq.write_table(pa.table(columns, schema=schema), unfinished, compression="zstd")
    _sync(unfinished)
    os.replace(unfinished, project.batches / f"{batch_id}.parquet")  # noqa: PTH105
    _sync(project.batches)


def undo(project: Project, batch_id: str) -> None:
    """Remove the moved folders of a batch whose commit failed."""
    if batch_id in committed_ids(project):
        return
    for zone in (project.raw, project.quarantine):
        for folder in zone.glob(f"*/*/{batch_id}"):
            shutil.rmtree(folder)


def _make_folder(folder: Path, above: Path) -> None:
    """Create a folder so that it is there after a power cut, too."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in _up_to(folder, above):
        _sync(each)


def _up_to(folder: Path, above: Path) -> Iterator[Path]:
    while folder != above:
        folder = folder.parent
        yield folder


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
