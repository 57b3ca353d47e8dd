"""One delivered file: read it, hold it against its contract, write both outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from acrm.errors import InputError, RunError
from acrm.loading import sql_text
from acrm.loading.checks import Checks
from acrm.loading.discovery import DataFile
from acrm.loading.engine import count_of, rows_of, watched, write_parquet
from acrm.loading.file_checks import refuse_columns, refuse_types
from acrm.loading.sources import delivered_columns, open_source
from acrm.loading.staged import ROW_NUMBER


@dataclass(frozen=True)
class Stamp:
    """What every row of a batch carries."""

    batch_id: str
    system: str
    loaded_at: datetime
    extracted_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What a file held."""

    rows_read: int
    rows_quarantined: int
    reasons: dict[str, int] = field(default_factory=dict)
    example: str = ""
    event_from: datetime | None = None
    event_to: datetime | None = None
    rows_late: int | None = None

    @property
    def rows_loaded(self) -> int:
        """Rows that keep their contract."""
        return self.rows_read - self.rows_quarantined


class FileLoad:
    """The work on one file.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Does the work.
    file : DataFile
        The file and its contract.
    stamp : Stamp
        What its rows carry.
    contract : str
        Where the contract stands, for messages.
    parking : Path
        A folder for intermediate files.
    report : callable
        Told what share of the present step is done.
    careful : bool, default False
        Read text the slow way, which sets broken rows apart one by one.
    known_until : datetime, optional
        Latest event of the table that was loaded before; rows before it are late.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: DataFile,
        stamp: Stamp,
        *,
        contract: str,
        parking: Path,
        report: Callable[[float], None],
        careful: bool = False,
        known_until: datetime | None = None,
    ) -> None:
        self._connection = connection
        self._file = file
        self._stamp = stamp
        self._report = report
        self._known_until = known_until
        self._parked = parking / "rows.parquet"
        self._checks = self._open(contract, careful)
        self._rows = self._checks.source.rows

    def _open(self, contract: str, careful: bool) -> Checks:
        path, kind, table = self._file.path, self._file.kind, self._file.table
        size = max(path.stat().st_size, 1)
        columns = delivered_columns(path, kind, table)
        if not columns:
            raise InputError(
                "The file is empty: it has not even a header.",
                hint="Deliver at least the header; a table without rows is allowed.",
            )
        refuse_columns(columns, table, contract)
        source = open_source(
            self._connection,
            path,
            kind,
            table,
            columns=columns,
            parking=self._parked,
            advance=lambda done: self._report(done / size),
            careful=careful,
        )
        refuse_types(source.families, source.type_names, table)
        return Checks(source, table)

    @property
    def is_fast(self) -> bool:
        """Whether a failure may be the reader's, not the file's."""
        return self._checks.source.is_fast

    def check(self) -> Outcome:
        """Return what would become of the rows; write nothing."""
        good = self._checks.good_rows()
        self._set_faulty_apart()
        self._set_repeated_apart(good)
        reasons = self._reasons()
        example = self._example() if reasons else ""
        return Outcome(self._rows, sum(reasons.values()), reasons, example)

    def write(self, raw: Path, quarantine: Path) -> Outcome:
        """Write good rows to one file and the others to another.

        A file without rows is not written.

        Raises
        ------
        InputError
            If the file as a whole is not what it says.
        RunError
            If rows were lost on the way, which must not happen.
        """
        raw.parent.mkdir(parents=True, exist_ok=True)
        good = self._checks.good_rows(self._own_columns)
        with watched(self._connection, self._report):
            written = write_parquet(self._connection, good, raw)
        self._connection.execute("drop table if exists faulty")
        if written != self._rows:
            self._set_faulty_apart()
        if self._set_repeated_apart(f"from read_parquet({sql_text.file_to_read(raw)})"):
            self._without_repeated(raw)
        reasons = self._reasons()
        if reasons:
            quarantine.parent.mkdir(parents=True, exist_ok=True)
            write_parquet(self._connection, self._quarantined, quarantine)
        event_from, event_to = self._event_range(raw)
        late = self._late(raw)
        self._verify(raw, quarantine)
        return Outcome(
            self._rows,
            sum(reasons.values()),
            reasons,
            self._example() if reasons else "",
            event_from,
            event_to,
            late,
        )

    @property
    def _own_columns(self) -> str:
        stamp = self._stamp
        return (
            f"{sql_text.literal(stamp.loaded_at)} as _loaded_at, "
            f"{sql_text.literal(stamp.extracted_at)} as _extracted_at, "
            f"{sql_text.literal(stamp.batch_id)} as _batch_id, "
            f"{sql_text.literal(self._file.source_file)} as _source_file, {ROW_NUMBER}"
        )

    @property
    def _quarantined(self) -> str:
        stamp = self._stamp
        return (
            f"select {sql_text.literal(stamp.batch_id)} as _batch_id, "
            f"{sql_text.literal(stamp.loaded_at)} as _loaded_at, "
            f"{sql_text.literal(stamp.system)} as system, "
            f"{sql_text.literal(self._file.table.name)} as table_name, "
            f"{sql_text.literal(self._file.source_file)} as _source_file, "
            f"{ROW_NUMBER}, reason_code, column_name, reason, row_json "
            f"from faulty order by {ROW_NUMBER}"
        )

    def _set_faulty_apart(self) -> None:
        """Fill the table ``faulty``; refuse the file when most rows break one type."""
        with watched(self._connection, self._report):
            (counts,) = rows_of(self._connection, self._checks.type_faults)
        rows, unreadable, *faults = (int(str(count)) for count in counts)
        if rows != self._rows:
            raise InputError(
                f"The file says that it holds {self._rows:,} rows, but {rows:,} can be "
                "read.",
                hint="It is damaged; deliver it again.",
            )
        if unreadable * 2 > rows:
            raise InputError(
                f"The file is not what it says: {unreadable:,} of {rows:,} rows cannot "
                f"be read. {self._first_unreadable()}",
                hint="Check `csv` in the contract: delimiter, quote and encoding.",
            )
        self._refuse_mostly_wrong(rows, faults)
        self._connection.execute(
            f"create or replace temp table faulty as {self._checks.faulty_rows}"
        )

    def _first_unreadable(self) -> str:
        ((row, reason),) = rows_of(self._connection, self._checks.first_unreadable)
        return f"The first is row {row}: it {reason}."

    def _refuse_mostly_wrong(self, rows: int, faults: list[int]) -> None:
        wrong = [
            (column, count)
            for column, count in zip(self._checks.type_columns, faults, strict=True)
            if count * 2 > rows
        ]
        if not wrong:
            return
        parts = []
        for column, count in wrong:
            first = rows_of(self._connection, self._checks.first_type_fault(column))
            row, value = first[0]
            parts.append(
                f"in {count:,} of {rows:,} rows {column.name} is no "
                f"{column.data_type.sql}; the first is row {row} with {value}"
            )
        raise InputError(
            f"The file is not what it says: {'; '.join(parts)}.",
            hint="Compare the file with its contract: a shifted column, another date "
            "format (`format`), a decimal comma.",
        )

    def _set_repeated_apart(self, good: str) -> bool:
        """Add rows whose key stood before to ``faulty``; return whether there are."""
        if not self._file.table.key:
            return False
        self._connection.execute(
            "create or replace temp table repeated_keys as "
            + self._checks.repeated_keys(good)
        )
        if not count_of(self._connection, "select count(*) from repeated_keys"):
            return False
        self._connection.execute(
            "create temp table if not exists faulty (_row_number bigint, reason_code "
            "varchar, column_name varchar, reason varchar, row_json varchar)"
        )
        self._connection.execute(
            "insert into faulty " + self._checks.repeated_rows(good, "repeated_keys")
        )
        return True

    def _without_repeated(self, raw: Path) -> None:
        """Write the good rows again, without those that repeat a key."""
        before = raw.with_suffix(".before")
        raw.rename(before)
        write_parquet(
            self._connection,
            f"from read_parquet({sql_text.file_to_read(before)}) anti join faulty "
            f"using ({ROW_NUMBER})",
            raw,
        )
        before.unlink()

    def _reasons(self) -> dict[str, int]:
        """Return quarantined rows by reason, most frequent first."""
        exists = "select count(*) from duckdb_tables() where table_name = 'faulty'"
        if not count_of(self._connection, exists):
            return {}
        rows = rows_of(
            self._connection,
            "select reason_code, count(*) from faulty group by all order by 2 desc, 1",
        )
        return {str(code): int(str(count)) for code, count in rows}

    def _example(self) -> str:
        """Return the first quarantined row and what is wrong with it."""
        ((row, reason),) = rows_of(
            self._connection,
            f"select {ROW_NUMBER}, reason from faulty order by 1 limit 1",
        )
        return f"row {row}: {reason}"

    def _event_range(self, raw: Path) -> tuple[datetime | None, datetime | None]:
        if self._file.table.event_time is None:
            return None, None
        column = sql_text.name(self._file.table.event_time)
        ((first, last),) = rows_of(
            self._connection,
            f"select min({column})::timestamp, max({column})::timestamp "
            f"from read_parquet({sql_text.file_to_read(raw)})",
        )
        return (
            first if isinstance(first, datetime) else None,
            last if isinstance(last, datetime) else None,
        )

    def _late(self, raw: Path) -> int | None:
        """Count rows from before what was loaded already; None without event time."""
        if self._file.table.event_time is None:
            return None
        if self._known_until is None:
            return 0
        return count_of(
            self._connection,
            f"select count(*) from read_parquet({sql_text.file_to_read(raw)}) "
            f"where {sql_text.name(self._file.table.event_time)}::timestamp "
            f"< {sql_text.literal(self._known_until)}",
        )

    def _verify(self, raw: Path, quarantine: Path) -> None:
        """Count what was written by its own metadata; remove a file without rows."""
        counts = []
        for path in (raw, quarantine):
            rows = pq.read_metadata(path).num_rows if path.exists() else 0
            counts.append(rows)
            if path.exists() and not rows:
                path.unlink()
        if sum(counts) != self._rows:
            raise RunError(
                f"Of {self._rows:,} rows, {counts[0]:,} were written as good and "
                f"{counts[1]:,} to quarantine: the sum differs. Nothing was loaded.",
                where=self._file.where,
                hint="This must not happen; keep the file and report it.",
            )
