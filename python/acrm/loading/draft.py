"""A first draft of a pack's contracts, from sample extracts.

What a sample shows is a guess at what a system promises: every guess is told as one in
the file, for its author to confirm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from acrm.errors import InputError
from acrm.loading import sql_text
from acrm.loading.engine import count_of, rows_of
from acrm.loading.formats import READABLE, FileKind, Format, kind_of
from acrm.loading.postgres_url import looks_like_url
from acrm.loading.text_input import open_text

if TYPE_CHECKING:
    from acrm.project import Project

FORMATS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"),
    *("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S"),
)
ISO_DATE = r"\d{4}-\d{2}-\d{2}"
ISO_MOMENT = ISO_DATE + r"[ T]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?"
# Tried in this order. A number with a zero in front, such as 00123, is a code.
TEXT_TYPES = (
    ("bigint", r"[+-]?(0|[1-9]\d{0,17})(\.0+)?"),
    ("date", ISO_DATE),
    ("timestamp", ISO_MOMENT),
    ("boolean", "true|false"),
)
NUMBER = r"[+-]?(0|[1-9]\d{0,11})(\.\d+)?"
SCALES = (2, 3, 4, 6)
KEY_COLUMNS = 6
_SYSTEM = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class ColumnDraft:
    """What a sample shows of a column."""

    name: str
    data_type: str
    required: bool
    format: str = ""
    also: str = ""


@dataclass(frozen=True)
class TableDraft:
    """What a sample shows of a table."""

    name: str
    source_file: str
    rows: int
    columns: list[ColumnDraft] = field(default_factory=list)
    key: tuple[str, ...] = ()
    csv: dict[str, str] = field(default_factory=dict)


def draft_pack(project: Project, folder: Path, system: str) -> tuple[Path, str]:
    """Return the path and the text of a new pack's sources file; write nothing.

    Parameters
    ----------
    project : Project
        Whose packs to add to.
    folder : Path
        Sample extracts: a file a table, in any format that loading reads.
    system : str
        Name of the new pack: lower-case letters, digits and underscores.

    Raises
    ------
    InputError
        If the name cannot be one, the pack exists, or a sample cannot be read.
    """
    if looks_like_url(folder):
        raise InputError(
            "A draft is made from sample files, not from a database.",
            hint="Write some rows of each table to a file each, and draft from those.",
        )
    if not _SYSTEM.fullmatch(system):
        raise InputError(
            f"'{system}' cannot be the name of a pack.",
            hint="Use lower-case letters, digits and underscores, a letter first.",
        )
    path = project.packs / system / f"_{system}__sources.yml"
    if path.exists():
        raise InputError(
            f"The pack '{system}' has its contracts already.",
            where=str(path),
            hint="Change them there, or draft under another name.",
        )
    if not folder.exists():
        raise InputError("There is no such file or folder.", where=str(folder))
    files = [folder] if folder.is_file() else sorted(folder.iterdir())
    samples = [
        (each, kind)
        for each in files
        if each.is_file() and (kind := kind_of(each.name)) is not None
    ]
    if not samples:
        raise InputError(
            "There is no sample that can be read.",
            where=str(folder),
            hint=f"Put a file a table there: {READABLE}.",
        )
    with duckdb.connect() as connection:
        tables = [_draft(connection, each, kind) for each, kind in samples]
    return path, _yaml(system, tables)


def _draft(
    connection: duckdb.DuckDBPyConnection, path: Path, kind: FileKind
) -> TableDraft:
    scan, csv = _scan(connection, path, kind)
    try:
        connection.execute(f"create or replace temp view sample as from {scan}")
        types = {
            str(row[0]): str(row[1])
            for row in connection.execute("describe sample").fetchall()
        }
        rows = count_of(connection, "select count(*) from sample")
        columns = [
            _column(connection, name, type_name, rows)
            for name, type_name in types.items()
        ]
        key = _key(connection, [each.name for each in columns if each.required], rows)
    except duckdb.Error as error:
        raise InputError(
            f"The sample cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            hint="Mend the file, or leave it out and write its table by hand.",
        ) from error
    table = re.sub(r"\W+", "_", path.name.split(".")[0].lower()).strip("_")
    return TableDraft(table, path.name, rows, columns, key, csv)


def _scan(
    connection: duckdb.DuckDBPyConnection, path: Path, kind: FileKind
) -> tuple[str, dict[str, str]]:
    """Return how to read a sample, and what its contract must say of its text."""
    file = sql_text.file_to_read(path)
    if kind.format is Format.PARQUET:
        return f"read_parquet({file})", {}
    if kind.format is Format.JSON_LINES:
        return f"read_json({file}, format='newline_delimited', sample_size=-1)", {}
    csv = {}
    if not _is_utf8(path, kind):
        csv["encoding"] = "latin-1"
    options = f"encoding='{csv.get('encoding', 'utf-8')}'"
    try:
        ((delimiter,),) = connection.execute(
            f"select Delimiter from sniff_csv({file}, {options})"
        ).fetchall()
    except duckdb.Error as error:
        raise InputError(
            "The sample is no text with columns.",
            where=str(path),
            hint="Mend the file, or leave it out and write its table by hand.",
        ) from error
    if delimiter != kind.delimiter:
        csv["delimiter"] = delimiter
    return (
        f"read_csv({file}, {options}, header=true, all_varchar=true, "
        f"delim={sql_text.literal(delimiter)})",
        csv,
    )


def _is_utf8(path: Path, kind: FileKind) -> bool:
    try:
        with open_text(path, kind, "utf-8") as text:
            while text.stream.read(1 << 20):
                continue
    except InputError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):
            return False
        raise
    return True


def _column(
    connection: duckdb.DuckDBPyConnection, name: str, type_name: str, rows: int
) -> ColumnDraft:
    value = f"nullif(trim({sql_text.name(name)}::varchar), '')"
    filled = count_of(connection, f"select count({value}) from sample")
    required = rows > 0 and filled == rows

    def hold(test: str) -> bool:
        """Whether the test holds for every value that is there, and there is one."""
        broken = f"{value} is not null and not coalesce({test}, false)"
        return filled > 0 and not count_of(
            connection, f"select count(*) from sample where {broken}"
        )

    if type_name == "VARCHAR":
        for kind, pattern in TEXT_TYPES:
            if hold(f"regexp_full_match({value}, '{pattern}')"):
                return ColumnDraft(name, kind, required)
        fits = [
            each
            for each in FORMATS
            if hold(f"try_strptime({value}, '{each}') is not null")
        ]
        if fits:
            kind = "timestamp" if "%H" in fits[0] else "date"
            return ColumnDraft(name, kind, required, fits[0], " or ".join(fits[1:]))
    if type_name in ("VARCHAR", "DOUBLE", "FLOAT"):
        for scale in SCALES:
            number = f"try_cast({value} as double)"
            if (
                type_name != "VARCHAR"
                or hold(f"regexp_full_match({value}, '{NUMBER}')")
            ) and hold(f"abs({number} - round({number}, {scale})) < 1e-9"):
                return ColumnDraft(name, f"decimal(18,{scale})", required)
    return ColumnDraft(name, _contract_type(type_name), required)


def _contract_type(type_name: str) -> str:
    """Return the contract's word for a type of DuckDB."""
    if type_name.startswith("DECIMAL"):
        return type_name.lower().replace(" ", "")
    if type_name.startswith("TIMESTAMP"):
        return "timestamp"
    if "INT" in type_name and "INTERVAL" not in type_name:
        return "bigint"
    known = {"DOUBLE": "double", "FLOAT": "double", "BOOLEAN": "boolean"}
    return {**known, "DATE": "date"}.get(type_name, "varchar")


