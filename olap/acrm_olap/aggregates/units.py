"""The units of time that an aggregate table does again, where its fact notes its days.

Models of facts that are built incrementally note on which days rows came, went or
changed (``intermediate.changed_day``), and dimensions which members are put together
otherwise than before (``intermediate.changed_member``). An aggregate whose rows lie in
days, months or other units of those days then does whole units again, and no more. Of a
warehouse that notes nothing, and where rows depend on what notes nothing, an aggregate
is a whole table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from acrm_olap.aggregates.tables import AggregateTable
from acrm_olap.definitions import BoundUse
from acrm_olap.expressions import split_name

# The macro of a project that keeps such notes, and the column that they speak of.
_NOTES = Path("macros/units_to_redo.sql")
_DAY = "date_key"
_INCREMENTAL = re.compile(r"materialized\s*=\s*['\"]incremental['\"]")


@dataclass(frozen=True)
class GroupedBy:
    """By which columns of a dimension rows are put together.

    Parameters
    ----------
    key : str
        The dimension's key.
    columns : tuple of str
        Those columns.
    of : tuple of str
        Columns of the fact that point to the key.
    """

    key: str
    columns: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True)
class Units:
    """How an aggregate table is done again by units of time.

    Parameters
    ----------
    fact, day : str
        The model that it is made of, and that model's column of the day.
    columns : mapping of str to str
        Columns of the table that name a unit, each with the column of the dimension of
        days that it is made of; with the day itself where the unit is the day.
    dates, key : str
        The dimension of days and its key; empty where the unit is the day.
    grouped_by : mapping of str to GroupedBy
        By dimension.
    """

    fact: str
    day: str
    columns: Mapping[str, str]
    dates: str
    key: str
    grouped_by: Mapping[str, GroupedBy]


def facts_by_day(root: Path) -> frozenset[str]:
    """Return the models of a project that note on which days their rows changed.

    Parameters
    ----------
    root : Path
        Of the project.
    """
    if not (root / _NOTES).is_file():
        return frozenset()
    return frozenset(
        path.stem
        for path in (root / "models" / "marts").rglob("*.sql")
        if _INCREMENTAL.search(path.read_text(encoding="utf-8"))
    )


def units_of(
    table: AggregateTable, tree: exp.Select, by_day: frozenset[str]
) -> Units | str:
    """Return the units that a table is done again by, or why it is a whole table.

    Parameters
    ----------
    table : AggregateTable
        The table.
    tree : Select
        Its rows, out of the fact.
    by_day : frozenset of str
        From :func:`facts_by_day`.
    """
    fact = split_name(table.cube.base.fact)[1]
    if fact not in by_day:
        return f"{fact} does not note on which days its rows changed"
    joined = [use for use in _uses(table) if use.dimension is not None]
    for use in joined:
        if not use.use.key or not use.use.complete:
            return f"not every row is promised to have a member of {use.name}"
        if use.dimension is not None and use.dimension.joins:
            return f"{use.name} looks up other tables, which note no changes"
    known = {fact, *(_table(use) for use in joined)}
    others = sorted({each.name for each in tree.find_all(exp.Table)} - known)
    if others:
        return f"it reads {', '.join(others)} as well, which notes no changes"
    return _by_key(table, fact, joined) or _by_level(table, fact, joined) or (
        f"its rows do not lie in units of {_DAY}, by which {fact} notes changes"
    )  # fmt: skip


def _uses(table: AggregateTable) -> list[BoundUse]:
    """Return the dimensions whose levels a table is grouped by."""
    roles = dict.fromkeys(path.partition(".")[0] for path in table.levels)
    return [table.cube.uses[role] for role in roles]


def _table(use: BoundUse) -> str:
    return split_name(use.dimension.table)[1] if use.dimension else ""


def _by_key(table: AggregateTable, fact: str, joined: list[BoundUse]) -> Units | None:
    for role, title in table.keys.items():
        if table.cube.uses[role].use.key == _DAY:
            return Units(fact, _DAY, {title: _DAY}, "", "", _grouped_by(table, joined))
    return None


def _by_level(table: AggregateTable, fact: str, joined: list[BoundUse]) -> Units | None:
    for path, titles in table.levels.items():
        use = table.cube.uses[path.partition(".")[0]]
        if use.dimension is None or use.use.key != _DAY:
            continue
        keys = table.cube.level(path).level.keys
        columns = dict(zip(titles, keys, strict=True))
        grouped = _grouped_by(table, joined)
        return Units(fact, _DAY, columns, _table(use), use.dimension.key, grouped)
    return None


def _grouped_by(table: AggregateTable, joined: list[BoundUse]) -> dict[str, GroupedBy]:
    found: dict[str, GroupedBy] = {}
    for use in joined:
        if use.dimension is None:
            continue
        before = found.get(_table(use), GroupedBy(use.dimension.key, (), ()))
        columns = [
            key
            for path in table.levels
            if path.partition(".")[0] == use.name
            for key in table.cube.level(path).level.keys
        ]
        found[_table(use)] = GroupedBy(
            before.key,
            tuple(dict.fromkeys([*before.columns, *columns])),
            tuple(dict.fromkeys([*before.of, str(use.use.key)])),
        )
    return found
