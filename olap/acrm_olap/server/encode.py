"""Answers as JSON, CSV and Arrow, written batch by batch.

Decimals are texts in JSON, so that none is rounded; so are whole numbers that are too
large for the numbers of JSON, and numbers that JSON has no sign for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from acrm.reading.formats import json_value

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 5000
LARGEST_EXACT = 2**53 - 1
exact = partial(json_value, largest=LARGEST_EXACT)
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
}


def as_json(head: BaseModel, table: pa.Table) -> Iterator[bytes]:
    """Yield an answer whose ``cells`` are the rows of a table.

    Parameters
    ----------
    head : BaseModel
        The answer without cells; they are its last field.
    table : Table
        The cells.
    """
    fields = head.model_dump(mode="json")
    del fields["cells"]
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    yield f'{text[:-1]}, "cells": ['.encode()
    first = True
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        rows = zip(*(_column(each) for each in batch.columns), strict=True)
        texts = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows]
        if texts:
            yield ("" if first else ",\n").encode() + ",\n".join(texts).encode()
            first = False
    yield b"]}"


def as_csv(table: pa.Table) -> Iterator[bytes]:
    """Yield a table as CSV, with a heading; what is not there is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    yield _taken(text)
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        columns = [_column(each) for each in batch.columns]
        writer.writerows(
            ["" if cell is None else _cell(cell) for cell in row]
            for row in zip(*columns, strict=True)
        )
        yield _taken(text)


def as_arrow(table: pa.Table, about: dict[str, Any]) -> Iterator[bytes]:
    """Yield a table as an Arrow IPC stream; what it is about is in the schema."""
    import pyarrow as pa

    described = table.replace_schema_metadata(
        {b"acrm": json.dumps(about, ensure_ascii=False).encode()}
    )
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, described.schema) as writer:
        yield _sunk(sink)
        for batch in described.to_batches(max_chunksize=BATCH_ROWS):
            writer.write_batch(batch)
            yield _sunk(sink)
    yield _sunk(sink)


def _column(array: pa.Array) -> list[Any]:
    return [exact(value) for value in array.to_pylist()]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _taken(text: io.StringIO) -> bytes:
    found = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return found


def _sunk(sink: io.BytesIO) -> bytes:
    found = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return found
