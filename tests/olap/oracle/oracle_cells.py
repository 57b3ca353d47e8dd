"""Queries answered the slow and obvious way: cell by cell, over rows in lists."""

from __future__ import annotations

import math
from itertools import product

from oracle_rows import Star, holds, keys_of, plain_day
from oracle_time import Times, rolls
from oracle_values import both, difference, ratio, value_of

from acrm_olap.definitions.bound import BoundMeasure
from acrm_olap.definitions.calculations import home_of
from acrm_olap.definitions.model import Measure, Over
from acrm_olap.definitions.references import (
    Against,
    Moving,
    OnAxis,
    Shift,
    ToDate,
    read_reference,
)
from acrm_olap.expressions import names, parse


class Oracle:
    """Answers the queries of one file."""

    def __init__(self, connection, cubes):
        self.star = Star(connection)
        self.cubes = cubes

    def answer(self, query, filters=()):
        """Return the rows of an answer, each a dictionary as the engine names it."""
        return Answer(self.star, self.cubes[query.cube], query, filters).rows()


class Answer:
    def __init__(self, star, cube, query, filters):
        self.star, self.cube, self.query = star, cube, query
        self.own = {
            name: BoundMeasure(
                cube.name, name, Measure(expression=text), parse(text), None
            )
            for name, text in query.calculated
        }
        self.passes = {}
        asked = [*query.measures, *self.names_of(query.having)]
        asked += [query.top.by] if query.top else []
        asked += [o.removeprefix("-") for o in query.order]
        for name in asked:
            if name not in query.axes:
                self.collect(cube, name, ())
        used = {part for part, _, _ in self.passes}
        self.parts = [part for part in cube.parts if part.name in used]
        self.axes = [self.parts[0].level(path) for path in query.axes]
        self.count = len(query.rows)
        self.time = self.time_role()
        self.cuts = {
            part.name: [
                *query.cuts, *(c for c in filters if c.level in part.level_paths)
            ]
            for part in self.parts
        }  # fmt: skip
        self.times = {}
        self.facts = {}
        for part in self.parts:
            if self.time:
                self.times[part.name] = Times(star, part, query, self.time)
            self.facts[part.name] = [
                (row, members)
                for row, members in star.rows(part, query.as_of)
                if all(
                    holds(star, part, cut, members, query.as_of)
                    for cut in self.cuts[part.name]
                    if not self.time or part.level(cut.level).use != self.time
                )
            ]
        self._values = {}
        self._labels = {}
        self._cells = {}
        self._atoms = {}
        self._keys = {}
        self._rows = {}

    # -- what is asked for -----------------------------------------------------

    def names_of(self, text):
        return names(parse(text)) if text else []

    def find(self, home, text):
        known = dict(home.measures)
        if home is self.cube:
            known |= self.own
        found = read_reference(text, known)
        return known[found.measure], found.variants

    def collect(self, home, text, outer):
        measure, variants = self.find(home, text)
        self.collect_with(measure, (*variants, *outer))

    def collect_with(self, measure, variants):
        if variants and isinstance(variants[-1], OnAxis):
            return self.collect_with(measure, variants[:-1])
        if variants and isinstance(variants[-1], Against):
            self.collect_with(measure, variants[:-1])
            return self.collect_with(measure, (*variants[:-1], shift_of(variants[-1])))
        if measure.is_calculated:
            home = (
                self.cube if measure.name in self.own else home_of(self.cube, measure)
            )
            for name in names(measure.node):
                self.collect(home, name, variants)
            return None
        self.passes.setdefault((measure.cube, measure.name, variants), measure)
        return None

    def time_role(self):
        moving = any(times for _, _, times in self.passes)
        rolled = [
            role
            for measure in self.passes.values()
            for role, rule in measure.measure.over.items()
            if rule is not Over.NEVER
        ]
        if rolled:
            return rolled[0]
        if not moving:
            return None
        part = self.parts[0]
        asked = [*self.query.axes, *(cut.level for cut in self.query.cuts)]
        roles = {path.partition(".")[0] for path in asked}
        times = [r for r in roles if part.uses[r].is_time]
        return times[0] if len(times) == 1 else part.base.time

    # -- cells ------------------------------------------------------------

    def sets(self):
        whole = tuple(range(len(self.axes)))
        if not self.query.subtotals:
            return [whole]
        across = len(self.axes) - self.count
        return [
            (*range(down), *range(self.count, self.count + wide))
            for down in range(self.count, -1, -1)
            for wide in range(across, -1, -1)
        ]

    def cells(self, every):
        """Return the cells that are told apart by some of the levels."""
        if every not in self._cells:
            found = [c for c in self.candidates(every) if self.exists(c)]
            if self.query.empty == "show" and every:
                shown = (
                    tuple(pair for pair in cell if pair[0] in every)
                    for cell in self.all_members()
                )
                found = list(dict.fromkeys([*found, *shown]))
            self._cells[every] = found
        return self._cells[every]

    def candidates(self, every):
        found = {}
        for part in self.parts:
            others = [n for n in every if self.axes[n].use != self.time]
            periods = [n for n in every if self.axes[n].use == self.time]
            keys = {}
            for _, members in self.facts[part.name]:
                for each in self.keys_in(part, others, members):
                    keys[each] = None
            if not others:
                keys[()] = None
            times = {(): None}
            if periods:
                time = self.times[part.name]
                days = time.targets([])
                times = dict.fromkeys(
                    tuple(time.key(self.axes[n].name, day) for n in periods)
                    for day in days
                )
                for _, members in self.facts[part.name]:
                    if self.is_loose(part, members):
                        times[
                            tuple(
                                keys_of(self.axes[n], members[self.time])
                                for n in periods
                            )
                        ] = None
            for one, other in product(keys, times):
                cell = dict(zip(others, one, strict=True))
                cell |= dict(zip(periods, other, strict=True))
                found[tuple(sorted(cell.items()))] = None
        return list(found)

    def keys_in(self, part, numbers, members):
        """Return the keys of the cells a row counts in: several in a tree."""
        known = (part.name, tuple(numbers), id(members))
        if known not in self._keys:
            self._keys[known] = self._keys_in(part, numbers, members)
        return self._keys[known]

    def _keys_in(self, part, numbers, members):
        each = []
        for n in numbers:
            level = part.level(self.query.axes[n])
            key = keys_of(level, members[level.use])
            if level.tree and key[0] is not None:
                use = part.uses[level.use]
                above = self.star.ancestors(use, level, key[0], self.query.as_of)
                each.append([(one,) for one in above])
            else:
                each.append([key])
        return list(product(*each))

    def is_loose(self, part, members):
        """Whether a row has no period: no member, or a special one."""
        member = members[self.time]
        time = self.times[part.name]
        return member is None or plain_day(member[time.calendar.date]) not in time.days

    def all_members(self):
        by_use = {}
        for n, level in enumerate(self.axes):
            by_use.setdefault(level.use, []).append(n)
        part = self.parts[0]
        combined = []
        for use, numbers in by_use.items():
            bound = part.uses[use]
            members = (
                [m[use] for _, m in self.star.rows(part, "was")]
                if bound.dimension is None
                else self.star.members(bound, self.query.as_of)
            )
            found = {}
            for member in members:
                if all(
                    holds(self.star, part, cut, {use: member}, self.query.as_of)
                    for cut in self.cuts[part.name]
                    if part.level(cut.level).use == use
                ):
                    found[
                        tuple((n, keys_of(self.axes[n], member)) for n in numbers)
                    ] = None
            combined.append(list(found))
        return [
            tuple(sorted(pair for one in each for pair in one))
            for each in product(*combined)
        ]

    def exists(self, cell):
        if not cell:
            return True
        return any(
            self.atom(m, times, cell)[1] for (_, _, times), m in self.passes.items()
        )

    # -- numbers ------------------------------------------------------------

    def number(self, home, text, cell, outer=()):
        measure, variants = self.find(home, text)
        return self.value(measure, (*variants, *outer), cell)

    def value(self, measure, variants, cell):
        known = (measure.cube, measure.name, variants, cell)
        if known not in self._values:
            self._values[known] = self._value(measure, variants, cell)
        return self._values[known]

    def _value(self, measure, variants, cell):
        if variants and isinstance(variants[-1], OnAxis):
            return self.beside(variants[-1].how, measure, variants[:-1], cell)
        if variants and isinstance(variants[-1], Against):
            now = self.value(measure, variants[:-1], cell)
            shift = shift_of(variants[-1])
            then = self.value(measure, (*variants[:-1], shift), cell)
            less = difference(now, then)
            return ratio(less, then) if variants[-1].relative else less
        if measure.is_calculated:
            home = (
                self.cube if measure.name in self.own else home_of(self.cube, measure)
            )
            return value_of(
                measure.node, lambda name: self.number(home, name, cell, variants)
            )
        found, there = self.atom(measure, variants, cell)
        if cell and not there:
            return None
        averages = [v for v in variants if isinstance(v, Moving) and v.average]
        return ratio(found, averages[-1].count) if averages else found

    def atom(self, measure, times, cell):
        """Return what a fact gives to a cell, and whether it gives anything."""
        known = (measure.cube, measure.name, times, cell)
        if known not in self._atoms:
            self._atoms[known] = self._atom(measure, times, cell)
        return self._atoms[known]

    def _atom(self, measure, times, cell):
        part = next(each for each in self.parts if each.name == measure.cube)
        cell = dict(cell)
        rows = self.rows_in(part, cell)
        if not self.time:
            return self.aggregate(measure, [row for row, _ in rows]), bool(rows)
        time = self.times[part.name]
        periods = {n: key for n, key in cell.items() if self.axes[n].use == self.time}
        rule = rolls(measure, self.time)
        gathers = any(isinstance(each, ToDate | Moving) for each in times)
        shown = [n for n, level in enumerate(self.axes) if level.use == self.time]
        if gathers and set(periods) != set(shown):
            return None, False
        wanted = [(self.axes[n].name, key) for n, key in periods.items()]
        opened, whole = time.mapped(wanted, times)
        loose = []
        if not times and rule is None:
            loose = [
                (row, members) for row, members in rows
                if self.is_loose(part, members)
                and all(keys_of(self.axes[n], members[self.time]) == key
                        for n, key in periods.items())
                and all(holds(self.star, part, cut, members, self.query.as_of)
                        for cut in self.cuts[part.name]
                        if part.level(cut.level).use == self.time)
            ]  # fmt: skip
        rows = [
            (plain_day(members[self.time][time.calendar.date]), row)
            for row, members in rows
            if not self.is_loose(part, members)
        ]
        rows = [(day, row) for day, row in rows if day in opened]
        if any(opened[day] for day, _ in rows) and (
            any(isinstance(each, Shift) for each in times)
        ):
            return None, False
        if not whole and any(isinstance(v, Moving) and v.average for v in times):
            return None, False
        there = bool(rows or loose)
        days = sorted(set(opened) & time.known_days)
        if rule is Over.CLOSING or rule is Over.OPENING:
            chosen = (days[-1] if rule is Over.CLOSING else days[0]) if days else None
            rows = [(day, row) for day, row in rows if day == chosen]
        found = self.aggregate(measure, [r for _, r in rows] + [r for r, _ in loose])
        if rule is Over.AVERAGE:
            found = ratio(found, len(days))
        return found, there

    def rows_in(self, part, cell):
        """Return the rows of a cell, whatever their period."""
        others = [n for n in sorted(cell) if self.axes[n].use != self.time]
        known = (part.name, tuple(others))
        if known not in self._rows:
            found = self._rows[known] = {}
            for row, members in self.facts[part.name]:
                for keys in dict.fromkeys(self.keys_in(part, others, members)):
                    found.setdefault(keys, []).append((row, members))
        return self._rows[known].get(tuple(cell[n] for n in others), [])

    @staticmethod
    def aggregate(measure, rows):  # noqa: PLR0911 -- a case each
        kind = measure.measure.kind
        if measure.filter is not None:
            rows = [row for row in rows if value_of(measure.filter, row.get) is True]
        if measure.node is None:
            return len(rows)
        pairs = [(value_of(measure.node, row.get), row) for row in rows]
        pairs = [(value, row) for value, row in pairs if value is not None]
        values = [value for value, _ in pairs]
        if kind == "count":
            return len(values)
        if kind == "count_distinct":
            return len(set(values))
        if kind in {"first", "last"}:
            by = measure.measure.by
            dated = [(row[by], value) for value, row in pairs if row[by] is not None]
            best = min if kind == "first" else max
            return best(dated)[1] if dated else None
        if not values:
            return None
        if kind == "avg":
            return ratio(exact_sum(values), len(values))
        if kind in {"min", "max"}:
            return (min if kind == "min" else max)(values)
        if kind == "sum":
            return exact_sum(values)
        return quantile(values, 0.5 if kind == "median" else measure.measure.at)

    # -- beside other cells ----------------------------------------------------

    def beside(self, how, measure, variants, cell):
        own = self.value(measure, variants, cell)
        rows = [n for n, _ in cell if n < self.count]
        every = tuple(n for n, _ in cell)
        if how.startswith("share"):
            gone = set(rows) if how == "share_of_total" else set(rows[-1:])
            whole = tuple(pair for pair in cell if pair[0] not in gone)
            there = self.exists(whole) or whole == cell
            return ratio(own, self.value(measure, variants, whole) if there else None)
        last = rows[-1] if rows else None
        fellows = [
            each
            for each in self.cells(every)
            if [p for p in each if p[0] != last] == [p for p in cell if p[0] != last]
        ]
        if how == "rank":
            values = [self.value(measure, variants, each) for each in fellows]
            return (
                own
                if own is None
                else 1 + sum(1 for each in values if each is not None and each > own)
            )
        if last is not None:
            fellows.sort(key=lambda each: self.place(last, dict(each)[last]))
            fellows = fellows[: fellows.index(cell) + 1]
        values = [self.value(measure, variants, each) for each in fellows]
        values = [each for each in values if each is not None]
        return exact_sum(values) if values else None

    # -- labels and order ------------------------------------------------------

    def label_and_orders(self, n, key):
        level = self.axes[n]
        definition = level.level
        if definition.shown == definition.keys[-1] and (
            definition.orders == (definition.keys[-1],) and not definition.hide_if
        ):
            return key[-1], ()
        if n not in self._labels:
            self._labels[n] = self.labels(level)
        nothing = (None, (None,) * len(definition.orders))
        return self._labels[n].get(key, nothing)

    def labels(self, level):
        use = self.parts[0].uses[level.use]
        if use.dimension is None:
            members = [row for row, _ in self.star.rows(self.parts[0], "was")]
        else:
            members = self.star.members(use, self.query.as_of)
        above = use.ancestors(level.name) if use.dimension else ()
        found = {}
        for member in members:
            label = member[level.level.shown]
            if level.level.hide_if and above:
                label = None if label is None else str(label)
                if not (label or "").strip():
                    label = member[use.levels[above[-1]].level.shown]
            one = found.setdefault(keys_of(level, member), ([], []))
            one[0].append(label)
            one[1].append([member[each] for each in level.level.orders])
        return {
            key: (
                known(max, labels),
                tuple(known(min, column) for column in zip(*orders, strict=True)),
            )
            for key, (labels, orders) in found.items()
        }

    def place(self, n, key):
        """Return what orders a member: its order columns, its keys; nothing last."""
        _, orders = self.label_and_orders(n, key)
        return tuple((each is None, each) for each in (*orders, *key))

    # -- the answer ------------------------------------------------------------

    def rows(self):
        query = self.query
        found = [cell for every in self.sets() for cell in self.cells(every)]
        if query.having:
            node = parse(query.having)
            many = len(self.sets()) > 1
            found = [
                cell
                for cell in found
                if (many and len(cell) < len(self.axes))
                or value_of(
                    node, lambda name, cell=cell: self.number(self.cube, name, cell)
                )
                is True
            ]
        if query.top:
            kept = self.first_members()
            found = [
                cell
                for cell in found
                if self.count - 1 not in dict(cell)
                or tuple(p for p in cell if p[0] < self.count) in kept
            ]
        found = self.in_order(found)
        for what in reversed(query.order):
            found = self.sorted_by(found, what)
        end = None if query.limit is None else query.offset + query.limit
        return [self.shown(cell) for cell in found[query.offset : end]]

    def in_order(self, cells):
        def place(cell):
            key = dict(cell)
            return [
                (n not in key, self.place(n, key[n]) if n in key else ())
                for n in range(len(self.axes))
            ]

        return sorted(cells, key=lambda cell: flat(place(cell)))

    def sorted_by(self, cells, what):
        name, down = what.removeprefix("-"), what.startswith("-")
        if name in self.query.axes:
            n = self.query.axes.index(name)

            def parts(cell):
                key = dict(cell)
                if n not in key:
                    count = len(self.axes[n].level.keys)
                    orders = self.label_and_orders(n, (None,) * count)[1]
                    return (None,) * (len(orders) + count)
                return (*self.label_and_orders(n, key[n])[1], *key[n])

        else:

            def parts(cell):
                return (self.number(self.cube, name, cell),)

        width = max((len(parts(cell)) for cell in cells), default=0)
        for at in reversed(range(width)):
            known_ = [c for c in cells if parts(c)[at] is not None]
            empty = [c for c in cells if parts(c)[at] is None]
            known_.sort(key=lambda c, at=at: parts(c)[at], reverse=down)
            cells = known_ + empty
        return cells

    def first_members(self):
        top = self.query.top
        last = self.count - 1
        groups = {}
        for cell in self.cells(tuple(range(self.count))):
            value = self.number(self.cube, top.by, cell)
            if value is not None:
                groups.setdefault(cell[:last], []).append((value, cell))
        kept = set()
        for pairs in groups.values():
            pairs.sort(key=lambda p: self.place(last, p[1][last][1]))
            pairs.sort(key=lambda p: p[0], reverse=not top.least)
            kept |= {cell for _, cell in pairs[: top.count]}
        return kept

    def shown(self, cell):
        key = dict(cell)
        found = {}
        for n, path in enumerate(self.query.axes):
            found[path] = self.label_and_orders(n, key[n])[0] if n in key else None
        for name in self.query.measures:
            found[name] = self.number(self.cube, name, cell)
        for n, path in enumerate(self.query.axes):
            definition = self.axes[n].level
            count = len(definition.keys)
            if definition.shown == definition.keys[-1] and count == 1:
                continue
            own = key.get(n, (None,) * count)
            found[f"{path}.key"] = (
                own[0]
                if count == 1
                else [None if each is None else str(each) for each in own]
            )
        if self.query.subtotals:
            found["_set"] = sum(1 << n for n in range(len(self.axes)) if n not in key)
        return found


def shift_of(against):
    return Shift(
        {"prior": "", "prior_year": "year"}.get(
            against.shift, against.shift.removeprefix("prior_year_")
        )
    )


def exact_sum(values):
    if any(isinstance(each, float) for each in values):
        return math.fsum(map(float, values))
    return sum(both(*values))


def quantile(values, share):
    values = sorted(map(float, values))
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def known(best, values):
    found = [each for each in values if each is not None]
    return best(found) if found else None


def flat(parts):
    found = []
    for rolled, place in parts:
        found.append((rolled, ()))
        found += [(missing, () if missing else (value,)) for missing, value in place]
    return found
