"""Cells without rows: every combination of the members that a query looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from acrm_olap.planning.plan import Axis, Plan
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import Values, as_, derived, join, made, number, select


def empty_cells(
    plan: Plan, values: Values, pass_count: int, comparing: Sequence[int]
) -> Iterator[exp.Select]:
    """Yield selects of all cells, with no value in any: those shown, and subtotals.

    Levels of one dimension are combined as its members are; members of different
    dimensions, each with each. The total over all is there without.

    Parameters
    ----------
    plan : Plan
        The query, with at least one level.
    values : Values
        Gets what conditions compare with.
    pass_count : int
        How many passes the query has.
    comparing : sequence of int
        Those that compare periods, by number.
    """
    by_use: dict[str, list[Axis]] = {}
    for axis in plan.axes:
        by_use.setdefault(axis.level.use, []).append(axis)
    for every in filter(None, plan.shown):
        parts = []
        for use, axes in by_use.items():
            told = [axis for axis in axes if axis.number in every]
            members = _members(plan, use, told or axes, values)
            if not told:
                # Where it has no member at all, there are no cells to add up.
                members.set("limit", exp.Limit(expression=number(1)))
            parts.append(derived(members, f"all_{use}"))
        rolled = sum(1 << each.number for each in plan.axes if each.number not in every)
        columns: list[exp.Expr] = [as_(number(rolled), "g")]
        for axis in plan.axes:
            for title in axis_names(axis):
                told_apart = axis.number in every
                key = made(title, f"all_{axis.level.use}") if told_apart else exp.Null()
                columns.append(as_(key, title))
        columns += [as_(exp.Null(), f"m{n}") for n in range(len(plan.atoms))]
        # 0 says that a cell is shown, and that no pass has rows of it.
        for n in range(pass_count):
            columns.append(as_(number(0), f"p{n}"))
            if n in comparing:
                columns.append(as_(exp.Null(), f"q{n}"))
        joins = [join(each, exp.true()) for each in parts[1:]]
        yield select(columns, parts[0], joins=joins)


def _members(plan: Plan, use_name: str, axes: list[Axis], values: Values) -> exp.Select:
    part = plan.parts[0]
    use = part.uses[use_name]
    cuts = [cut for cut in plan.cuts[part.name] if cut.level.use == use_name]
    filters = plan.filters.get(part.name, ())
    cuts += [cut for cut in filters if cut.level.use == use_name and cut not in cuts]
    if use.dimension is None:
        fact = FactSql(part, "was", values)
        fact.need([], cuts)
        fact.restrict(filters)
        columns = [
            as_(fact.column(key), title)
            for axis in axes
            for key, title in zip(axis.level.level.keys, axis_names(axis), strict=True)
        ]
        return fact.select(columns).distinct(copy=False)
    sql = DimensionSql(use, plan.query.as_of, values)
    columns = [
        as_(key, title)
        for axis in axes
        for key, title in zip(sql.keys(axis.level), axis_names(axis), strict=True)
    ]
    return sql.select(columns, cuts).distinct(copy=False)
