"""Notes on cells that are compared with a period that the data do not hold whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_

from acrm.words import counted
from acrm_olap.planning.plan import Leaf, Plan
from acrm_olap.planning.trees import under
from acrm_olap.sql.periods import Extent
from acrm_olap.sql.snapshots import OPEN, PART


def notes_of(
    plan: Plan,
    pass_of: Sequence[int],
    odd: Mapping[int, Sequence[int | None]],
    extents: Sequence[Extent],
) -> list[str]:
    """Return what a reader has to know of what cells are compared with.

    Parameters
    ----------
    plan : Plan
        The query.
    pass_of : sequence of int
        The pass over facts that computes each atom of the plan.
    odd : mapping of int to sequence of int
        By pass, for each cell of the answer: the bits of ``compared``.
    extents : sequence of Extent
        From when to when the cubes have rows; none if that is not to be told.
    """
    first = max((e.first for e in extents if e.first is not None), default=None)
    last = min((e.last for e in extents if e.last is not None), default=None)
    found = []
    for column in plan.columns:
        atoms = {each.atom for each in under(column.tree) if isinstance(each, Leaf)}
        marks = [odd[pass_of[atom]] for atom in atoms if pass_of[atom] in odd]
        cells = [
            reduce(or_, (mark or 0 for mark in every))
            for every in zip(*marks, strict=True)
        ]
        opened = sum(1 for each in cells if each & OPEN)
        part = sum(
            1
            for each in cells
            if each & PART
            and not (each & OPEN and plan.query.open_periods == "hide")
        )  # fmt: skip
        if part:
            found.append(_of_part(plan, column.name, part, first))
        if opened:
            found.append(_of_open(plan, column.name, opened, last))
    return found


def _of_part(plan: Plan, name: str, cells: int, first: date | None) -> str:
    begin = f", which begin on {first}" if first else ""
    shown = counted(cells, "cell")
    if plan.query.part_periods == "hide":
        return f"{name}: {shown} left empty beside a period older than the data{begin}."
    return f"{name}: {shown} beside a period that is older than the data{begin}."


def _of_open(plan: Plan, name: str, cells: int, last: date | None) -> str:
    end = f": the data end on {last}" if last else ""
    shown = counted(cells, "cell")
    if plan.query.open_periods == "hide":
        return f"{name}: {shown} left empty of a period that is not over{end}."
    if plan.query.open_periods == "same_days":
        return f"{name}: {shown} beside the same days of the past{end}."
    return f"{name}: {shown} of a period that is not over, beside a whole one{end}."
