"""An answer as a grid: headers down, headers across, a cell for each measure."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from acrm_olap.errors import TooLargeError
from acrm_olap.planning.plan import Axis, Plan
from acrm_olap.query import MOST_CELLS
from acrm_olap.results.answer import (
    MARKS,
    MISSING,
    SET,
    TOTAL,
    Answer,
    State,
    is_partial,
    level_caption,
    measure_caption,
    states,
)
from acrm_olap.results.numbers import show_number

Key = tuple[tuple[bool, Any], ...]


@dataclass(frozen=True)
class Header:
    """The members that a row or a column of the grid stands for.

    Parameters
    ----------
    labels : tuple of str
        What people read, a text a level; of a total, ``Total`` and then nothing.
    keys : tuple
        Keys of the members; None where a level is rolled up.
    rolled : int
        How many levels, from the last one, are rolled up: 0 if it is no total.
    """

    labels: tuple[str, ...]
    keys: tuple[Any, ...]
    rolled: int = 0

    @property
    def is_total(self) -> bool:
        """Whether a level is rolled up."""
        return self.rolled > 0


@dataclass(frozen=True)
class Cell:
    """A number of the grid.

    Parameters
    ----------
    value : object
        None where there is none.
    state : State
        Why there is none.
    text : str
        As its format writes it.
    total : bool
        Whether its row or column is a total.
    """

    value: Any
    state: State
    text: str
    total: bool


@dataclass(frozen=True)
class Heading:
    """A measure of the grid: name, caption with its unit, unit, format."""

    name: str
    caption: str
    unit: str
    format: str


@dataclass(frozen=True)
class Pivot:
    """A grid.

    Parameters
    ----------
    row_levels, column_levels : tuple of str
        Captions of the levels.
    measures : tuple of Heading
        What stands in each column of headers, side by side.
    rows, columns : tuple of Header
        Down and across; one without labels where no level is on that axis.
    cells : tuple of tuples of Cell
        A tuple a row; within it the measures of the first column, then of the next.
    count : int
        How many rows there are, if the grid has only the first of them.
    """

    row_levels: tuple[str, ...]
    column_levels: tuple[str, ...]
    measures: tuple[Heading, ...]
    rows: tuple[Header, ...]
    columns: tuple[Header, ...]
    cells: tuple[tuple[Cell, ...], ...]
    count: int

    @property
    def across(self) -> list[tuple[Header, Heading]]:
        """The columns of cells: each header with each measure."""
        return [(header, each) for header in self.columns for each in self.measures]

    def cell(self, row: int, column: int, measure: int = 0) -> Cell:
        """Return a cell by the numbers of its row, column and measure."""
        return self.cells[row][column * len(self.measures) + measure]


def make_pivot(
    answer: Answer, most: int | None = None, down: Collection[str] | None = None
) -> Pivot:
    """Return an answer as a grid.

    Rows keep the order of the answer. Columns are in the order of their levels.

    Parameters
    ----------
    answer : Answer
        What to show.
    most : int, optional
        Rows of the grid; the first ones are taken.
    down : collection of str, optional
        Levels that go down, the others across; as the query has them by default.

    Raises
    ------
    TooLargeError
        If the grid would have far more cells than the answer.
    """
    plan = answer.plan
    labels, keys = _members(answer)
    if down is None:
        down = answer.query.rows
    rows_of = [axis for axis in plan.axes if axis.path in down]
    across = [axis for axis in plan.axes if axis.path not in down]
    rolled = (
        answer.table.column(SET).to_pylist()
        if SET in answer.table.column_names
        else [0] * answer.table.num_rows
    )
    row_keys = [_key(keys, rolled, n, rows_of) for n in range(len(rolled))]
    column_keys = [_key(keys, rolled, n, across) for n in range(len(rolled))]
    rows = list(dict.fromkeys(row_keys))
    if set(down) != set(answer.query.rows):
        # The cells are in the order of the query's rows, not of these.
        rows = _in_order(column_keys, row_keys)
    rows = rows or ([()] if not rows_of else [])
    count = len(rows)
    rows = rows[:most]
    columns = _in_order(row_keys, column_keys) or ([()] if not across else [])
    measures = tuple(
        Heading(c.name, measure_caption(answer, c), answer.units.get(c.name, ""),
                c.format)
        for c in plan.columns
    )  # fmt: skip
    where_row = {key: n for n, key in enumerate(rows)}
    where_column = {key: n for n, key in enumerate(columns)}
    width = len(measures)
    _require_small(len(rows), len(columns) * width)
    row_headers = _headers(plan, rows_of, rows, row_keys, labels)
    column_headers = _headers(plan, across, columns, column_keys, labels)
    absent = State.HIDDEN if is_partial(answer.query) else State.EMPTY
    grid = [
        [
            Cell(None, absent, MARKS[absent], row.is_total or column.is_total)
            for column in column_headers
            for _ in measures
        ]
        for row in row_headers
    ]
    values = [answer.table.column(each.name).to_pylist() for each in measures]
    for n, every in enumerate(states(answer)):
        row = where_row.get(row_keys[n], -1)
        if row < 0:
            continue
        column = where_column[column_keys[n]]
        for m, (state, heading) in enumerate(zip(every, measures, strict=True)):
            value = values[m][n]
            text = (
                show_number(value, heading.format)
                if state is State.VALUE
                else MARKS[state]
            )
            total = bool(rolled[n])
            grid[row][column * width + m] = Cell(value, state, text, total)
    return Pivot(
        tuple(level_caption(plan, axis) for axis in rows_of),
        tuple(level_caption(plan, axis) for axis in across),
        measures, row_headers, column_headers, tuple(map(tuple, grid)), count,
    )  # fmt: skip


def _require_small(rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise TooLargeError(
            f"A grid of {rows:,} rows and {columns:,} columns has more than"
            f" {MOST_CELLS:,} cells.",
            hint="Put fewer levels across, or take the cells as a table: to_pandas(),"
            " to_csv().",
        )


def _members(answer: Answer) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return labels and keys of each level, row by row of the table."""
    labels, keys = [], []
    for axis in answer.plan.axes:
        shown = answer.table.column(axis.path).to_pylist()
        name = f"{axis.path}.key"
        labels.append(shown)
        keys.append(
            [_hashable(each) for each in answer.table.column(name).to_pylist()]
            if name in answer.table.column_names
            else shown
        )
    return labels, keys


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _key(keys: list[list[Any]], rolled: list[int], n: int, axes: list[Axis]) -> Key:
    found: list[tuple[bool, Any]] = []
    for axis in axes:
        is_rolled = bool(rolled[n] >> axis.number & 1)
        found.append((is_rolled, None if is_rolled else keys[axis.number][n]))
    return tuple(found)


