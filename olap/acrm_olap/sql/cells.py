"""The finest cells of a query: a fact, aggregated once to all that is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel
from acrm_olap.planning.plan import Axis, Plan, TypedCut
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.keyed import KeyedFactSql, Sizes, kept_roles, key_name
from acrm_olap.sql.maps import MapSql
from acrm_olap.sql.measures import components, over_cells, over_rows
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import (
    Values,
    as_,
    cte,
    group_by,
    in_query,
    made,
    select,
)


class CellsSql:
    """Rows of one cube as a query needs them, and the cells they are put into.

    Parameters
    ----------
    plan : Plan
        The query, resolved.
    cube : BoundCube
        Not a virtual one.
    atoms : sequence of int
        Numbers of the atoms that are computed together.
    time : MapSql, optional
        If they go through time.
    values : Values
        Gets what conditions compare with.
    sizes : Sizes
        How large tables and levels are.
    """

    def __init__(
        self,
        plan: Plan,
        cube: BoundCube,
        atoms: Sequence[int],
        time: MapSql | None,
        values: Values,
        sizes: Sizes,
    ) -> None:
        self.plan = plan
        self.cube = cube
        self.atoms = atoms
        self.time = time
        self.values = values
        measures = [plan.atoms[n].measure for n in atoms]
        levels = [axis.levels[cube.name] for axis in self.axes()]
        if time is not None and time.grain is not None:
            levels.append(time.grain)
        self.kept = kept_roles(cube, levels, measures, sizes)

    def name(self, what: str) -> str:
        """Return how cells of a kind are called: ``cells_sales``, ``by_key_sales``."""
        apart = self.plan.time is not None and self.time is None
        return f"{'as_is_' if apart else ''}{what}_{self.cube.name}"

    def _joined(self) -> list[Axis]:
        """Return the levels that are joined to rows, and not to sums by key."""
        return [
            axis
            for axis in self.axes()
            if axis.levels[self.cube.name].use not in self.kept
        ]

    @property
    def _kept_time(self) -> BoundLevel | None:
        """The grain of time, if it is joined to sums and not to rows."""
        time = self.time
        return time.grain if time is not None and time.use.name in self.kept else None

    def cuts(self) -> list[TypedCut]:
        """Return the cuts of rows; those of time are in the maps if there are any."""
        return [
            cut
            for cut in self.plan.cuts[self.cube.name]
            if self.time is None or cut.level.use != self.time.use.name
        ]

    def axes(self) -> list[Axis]:
        """Return the levels that rows are put together by, but for time's."""
        return [
            axis
            for axis in self.plan.axes
            if self.time is None or axis.level.use != self.time.use.name
        ]

    def fact(self) -> tuple[FactSql, list[exp.Expr]]:
        """Return the fact with all levels joined, and the keys of its grain of time."""
        if not self.kept:
            return self._rows()
        fact = KeyedFactSql(
            self.cube,
            self.plan.query.as_of,
            self.values,
            self.name("by_key"),
            self.kept,
        )
        levels = []
        for axis in self.axes():
            level = axis.levels[self.cube.name]
            if level.use in self.kept:
                levels.append(level)
            else:
                fact.keys[level.path] = [made(t, "fact") for t in axis_names(axis)]
        kept = self._kept_time
        fact.need([*levels, kept] if kept is not None else levels, [])
        if kept is not None:
            return fact, fact.keys[kept.path]
        grain = self.time.grain_names if self.time is not None else []
        return fact, [made(title, "fact") for title in grain]

    def _rows(self) -> tuple[FactSql, list[exp.Expr]]:
        """Return the rows of the fact, with what is not kept by key joined."""
        fact = FactSql(self.cube, self.plan.query.as_of, self.values)
        levels = [axis.levels[self.cube.name] for axis in self._joined()]
        for role, codes in self.kept.items():
            if codes is not None:
                fact.codes[role] = codes
                levels += codes.levels
        time = self.time
        within = {}
        grain = None
        if time is not None:
            grain = time.grain
            sources = select(
                [made(title) for title in time.grain_names],
                cte(f"sources_{self.cube.name}"),
            )
            if grain is not None:
                if self.is_narrowed:
                    keys = time.sql.keys(grain)
                    one = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
                    within[time.use.name] = in_query(one, sources)
                if self._kept_time is None:
                    levels.append(grain)
        fact.need(levels, self.cuts(), within)
        fact.restrict(self.plan.filters.get(self.cube.name, ()))
        if time is None or self._kept_time is not None:
            return fact, []
        if grain is not None:
            return fact, fact.keys[grain.path]
        key = fact.column(str(time.use.use.key))
        if self.is_narrowed:
            fact.conditions.append(in_query(key, sources))
        return fact, [key.copy()]

    @property
    def is_narrowed(self) -> bool:
        """Whether only rows of the periods that measures need are read.

        Where all periods are asked for, there is nothing to gain by it: rows without a
        period are in none of the answer.
        """
        if self.time is None:
            return False
        cut = any(
            each.level.use == self.time.use.name
            for each in self.plan.cuts[self.cube.name]
        )
        promised = self.time.use.use.complete and self.time.use.use.span is None
        return cut or not promised or len(self.time.grain_names) > 1

    def cells(self, atoms: Iterable[int]) -> exp.Select:
        """Return the fact, aggregated once to the finest cells of the query."""
        fact, grain = self.fact()
        return self._aggregated(fact, self._keys(fact, self.axes(), grain), atoms)

    def keyed(self) -> tuple[str, exp.Query]:
        """Return the fact aggregated by keys, under its name."""
        fact, grain = self._rows()
        keys = self._keys(fact, self._joined(), grain)
        for role, codes in self.kept.items():
            keys[key_name(role)] = (
                fact.code(role)
                if codes is not None
                else fact.column(str(self.cube.uses[role].use.key))
            )
        return self.name("by_key"), self._aggregated(fact, keys, self.atoms)

    def codes(self) -> list[tuple[str, exp.Query]]:
        """Return the codes that the fact is aggregated by, under their names."""
        as_of = self.plan.query.as_of
        return [
            codes.query(DimensionSql(self.cube.uses[role], as_of, self.values))
            for role, codes in self.kept.items()
            if codes is not None
        ]

    def _keys(
        self, fact: FactSql, axes: Iterable[Axis], grain: Sequence[exp.Expr]
    ) -> dict[str, exp.Expr]:
        """Return what cells are told apart by, by how it is called there."""
        keys: dict[str, exp.Expr] = {}
        for axis in axes:
            level = axis.levels[self.cube.name]
            keys |= zip(axis_names(axis), fact.keys[level.path], strict=True)
        return keys | {f"t{n}": key for n, key in enumerate(grain)}

    def _aggregated(
        self, fact: FactSql, keys: Mapping[str, exp.Expr], atoms: Iterable[int]
    ) -> exp.Select:
        """Return rows put together by keys, with what cells keep of atoms."""
        columns = [as_(tree, title) for title, tree in keys.items()]
        columns += self._components(atoms, fact)
        return fact.select(columns, group_by(tree.copy() for tree in keys.values()))

    def component_names(self, number_: int) -> list[str]:
        """Return how cells call what they keep of an atom: the same for all times."""
        measure = self.plan.atoms[number_].measure
        first = next(
            n
            for n, atom in enumerate(self.plan.atoms)
            if atom.measure.name == measure.name and atom.part == self.cube.name
        )
        return [f"c{first}_{n}" for n in range(len(components(measure)))]

    def _components(self, atoms: Iterable[int], fact: FactSql) -> list[exp.Expr]:
        """Return what cells keep of atoms, each once."""
        found: dict[str, exp.Expr] = {}
        for n in atoms:
            names = self.component_names(n)
            kept = components(self.plan.atoms[n].measure)
            for title, component in zip(names, kept, strict=True):
                if title not in found:
                    found[title] = (
                        component.merged(names)
                        if isinstance(fact, KeyedFactSql)
                        else component.over_rows(fact.column)
                    )
        return [as_(tree, title) for title, tree in found.items()]

    def value(self, number_: int, fact: FactSql | None) -> exp.Expr:
        """Return an atom as an aggregate over a fact; over cells without one."""
        measure = self.plan.atoms[number_].measure
        if fact is None or isinstance(fact, KeyedFactSql):
            return over_cells(measure, self.component_names(number_))
        return over_rows(measure, fact.column)
