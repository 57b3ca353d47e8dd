"""An answer as JSON, CSV and Parquet, as texts and as files."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrm.reading.formats import json_value, told_of, write_file, write_text
from acrm_olap.errors import CubeError
from acrm_olap.query import to_dict, to_line
from acrm_olap.results.answer import Answer, level_caption

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "json", "jsonl", "parquet")
CHARTS = ("png", "svg")
_CHUNK = 10_000


@dataclass(frozen=True)
class Cells:
    """Rows of a table, as they are written to files."""

    table: pa.Table

    @property
    def columns(self) -> tuple[str, ...]:
        """Names."""
        return tuple(self.table.column_names)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, as Python values."""
        for batch in self.table.to_batches(_CHUNK):
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)

    def arrow(self) -> pa.RecordBatchReader:
        """Return the rows as Arrow batches."""
        return self.table.to_reader(_CHUNK)


def describe(answer: Answer, *, sql: bool = False) -> dict[str, Any]:
    """Return all that a reader has to know of an answer, but for its cells.

    Parameters
    ----------
    answer : Answer
        Of which.
    sql : bool
        Whether to give the statement and the values that are bound to it.
    """
    plan, source = answer.plan, answer.source
    found: dict[str, Any] = {
        "cube": plan.cube.name,
        "query": to_dict(answer.query),
        "line": to_line(answer.query),
        "levels": [
            {
                "path": axis.path,
                "caption": level_caption(plan, axis),
                "axis": "rows" if axis.on_rows else "columns",
                "key": f"{axis.path}.key"
                if f"{axis.path}.key" in answer.table.column_names
                else axis.path,
                "period": axis.level.period.value if axis.level.period else None,
            }
            for axis in plan.axes
        ],
        "measures": [
            {
                "name": column.name,
                "caption": column.caption,
                "unit": answer.units.get(column.name, ""),
                "format": column.format,
                "description": column.description,
            }
            for column in plan.columns
        ],
        "as_of": answer.query.as_of,
        "source": {
            "name": source.name,
            "version": source.version,
            "data_through": dict(source.data_through),
            "cubes": list(source.cubes),
            "tables": list(source.tables),
            "served_by": source.served_by,
            "aggregates": list(source.aggregates),
            "seconds": round(source.seconds, 6),
        },
        "notes": list(plan.notes),
        "count": int(answer.table.num_rows),
    }
    if sql:
        found["sql"] = answer.sql
        values: Any = getattr(answer, "values", {})
        found["values"] = json_value(dict(values))
    return found


def write_json(answer: Answer, *, sql: bool = False, cells: bool = True) -> str:
    """Return an answer as JSON: what ``describe`` says, and its cells.

    Decimals are texts, so that none is rounded; dates are ISO 8601. With subtotals,
    ``_set`` says of a cell which levels are rolled up: bit n for the nth.
    """
    found = describe(answer, sql=sql)
    if cells:
        rows = Cells(answer.table)
        found["cells"] = [
            dict(zip(rows.columns, map(json_value, row), strict=True))
            for row in rows.rows()
        ]
    return json.dumps(found, ensure_ascii=False)


def write_cells(answer: Answer, kind: str) -> str:
    """Return the cells of an answer as a text.

    Parameters
    ----------
    answer : Answer
        Whose.
    kind : {"csv", "jsonl"}
        How. In CSV null is empty, and an empty text is ``""``.
    """
    stream = io.StringIO(newline="")
    write_text(Cells(answer.table), kind, stream)
    return stream.getvalue()


def save(answer: Answer, path: Path, kind: str) -> int:
    """Write the cells of an answer to a file, whole or not at all.

    Parameters
    ----------
    answer : Answer
        What to write.
    path : Path
        Where to; replaced if it exists.
    kind : {"csv", "json", "jsonl", "parquet"}
        How. JSON is that of ``write_json``.

    Returns
    -------
    int
        How many cells were written.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if kind not in FORMATS:
        raise CubeError(
            f"Cells cannot be written as '{kind}'.",
            where=str(path),
            hint=f"There are: {', '.join(FORMATS)}.",
        )
    path = path.absolute()
    if kind == "json":
        save_bytes(path, (write_json(answer) + "\n").encode())
        return int(answer.table.num_rows)
    return write_file(Cells(answer.table), kind, path)


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    from acrm.disk import write_atomically

    with told_of(path):
        write_atomically(path, content)