def _key(
    connection: duckdb.DuckDBPyConnection, columns: list[str], rows: int
) -> tuple[str, ...]:
    """Return the fewest of the first columns that tell all rows apart, if any do."""
    if rows <= 1:
        return ()
    for size in (1, 2, 3):
        for names in combinations(columns[:KEY_COLUMNS], size):
            listed = ", ".join(map(sql_text.name, names))
            distinct = rows_of(
                connection,
                f"select count(*) from (select distinct {listed} from sample)",
            )
            if distinct == [(rows,)]:
                return names
    return ()


def _yaml(system: str, tables: list[TableDraft]) -> str:
    lines = [
        "version: 2",
        "",
        f"# Drafted from sample files: what they show, not what {system} promises.",
        "# Check each type, key and `required`, and say in words what things are.",
        "sources:",
        f"  - name: {system}",
        "    description: Say what system this is, and how its extracts are made.",
        f"    schema: raw_{system}",
        "    loader: acrm",
        "    config:",
        "      loaded_at_field: _loaded_at",
        "      freshness: {warn_after: {count: 36, period: hour}}",
        "    tables:",
    ]
    for table in tables:
        lines += _table_yaml(table)
    return "\n".join(lines) + "\n"


def _table_yaml(table: TableDraft) -> list[str]:
    lines = [
        f"      - name: {table.name}",
        f"        # drafted from {table.source_file}, {table.rows:,} rows",
        "        description: Say what one row is.",
    ]
    moments = [each.name for each in table.columns if each.data_type == "timestamp"]
    meta = []
    if table.key:
        meta.append(f"key: [{', '.join(map(_text, table.key))}]  # told all rows apart")
    else:
        meta.append("# no key: no three of the first columns tell all rows apart")
    if moments:
        meta.append(f"event_time: {_text(moments[0])}  # the first timestamp")
    if table.csv:
        options = ", ".join(
            f"{key}: {_text(value)}" for key, value in table.csv.items()
        )
        meta.append(f"csv: {{{options}}}")
    if any(not each.startswith("#") for each in meta):
        lines += ["        config:", "          meta:"]
        lines += [f"            {each}" for each in meta]
    else:
        lines += [f"        {each}" for each in meta]
    lines.append("        columns:")
    for column in table.columns:
        lines.append(f"          - name: {_text(column.name)}")
        lines.append(f"            data_type: {column.data_type}")
        rules = ["required: true"] if column.required else []
        if column.format:
            rules.append(f"format: {_text(column.format)}")
        if rules:
            also = f"  # or {column.also}" if column.also else ""
            lines.append(f"            config: {{meta: {{{', '.join(rules)}}}}}{also}")
    return lines


def _text(value: str) -> str:
    """Return a text as YAML: plain where it is a word, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) and value.lower() not in {
        *("true", "false", "yes", "no", "on", "off", "null", "y", "n"),
    }:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'
