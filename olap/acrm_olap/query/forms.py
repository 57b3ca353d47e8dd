"""Queries as dictionaries and JSON; and the one spelling that all forms agree on.

::

    {"cube": "sales",
     "measures": ["net", "margin_pct"],
     "rows": ["product.department"],
     "columns": ["date.year"],
     "where": {"customer.region": ["North", "South"],
               "date": {"from": "2025-01", "to": "2025-12"},
               "product.department": {"not": ["Deli"]}},
     "as_of": "is",
     "top": {"count": 10, "by": "net"}}

A list is a set of members, ``{"from": ..., "to": ...}`` a range, null the members
without a value. Dates are texts; decimals are texts, or numbers whose digits are kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from acrm_olap.errors import FormError, nearest
from acrm_olap.query.cuts import Cut, cuts_of
from acrm_olap.query.query import Query, Top

FIELDS = (
    "cube", "measures", "rows", "columns", "where", "as_of", "subtotals", "calculated",
    "having", "top", "order", "limit", "offset", "empty", "open_periods",
    "part_periods", "missing",
)  # fmt: skip
_LISTS = ("measures", "rows", "columns", "order")
_TEXTS = (
    "cube", "as_of", "having", "empty", "open_periods", "part_periods", "missing",
)  # fmt: skip
_TOP = ("count", "by", "least")
DEFAULTS = {
    each.name: each.default
    for each in fields(Query)
    if each.name in FIELDS and each.name not in {"cube", "measures"}
}


def canonical(query: Query) -> Query:
    """Return a query with its members as texts, as all written forms have them.

    A level takes ``7`` and ``"7"``, a date and its text, for the same member, so this
    is the same question.
    """
    return replace(
        query,
        cuts=tuple(
            Cut(cut.level, cut.operator, tuple(map(_as_text, cut.values)))
            for cut in query.cuts
        ),
    )


def _as_text(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_as_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def to_dict(query: Query) -> dict[str, Any]:
    """Return a query as JSON has it; fields that have their default are left out.

    Parameters
    ----------
    query : Query
        The question.
    """
    found: dict[str, Any] = {"cube": query.cube, "measures": list(query.measures)}
    for name in FIELDS[2:]:
        if name == "where":
            if query.cuts:
                found["where"] = _where(query.cuts)
            continue
        value = getattr(query, name)
        if value == DEFAULTS[name]:
            continue
        found[name] = _plain(name, value)
    return found


def _plain(name: str, value: Any) -> Any:
    if name == "top":
        top = {"count": value.count, "by": value.by}
        return top | {"least": True} if value.least else top
    if name == "calculated":
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _where(cuts: Iterable[Cut]) -> Any:
    """Return a mapping; a list of them where a level is cut more than once."""
    each = [{cut.level: _cut(cut)} for cut in cuts]
    levels = [level for one in each for level in one]
    if len(set(levels)) < len(levels):
        return each
    return {level: given for one in each for level, given in one.items()}


def _cut(cut: Cut) -> Any:
    values = [_member(value) for value in cut.values]
    if cut.operator == "in":
        alone = len(values) == 1 and not isinstance(values[0], list | None)
        return values[0] if alone else values
    if cut.operator.endswith("range"):
        return _turned(cut, {"from": values[0], "to": values[1]})
    if cut.operator == "matches":
        return {"matches": values[0]}
    return _turned(cut, values if cut.operator == "not in" else None)


def _turned(cut: Cut, given: Any) -> Any:
    return {"not": given} if "not" in cut.operator else given


def _member(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_member(each) for each in value]
    if isinstance(value, float) and (not math.isfinite(value) or "e" in str(value)):
        # Read as a decimal, an exponent would be written another way.
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def from_dict(given: Mapping[str, Any]) -> Query:
    """Return the query that a dictionary says.

    Parameters
    ----------
    given : mapping
        Fields of ``to_dict``; nothing else is taken.

    Raises
    ------
    FormError
        If a field is not known, missing, or of the wrong kind.
    MeaningError
        If a cut or a number makes no sense.
    """
    if not isinstance(given, Mapping):
        raise FormError(
            f"A query is an object, not {_kind(given)}.",
            hint='Give one such as {"cube": "sales", "measures": ["net"]}.',
        )
    require_known(given, FIELDS, "field")
    for name in ("cube", "measures"):
        if name not in given:
            raise FormError(
                f"The field '{name}' is missing.",
                where="the query",
                hint="Give at least cube and measures.",
            )
    found: dict[str, Any] = {
        name: _read(name, value) for name, value in given.items() if name != "where"
    }
    if given.get("where") is not None:
        found["cuts"] = cuts_of(given["where"])
    return Query(**found)


def require_known(given: Iterable[Any], known: Iterable[str], what: str) -> None:
    """Refuse a name that is not known, with the nearest that is.

    Raises
    ------
    FormError
        With what is allowed.
    """
    names = list(known)
    for name in given:
        if name in names:
            continue
        near = nearest(str(name), names)
        raise FormError(
            f"The {what} '{name}' is not known."
            + (f" Did you mean '{near}'?" if near else ""),
            where="the query",
            hint=f"There are: {', '.join(names)}.",
        )


def _read(name: str, value: Any) -> Any:
    if name in _LISTS:
        return _texts(name, value)
    if name in _TEXTS:
        return _text(name, value)
    readers = {"subtotals": _flag, "top": _top, "calculated": _calculated}
    return readers.get(name, _whole)(name, value)


def _text(name: str, value: Any) -> str:
    if name == "as_of" and isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    raise _wrong(name, value, "a text")


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(name, value, "true or false")


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise _wrong(name, value, "a list of texts")


def _whole(name: str, value: Any) -> int | None:
    if value is None and name == "limit":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong(name, value, "a whole number")


def _top(name: str, value: Any) -> Top | None:
    if value is None or isinstance(value, Top):
        return value
    if not isinstance(value, Mapping):
        raise _wrong(name, value, 'an object: {"count": 10, "by": "net"}')
    require_known(value, _TOP, "field of top")
    if "count" not in value or "by" not in value:
        raise _wrong(name, dict(value), 'an object: {"count": 10, "by": "net"}')
    if not isinstance(value["by"], str):
        raise _wrong("top.by", value["by"], "a text")
    least = _flag("top.least", value.get("least", False))
    return Top(_whole("top.count", value["count"]) or 0, value["by"], least)


def _calculated(name: str, value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, Mapping) and all(
        isinstance(each, str) for pair in value.items() for each in pair
    ):
        return tuple(value.items())
    raise _wrong(name, value, 'an object: {"per_line": "net / lines"}')


def _wrong(name: str, value: Any, allowed: str) -> FormError:
    return FormError(
        f"The field '{name}' is {_kind(value)}.",
        where=f"{name}: {_short(value)}",
        hint=f"Give {allowed}.",
    )


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds: tuple[tuple[type[Any] | tuple[type[Any], ...], str], ...] = (
        (bool, "true or false"), (str, "a text"), ((int, float, Decimal), "a number"),
        (Mapping, "an object"), ((list, tuple), "a list"),
    )  # fmt: skip
    for kind, name in kinds:
        if isinstance(value, kind):
            return name
    return f"a {type(value).__name__}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004


def to_json(query: Query) -> str:
    """Return a query as JSON on one line."""
    return json.dumps(to_dict(query), ensure_ascii=False)


def from_json(text: str) -> Query:
    """Return the query that JSON says.

    Parameters
    ----------
    text : str
        An object with the fields of ``to_dict``.

    Raises
    ------
    FormError
        If it is no JSON, with the line and column, or no query.
    """
    try:
        given = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        raise FormError(
            f"The query is no JSON: {error.msg}.",
            where=f"line {error.lineno}, column {error.colno}",
            hint='Give an object such as {"cube": "sales", "measures": ["net"]}.',
        ) from error
    except RecursionError as error:
        raise FormError("The JSON of the query is nested too deeply.") from error
    return from_dict(given)


def _no_constant(name: str) -> Any:
    raise FormError(
        f"The query has {name}, which is no number of JSON.",
        hint="Give a number, or null.",
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise FormError(
                f"The field '{name}' is given twice.",
                where="the query",
                hint="Give it once; several cuts of a level go into a list:"
                ' "where": [{"date": "2025"}, {"date": {"not": ["2025-03"]}}].',
            )
    return dict(pairs)
