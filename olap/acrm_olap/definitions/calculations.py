"""Measures made of measures: what they need, in which order, and that it ends."""

from __future__ import annotations

from acrm_olap.definitions.bound import BoundCube, BoundMeasure
from acrm_olap.definitions.named_sets import NamedSet
from acrm_olap.definitions.references import Reference, read_reference
from acrm_olap.errors import DefinitionError
from acrm_olap.expressions import Type, names


def reference(cube: BoundCube, text: str, *, where: str = "") -> Reference:
    """Return what a name in an expression or a query stands for."""
    return read_reference(text, cube.measures, owner=f"cube '{cube.name}'", where=where)


def measure_type(cube: BoundCube, text: str) -> Type:
    """Return the type of a measure in an expression; min and max may be dates."""
    found = cube.measures[reference(cube, text).measure]
    if found.measure.kind in {"min", "max", "first", "last"} and found.data_type:
        from acrm_olap.definitions.catalog import expression_type

        return expression_type(found.data_type)
    return Type.NUMBER


def check_set(cube: BoundCube, name: str, named: NamedSet, where: str) -> None:
    """Refuse a set of a level or by a measure that the cube has not, and truths.

    Among members that are texts, YAML takes a bare NO for a truth.
    """
    level = cube.level(named.level, where=where)
    if named.by is not None:
        reference(cube, named.by, where=where)
    is_flag = all(kind == "BOOLEAN" for kind in level.types)
    keys = [
        key
        for each in named.members or []
        for key in (each if isinstance(each, list) else [each])
    ]
    if not is_flag and any(isinstance(key, bool) for key in keys):
        raise DefinitionError(
            f"The set '{name}' has a truth among members of '{level.path}'.",
            where=where,
            hint="Write on, off, yes and no in quotes: 'NO'.",
        )


def needs(cube: BoundCube, measure: BoundMeasure) -> list[str]:
    """Return the measures that an expression names, without what of them.

    Names in an expression of a cube are those of that cube, also where a virtual
    cube asks.
    """
    if not measure.is_calculated or measure.node is None:
        return []
    home = home_of(cube, measure)
    return [reference(home, name).measure for name in names(measure.node)]


def home_of(cube: BoundCube, measure: BoundMeasure) -> BoundCube:
    """Return the cube in which a measure was defined."""
    return next((part for part in cube.parts if part.name == measure.cube), cube)


def require_no_circle(cube: BoundCube, name: str, where: str) -> None:
    """Refuse a measure that is made of itself, showing the way round."""
    _follow(cube, cube.measures[name], (), where)


def _follow(
    cube: BoundCube, measure: BoundMeasure, above: tuple[str, ...], where: str
) -> None:
    path = (*above, measure.name)
    if measure.name in above:
        start = above.index(measure.name)
        raise DefinitionError(
            f"The measure '{measure.name}' is made of itself.",
            where=where,
            hint=f"The way round is {' → '.join(path[start:])}: break it.",
        )
    home = home_of(cube, measure)
    for name in needs(cube, measure):
        _follow(home, home.measures[name], path, where)
