"""Cuts of periods as cuts of days: a fact that has the day needs no calendar for them.

``date.year: 2025`` is every day from the first to the last of that year, where the
calendar says so: no day of another year, or of none, lies in between.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.planning.plan import Plan, TypedCut
from acrm_olap.running.knowledge import Knowledge
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.looked_up import Rows
from acrm_olap.sql.terms import DIALECT, Values, as_, group_by, number

MOST_PERIODS = 12
MOST_MEMBERS = 1000


def with_days(plan: Plan, knowledge: Knowledge) -> Plan:
    """Return a plan whose cuts of periods are cuts of days, where they are the same.

    Parameters
    ----------
    plan : Plan
        A query, resolved.
    knowledge : Knowledge
        Of the file.
    """
    cuts = {
        name: tuple(_with_days(cut, plan.part(name), knowledge) for cut in every)
        for name, every in plan.cuts.items()
    }
    return replace(plan, cuts=cuts)


def _with_days(cut: TypedCut, part: BoundCube, knowledge: Knowledge) -> TypedCut:
    use = part.uses[cut.level.use]
    if cut.operator != "in" or not _is_by_day(use, cut.level):
        return cut
    table = str(use.dimension and use.dimension.dimension)
    key = ("days", table, cut.level.level.keys)
    days = {
        tuple(member): (first, last)
        for *member, first, last in knowledge.periods(
            key, lambda: _statement(use, cut.level), _without_gaps
        )
    }
    found = [days.get(value) if value else None for value in cut.values]
    pairs = tuple(each for each in found if each is not None)
    if len(pairs) < len(cut.values) or len(pairs) > MOST_PERIODS:
        return cut
    return TypedCut(cut.level, "days", pairs)


def _is_by_day(use: BoundUse, level: BoundLevel) -> bool:
    """Whether rows of the fact have the day of the members of a level."""
    dimension = use.dimension
    if dimension is None or dimension.history is not None or use.stored is not None:
        return False
    if level.tree or level.period is None or level.level.keys == (dimension.key,):
        return False
    if not use.use.complete or use.use.key is None or use.use.span is not None:
        return False
    calendar = dimension.calendar
    return calendar is not None and calendar.date == dimension.key and not use.use.at


def _statement(use: BoundUse, level: BoundLevel) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives the first and last day of each member."""
    values = Values()
    sql = DimensionSql(use, "was", values)
    keys = sql.keys(level)
    day = sql.key()
    rows = sql.select(
        [
            *(as_(each, f"k{n}") for n, each in enumerate(keys)),
            as_(exp.Min(this=day), "first_day"),
            as_(exp.Max(this=day.copy()), "last_day"),
        ]
    )
    rows.set("group", group_by(each.copy() for each in keys))
    rows.set("limit", exp.Limit(expression=number(MOST_MEMBERS + 1)))
    return rows.sql(DIALECT), values.bound


def _without_gaps(rows: Rows) -> Rows:
    """Return the members with their days; none if days of one are within another."""
    known = [row for row in rows if row[-1] is not None]
    dates = all(
        isinstance(day, date) and not isinstance(day, datetime)
        for row in known
        for day in row[-2:]
    )
    if len(rows) > MOST_MEMBERS or not dates:
        return []
    known.sort(key=lambda row: row[-2])
    if any(one[-1] >= other[-2] for one, other in pairwise(known)):
        return []
    return [row for row in known if None not in row]
