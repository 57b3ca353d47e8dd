"""What one cube gives to an answer: its rows put into cells, cells rolled up.

Measures that can be put together again (sums, counts, extremes) are aggregated over
the fact once, to the finest cells that the query needs, and rolled up from these to
totals, to members above members, and to other periods. Others (distinct counts,
quantiles) are aggregated over the rows of the fact for each of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from acrm_olap.definitions import BoundCube
from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import Moving, ToDate
from acrm_olap.planning.plan import Plan, TimeVariant
from acrm_olap.sql.cells import CellsSql
from acrm_olap.sql.dimensions import tree_name, tree_queries
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.keyed import Sizes
from acrm_olap.sql.looked_up import LookedUp, look_up
from acrm_olap.sql.maps import MapSql
from acrm_olap.sql.measures import is_mergeable
from acrm_olap.sql.periods import Extent, axis_names
from acrm_olap.sql.sets import group_of, set_number
from acrm_olap.sql.snapshots import (
    compared,
    only,
    snapshots_of,
    stands_for,
    unless_open,
)
from acrm_olap.sql.terms import (
    Values,
    all_of,
    as_,
    cte,
    equal,
    join,
    made,
    number,
    same,
    select,
    union,
)


@dataclass(frozen=True)
class Pass:
    """Atoms of a cube that are computed together.

    Parameters
    ----------
    number : int
        Its place among all passes of the query.
    times : tuple of TimeVariant
        What of the measures.
    atoms : tuple of int
        Numbers of the atoms.
    timed : bool
        Whether it goes through periods.
    """

    number: int
    times: tuple[TimeVariant, ...]
    atoms: tuple[int, ...]
    timed: bool = True


class PartSql:
    """The statements of one cube in a query.

    Parameters
    ----------
    plan : Plan
        The query, resolved.
    cube : BoundCube
        Not a virtual one.
    passes : sequence of Pass
        Of this cube; all go through periods, or none does.
    total_passes : int
        How many passes the query has in all.
    comparing : sequence of int
        Those that compare periods, by number.
    extent : Extent
        From when to when it has rows.
    values : Values
        Gets what conditions compare with.
    sizes : Sizes
        How large tables and levels are.
    """

    def __init__(
        self,
        plan: Plan,
        cube: BoundCube,
        passes: Sequence[Pass],
        total_passes: int,
        comparing: Sequence[int],
        extent: Extent,
        values: Values,
        sizes: Sizes,
    ) -> None:
        self.plan = plan
        self.cube = cube
        self.passes = passes
        self.total_passes = total_passes
        self.comparing = comparing
        self.values = values
        self.queries: list[tuple[str, exp.Query]] = []
        self.trees = [axis for axis in plan.axes if axis.levels[cube.name].tree]
        self.time: MapSql | None = None
        if plan.time is not None and passes[0].timed:
            self.time = MapSql(plan, cube, extent, values)
        atoms = [n for each in passes for n in each.atoms]
        self.sizes = sizes
        self.together = False
        self.cells = CellsSql(plan, cube, atoms, self.time, values, sizes)

    def selects(self) -> list[exp.Select]:
        """Return selects of the same columns each, to be put together."""
        self._add_trees()
        looked_up = self._looked_up()
        if looked_up is not None:
            return self._together(looked_up)
        if self.time is not None:
            self.queries.append((self.time.name, self.time.members()))
        maps = {
            each.number: self.time.map(each.times, f"map_{each.number}")
            for each in self.passes
            if self.time is not None
        }
        if self.time is not None:
            self.queries += self.time.queries
            self._add_sources(list(maps.values()))
        merged = [n for each in self.passes for n in each.atoms if self._from_cells(n)]
        self._add_cells(merged)
        found = []
        for each in self.passes:
            cells = [n for n in each.atoms if self._from_cells(n)]
            rows = [n for n in each.atoms if not self._from_cells(n)]
            for numbers, from_cells in ((cells, True), (rows, False)):
                if numbers:
                    found += self._rolled_up(each, numbers, from_cells, maps)
        return found

    def _add_cells(self, merged: Sequence[int]) -> None:
        if self.cells.kept:
            self.queries += self.cells.codes()
            self.queries.append(self.cells.keyed())
        if merged:
            self.queries.append((self.cells.name("cells"), self.cells.cells(merged)))

    def _looked_up(self) -> LookedUp | None:
        """Return the maps of all passes, if one join of cells to them gives all.

        A total over all is there even if it is of nothing, each pass by itself: that
        one join does not give.
        """
        rows_of = self.sizes.look_up
        if self.time is None or rows_of is None or frozenset() in self.plan.computed:
            return None
        if any(self._over(n) or not self._from_cells(n) for n in self.cells.atoms):
            return None
        families = [self._families(each, each.atoms) for each in self.passes]
        if any(one != families[0] for one in families):
            return None
        passes = [(each.number, each.times) for each in self.passes]
        return look_up(self.time, passes, rows_of)

    def _together(self, looked_up: LookedUp) -> list[exp.Select]:
        """Return what all passes give, from one join of cells to the maps of all."""
        self.together = True
        first = self.passes[0]
        name = self.cells.name("maps")
        self.queries.append((name, looked_up.query(self.values)))
        self._add_sources([name])
        self._add_cells(self.cells.atoms)
        maps = {each.number: name for each in self.passes}
        return [
            self._family(first, self.cells.atoms, True, maps, sets)
            for sets in self._families(first, first.atoms)
        ]

    # -- what is computed how ----------------------------------------------------

    def _over(self, number_: int) -> Over | None:
        """Return how an atom rolls up over the time of the query."""
        if self.time is None:
            return None
        return self.plan.atoms[number_].measure.measure.over.get(self.time.use.name)

    def _from_cells(self, number_: int) -> bool:
        if not is_mergeable(self.plan.atoms[number_].measure):
            return False
        return self._needs_cells

    @property
    def _needs_cells(self) -> bool:
        if self.time is not None or self.trees:
            return True
        alone = all(is_mergeable(self.plan.atoms[n].measure) for n in self.cells.atoms)
        return alone and len(self.plan.computed) > 1

    # -- statements ----------------------------------------------------------------

    def _add_trees(self) -> None:
        levels = self.plan.levels(self.cube.name)
        self.queries += tree_queries(
            self.cube, levels, self.plan.query.as_of, self.values
        )

    def _add_sources(self, maps: Iterable[str]) -> None:
        """Add the periods that any measure needs, so that no others are read."""
        if self.time is None or not self.cells.is_narrowed:
            return
        names = self.time.grain_names
        every = (select([made(title) for title in names], cte(each)) for each in maps)
        sources = union(every, distinct=True)
        self.queries.append((f"sources_{self.cube.name}", sources))

    def _families(
        self, each: Pass, numbers: Sequence[int]
    ) -> list[list[frozenset[int]]]:
        """Part what is computed into sets that one select can compute together."""
        semi = any(self._over(n) for n in numbers)
        time_axes = {axis.number for axis in self.time.axes} if self.time else set()
        steps = [
            variant for variant in each.times if isinstance(variant, ToDate | Moving)
        ]
        trees = {axis.number for axis in self.trees}
        found: dict[tuple[frozenset[int], frozenset[int]], list[frozenset[int]]] = {}
        for every in self.plan.computed:
            if steps and not time_axes <= every:
                # To date, or the last periods, of several periods is no number.
                continue
            key = (
                every & frozenset(trees),
                every & frozenset(time_axes) if semi else frozenset(),
            )
            found.setdefault(key, []).append(every)
        return list(found.values())

    def _rolled_up(
        self, each: Pass, numbers: Sequence[int], from_cells: bool, maps: dict[int, str]
    ) -> list[exp.Select]:
        if not from_cells and self.time is None and not self.trees:
            return [self._family(each, numbers, False, maps, list(self.plan.computed))]
        return [
            self._family(each, numbers, from_cells, maps, sets)
            for sets in self._families(each, numbers)
        ]

    def _family(
        self,
        each: Pass,
        numbers: Sequence[int],
        from_cells: bool,
        maps: dict[int, str],
        sets: list[frozenset[int]],
    ) -> exp.Select:
        keys: dict[int, list[exp.Expr]] = {}
        joins: list[exp.Join] = []
        fact: FactSql | None = None
        grain: list[exp.Expr] = []
        if from_cells:
            for axis in self.cells.axes():
                keys[axis.number] = [made(t, "c") for t in axis_names(axis)]
            if self.time is not None:
                grain += [made(t, "c") for t in self.time.grain_names]
        else:
            fact, grain = self.cells.fact()
            for axis in self.cells.axes():
                level = axis.levels[self.cube.name]
                keys[axis.number] = list(fact.keys[level.path])
        if self.time is not None:
            source = self._map(maps[each.number], numbers, sets)
            on = all_of(
                same(made(title, "m"), key)
                if len(grain) > 1
                else equal(made(title, "m"), key)
                for title, key in zip(self.time.grain_names, grain, strict=True)
            )
            joins.append(join(cte(source, "m"), on or exp.true()))
            for axis in self.time.axes:
                keys[axis.number] = [made(title, "m") for title in axis_names(axis)]
        for axis in self.trees:
            if axis.number in set().union(*sets):
                alias = f"up{axis.number}"
                (member,) = keys[axis.number]
                joins.append(
                    join(
                        cte(tree_name(axis.levels[self.cube.name]), alias),
                        equal(made("member", alias), member),
                        side="LEFT",
                    )
                )
                keys[axis.number] = [
                    exp.Coalesce(
                        this=made("ancestor", alias), expressions=[member.copy()]
                    )
                ]
        columns = self._columns(each, numbers, fact, keys, sets)
        group = group_of(self.plan, keys, sets)
        if fact is not None:
            found = fact.select(columns, group)
            found.set("joins", [*fact.joins, *joins])
            return found
        return select(
            columns, cte(self.cells.name("cells"), "c"), joins=joins, group=group
        )

    def _columns(
        self,
        each: Pass,
        numbers: Sequence[int],
        fact: FactSql | None,
        keys: dict[int, list[exp.Expr]],
        sets: list[frozenset[int]],
    ) -> list[exp.Expr]:
        used = set().union(*sets)
        columns = [as_(set_number(self.plan, keys, sets), "g")]
        for axis in self.plan.axes:
            for title, key in zip(axis_names(axis), keys[axis.number], strict=True):
                tree = key.copy() if axis.number in used else exp.Null()
                columns.append(as_(tree, title))
        values: dict[int, exp.Expr] = {}
        marks: dict[int, exp.Expr] = {}
        odd: dict[int, exp.Expr] = {}
        for one in self.passes if self.together else [each]:
            marks[one.number] = self._mark(one)
            if one.number in self.comparing:
                odd[one.number] = self._odd(one)
            values |= {n: self._value(one, n, fact) for n in one.atoms if n in numbers}
        for n in range(len(self.plan.atoms)):
            columns.append(as_(values.get(n, exp.Null()), f"m{n}"))
        for n in range(self.total_passes):
            columns.append(as_(marks.get(n, exp.Null()), f"p{n}"))
            if n in self.comparing:
                columns.append(as_(odd.get(n, exp.Null()), f"q{n}"))
        return columns

    def _mark(self, each: Pass) -> exp.Expr:
        """Return 1 for a cell that a pass finds rows for."""
        if not self.together:
            return self._unless_open(each, number(1))
        return self._of_pass(each, exp.Max(this=number(1)))

    def _of_pass(self, each: Pass, value: exp.Expr) -> exp.Expr:
        """Return an aggregate of the rows of one pass, of those of all."""
        return only(self._unless_open(each, value), made(f"in{self._of(each)}", "m"))

    def _value(self, each: Pass, number_: int, fact: FactSql | None) -> exp.Expr:
        value = stands_for(self.cells.value(number_, fact), self._over(number_))
        if self.together:
            found = self._of_pass(each, value)
            if self.plan.atoms[number_].measure.measure.kind != "count":
                return found
            # Cells that this pass has none of are counted by others: not nought.
            any_ = only(exp.Max(this=number(1)), made(f"in_{each.number}", "m"))
            known = exp.Not(this=exp.Is(this=any_, expression=exp.Null()))
            return exp.Case(ifs=[exp.If(this=known, true=found)])
        return self._unless_open(each, value)

    def _odd(self, each: Pass) -> exp.Expr:
        """Return what is odd about what the cells of a pass are compared with."""
        found = compared(self._of(each), has_part=self._has_part(each))
        return only(found, made(f"in_{each.number}", "m")) if self.together else found

    def _has_part(self, each: Pass) -> bool:
        return self.time is not None and self.time.compares(each.times)

    def _unless_open(self, each: Pass, value: exp.Expr) -> exp.Expr:
        part = self._has_part(each)
        return unless_open(self.plan, each.times, value, self._of(each), has_part=part)

    def _of(self, each: Pass) -> str:
        """Return how columns of the map end that belong to one pass of several."""
        return f"_{each.number}" if self.together else ""

    def _map(
        self, name: str, numbers: Sequence[int], sets: list[frozenset[int]]
    ) -> str:
        """Return the map, with marks of the snapshots that stand for a period."""
        if self.time is None or not any(self._over(n) for n in numbers):
            return name
        axes = [axis for axis in self.time.axes if axis.number in sets[0]]
        found = snapshots_of(self.time, name, axes)
        known = [title for title, _ in self.queries]
        self.queries += [pair for pair in found if pair[0] not in known]
        return found[-1][0]
