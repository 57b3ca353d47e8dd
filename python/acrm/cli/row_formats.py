"""How rows are written: by an option, or by the ending of a file."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from acrm.errors import InputError


class RowFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


def format_of(output: Path | None, known: Sequence[str]) -> str:
    """Return the format that the ending of a file says; a table without a file."""
    if output is None:
        return "table"
    ending = output.suffix.removeprefix(".").lower()
    endings = [each for each in known if each not in {"table", "chart"}]
    if ending in endings:
        return ending
    raise InputError(
        f"The ending of {output.name} says no format.",
        where=str(output),
        hint=f"Give --format, or one of the endings {', '.join(endings)}.",
    )


def require_right_place(kind: str, output: Path | None) -> None:
    """Refuse to write a table for the terminal to a file, or Parquet to a terminal."""
    if kind == "table" and output is not None:
        raise InputError(
            "A table is for the terminal, not for a file.",
            where=str(output),
            hint="Give --format csv, json, jsonl or parquet.",
        )
    if kind == "parquet" and output is None:
        raise InputError("Parquet goes to a file.", hint="Give --output FILE.parquet.")
