"""Cells without rows: every combination of the members that a query looks at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from acrm_olap.planning.plan import Axis, Plan
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import Values, as_, derived, join, made, number, select


def empty_cells(
    plan: Plan, values: Values, pass_count: int, comparing: Sequence[int]
) -> exp.Select:
    """Return a select of all cells, with no value in any.

    Levels of one dimension are combined as its members are; members of different
    dimensions, each with each.

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
    parts = [
        derived(_members(plan, use, axes, values), f"all_{use}")
        for use, axes in by_use.items()
    ]
    columns: list[exp.Expr] = [as_(number(0), "g")]
    for axis in plan.axes:
        columns += [made(title, f"all_{axis.level.use}") for title in axis_names(axis)]
    columns += [as_(exp.Null(), f"m{n}") for n in range(len(plan.atoms))]
    # 0 says that a cell is shown, and that no pass has rows of it.
    for n in range(pass_count):
        columns.append(as_(number(0), f"p{n}"))
        if n in comparing:
            columns.append(as_(exp.Null(), f"q{n}"))
    joins = [join(each, exp.true()) for each in parts[1:]]
    return select(columns, parts[0], joins=joins)


def _members(plan: Plan, use_name: str, axes: list[Axis], values: Values) -> exp.Query:
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
