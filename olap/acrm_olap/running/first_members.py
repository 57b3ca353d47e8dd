"""Named sets of who is first by a measure: asked before the query that cuts by them."""

from __future__ import annotations

from collections.abc import Callable
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


def _listed(
    cut: Cut, query: Query, cube: BoundCube, ask: Callable[[Query], Result]
) -> Cut:
    values: list[Any] = []
    for value in cut.values:
        name = value[1:] if isinstance(value, str) and value.startswith("@") else ""
        home, named = _find(cube, name)
        if named is None or named.members is not None:
            values.append(value)
            continue
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


def _find(cube: BoundCube, name: str) -> tuple[str, NamedSet | None]:
    for each in (cube, *cube.parts):
        if name in each.sets:
            return each.name, each.sets[name]
    return "", None


def _keys(answer: Result, level: str) -> list[Any]:
    keyed = f"{level}.key"
    title = keyed if keyed in answer.table.column_names else level
    found = answer.table.column(title).to_pylist()
    return [tuple(each) if isinstance(each, list) else each for each in found]
