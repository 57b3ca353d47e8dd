"""Maps of time: which rows count in which period of the answer.

A map has the keys of the answer and of the rows that count there (``t0`` ...): the same
for what is, others for what was, many for what is to date.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

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
    union,
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
        opened: exp.Expr = exp.false()
        shifted = any(isinstance(each, Shift) for each in times)
        if shifted and self.extent.last is not None:
            opened = exp.GT(
                this=made("s_end"), expression=self.values.bind(self.extent.last)
            )
        targets: list[exp.Expr] = [made("target")]
        if self.extent.last is not None and any(
            isinstance(each, ToDate | Moving) for each in times
        ):
            # Nothing is "to date" in a period that has not begun.
            targets.append(
                exp.LTE(
                    this=made("s_start"),
                    expression=self.values.bind(self.extent.last),
                )
            )
        final = [*self.grain_names, "day", "last_day"]
        variants = list(reversed(times))
        # What is read of each state, and of the last one by whoever joins the map.
        read = [*map(self._read, variants), final]
        state: exp.Query = select(
            [
                *keys,
                *map(made, read[0]),
                as_(opened, "open"),
                as_(exp.true(), "whole"),
            ],
            cte(self.name),
            where=all_of(targets),
        )
        for number_, variant in enumerate(variants):
            name = f"{alias}_{number_}"
            self.queries.append((name, state))
            state = self._applied(variant, name, read[number_ + 1])
        if any(
            isinstance(each, Shift) and each.by and each.by not in self.time.by_place
            for each in times
        ):
            # Two days may be compared with one: 28 and 29 February.
            self.queries.append((f"{alias}_days", state))
            once = [*keys, *map(made, final)]
            state = select(
                [
                    *once,
                    as_(call_bool_or(made("open")), "open"),
                    as_(exp.LogicalAnd(this=made("whole")), "whole"),
                ],
                cte(f"{alias}_days"),
                group=group_by(each.copy() for each in once),
            )
        if self.compares(times):
            self.queries.append((f"{alias}_rows", state))
            state = self._with_part(f"{alias}_rows", keys)
        self.queries.append((alias, state))
        return alias

    def compares(self, times: Sequence[TimeVariant]) -> bool:
        """Whether periods are compared with others that may be older than the data."""
        return self.extent.first is not None and any(
            isinstance(each, Shift) for each in times
        )

    def _with_part(self, rows: str, keys: Sequence[exp.Expr]) -> exp.Select:
        """Mark what is compared with days of which the first are older than the data.

        Where all of them are, there are no rows to compare with, and nothing is said.
        """
        begin = exp.Window(
            this=exp.Min(this=made("day")), partition_by=[key.copy() for key in keys]
        )
        part = exp.LT(this=begin, expression=self.values.bind(self.extent.first))
        return select([exp.Star(), as_(part, "part")], cte(rows))

    def _read(self, variant: TimeVariant) -> list[str]:
        """Return what is read of the rows whose periods go elsewhere."""
        if isinstance(variant, Shift):
            places = [each for each in self.places if each != "ord"]
            days = self.by_day if not self.grain else []
            return [*places, *days, *self._full]
        found = [each for each in ("ord", "sord") if each in self.places]
        found += ["day", "last_day"]
        if isinstance(variant, ToDate):
            level = self.to_date_level(variant)
            found += [f"p_{level.name}_{n}" for n in range(len(level.level.keys))]
        return found

    @property
    def _full(self) -> list[str]:
        if not self.shifts:
            return []
        return ["sfull", "ufull"] if self.in_parts else ["sfull"]

    def _applied(
        self, variant: TimeVariant, before: str, after: Sequence[str]
    ) -> exp.Query:
        if isinstance(variant, Shift):
            return self._shifted(variant, before, after)
        return self._gathered(variant, before, after)

    def _from(
        self,
        before: exp.Expr,
        on: exp.Expr,
        whole: exp.Expr,
        full: Sequence[exp.Expr],
        after: Sequence[str],
    ) -> exp.Select:
        kept = dict(zip(self._full, full, strict=True))
        keys = [made(title, "b") for axis in self.axes for title in axis_names(axis)]
        return select(
            [
                *keys,
                *(as_(kept[t], t) if t in kept else made(t, "s") for t in after),
                made("open", "b"),
                as_(whole, "whole"),
            ],
            before,
            joins=[join(cte(self.name, "s"), on)],
        )

    def _shifted(self, variant: Shift, before: str, after: Sequence[str]) -> exp.Query:
        """Return the days of the steps before: of all of a step, or of a part of it.

        A step that is asked for as a whole is compared with a whole step, however
        many days that has; a part of it, with the same units of the other step, or
        the same days of a unit.
        """
        by_day = "last_year" if variant.by == "year" else variant.by
        if variant.by and variant.by not in self.time.by_place:
            return self._counterparts(before, by_day, after)
        whole = self.time.unit == self.time.step
        is_day = self._is_day(self.time.unit)
        if variant.by == "year" and whole and is_day:
            return self._counterparts(before, by_day, after)
        found = self._steps(variant, before, after, ("sfull", None), [])
        if whole and not self.same_days:
            return found
        if variant.by == "year" and is_day:
            parts = [self._counterparts(before, by_day, after, "sfull")]
        else:
            parts = [
                self._steps(variant, before, after, ("ufull", "sfull"), ["upos"]),
                self._steps(variant, before, after, (None, "ufull"), ["upos", "dpos"]),
            ]
        return union([found, *parts], distinct=False)

    def _is_day(self, name: str) -> bool:
        return self.use.levels[name].level.keys == (self.sql.dimension.key,)

    def _steps(
        self,
        variant: Shift,
        before: str,
        after: Sequence[str],
        which: tuple[str | None, str | None],
        places: Sequence[str],
    ) -> exp.Select:
        """Return rows of other steps, for those of which ``which`` is asked for."""
        steps = ["sord"] if variant.by == "" else ["yord", "spos"]
        if variant.by and "y" not in self.stretches:
            raise MeaningError(
                f"'{self.use.name}' has no level that is a year.",
                hint="Declare `period: year` of a level of this hierarchy.",
            )
        keys = [title for axis in self.axes for title in axis_names(axis)]
        titles = [*keys, *steps, *places, *self._full, "open", "whole"]
        yes, no = which
        wanted = select(
            [made(title) for title in titles],
            cte(before),
            where=all_of(
                [made(yes) if yes else None,
                 exp.Not(this=made(no)) if no else None]
            ),
        ).distinct(copy=False)  # fmt: skip
        back = exp.Sub(this=made(steps[0], "b"), expression=number(variant.count))
        on = all_of(
            [equal(made(steps[0], "s"), back), *map(self._both, [*steps[1:], *places])]
        )
        full = [made(title, "b") for title in self._full]
        return self._from(
            derived(wanted, "b"), on or exp.true(), made("whole", "b"), full, after
        )

    def _counterparts(
        self, before: str, title: str, after: Sequence[str], but: str = ""
    ) -> exp.Select:
        """Return the days that days are compared with, each once."""
        source: exp.Expr = cte(before, "b")
        if but:
            rows = select([exp.Star()], cte(before), where=exp.Not(this=made(but)))
            source = derived(rows, "b")
        full = [made(each, "b") for each in self._full]
        on = equal(made("day", "s"), made(title, "b"))
        found = self._from(source, on, made("whole", "b"), full, after)
        return found.distinct(copy=False)

    @staticmethod
    def _both(title: str) -> exp.Expr:
        return equal(made(title, "s"), made(title, "b"))

    def _reached(self) -> exp.Expr:
        """Return the place of what has begun: the month to date is this month."""
        if self.extent.last is None:
            return made("ord")
        begun = exp.LTE(this=made("day"), expression=self.values.bind(self.extent.last))
        return exp.Case(ifs=[exp.If(this=begun, true=made("ord"))])

    def _gathered(
        self, variant: ToDate | Moving, before: str, after: Sequence[str]
    ) -> exp.Query:
        """Rows from the start of a period, or of the last periods, up to a target."""
        keys = [made(title) for axis in self.axes for title in axis_names(axis)]
        columns: list[exp.Expr] = [
            *keys,
            *(
                as_(exp.Max(this=made(each)), each)
                for each in ("ord", "sord")
                if each in self.places
            ),
            as_(exp.Max(this=made("last_day")), "last_day"),
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
                    this="arg_max", expressions=[made(title), self._reached()]
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
                        this=made("s_end"),
                        expression=self.values.bind(self.extent.first),
                    ),
                )
                whole = exp.GTE(this=first.copy(), expression=exp.Subquery(this=begin))
        grouped = select(columns, cte(before), group=group_by(k.copy() for k in keys))
        full = [
            exp.LTE(this=made(end, "s"), expression=made("last_day", "b"))
            for end in (f"{title[0]}_end" for title in self._full)
        ]
        return self._from(
            derived(grouped, "b"), all_of(on) or exp.true(), whole, full, after
        )
