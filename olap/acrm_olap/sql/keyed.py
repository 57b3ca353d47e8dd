"""A fact, aggregated by keys and codes before levels are joined to it.

Where a dimension has few members, adding up by the fact's key first and joining some
thousand sums is cheaper than joining every row. Where it has many, or too many groups
would come of it, rows are joined to small codes of the levels, and groups to levels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure, BoundUse
from acrm_olap.planning.plan import TypedCut
from acrm_olap.sql.codes import CODE, MOST_CODES, Codes, codes_of
from acrm_olap.sql.dimensions import DimensionSql, key_names
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.looked_up import LookUp
from acrm_olap.sql.measures import is_mergeable
from acrm_olap.sql.terms import Values, all_of, column, cte, equal, join, made


@dataclass(frozen=True)
class Limits:
    """What is worth to be kept by key or by code, as measured on 10 million rows.

    Parameters
    ----------
    members : int
        The most rows of a dimension whose key is kept.
    groups : int
        The most groups that keys may make, with all else that is told apart.
    of_a_column : int
        How many values a column of the fact has, as a guess.
    rows : int
        The least rows of a fact that codes are worth their joins for.
    rows_a_member : int
        The least rows of a fact for each row of a dimension that is coded.
    """

    members: int = 20_000
    groups: int = 30_000
    of_a_column: int = 5
    rows: int = 500_000
    rows_a_member: int = 1


def _unknown(_use: BoundUse, _levels: Sequence[BoundLevel]) -> int:
    return MOST_CODES + 1


@dataclass(frozen=True)
class Sizes:
    """How large tables and levels are.

    Parameters
    ----------
    tables : mapping of str to int
        Rows of each table, about.
    members : callable
        How many members some levels of a role have together, in all versions.
    limits : Limits
        What follows of it.
    look_up : callable, optional
        Gives the rows of a statement on time, kept from query to query.
    """

    tables: Mapping[str, int] = field(default_factory=dict)
    members: Callable[[BoundUse, Sequence[BoundLevel]], int] = _unknown
    limits: Limits = Limits()
    look_up: LookUp | None = None


def kept_roles(
    cube: BoundCube,
    levels: Iterable[BoundLevel],
    measures: Iterable[BoundMeasure],
    sizes: Sizes,
) -> dict[str, Codes | None]:
    """Return the roles that a fact is first aggregated by: their codes, or None by key.

    Parameters
    ----------
    cube : BoundCube
        Whose fact.
    levels : iterable of BoundLevel
        Levels that rows are put together by.
    measures : iterable of BoundMeasure
        What is computed.
    sizes : Sizes
        How large tables and levels are.
    """
    if not all(map(is_mergeable, measures)):
        return {}
    wanted: dict[str, list[BoundLevel]] = {}
    for level in levels:
        wanted.setdefault(level.use, []).append(level)
    small: dict[str, int] = {}
    found: dict[str, Codes | None] = {}
    told_apart: dict[str, int] = {}
    for role, of_role in wanted.items():
        use = cube.uses[role]
        size = _rows(use, of_role, sizes)
        least = max(sizes.limits.rows, size * sizes.limits.rows_a_member)
        worth_it = size and sizes.tables.get(cube.base.fact, 0) >= least
        members = sizes.members(use, of_role) if worth_it else size
        told_apart[role] = members or sizes.limits.of_a_column
        if 0 < size <= sizes.limits.members:
            small[role] = size
        if worth_it and members <= MOST_CODES:
            found[role] = codes_of(use, cube.name, of_role, members)
    for role in sorted(small, key=small.__getitem__):
        others = math.prod(told_apart[each] for each in wanted if each != role)
        if others * small[role] <= sizes.limits.groups:
            told_apart[role] = small[role]
            found[role] = None
    return found


def _rows(use: BoundUse, levels: Sequence[BoundLevel], sizes: Sizes) -> int:
    """Return how many rows a dimension has; 0 if rows are not joined to it."""
    if use.dimension is None or use.use.key is None or use.stored is not None:
        return 0
    if any(level.tree for level in levels):
        return 0
    if all(level.level.keys == (use.dimension.key,) for level in levels):
        return 0
    return sizes.tables.get(use.dimension.table, 0)


def key_name(role: str) -> str:
    """Return how the key or code of a role is called in a fact that is kept by it."""
    return f"k_{role}"


class KeyedFactSql(FactSql):
    """A fact that is aggregated by keys and codes, to be joined to their levels.

    Parameters
    ----------
    cube : BoundCube
        Whose fact.
    as_of : str
        ``was``, ``is`` or a date.
    values : Values
        Gets what conditions compare with.
    name : str
        The query that has it.
    kept : mapping of str to Codes or None
        What it is kept by, by role; None is the fact's key.
    """

    def __init__(
        self,
        cube: BoundCube,
        as_of: str,
        values: Values,
        name: str,
        kept: Mapping[str, Codes | None],
    ) -> None:
        super().__init__(cube, as_of, values)
        self.source = cte(name, "fact")
        self._by_code = {role: codes for role, codes in kept.items() if codes}
        self._kept = {
            str(cube.uses[role].use.key): key_name(role)
            for role, codes in kept.items()
            if not codes
        }

    def column(self, text: str) -> exp.Expr:
        """Return a key of the fact; it has no other columns."""
        return made(self._kept[text], "fact")

    def where(self) -> exp.Expr | None:
        """Return the condition of the rows, which were chosen before."""
        return all_of(self.conditions)

    def _join_dimension(
        self,
        use: BoundUse,
        sql: DimensionSql,
        levels: list[BoundLevel],
        cuts: list[TypedCut],
        within: exp.Expr | None,
    ) -> None:
        codes = self._by_code.get(use.name)
        if codes is None:
            super()._join_dimension(use, sql, levels, cuts, within)
            return
        alias = f"d_{use.name}"
        on = equal(made(CODE, alias), made(key_name(use.name), "fact"))
        # A row without a member has no code.
        promised = use.use.complete and use.use.span is None
        self._joins.append(
            join(cte(codes.name, alias), on, side="" if promised else "LEFT")
        )
        for level in levels:
            self.keys[level.path] = [column(t, alias) for t in key_names(level)]
