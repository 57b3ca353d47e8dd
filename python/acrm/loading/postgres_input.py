"""A table of a live database, read into a Parquet file that is then loaded as any.

Only columns that the contract names are read. Types that Parquet and the contract
share stay as they are; all others come as the text that the server writes for them,
and are cast as text of a file would be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from acrm.errors import InputError
from acrm.loading import sql_text
from acrm.loading.casting import Family
from acrm.loading.contracts import Postgres, Table
from acrm.loading.discovery import DataFile
from acrm.loading.file_checks import refuse_types
from acrm.loading.formats import FileKind, Format
from acrm.loading.postgres_server import LiveColumn, LiveTable, Server
from acrm.loading.watermarks import Watermark
from acrm.loading.wording import listed
from acrm.words import near_names

_AS_IT_IS: dict[str, tuple[pa.DataType, Family]] = {
    "bool": (pa.bool_(), Family.BOOLEAN),
    "int2": (pa.int16(), Family.INTEGER),
    "int4": (pa.int32(), Family.INTEGER),
    "int8": (pa.int64(), Family.INTEGER),
    "float8": (pa.float64(), Family.FLOAT),
    "date": (pa.date32(), Family.DATE),
    "timestamp": (pa.timestamp("us"), Family.TIMESTAMP),
    "timestamptz": (pa.timestamp("us", tz="UTC"), Family.TIMESTAMP),
}
# Text keeps all digits of these, but what they hold is known before it is read.
_NUMBERS_AS_TEXT = {"numeric": Family.DECIMAL, "float4": Family.FLOAT}
_MOMENTS = ("timestamptz", "timestamp", "date")
WHOLE_NUMBERS = ("int2", "int4", "int8")

# The driver moves the epoch from 2000 to 1970 and overflows on infinity.
_INFINITY = {
    32: {-(2**31) + 10956: 2**31 - 1, -(2**31) + 10957: -(2**31) + 1},
    64: {
        -(2**63) + 946684799999999: 2**63 - 1,
        -(2**63) + 946684800000000: -(2**63) + 1,
    },
}


@dataclass(frozen=True)
class Reading:
    """What was read of one table.

    Parameters
    ----------
    file : DataFile
        Its rows, to be loaded as a delivered file is.
    live : LiveTable
        The table on the server.
    since : Watermark or None
        Where reading began, if it was not at the beginning.
    """

    file: DataFile
    live: LiveTable
    since: Watermark | None

    @property
    def watermark(self) -> LiveColumn | None:
        """The column that the contract names as watermark."""
        name = reading_of(self.file.table).watermark
        return None if name is None else self.live.columns[name]


def find_table(server: Server, table: Table, contract: str) -> LiveTable:
    """Return the table on the server that a contract is about.

    Raises
    ------
    InputError
        If there is none, it misses columns, or a column can never fit.
    """
    said = reading_of(table)
    live = server.table(said.table or table.name)
    try:
        _refuse_missing(live, table, contract)
        columns = columns_of(live, table)
        families = {each.name: _family(each) for each in columns}
        types = {each.name: each.shown_type for each in columns}
        refuse_types(families, types, table, "table")
        if said.watermark is not None:
            _refuse_watermark(live.columns[said.watermark], table)
    except InputError as error:
        where = f"{live.source_name}, {server.label}"
        raise InputError(error.what, where=where, hint=error.hint) from None
    return live


def _refuse_missing(live: LiveTable, table: Table, contract: str) -> None:
    missing = [
        column.name
        for column in table.columns
        if column.name not in live.columns and not column.optional
    ]
    if not missing and columns_of(live, table):
        return
    others = [name for name in live.columns if name not in table.column_names]
    near = [
        f"'{found}' may be '{name}'"
        for name in missing
        for found in near_names(name, others, most=1)
    ]
    raise InputError(
        f"The table misses columns of its contract: {listed(missing) or 'all of them'}"
        ".",
        hint=(f"{'; '.join(near)}. " if near else "")
        + f"The table has: {listed(live.columns)}. Have it mended, or change the "
        f"contract; `optional: true` lets a column be absent. It stands in {contract}.",
    )


def _refuse_watermark(column: LiveColumn, table: Table) -> None:
    promised = next(each for each in table.columns if each.name == column.name)
    kinds = _MOMENTS if promised.data_type.is_moment else WHOLE_NUMBERS
    if column.kind not in kinds:
        raise InputError(
            f"The watermark {column.name} is {column.shown_type} on the server.",
            hint=f"A watermark has to be one of: {listed(kinds)}. Name another column, "
            "or read the table whole: mode: snapshot.",
        )


def read_table(
    server: Server,
    table: Table,
    live: LiveTable,
    last: Watermark | None,
    path: Path,
    report: Callable[[float], None],
) -> Reading:
    """Read a table: whole, or what is new beyond its last watermark.

    Parameters
    ----------
    server : Server
        Where it is.
    table, live : Table, LiveTable
        The contract, and what ``find_table`` returned for it.
    last : Watermark or None
        The last committed one.
    path : Path
        The Parquet file to write.
    report : callable
        Told what share has been read.

    Raises
    ------
    InputError
        If the server ends the reading, or sends text that is none.
    """
    said = reading_of(table)
    since, note = None, "the whole table"
    columns = columns_of(live, table)
    query = f"select {', '.join(map(_selected, columns))} from {live.sql}"
    if said.watermark is not None and last is not None:
        column = live.columns[said.watermark]
        if (last.server, last.column, last.kind) == (
            server.identity,
            column.name,
            column.kind,
        ):
            since = last
            bound = reaching_back(last.number_or_moment, said.overlap)
            query += f" where {at_or_after(column, bound)}"
            note = f"{column.name} from {bound} on"
    _write(server, query, live, columns, path, report)
    return Reading(
        file=DataFile(
            path=path,
            source_file=live.source_name,
            kind=FileKind(Format.PARQUET),
            table=table,
            note=note,
            place=f"{live.source_name}, {server.label}",
        ),
        live=live,
        since=since,
    )


def reading_of(table: Table) -> Postgres:
    """Return how a contract has its table read."""
    return table.postgres or Postgres()


def columns_of(live: LiveTable, table: Table) -> list[LiveColumn]:
    """Return the columns that both the contract and the server have."""
    return [live.columns[name] for name in table.column_names if name in live.columns]


def _family(column: LiveColumn) -> Family:
    if column.kind in _AS_IT_IS:
        return _AS_IT_IS[column.kind][1]
    return _NUMBERS_AS_TEXT.get(column.kind, Family.TEXT)


def _selected(column: LiveColumn) -> str:
    name = sql_text.name(column.name)
    return name if column.kind in _AS_IT_IS else f"{name}::text as {name}"


def reaching_back(value: int | datetime, overlap: timedelta | int) -> int | datetime:
    """Return a watermark less its overlap."""
    if isinstance(value, datetime) and isinstance(overlap, timedelta):
        return value - min(overlap, value - datetime.min)
    if isinstance(value, int) and isinstance(overlap, int):
        return value - overlap
    raise TypeError(value, overlap)


def at_or_after(column: LiveColumn, bound: int | datetime) -> str:
    """Return a condition that the server and DuckDB both understand.

    Rows of the very bound belong to it, since more of them may have come; and so do
    rows without a watermark, which would never be seen otherwise.
    """
    name = sql_text.name(column.name)
    if isinstance(bound, int):
        limit = str(bound)
    elif column.kind == "timestamptz":
        limit = f"timestamptz '{bound.isoformat(sep=' ')}+00'"
    else:
        limit = f"timestamp '{bound.isoformat(sep=' ')}'"
    condition = f"{name} >= {limit}"
    return f"{condition} or {name} is null" if column.nullable else condition


def _write(
    server: Server,
    query: str,
    live: LiveTable,
    columns: list[LiveColumn],
    path: Path,
    report: Callable[[float], None],
) -> None:
    """Write the rows of a query to a Parquet file, as they come."""
    schema = pa.schema(
        [(each.name, _AS_IT_IS.get(each.kind, (pa.string(),))[0]) for each in columns]
    )
    rows = 0
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1
    ) as writer:
        for batch in server.batches(query):
            arrays = [_with_infinity(each) for each in batch.columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += batch.num_rows
            if live.rows_estimated:
                report(min(rows / live.rows_estimated, 1.0))


def _with_infinity(values: pa.Array) -> pa.Array:
    """Return moments with infinity as DuckDB writes it, so that messages say so."""
    if not pa.types.is_timestamp(values.type) and not pa.types.is_date32(values.type):
        return values
    whole = pa.int32() if values.type.bit_width == pa.int32().bit_width else pa.int64()
    numbers = values.view(whole)
    for wrapped, right in _INFINITY[whole.bit_width].items():
        is_it = pc.equal(numbers, pa.scalar(wrapped, whole))
        if pc.any(is_it).as_py():
            numbers = pc.if_else(is_it, pa.scalar(right, whole), numbers)
    return numbers.view(values.type)
