"""Members that a caller wrote: texts and numbers, turned into a level's own type."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse, expression_type
from acrm_olap.definitions.model import Period
from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.expressions import Type
from acrm_olap.planning.plan import TypedCut
from acrm_olap.query import Cut

_FORMS = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), Period.DAY),
    (re.compile(r"(\d{4})-[Ww](\d{1,2})"), Period.WEEK),
    (re.compile(r"(\d{4})-?[Qq]([1-4])"), Period.QUARTER),
    (re.compile(r"(\d{4})-(\d{1,2})"), Period.MONTH),
    (re.compile(r"(\d{4})"), Period.YEAR),
)
_MONTHS = {Period.YEAR: 12, Period.HALF: 6, Period.QUARTER: 3, Period.MONTH: 1}
_FORM_HINT = "2025, 2025-Q1, 2025-03, 2025-W09 or 2025-03-31"
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U")


def typed_cut(cube: BoundCube, cut: Cut) -> TypedCut:
    """Return a cut with its level found and its members of the level's type.

    Raises
    ------
    UnknownNameError
        If there is no such level or named set.
    MeaningError
        If a member cannot be one of the level.
    """
    named = [v for v in cut.values if isinstance(v, str) and v.startswith("@")]
    if named:
        cut = _with_sets(cube, cut)
    level = cube.level(cut.level)
    use = cube.uses[level.use]
    if cut.operator in {"is null", "is not null"}:
        return TypedCut(level, cut.operator, ())
    if cut.operator == "matches":
        if not isinstance(cut.values[0], str):
            raise MeaningError(
                f"'{cut.level}' is matched with {cut.values[0]!r}.",
                hint="Give a text; % stands for anything.",
            )
        pattern = typed(cut.values[0], "VARCHAR", level.path)
        return TypedCut(level, cut.operator, ((pattern,),))
    if cut.level == use.name and use.is_time and use.dimension is not None:
        by_days = _by_days(use, cut)
        if by_days is not None:
            return by_days
    members = tuple(
        None
        if value is None and cut.operator.endswith("range")
        else _member(level, value)
        for value in cut.values
    )
    return TypedCut(level, cut.operator, members)


def _with_sets(cube: BoundCube, cut: Cut) -> Cut:
    members: list[Any] = []
    for value in cut.values:
        if not (isinstance(value, str) and value.startswith("@")):
            members.append(value)
            continue
        found = cube.sets.get(value[1:])
        if found is None:
            raise UnknownNameError(
                "named set", value[1:], cube.sets, owner=f"cube '{cube.name}'"
            )
        if cube.level(found.level).path != cube.level(cut.level).path:
            raise MeaningError(
                f"The set '{value}' has members of '{found.level}', not '{cut.level}'.",
                hint=f"Cut '{found.level}' by it.",
            )
        if found.members is None:
            raise MeaningError(
                f"'{value}' is the {found.rule}, which a query alone finds out.",
                hint="Ask a query that is cut by it, and take the members from there.",
            )
        members += [
            tuple(each) if isinstance(each, list) else each for each in found.members
        ]
    return Cut(cut.level, cut.operator, tuple(members))


def _by_days(use: BoundUse, cut: Cut) -> TypedCut | None:
    """Return a cut of days for members written as periods: 2025, 2025-Q1, 2025-03."""
    dimension = use.dimension
    if (
        dimension is None
        or dimension.calendar is None
        or cut.operator.startswith("not")
    ):
        return None
    if cut.operator == "range":
        first, last = (period_of(v, use.name) if v is not None else None
                       for v in cut.values)  # fmt: skip
        form = (first or last or (None, None, Period.DAY))[2]
        begin = first[0] if first else date.min
        end = last[1] if last else date.max
        if begin > end:
            raise MeaningError(
                f"The range of '{cut.level}' ends before it begins.",
                hint=f"Given: {cut.values[0]} to {cut.values[1]}.",
            )
        pairs: tuple[tuple[date, date], ...] = ((begin, end),)
        forms = {form, (last or first or (None, None, form))[2]}
    else:
        found = [period_of(value, use.name) for value in cut.values]
        pairs = tuple((first, last) for first, last, _ in found)
        forms = {form for _, _, form in found}
    _check_known(use, cut, forms)
    _check_whole(use, cut, pairs)
    return TypedCut(_level_for(use, forms), "days", pairs)


def _check_known(use: BoundUse, cut: Cut, forms: set[Period]) -> None:
    """Refuse periods that are finer than those that the fact knows."""
    if not use.use.at:
        return
    order = list(Period)
    known = [level.period for level in use.levels.values() if level.period]
    finest = max(known, key=order.index, default=Period.DAY)
    if any(order.index(form) > order.index(finest) for form in forms):
        raise MeaningError(
            f"'{cut.level}' is known by {finest} here, not by"
            f" {max(forms, key=order.index)}.",
            hint=f"Cut it by {finest} or longer periods.",
        )


def _check_whole(use: BoundUse, cut: Cut, pairs: tuple[tuple[date, date], ...]) -> None:
    """Refuse parts of periods where a fact knows no more than the whole ones."""
    finest = use.levels.get(use.use.finest or "")
    if finest is None or finest.period is None:
        return
    calendars = [
        each.levels for title, each in use.hierarchies.items() if "fiscal" not in title
    ]
    if not any(finest.name in levels for levels in calendars):
        return
    for begin, end in pairs:
        after = end if end == date.max else end + timedelta(days=1)
        if begin == _start(begin, finest.period) and (
            end == date.max or after == _start(after, finest.period)
        ):
            continue
        days = [str(day) for day in (begin, end) if day not in {date.min, date.max}]
        raise MeaningError(
            f"'{cut.level}' is cut at {' and '.join(days)}, within a {finest.period},"
            f" and the fact knows a {finest.period} as a whole.",
            hint=f"Cut it to whole ones, from the first day of a {finest.period} to the"
            " last.",
        )


def _start(day: date, period: Period) -> date:
    """Return the first day of the period that a day is in."""
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    months = _MONTHS.get(period)
    if months is None:
        return day
    return date(day.year, day.month - (day.month - 1) % months, 1)


def end_of(day: date, period: Period) -> date:
    """Return the last day of the calendar period that a day is in."""
    begin = _start(day, period)
    if period is Period.WEEK:
        return begin + timedelta(days=6)
    months = _MONTHS.get(period)
    if months is None:
        return day
    last = begin.month + months - 1
    return date(begin.year, last, calendar.monthrange(begin.year, last)[1])


def _level_for(use: BoundUse, forms: set[Period]) -> BoundLevel:
    """Return the level that periods of these forms are members of, or the finest."""
    if len(forms) == 1:
        (form,) = forms
        for hierarchy in use.hierarchies.values():
            for name in hierarchy.levels:
                if use.levels[name].period is form:
                    return use.levels[name]
    return use.leaf


def period_of(value: Any, name: str) -> tuple[date, date, Period]:
    """Return the first and the last day of a period as people write it, and its kind.

    Parameters
    ----------
    value : str, int or date
        ``2025``, ``2025-Q1``, ``2025-03``, ``2025-W09``, ``2025-03-31``.
    name : str
        Of the dimension, for messages.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value, value, Period.DAY
    text = str(value).strip()
    for form, period in _FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        try:
            first, last = _days(period, [int(each) for each in match.groups()])
        except ValueError:
            break
        return first, last, period
    with suppress(ValueError):
        day = datetime.fromisoformat(text).date() if ":" in text else None
        if day is not None:
            return day, day, Period.DAY
    raise MeaningError(
        f"'{text}' is no period of '{name}'.", hint=f"Write it as {_FORM_HINT}."
    )


