"""What each system sends: the initial extract, then a folder a day."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from acrm.example.settings import Array, Settings

BUFFERED_ROWS = 400_000
PART_ROWS = 5_000_000
INITIAL = -1
_PLAIN = pa_csv.WriteOptions(quoting_style="none", quoting_header="none")

Finish = Callable[[int, pa.Table], pa.Table]


class _File:
    """One table of the initial extract: a file, or parts where it is large."""

    def __init__(self, folder: Path, name: str, extension: str) -> None:
        self.folder = folder
        self.name = name
        self.extension = extension
        self.waiting: list[pa.Table] = []
        self.waiting_rows = 0
        self.part = 0
        self.part_rows = 0
        self.writer: Any = None

    def _path(self, part: int) -> Path:
        return self.folder / f"{self.name}-{part:04}.{self.extension}"

    def add(self, table: pa.Table) -> None:
        """Take rows; they reach the disk in large pieces."""
        self.waiting.append(table)
        self.waiting_rows += table.num_rows
        if self.waiting_rows >= BUFFERED_ROWS:
            self._drain()

    def _drain(self) -> None:
        if not self.waiting:
            return
        table = _stored(pa.concat_tables(self.waiting), self.extension)
        self.waiting, self.waiting_rows = [], 0
        if self.writer is None:
            self.part, self.part_rows = self.part + 1, 0
            self.writer = _writer(self._path(self.part), table.schema, self.extension)
        self.writer.write_table(table)
        self.part_rows += table.num_rows
        if self.extension == "parquet" and self.part_rows >= PART_ROWS:
            self.writer.close()
            self.writer = None

    def close(self) -> None:
        """Write what waits; a single part needs no number."""
        self._drain()
        if self.writer is not None:
            self.writer.close()
        if self.part == 1:
            self._path(1).rename(self.folder / f"{self.name}.{self.extension}")


def _writer(path: Path, schema: pa.Schema, extension: str) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    if extension == "csv":
        return pa_csv.CSVWriter(path, schema, write_options=_PLAIN)
    return pq.ParquetWriter(
        path, schema, compression="zstd", store_decimal_as_integer=True
    )


def _stored(table: pa.Table, extension: str) -> pa.Table:
    """Return a table with types that its file format shows well."""
    if extension == "csv":
        return table
    fields = [
        field.with_type(pa.timestamp("us"))
        if pa.types.is_timestamp(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


class Outbox:
    """Takes rows with the day on which they are delivered, and writes the files.

    Parameters
    ----------
    folder : Path
        Where ``initial`` and ``daily`` go.
    settings : Settings
        The company.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.extension = settings.extension
        self.rows: dict[tuple[str, str], dict[str, int]] = {}
        self.finishers: dict[str, Finish] = {}
        self.written: list[Path] = []
        self._initial: dict[tuple[str, str], _File] = {}
        self._days: dict[int, dict[tuple[str, str], list[pa.Table]]] = defaultdict(dict)

    def send(
        self,
        system: str,
        name: str,
        columns: dict[str, pa.Array],
        day: Array | int = INITIAL,
    ) -> None:
        """Deliver rows.

        Parameters
        ----------
        system, name : str
            The system and its table.
        columns : dict of pa.Array
            The rows.
        day : array of int, or int
            When each row, or all of them, is delivered: days counted from 0. What is
            due after the last day has not happened yet and is left out.
        """
        table = pa.table(columns)
        key = (system, name)
        if key not in self._initial:
            self._initial[key] = _File(
                self.folder / "initial" / system, name, self.extension
            )
            self.rows[key] = {"initial": 0, "daily": 0}
        if isinstance(day, int):
            day = np.full(table.num_rows, day)
        first = self.settings.first_daily
        is_early = day < first
        if is_early.all():
            self._send_initial(key, table)
            return
        self._send_initial(key, table.filter(pa.array(is_early)))
        order = np.flatnonzero(~is_early & (day < self.settings.days))
        order = order[np.argsort(day[order], kind="stable")]
        if not len(order):
            return
        due, begins = np.unique(day[order], return_index=True)
        for one, rows in zip(due.tolist(), np.split(order, begins[1:]), strict=True):
            # A copy: a slice would keep all of a period until its last day is written.
            self.add_rows(one, key, table.take(pa.array(rows)))

    def add_rows(self, day: int, key: tuple[str, str], rows: pa.Table) -> None:
        """Deliver rows on one of the days that are delivered one by one."""
        self._days[day].setdefault(key, []).append(rows)

    def _send_initial(self, key: tuple[str, str], table: pa.Table) -> None:
        self.rows[key]["initial"] += table.num_rows
        self._initial[key].add(table)

    def flush(self, before: int) -> None:
        """Write the folders of days before one; nothing may be sent to them later."""
        for day in range(self.settings.first_daily, min(before, self.settings.days)):
            tables = self._days.pop(day, {})
            for system, name in sorted(tables):
                self._write_day(day, system, name, tables[(system, name)])
        pa.default_memory_pool().release_unused()

    def _write_day(
        self, day: int, system: str, name: str, pieces: list[pa.Table]
    ) -> None:
        table = pa.concat_tables(pieces)
        if name in self.finishers:
            table = self.finishers[name](day, table)
        if not table.num_rows:
            return
        path = self.day_file(day, system, name)
        table = _stored(table, self.extension)
        with _writer(path, table.schema, self.extension) as writer:
            writer.write_table(table)
        self.rows[(system, name)]["daily"] += table.num_rows
        self.written.append(path)

    def day_file(self, day: int, system: str, name: str, more: str = "") -> Path:
        """Return the path of a day's file."""
        date = self.settings.date_of(day).isoformat()
        return (
            self.folder
            / "daily"
            / date
            / system
            / f"{name}-{date}{more}.{self.extension}"
        )

    def send_again(self, day: int, later: int, system: str, name: str) -> bool:
        """Deliver a day's file once more, under another name, on a later day."""
        path = self.day_file(day, system, name)
        if not path.exists():
            return False
        date = self.settings.date_of(later).isoformat()
        copy = self.folder / "daily" / date / system / f"{path.stem}-again{path.suffix}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        return True

    def close(self) -> None:
        """Write all that waits."""
        self.flush(self.settings.days)
        for file in self._initial.values():
            file.close()


def as_text(table: pa.Table) -> pa.Table:
    """Return a table with all columns as text, as a CSV file shows them."""
    return pa.table(
        {name: pc.cast(table[name], pa.large_string()) for name in table.column_names}
    )
