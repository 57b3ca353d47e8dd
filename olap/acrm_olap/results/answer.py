"""What the ways to show an answer need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from acrm_olap.definitions.bound import spelt_out
from acrm_olap.planning.plan import (
    Axis,
    Beside,
    Column,
    Difference,
    Formula,
    Leaf,
    Plan,
    Tree,
)
from acrm_olap.planning.trees import under
from acrm_olap.query import Cut, Query

if TYPE_CHECKING:
    import pyarrow as pa

SET = "_set"
MISSING = "(none)"
TOTAL = "Total"


class State(StrEnum):
    """What a cell has, or why it has nothing."""

    VALUE = "value"
    EMPTY = "empty"
    NULL = "null"
    UNDEFINED = "undefined"
    HIDDEN = "hidden"


MARKS = {State.EMPTY: "", State.NULL: "-", State.UNDEFINED: "n/a", State.HIDDEN: "..."}
MEANINGS = {
    State.NULL: "rows, but no value",
    State.UNDEFINED: "divided by nothing",
    State.HIDDEN: "not in this answer (limit, offset or having)",
}


@dataclass(frozen=True)
class There:
    """Which passes over facts found rows for each cell.

    Parameters
    ----------
    masks : ChunkedArray
        A number a cell: bit n stands for the nth pass.
    pass_of : tuple of int
        The pass that computes each atom of the plan.
    """

    masks: pa.ChunkedArray
    pass_of: tuple[int, ...]


class Answer(Protocol):
    """A result, as far as it is shown."""

    @property
    def table(self) -> pa.Table:
        """One row a cell."""

    @property
    def query(self) -> Query:
        """The question."""

    @property
    def plan(self) -> Plan:
        """What it meant."""

    @property
    def sql(self) -> str:
        """The statement."""

    @property
    def source(self) -> Any:
        """What was read."""

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of each measure."""

    @property
    def there(self) -> There | None:
        """Which passes found rows for each cell."""


def level_caption(plan: Plan, axis: Axis) -> str:
    """Return what people read of a level; with its dimension if two are alike."""
    level = axis.level
    own = level.level.caption or spelt_out(level.name)
    alike = [
        other.level.level.caption or spelt_out(other.level.name) for other in plan.axes
    ]
    if alike.count(own) == 1:
        return own
    use = next(part.uses[level.use] for part in plan.parts if level.use in part.uses)
    return f"{use.caption} {own[:1].lower()}{own[1:]}"


def measure_caption(answer: Answer, column: Column) -> str:
    """Return a measure's caption with its unit: ``Net (EUR)``."""
    unit = answer.units.get(column.name, "")
    if not unit or unit == "%" or column.format.rstrip().endswith("%"):
        return column.caption
    return f"{column.caption} ({unit})"


def divides(tree: Tree) -> bool:
    """Whether a number is a quotient somewhere."""
    from acrm_olap.expressions.tree import Operation, walk

    return any(
        (
            isinstance(each, Formula)
            and any(
                isinstance(part, Operation) and part.operator == "/"
                for part in walk(each.node)
            )
        )
        or (isinstance(each, Difference) and each.relative)
        or (isinstance(each, Beside) and each.how.startswith("share"))
        for each in under(tree)
    )


def states(answer: Answer) -> list[tuple[State, ...]]:
    """Return the state of each measure of each row of the table.

    ``empty`` where no row of a fact is in the cell, or in the period that it is
    compared with, or where that period may not be compared yet; ``undefined`` where a
    quotient has no value; ``null`` where rows are there and the measure has no value
    all the same.
    """
    plan, there = answer.plan, answer.there
    # Without it each cell is there: one pass over a fact gives cells that have rows.
    known = there is not None and len(there.pass_of) == len(plan.atoms)
    pass_of = there.pass_of if there is not None and known else (0,) * len(plan.atoms)
    masks = (
        there.masks.to_pylist()
        if there is not None and known
        else [-1] * len_of(answer)
    )
    needs = []
    for column in plan.columns:
        leaves = {e.atom for e in under(column.tree) if isinstance(e, Leaf)}
        bits = sum(1 << bit for bit in {pass_of[atom] for atom in leaves})
        then = sum(
            1 << bit
            for bit in {pass_of[atom] for atom in leaves if plan.atoms[atom].times}
        )
        needs.append((bits, then, divides(column.tree)))
    columns = [answer.table.column(each.name).is_null().to_pylist()
               for each in plan.columns]  # fmt: skip
    found = []
    for number, mask in enumerate(masks):
        found.append(
            tuple(
                _state(nulls[number], mask, need)
                for nulls, need in zip(columns, needs, strict=True)
            )
        )
    return found


def _state(is_null: bool, mask: int, need: tuple[int, int, bool]) -> State:
    bits, then, quotient = need
    if not is_null:
        return State.VALUE
    if (bits and not mask & bits) or then & ~mask:
        return State.EMPTY
    return State.UNDEFINED if quotient else State.NULL


def cell_cuts(answer: Answer, number: int) -> tuple[Cut, ...]:
    """Return the cuts that make a cell: those of the query, and its members.

    Parameters
    ----------
    answer : Answer
        Whose.
    number : int
        Row of the table, counted from 0.
    """
    row = answer.table.slice(number, 1)
    rolled = row.column(SET)[0].as_py() if SET in row.column_names else 0
    found = list(answer.query.cuts)
    for axis in answer.plan.axes:
        if rolled >> axis.number & 1:
            continue
        name = f"{axis.path}.key"
        column = name if name in row.column_names else axis.path
        key = row.column(column)[0].as_py()
        found.append(
            Cut(axis.path, "in", (tuple(key) if isinstance(key, list) else key,))
        )
    return tuple(found)


def len_of(answer: Answer) -> int:
    """Return how many cells there are."""
    return int(answer.table.num_rows)


def is_partial(query: Query) -> bool:
    """Whether a cell that is not there may only not be shown."""
    return bool(query.limit is not None or query.offset or query.having)


def about(answer: Answer) -> list[str]:
    """Return what stands under an answer: as of, version, data, notes."""
    query, source = answer.query, answer.source
    meant = {
        "was": "members as they were when it happened",
        "is": "members as they are now",
    }
    as_of = meant.get(query.as_of, f"members as they were on {query.as_of}")
    through = [f"{name} {instant}" for name, instant in source.data_through.items()]
    served = source.served_by
    if source.aggregates:
        served += f" ({', '.join(source.aggregates)})"
    head = [
        as_of,
        source.name,
        f"data through {', '.join(through)}" if through else "",
        f"from {served}",
    ]
    return ["; ".join(filter(None, head)), *answer.plan.notes]
