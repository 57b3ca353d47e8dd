"""The rows behind a cell, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlglot import exp

from acrm_olap.definitions import BoundCube
from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.expressions import name_parts, names
from acrm_olap.planning import ALL, Rights
from acrm_olap.planning.members import typed_cut
from acrm_olap.planning.resolve import cuts_of_filters, row_filters
from acrm_olap.query import Cut, check_as_of, check_missing
from acrm_olap.running.engine import Engine
from acrm_olap.running.looking_up import keyed, look_up
from acrm_olap.sql.dimensions import with_trees
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import DIALECT, Values, as_, number

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 100_000


def find_facts(
    engine: Engine,
    cube: BoundCube,
    cuts: Iterable[Cut] = (),
    *,
    columns: Iterable[str] = (),
    limit: int = 1000,
    offset: int = 0,
    as_of: str = "was",
    rights: Rights = ALL,
    missing: str = "refuse",
) -> pa.Table:
    """Return rows of a fact that are behind a cell, once its joins are proved.

    Parameters
    ----------
    engine : Engine
        Over the file.
    cube : BoundCube
        Not a virtual one: a row is of one fact.
    cuts : iterable of Cut
        What makes the cell.
    columns : iterable of str
        Levels and columns of the fact; all columns of the fact by default.
    limit, offset : int
        How many, and how many are passed over; in the order of the fact's
        key, or of all columns that are shown.
    as_of : str
        Which versions of members are meant.
    rights : Rights
        What the caller may see.
    missing : str
        Cuts that name a member which is not there: ``refuse`` or ``empty``.

    Raises
    ------
    MeaningError
        If the cube is virtual, the page is too large, or ``as_of`` is no date.
    UnknownNameError
        If there is no such column or member.
    """
    if cube.is_virtual:
        names = ", ".join(part.name for part in cube.parts)
        raise MeaningError(
            f"'{cube.name}' is made of several facts, and a row is of one.",
            hint=f"Ask one of its cubes: {names}.",
        )
    if not 1 <= limit <= MOST_ROWS or offset < 0:
        raise MeaningError(
            f"A page of {limit:,} rows from {offset:,} on.",
            hint=f"Give a limit of 1 to {MOST_ROWS:,}, and page on with offset.",
        )
    check_as_of(as_of)
    check_missing(missing)
    engine.knowledge.prove(cube, sorted(cube.uses))
    values = Values()
    fact = FactSql(cube, as_of, values)
    filters = row_filters(cube, rights)
    cuts = keyed(engine.membership, cube, cuts, rights, as_of, missing)
    typed = [typed_cut(cube, cut) for cut in cuts]
    look_up(engine.membership, cube, [cube], cuts, {cube.name: filters}, as_of, missing)
    typed += cuts_of_filters(cube, filters, as_of)
    asked = list(columns) or _visible(cube, rights)
    levels = {name: cube.level(name) for name in asked if name in cube.level_paths}
    hidden = hidden_columns(cube, rights)
    for name in asked:
        if name not in levels and (name not in cube.columns or name in hidden):
            known = [*cube.level_paths, *(c for c in cube.columns if c not in hidden)]
            raise UnknownNameError("column", name, known, owner=f"cube '{cube.name}'")
    fact.need(levels.values(), typed)
    fact.restrict(filters)
    shown = [
        as_(fact.keys[levels[name].path][-1], name, quoted=True)
        if name in levels
        else as_(fact.column(name), name, quoted=True)
        for name in asked
    ]
    found = fact.select(shown)
    keys = [fact.column(key) for key in cube.base.keys]
    # Without a key, by all that is shown: rows that are alike there look alike.
    order = keys or [number(place) for place, _ in enumerate(shown, start=1)]
    found.set("order", exp.Order(expressions=[exp.Ordered(this=key) for key in order]))
    found.set("limit", exp.Limit(expression=number(limit)))
    found.set("offset", exp.Offset(expression=number(offset)))
    with_trees(found, cube, (cut.level for cut in typed), as_of, values)
    return engine.database.arrow(found.sql(DIALECT), values.bound)


def hidden_columns(cube: BoundCube, rights: Rights) -> set[str]:
    """Return columns of measures that the caller may not see."""
    return {
        name
        for measure in cube.measures.values()
        if f"{measure.cube}.{measure.name}" in rights.hidden
        and measure.node is not None
        for name in names(measure.node)
        if not measure.is_calculated
    }


def _visible(cube: BoundCube, rights: Rights) -> list[str]:
    hidden = hidden_columns(cube, rights)
    return [
        name
        for name in cube.columns
        if len(name_parts(name)) == 1 and name not in hidden
    ]
