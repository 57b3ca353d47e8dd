"""What a reading of a live table amounts to: whether it is new, how far it came."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from acrm.loading import sql_text
from acrm.loading.batch_log import FileRecord
from acrm.loading.engine import rows_of
from acrm.loading.file_load import Stamp
from acrm.loading.postgres_input import (
    WHOLE_NUMBERS,
    Reading,
    at_or_after,
    columns_of,
    reaching_back,
    reading_of,
)
from acrm.loading.postgres_server import LiveColumn, Server
from acrm.loading.watermarks import Watermark


@dataclass(frozen=True)
class Weighed:
    """What a reading amounts to.

    Parameters
    ----------
    rows : int
        How many there are.
    sha256 : str
        Fingerprint of the rows, whatever their order.
    watermark : Watermark or None
        How far the table is read now, where the contract names a watermark.
    """

    rows: int
    sha256: str
    watermark: Watermark | None


def weigh(
    server: Server,
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    stamp: Stamp,
) -> Weighed:
    """Take the fingerprint of what was read, and its watermark.

    Parameters
    ----------
    server : Server
        Where it was read; it may be closed by now.
    connection : DuckDBPyConnection
        Does the work.
    reading : Reading
        What ``read_table`` returned.
    stamp : Stamp
        What the batch carries.
    """
    path, since = reading.file.path, reading.since
    names = [each.name for each in columns_of(reading.live, reading.file.table)]
    rows, sha256 = _fingerprint(connection, path, names)
    watermark = None
    column = reading.watermark
    value = None
    if column is not None:
        value = _reached(connection, path, column, server, since)
    if column is not None and value is not None:
        window = at_or_after(
            column, reaching_back(value, reading_of(reading.file.table).overlap)
        )
        watermark = Watermark(
            system=stamp.system,
            table_name=reading.file.table.name,
            source_file=reading.file.source_file,
            loaded_at=stamp.loaded_at.isoformat(),
            server=server.identity,
            column=column.name,
            kind=column.kind,
            value=value.isoformat() if isinstance(value, datetime) else str(value),
            window_sha256=_fingerprint(connection, path, names, window)[1],
        )
    return Weighed(rows, sha256, watermark)


def brings_nothing(
    reading: Reading, weighed: Weighed, record: FileRecord | None
) -> bool:
    """Whether the last delivery of a table, as the log has it, was the same.

    Only the last one counts: what was loaded earlier and has come back since is new.
    """
    since = reading.since
    if since is not None and not weighed.rows:
        return True
    if record is None:
        return False
    if since is not None and record.loaded_at.isoformat() == since.loaded_at:
        # nothing but what the overlap brings again
        return weighed.sha256 == since.window_sha256
    return (record.source_file, record.file_sha256) == (
        reading.file.source_file,
        weighed.sha256,
    )


def _reached(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    column: LiveColumn,
    server: Server,
    since: Watermark | None,
) -> int | datetime | None:
    """Return the new watermark: never one in the future, never before the last.

    A row dated in the future by mistake would hide all that come before that day.
    """
    name = sql_text.name(column.name)
    scan = f"read_parquet({sql_text.file_to_read(path)})"
    if column.kind in WHOLE_NUMBERS:
        query = f"select max({name})::bigint from {scan}"
    else:
        limit = sql_text.literal(
            server.now_utc if column.kind == "timestamptz" else server.now_local
        )
        moment = f"{name}::timestamp"
        query = (
            f"select max({moment}) from {scan} "
            f"where isfinite({name}) and {moment} <= {limit}"
        )
    ((found,),) = rows_of(connection, query)
    before = None if since is None else since.number_or_moment
    if isinstance(found, datetime):
        return max(found, before) if isinstance(before, datetime) else found
    if isinstance(found, int):
        return max(found, before) if isinstance(before, int) else found
    return before


def _fingerprint(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: list[str],
    condition: str = "true",
) -> tuple[int, str]:
    """Return the count of rows, and what tells their content whatever their order.

    A server returns unchanged rows in another order whenever it likes. The hashes of
    the rows are added up rather than mixed by exclusive or, which rows that stand
    twice would leave without a trace.
    """
    texts = [f"{sql_text.name(name)}::varchar" for name in columns]
    row = ", ".join(f"coalesce(strlen({each}) || ':' || {each}, '-')" for each in texts)
    ((rows, high, low),) = rows_of(
        connection,
        "select count(*), sum((hash >> 64)::hugeint), "
        "sum((hash & 18446744073709551615)::hugeint) from "
        f"(select md5_number(concat({row})) as hash "
        f"from read_parquet({sql_text.file_to_read(path)}) where {condition})",
    )
    text = json.dumps([columns, str(rows), str(high), str(low)])
    return int(str(rows)), hashlib.sha256(text.encode()).hexdigest()
