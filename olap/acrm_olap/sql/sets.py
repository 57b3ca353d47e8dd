"""Sets of levels that cells are told apart by: one scan for all totals."""

from __future__ import annotations

from sqlglot import exp

from acrm_olap.planning.plan import Plan
from acrm_olap.sql.terms import group_by, number


def set_number(
    plan: Plan, keys: dict[int, list[exp.Expr]], sets: list[frozenset[int]]
) -> exp.Expr:
    """Return which levels are rolled up: bit n for level n."""
    rolled = [_rolled(every, len(plan.axes)) for every in sets]
    if len(sets) == 1:
        return number(rolled[0])
    constant = 0
    total: exp.Expr | None = None
    for axis in plan.axes:
        inside = [axis.number in every for every in sets]
        if all(inside):
            continue
        if not any(inside):
            constant += 1 << axis.number
            continue
        bit: exp.Expr = exp.Mul(
            this=exp.Anonymous(
                this="grouping", expressions=[keys[axis.number][0].copy()]
            ),
            expression=number(1 << axis.number),
        )
        total = bit if total is None else exp.Add(this=total, expression=bit)
    if total is None:
        return number(constant)
    return exp.Add(this=total, expression=number(constant)) if constant else total


def group_of(
    plan: Plan, keys: dict[int, list[exp.Expr]], sets: list[frozenset[int]]
) -> exp.Group | None:
    """Return the grouping of several sets of levels in one scan."""

    def of(every: frozenset[int]) -> list[exp.Expr]:
        return [
            key.copy()
            for axis in plan.axes
            if axis.number in every
            for key in keys[axis.number]
        ]

    if len(sets) == 1:
        return group_by(of(sets[0]))
    return exp.Group(
        grouping_sets=[
            exp.GroupingSets(
                expressions=[exp.Tuple(expressions=of(every)) for every in sets]
            )
        ]
    )


def _rolled(every: frozenset[int], count: int) -> int:
    return sum(1 << n for n in range(count) if n not in every)
