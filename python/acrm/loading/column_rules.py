"""The rules under a column's meta: what they may say, and as which values."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from acrm.loading.contracts import DataType, Scalar

COLUMN_META = ("required", "optional", "min", "max", "allowed", "format")
_DIRECTIVE = re.compile(r"%(-?.)", re.DOTALL)
_DIRECTIVES = (
    frozenset("aAbBdmyYHIpMSfgnzZjcxX%")
    | {"-d", "-m", "-y", "-H", "-I"}
    | {
        "-M",
        "-S",
        "-j",
    }
)


def flag_of(meta: dict[Any, Any], key: str) -> bool:
    """Return true or false under a key; false when it is not there."""
    value = meta.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(key, f"is {value!r}", "Write true or false.")
    return value


def value_of(value: object, data_type: DataType, key: str) -> Any:
    """Return a bound or an allowed value as the column's type, or raise.

    Raises
    ------
    ValueError
        With three arguments: the key, what is wrong, and what to do.
    """
    if value is None and key != "allowed":
        return None
    try:
        return _converted(value, data_type)
    except (TypeError, ValueError, InvalidOperation):
        quotes = " Put it in quotes." if data_type.name == "varchar" else ""
        raise ValueError(
            key,
            f"is {value!r}, which is no {data_type.sql}",
            f"Give a value that the column itself can hold.{quotes}",
        ) from None


def _converted(value: object, data_type: DataType) -> Scalar:
    if data_type.name == "boolean":
        if isinstance(value, bool):
            return value
        raise TypeError
    if isinstance(value, bool) or value is None:
        raise TypeError
    if data_type.is_number:
        return _number(value, data_type)
    if data_type.name == "varchar":
        if isinstance(value, str):
            return value
        raise TypeError
    return _moment(value, data_type)


def _number(value: object, data_type: DataType) -> Scalar:
    if isinstance(value, date):
        raise TypeError
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    if data_type.name in ("bigint", "integer"):
        if number != number.to_integral_value():
            raise ValueError
        return int(number)
    return number if data_type.name == "decimal" else float(number)


def _moment(value: object, data_type: DataType) -> Scalar:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
    elif isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    else:
        raise TypeError
    if moment.tzinfo is not None:
        raise ValueError
    return moment.date() if data_type.name == "date" else moment


def format_of(value: object, data_type: DataType) -> str | None:
    """Return a date format, or raise like ``value_of``."""
    if value is None:
        return None
    if not data_type.is_moment:
        raise ValueError(
            "format",
            f"is given, but the column is {data_type.sql}",
            "Only columns of data_type date or timestamp have a format.",
        )
    directives = _DIRECTIVE.findall(value) if isinstance(value, str) else []
    unknown = [each for each in directives if each not in _DIRECTIVES]
    if not directives or unknown:
        raise ValueError(
            "format",
            f"is {value!r}",
            'Write it with strptime directives, such as "%d/%m/%Y %H:%M".',
        )
    return str(value)
