"""Choose aggregate tables for a plan: those that are proved to answer, the smallest.

A part of a plan is a cube. Where tables answer all that a plan asks of a part, they
take its place: one for each number, the smallest that has it, each a part of its own,
put together as the facts of a virtual cube are. Where one number has to be read from
the fact, all are: that is the same pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from acrm_olap.aggregates.substitute import cube_over, measure_over
from acrm_olap.aggregates.tables import AggregateTable, signatures
from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse, Stored
from acrm_olap.definitions.model import Over, Period
from acrm_olap.planning.plan import Atom, Plan, TypedCut
from acrm_olap.sql.cuts import lets_nothing_in


class Proofs(Protocol):
    """What has to be known of a file to prove that a table can answer."""

    def why_not(self, table: AggregateTable) -> str:
        """Return why a table must not be read: not built, out of date; or nothing."""

    def size(self, table: AggregateTable) -> int:
        """Return how many rows a table has."""

    def decides(self, use: BoundUse, finer: BoundLevel, level: BoundLevel) -> bool:
        """Return whether each member of a level is in one member of another."""

    def within(self, use: BoundUse, level: BoundLevel, period: Period) -> bool:
        """Return whether no member of a level reaches over the end of a period."""


@dataclass(frozen=True)
class Choice:
    """A table that was looked at.

    Parameters
    ----------
    part : str
        The cube.
    table : str
        The aggregate table.
    measures : tuple of str
        The numbers that it answers.
    reason : str
        Why it does not answer; empty if it does.
    """

    part: str
    table: str
    measures: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Routing:
    """A plan, with aggregate tables in the place of facts where they answer.

    Parameters
    ----------
    plan : Plan
        To be written.
    chosen, rejected : tuple of Choice
        Tables that answer, and those that do not, with the rule that says why.
    """

    plan: Plan
    chosen: tuple[Choice, ...]
    rejected: tuple[Choice, ...]


@dataclass(frozen=True)
class _Answer:
    table: AggregateTable
    cube: BoundCube
    atoms: tuple[int, ...]


def route(
    plan: Plan, tables: Mapping[str, Iterable[AggregateTable]], proofs: Proofs
) -> Routing:
    """Return a plan over aggregate tables where they answer.

    Parameters
    ----------
    plan : Plan
        A query, resolved.
    tables : mapping of str to iterable of AggregateTable
        The tables of each cube.
    proofs : Proofs
        What is known of the file.
    """
    routing = _Routing(plan, proofs)
    for part in plan.parts:
        routing.part(part, list(tables.get(part.name, ())))
    return Routing(routing.routed(), tuple(routing.chosen), tuple(routing.rejected))


class _Routing:
    def __init__(self, plan: Plan, proofs: Proofs) -> None:
        self.plan = plan
        self.proofs = proofs
        self.answers: dict[str, list[_Answer]] = {}
        self.chosen: list[Choice] = []
        self.rejected: list[Choice] = []

    def part(self, part: BoundCube, tables: list[AggregateTable]) -> None:
        """Choose tables for a cube."""
        atoms = [n for n, each in enumerate(self.plan.atoms) if each.part == part.name]
        able: list[tuple[int, AggregateTable, BoundCube, list[int]]] = []
        for table in tables:
            found = self._able(part, table, atoms)
            if isinstance(found, str):
                self._reject(table, found)
            else:
                able.append((self.proofs.size(table), table, *found))
        able.sort(key=lambda each: (each[0], each[1].name))
        of: dict[int, AggregateTable] = {}
        for _, table, _, numbers in able:
            for n in numbers:
                of.setdefault(n, table)
        missing = sorted({self._name(n) for n in atoms if n not in of})
        for _, table, cube, _ in able:
            mine = [n for n, chosen in of.items() if chosen is table]
            names = tuple(dict.fromkeys(self._name(n) for n in mine))
            if missing:
                self._reject(
                    table,
                    f"{_listed(missing)} has to be read from the fact, and the rest is"
                    " read in the same pass",
                )
            elif not mine:
                others = ", ".join(sorted({each.name for each in of.values()}))
                self._reject(table, f"it has no fewer rows than {others}")
            else:
                self.chosen.append(Choice(part.name, table.name, names, ""))
                self.answers.setdefault(part.name, []).append(
                    _Answer(table, cube, tuple(mine))
                )

    def _name(self, number: int) -> str:
        return self.plan.atoms[number].measure.name

    def _reject(self, table: AggregateTable, reason: str) -> None:
        self.rejected.append(Choice(table.cube.name, table.name, (), reason))

    # -- proofs --------------------------------------------------------------------

    def _able(
        self, part: BoundCube, table: AggregateTable, atoms: list[int]
    ) -> tuple[BoundCube, list[int]] | str:
        """Return the cube over a table with the atoms that it answers, or why none."""
        numbers = [n for n in atoms if _has(table, self.plan.atoms[n])]
        if not numbers:
            names = sorted({self._name(n) for n in atoms})
            return f"it does not keep {_listed(names)}"
        stored: dict[str, Stored] = {}
        for role, levels, cuts in asked_of(self.plan, part):
            reason = self._use(part.uses[role], table, levels, cuts, stored)
            if reason:
                return reason
        reason = self.proofs.why_not(table)
        if reason:
            return reason
        return cube_over(table, stored), numbers

    def _use(
        self,
        use: BoundUse,
        table: AggregateTable,
        levels: list[BoundLevel | None],
        cuts: list[TypedCut],
        stored: dict[str, Stored],
    ) -> str:
        """Return why a table cannot answer what is asked of a dimension, or nothing."""
        if use.name in table.keys:
            return ""
        kept = {
            name: table.levels[level.path]
            for name, level in use.levels.items()
            if level.path in table.levels and not level.tree
        }
        if not kept:
            return f"it is not grouped by '{use.name}'"
        if None in levels:
            return f"it keeps no days of '{use.name}', which the query goes by"
        history = use.dimension is not None and use.dimension.history is not None
        as_of = self.plan.query.as_of
        if history and as_of != "was" and not use.use.at:
            return f"it keeps '{use.name}' as it was, not as of '{as_of}'"
        if not use.use.complete and self._lets_in(use.name):
            return (
                f"what you may see of '{use.name}' needs rows without a member told"
                " apart, and it does not"
            )
        return self._rolled_up(use, kept, levels, cuts, stored)

    def _lets_in(self, role: str) -> bool:
        """Whether a filter of the caller's rows holds of members without a value."""
        return any(
            cut.level.use == role and not lets_nothing_in(cut)
            for cuts in self.plan.filters.values()
            for cut in cuts
        )

    def _rolled_up(
        self,
        use: BoundUse,
        kept: Mapping[str, tuple[str, ...]],
        levels: list[BoundLevel | None],
        cuts: list[TypedCut],
        stored: dict[str, Stored],
    ) -> str:
        """Return why the kept levels do not decide what is asked for, or nothing."""
        by_days = [cut for cut in cuts if cut.operator == "days"]
        days = self._days(use, list(kept), by_days) if by_days else ""
        if by_days and not days:
            members = ", ".join(f"'{use.name}.{each}'" for each in kept)
            return f"a cut of '{use.name}' goes through members of {members}"
        above: dict[str, str] = {}
        asked = [*levels, *(cut.level for cut in cuts if cut.operator != "days")]
        for level in asked:
            if level is None or use.base_of(level) in kept:
                continue
            finer = self._finer(use, list(kept), level)
            if not finer:
                return f"it keeps no level that decides '{level.path}'"
            above[use.base_of(level)] = finer
        if use.dimension is not None:
            stored[use.name] = Stored(kept, above, days)
        return ""

    def _finer(self, use: BoundUse, kept: list[str], level: BoundLevel) -> str:
        """Return a kept level each of whose members is in one member of another."""
        if use.dimension is None or use.use.at:
            return ""
        if level.tree:
            level = use.levels[use.base_of(level)]
        for name in kept:
            if self.proofs.decides(use, use.levels[name], level):
                return name
        return ""

    def _days(self, use: BoundUse, kept: list[str], cuts: list[TypedCut]) -> str:
        """Return a kept level none of whose members any of the cuts of days parts."""
        if use.dimension is None or use.use.at:
            return ""
        for name in kept:
            level = use.levels[name]
            if all(self._is_whole(use, level, cut) for cut in cuts):
                return name
        return ""

    def _is_whole(self, use: BoundUse, level: BoundLevel, cut: TypedCut) -> bool:
        return any(
            all(_is_whole(pair, period) for pair in cut.values)
            and self.proofs.within(use, level, period)
            for period in (Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR)
        )

    # -- the plan ------------------------------------------------------------------

    def routed(self) -> Plan:
        """Return the plan, with the chosen tables as its parts."""
        if not self.answers:
            return self.plan
        plan = self.plan
        cubes: dict[str, list[BoundCube]] = {
            part.name: [each.cube for each in self.answers.get(part.name, ())] or [part]
            for part in plan.parts
        }
        atoms = list(plan.atoms)
        for answers in self.answers.values():
            for each in answers:
                for n in each.atoms:
                    measure = measure_over(each.table, atoms[n].measure)
                    atoms[n] = replace(atoms[n], part=each.cube.name, measure=measure)
        axes = tuple(
            replace(
                axis,
                levels={
                    cube.name: _level_in(cube, axis.levels[name])
                    for name, every in cubes.items()
                    for cube in every
                },
            )
            for axis in plan.axes
        )
        cuts: dict[str, Any] = {
            field: {
                cube.name: tuple(
                    replace(cut, level=_level_in(cube, cut.level))
                    for cut in value[name]
                )
                for name, every in cubes.items()
                for cube in every
                if name in value
            }
            for field, value in cuts_by_cube(plan).items()
        }
        parts = tuple(cube for every in cubes.values() for cube in every)
        return replace(plan, parts=parts, atoms=tuple(atoms), axes=axes, **cuts)


