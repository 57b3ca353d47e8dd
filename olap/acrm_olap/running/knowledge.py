"""What has to be known of a file before a cube is asked, found once and kept.

- From when to when a cube has rows, for what is compared over time.
- That keys of dimensions are unique, and promises of complete joins hold: without
  these, rows would be counted twice or lost.
- Which units a measure has: amounts of different currencies are never added up.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure, BoundUse
from acrm_olap.definitions.model import Dimension, Join
from acrm_olap.errors import DefinitionError, MeaningError
from acrm_olap.expressions import cast
from acrm_olap.planning import Plan
from acrm_olap.planning.members import end_of
from acrm_olap.running.database import Database
from acrm_olap.running.memory import Memory
from acrm_olap.running.proofs import Proofs
from acrm_olap.sql.dimensions import DimensionSql, with_trees
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.looked_up import Rows
from acrm_olap.sql.measures import added_columns
from acrm_olap.sql.periods import Extent
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    all_of,
    as_,
    derived,
    group_by,
    in_query,
    number,
    select,
)

ONE = number(1)
# Maps of time, of some hundred rows each.
KEPT_PERIODS = 100


class Knowledge:
    """Facts about the data of one file.

    Parameters
    ----------
    database : Database
        The file.
    memory : Memory, optional
        Where facts are kept for the next process that opens the file.
    """

    def __init__(self, database: Database, memory: Memory | None = None) -> None:
        self.database = database
        self._memory = memory or Memory()
        self._proofs = Proofs(database)
        self._proved: set[tuple[str, ...]] = set()
        self._periods: OrderedDict[Hashable, Rows] = OrderedDict()
        self._lock = threading.Lock()

    # -- time ------------------------------------------------------------------

    def extent(self, cube: BoundCube, role: str) -> Extent:
        """Return from when to when a cube has rows, by one of its times."""
        use = cube.uses.get(role)
        if use is None or use.dimension is None or use.use.key is None:
            return Extent(None, None)
        dimension = use.dimension
        day = dimension.calendar.date if dimension.calendar else dimension.key
        key = [
            "extent", *_rows_of(cube), use.use.key, dimension.table, dimension.key, day,
            dimension.special,
        ]  # fmt: skip
        first, last, loose = self._memory.once(key, lambda: self._extent(cube, use))
        begin, end = (date.fromisoformat(day) if day else None for day in (first, last))
        through = cube.base.through
        if end is not None and through is not None and cube.base.time in {None, role}:
            end = through if isinstance(through, date) else end_of(end, through)
        return Extent(begin, end, loose)

    def _extent(
        self, cube: BoundCube, use: BoundUse
    ) -> tuple[str | None, str | None, bool]:
        values = Values()
        fact = FactSql(cube, "was", values)
        key = fact.column(str(use.use.key))
        keys = fact.select([as_(key, "k")]).distinct(copy=False)
        sql = DimensionSql(use, "was", values)
        day = cast(sql.day(), "date")
        real = sql.not_special()
        both = all_of([in_query(sql.key(), keys), real])
        ends = self._proofs.row(
            sql.select([exp.Min(this=day), exp.Max(this=day.copy())], (), both), values
        )
        first, last = (end.isoformat() if end else None for end in ends)
        return first, last, self._is_loose(cube, use, real)

    def _is_loose(
        self,
        cube: BoundCube,
        use: BoundUse,
        real: exp.Expr | None,
    ) -> bool:
        """Whether rows have no member of time, or a special one."""
        if use.use.complete and real is None:
            return False
        values = Values()
        fact = FactSql(cube, "was", values)
        key = fact.column(str(use.use.key))
        sql = DimensionSql(use, "was", values)
        meets: exp.Expr = exp.EQ(this=sql.key(), expression=key)
        if real is not None:
            meets = exp.And(this=meets, expression=real.copy())
        known = exp.Exists(this=sql.select([sql.key()], (), meets))
        fact.conditions.append(exp.Not(this=known))
        return self._proofs.first(fact.select([ONE.copy()]), values) is not None

    def periods(
        self,
        key: Hashable,
        statement: Callable[[], tuple[str, dict[str, Any]]],
        shape: Callable[[Rows], Rows],
    ) -> Rows:
        """Return what is made of the rows of a statement on time alone, kept by key."""
        with self._lock:
            found = self._periods.get(key)
        if found is None:
            found = shape(self.database.rows(*statement()))
        with self._lock:
            self._periods[key] = found
            self._periods.move_to_end(key)
            while len(self._periods) > KEPT_PERIODS:
                self._periods.popitem(last=False)
        return found

    # -- joins -----------------------------------------------------------------

    def prove(self, cube: BoundCube, roles: Iterable[str]) -> None:
        """Make sure that joins neither double rows nor lose any.

        Raises
        ------
        DefinitionError
            If a key is not unique, or a promise does not hold.
        """
        wanted = (cube.name, *roles)
        if wanted in self._proved:
            return
        for each in cube.base.joins:
            keys = list(each.on.values())
            title = f"The key of '{each.title}', which the cube '{cube.name}' joins,"
            self._require_unique(each.table, keys, title)
        self._require_matches(cube.base.fact, cube.base.joins, f"cube '{cube.name}'")
        for role in roles:
            use = cube.uses[role]
            if use.dimension is not None and not use.use.at:
                self._require_right_members(use, use.dimension)
                if use.use.complete and use.use.key is not None:
                    self._require_complete(cube, use, use.dimension)
        self._proved.add(wanted)

    def _require_right_members(self, use: BoundUse, dimension: Dimension) -> None:
        if use.use.span is None:
            self._require_unique(
                dimension.table, [dimension.key],
                f"The key '{dimension.key}' of the dimension '{dimension.dimension}'",
            )  # fmt: skip
        for each in dimension.joins:
            self._require_unique(
                each.table, list(each.on.values()),
                f"The key of '{each.title}', which '{dimension.dimension}' joins,",
            )  # fmt: skip
        self._require_matches(
            dimension.table, dimension.joins, f"dimension '{dimension.dimension}'"
        )
        history = dimension.history
        if history is not None:
            self._prove(
                ["ends", dimension.table, *history.model_dump().values()],
                lambda: self._proofs.find_endless(dimension, history),
            )
            self._prove(
                ["versions", dimension.table, *history.model_dump().values()],
                lambda: self._proofs.find_overlap(dimension, history),
            )
            if history.current:
                self._prove(
                    ["current", dimension.table, *history.model_dump().values()],
                    lambda: self._proofs.find_not_current(dimension, history),
                )

    def _require_unique(self, name: str, keys: list[str], what: str) -> None:
        self._prove(
            ["unique", name, *keys], lambda: self._proofs.find_twice(name, keys, what)
        )

    def _require_complete(
        self, cube: BoundCube, use: BoundUse, dimension: Dimension
    ) -> None:
        key = str(use.use.key)
        self._prove(
            ["complete", *_rows_of(cube), key, dimension.table, dimension.key],
            lambda: self._proofs.find_lost(
                cube, [key], dimension.table, [dimension.key], f"'{use.name}'"
            ),
        )

    def _require_matches(self, name: str, joins: list[Join], owner: str) -> None:
        """Refuse a join that is promised to be complete and would lose rows."""
        for n, each in enumerate(joins):
            if each.complete:
                way = joins[: n + 1]
                self._prove(
                    ["matches", name, *way],
                    lambda way=way: self._proofs.find_unmatched(name, way, owner),  # type: ignore[misc]
                )

    def one_parent(self, use: BoundUse, tree: str, as_of: str) -> None:
        """Make sure that each member of a tree is under one member at most.

        Raises
        ------
        MeaningError
            If versions of it are under several.
        """
        self._memory.once(
            ["tree", use.name, tree, as_of, str(use.dimension)],
            lambda: self._one_parent(use, tree, as_of),
        )

    def _one_parent(self, use: BoundUse, tree: str, as_of: str) -> bool:
        values = Values()
        sql = DimensionSql(use, as_of, values)
        (key,) = sql.keys(use.levels[tree])
        above = exp.Coalesce(
            this=cast(sql.column(str(use.hierarchies[tree].parent)), "text"),
            expressions=[exp.Literal.string("")],
        )
        known = exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null()))
        # What is above may stand in a table that has to be joined.
        several = sql.select([key], (), known, [above])
        several.set("group", group_by([key.copy()]))
        count = exp.Count(this=exp.Distinct(expressions=[above]))
        several.set("having", exp.Having(this=exp.GT(this=count, expression=ONE)))
        found = self._proofs.first(several, values)
        if found is not None:
            raise MeaningError(
                f"'{found[0]}' of '{use.name}.{tree}' is under several members, as it"
                " was at different times.",
                hint="Ask as of now or of a day: as_of='is'.",
            )
        return True

    def _prove(
        self, key: list[Any], find: Callable[[], DefinitionError | None]
    ) -> None:
        """Raise what is wrong; what is right is not looked at again."""

        def look() -> bool:
            wrong = find()
            if wrong is not None:
                raise wrong
            return True

        self._memory.once([str(part) for part in key], look)

    # -- measures --------------------------------------------------------------

    def sums_apart(self, cube: BoundCube, measure: BoundMeasure) -> BoundMeasure:
        """Return a measure; as sums of its columns, where each row has all of them."""
        columns = added_columns(measure, cube.columns)
        if columns and all(self._is_in_every_row(cube, name) for name, _ in columns):
            return replace(measure, summed_apart=True)
        return measure

    def _is_in_every_row(self, cube: BoundCube, name: str) -> bool:
        def look() -> bool:
            fact = FactSql(cube, "was", Values())
            fact.conditions.append(
                exp.Is(this=fact.column(name), expression=exp.Null())
            )
            return self._proofs.first(fact.select([ONE.copy()])) is None

        return self._memory.once(["in every row", *_rows_of(cube), name], look)

    # -- members ---------------------------------------------------------------

    def members(self, use: BoundUse, levels: Sequence[BoundLevel]) -> int:
        """Return how many members levels of a role have together, in all versions."""
        dimension = use.dimension
        if dimension is None:
            raise TypeError(use.name)
        sql = DimensionSql(use, "was", Values())
        keys = [key for level in levels for key in sql.keys(level)]
        names = [key for level in levels for key in level.level.keys]
        joins = [f"{each.table} on {each.on}" for each in dimension.joins]
        return self._memory.once(
            ["members", dimension.table, *joins, "of", *names],
            lambda: self._members(
                sql.select([as_(k, f"k{n}") for n, k in enumerate(keys)])
            ),
        )

    def _members(self, rows: exp.Select) -> int:
        every = derived(rows.distinct(copy=False), "member")
        count = select([exp.Count(this=exp.Star())], every)
        return int(self._proofs.row(count)[0])

    # -- units -----------------------------------------------------------------

    def units(self, cube: BoundCube, name: str) -> tuple[str, ...]:
        """Return the units that a column of the fact has, at most a few."""
        found = self._memory.once(
            ["units", *_rows_of(cube), name], lambda: self._units(cube, name)
        )
        return tuple(found)

    def units_of(self, plan: Plan, cube: BoundCube, name: str) -> list[str]:
        """Return the units of the rows of a cube that a query looks at.

        Parameters
        ----------
        plan : Plan
            The query.
        cube : BoundCube
            One of its cubes.
        name : str
            The column with the units.
        """
        values = Values()
        fact = FactSql(cube, plan.query.as_of, values)
        cuts, filters = plan.cuts[cube.name], plan.filters.get(cube.name, ())
        key = fact.column(name)
        fact.need([], cuts)
        fact.restrict(filters)
        found = fact.select([as_(key, "unit")]).distinct(copy=False)
        levels = (cut.level for cut in (*cuts, *filters))
        with_trees(found, cube, levels, plan.query.as_of, values)
        rows = self.database.rows(found.sql(DIALECT), values.bound)
        return [str(unit) for (unit,) in rows if unit is not None]

    def _units(self, cube: BoundCube, name: str) -> list[str]:
        fact = FactSql(cube, "was", Values())
        key = fact.column(name)
        rows = fact.select([as_(key, "unit")]).distinct(copy=False)
        found = self.database.rows(rows.sql(DIALECT))
        return sorted(str(unit) for (unit,) in found if unit is not None)


def _rows_of(cube: BoundCube) -> list[str]:
    """Return what tells the rows of a cube apart from those of others of its fact."""
    joins = [f"{each.table} {each.title} on {each.on}" for each in cube.base.joins]
    return [cube.base.fact, cube.base.where, *joins]
