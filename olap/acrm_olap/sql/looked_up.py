"""Maps of time that were looked up before: some hundred rows, bound to the statement.

Which rows count in which period follows from the calendar alone. To ask it again with
every query takes longer than to add up some million rows by day: it is asked once, and
each period of the answer and of the rows that count there comes as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundLevel
from acrm_olap.definitions.references import Shift
from acrm_olap.definitions.sources import tables_of
from acrm_olap.planning.plan import TimeVariant
from acrm_olap.sql.maps import MapSql
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.snapshots import only_whole
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    all_of,
    as_,
    call,
    cte,
    derived,
    made,
    number,
    select,
    union,
    with_queries,
)

# A row takes as long to bind as a thousand rows of a fact to add up.
MOST_ROWS = 500
BITS = 4
MOST_PASSES = 63 // BITS
_TYPES = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "VARCHAR", "DATE",
)  # fmt: skip

Rows = list[tuple[Any, ...]]
# Gives what is made of the rows of a statement with its values, once for each key.
LookUp = Callable[
    [Hashable, Callable[[], tuple[str, dict[str, Any]]], Callable[[Rows], Rows]], Rows
]


@dataclass(frozen=True)
class LookedUp:
    """Periods of the answer, with those of rows that count there.

    Parameters
    ----------
    titles : tuple of str
        Columns: keys of the answer, then of the rows.
    types : tuple of str
        DuckDB types of them.
    marks : mapping of str to int
        Which bit of the last value of a row says that it counts in a pass (``in_0``),
        that it is open there, that it is whole, that it is compared with days older
        than the data.
    rows : list of tuple
        Values of the columns, and a number with four bits for each pass.
    """

    titles: tuple[str, ...]
    types: tuple[str, ...]
    marks: Mapping[str, int]
    rows: Rows

    def query(self, values: Values) -> exp.Select:
        """Return them as a query, each mark as a column."""
        columns = [
            as_(exp.Cast(this=_list(values, each), to=_data_type(kind).copy()), title)
            for title, kind, each in zip(
                self.titles, self.types, zip(*self.rows, strict=True), strict=False
            )
        ]
        marks = _list(values, [row[-1] for row in self.rows])
        listed = select([*columns, as_(marks, "marks")], exp.Values())
        listed.set("from_", None)
        found: list[exp.Expr] = [made(title) for title in self.titles]
        for title, bit in self.marks.items():
            flag = exp.BitwiseAnd(this=made("marks"), expression=number(1 << bit))
            told = exp.NEQ(this=exp.Paren(this=flag), expression=number(0))
            found.append(as_(told, title))
        return select(found, derived(listed, "listed"))


def _list(values: Values, members: Iterable[Any]) -> exp.Expr:
    return call("unnest", values.bind(tuple(members)))


@lru_cache(maxsize=64)
def _data_type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect=DIALECT)


def look_up(
    time: MapSql, passes: Sequence[tuple[int, tuple[TimeVariant, ...]]], rows_of: LookUp
) -> LookedUp | None:
    """Return the maps of passes, looked up; None if they are too large for that.

    Parameters
    ----------
    time : MapSql
        The time of a cube in a query.
    passes : sequence of (int, tuple of TimeVariant)
        Number of each pass, and what of its measures it computes.
    rows_of : callable
        Gives the rows of a statement.
    """
    grain = time.grain
    if grain is None or time.extent.first is None or time.extent.last is None:
        return None
    if len(passes) > MOST_PASSES:
        return None
    levels: list[BoundLevel] = [*(axis.level for axis in time.axes), grain]
    types = [each for level in levels for each in level.types]
    if any(each not in _TYPES for each in types):
        return None
    titles = [title for axis in time.axes for title in axis_names(axis)]
    titles += time.grain_names
    numbers = [n for n, _ in passes]
    rows = rows_of(
        _key(time, passes),
        lambda: _statement(time, passes, titles),
        lambda rows: _packed(rows, numbers),
    )
    if not rows:
        return None
    marks = {f"in_{n}": BITS * place for place, n in enumerate(numbers)}
    for place, (n, times) in enumerate(passes):
        if any(isinstance(each, Shift) for each in times):
            marks[f"open_{n}"] = BITS * place + 1
        if only_whole(times):
            marks[f"whole_{n}"] = BITS * place + 2
        if time.compares(times):
            marks[f"part_{n}"] = BITS * place + 3
    return LookedUp(tuple(titles), tuple(types), marks, rows)


def _key(
    time: MapSql, passes: Sequence[tuple[int, tuple[TimeVariant, ...]]]
) -> Hashable:
    """Return what a map depends on: all that is read of a plan where it is written."""
    plan = time.plan
    cuts = [
        (cut.level.path, cut.level.tree, cut.operator, cut.values)
        for cut in plan.cuts[time.cube.name]
        if cut.level.use == time.use.name
    ]
    times = [atom.times for atom in plan.atoms]
    return (
        time.cube.name, time.time, time.extent, plan.query.as_of,
        plan.query.open_periods, tuple(cuts), tuple(times), tuple(passes),
        tuple((axis.number, axis.level.path) for axis in time.axes),
    )  # fmt: skip


def _statement(
    time: MapSql,
    passes: Sequence[tuple[int, tuple[TimeVariant, ...]]],
    titles: Sequence[str],
) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives the maps, of periods that have rows."""
    values = Values()
    alone = MapSql(time.plan, time.cube, time.extent, values)
    queries: list[tuple[str, exp.Query]] = [(alone.name, alone.members())]
    maps: list[exp.Query] = []
    columns = [*titles, "open", "whole"]
    for n, times in passes:
        name = alone.map(times, f"map_{n}")
        first, last = values.bind(time.extent.first), values.bind(time.extent.last)
        where = all_of(
            [
                exp.LTE(this=made("day"), expression=last),
                exp.GTE(this=made("last_day"), expression=first),
            ]
        )
        part_of = made("part") if alone.compares(times) else as_(exp.false(), "part")
        of_pass = [as_(number(n), "n"), *map(made, columns), part_of]
        maps.append(select(of_pass, cte(name), where=where))
    queries += alone.queries
    found = select([exp.Star()], derived(union(maps, distinct=False), "maps"))
    found.set("limit", exp.Limit(expression=number(MOST_ROWS * len(passes) + 1)))
    statement = with_queries(
        found, queries, recursive=False, tables=tables_of(time.cube)
    )
    return statement.sql(DIALECT), values.bound


def _packed(rows: Rows, passes: Sequence[int]) -> Rows:
    """Return one row for each pair of periods; none if they are too many to bind."""
    if len(rows) > MOST_ROWS * len(passes):
        return []
    place = {number_: n for n, number_ in enumerate(passes)}
    found: dict[tuple[Any, ...], int] = {}
    for number_, *keys, is_open, whole, is_part in rows:
        bits = 1 | (2 if is_open else 0) | (4 if whole else 0) | (8 if is_part else 0)
        shift = BITS * place[number_]
        before = found.get(tuple(keys), 0)
        if before >> shift & 1 or any(_is_odd(each) for each in keys):
            return []
        found[tuple(keys)] = before | bits << shift
    if len(found) > MOST_ROWS:
        return []
    return [(*keys, bits) for keys, bits in found.items()]


def _is_odd(value: Any) -> bool:
    """Whether a key may come back as another: days beyond all calendars."""
    return isinstance(value, date) and value in {date.min, date.max}