def asked_of(
    plan: Plan, part: BoundCube
) -> list[tuple[str, list[BoundLevel | None], list[TypedCut]]]:
    """Return what a plan asks of each dimension of a fact; None is its key, a day."""
    time = plan.time
    asked: dict[str, tuple[list[BoundLevel | None], list[TypedCut]]] = {}

    def of(role: str) -> tuple[list[BoundLevel | None], list[TypedCut]]:
        return asked.setdefault(role, ([], []))

    # Numbers that are asked for as they are may be read without going through time.
    plain = time is None or any(
        not atom.times and atom.measure.measure.over.get(time.role, Over.NEVER) is (
            Over.NEVER
        )
        for atom in plan.atoms
        if atom.part == part.name
    )  # fmt: skip
    for axis in plan.axes:
        level = axis.levels[part.name]
        if plain or time is None or level.use != time.role:
            of(level.use)[0].append(level)
    for cuts in cuts_by_cube(plan).values():
        for cut in cuts.get(part.name, ()):
            if plain or time is None or cut.level.use != time.role:
                of(cut.level.use)[1].append(cut)
    if time is not None:
        # The rest of time is told by its own table: the fact gives the grain.
        levels = part.uses[time.role].levels
        of(time.role)[0].append(levels[time.grain] if time.grain else None)
    return [(role, wanted, cuts) for role, (wanted, cuts) in asked.items()]


