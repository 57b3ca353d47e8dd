"""Conditions of cuts, over columns that have their level's keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from acrm_olap.expressions import cast
from acrm_olap.planning.plan import TypedCut
from acrm_olap.sql.terms import (
    Values,
    all_of,
    any_of,
    equal,
)


def lets_nothing_in(cut: TypedCut) -> bool:
    """Whether rows without a member are outside of a cut."""
    names_nothing = any(_is_missing(value) for value in cut.values)
    if cut.operator == "in":
        return not names_nothing
    if cut.operator == "not in":
        return names_nothing
    return cut.operator not in {"not range", "is null"}


def condition(cut: TypedCut, keys: Sequence[exp.Expr], values: Values) -> exp.Expr:
    """Return the condition of a cut.

    Members without a value are outside of a set that does not name them, and inside
    of its opposite.

    Parameters
    ----------
    cut : TypedCut
        The cut.
    keys : sequence of Expression
        SQL of the level's key columns; of the day, for ``days``.
    values : Values
        Gets what is compared with.
    """
    if cut.operator in {"is null", "is not null"}:
        missing = any_of(_is_null(key) for key in keys)
        return missing if cut.operator == "is null" else exp.Not(this=missing)
    if cut.operator == "days":
        return any_of(_between(keys[0], pair, values) for pair in cut.values if pair)
    if cut.operator == "matches":
        (pattern,) = cut.values[0] or (None,)
        # % alone stands for anything.
        signs = str(pattern).replace("\\", "\\\\").replace("_", "\\_")
        like = exp.ILike(
            this=cast(keys[-1].copy(), "text"), expression=values.bind(signs)
        )
        return exp.Escape(this=like, expression=exp.Literal.string("\\"))
    if cut.operator.endswith("range"):
        found = _range(keys, cut.values, values)
    else:
        found = _among(keys, cut.values, values)
    if not cut.operator.startswith("not"):
        return found
    return exp.Not(
        this=exp.Coalesce(this=exp.Paren(this=found), expressions=[exp.false()])
    )


def _is_null(key: exp.Expr) -> exp.Expr:
    return exp.Is(this=key.copy(), expression=exp.Null())


def _is_missing(value: tuple[object, ...] | None) -> bool:
    return value is None or any(part is None for part in value)


def _between(key: exp.Expr, pair: tuple[object, ...], values: Values) -> exp.Expr:
    first, last = (values.bind(each) for each in pair)
    return exp.Between(this=key.copy(), low=first, high=last)


def _among(
    keys: Sequence[exp.Expr],
    members: Sequence[tuple[object, ...] | None],
    values: Values,
) -> exp.Expr:
    missing = any(_is_missing(member) for member in members)
    known = [member for member in members if member and not _is_missing(member)]
    parts: list[exp.Expr] = []
    if len(keys) == 1 and known:
        bound = [values.bind(member[0]) for member in known]
        parts.append(
            equal(keys[0].copy(), bound[0])
            if len(bound) == 1
            else exp.In(this=keys[0].copy(), expressions=bound)
        )
    elif known:
        parts.extend(
            exp.Paren(
                this=all_of(
                    equal(key.copy(), values.bind(value))
                    for key, value in zip(keys, member, strict=True)
                )
            )
            for member in known
        )
    if missing:
        parts.append(any_of(_is_null(key) for key in keys))
    return parts[0] if len(parts) == 1 else any_of(parts)


def _range(
    keys: Sequence[exp.Expr],
    ends: Sequence[tuple[object, ...] | None],
    values: Values,
) -> exp.Expr:
    found = []
    for end, strict in zip(ends, (exp.GT, exp.LT), strict=True):
        if end is not None:
            found.append(_beyond(keys, [values.bind(value) for value in end], strict))
    both = all_of(found)
    return exp.Paren(this=both) if both is not None else exp.true()


def _beyond(
    keys: Sequence[exp.Expr], ends: Sequence[exp.Expr], strict: type[exp.Binary]
) -> exp.Expr:
    """Return that keys are an end or beyond it, the first key that differs decides."""
    last = exp.GTE if strict is exp.GT else exp.LTE
    found: exp.Expr = last(this=keys[-1].copy(), expression=ends[-1].copy())
    for key, end in zip(reversed(keys[:-1]), reversed(ends[:-1]), strict=True):
        further = exp.And(
            this=equal(key.copy(), end.copy()), expression=exp.Paren(this=found)
        )
        found = exp.Or(
            this=strict(this=key.copy(), expression=end.copy()), expression=further
        )
    return exp.Paren(this=found) if len(keys) > 1 else found
