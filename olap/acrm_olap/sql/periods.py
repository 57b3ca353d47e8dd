"""Time: the periods of a query, and which rows each of them is made of.

``periods`` has one row for each member of the grain: its keys (``t0`` ...), its days,
its place among all (``ord``), the number of the step it is in and its place there, and
the keys of the levels of the answer (``a0_0`` ...). A map has the keys of the answer
and ``t0`` ... of the rows that count there: the same for what is, others for what was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.definitions.model import Period
from acrm_olap.definitions.references import Moving, Shift, ToDate
from acrm_olap.errors import MeaningError
from acrm_olap.expressions import cast
from acrm_olap.planning.plan import Axis, Plan, TimePlan
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.terms import (
    Values,
    all_of,
    as_,
    derived,
    group_by,
    made,
    select,
)


@dataclass(frozen=True)
class Extent:
    """From when to when a cube has rows; None if it has none, or no time.

    ``is_loose`` says that rows have no period: no member of time, or a special one.
    """

    first: date | None
    last: date | None
    is_loose: bool = False


def axis_names(axis: Axis) -> list[str]:
    """Return how the key columns of a level of the answer are called."""
    return [f"a{axis.number}_{n}" for n in range(len(axis.level.level.keys))]


def _window(
    function: exp.Expr,
    partition: Sequence[exp.Expr],
    order: Sequence[exp.Expr],
) -> exp.Window:
    return exp.Window(
        this=function,
        partition_by=list(partition),
        order=exp.Order(expressions=[exp.Ordered(this=each) for each in order])
        if order
        else None,
    )


class PeriodSql:
    """The time of one cube in one query.

    Parameters
    ----------
    plan : Plan
        With ``time``.
    cube : BoundCube
        Not a virtual one.
    extent : Extent
        From when to when it has rows.
    values : Values
        Gets what conditions compare with.
    """

    def __init__(
        self, plan: Plan, cube: BoundCube, extent: Extent, values: Values
    ) -> None:
        if plan.time is None:
            raise TypeError(plan)
        self.plan = plan
        self.time: TimePlan = plan.time
        self.cube = cube
        self.use: BoundUse = cube.uses[self.time.role]
        self.extent = extent
        self.values = values
        self.name = f"periods_{cube.name}"
        self.axes = [axis for axis in plan.axes if axis.level.use == self.time.role]
        self.sql = DimensionSql(self.use, plan.query.as_of, values)
        self.queries: list[tuple[str, exp.Query]] = []

    @property
    def grain(self) -> BoundLevel | None:
        """The level of the grain; None for the dimension's key."""
        return self.use.levels[self.time.grain] if self.time.grain else None

    @property
    def grain_names(self) -> list[str]:
        """How the keys of the grain are called."""
        count = len(self.grain.level.keys) if self.grain else 1
        return [f"t{n}" for n in range(count)]

    def grain_keys(self) -> list[exp.Expr]:
        """Return the keys of the grain, in the dimension's table."""
        return self.sql.keys(self.grain) if self.grain else [self.sql.key()]

    def _day(self) -> exp.Expr:
        return cast(self.sql.day(), "date")

    def members(self) -> exp.Query:
        """Return one row for each member of the grain."""
        sql = self.sql
        keys = self.grain_keys()
        titles = self.grain_names
        columns = [as_(key, title) for key, title in zip(keys, titles, strict=True)]
        parts: list[tuple[str, exp.Expr]] = [("day", self._day())]
        for short, level in self.stretches.items():
            parts += [
                (f"{short}{n}", sql.column(each))
                for n, each in enumerate(level.level.keys)
            ]
        for level in self._to_date_levels():
            parts += [
                (f"p_{level.name}_{n}", sql.column(each))
                for n, each in enumerate(level.level.keys)
            ]
        for axis in self.axes:
            parts += list(zip(axis_names(axis), sql.keys(axis.level), strict=True))
        target = all_of(
            sql.condition(cut)
            for cut in self.plan.cuts[self.cube.name]
            if cut.level.use == self.use.name
        )
        if target is not None:
            target = exp.Coalesce(
                this=exp.Paren(this=target), expressions=[exp.false()]
            )
        parts.append(("target", target if target is not None else exp.true()))
        if self.same_days:
            parts[-1] = ("target", self._until_now(parts[-1][1]))
        if not self.grain:
            parts += [(each, self._counterpart(each)) for each in self.by_day]
        columns += [as_(self._of_member(title, tree), title) for title, tree in parts]
        last = exp.Max(this=self._day()) if self.grain else self._day()
        columns.append(as_(last, "last_day"))
        rows = sql.select(columns, (), sql.not_special())
        if self.grain:
            rows.set("group", group_by([key.copy() for key in keys]))
        return self._numbered(rows)

    @cached_property
    def stretches(self) -> dict[str, BoundLevel]:
        """Levels that days are counted in: the step, the unit, the year."""
        found = {"s": self.use.levels[self.time.step]}
        if self.in_parts:
            found["u"] = self.use.levels[self.time.unit]
        if any(each.by in self.time.by_place for each in self.shifts):
            year = self.level_of(Period.YEAR)
            if year is not None:
                found["y"] = year
        return found

    @cached_property
    def in_parts(self) -> bool:
        """Whether a part of a step may be compared with a part of another."""
        whole = self.time.unit == self.time.step and not self.same_days
        return bool(self.shifts) and not whole

    @cached_property
    def places(self) -> list[str]:
        """Which numbers of ``_numbered`` the measures go by."""
        variants = [each for atom in self.plan.atoms for each in atom.times]
        found = []
        if any(isinstance(each, ToDate | Moving) for each in variants):
            found.append("ord")
        if any(
            isinstance(each, Moving) or (isinstance(each, Shift) and not each.by)
            for each in variants
        ):
            found.append("sord")
        if self.in_parts:
            found += ["upos", "dpos"]
        if "y" in self.stretches:
            found += ["yord", "spos"]
        return found

    @cached_property
    def shifts(self) -> list[Shift]:
        """The shifts of all measures."""
        return [
            variant
            for atom in self.plan.atoms
            for variant in atom.times
            if isinstance(variant, Shift)
        ]

    @cached_property
    def by_day(self) -> list[str]:
        """Columns with the day that a day is compared with."""
        kinds = {each.by for each in self.shifts}
        return [
            "last_year" if each == "year" else each
            for each in ("year", "comparable", "fiscal")
            if each in kinds
        ]

    def _of_member(self, title: str, tree: exp.Expr) -> exp.Expr:
        if not self.grain:
            return tree
        if title == "target":
            return call_bool_or(tree)
        return exp.Min(this=tree)

    def _numbered(self, rows: exp.Query) -> exp.Query:
        """Return rows with steps and their units numbered by their days.

        ``sord`` numbers steps, ``spos`` their places in the year, ``yord`` years,
        ``upos`` units in their step, ``dpos`` members of the grain in their unit;
        ``sfull`` and ``ufull`` say whether all of a step or unit is asked for.
        """
        names = {
            short: [made(f"{short}{n}") for n in range(len(level.level.keys))]
            for short, level in self.stretches.items()
        }

        def over(
            function: exp.Expr, partition: str = "", order: Sequence[str] = ()
        ) -> exp.Expr:
            keys = [each.copy() for each in names[partition]] if partition else []
            return _window(function, keys, [made(each) for each in order])

        def rank(partition: str, start: str, keys: Sequence[exp.Expr]) -> exp.Expr:
            order = [start, *(each.name for each in keys)]
            return over(exp.Anonymous(this="dense_rank"), partition, order)

        starts: list[exp.Expr] = [exp.Star()]
        for short in names:
            if short == "s" and self._step_is_grain:
                starts += [
                    as_(made("day"), "s_start"),
                    as_(made("last_day"), "s_end"),
                    as_(made("target"), "sfull"),
                ]
                continue
            starts.append(as_(over(exp.Min(this=made("day")), short), f"{short}_start"))
            if short == "y":
                continue
            starts.append(
                as_(over(exp.Max(this=made("last_day")), short), f"{short}_end")
            )
            if self.shifts:
                every = exp.LogicalAnd(this=made("target"))
                starts.append(as_(over(every, short), f"{short}full"))
        grain = [made(title) for title in self.grain_names]
        makers: dict[str, Callable[[], exp.Expr]] = {
            "ord": lambda: rank("", "day", grain),
            "sord": lambda: rank("", "s_start", names["s"]),
            "upos": lambda: rank("s", "u_start", names["u"]),
            "dpos": lambda: rank("u", "day", grain),
            "yord": lambda: rank("", "y_start", names["y"]),
            "spos": lambda: rank("y", "s_start", names["s"]),
        }
        columns = [exp.Star(), *(as_(makers[each](), each) for each in self.places)]
        started = select(starts, derived(rows, "member"))
        return select(columns, derived(started, "member"))

    @property
    def _step_is_grain(self) -> bool:
        """Whether a step is one member of the grain, so that it begins and ends so."""
        grain = self.grain.level.keys if self.grain else (self.sql.dimension.key,)
        return tuple(self.use.levels[self.time.step].level.keys) == tuple(grain)

    def level_of(self, period: Period) -> BoundLevel | None:
        """Return the level of the query's hierarchy that is such a period."""
        for name in self.time.hierarchy:
            level = self.use.levels[name]
            if level.period is period:
                return level
        return None

    def _to_date_levels(self) -> list[BoundLevel]:
        found: dict[str, BoundLevel] = {}
        for atom in self.plan.atoms:
            for variant in atom.times:
                if isinstance(variant, ToDate):
                    level = self.to_date_level(variant)
                    found[level.name] = level
        return list(found.values())

    def to_date_level(self, variant: ToDate) -> BoundLevel:
        """Return the level from whose start something is counted."""
        names: Sequence[str] = self.time.hierarchy
        wanted = variant.period
        if variant.period == "fiscal":
            wanted = "year"
            names = next(
                (
                    hierarchy.levels
                    for title, hierarchy in self.use.hierarchies.items()
                    if "fiscal" in title
                ),
                (),
            )
        for name in names:
            level = self.use.levels.get(name)
            if level is not None and level.period == wanted:
                return level
        raise MeaningError(
            f"'{self.use.name}' has no {variant.period} to count from.",
            hint="Put levels of a hierarchy that has it on the axes.",
        )

    @cached_property
    def same_days(self) -> bool:
        """Whether an open period is cut to the days of it that have been."""
        return (
            self.plan.query.open_periods == "same_days"
            and self.extent.last is not None
            and not self.grain
        )

    def _until_now(self, target: exp.Expr) -> exp.Expr:
        return exp.And(
            this=exp.Paren(this=target),
            expression=exp.LTE(
                this=self._day(), expression=self.values.bind(self.extent.last)
            ),
        )

    def _counterpart(self, title: str) -> exp.Expr:
        """Return the day that a day is compared with, a year before."""
        calendar = self.sql.dimension.calendar
        given = getattr(calendar, title) if calendar else None
        if given:
            return cast(self.sql.column(given), "date")
        back = "1 year" if title == "last_year" else "364 days"
        return cast(
            exp.Sub(
                this=self._day(),
                expression=cast(exp.Literal.string(back), "interval"),
            ),
            "date",
        )


def call_bool_or(tree: exp.Expr) -> exp.Expr:
    """Return whether it holds of any row."""
    return exp.LogicalOr(this=tree)
