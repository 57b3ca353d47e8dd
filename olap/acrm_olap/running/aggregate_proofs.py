"""What is proved of a file before an aggregate table answers, once for its life.

A table is read only if it was built by the present definition, and all that it keeps
adds up to what its fact has; a level is rolled up only if the data show that its
members are parted by those of the kept level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from acrm_olap.aggregates import AggregateTable, definition_of, totals_of
from acrm_olap.aggregates.tables import DEFINITION, ROW_COUNT
from acrm_olap.definitions import BoundLevel, BoundUse, Catalog
from acrm_olap.definitions.model import Period
from acrm_olap.running.database import Database
from acrm_olap.running.memory import Memory
from acrm_olap.sql.dimensions import DimensionSql
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    any_of,
    as_,
    call,
    column,
    derived,
    made,
    number,
    select,
)
from acrm_olap.sql.terms import (
    table as table_of,
)

CLOSE = 1e-9


class FileProofs:
    """What is known of aggregate tables and levels of one file.

    Parameters
    ----------
    database : Database
        The file.
    catalog : Catalog
        Its tables.
    memory : Memory, optional
        Where facts are kept for the next process that opens the file.
    """

    def __init__(
        self, database: Database, catalog: Catalog, memory: Memory | None = None
    ) -> None:
        self.database = database
        self.catalog = catalog
        self._memory = memory or Memory()
        self._definitions: dict[str, tuple[AggregateTable, str]] = {}

    # -- tables --------------------------------------------------------------------

    def why_not(self, table: AggregateTable) -> str:
        """Return why a table must not be read: not built, out of date; or nothing."""
        key = ("why not", table.name, self._definition(table))
        return self._memory.once(key, lambda: self._why_not(table))

    def _definition(self, table: AggregateTable) -> str:
        """Return the hash of a table's definition, which takes a ms to write out."""
        known, found = self._definitions.get(table.name, (None, ""))
        if known is not table:
            found = definition_of(table)
            self._definitions[table.name] = (table, found)
        return found

    def _why_not(self, table: AggregateTable) -> str:
        columns = self.catalog.tables.get(table.name)
        if columns is None:
            return "it is not built"
        changed = "it was built by another definition: build it anew"
        if DEFINITION not in columns or ROW_COUNT not in columns:
            return changed
        found = self.database.rows(
            select([column(DEFINITION)], table_of(table.name))
            .distinct(copy=False)
            .sql(DIALECT)
        )
        if any(made_by != self._definition(table) for (made_by,) in found):
            return changed
        titles, of_fact, of_table = totals_of(table, counted=False)
        (wanted,) = self.database.rows(of_fact.sql(DIALECT))
        (there,) = self.database.rows(of_table.sql(DIALECT))
        for title, one, other in zip(titles, there, wanted, strict=True):
            if not is_same(one, other):
                return f"it is out of date: its {title} is {one}, the fact's {other}"
        return ""

    def size(self, table: AggregateTable) -> int:
        """Return how many rows a table has."""

        def count() -> int:
            rows = select([exp.Count(this=exp.Star())], table_of(table.name))
            return int(self.database.rows(rows.sql(DIALECT))[0][0])

        return self._memory.once(("size", table.name), count)

    # -- levels --------------------------------------------------------------------

    def decides(self, use: BoundUse, finer: BoundLevel, level: BoundLevel) -> bool:
        """Return whether each member of a level is in one member of another."""
        if use.dimension is None:
            return False
        key = ("decides", str(use.dimension), finer.name, level.name)
        return self._memory.once(key, lambda: self._decides(use, finer, level))

    def _decides(self, use: BoundUse, finer: BoundLevel, level: BoundLevel) -> bool:
        sql = DimensionSql(use, "was", Values())
        below = [as_(key, f"f{n}") for n, key in enumerate(sql.keys(finer))]
        above = [as_(key, f"k{n}") for n, key in enumerate(sql.keys(level))]
        pairs = sql.select([*below, *above]).distinct(copy=False)
        keys = [made(f"f{n}") for n in range(len(below))]
        tops = [made(f"k{n}") for n in range(len(above))]
        missing = any_of(_is_null(key) for key in keys)
        known = any_of(exp.Not(this=_is_null(key)) for key in tops)
        # A row without a member of the kept level is rolled up to none.
        wrong = exp.Or(
            this=exp.GT(this=exp.Count(this=exp.Star()), expression=number(1)),
            expression=exp.LogicalOr(this=exp.And(this=missing, expression=known)),
        )
        return self._is_empty(select(keys, derived(pairs, "pairs")), keys, wrong)

    def within(self, use: BoundUse, level: BoundLevel, period: Period) -> bool:
        """Return whether no member of a level reaches over the end of a period."""
        if use.dimension is None or use.dimension.calendar is None:
            return False
        key = ("within", str(use.dimension), level.name, period)
        return self._memory.once(key, lambda: self._within(use, level, period))

    def _within(self, use: BoundUse, level: BoundLevel, period: Period) -> bool:
        if use.dimension is None or use.dimension.calendar is None:
            return False
        sql = DimensionSql(use, "was", Values())
        day = exp.cast(sql.column(use.dimension.calendar.date), "date")
        start = call("date_trunc", exp.Literal.string(str(period)), day)
        keys = sql.keys(level)
        count = exp.Count(this=day.copy())
        every = exp.Count(this=exp.Star())
        starts = exp.Count(this=exp.Distinct(expressions=[start]))
        wrong = any_of(
            [
                exp.GT(this=starts, expression=number(1)),
                # Days with and without a date in one member would be cut apart.
                exp.And(
                    this=exp.GT(this=count, expression=number(0)),
                    expression=exp.LT(this=count.copy(), expression=every),
                ),
                *(
                    exp.And(
                        this=_is_null(key),
                        expression=exp.GT(this=count.copy(), expression=number(0)),
                    )
                    for key in keys
                ),
            ]
        )
        return self._is_empty(sql.select(keys), keys, wrong)

    def _is_empty(
        self, rows: exp.Select, keys: Sequence[exp.Expr], wrong: exp.Expr
    ) -> bool:
        rows.set("group", exp.Group(expressions=[key.copy() for key in keys]))
        rows.set("having", exp.Having(this=wrong))
        rows.set("limit", exp.Limit(expression=number(1)))
        return not self.database.rows(rows.sql(DIALECT))


def is_same(one: Any, other: Any) -> bool:
    """Return whether numbers are equal; doubles but for the order of adding up."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(one == other)


def _is_null(key: exp.Expr) -> exp.Expr:
    return exp.Is(this=key.copy(), expression=exp.Null())
