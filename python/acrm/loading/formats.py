"""Which files can be read, told by the ending of their names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath


class Format(Enum):
    """How a file's rows are written."""

    CSV = "CSV"
    PARQUET = "Parquet"
    JSON_LINES = "JSON lines"


@dataclass(frozen=True)
class FileKind:
    """What the ending of a file's name says.

    Parameters
    ----------
    format : Format
        How rows are written.
    compression : {"", "gzip", "zstd"}
        How the whole file is packed.
    delimiter : str
        The usual delimiter of such a file, where it is text with columns.
    """

    format: Format
    compression: str = ""
    delimiter: str = ","


_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_FORMATS = {
    ".csv": FileKind(Format.CSV),
    ".txt": FileKind(Format.CSV),
    ".tsv": FileKind(Format.CSV, delimiter="\t"),
    ".parquet": FileKind(Format.PARQUET),
    ".pq": FileKind(Format.PARQUET),
    ".jsonl": FileKind(Format.JSON_LINES),
    ".ndjson": FileKind(Format.JSON_LINES),
    ".json": FileKind(Format.JSON_LINES),
}
READABLE = ".csv .tsv .txt .jsonl .ndjson .json (each also .gz or .zst), .parquet .pq"

# Endings of data that this loader does not read: passing such a file over in
# silence would lose rows.
_UNREADABLE = frozenset(
    {".7z", ".accdb", ".arrow", ".avro", ".bz2", ".db", ".dbf", ".dta", ".duckdb"}
    | {".feather", ".ipc", ".mdb", ".ods", ".orc", ".rar", ".sas7bdat", ".sav"}
    | {".sqlite", ".tar", ".tgz", ".xls", ".xlsb", ".xlsm", ".xlsx", ".xml", ".xz"}
    | {".zip"}
)


def kind_of(name: str) -> FileKind | None:
    """Return how to read a file of this name, or None when that is not known."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes[-2:]]
    compression = _COMPRESSIONS.get(suffixes[-1], "") if suffixes else ""
    if compression:
        suffixes.pop()
    kind = _FORMATS.get(suffixes[-1]) if suffixes else None
    if kind is None or (compression and kind.format is Format.PARQUET):
        return None
    return FileKind(kind.format, compression, kind.delimiter)


def is_unreadable_data(name: str) -> bool:
    """Whether the name promises data in a format that is not read."""
    path = PurePath(name)
    packed = path.suffix.lower() in _COMPRESSIONS
    return path.suffix.lower() in _UNREADABLE or (packed and kind_of(name) is None)


def may_be_prose(name: str) -> bool:
    """Whether the file may be no data at all though its ending is readable."""
    return PurePath(name).suffix.lower() == ".txt"
