"""What has to be known of a file before a cube is asked, found once and kept.

- From when to when a cube has rows, for what is compared over time.
- That keys of dimensions are unique, and promises of complete joins hold: without
  these, rows would be counted twice or lost.
- Which units a measure has: amounts of different currencies are never added up.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundUse
from acrm_olap.definitions.model import Dimension, History, Join
from acrm_olap.errors import DefinitionError
from acrm_olap.running.database import Database
from acrm_olap.running.memory import Memory
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.periods import Extent
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    as_,
    call,
    column,
    group_by,
    made,
    number,
    select,
    table,
)

ONE = number(1)


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
        self._proved: set[tuple[str, ...]] = set()
        self._lock = threading.RLock()

    def _once(self, key: Sequence[str], find: Callable[[], Any]) -> Any:
        """Return what was found before, or find it now; one thread at a time."""
        name = json.dumps(key)
        with self._lock:
            found = self._memory.get(name)
            if found is None:
                found = find()
                self._memory.keep(name, found)
            return found

    def _row(self, tree: exp.Expr, values: Values | None = None) -> Any:
        bound = values.bound if values else None
        return self.database.rows(tree.sql(DIALECT), bound)[0]

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
        first, last = self._once(key, lambda: self._extent(cube, use, dimension))
        return Extent(*(date.fromisoformat(d) if d else None for d in (first, last)))

    def _extent(
        self, cube: BoundCube, use: BoundUse, dimension: Dimension
    ) -> list[str | None]:
        values = Values()
        fact = FactSql(cube, "was", values)
        key = fact.column(str(use.use.key))
        keys = fact.select([as_(key, "k")]).distinct(copy=False)
        sql = DimensionSql(use, "was", values)
        calendar = dimension.calendar
        day = exp.cast(sql.column(calendar.date) if calendar else sql.key(), "date")
        real = None
        if dimension.special:
            from acrm_olap.expressions import parse, to_sql

            special = to_sql(parse(dimension.special), sql.column)
            real = exp.Not(this=exp.Coalesce(this=special, expressions=[exp.false()]))
        has_rows = exp.In(this=sql.key(), query=exp.Subquery(this=keys))
        both = has_rows if real is None else exp.And(this=has_rows, expression=real)
        ends = self._row(
            sql.select([exp.Min(this=day), exp.Max(this=day.copy())], (), both), values
        )
        return [end.isoformat() if end else None for end in ends]

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
            title = f"The key of '{each.table}', which the cube '{cube.name}' joins,"
            self._require_unique(each.table, keys, title)
            if each.complete:
                self._require_complete_join(cube, each)
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
                f"The key of '{each.table}', which '{dimension.dimension}' joins,",
            )  # fmt: skip
        history = dimension.history
        if history is not None:
            self._prove(
                ["versions", dimension.table, *history.model_dump().values()],
                lambda: self._find_overlap(dimension, history),
            )
            if history.current:
                self._prove(
                    ["current", dimension.table, *history.model_dump().values()],
                    lambda: self._find_not_current(dimension, history),
                )

    def _require_unique(self, name: str, keys: list[str], what: str) -> None:
        self._prove(["unique", name, *keys], lambda: self._find_twice(name, keys, what))

    def _require_complete(
        self, cube: BoundCube, use: BoundUse, dimension: Dimension
    ) -> None:
        key = str(use.use.key)
        self._prove(
            ["complete", *_rows_of(cube), key, dimension.table, dimension.key],
            lambda: self._find_lost(
                cube, [key], dimension.table, [dimension.key], f"'{use.name}'"
            ),
        )

    def _require_complete_join(self, cube: BoundCube, each: Join) -> None:
        here, there = list(each.on), list(each.on.values())
        self._prove(
            ["complete", *_rows_of(cube), *here, each.table, *there],
            lambda: self._find_lost(cube, here, each.table, there, f"'{each.table}'"),
        )

    def _prove(
        self, key: list[Any], find: Callable[[], DefinitionError | None]
    ) -> None:
        """Raise what is wrong; what is right is not looked at again."""

        def look() -> bool:
            wrong = find()
            if wrong is not None:
                raise wrong
            return True

        self._once([str(part) for part in key], look)

    def _find_twice(
        self, name: str, keys: list[str], what: str
    ) -> DefinitionError | None:
        columns = [column(key) for key in keys]
        count = exp.Count(this=exp.Star())
        twice = select(
            [*columns, count], table(name),
            group=group_by(each.copy() for each in columns),
        )  # fmt: skip
        twice.set("having", exp.Having(this=exp.GT(this=count.copy(), expression=ONE)))
        found = self._first(twice)
        if found is None:
            return None
        *key, rows = found
        return DefinitionError(
            f"{what} is not unique: {', '.join(map(str, key))} stands in {rows:,}"
            " rows.",
            where=f"table {name}",
            hint="Rows of a fact would be counted once for each. Give a column that is"
            " unique, or mend the table.",
        )

    def _find_overlap(
        self, dimension: Dimension, history: History
    ) -> DefinitionError | None:
        before = exp.Window(
            this=exp.Lag(this=column(history.valid_to)),
            partition_by=[column(history.durable_key)],
            order=exp.Order(expressions=[exp.Ordered(this=column(history.valid_from))]),
        )
        overlap = select([column(history.durable_key)], table(dimension.table))
        over = exp.GT(this=before, expression=column(history.valid_from))
        overlap.set("qualify", exp.Qualify(this=over))
        found = self._first(overlap)
        if found is None:
            return None
        return DefinitionError(
            f"Versions of '{found[0]}' in the dimension '{dimension.dimension}'"
            " overlap.",
            where=f"table {dimension.table}",
            hint="A row would be counted once for each version that held then.",
        )

    def _find_not_current(
        self, dimension: Dimension, history: History
    ) -> DefinitionError | None:
        durable = column(history.durable_key)
        current = exp.Filter(
            this=exp.Count(this=exp.Star()),
            expression=exp.Where(this=column(str(history.current))),
        )
        wrong = select(
            [durable], table(dimension.table), group=group_by([durable.copy()])
        )
        wrong.set("having", exp.Having(this=exp.NEQ(this=current, expression=ONE)))
        found = self._first(wrong)
        if found is None:
            return None
        return DefinitionError(
            f"'{found[0]}' of the dimension '{dimension.dimension}' has not exactly one"
            " current version.",
            where=f"table {dimension.table}, column {history.current}",
            hint="Mend the table, or leave `current` out.",
        )

    def _find_lost(
        self, cube: BoundCube, here: list[str], name: str, there: list[str], what: str
    ) -> DefinitionError | None:
        fact = FactSql(cube, "was", Values())
        columns = [as_(fact.column(key), f"k{n}") for n, key in enumerate(here)]
        keys = fact.select(columns).distinct(copy=False)
        members = select([column(key) for key in there], table(name))
        lost = exp.Except(this=keys, expression=members, distinct=True)
        count = select(
            [exp.Count(this=exp.Star()), call("any_value", made("k0"))],
            exp.Subquery(this=lost),
        )
        missing, example = self._row(count)
        if not missing:
            return None
        return DefinitionError(
            f"{what} of the cube '{cube.name}' is not complete: {missing:,} keys of the"
            f" fact have no row there, such as {example}.",
            where=f"column {', '.join(here)} of {cube.base.fact}",
            hint="Leave `complete` out, or mend the table: rows would be lost.",
        )

    def _first(self, query: exp.Select) -> Any:
        query.set("limit", exp.Limit(expression=ONE))
        rows = self.database.rows(query.sql(DIALECT))
        return rows[0] if rows else None

    # -- units -----------------------------------------------------------------

    def units(self, cube: BoundCube, name: str) -> tuple[str, ...]:
        """Return the units that a column of the fact has, at most a few."""
        found = self._once(
            ["units", *_rows_of(cube), name], lambda: self._units(cube, name)
        )
        return tuple(found)

    def _units(self, cube: BoundCube, name: str) -> list[str]:
        fact = FactSql(cube, "was", Values())
        key = fact.column(name)
        rows = fact.select([as_(key, "unit")]).distinct(copy=False)
        found = self.database.rows(rows.sql(DIALECT))
        return sorted(str(unit) for (unit,) in found if unit is not None)


def _rows_of(cube: BoundCube) -> list[str]:
    """Return what tells the rows of a cube apart from those of others of its fact."""
    joins = [f"{each.table} on {each.on}" for each in cube.base.joins]
    return [cube.base.fact, cube.base.where, *joins]