def cuts_by_cube(plan: Plan) -> dict[str, Mapping[str, tuple[TypedCut, ...]]]:
    """Return what a plan says of rows, by field: cuts, and filters of rights if any.

    Whatever field has cuts by cube is looked at, and carried over to the tables that
    take the place of a cube: one that is left behind would let rows in.
    """
    names = {part.name for part in plan.parts}
    found = {}
    for each in fields(plan):
        value = getattr(plan, each.name)
        if isinstance(value, Mapping) and set(value) <= names:
            found[each.name] = value
    return found


def _has(table: AggregateTable, atom: Atom) -> bool:
    wanted = signatures(atom.measure)
    return bool(wanted) and all(each in table.numbers for each in wanted)


def _level_in(cube: BoundCube, level: BoundLevel) -> BoundLevel:
    """Return a level as a cube over a table has it, which may have renamed columns."""
    return cube.uses[level.use].levels.get(level.name, level)


def _is_whole(pair: object, period: Period) -> bool:
    """Whether a range of days begins and ends as a period does."""
    from datetime import date, timedelta

    if not isinstance(pair, tuple):
        return False
    first, last = pair
    after = None if last == date.max else last + timedelta(days=1)
    starts = [each for each in (first, after) if each not in {None, date.min}]
    return all(_begins(each, period) for each in starts)


def _begins(day: object, period: Period) -> bool:
    from datetime import date

    if not isinstance(day, date):
        return False
    if period is Period.WEEK:
        return day.weekday() == 0
    every = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[period]
    return day.day == 1 and (day.month - 1) % every == 0


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{each}'" for each in names)
