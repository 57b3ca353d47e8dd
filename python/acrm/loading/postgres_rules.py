"""The rules under a table's ``postgres``: how it is read from a database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from acrm.loading.contracts import Column, Postgres
from acrm.loading.wording import did_you_mean, listed

POSTGRES_KEYS = ("table", "mode", "watermark", "overlap")
MODES = ("snapshot", "watermark")
_UNITS = ("seconds", "minutes", "hours", "days", "weeks")
_SPAN = re.compile(r"(\d{1,6}) (second|minute|hour|day|week)s?")
_NAME = re.compile(r"[^.\0]+(\.[^.\0]+)?")


def postgres_of(given: Mapping[Any, Any], columns: Sequence[Column]) -> Postgres:
    """Return how a table is read, or raise.

    Raises
    ------
    ValueError
        With three arguments: the key, what is wrong, and what to do.
    """
    table = given.get("table")
    if table is not None and not (isinstance(table, str) and _NAME.fullmatch(table)):
        raise ValueError(
            "table", f"is {table!r}", "Write schema.table, or table alone."
        )
    watermark = given.get("watermark")
    _check_mode(given.get("mode"), watermark)
    if watermark is None:
        if "overlap" in given:
            raise ValueError(
                "overlap",
                "is given without a watermark",
                "Name the column under watermark, or leave overlap out.",
            )
        return Postgres(table)
    column = _column(watermark, columns)
    return Postgres(table, column.name, _overlap(given.get("overlap"), column))


def _check_mode(mode: object, watermark: object) -> None:
    if mode is None:
        return
    if mode not in MODES:
        near = did_you_mean(str(mode), MODES)
        raise ValueError("mode", f"is {mode!r}", f"{near}Allowed: {listed(MODES)}.")
    if (mode == "watermark") != (watermark is not None):
        beside = "without one" if watermark is None else "beside one"
        raise ValueError(
            "mode",
            f"is {mode} {beside}",
            "A table is read by its watermark, or whole as a snapshot.",
        )


def _column(watermark: object, columns: Sequence[Column]) -> Column:
    names = [column.name for column in columns]
    found = next((column for column in columns if column.name == watermark), None)
    if found is None:
        raise ValueError(
            "watermark",
            f"names an unknown column '{watermark}'",
            f"{did_you_mean(str(watermark), names)}It has: {listed(names)}.",
        )
    if found.optional or not _is_watermark(found):
        raise ValueError(
            "watermark",
            f"is '{found.name}', which is "
            + ("optional" if found.optional else found.data_type.sql),
            "Name a column that is always there, of data_type timestamp, date, bigint "
            "or integer.",
        )
    return found


def _is_watermark(column: Column) -> bool:
    return column.data_type.is_moment or column.data_type.name in ("bigint", "integer")


def _overlap(overlap: object, column: Column) -> timedelta | int:
    """Return how far to reach back; it has no default, since none fits all."""
    why = "Rows are committed later than their watermark says: say by how much, such as"
    if not column.data_type.is_moment:
        if isinstance(overlap, int) and not isinstance(overlap, bool) and overlap >= 0:
            return overlap
        raise ValueError("overlap", _found(overlap), f"{why} overlap: 1000.")
    match = _SPAN.fullmatch(overlap) if isinstance(overlap, str) else None
    if match is None:
        raise ValueError(
            "overlap", _found(overlap), f'{why} "1 hour". Units: {listed(_UNITS)}.'
        )
    span = timedelta(**{f"{match[2]}s": int(match[1])})
    if column.data_type.name == "date" and span % timedelta(days=1):
        raise ValueError(
            "overlap",
            f"is {overlap!r}, but '{column.name}' is a date",
            'Give whole days, such as "1 day".',
        )
    return span


def _found(overlap: object) -> str:
    return "is missing" if overlap is None else f"is {overlap!r}"
