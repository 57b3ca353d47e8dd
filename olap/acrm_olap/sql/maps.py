"""Maps of time: which rows count in which period of the answer.

A map has the keys of the answer and of the rows that count there (``t0`` ...): the same
for what is, others for what was, many for what is to date.
"""

from __future__ import annotations

from sqlglot import exp

from acrm_olap.definitions.model import Period
from acrm_olap.definitions.references import Moving, Shift, ToDate
from acrm_olap.errors import MeaningError
from acrm_olap.planning.plan import TimeVariant
from acrm_olap.sql.periods import PeriodSql, axis_names, call_bool_or
from acrm_olap.sql.terms import (
    all_of,
    as_,
    cte,
    derived,
    equal,
    group_by,
    join,
    made,
    number,
    select,
)


class MapSql(PeriodSql):
    """The periods of one cube in one query, and the maps of its measures."""

    def map(self, times: tuple[TimeVariant, ...], alias: str) -> str:
        """Return the name of the query that maps periods to rows, and add it.

        Parameters
        ----------
        times : tuple of TimeVariant
            What of a measure; empty for what is.
        alias : str
            Of the query.
        """
        keys = [made(title) for axis in self.axes for title in axis_names(axis)]
        hides = any(isinstance(each, Shift) for each in times) and (
            self.plan.query.open_periods == "hide"
        )
        opened: exp.Expr = exp.false()
        if hides and self.extent.last is not None:
            opened = exp.GT(
                this=made("step_end"), expression=self.values.bind(self.extent.last)
            )
        targets: list[exp.Expr] = [made("target")]
        if self.extent.last is not None and any(
            isinstance(each, ToDate | Moving) for each in times
        ):
            # Nothing is "to date" in a period that has not begun.
            targets.append(
                exp.LTE(
                    this=made("step_start"),
                    expression=self.values.bind(self.extent.last),
                )
            )
        state: exp.Query = select(
            [
                *keys,
                *(made(title) for title in self.state_columns),
                as_(opened, "open"),
                as_(exp.true(), "whole"),
            ],
            cte(self.name),
            where=all_of(targets),
        )
        for number_, variant in enumerate(reversed(times)):
            name = f"{alias}_{number_}"
            self.queries.append((name, state))
            state = self._applied(variant, name)
        self.queries.append((alias, state))
        return alias

    @property
    def state_columns(self) -> list[str]:
        """What is known of the rows that a period is made of."""
        found = [*self.grain_names, "day", "ord"]
        if self.use.levels.get(self.time.step):
            found += ["sord", "spos"]
        if self._level_of(Period.YEAR):
            found += ["yord", "ypos"]
        if not self.grain:
            found += ["last_year", "comparable", "fiscal"]
        for level in self._to_date_levels():
            found += [f"p_{level.name}_{n}" for n in range(len(level.level.keys))]
        return found

    def _applied(self, variant: TimeVariant, before: str) -> exp.Query:
        if isinstance(variant, Shift):
            return self._shifted(variant, before)
        return self._gathered(variant, before)

    def _from(self, before: exp.Expr, on: exp.Expr, whole: exp.Expr) -> exp.Query:
        keys = [made(title, "b") for axis in self.axes for title in axis_names(axis)]
        return select(
            [
                *keys,
                *(made(title, "s") for title in self.state_columns),
                made("open", "b"),
                as_(whole, "whole"),
            ],
            before,
            joins=[join(cte(self.name, "s"), on)],
        )

    def _shifted(self, variant: Shift, before: str) -> exp.Query:
        def back(title: str, count: int) -> exp.Expr:
            return equal(
                made(title, "s"),
                exp.Sub(this=made(title, "b"), expression=number(count)),
            )

        if variant.by == "":
            on = all_of([back("sord", variant.count), self._both("spos")])
        elif not self.grain and variant.by in {"year", "comparable", "fiscal"}:
            title = "last_year" if variant.by == "year" else variant.by
            on = equal(made("day", "s"), made(title, "b"))
        else:
            if self._level_of(Period.YEAR) is None:
                raise MeaningError(
                    f"'{self.use.name}' has no level that is a year.",
                    hint="Declare `period: year` of a level of this hierarchy.",
                )
            on = all_of([back("yord", 1), self._both("ypos")])
        return self._from(cte(before, "b"), on or exp.true(), made("whole", "b"))

    @staticmethod
    def _both(title: str) -> exp.Expr:
        return equal(made(title, "s"), made(title, "b"))

    def _gathered(self, variant: ToDate | Moving, before: str) -> exp.Query:
        """Rows from the start of a period, or of the last periods, up to a target."""
        keys = [made(title) for axis in self.axes for title in axis_names(axis)]
        columns: list[exp.Expr] = [
            *keys,
            as_(exp.Max(this=made("ord")), "ord"),
            as_(exp.Max(this=made("sord")), "sord"),
            as_(call_bool_or(made("open")), "open"),
        ]
        on: list[exp.Expr] = [
            exp.LTE(this=made("ord", "s"), expression=made("ord", "b"))
        ]
        whole: exp.Expr = exp.true()
        if isinstance(variant, ToDate):
            level = self.to_date_level(variant)
            for n in range(len(level.level.keys)):
                title = f"p_{level.name}_{n}"
                last = exp.Anonymous(
                    this="arg_max", expressions=[made(title), made("ord")]
                )
                columns.append(as_(last, title))
                on.append(self._both(title))
        else:
            first = exp.Sub(
                this=made("sord", "b"), expression=number(variant.count - 1)
            )
            on.append(exp.GTE(this=made("sord", "s"), expression=first))
            if self.extent.first is not None:
                begin = select(
                    [exp.Min(this=made("sord"))],
                    cte(self.name),
                    where=exp.GTE(
                        this=made("step_end"),
                        expression=self.values.bind(self.extent.first),
                    ),
                )
                whole = exp.GTE(this=first.copy(), expression=exp.Subquery(this=begin))
        grouped = select(columns, cte(before), group=group_by(k.copy() for k in keys))
        return self._from(derived(grouped, "b"), all_of(on) or exp.true(), whole)
