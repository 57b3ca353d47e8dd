"""Hold answers from aggregate tables against those from their facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from acrm_olap.aggregates import AggregateTable
from acrm_olap.aggregates.tables import signatures
from acrm_olap.definitions import BoundCube
from acrm_olap.definitions.model import Over
from acrm_olap.errors import MeaningError
from acrm_olap.query import Query, make_query
from acrm_olap.results import Result
from acrm_olap.running.aggregate_proofs import is_same
from acrm_olap.running.engine import Engine


@dataclass(frozen=True)
class Check:
    """A query that was asked twice.

    Parameters
    ----------
    table : str
        The aggregate table that was to answer.
    query : Query
        The question.
    cells : int
        How many cells were compared.
    fault : str
        What was wrong; empty if nothing was.
    """

    table: str
    query: Query
    cells: int
    fault: str


def check_aggregates(engine: Engine) -> Iterator[Check]:
    """Yield a check for each of a sample of queries that aggregate tables answer.

    All measures of a table are asked for as a whole, by each of its levels, and by
    pairs of them that follow one another; by the coarsest level of a kept key.

    Parameters
    ----------
    engine : Engine
        Over the file.
    """
    facts = _like(engine, use_aggregates=False)
    for name, tables in engine.aggregates.items():
        for table in tables:
            # Alone, so that no smaller table answers in its place.
            alone = _like(engine, use_aggregates=True)
            alone.aggregates = {name: [table]}
            for query in sample(engine.cubes[name], table):
                yield _check(alone, facts, table, query)


def _like(engine: Engine, *, use_aggregates: bool) -> Engine:
    """Return an engine over the same file that notes and keeps nothing."""
    found = Engine(engine.database, engine.definitions, use_aggregates=use_aggregates)
    found.knowledge, found.proofs = engine.knowledge, engine.proofs
    return found


def sample(cube: BoundCube, table: AggregateTable) -> Iterator[Query]:
    """Yield queries that a table should answer."""
    kept = [
        each
        for each in cube.measures.values()
        if signatures(each)
        and all(signature in table.numbers for signature in signatures(each))
        and all(
            rule is not Over.NEVER and role in table.keys
            for role, rule in each.measure.over.items()
        )
    ]
    # Amounts of several currencies are refused: what goes with them is asked apart.
    units = {each.name: each.measure.unit.startswith("@") for each in kept}
    asked = [[name for name in units if units[name] is own] for own in (False, True)]
    paths = [*table.levels]
    for role in table.keys:
        use = cube.uses[role]
        down = [each.levels for each in use.hierarchies.values() if each.levels]
        level = use.levels[down[0][0]] if down else use.leaf
        paths.append(level.path)
    for rows in ([], *([path] for path in paths), *(list(p) for p in pairwise(paths))):
        yield from (make_query(cube.name, names, rows) for names in asked if names)


def _check(engine: Engine, facts: Engine, table: AggregateTable, query: Query) -> Check:
    found, wanted = _answer(engine, query), _answer(facts, query)
    if isinstance(found, str) or isinstance(wanted, str):
        fault = "" if found == wanted else f"one was refused: {found}; {wanted}"
        return Check(table.name, query, 0, fault)
    if table.name not in found.source.aggregates:
        (choice,) = engine.route(engine.plan(query)).rejected
        return Check(table.name, query, 0, f"it did not answer: {choice.reason}")
    return Check(table.name, query, len(wanted), _difference(found, wanted))


def _answer(engine: Engine, query: Query) -> Result | str:
    try:
        return engine.ask(query)
    except MeaningError as error:
        return str(error)


def _difference(found: Result, wanted: Result) -> str:
    if len(found) != len(wanted):
        return f"it has {len(found):,} cells, and the fact {len(wanted):,}"
    here, there = found.to_dicts(), wanted.to_dicts()
    for one, other in zip(here, there, strict=True):
        for name, value in one.items():
            if not is_same(value, other[name]):
                cell = ", ".join(str(one[level]) for level in wanted.levels) or "all"
                return f"{name} of {cell} is {value}, and of the fact {other[name]}"
    return ""
