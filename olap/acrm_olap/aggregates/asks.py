"""What queries ask of facts: levels, keys and measures, never which members.

That is all that is noted of a query, so that a log holds nothing about anybody, and
all that is needed to propose aggregates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acrm_olap.aggregates.route import asked_of
from acrm_olap.planning.plan import Plan


@dataclass(frozen=True)
class Ask:
    """What a query asks of one fact.

    Parameters
    ----------
    cube : str
        The cube.
    levels : tuple of str
        Levels that it puts rows together by, or cuts, in the order of their names.
    keys : tuple of str
        Dimensions whose own key it needs: a day, or members as they are now.
    measures : tuple of str
        The measures, without what is made of others.
    """

    cube: str
    levels: tuple[str, ...]
    keys: tuple[str, ...]
    measures: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "cube": self.cube, "levels": list(self.levels), "keys": list(self.keys),
            "measures": list(self.measures),
        }  # fmt: skip


def asks_of(plan: Plan) -> list[Ask]:
    """Return what a plan asks of each of its facts."""
    found = []
    for part in plan.parts:
        levels: set[str] = set()
        keys: set[str] = set()
        for role, wanted, cuts in asked_of(plan, part):
            use = part.uses[role]
            every = [*wanted, *(cut.level for cut in cuts)]
            history = use.dimension is not None and use.dimension.history is not None
            as_is = history and plan.query.as_of != "was" and bool(use.use.key)
            if None in every or as_is:
                keys.add(role)
                continue
            levels |= {f"{role}.{use.base_of(each)}" for each in every if each}
        measures = {
            atom.measure.name
            for atom in plan.atoms
            if atom.part == part.name and atom.measure.name in part.measures
        }
        found.append(
            Ask(part.name, *(tuple(sorted(each)) for each in (levels, keys, measures)))
        )
    return found
