"""An aggregate table in the place of a fact: a cube over it that plans can name.

Everything else stays what it was: the same statements are written, of a smaller table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from acrm_olap.aggregates.tables import DISTINCT, AggregateTable, signatures
from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure, BoundUse, Stored
from acrm_olap.definitions.model import Level
from acrm_olap.expressions.tree import Name


def cube_over(table: AggregateTable, stored: Mapping[str, Stored]) -> BoundCube:
    """Return a cube whose fact is an aggregate table.

    Parameters
    ----------
    table : AggregateTable
        The table.
    stored : mapping of str to Stored
        How it has the dimensions whose levels it keeps, by role.
    """
    cube = table.cube
    uses: dict[str, BoundUse] = {}
    for role, use in cube.uses.items():
        if role in table.keys:
            key = use.use.model_copy(update={"key": table.keys[role]})
            uses[role] = replace(use, use=key)
        elif role in stored:
            # Nothing is joined by a key: there is none to be unique or complete.
            bare: dict[str, Any] = {
                "key": None,
                "at": {},
                "span": None,
                "complete": False,
            }
            stood_for = use.use.model_copy(update=bare)
            uses[role] = replace(use, use=stood_for, stored=stored[role])
        elif use.dimension is None:
            levels = _levels(table, use)
            if levels:
                uses[role] = replace(use, levels=levels)
    definition = cube.base.model_copy(
        update={
            "fact": table.name, "key": [], "where": "", "joins": [], "aggregates": {},
        }
    )  # fmt: skip
    found = BoundCube(table.name, definition, uses, {}, cube.sets, (), {}, None)
    object.__setattr__(found, "parts", (found,))
    return found


def _levels(table: AggregateTable, use: BoundUse) -> dict[str, BoundLevel]:
    """Return levels that were columns of the fact as columns of the table."""
    found = {}
    for name, level in use.levels.items():
        columns = table.levels.get(level.path)
        if columns is None:
            continue
        was = level.level
        names = dict(zip(was.keys, columns, strict=True))
        more = iter(table.shown.get(level.path, ()))
        label = names.get(was.shown) or next(more)
        orders = [names.get(each) or next(more) for each in was.orders]
        now = Level(
            key=list(columns), label=label, order=orders, period=was.period,
            hide_if=was.hide_if,
        )  # fmt: skip
        found[name] = replace(level, level=now)
    return found


def measure_over(table: AggregateTable, measure: BoundMeasure) -> BoundMeasure:
    """Return a measure that is put together from the columns of an aggregate table."""
    kept = tuple(table.numbers[each].column for each in signatures(measure))
    if measure.measure.kind not in DISTINCT:
        return replace(measure, filter=None, stored=kept)
    # Values are counted anew, of fewer rows: a filter has left out those that do not
    # count when the table was made.
    given = {measure.measure.kind: kept[0], "filter": ""}
    definition = measure.measure.model_copy(update=given)
    return replace(measure, measure=definition, node=Name(0, kept[0]), filter=None)
