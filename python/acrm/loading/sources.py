"""A delivered file as a relation: row number, columns, and rows already given up.

Parquet is read where it lies. Text is parked as Parquet columns of text first, so
that both are checked by the same SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from acrm.errors import InputError
from acrm.loading import sql_text
from acrm.loading.casting import Family
from acrm.loading.contracts import Table
from acrm.loading.csv_input import csv_header, stage_csv
from acrm.loading.formats import FileKind, Format
from acrm.loading.json_input import json_columns, stage_json
from acrm.loading.plain_csv import plain_csv_sql, scan_plain
from acrm.loading.staged import (
    FAULT_CODE,
    FAULT_COLUMN,
    FAULT_JSON,
    FAULT_REASON,
    ROW_NUMBER,
)

_FAULTS = (FAULT_CODE, FAULT_COLUMN, FAULT_REASON, FAULT_JSON)
_NO_FAULTS = ", ".join(f"null::varchar as {column}" for column in _FAULTS)


@dataclass(frozen=True)
class Source:
    """A relation over one delivered file.

    Parameters
    ----------
    sql : str
        A select of ``_row_number``, the four fault columns, and the delivered ones.
    families : dict of str to Family
        What kind of values each delivered column holds.
    type_names : dict of str to str
        The delivered types, for messages.
    rows : int
        How many rows the file holds, counted apart from the SQL.
    null_values : tuple of str
        Texts that stand for no value.
    is_fast : bool
        Whether another, more careful reading is to be tried when this one fails.
    """

    sql: str
    families: dict[str, Family]
    type_names: dict[str, str]
    rows: int
    null_values: tuple[str, ...] = ()
    is_fast: bool = False


def delivered_columns(path: Path, kind: FileKind, table: Table) -> list[str]:
    """Return the names that a file gives its columns, as they stand in it.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    if kind.format is Format.PARQUET:
        return [str(name) for name in _parquet(path).schema_arrow.names]
    if kind.format is Format.JSON_LINES:
        return json_columns(path, kind)
    return csv_header(path, kind, table.csv)


def open_source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    kind: FileKind,
    table: Table,
    *,
    columns: list[str],
    parking: Path,
    advance: Callable[[int], None],
    careful: bool = False,
) -> Source:
    """Make a file readable as a relation.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Where the relation will be read.
    path, kind, table
        The file, what its name says, and its contract.
    columns : list of str
        What ``delivered_columns`` returned.
    parking : Path
        A file to write in, where the rows have to be parked.
    advance : callable
        Told how many bytes have been read.
    careful : bool, default False
        Never take the fast way.
    """
    if kind.format is Format.PARQUET:
        return _parquet_source(connection, path)
    if kind.format is Format.CSV:
        plain = None if careful else scan_plain(path, kind, table.csv, len(columns))
        if plain is not None:
            sql = plain_csv_sql(path, kind, table.csv, columns, plain)
            names = ", ".join(map(sql_text.name, columns))
            return Source(
                sql=f"select {ROW_NUMBER}, {_NO_FAULTS}, {names} from ({sql})",
                families=dict.fromkeys(columns, Family.TEXT),
                type_names=dict.fromkeys(columns, "text"),
                rows=plain.rows,
                null_values=table.csv.null_values,
                is_fast=True,
            )
        rows = stage_csv(path, kind, table.csv, parking, advance)
        nulls = table.csv.null_values
    else:
        rows = stage_json(path, kind, columns, parking, advance)
        nulls = ()
    names = ", ".join(map(sql_text.name, (ROW_NUMBER, *_FAULTS, *columns)))
    return Source(
        sql=f"select {names} from read_parquet({sql_text.file_to_read(parking)}, "
        "hive_partitioning=false)",
        families=dict.fromkeys(columns, Family.TEXT),
        type_names=dict.fromkeys(columns, "text"),
        rows=rows,
        null_values=nulls,
    )


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _broken_parquet(path, error) from error


def _broken_parquet(path: Path, error: Exception) -> InputError:
    reason = str(error).strip().splitlines()[0].rstrip(".")
    return InputError(
        f"The file is not whole Parquet: {reason}.",
        where=str(path),
        hint="It was cut short or damaged on the way, or is something else; "
        "deliver it again.",
    )


def _parquet_source(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    file = _parquet(path)
    nothing = {
        field.name for field in file.schema_arrow if pa.types.is_null(field.type)
    }
    scan = (
        f"read_parquet({sql_text.file_to_read(path)}, file_row_number=true, "
        "hive_partitioning=false)"
    )
    try:
        described = connection.execute(f"describe select * from {scan}").fetchall()
    except duckdb.Error as error:
        raise _broken_parquet(path, error) from error
    types = {row[0]: str(row[1]) for row in described if row[0] != "file_row_number"}
    names = ", ".join(map(sql_text.name, types))
    row_number = f"file_row_number + 1 as {ROW_NUMBER}"
    return Source(
        sql=f"select {row_number}, {_NO_FAULTS}, {names} from {scan}",
        families={
            name: Family.NOTHING if name in nothing else _family(type_name)
            for name, type_name in types.items()
        },
        type_names=types,
        rows=file.metadata.num_rows,
    )


def _family(type_name: str) -> Family:
    """Return the kind of values that a DuckDB type holds."""
    if type_name.endswith("]"):
        return Family.OTHER
    base = type_name.split("(", maxsplit=1)[0]
    if base in ("VARCHAR", "UUID", "ENUM", "JSON"):
        return Family.TEXT
    if base.endswith("INT") or base in {"INTEGER", "UINTEGER"}:
        return Family.INTEGER
    return {
        "FLOAT": Family.FLOAT,
        "DOUBLE": Family.FLOAT,
        "DECIMAL": Family.DECIMAL,
        "BOOLEAN": Family.BOOLEAN,
        "DATE": Family.DATE,
        "TIMESTAMP_NS": Family.TIMESTAMP_NS,
        '"NULL"': Family.NOTHING,
    }.get(base, Family.TIMESTAMP if base.startswith("TIMESTAMP") else Family.OTHER)
