"""What people read of members, and how these are ordered: joined last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from acrm_olap.expressions import cast
from acrm_olap.planning.plan import Axis, Plan
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import (
    Values,
    all_of,
    as_,
    cte,
    group_by,
    join,
    made,
    same,
)


@dataclass(frozen=True)
class Label:
    """How members of a level of the answer are shown and ordered.

    Parameters
    ----------
    shown : Expression
        What people read.
    orders : tuple of Expression
        What orders members, before their keys do.
    joins : tuple of Join
        What has to be joined for it.
    queries : tuple
        What has to be defined for it.
    """

    shown: exp.Expr
    orders: tuple[exp.Expr, ...]
    joins: tuple[exp.Join, ...] = ()
    queries: tuple[tuple[str, exp.Query], ...] = ()


def label_of(plan: Plan, axis: Axis, values: Values, table: str) -> Label:
    """Return the label of a level of the answer.

    Parameters
    ----------
    plan : Plan
        The query.
    axis : Axis
        The level.
    values : Values
        Gets what conditions compare with.
    table : str
        What the keys of the answer are columns of.
    """
    level = axis.level
    keys = level.level.keys
    titles = axis_names(axis)
    if level.level.shown == keys[-1] and level.level.orders == (keys[-1],) and (
        not level.level.hide_if
    ):  # fmt: skip
        return Label(made(titles[-1], table), ())
    name = f"labels_{axis.number}"
    members = _members(plan, axis, values)
    on = all_of(same(made(title, name), made(title, table)) for title in titles)
    return Label(
        made("label", name),
        tuple(made(f"o{n}", name) for n in range(len(level.level.orders))),
        (join(cte(name), on or exp.true(), side="LEFT"),),
        ((name, members),),
    )


def _members(plan: Plan, axis: Axis, values: Values) -> exp.Query:
    """Return one row for each member: its keys, its label, and what orders it."""
    part = next(part for part in plan.parts if part.name in axis.levels)
    level = axis.level
    use = part.uses[level.use]
    if use.dimension is None:
        fact = FactSql(part, "was", values)
        columns = [fact.column(key) for key in level.level.keys]
        label = fact.column(level.level.shown)
        orders = [fact.column(each) for each in level.level.orders]
        wanted = _wanted(axis, columns, label, orders)
        return fact.select(wanted, group_by(each.copy() for each in columns))
    sql = DimensionSql(use, plan.query.as_of, values)
    columns = sql.keys(level)
    label = sql.column(level.level.shown)
    orders = [sql.column(each) for each in level.level.orders]
    above = use.ancestors(level.name)
    if level.level.hide_if and above:
        shown = [use.levels[each].level.shown for each in reversed(above)]
        label = _ragged(label, [sql.column(each) for each in shown])
    found = sql.select(_wanted(axis, columns, label, orders))
    found.set("group", group_by(each.copy() for each in columns))
    return found


def _wanted(
    axis: Axis, columns: list[exp.Expr], label: exp.Expr, orders: list[exp.Expr]
) -> list[exp.Expr]:
    wanted = [as_(c, t) for c, t in zip(columns, axis_names(axis), strict=True)]
    wanted.append(as_(exp.Max(this=label), "label"))
    wanted += [as_(exp.Min(this=each), f"o{n}") for n, each in enumerate(orders)]
    return wanted


def _ragged(label: exp.Expr, above: list[exp.Expr]) -> exp.Expr:
    """Return the label of the nearest member above for one that is not there."""
    known = [
        exp.Nullif(
            this=exp.Trim(this=cast(each, "text")),
            expression=exp.Literal.string(""),
        )
        for each in (label, *above)
    ]
    return exp.Coalesce(this=known[0], expressions=known[1:])