def _days(period: Period, numbers: Sequence[int]) -> tuple[date, date]:
    year = numbers[0]
    if period is Period.YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    if period is Period.QUARTER:
        last_month = 3 * numbers[1]
        last = calendar.monthrange(year, last_month)[1]
        return date(year, last_month - 2, 1), date(year, last_month, last)
    if period is Period.MONTH:
        last = calendar.monthrange(year, numbers[1])[1]
        return date(year, numbers[1], 1), date(year, numbers[1], last)
    if period is Period.WEEK:
        first = date.fromisocalendar(year, numbers[1], 1)
        return first, first + timedelta(days=6)
    day = date(*numbers)
    return day, day


def _member(level: BoundLevel, value: Any) -> tuple[Any, ...]:
    values = value if isinstance(value, tuple) else (value,)
    if len(values) != len(level.types):
        keys = ", ".join(level.level.keys)
        raise MeaningError(
            f"'{level.path}' has {len(level.types)} keys; given: {value!r}.",
            hint=f"Give a list of {keys} for each member.",
        )
    return tuple(
        typed(each, kind, level.path)
        for each, kind in zip(values, level.types, strict=True)
    )


def typed(value: Any, data_type: str, path: str) -> Any:
    """Return a value as one of a column's type, or refuse it."""
    if value is None:
        return None
    try:
        return _typed(value, data_type)
    except (ValueError, InvalidOperation, OverflowError) as error:
        kind = expression_type(data_type)
        raise MeaningError(
            f"'{value}' is no member of '{path}', whose members are {_kinds(kind)}.",
            hint=f"Give {_example(kind)}.",
        ) from error


def _typed(value: Any, data_type: str) -> Any:
    kind = expression_type(data_type)
    if kind is Type.FLAG:
        return _flag(value)
    if kind is Type.NUMBER:
        return _number(value, data_type)
    if kind is Type.DATE:
        return _date(value, data_type)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text.encode()  # half a character is no text
    return text


def _number(value: Any, data_type: str) -> int | float | Decimal:
    if isinstance(value, bool):
        raise ValueError(value)
    number = Decimal(str(value).strip())
    whole = data_type.startswith(_WHOLE)
    if not number.is_finite() or (whole and number != int(number)):
        raise ValueError(value)
    if whole and abs(int(number)) >= 1 << 127:
        raise ValueError(value)
    if abs(number) >= Decimal("1e300"):
        raise ValueError(value)
    return int(number) if whole else float(number) if _is_double(data_type) else number


def _is_double(data_type: str) -> bool:
    return data_type in {"DOUBLE", "FLOAT"}


def _date(value: Any, data_type: str) -> date:
    if not isinstance(value, date):
        value = datetime.fromisoformat(str(value).strip())
    if data_type == "DATE":
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"true", "yes", "1"}:
        return True
    if text in {"false", "no", "0"}:
        return False
    raise ValueError(value)


def _kinds(kind: Type) -> str:
    return {
        Type.NUMBER: "numbers",
        Type.DATE: "dates",
        Type.FLAG: "true and false",
    }.get(kind, "texts")


def _example(kind: Type) -> str:
    return {
        Type.NUMBER: "a number, such as 7",
        Type.DATE: "a date, such as 2025-03-31",
        Type.FLAG: "true or false",
    }.get(kind, "a text")
