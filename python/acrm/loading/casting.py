"""Strict casts: a value becomes what the contract promises, or it breaks it.

Nothing is rounded, cut or guessed. The one tolerance is for the noise of binary
floating point in decimals: 0.30000000000000004 is 0.30.
"""

from __future__ import annotations

from enum import Enum

from acrm.loading.contracts import Column, DataType
from acrm.loading.sql_text import literal

# Digits beyond a decimal's scale count as noise below this.
NOISE = "1e-9"
RELATIVE_NOISE = "1e-15"
FIRST_MOMENT = "1900-01-01"
END_MOMENT = "2201-01-01"

_INTEGER_TEXT = r"[+-]?[0-9]+(\.0*)?"
_DOUBLE_TEXT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DATE_TEXT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0*)?)?)?"
_TIMESTAMP_TEXT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)


class Family(Enum):
    """What kind of values a delivered column holds."""

    TEXT = "text"
    INTEGER = "whole numbers"
    FLOAT = "floating-point numbers"
    DECIMAL = "decimals"
    BOOLEAN = "true and false"
    DATE = "dates"
    TIMESTAMP = "timestamps"
    NOTHING = "no values"
    OTHER = "values of another kind"


_NUMBERS = {Family.INTEGER, Family.FLOAT, Family.DECIMAL}
_FITTING = {
    "bigint": _NUMBERS,
    "integer": _NUMBERS,
    "double": _NUMBERS,
    "decimal": _NUMBERS,
    "boolean": {Family.BOOLEAN, Family.INTEGER, Family.FLOAT},
    "date": {Family.DATE, Family.TIMESTAMP},
    "timestamp": {Family.DATE, Family.TIMESTAMP},
    "varchar": {Family.INTEGER, Family.DECIMAL, Family.BOOLEAN},
}


def can_fit(family: Family, column: Column) -> bool:
    """Whether any value of that kind could be what the contract promises."""
    if family in (Family.TEXT, Family.NOTHING):
        return True
    if family is Family.INTEGER and column.time_format is not None:
        return True
    return family in _FITTING[column.data_type.name]


def typed(value: str, family: Family, column: Column) -> str:
    """Return SQL for the typed value: null where ``value`` is null or breaks.

    Parameters
    ----------
    value : str
        SQL of the delivered value.
    family : Family
        What kind of value that is; one that ``can_fit``.
    column : Column
        What is promised.
    """
    data_type = column.data_type
    if family is Family.NOTHING:
        return f"null::{data_type.sql}"
    if data_type.name == "varchar":
        return _text(value, family)
    if data_type.name == "boolean":
        return _boolean(value, family)
    if data_type.is_moment:
        return _moment(value, family, column)
    return _number(value, family, data_type)


def _text(value: str, family: Family) -> str:
    if family is not Family.TEXT:
        return f"{value}::varchar"
    return f"case when not contains({value}, chr(0)) then {value} end"


def _number(value: str, family: Family, data_type: DataType) -> str:
    if data_type.name == "double":
        return _double(value, family)
    if data_type.name == "decimal":
        return _decimal(value, family, data_type)
    return _integer(value, family, data_type)


def _matching(value: str, pattern: str, result: str) -> str:
    return f"case when regexp_full_match({value}, {literal(pattern)}) then {result} end"


def _integer(value: str, family: Family, data_type: DataType) -> str:
    cast = f"try_cast({value} as {data_type.sql})"
    if family is Family.INTEGER:
        return cast
    if family is Family.TEXT:
        trimmed = f"trim({value})"
        return _matching(
            trimmed, _INTEGER_TEXT, f"try_cast({trimmed} as {data_type.sql})"
        )
    return f"case when {value} = trunc({value}) then {cast} end"


def _double(value: str, family: Family) -> str:
    cast = f"try_cast({value} as double)"
    if family is Family.TEXT:
        trimmed = f"trim({value})"
        cast = _matching(trimmed, _DOUBLE_TEXT, f"try_cast({trimmed} as double)")
    if family in (Family.INTEGER, Family.DECIMAL):
        return cast
    return f"case when isfinite({cast}) then {cast} end"


def _decimal(value: str, family: Family, data_type: DataType) -> str:
    if family is Family.INTEGER:
        return f"try_cast({value} as {data_type.sql})"
    if family is Family.FLOAT:
        return _decimal_from_double(f"{value}::double", data_type)
    if family is Family.DECIMAL:
        cast = f"try_cast({value} as {data_type.sql})"
        return f"case when {cast} = {value} then {cast} end"
    trimmed = f"trim({value})"
    scale = data_type.scale
    point = rf"\.[0-9]{{1,{scale}}}0*" if scale else r"\.0+"
    exact = rf"[+-]?([0-9]+\.?|[0-9]*{point})"
    return (
        f"case when regexp_full_match({trimmed}, {literal(exact)}) "
        f"then try_cast({trimmed} as {data_type.sql}) "
        f"when regexp_full_match({trimmed}, {literal(_DOUBLE_TEXT)}) "
        f"then {_decimal_from_double(f'try_cast({trimmed} as double)', data_type)} end"
    )


def _decimal_from_double(value: str, data_type: DataType) -> str:
    return (
        f"case when abs({value} - round({value}, {data_type.scale})) "
        f"<= greatest({NOISE}, abs({value}) * {RELATIVE_NOISE}) "
        f"then try_cast({value} as {data_type.sql}) end"
    )


def _boolean(value: str, family: Family) -> str:
    if family is Family.BOOLEAN:
        return value
    if family is Family.TEXT:
        yes, no, value = (
            "'true', '1', 'yes'",
            "'false', '0', 'no'",
            f"lower(trim({value}))",
        )
    else:
        yes, no = "1", "0"
    return (
        f"case when {value} in ({yes}) then true when {value} in ({no}) then false end"
    )


def _moment(value: str, family: Family, column: Column) -> str:
    is_date = column.data_type.name == "date"
    if family is Family.DATE:
        moment = f"{value}::timestamp"
    elif family is Family.TIMESTAMP:
        moment = f"try_cast({value} as timestamp)"
    elif column.time_format is not None:
        text = f"trim({value}::varchar)"
        parsed = f"try_strptime({text}, {literal(column.time_format)})"
        moment = f"try_cast({parsed} as timestamp)"
    else:
        pattern = _DATE_TEXT if is_date else _TIMESTAMP_TEXT
        # the session's zone is UTC, so a text without an offset stays as it is
        instant = f"timezone('UTC', try_cast(trim({value}) as timestamptz))"
        moment = _matching(f"trim({value})", pattern, instant)
    within = (
        f"{moment} >= timestamp '{FIRST_MOMENT}' "
        f"and {moment} < timestamp '{END_MOMENT}'"
    )
    if not is_date:
        return f"case when {within} then {moment} end"
    # a time of day would be lost in a date
    whole = f"{moment} = date_trunc('day', {moment})"
    return f"case when {within} and {whole} then {moment}::date end"
