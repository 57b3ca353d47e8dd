"""JSON lines: one object a line, values kept as the text they were written in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acrm.errors import InputError
from acrm.loading.formats import FileKind
from acrm.loading.staged import StagedFile
from acrm.loading.text_input import MAX_RECORD_CHARACTERS, open_text
from acrm.loading.wording import clipped

_PROGRESS_ROWS = 20_000


class _BadLine(ValueError):  # noqa: N818 -- never leaves this module
    """A line that is no object of plain values."""

    def __init__(
        self, reason: str, code: str = "malformed_row", column: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.column = column


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _BadLine("names a column twice")
    return found


def _constant(name: str) -> str:
    raise _BadLine(f"holds {name}, which is no JSON value")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=str,
    parse_int=str,
    parse_constant=_constant,
)


def _parsed(line: str) -> dict[str, Any]:
    if len(line) > MAX_RECORD_CHARACTERS:
        limit = MAX_RECORD_CHARACTERS // (1024 * 1024)
        raise _BadLine(f"is longer than {limit} MiB")
    try:
        found = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        raise _BadLine(
            f"is no JSON: {error.msg} at character {error.pos + 1}"
        ) from None
    except RecursionError:
        raise _BadLine("is nested too deeply") from None
    if not isinstance(found, dict):
        raise _BadLine("is no JSON object")
    return found


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        if value is not None and not value.isprintable():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _BadLine("holds half a surrogate pair") from None
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "an object" if isinstance(value, dict) else "a list"
    raise _BadLine(f"{name}: holds {kind}", "wrong_type", name)


def json_columns(path: Path, kind: FileKind, first_only: bool = False) -> list[str]:
    """Return all names used in a JSON-lines file, in order of appearance.

    Parameters
    ----------
    path : Path
        The delivered file.
    kind : FileKind
        What its name says.
    first_only : bool, default False
        Look at the first line only.
    """
    names: dict[str, None] = {}
    with open_text(path, kind, "utf-8") as text:
        while line := text.line():
            if not line.strip():
                continue
            if not names:
                _refuse_array(path, line)
            try:
                names.update(dict.fromkeys(_parsed(line)))
            except _BadLine:
                continue
            if first_only:
                break
    return list(names)


def _refuse_array(path: Path, line: str) -> None:
    if line.lstrip().startswith("["):
        raise InputError(
            "The file is a JSON array, not one object a line.",
            where=str(path),
            hint='Deliver JSON lines: {"a": 1} on one line, the next row on the next.',
        )


def stage_json(
    path: Path,
    kind: FileKind,
    columns: list[str],
    target: Path,
    advance: Callable[[int], None],
) -> int:
    """Park the rows of a JSON-lines file as Parquet; return how many there are.

    A name that a line leaves out is no value in that row. Blank lines are no rows.
    """
    with (
        open_text(path, kind, "utf-8") as text,
        StagedFile(target, columns) as staged,
    ):
        while line := text.line():
            if line.strip():
                _stage_line(line, columns, staged)
                if staged.rows % _PROGRESS_ROWS == 0:
                    advance(text.bytes_done)
    return staged.rows


def _stage_line(line: str, columns: list[str], staged: StagedFile) -> None:
    try:
        found = _parsed(line)
        row = [_text(name, found.get(name)) for name in columns]
    except _BadLine as bad:
        delivered = json.dumps({"_line": line.rstrip("\r\n")}, ensure_ascii=False)
        staged.add_malformed(
            bad.code, clipped(bad.reason), delivered, bad.column or None
        )
    else:
        staged.add(row, len(line))
