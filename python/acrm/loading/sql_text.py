"""Names and values as DuckDB writes them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from acrm.loading.contracts import Scalar


def name(text: str) -> str:
    """Return a quoted name."""
    return '"' + text.replace('"', '""') + '"'


def literal(value: Scalar | None) -> str:
    """Return a value as SQL."""
    if value is None:
        return "null"
    if isinstance(value, date):
        # a datetime is a date, too
        kind = "timestamp" if isinstance(value, datetime) else "date"
        return f"{kind} '{value}'"
    if isinstance(value, float):
        return f"'{value!r}'::double"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value).lower()
    return "'" + value.replace("'", "''") + "'"


def file_to_read(path: Path) -> str:
    """Return a path as SQL, with the characters that would make it a glob escaped."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def file_to_write(path: Path) -> str:
    """Return a path as SQL."""
    return literal(str(path))
