"""Periods as sets of days: what a period is compared with, day by day."""

from __future__ import annotations

from datetime import date, timedelta

from oracle_rows import days_of, holds, is_days, plain_day
from oracle_values import value_of

from acrm_olap.definitions.model import Over, Period
from acrm_olap.definitions.references import Moving, Shift, ToDate
from acrm_olap.expressions import parse


class Times:
    """The time of one cube in one query.

    ``step`` is the level that is gone back in, ``unit`` the finest level that the
    query names: a step of which only some units are asked for is compared with the
    same units.
    """

    def __init__(self, star, cube, query, role):
        self.star, self.cube, self.query = star, cube, query
        self.use = cube.uses[role]
        self.role = role
        self.calendar = self.use.dimension.calendar
        axes = [level for level in map(cube.level, query.axes) if level.use == role]
        cuts = [each for each in query.cuts if cube.level(each.level).use == role]
        asked = [level.name for level in axes] + [
            self._cut_level(each) for each in cuts
        ]
        self.hierarchy = next(
            (
                each.levels
                for each in self.use.hierarchies.values()
                if set(asked) <= set(each.levels)
            ),
            [],
        )
        finest = [name for name in self.hierarchy if name in asked]
        shown = [n for n in self.hierarchy if n in [level.name for level in axes]]
        leaf = self.use.leaf.name
        self.unit = finest[-1] if finest else leaf
        self.step = (shown or finest or [leaf])[-1]
        self.cuts = cuts
        self.days, self._keys, self._stretches, self._known = {}, {}, {}, {}
        special = self.use.dimension.special
        condition = parse(special) if special else None
        for member in star.members(self.use, query.as_of):
            if condition is None or not value_of(condition, member.get):
                self.days[plain_day(member[self.calendar.date])] = member
        self.known_days = {
            plain_day(members[role][self.calendar.date])
            for _, members in star.rows(cube, "was")
            if members[role] is not None
        } & set(self.days)
        self.first = min(self.known_days, default=None)
        self.last = max(self.known_days, default=None)
        self.steps = self.stretches(self.step)
        self.step_of = {d: n for n, each in enumerate(self.steps) for d in each}
        self.units = self.stretches(self.unit)
        self.unit_of = {d: n for n, each in enumerate(self.units) for d in each}

    def _cut_level(self, cut):
        if not is_days(self.cube, cut):
            return self.cube.level(cut.level).name
        forms = {days_of(each)[2] for each in cut.values if each is not None}
        if len(forms) == 1:
            for hierarchy in self.use.hierarchies.values():
                for name in hierarchy.levels:
                    if self.use.levels[name].period in forms:
                        return name
        return self.use.leaf.name

    def key(self, level, day):
        if level not in self._keys:
            keys = self.use.levels[level].level.keys
            self._keys[level] = {
                each: tuple(member[k] for k in keys)
                for each, member in self.days.items()
            }
        return self._keys[level][day]

    def stretches(self, level):
        """Return the days of each member of a level, the earliest member first."""
        if level not in self._stretches:
            self._stretches[level] = self._stretches_of(level)
        return self._stretches[level]

    def _stretches_of(self, level):
        found = {}
        for day in self.days:
            found.setdefault(self.key(level, day), []).append(day)
        return sorted((sorted(each) for each in found.values()), key=min)

    def level_of(self, period, names=None):
        for name in self.hierarchy if names is None else names:
            if self.use.levels[name].period == period:
                return name
        return None

    def targets(self, wanted):
        """Return the days of a cell: of its periods, and inside of the cuts."""
        if "cut" not in self._known:
            self._known["cut"] = sorted(
                day
                for day, member in self.days.items()
                if not (
                    self.query.open_periods == "same_days"
                    and self.last is not None
                    and day > self.last
                )
                and all(
                    holds(
                        self.star, self.cube, c, {self.role: member}, self.query.as_of
                    )
                    for c in self.cuts
                )
            )
        names = tuple(name for name, _ in wanted)
        if names not in self._known:
            found = self._known[names] = {}
            for day in self._known["cut"]:
                keys = tuple(self.key(name, day) for name in names)
                found.setdefault(keys, []).append(day)
        return self._known[names].get(tuple(key for _, key in wanted), [])

    def mapped(self, wanted, times):
        known = (tuple(wanted), times)
        if known not in self._known:
            self._known[known] = self._mapped(wanted, times)
        return self._known[known]

    def _mapped(self, wanted, times):
        """Return the days that count in a cell, whether each is compared with a step
        that is not over, and whether a window has all of its periods."""
        days = self.targets(wanted)
        if self.last is not None and any(isinstance(t, ToDate | Moving) for t in times):
            days = [d for d in days if self.steps[self.step_of[d]][0] <= self.last]
        hides = self.query.open_periods == "hide" and self.last is not None
        opened = {
            d: hides and self.steps[self.step_of[d]][-1] > self.last for d in days
        }
        whole = True
        for variant in reversed(times):
            if not opened:
                break
            if isinstance(variant, Shift):
                opened = self.shifted(variant, opened)
            else:
                opened, whole = self.gathered(variant, opened)
        return opened, whole

    def gathered(self, variant, opened):
        last = max(opened)
        hidden = any(opened.values())
        if isinstance(variant, ToDate):
            names = None
            if variant.period == "fiscal":
                names = self.use.hierarchies["fiscal"].levels
            period = "year" if variant.period == "fiscal" else variant.period
            level = self.level_of(Period(period), names)
            begun = [d for d in opened if self.last is None or d <= self.last]
            if not begun:
                return {}, True
            found = [
                d for d in self.days
                if d <= last and self.key(level, d) == self.key(level, max(begun))
            ]  # fmt: skip
            return dict.fromkeys(found, hidden), True
        first = self.step_of[last] - variant.count + 1
        found = [d for d in self.days if d <= last and first <= self.step_of[d]]
        begin = min(
            (n for n, each in enumerate(self.steps)
             if self.first is not None and each[-1] >= self.first),
            default=0,
        )  # fmt: skip
        return dict.fromkeys(found, hidden), first >= begin

    def shifted(self, variant, opened):
        found = {}
        if variant.by == "comparable":
            pairs = [(day, day - timedelta(days=364)) for day in opened]
            return {there: opened[day] for day, there in pairs if there in self.days}
        by_step = {}
        for day in opened:
            by_step.setdefault(self.step_of[day], set()).add(day)
        for number, days in by_step.items():
            hidden = any(opened[day] for day in days)
            for day in self.counterpart(variant, number, days):
                found[day] = found.get(day, False) or hidden
        return found

    def counterpart(self, variant, number, days):
        here = self.steps[number]
        by_date = variant.by == "year" and (
            self.use.levels[self.unit].period is Period.DAY
        )
        is_whole = set(here) == days
        if by_date and (not is_whole or self.step == self.unit):
            return {year_before(day) for day in days} & set(self.days)
        there = self.before(variant, number)
        if there is None:
            return set()
        if is_whole:
            return set(there)
        units = self.parts(here)
        others = self.parts(there)
        found = set()
        for unit, other in zip(units, others, strict=False):
            asked = days & set(unit)
            if asked == set(unit):
                found |= set(other)
            else:
                found |= {o for u, o in zip(unit, other, strict=False) if u in asked}
        return found

    def parts(self, days):
        found = {}
        for day in days:
            found.setdefault(self.unit_of[day], []).append(day)
        return [found[n] for n in sorted(found)]

    def before(self, variant, number):
        """Return the days of the step before, or of the same one a year before."""
        if variant.by == "":
            return (
                self.steps[number - variant.count] if number >= variant.count else None
            )
        level = self.level_of(Period.YEAR)
        if "years" not in self._known:
            self._known["years"] = [
                [each for each in self.steps if year[0] <= each[0] <= year[-1]]
                for year in self.stretches(level)
            ]
        inside = self._known["years"]
        here = next(n for n, year in enumerate(inside) if self.steps[number] in year)
        place = inside[here].index(self.steps[number])
        if here == 0 or place >= len(inside[here - 1]):
            return None
        return inside[here - 1][place]


def year_before(day):
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def rolls(measure, role):
    """Return how a measure rolls up over the time of a query, if it does not add up."""
    over = measure.measure.over.get(role)
    return None if over is Over.NEVER else over
