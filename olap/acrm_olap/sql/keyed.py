"""A fact, aggregated by its own keys before anything is joined to it.

Where a dimension has few members, adding up by the fact's key first and joining some
thousand sums is cheaper than joining every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundMeasure, BoundUse
from acrm_olap.planning.plan import Axis
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.measures import is_mergeable
from acrm_olap.sql.terms import Values, all_of, cte, made

# A member of a dimension that is not kept by key is one of so many, as a guess.
MEMBERS_OF_A_LEVEL = 20
MOST_MEMBERS = 20_000
MOST_GROUPS = 200_000


def roles_by_key(
    cube: BoundCube,
    axes: Sequence[Axis],
    measures: Iterable[BoundMeasure],
    sizes: Mapping[str, int],
) -> list[str]:
    """Return the roles whose keys a fact is first aggregated by; none if it is not.

    Parameters
    ----------
    cube : BoundCube
        Whose fact.
    axes : sequence of Axis
        Levels that rows are put together by.
    measures : iterable of BoundMeasure
        What is computed.
    sizes : mapping of str to int
        Rows of each table, about.
    """
    if not all(map(is_mergeable, measures)):
        return []
    wanted: dict[str, int] = {}
    others = 0
    for axis in axes:
        level = axis.levels[cube.name]
        use = cube.uses[level.use]
        size = _members(use, sizes)
        is_key = use.dimension is not None and level.level.keys == (use.dimension.key,)
        if size and not level.tree and not is_key:
            wanted[use.name] = size
        else:
            others += 1
    groups = MEMBERS_OF_A_LEVEL**others
    found = []
    for role, size in sorted(wanted.items(), key=lambda pair: pair[1]):
        if groups * size <= MOST_GROUPS:
            groups *= size
            found.append(role)
    return found


def _members(use: BoundUse, sizes: Mapping[str, int]) -> int:
    """Return how many members a role has; 0 if it cannot be kept by key."""
    if use.dimension is None or use.use.key is None or use.stored is not None:
        return 0
    size = sizes.get(use.dimension.table, 0)
    return size if 0 < size <= MOST_MEMBERS else 0


def key_name(role: str) -> str:
    """Return how the key of a role is called in a fact that is aggregated by it."""
    return f"k_{role}"


class KeyedFactSql(FactSql):
    """A fact that is aggregated by keys, to be joined to their dimensions.

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
    roles : sequence of str
        Whose keys it has.
    """

    def __init__(
        self,
        cube: BoundCube,
        as_of: str,
        values: Values,
        name: str,
        roles: Sequence[str],
    ) -> None:
        super().__init__(cube, as_of, values)
        self.source = cte(name, "fact")
        self._kept = {str(cube.uses[role].use.key): key_name(role) for role in roles}

    def column(self, text: str) -> exp.Expr:
        """Return a key of the fact; it has no other columns."""
        return made(self._kept[text], "fact")

    def where(self) -> exp.Expr | None:
        """Return the condition of the rows, which were chosen before."""
        return all_of(self.conditions)
