"""Text files as strictly decoded lines of bounded length."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from acrm.errors import InputError
from acrm.loading.formats import FileKind

MAX_RECORD_CHARACTERS = 16 * 1024 * 1024
_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TextInput:
    """One open text file.

    Parameters
    ----------
    stream : io.TextIOWrapper
        The decoded text, line ends kept as they are.
    encoding : str
        In which it is decoded.
    raw : file object
        The file itself, whose position tells how far the reading is.
    """

    def __init__(self, stream: IO[str], encoding: str, raw: IO[bytes]) -> None:
        self.stream = stream
        self.encoding = encoding
        self._raw = raw

    @property
    def bytes_done(self) -> int:
        """How much of the file, as it lies on disk, has been read."""
        return self._raw.tell()

    def line(self) -> str:
        """Return the next line with its end; an empty text at the end of the file.

        A line longer than ``MAX_RECORD_CHARACTERS`` is returned cut to one
        character more than that, and the rest of it is passed over.
        """
        line = self.stream.readline(MAX_RECORD_CHARACTERS + 1)
        if len(line) > MAX_RECORD_CHARACTERS and line[-1] not in "\r\n":
            rest = line
            while rest and rest[-1] not in "\r\n":
                rest = self.stream.readline(_CHUNK)
        return line


@contextmanager
def open_text(path: Path, kind: FileKind, encoding: str) -> Iterator[TextInput]:
    """Open a text file, unpacked and decoded; a byte order mark overrules.

    Raises
    ------
    InputError
        If the file cannot be opened, is packed in a broken way, or holds bytes
        that are no text in its encoding.
    """
    try:
        with path.open("rb") as raw:
            buffered = io.BufferedReader(unpacked(raw, kind.compression), _CHUNK)
            start = buffered.peek(4)[:4]
            used = next(
                (name for bom, name in _BOMS if start.startswith(bom)), encoding
            )
            with io.TextIOWrapper(buffered, encoding=used, newline="") as stream:
                yield TextInput(stream, used, raw)
    except UnicodeDecodeError as error:
        raise _not_text(path, kind, used, error) from error
    except (EOFError, gzip.BadGzipFile, zlib.error, _BrokenPacking) as error:
        raise InputError(
            f"The file is not whole {kind.compression}: {error}.",
            where=str(path),
            hint="It was cut short or damaged on the way; deliver it again.",
        ) from error


def unpacked(raw: IO[bytes], compression: str) -> io.RawIOBase:
    """Return a file's bytes as they were before it was packed."""
    return _Unpacked(raw, compression)


class _BrokenPacking(Exception):  # noqa: N818 -- never leaves this module
    """A packed stream that cannot be unpacked."""


class _Unpacked(io.RawIOBase):
    """The bytes of a file after unpacking, as a raw stream."""

    def __init__(self, raw: IO[bytes], compression: str) -> None:
        self._source: IO[bytes]
        self._is_arrow = compression == "zstd"
        if compression == "gzip":
            self._source = cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        elif compression == "zstd":
            # a Python file, so that its position shows how far reading is
            source = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
            self._source = cast("IO[bytes]", source)
        else:
            self._source = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            data = self._source.read(len(view))
        except OSError as error:
            if self._is_arrow:
                raise _BrokenPacking(str(error)) from error
            raise
        view[: len(data)] = data
        return len(data)


def _not_text(
    path: Path, kind: FileKind, encoding: str, error: UnicodeDecodeError
) -> InputError:
    """Find where the first byte stands that is no text, and say so."""
    offset, line, value = 0, 1, error.object[error.start]
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as raw:
        buffered = io.BufferedReader(unpacked(raw, kind.compression), _CHUNK)
        while chunk := buffered.read(_CHUNK):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as found:
                at = found.start - pending
                line += chunk[: max(at, 0)].count(b"\n")
                offset += at
                value = found.object[found.start]
                break
            line += chunk.count(b"\n")
            offset += len(chunk)
    return InputError(
        f"The file is not {encoding} text: byte 0x{value:02X} at offset {offset:,}.",
        where=f"{path}, line {line:,}",
        hint="If it was written in another encoding, put that into the table's "
        "contract, for example `csv: {encoding: latin-1}` or windows-1252; "
        "otherwise have it delivered again in UTF-8.",
    )
