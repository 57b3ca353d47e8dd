"""Write an answer as CSV, JSON, JSON lines or Parquet, without loss.

- CSV: null is an empty field, an empty text is ``""``.
- JSON: integers are numbers with all their digits; decimals are strings, because
  most readers turn a number with a point into a rounded double; doubles are
  numbers, but ``"NaN"`` and ``"Infinity"`` strings; dates and times are ISO 8601;
  blobs are hexadecimal.
- Parquet: integers of 128 bits become ``decimal(38, 0)``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from acrm.disk import replacing
from acrm.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


class Rows(Protocol):
    """What can be written: the answer to SQL, or the cells of a cube."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names."""

    def rows(self) -> Iterable[tuple[Any, ...]]:
        """Yield the rows, as Python values."""

    def arrow(self) -> pa.RecordBatchReader:
        """Return the rows as Arrow batches."""


def write_text(answer: Rows, kind: str, stream: IO[str]) -> int:
    """Write all rows in a text format, and return how many.

    Parameters
    ----------
    answer : Rows
        What to write.
    kind : {"csv", "json", "jsonl"}
        How.
    stream : text stream
        Where to.
    """
    return {"csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}[kind](
        answer, stream
    )


def write_file(answer: Rows, kind: str, path: Path) -> int:
    """Write all rows to a file that appears whole or not at all.

    Parameters
    ----------
    answer : Rows
        What to write.
    kind : {"csv", "json", "jsonl", "parquet"}
        How.
    path : Path
        Where to; replaced if it exists.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with told_of(path), replacing(path) as unfinished:
        if kind == "parquet":
            return _write_parquet(answer, unfinished)
        with unfinished.open("w", encoding="utf-8", newline="") as stream:
            return write_text(answer, kind, stream)


@contextmanager
def told_of(output: Path) -> Iterator[None]:
    """Say in one message that a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise InputError(
            "The output cannot be written.",
            where=f"{output}: {error.strerror or error}",
            hint="Give a file in a folder that exists and that you may write to,"
            " with space left.",
        ) from error


def json_value(value: Any, *, largest: int | None = None) -> Any:
    """Return a value as JSON holds it without loss.

    Parameters
    ----------
    value : object
        As DuckDB returns it.
    largest : int, optional
        Whole numbers beyond it become texts, for readers that would round them.
    """
    plain: Any
    match value:
        case None | bool() | str():
            plain = value
        case int():
            plain = value if largest is None or abs(value) <= largest else str(value)
        case float():
            plain = value if math.isfinite(value) else _name_of(value)
        case Decimal():
            plain = f"{value:f}"
        case date() | time():  # a datetime is a date
            plain = value.isoformat()
        case bytes() | bytearray() | memoryview():
            plain = bytes(value).hex()
        case dict():
            plain = {
                _key(key): json_value(each, largest=largest)
                for key, each in value.items()
            }
        case list() | tuple():
            plain = [json_value(each, largest=largest) for each in value]
        case _:
            plain = str(value)
    return plain


def _key(value: Any) -> str:
    return value if isinstance(value, str) else str(json_value(value))


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _objects(answer: Rows) -> Iterable[str]:
    _require_distinct(answer.columns)
    for row in answer.rows():
        values = {
            name: json_value(value)
            for name, value in zip(answer.columns, row, strict=True)
        }
        yield json.dumps(values, ensure_ascii=False)


def _require_distinct(columns: tuple[str, ...]) -> None:
    """Refuse two columns of one name, of which an object would drop one."""
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InputError(
            f"Two columns have the same name: {', '.join(twice)}.",
            hint="Rename one with `as`.",
        )


def _write_json(answer: Rows, stream: IO[str]) -> int:
    count = 0
    stream.write("[")
    for count, text in enumerate(_objects(answer), start=1):
        stream.write("\n" if count == 1 else ",\n")
        stream.write(text)
    stream.write("\n]\n" if count else "]\n")
    return count


def _write_jsonl(answer: Rows, stream: IO[str]) -> int:
    count = 0
    for count, text in enumerate(_objects(answer), start=1):  # noqa: B007
        stream.write(text + "\n")
    return count


def _write_csv(answer: Rows, stream: IO[str]) -> int:
    stream.write(",".join(map(_csv_field, answer.columns)) + "\r\n")
    count = 0
    for row in answer.rows():
        stream.write(",".join(map(_csv_field, row)) + "\r\n")
        count += 1
    return count


def _csv_field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        text = json.dumps(json_value(value), ensure_ascii=False)
    else:
        text = str(json_value(value))
    if text == "" or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_parquet(answer: Rows, path: Path) -> int:
    import pyarrow.parquet as pq

    _require_distinct(answer.columns)
    count = 0
    batches = answer.arrow()
    with pq.ParquetWriter(path, batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count
