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

# Blanks around a number mean nothing; DuckDB's casts pass over them, too.
_INTEGER_TEXT = r" *[+-]?[0-9]+(\.0*)? *"
_DOUBLE_TEXT = r" *[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)? *"
_DAY = r" *(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}"
_TIME = r"[ T]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_DATE_TEXT = rf"{_DAY}([ T]00:00(:00(\.0*)?)?)? *"
_TIMESTAMP_TEXT = rf"{_DAY}({_TIME})? *"
_INSTANT_TEXT = rf"{_DAY}{_TIME} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?) *"


class Family(Enum):
    """What kind of values a delivered column holds."""

    TEXT = "text"
    INTEGER = "whole numbers"
    FLOAT = "floating-point numbers"
    DECIMAL = "decimals"
    BOOLEAN = "true and false"
    DATE = "dates"
    TIMESTAMP = "timestamps"
    TIMESTAMP_NS = "timestamps in nanoseconds"
    NOTHING = "no values"
    OTHER = "values of another kind"


_NUMBERS = {Family.INTEGER, Family.FLOAT, Family.DECIMAL}
_MOMENTS = {Family.DATE, Family.TIMESTAMP, Family.TIMESTAMP_NS}
_FITTING = {
    "bigint": _NUMBERS,
    "integer": _NUMBERS,
    "double": _NUMBERS,
    "decimal": _NUMBERS,
    "boolean": {Family.BOOLEAN, Family.INTEGER, Family.FLOAT},
    "date": _MOMENTS,
    "timestamp": _MOMENTS,
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
        return _matching(value, _INTEGER_TEXT, cast)
    return f"case when {value} = trunc({value}) then {cast} end"


def _double(value: str, family: Family) -> str:
    cast = f"try_cast({value} as double)"
    if family is Family.TEXT:
        cast = _matching(value, _DOUBLE_TEXT, cast)
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
    scale = data_type.scale
    point = rf"\.[0-9]{{1,{scale}}}0*" if scale else r"\.0+"
    exact = rf" *[+-]?([0-9]+\.?|[0-9]*{point}) *"
    return (
        f"case when regexp_full_match({value}, {literal(exact)}) "
        f"then try_cast({value} as {data_type.sql}) "
        f"when regexp_full_match({value}, {literal(_DOUBLE_TEXT)}) "
        f"then {_decimal_from_double(f'try_cast({value} as double)', data_type)} end"
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
    if family in (Family.DATE, Family.TIMESTAMP):
        moment = f"try_cast({value} as timestamp)"
    elif family is Family.TIMESTAMP_NS:
        # cut, not rounded: the last nanosecond of a day stays in its day
        nanoseconds = f"epoch_ns({value})"
        whole = f"{nanoseconds} - (({nanoseconds} % 1000) + 1000) % 1000"
        cut = f"make_timestamp(({whole}) // 1000)"
        moment = f"case when isfinite({value}::timestamp) then {cut} end"
    elif column.time_format is not None:
        text = f"trim({value}::varchar)"
        parsed = f"try_strptime({text}, {literal(column.time_format)})"
        moment = f"try_cast({parsed} as timestamp)"
    else:
        return _moment_of_text(value, is_date)
    within = (
        f"{moment} >= timestamp '{FIRST_MOMENT}' "
        f"and {moment} < timestamp '{END_MOMENT}'"
    )
    if not is_date:
        return f"case when {within} then {moment} end"
    # a time of day would be lost in a date
    whole = f"{moment} = date_trunc('day', {moment})"
    return f"case when {within} and {whole} then {moment}::date end"


def _moment_of_text(value: str, is_date: bool) -> str:
    local = f"try_cast(trim({value}) as timestamp)"
    if is_date:
        return _matching(value, _DATE_TEXT, f"{local}::date")
    joined = rf"regexp_replace(trim({value}), ' ([Z+-])', '\1')"
    instant = f"timezone('UTC', try_cast({joined} as timestamptz))"
    return (
        f"case when regexp_full_match({value}, {literal(_TIMESTAMP_TEXT)}) "
        f"then {local} "
        f"when regexp_full_match({value}, {literal(_INSTANT_TEXT)}) then {instant} end"
    )