def _in_order(row_keys: Sequence[Key], column_keys: Sequence[Key]) -> list[Key]:
    """Return columns in an order that agrees with that of every row.

    A row has some of the columns, in their order; together they say the order of all.
    Where they do not, keys decide.
    """
    chains: dict[Key, list[Key]] = {}
    for row, column in zip(row_keys, column_keys, strict=True):
        chains.setdefault(row, []).append(column)
    known = list(dict.fromkeys(column_keys))
    places = {key: n for n, key in enumerate(sorted(known, key=_sortable))}
    after: dict[Key, set[Key]] = {key: set() for key in known}
    before: dict[Key, int] = dict.fromkeys(known, 0)
    for chain in chains.values():
        for first, second in pairwise(chain):
            if second not in after[first]:
                after[first].add(second)
                before[second] += 1
    ready = [(places[key], n) for n, key in enumerate(known) if not before[key]]
    number_of = {key: n for n, key in enumerate(known)}
    heapq.heapify(ready)
    found: list[Key] = []
    while ready:
        _, n = heapq.heappop(ready)
        found.append(known[n])
        for key in after[known[n]]:
            before[key] -= 1
            if not before[key]:
                heapq.heappush(ready, (places[key], number_of[key]))
    # The rows are ordered by a measure, and say no order of the columns.
    return found if len(found) == len(known) else sorted(known, key=_sortable)


def _sortable(key: Key) -> tuple[Any, ...]:
    return tuple(
        (is_rolled, value is None, *_comparable(value)) for is_rolled, value in key
    )


def _comparable(value: Any) -> tuple[str, Any]:
    if isinstance(value, tuple):
        parts = [(0, int(e), "") if str(e).isdecimal() else (1, 0, str(e))
                 for e in value]  # fmt: skip
        return "list", parts
    if isinstance(value, bool) or value is None:
        return "flag", bool(value)
    if isinstance(value, str):
        return "text", value
    if hasattr(value, "isoformat"):
        return "time", value.isoformat()
    return "number", value


def _headers(
    plan: Plan,
    axes: list[Axis],
    wanted: Sequence[Key],
    found: Sequence[Key],
    labels: list[list[Any]],
) -> tuple[Header, ...]:
    label_of: dict[tuple[int, Any], str] = {}
    for n, key in enumerate(found):
        for axis, (is_rolled, value) in zip(axes, key, strict=True):
            if not is_rolled and (axis.number, value) not in label_of:
                label = labels[axis.number][n]
                shown = MISSING if label is None else show_label(label)
                label_of[axis.number, value] = shown
    unclear = [_unclear(axis, label_of, axes, plan) for axis in axes]
    headers = []
    for key in wanted:
        texts: list[str] = []
        for axis, doubtful, (is_rolled, value) in zip(axes, unclear, key, strict=True):
            if is_rolled:
                texts.append("" if TOTAL in texts[-1:] or "" in texts[-1:] else TOTAL)
                continue
            text = label_of[axis.number, value]
            texts.append(_told_apart(text, value) if text in doubtful else text)
        count = sum(is_rolled for is_rolled, _ in key)
        headers.append(Header(tuple(texts), tuple(value for _, value in key), count))
    return tuple(headers)


def _unclear(
    axis: Axis, label_of: dict[tuple[int, Any], str], axes: Iterable[Axis], plan: Plan
) -> set[str]:
    """Return labels that several members have, where no level above tells them apart.

    A quarter's label is 1 in each year: without the year beside it, its keys follow.
    """
    use = next(
        part.uses[axis.level.use] for part in plan.parts if axis.level.use in part.uses
    )
    above = set(use.ancestors(axis.level.name))
    if any(
        other.number < axis.number
        and other.level.use == axis.level.use
        and other.level.name in above
        for other in axes
    ):
        return set()
    texts = [text for (number, _), text in label_of.items() if number == axis.number]
    seen: set[str] = set()
    return {text for text in texts if text in seen or seen.add(text)}  # type: ignore[func-returns-value]


def _told_apart(text: str, key: Any) -> str:
    """Return a label with its keys: ``2024, 1`` or ``Smith (4711)``."""
    keys = ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
    ends = isinstance(key, tuple) and str(key[-1]) == text
    return keys if ends else f"{text} ({keys})"


def show_label(value: Any) -> str:
    """Return a member's label as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
