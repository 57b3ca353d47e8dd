"""Amounts of different units are never added up: what has to be looked at for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from acrm_olap.definitions import BoundCube, BoundMeasure, BoundUse
from acrm_olap.definitions.model import Measure
from acrm_olap.expressions import parse, quoted_name, split_name, written_name
from acrm_olap.planning.plan import Atom, UnitCheck
from acrm_olap.planning.trees import Forest


def check_units(
    forest: Forest,
    parts: tuple[BoundCube, ...],
    units: Callable[[BoundCube, str], tuple[str, ...]],
) -> Iterator[UnitCheck]:
    """Yield what to look at where the rows of a measure have several units.

    Parameters
    ----------
    forest : Forest
        The atoms of the query; gets the least and the greatest unit beside them.
    parts : tuple of BoundCube
        Cubes that take part.
    units : callable
        The units that a column of a cube's fact has.
    """
    by_name = {part.name: part for part in parts}
    for number, atom in enumerate(list(forest.atoms)):
        unit = atom.measure.measure.unit
        if not unit.startswith("@"):
            continue
        name = unit[1:]
        known = units(by_name[atom.part], name)
        if len(known) < 2:  # noqa: PLR2004 -- two units are several
            continue
        least, greatest = (_unit(atom, name, kind) for kind in ("min", "max"))
        yield UnitCheck(
            number,
            atom.measure.name,
            _told_by(by_name[atom.part], name),
            forest.add(least),
            forest.add(greatest),
        )


def _told_by(cube: BoundCube, column: str) -> str:
    """Return the level whose members are the units, or else their column."""
    for use in cube.uses.values():
        wanted = column if use.dimension is None else _in_dimension(cube, use, column)
        for level in use.levels.values():
            if wanted and level.level.keys == (wanted,) and not level.tree:
                return level.path
    return column


def _in_dimension(cube: BoundCube, use: BoundUse, column: str) -> str:
    """Return the column of a dimension that is one of the fact, or that it looks up."""
    dimension = use.dimension
    if dimension is None or use.use.key is None:
        return ""
    if column == use.use.key:
        return dimension.key
    title, last = split_name(column)
    way = {use.use.key: dimension.key}
    same = any(
        each.title == title and each.table == dimension.table and each.on == way
        for each in cube.base.joins
    )
    return written_name(last) if same else ""


def _unit(atom: Atom, name: str, kind: str) -> Atom:
    column = quoted_name(name)
    definition = Measure.model_validate(
        {kind: column, "filter": atom.measure.measure.filter}
    )
    measure = BoundMeasure(
        atom.part, f"_{kind}_{name}_{atom.measure.name}", definition, parse(column),
        atom.measure.filter,
    )  # fmt: skip
    return Atom(atom.part, measure, atom.times)
