"""Small codes for the members of levels: groups by a byte or two, not by texts.

A fact with many rows is grouped by a code of each row's member, and what the code
stands for is joined to the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from acrm_olap.definitions import BoundLevel, BoundUse
from acrm_olap.expressions import cast
from acrm_olap.sql.dimensions import DimensionSql, key_names
from acrm_olap.sql.terms import (
    all_of,
    as_,
    column,
    cte,
    derived,
    join,
    made,
    same,
    select,
    title_of,
)

CODE = "_code"
# Codes begin with 1, and a fact whose member is not in the version that was asked for
# needs one more than its dimension has.
_TYPES = {"utinyint": 254, "usmallint": 65_534}
MOST_CODES = max(_TYPES.values())


@dataclass(frozen=True)
class Codes:
    """Codes of the members of some levels of one role.

    Parameters
    ----------
    name : str
        The query that has them.
    levels : tuple of BoundLevel
        The levels that are told apart.
    members : int
        How many members there are at most, in all versions; ``MOST_CODES`` can be.
    """

    name: str
    levels: tuple[BoundLevel, ...]
    members: int

    @property
    def titles(self) -> list[str]:
        """What the keys of the levels are called."""
        return [title for level in self.levels for title in key_names(level)]

    @property
    def data_type(self) -> str:
        """The smallest type that has a code for each member."""
        return next(name for name, most in _TYPES.items() if self.members <= most)

    def query(self, sql: DimensionSql) -> tuple[str, exp.Query]:
        """Return each member once with its code.

        The order decides it, so that it is the same wherever the query is read.
        """
        keys = [key for level in self.levels for key in sql.keys(level)]
        members = sql.select(
            [as_(k, t, quoted=True) for k, t in zip(keys, self.titles, strict=True)]
        ).distinct(copy=False)
        place = exp.Window(
            this=exp.RowNumber(),
            order=exp.Order(
                expressions=[exp.Ordered(this=column(t)) for t in self.titles]
            ),
        )
        code = as_(cast(place, self.data_type), CODE)
        known = [column(title) for title in self.titles]
        return self.name, select([*known, code], derived(members, "member"))

    def in_place(self, rows: exp.Select) -> exp.Select:
        """Return rows of the dimension with codes in the place of levels' keys."""
        kept = [title for title in rows.named_selects if title not in self.titles]
        on = all_of(same(column(t, "code"), column(t, "member")) for t in self.titles)
        return select(
            [*(made(title, "member") for title in kept), made(CODE, "code")],
            derived(rows, "member"),
            joins=[join(cte(self.name, "code"), on or exp.true())],
        )


def codes_of(
    use: BoundUse, cube: str, levels: Sequence[BoundLevel], members: int
) -> Codes:
    """Return codes of levels, under a name that says of what.

    Cubes that point to the same dimension in the same way share them.
    """
    of = ("codes",) if use.use.span is None else ("codes_of", cube)
    name = title_of(*of, use.name, *(level.name for level in levels))
    return Codes(name, tuple(levels), members)
