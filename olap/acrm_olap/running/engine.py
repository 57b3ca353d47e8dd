"""Ask cubes of one file: plan, write, run, and say what was read."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from acrm_olap.aggregates import AggregateTable, Routing, route, tables_of_cube
from acrm_olap.definitions import BoundCube, Definitions, bind, read_catalog, read_sizes
from acrm_olap.errors import MeaningError, TooLargeError, UnknownNameError
from acrm_olap.planning import ALL, Plan, Rights, resolve
from acrm_olap.planning.plan import Leaf
from acrm_olap.planning.trees import under
from acrm_olap.query import MOST_CELLS, Query
from acrm_olap.results import Result, Source, There
from acrm_olap.running.aggregate_proofs import FileProofs
from acrm_olap.running.bounds import bounded
from acrm_olap.running.cache import Cache, Key, canonical, canonical_rights
from acrm_olap.running.comparisons import notes_of
from acrm_olap.running.database import Database
from acrm_olap.running.first_members import with_first_members, written_cuts
from acrm_olap.running.knowledge import Knowledge
from acrm_olap.running.looking_up import keyed, look_up
from acrm_olap.running.membership import Membership
from acrm_olap.running.memory import Memory
from acrm_olap.running.query_log import QueryLog
from acrm_olap.running.whole_days import with_days
from acrm_olap.sql.keyed import Sizes
from acrm_olap.sql.mixed import MIXED, UNITS
from acrm_olap.sql.periods import Extent
from acrm_olap.sql.statement import COMPARED, THERE, write
from acrm_olap.sql.written import Statement

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(repr=False)
class Engine:
    """Cubes over one file.

    Parameters
    ----------
    database : Database
        The file.
    definitions : Definitions
        Of the cubes.
    use_aggregates : bool
        False reads facts alone.
    log : QueryLog, optional
        Where queries are noted, for `acrm cube advise`.
    cache : Cache, optional
        Keeps answers; several engines may share one.
    """

    database: Database
    definitions: Definitions
    use_aggregates: bool = True
    log: QueryLog | None = None
    cache: Cache | None = None
    cubes: Mapping[str, BoundCube] = field(init=False)
    knowledge: Knowledge = field(init=False)
    membership: Membership = field(init=False)
    sizes: Sizes = field(init=False)
    proofs: FileProofs = field(init=False)
    aggregates: Mapping[str, list[AggregateTable]] = field(init=False)

    def __post_init__(self) -> None:
        with self.database.cursor() as cursor:
            catalog = read_catalog(cursor)
            tables = read_sizes(cursor)
            self.cubes = bind(self.definitions, catalog)
        memory = Memory(self.database.memory)
        self.knowledge = Knowledge(self.database, memory)
        self.membership = Membership(self.database)
        self.sizes = Sizes(
            tables, self.knowledge.members, look_up=self.knowledge.periods
        )
        self.proofs = FileProofs(self.database, catalog, memory)
        self.aggregates = {
            name: tables_of_cube(cube, self._place_of_aggregate(name))
            for name, cube in self.cubes.items()
            if not cube.is_virtual
        }

    def __repr__(self) -> str:
        """Return which file it is over, and how many cubes it has."""
        return f"<Engine over {self.database.name}: {len(self.cubes)} cubes>"

    def _place_of_aggregate(self, cube: str) -> Callable[[str], str]:
        return lambda name: self.definitions.where("cube", cube, "aggregates", name)

    @cached_property
    def fingerprint(self) -> str:
        """What tells the definitions from others."""
        found = hashlib.sha256()
        for kind in ("dimensions", "cubes", "virtual_cubes"):
            for name, each in getattr(self.definitions, kind).items():
                found.update(f"{kind} {name} {each.model_dump_json()}\n".encode())
        return found.hexdigest()

    def cube(self, name: str) -> BoundCube:
        """Return a cube by name.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        if name not in self.cubes:
            raise UnknownNameError("cube", name, self.cubes)
        return self.cubes[name]

    def plan(self, query: Query, rights: Rights = ALL) -> Plan:
        """Return what a query means.

        Raises
        ------
        CubeError
            If it has no right answer.
        """
        cube = self.cube(query.cube)
        cuts = keyed(
            self.membership, cube, query.cuts, rights, query.as_of, query.missing
        )
        query = replace(query, cuts=cuts)
        listed = with_first_members(
            query, cube, lambda first: self._answer(first, rights)
        )
        plan = resolve(cube, listed, rights, self.knowledge.units)
        told = look_up(
            self.membership, cube, plan.parts, written_cuts(cube, cuts), plan.filters,
            query.as_of, query.missing,
        )  # fmt: skip
        return replace(plan, query=query, notes=(*plan.notes, *told))

    def route(self, plan: Plan) -> Routing:
        """Return a plan over aggregate tables where these are proved to answer."""
        if not self.use_aggregates:
            return Routing(plan, (), ())
        return route(plan, self.aggregates, self.proofs)

    def statement(self, plan: Plan) -> Statement:
        """Return the SQL of a plan, once it is sure that its joins are right."""
        extents: dict[str, Extent] = {}
        for part in plan.parts:
            held = {cut.level.use for cut in plan.filters.get(part.name, ())}
            if plan.time is not None:
                extents[part.name] = self._extent(part, plan.time.role)
            self.knowledge.prove(part, sorted(plan.roles(part.name) | held))
            for level in plan.levels(part.name):
                if level.tree:
                    use = part.uses[level.use]
                    self.knowledge.one_parent(use, level.tree, plan.query.as_of)
        plan = with_days(self._summed_apart(plan), self.knowledge)
        return write(plan, extents, self.sizes)

    def _summed_apart(self, plan: Plan) -> Plan:
        """Return a plan with sums of columns in the place of sums of differences."""
        apart = self.knowledge.sums_apart
        atoms = tuple(
            replace(atom, measure=apart(plan.part(atom.part), atom.measure))
            for atom in plan.atoms
        )
        return replace(plan, atoms=atoms)

    def _extent(self, part: BoundCube, role: str) -> Extent:
        """Return from when to when a cube has rows, of a table that has its days."""
        keyed = part.uses[role].use.key is not None
        return self.knowledge.extent(
            part if keyed else self.cubes[part.base.cube], role
        )

    def ask(
        self,
        query: Query,
        rights: Rights = ALL,
        *,
        seconds: float | None = None,
        stop: threading.Event | None = None,
    ) -> Result:
        """Return the answer to a query.

        Parameters
        ----------
        query : Query
            The question.
        rights : Rights
            What the caller may see.
        seconds : float, optional
            After which it is stopped.
        stop : Event, optional
            Stops it when set.

        Raises
        ------
        CubeError
            If it has no right answer, is too large, or was stopped.
        """
        started = time.perf_counter()
        file = self.database.identity
        with bounded(seconds, stop):
            if self.cache is None or file is None or not file.holds:
                return self._answer(query, rights)
            key = Key(
                self.fingerprint, file, canonical(query), canonical_rights(rights)
            )
            found, again = self.cache.answer(key, lambda: self._answer(query, rights))
        if not again:
            return found
        took = time.perf_counter() - started
        source = replace(found.source, served_by="cache", seconds=took)
        return replace(found, query=query, source=source)

    def _answer(self, query: Query, rights: Rights) -> Result:
        started = time.perf_counter()
        plan = self.plan(query, rights)
        routing = self.route(plan)
        statement = self.statement(routing.plan)
        sql = statement.sql()
        table = self.database.arrow(sql, statement.values)
        table, units = self._checked(plan, table)
        source = Source(
            self.database.name,
            self.database.version,
            self.database.data_through,
            tuple(part.name for part in plan.parts),
            tables_of(statement),
            served_by(routing),
            tuple(choice.table for choice in routing.chosen),
            time.perf_counter() - started,
        )
        if self.log is not None:
            self.log.note(plan, source)
        plan, table = self._comparisons(plan, table, statement, rights)
        there = None
        if THERE in table.column_names:
            there = There(table.column(THERE), statement.pass_of)
            table = table.drop_columns([THERE])
        return Result(
            table,
            query,
            plan,
            sql,
            statement.values,
            source,
            self._units(plan, units),
            there,
        )

    def _checked(
        self, plan: Plan, table: pa.Table
    ) -> tuple[pa.Table, dict[int, list[str]]]:
        """Refuse what is too large, or adds up different units; return those, by atom.

        They are the units of the cells, so that none is named that the caller's cuts
        and rights keep out.
        """
        most = MOST_CELLS // max(len(plan.columns), 1)
        if table.num_rows > most:
            raise TooLargeError(
                f"The answer has more than {most:,} rows of {len(plan.columns)}"
                f" measures, more than {MOST_CELLS:,} cells.",
                hint="Cut it, ask for fewer levels, or page through it with limit and"
                " offset.",
            )
        if MIXED not in table.column_names:
            return table, {}
        names = [f"{UNITS}{n}" for n, _ in enumerate(plan.units)]
        units = {}
        for check, name in zip(plan.units, names, strict=True):
            found = table.column(name)[0].as_py() if table.num_rows else None
            units[check.atom] = sorted(str(e) for e in found or [] if e is not None)
        mixed = table.column(MIXED)[0].as_py() if table.num_rows else None
        if mixed is not None:
            check = plan.units[mixed]
            atom = plan.atoms[check.atom]
            column = atom.measure.measure.unit[1:]
            more = self.knowledge.units_of(plan, plan.part(atom.part), column)
            known = {*units[check.atom], *more}
            raise MeaningError(
                f"'{check.measure}' would add up {', '.join(sorted(known))}.",
                hint=f"Cut '{check.level}' to one of them, or put it on an axis"
                " without subtotals.",
            )
        return table.drop_columns([MIXED, *names]), units

    def _comparisons(
        self, plan: Plan, table: pa.Table, statement: Statement, rights: Rights
    ) -> tuple[Plan, pa.Table]:
        """Say what cells are compared with, where that is not a whole period."""
        names = [each for each in table.column_names if each.startswith(COMPARED)]
        if not names or plan.time is None:
            return plan, table
        odd = {
            int(name.removeprefix(COMPARED)): table.column(name).to_pylist()
            for name in names
        }
        role = plan.time.role
        told = () if rights.hold_back(role) else plan.parts
        extents = [self._extent(part, role) for part in told]
        found = notes_of(plan, statement.pass_of, odd, extents)
        return replace(plan, notes=(*plan.notes, *found)), table.drop_columns(names)

    def _units(self, plan: Plan, units: Mapping[int, list[str]]) -> dict[str, str]:
        """Return the unit of each column; of several, with commas."""
        found = {}
        for column in plan.columns:
            unit = column.unit
            if unit.startswith("@"):
                known: dict[str, None] = {}
                for each in under(column.tree):
                    if not isinstance(each, Leaf):
                        continue
                    atom = plan.atoms[each.atom]
                    part = plan.part(atom.part)
                    if each.atom in units:
                        known |= dict.fromkeys(units[each.atom])
                    elif unit[1:] in part.columns:
                        known |= dict.fromkeys(self.knowledge.units(part, unit[1:]))
                unit = ", ".join(known)
            found[column.name] = unit
        return found


def served_by(routing: Routing) -> str:
    """Return what answers: ``facts``, ``aggregates``, or ``aggregates and facts``."""
    if not routing.chosen:
        return "facts"
    tables = {choice.table for choice in routing.chosen}
    whole = all(part.name in tables for part in routing.plan.parts)
    return "aggregates" if whole else "aggregates and facts"


def tables_of(statement: Statement) -> tuple[str, ...]:
    """Return the tables that a statement reads."""
    defined = {each.alias for each in statement.tree.find_all(exp.CTE)}
    found = {
        f"{each.db}.{each.name}" if each.db else each.name
        for each in statement.tree.find_all(exp.Table)
        # A function in the place of a table, such as range(), is none.
        if isinstance(each.this, exp.Identifier) and each.this.quoted
    }
    return tuple(sorted(found - defined))
