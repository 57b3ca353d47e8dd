"""Names and values as DuckDB writes them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from acrm import sql
from acrm.loading.contracts import Scalar
from acrm.sql import identifier as name

__all__ = ["file_to_read", "file_to_write", "literal", "name"]


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
    return sql.literal(value)


def file_to_read(path: Path) -> str:
    """Return a path as SQL, with the characters that would make it a glob escaped."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def file_to_write(path: Path) -> str:
    """Return a path as SQL."""
    return literal(str(path))
