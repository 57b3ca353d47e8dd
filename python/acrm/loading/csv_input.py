"""Delimited text, read record by record; a record that breaks costs one row only.

Records follow RFC 4180: quotes double inside quotes, and a quoted field may hold
line ends. Where a record cannot be read, its first line is set apart as malformed
and reading goes on with the next line, so a stray quote does not swallow the rows
after it.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from acrm.errors import InputError
from acrm.loading.contracts import CsvDialect
from acrm.loading.formats import FileKind
from acrm.loading.staged import StagedFile
from acrm.loading.text_input import MAX_RECORD_CHARACTERS, TextInput, open_text
from acrm.words import counted

# Reading again what a stray quote swallowed must not become quadratic.
MAX_REREAD_CHARACTERS = 512 * 1024 * 1024
_LIMIT_MIB = MAX_RECORD_CHARACTERS // (1024 * 1024)
_PROGRESS_ROWS = 20_000


class _TooLongError(Exception):
    """A record of more than ``MAX_RECORD_CHARACTERS``."""


@dataclass
class _Malformed:
    reason: str
    line: str


class CsvRecords:
    """The records of one text file.

    Parameters
    ----------
    text : TextInput
        The open file.
    kind : FileKind
        What the file's name says.
    dialect : CsvDialect
        What the contract says.
    """

    def __init__(self, text: TextInput, kind: FileKind, dialect: CsvDialect) -> None:
        csv.field_size_limit(MAX_RECORD_CHARACTERS)
        self._text = text
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._reread = 0
        self.characters = 0
        delimiter = dialect.delimiter or kind.delimiter
        if dialect.quote:
            self._reader = csv.reader(
                self, delimiter=delimiter, quotechar=dialect.quote, strict=True
            )
        else:
            self._reader = csv.reader(
                self, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True
            )

    def __iter__(self) -> CsvRecords:
        """Return the lines that the parser reads."""
        return self

    def __next__(self) -> str:
        """Return the parser's next line.

        After the end this goes on when there are lines to be read again, which an
        iterator made by ``iter`` would not.
        """
        line = self._again.popleft() if self._again else self._text.line()
        if not line:
            raise StopIteration
        self._record.append(line)
        self.characters += len(line)
        if self.characters > MAX_RECORD_CHARACTERS:
            raise _TooLongError
        return line

    def header(self) -> list[str]:
        """Return the names in the first line that is not blank."""
        found = self._next()
        while found == []:
            found = self._next()
        if found is None:
            return []
        if isinstance(found, _Malformed):
            raise InputError(
                f"The header cannot be read: {found.reason}.",
                hint="The first line has to name the columns.",
            )
        return [name.strip() for name in found]

    def rows(self, width: int) -> Iterator[list[str] | _Malformed]:
        """Yield each row of ``width`` fields, and each that is not.

        Blank lines are no rows, except where a row is a single field.
        """
        while (found := self._next(width)) is not None:
            if found:
                yield found
            elif width == 1:
                yield [""]

    def _next(self, width: int | None = None) -> list[str] | _Malformed | None:
        self._record.clear()
        self.characters = 0
        try:
            row = next(self._reader, None)
        except csv.Error as error:
            return self._broken(_plain(error))
        except _TooLongError:
            return self._broken(f"is longer than {_LIMIT_MIB} MiB")
        if row is None or not row or width is None or len(row) == width:
            return row
        fields = counted(len(row), "field")
        return self._broken(f"has {fields} where the header has {width}")

    def _broken(self, reason: str) -> _Malformed:
        first, *rest = self._record
        self._again.extendleft(reversed(rest))
        self._reread += sum(map(len, rest))
        if self._reread > MAX_REREAD_CHARACTERS:
            raise InputError(
                "Too many rows open a quote that does not end.",
                hint='Quotes inside a field have to be doubled (""); where quotes '
                'mean nothing, put `csv: {quote: ""}` into the contract.',
            )
        return _Malformed(reason, first.rstrip("\r\n"))


def _plain(error: csv.Error) -> str:
    """Return the parser's complaint in words that say what to look for."""
    text = str(error)
    if "unexpected end of data" in text:
        return "opens a quote that does not end"
    if "expected after" in text:
        return "goes on after a closing quote"
    if "field larger" in text:
        return f"is longer than {_LIMIT_MIB} MiB"
    return text


def csv_header(path: Path, kind: FileKind, dialect: CsvDialect) -> list[str]:
    """Return the column names of a text file; empty when the file is."""
    with open_text(path, kind, dialect.encoding) as text:
        return CsvRecords(text, kind, dialect).header()


def stage_csv(
    path: Path,
    kind: FileKind,
    dialect: CsvDialect,
    target: Path,
    advance: Callable[[int], None],
) -> int:
    """Park a text file's rows as Parquet; return how many there are.

    Parameters
    ----------
    path : Path
        The delivered file.
    kind : FileKind
        What its name says.
    dialect : CsvDialect
        What the contract says.
    target : Path
        The Parquet file to write.
    advance : callable
        Told, from time to time, how many bytes have been read.
    """
    with open_text(path, kind, dialect.encoding) as text:
        records = CsvRecords(text, kind, dialect)
        header = records.header()
        with StagedFile(target, header) as staged:
            for row in records.rows(len(header)):
                if isinstance(row, _Malformed):
                    line = json.dumps({"_line": row.line}, ensure_ascii=False)
                    staged.add_malformed("malformed_row", row.reason, line)
                else:
                    staged.add(row, records.characters)
                if staged.rows % _PROGRESS_ROWS == 0:
                    advance(text.bytes_done)
    return staged.rows
