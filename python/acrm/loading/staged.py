"""Rows of a text file, parked as Parquet columns of text until they are checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

ROW_NUMBER = "_row_number"
FAULT_CODE = "_fault_code"
FAULT_COLUMN = "_fault_column"
FAULT_REASON = "_fault_reason"
FAULT_JSON = "_fault_json"
_EXTRA = (FAULT_CODE, FAULT_COLUMN, FAULT_REASON, FAULT_JSON)
_BATCH_ROWS = 20_000
_BATCH_CHARACTERS = 32 * 1024 * 1024


class StagedFile:
    """A Parquet file of text columns, row numbers, and rows that cannot be read.

    Parameters
    ----------
    path : Path
        Where to write.
    columns : sequence of str
        The delivered columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.rows = 0
        self.malformed = 0
        self._width = len(columns)
        self._schema = pa.schema(
            [(ROW_NUMBER, pa.int64())]
            + [(name, pa.string()) for name in (*_EXTRA, *columns)]
        )
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", compression_level=1
        )
        self._batch: list[Sequence[str | None]] = []
        self._faults: list[tuple[str | None, ...]] = []
        self._characters = 0

    def add(self, row: Sequence[str | None], characters: int) -> None:
        """Add a row that could be read; ``characters`` is its length in the file."""
        self._batch.append(row)
        self._faults.append((None, None, None, None))
        self._count(characters)

    def add_malformed(
        self, code: str, reason: str, row_json: str, column: str | None = None
    ) -> None:
        """Add a row that could not be read, with what was delivered."""
        self._batch.append((None,) * self._width)
        self._faults.append((code, column, reason, row_json))
        self.malformed += 1
        self._count(len(row_json))

    def _count(self, characters: int) -> None:
        self.rows += 1
        self._characters += characters
        if len(self._batch) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self._write()

    def _write(self) -> None:
        if not self._batch:
            return
        first = self.rows - len(self._batch) + 1
        arrays = [pa.array(range(first, self.rows + 1), pa.int64())]
        for values in (
            *zip(*self._faults, strict=True),
            *zip(*self._batch, strict=True),
        ):
            arrays.append(pa.array(values, pa.string()))
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._batch.clear()
        self._faults.clear()
        self._characters = 0

    def __enter__(self) -> StagedFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._write()
        finally:
            self._writer.close()
