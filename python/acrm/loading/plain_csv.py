"""The fast way for text files without surprises: DuckDB's own CSV reader.

DuckDB reads text several times as fast as :mod:`acrm.loading.csv_input`, but it does
not agree with RFC 4180 everywhere, and it stops at the first row that it dislikes. So
a file is taken this way only when a scan of its bytes, made apart, finds nothing that
the two could read differently; and when DuckDB then complains, or counts another
number of rows, the file is read again the careful way.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from pathlib import Path

from acrm.loading import sql_text
from acrm.loading.contracts import CsvDialect
from acrm.loading.formats import FileKind
from acrm.loading.staged import ROW_NUMBER
from acrm.loading.text_input import unpacked

_CHUNK = 1 << 20
_MAX_LINE = 2 * 1024 * 1024  # DuckDB's own limit by default
_UTF8_NAMES = ("utf-8", "ascii")
# Stands for no value in DuckDB, which then leaves empty fields as they are: a text
# file that passed the scan holds no such character.
_NEVER = "\0"


@dataclass(frozen=True)
class PlainCsv:
    """A text file that DuckDB reads like the careful reader.

    Parameters
    ----------
    rows : int
        Records below the header, by the scan.
    breaks_in_quotes : bool
        Whether a quoted field holds a line end.
    """

    rows: int
    breaks_in_quotes: bool


def scan_plain(
    path: Path, kind: FileKind, dialect: CsvDialect, width: int
) -> PlainCsv | None:
    """Count the records of a text file, or return None where it is not plain.

    Parameters
    ----------
    path, kind, dialect
        The file, what its name says, and what its contract says.
    width : int
        Number of columns in its header.
    """
    delimiter = (dialect.delimiter or kind.delimiter).encode()
    quote = dialect.quote.encode()
    is_utf8 = codecs.lookup(dialect.encoding).name in _UTF8_NAMES
    if not is_utf8 or len(delimiter) != 1 or len(quote) != 1 or delimiter == b" ":
        return None
    scan = _Scan(delimiter, quote)
    with path.open("rb") as raw:
        stream = io.BufferedReader(unpacked(raw, kind.compression), _CHUNK)
        while chunk := stream.read(_CHUNK) + stream.readline(_MAX_LINE):
            if not scan.take(chunk):
                return None
    records = scan.records
    if scan.in_quotes or records < 1 or scan.delimiters != records * (width - 1):
        return None
    return PlainCsv(records - 1, scan.breaks_in_quotes)


class _Scan:
    """Counts over the chunks of a file; each but the last ends with a line."""

    def __init__(self, delimiter: bytes, quote: bytes) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._is_ended = True
        self._line_ends = 0
        self.delimiters = 0
        self.in_quotes = False
        self.breaks_in_quotes = False

    @property
    def records(self) -> int:
        """Line ends outside quotes, and a last line without one."""
        return self._line_ends + (not self._is_ended)

    def take(self, chunk: bytes) -> bool:
        """Count a chunk; return whether it is plain."""
        quote = self._quote
        if (
            b"\0" in chunk
            or chunk.count(b"\r") != chunk.count(b"\r\n")
            or b" " + quote in chunk
            or quote + b" " in chunk
            or (not self._is_ended)
        ):
            return False
        self._is_ended = chunk.endswith(b"\n")
        parts = chunk.split(quote)
        outside = parts[self.in_quotes :: 2]
        self._line_ends += sum(part.count(b"\n") for part in outside)
        self.delimiters += sum(part.count(self._delimiter) for part in outside)
        inside = parts[not self.in_quotes :: 2]
        self.breaks_in_quotes |= any(b"\n" in part for part in inside)
        self.in_quotes ^= len(parts) % 2 == 0
        return True


def plain_csv_sql(
    path: Path,
    kind: FileKind,
    dialect: CsvDialect,
    columns: list[str],
    plain: PlainCsv,
) -> str:
    """Return a select of ``_row_number`` and the columns, all of them text."""
    types = ", ".join(f"{sql_text.literal(name)}: 'varchar'" for name in columns)
    options = {
        "columns": f"{{{types}}}",
        "delim": sql_text.literal(dialect.delimiter or kind.delimiter),
        "quote": sql_text.literal(dialect.quote),
        "escape": sql_text.literal(dialect.quote),
        "compression": sql_text.literal(kind.compression or "none"),
        "nullstr": f"chr({ord(_NEVER)})",
        "parallel": "false" if plain.breaks_in_quotes else "true",
        "auto_detect": "false",
        "header": "true",
        "strict_mode": "true",
        "hive_partitioning": "false",
    }
    given = ", ".join(f"{name}={value}" for name, value in options.items())
    return (
        f"select row_number() over () as {ROW_NUMBER}, * "
        f"from read_csv({sql_text.file_to_read(path)}, {given})"
    )
