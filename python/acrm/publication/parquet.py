"""Parquet copies of the published tables, written anew only where rows changed.

A file whose rows are those of the version before is that version's file under a second
name. Incremental models note the months that they change, and all files together must
have as many rows as the table. Where nothing is noted, rows are the same if their
number, columns and the sum of their hashes are: a sum, since repeated rows would cancel
each other in an exclusive or.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrm.errors import InputError, RunError
from acrm.publication.build_file import rows_of
from acrm.publication.versions import ParquetFile, TableEntry, Version
from acrm.sql import identifier, literal, parquet_column

if TYPE_CHECKING:
    import duckdb

SETTING = "published_parquet"

# Above these a fact has a file a month, or a day, so that a night writes what it
# touched in seconds, however long the history.
ROWS_IN_ONE_FILE = 5_000_000
ROWS_IN_MONTHS = 50_000_000

_WHOLE = "part-0"
_NO_DATE = "no-date"

TableListener = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Part:
    """What one file of a table holds; ``condition`` says which rows."""

    name: str
    condition: str
    rows: int
    content: str


def tables_with_copies(setting: Any, names: Collection[str]) -> frozenset[str]:
    """Return the tables that get a Parquet copy.

    Parameters
    ----------
    setting : object
        ``all``, ``none`` or a list of tables, from dbt_project.yml.
    names : collection of str
        All tables that the project publishes.

    Raises
    ------
    InputError
        If the setting is something else, or names what is no table.
    """
    if setting == "all":
        return frozenset(names)
    if setting == "none":
        return frozenset()
    if not isinstance(setting, list) or not all(
        isinstance(name, str) for name in setting
    ):
        raise InputError(
            f"The variable {SETTING} cannot be used: {setting!r}.",
            where="vars in dbt_project.yml, or --vars",
            hint="Say all, none, or a list of tables.",
        )
    unknown = sorted(set(setting) - set(names))
    if unknown:
        raise InputError(
            f"The variable {SETTING} names what is no table: {', '.join(unknown)}.",
            where="vars in dbt_project.yml, or --vars",
            hint=f"The tables are: {', '.join(sorted(names))}.",
        )
    return frozenset(setting)


def write_copies(
    connection: duckdb.DuckDBPyConnection,
    names: Collection[str],
    copied: Collection[str],
    folder: Path,
    before: Version | None,
    listener: TableListener | None = None,
    changed: Mapping[str, Collection[date]] | None = None,
) -> tuple[TableEntry, ...]:
    """Write or share the Parquet files of a version, and count its tables.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The build file, its views made tables.
    names : collection of str
        The tables to publish.
    copied : collection of str
        Those of them that get a copy.
    folder : Path
        Gets ``parquet/<table>/*.parquet``.
    before : Version or None
        A version whose files can be shared: made by the same DuckDB, since another
        may hash differently.
    listener : callable, optional
        Told of each table: what was done, done, total.
    changed : mapping of str to collection of date, optional
        Of a table whose model noted what it changed since that version, the days with
        other rows; the rows of any other are compared.

    Returns
    -------
    tuple of TableEntry
        By name.

    Raises
    ------
    RunError
        If a file does not have the rows of its table.
    """
    shared = {table.name: table for table in before.tables} if before else {}
    entries = []
    done = 0
    for name in names:
        if name not in copied:
            entries.append(TableEntry(name, rows_of(connection, identifier(name)), 0))
            continue
        known = (
            {each.name: each for each in shared[name].files} if name in shared else {}
        )
        target = folder / "parquet" / name
        target.mkdir(parents=True)
        files = []
        linked = 0
        parts = _continued_parts(connection, name, known, (changed or {}).get(name))
        for part in parts or _parts(connection, name):
            source = before.folder / "parquet" / name / part.name if before else None
            path = target / part.name
            if source and _holds(known.get(part.name), part, source):
                linked += _share(source, path)
            if not path.exists():
                _write(connection, name, part, path)
            _require_rows(connection, name, part, path)
            size = path.stat().st_size
            files.append(ParquetFile(part.name, part.rows, size, part.content))
        entries.append(
            TableEntry(
                name,
                sum(each.rows for each in files),
                sum(each.bytes for each in files),
                tuple(files),
            )
        )
        done += 1
        if listener is not None:
            how = "kept" if linked == len(files) else "copied"
            listener(f"{how} {name}", done, len(copied))
    return tuple(entries)


def _continued_parts(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    known: Mapping[str, ParquetFile],
    changed: Collection[date] | None,
) -> list[_Part]:
    """Say which files a table has from those of the version before and what changed.

    Empty if that cannot be told: the table was rebuilt, is cut into files anew, or its
    rows are not as many as they would have to be.
    """
    period = _period(connection, name)
    if changed is None or not known or (changed and not period):
        return []
    parts_known = {_part_of(file) for file in known} - {_NO_DATE}
    if any(len(part) != _LENGTHS[period] for part in parts_known):
        return []
    new = {day.isoformat()[: _LENGTHS[period]] for day in changed}
    parts = [
        _Part(file, _condition(_part_of(file)), was.rows, was.content)
        for file, was in known.items()
        if _part_of(file) not in new
    ]
    if new:
        parts += _parts(connection, name, " or ".join(map(_condition, sorted(new))))
    rows = rows_of(connection, identifier(name))
    if sum(part.rows for part in parts) != rows:
        return []
    return sorted(parts, key=lambda part: part.name)


# By the length of its name it is told what a part holds.
_LENGTHS = {"": len(_WHOLE), "month": len("2025-12"), "day": len("2025-12-31")}


def _period(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return what a file of the table holds: a month, a day, or all (empty)."""
    table = identifier(name)
    columns = connection.execute(f"describe {table}").fetchall()
    kinds = {column: kind for column, kind, *_ in columns}
    rows = rows_of(connection, table)
    if kinds.get("date_key") != "DATE" or rows <= ROWS_IN_ONE_FILE:
        return ""
    return "month" if rows <= ROWS_IN_MONTHS else "day"


def _part_of(file: str) -> str:
    return file.removesuffix(".parquet")


def _condition(part: str) -> str:
    """Return SQL that says which rows are in a part, by its name."""
    if part == _WHOLE:
        return "true"
    if part == _NO_DATE:
        return "date_key is null"
    if len(part) == _LENGTHS["day"]:
        return f"date_key = date '{part}'"
    return f"date_key between date '{part}-01' and last_day(date '{part}-01')"


def _parts(
    connection: duckdb.DuckDBPyConnection, name: str, condition: str = "true"
) -> list[_Part]:
    """Say which files a table has, and what proves that one holds the same rows."""
    table = identifier(name)
    columns = connection.execute(f"describe {table}").fetchall()
    shape = repr([(column, kind) for column, kind, *_ in columns])
    period = _period(connection, name)
    part_name = (
        f"coalesce(left(date_key::varchar, {_LENGTHS[period]}), '{_NO_DATE}')"
        if period
        else f"'{_WHOLE}'"
    )
    found = connection.execute(
        f"""
        select {part_name} as part, count(*), sum(hash(counted))
        from {table} as counted
        where {condition}
        group by all
        order by all
        """
    ).fetchall()
    if not found and not period:
        found = [(_WHOLE, 0, 0)]
    parts = []
    for part, rows, sum_of_hashes in found:
        proof = f"{rows} {sum_of_hashes} {shape}"
        content = hashlib.sha256(proof.encode()).hexdigest()
        parts.append(_Part(f"{part}.parquet", _condition(part), rows, content))
    return parts


def _holds(file: ParquetFile | None, part: _Part, path: Path) -> bool:
    return (
        file is not None
        and file.content == part.content
        and path.is_file()
        and path.stat().st_size == file.bytes
    )


def _share(source: Path, path: Path) -> bool:
    """Give a file a second name; not every file system can, nor often without end."""
    with suppress(OSError):
        os.link(source, path)
        return True
    return False


def _write(
    connection: duckdb.DuckDBPyConnection, name: str, part: _Part, path: Path
) -> None:
    table = identifier(name)
    columns = connection.execute(f"describe {table}").fetchall()
    wanted = ", ".join(parquet_column(column, kind) for column, kind, *_ in columns)
    connection.execute(
        f"copy (select {wanted} from {table} where {part.condition})"
        f" to {literal(str(path))} (format parquet, compression zstd)"
    )


def _require_rows(
    connection: duckdb.DuckDBPyConnection, name: str, part: _Part, path: Path
) -> None:
    ((rows,),) = connection.execute(
        "select count(*) from read_parquet(?)", [str(path)]
    ).fetchall()
    if rows != part.rows:
        raise RunError(
            f"The copy of {name} does not have the rows of the build.",
            where=f"{path.name}: build {part.rows}, Parquet copy {rows}",
            hint="Please report this.",
        )
