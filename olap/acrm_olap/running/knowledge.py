"""What has to be known of a file before a cube is asked, found once and kept.

- From when to when a cube has rows, for what is compared over time.
- That keys of dimensions are unique, and promises of complete joins hold: without
  these, rows would be counted twice or lost.
- Which units a measure has: amounts of different currencies are never added up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundUse
from acrm_olap.definitions.model import Join
from acrm_olap.errors import DefinitionError
from acrm_olap.running.bounds import STEP_SECONDS, bounds
from acrm_olap.running.database import Database
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.periods import Extent
from acrm_olap.sql.terms import DIALECT, Values, as_, call, column, made, select, table

Found = TypeVar("Found")


class Knowledge:
    """Facts about the data of one file.

    Parameters
    ----------
    database : Database
        The file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[tuple[str, ...], Any] = {}
        self._lock = threading.RLock()

    def _once(self, key: tuple[str, ...], find: Callable[[], Found]) -> Found:
        # Who waits for another to find something is held to his own time.
        while not self._lock.acquire(timeout=STEP_SECONDS):
            bounds().check()
        try:
            if key not in self._known:
                self._known[key] = find()
            found: Found = self._known[key]
            return found
        finally:
            self._lock.release()

    def _row(self, tree: exp.Expr, values: Values | None = None) -> Any:
        bound = values.bound if values else None
        return self.database.rows(tree.sql(DIALECT), bound)[0]

    # -- time ------------------------------------------------------------------

    def extent(self, cube: BoundCube, role: str) -> Extent:
        """Return from when to when a cube has rows, by one of its times."""
        return self._once(("extent", cube.name, role), lambda: self._extent(cube, role))

    def _extent(self, cube: BoundCube, role: str) -> Extent:
        use = cube.uses.get(role)
        if use is None or use.dimension is None or use.use.key is None:
            return Extent(None, None)
        values = Values()
        fact = FactSql(cube, "was", values)
        key = fact.column(use.use.key)
        keys = fact.select([as_(key, "k")]).distinct(copy=False)
        sql = DimensionSql(use, "was", values)
        calendar = use.dimension.calendar
        day = exp.cast(sql.column(calendar.date) if calendar else sql.key(), "date")
        real = None
        if use.dimension.special:
            from acrm_olap.expressions import parse, to_sql

            special = to_sql(parse(use.dimension.special), sql.column)
            real = exp.Not(this=exp.Coalesce(this=special, expressions=[exp.false()]))
        has_rows = exp.In(this=sql.key(), query=exp.Subquery(this=keys))
        both = has_rows if real is None else exp.And(this=has_rows, expression=real)
        first, last = self._row(
            sql.select([exp.Min(this=day), exp.Max(this=day.copy())], (), both), values
        )
        return Extent(first, last)

    # -- joins -----------------------------------------------------------------

    def prove(self, cube: BoundCube, roles: Iterable[str]) -> None:
        """Make sure that joins neither double rows nor lose any.

        Raises
        ------
        DefinitionError
            If a key is not unique, or a promise does not hold.
        """
        for each in cube.base.joins:
            self._once(
                ("join", cube.name, each.table),
                lambda each=each: self._prove_join(cube, each),  # type: ignore[misc]
            )
        for role in roles:
            use = cube.uses[role]
            if use.dimension is None:
                continue
            self._once(
                ("unique", use.dimension.dimension),
                lambda use=use: self._unique(use),  # type: ignore[misc]
            )
            if use.use.complete:
                self._once(
                    ("complete", cube.name, role),
                    lambda use=use: self._complete(cube, use),  # type: ignore[misc]
                )

    def _unique(self, use: BoundUse) -> None:
        dimension = use.dimension
        if dimension is None or use.use.at:
            return
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
        if dimension.history is not None:
            self._require_one_at_a_time(use)

    def _require_unique(self, name: str, keys: list[str], what: str) -> None:
        columns = [column(key) for key in keys]
        twice = select(
            [*columns, exp.Count(this=exp.Star())], table(name),
            group=exp.Group(expressions=[each.copy() for each in columns]),
        )  # fmt: skip
        twice.set(
            "having",
            exp.Having(
                this=exp.GT(
                    this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)
                )
            ),
        )
        twice.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        found = self.database.rows(twice.sql(DIALECT))
        if found:
            *key, count = found[0]
            value = ", ".join(map(str, key))
            raise DefinitionError(
                f"{what} is not unique: {value} stands in {count:,} rows.",
                where=f"table {name}",
                hint="Rows of a fact would be counted once for each. Give a column that"
                " is unique, or mend the table.",
            )

    def _require_one_at_a_time(self, use: BoundUse) -> None:
        dimension = use.dimension
        if dimension is None or dimension.history is None:
            return
        history = dimension.history
        before = exp.Window(
            this=exp.Lag(this=column(history.valid_to)),
            partition_by=[column(history.durable_key)],
            order=exp.Order(expressions=[exp.Ordered(this=column(history.valid_from))]),
        )
        overlap = select([column(history.durable_key)], table(dimension.table))
        overlap.set(
            "qualify",
            exp.Qualify(
                this=exp.GT(this=before, expression=column(history.valid_from))
            ),
        )
        overlap.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        found = self.database.rows(overlap.sql(DIALECT))
        if found:
            raise DefinitionError(
                f"Versions of '{found[0][0]}' in the dimension"
                f" '{dimension.dimension}' overlap.",
                where=f"table {dimension.table}",
                hint="A row would be counted once for each version that held then.",
            )
        if history.current:
            self._require_one_current(use)

    def _require_one_current(self, use: BoundUse) -> None:
        dimension = use.dimension
        if dimension is None or dimension.history is None:
            return
        history = dimension.history
        durable = column(history.durable_key)
        current = exp.Filter(
            this=exp.Count(this=exp.Star()),
            expression=exp.Where(this=column(str(history.current))),
        )
        wrong = select(
            [durable], table(dimension.table),
            group=exp.Group(expressions=[durable.copy()]),
        )  # fmt: skip
        wrong.set(
            "having",
            exp.Having(this=exp.NEQ(this=current, expression=exp.Literal.number(1))),
        )
        wrong.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        found = self.database.rows(wrong.sql(DIALECT))
        if found:
            raise DefinitionError(
                f"'{found[0][0]}' of the dimension '{dimension.dimension}' has not"
                " exactly one current version.",
                where=f"table {dimension.table}, column {history.current}",
                hint="Mend the table, or leave `current` out.",
            )

    def _complete(self, cube: BoundCube, use: BoundUse) -> None:
        dimension = use.dimension
        if dimension is None or use.use.key is None:
            return
        fact = FactSql(cube, "was", Values())
        key = fact.column(use.use.key)
        keys = fact.select([as_(key, "k")]).distinct(copy=False)
        lost = exp.Except(
            this=keys,
            expression=select([column(dimension.key)], table(dimension.table)),
            distinct=True,
        )
        count = select([exp.Count(this=exp.Star()), call("min", made("k"))],
                       exp.Subquery(this=lost))  # fmt: skip
        missing, example = self._row(count)
        if missing:
            raise DefinitionError(
                f"'{use.name}' of the cube '{cube.name}' is not complete: {missing:,}"
                f" keys of the fact are no members, such as {example}.",
                where=f"column {use.use.key} of {cube.base.fact}",
                hint="Leave `complete` out, or mend the table: rows would be lost.",
            )

    def _prove_join(self, cube: BoundCube, each: Join) -> None:
        self._require_unique(
            each.table, list(each.on.values()),
            f"The key of '{each.table}', which the cube '{cube.name}' joins,",
        )  # fmt: skip

    # -- units -----------------------------------------------------------------

    def units(self, cube: BoundCube, name: str) -> tuple[str, ...]:
        """Return the units that a column of the fact has, at most a few."""
        return self._once(("units", cube.name, name), lambda: self._units(cube, name))

    def _units(self, cube: BoundCube, name: str) -> tuple[str, ...]:
        fact = FactSql(cube, "was", Values())
        key = fact.column(name)
        rows = fact.select([as_(key, "unit")]).distinct(copy=False)
        found = self.database.rows(rows.sql(DIALECT))
        return tuple(sorted(str(unit) for (unit,) in found if unit is not None))
