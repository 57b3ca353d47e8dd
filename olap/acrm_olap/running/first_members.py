"""Named sets of who is first by a measure: asked before the query that cuts by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from acrm_olap.definitions import BoundCube
from acrm_olap.definitions.named_sets import NamedSet
from acrm_olap.errors import MeaningError
from acrm_olap.query import Cut, Query, Top
from acrm_olap.results import Result


def with_first_members(
    query: Query, cube: BoundCube, ask: Callable[[Query], Result]
) -> Query:
    """Return a query whose cuts name the members that are first, not their set.

    They are the first over all of the cube, whatever else the query cuts.

    Parameters
    ----------
    query : Query
        The question.
    cube : BoundCube
        That it asks.
    ask : callable
        Answers the query for the first members, by the rights of the caller.
    """
    cuts = tuple(_listed(cut, query, cube, ask) for cut in query.cuts)
    return query if cuts == query.cuts else replace(query, cuts=cuts)


def written_cuts(cube: BoundCube, cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """Return cuts with the members that a caller wrote: not those of who is first.

    Parameters
    ----------
    cube : BoundCube
        That is asked.
    cuts : iterable of Cut
        As the caller wrote them; those of first members alone are left out.
    """
    found = []
    for cut in cuts:
        values = tuple(each for each in cut.values if _rule_of(cube, each) is None)
        if values or not cut.values:
            found.append(replace(cut, values=values))
    return tuple(found)


def _rule_of(cube: BoundCube, value: Any) -> tuple[str, NamedSet] | None:
    """Return the set of first members that a value names, and the cube that has it."""
    if not (isinstance(value, str) and value.startswith("@")):
        return None
    for each in (cube, *cube.parts):
        named = each.sets.get(value[1:])
        if named is not None:
            return (each.name, named) if named.members is None else None
    return None


def _listed(
    cut: Cut, query: Query, cube: BoundCube, ask: Callable[[Query], Result]
) -> Cut:
    values: list[Any] = []
    for value in cut.values:
        found = _rule_of(cube, value)
        if found is None:
            values.append(value)
            continue
        home, named = found
        _require_same_level(cube, cut, value, named)
        count = named.top or named.bottom or 0
        first = Query(
            home, (str(named.by),), (named.level,), as_of=query.as_of,
            top=Top(count, str(named.by), least=named.top is None),
        )  # fmt: skip
        values += _keys(ask(first), named.level)
    return replace(cut, values=tuple(values))


def _require_same_level(cube: BoundCube, cut: Cut, value: str, named: NamedSet) -> None:
    # A level may be that of one cube of a virtual one: `targets.plan.version`.
    path = cut.level if cube.has_level(cut.level) else cut.level.partition(".")[2]
    if not cube.has_level(path) or cube.level(path) == cube.level(named.level):
        return
    raise MeaningError(
        f"The set '{value}' has members of '{named.level}', not '{cut.level}'.",
        hint=f"Cut '{named.level}' by it.",
    )


def _keys(answer: Result, level: str) -> list[Any]:
    keyed = f"{level}.key"
    title = keyed if keyed in answer.table.column_names else level
    found = answer.table.column(title).to_pylist()
    return [tuple(each) if isinstance(each, list) else each for each in found]
