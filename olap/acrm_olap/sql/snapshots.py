"""What stands for a period: one of its snapshots; nothing while it is not over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import Moving, Shift
from acrm_olap.expressions import divide
from acrm_olap.planning.plan import Axis, Plan, TimeVariant
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.maps import MapSql
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import (
    all_of,
    as_,
    cte,
    equal,
    join,
    made,
    number,
    select,
)

PART, OPEN = 1, 2
# Aggregates that the SQL writer does not know as such.
AGGREGATES = {"quantile_cont", "approx_count_distinct", "arg_min", "arg_max"}


def snapshots_of(
    time: MapSql, name: str, axes: Sequence[Axis]
) -> list[tuple[str, exp.Query]]:
    """Return queries of the days with snapshots, and of a map marked by them.

    A snapshot is a day on which the fact has any row, whatever is cut: a member that
    has none on the last day has nothing then, not what it had before.

    Parameters
    ----------
    time : MapSql
        The time of the cube.
    name : str
        The map.
    axes : sequence of Axis
        Levels of time that are told apart.
    """
    days = f"snapshots_{time.cube.name}"
    fact = FactSql(time.cube, "was", time.values)
    key = fact.column(str(time.use.use.key))
    rows = fact.select([as_(key, "t0")]).distinct(copy=False)
    parts = [made(title, "m") for axis in axes for title in axis_names(axis)]

    def over(function: exp.Expr) -> exp.Window:
        return exp.Window(this=function, partition_by=[each.copy() for each in parts])

    def day() -> exp.Expr:
        return made("day", "m")

    count = exp.Count(this=exp.Distinct(expressions=[day()]))
    marked = select(
        [
            exp.Column(this=exp.Star(), table=exp.Identifier(this="m")),
            as_(equal(day(), over(exp.Max(this=day()))), "is_last"),
            as_(equal(day(), over(exp.Min(this=day()))), "is_first"),
            as_(over(count), "snapshots"),
        ],
        cte(name, "m"),
        joins=[join(cte(days, "s"), equal(made("t0", "s"), made("t0", "m")))],
    )
    by = "_".join(str(axis.number) for axis in axes) or "all"
    return [(days, rows), (f"{name}_by_{by}", marked)]


def stands_for(value: exp.Expr, over: Over | None) -> exp.Expr:
    """Return an aggregate of the snapshots alone that stand for a period.

    Parameters
    ----------
    value : Expression
        An aggregate over a map that is marked.
    over : Over or None
        Which snapshots; None takes all rows.
    """
    if over in {Over.CLOSING, Over.OPENING}:
        chosen = "is_last" if over is Over.CLOSING else "is_first"
        return only(value, made(chosen, "m"))
    if over is Over.AVERAGE:
        return divide(value, exp.Max(this=made("snapshots", "m")))
    return value


def hides_open(plan: Plan, times: tuple[TimeVariant, ...]) -> bool:
    """Whether what goes back from a period that is not over is nothing."""
    shifted = any(isinstance(variant, Shift) for variant in times)
    return shifted and plan.query.open_periods == "hide"


def only_whole(times: tuple[TimeVariant, ...]) -> bool:
    """Whether a mean of periods is nothing where there are not enough of them."""
    return any(isinstance(v, Moving) and v.average for v in times)


def unless_open(
    plan: Plan,
    times: tuple[TimeVariant, ...],
    value: exp.Expr,
    of: str = "",
    *,
    has_part: bool,
) -> exp.Expr:
    """Give nothing where a period that is not over is compared with one that is.

    Nor, if the query says so, where one is compared with a part of a period.

    Parameters
    ----------
    plan : Plan
        The query.
    times : tuple of TimeVariant
        What of the measure.
    value : Expression
        An aggregate over a map.
    of : str
        How the columns of the map end that belong to the measure's pass.
    has_part : bool
        Whether the map says what is older than the data.
    """
    hidden = []
    if hides_open(plan, times):
        hidden.append(f"open{of}")
    if has_part and plan.query.part_periods == "hide":
        hidden.append(f"part{of}")
    conditions: list[exp.Expr] = [
        exp.Not(
            this=exp.Coalesce(
                this=exp.LogicalOr(this=made(title, "m")), expressions=[exp.false()]
            )
        )
        for title in hidden
    ]
    if only_whole(times):
        conditions.append(
            exp.Coalesce(
                this=exp.LogicalAnd(this=made(f"whole{of}", "m")),
                expressions=[exp.true()],
            )
        )
    condition = all_of(conditions)
    if condition is None:
        return value
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def compared(of: str = "", *, has_part: bool) -> exp.Expr:
    """Return what is odd about what a cell is compared with, in bits.

    ``PART``: its first days are older than the data. ``OPEN``: the period of the cell
    is not over.

    Parameters
    ----------
    of : str
        How the columns of the map end that belong to the measure's pass.
    has_part : bool
        Whether the map says what is older than the data.
    """
    bits = {"part": PART, "open": OPEN} if has_part else {"open": OPEN}
    found: exp.Expr = number(0)
    for title, bit in bits.items():
        marked = exp.LogicalOr(this=made(f"{title}{of}", "m"))
        odd = exp.Case(ifs=[exp.If(this=marked, true=number(bit))], default=number(0))
        found = exp.Add(this=found, expression=odd)
    return found


def only(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return aggregates of the rows alone that meet a condition."""
    inside = [
        each
        for each in aggregate.find_all(exp.AggFunc, exp.Anonymous)
        if isinstance(each, exp.AggFunc) or each.name in AGGREGATES
    ]
    for found in inside:
        parent = found.parent
        if isinstance(parent, exp.Filter):
            both = exp.And(
                this=exp.Paren(this=parent.expression.this), expression=condition.copy()
            )
            parent.set("expression", exp.Where(this=both))
            continue
        filtered = exp.Filter(
            this=found.copy(), expression=exp.Where(this=condition.copy())
        )
        if found is aggregate:
            return filtered
        found.replace(filtered)
    return aggregate
