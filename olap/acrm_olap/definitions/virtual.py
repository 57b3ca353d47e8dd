"""Virtual cubes: measures of several cubes, held against one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from acrm_olap.definitions.bound import BoundCube, BoundMeasure, BoundUse
from acrm_olap.definitions.calculations import (
    check_set,
    measure_type,
    require_no_circle,
)
from acrm_olap.definitions.model import VirtualCube
from acrm_olap.definitions.read import Definitions
from acrm_olap.errors import CubeError, DefinitionError, UnknownNameError
from acrm_olap.expressions import Type, parse, type_of


def type_calculated(cube: BoundCube, measure: BoundMeasure, place: str) -> None:
    """Refuse a calculated measure whose parts do not fit, or that is no number."""
    text = measure.measure.argument
    try:
        found = type_of(parse(text), text, lambda name: measure_type(cube, name))
    except CubeError as error:
        raise DefinitionError(
            error.what, where=f"{place}{error.where}", hint=error.hint
        ) from error
    if found not in {Type.NUMBER, Type.NOTHING}:
        raise DefinitionError(
            f"The measure '{measure.name}' is a {found}, not a number.", where=place
        )


def bind_virtual(
    definitions: Definitions, cubes: Mapping[str, BoundCube], cube: VirtualCube
) -> BoundCube:
    """Return a virtual cube over cubes that are ready for queries."""

    def where(*parts: str | int) -> str:
        return definitions.where("virtual_cube", cube.virtual_cube, *parts)

    try:
        return _virtual(cubes, cube, where)
    except DefinitionError:
        raise
    except CubeError as error:
        raise DefinitionError(
            error.what, where=error.where or where(), hint=error.hint
        ) from error


def _virtual(
    cubes: Mapping[str, BoundCube], cube: VirtualCube, where: Callable[..., str]
) -> BoundCube:
    name = cube.virtual_cube
    for each in cube.cubes:
        if each not in cubes:
            raise UnknownNameError("cube", each, cubes, where=where("cubes"))
    parts = tuple(cubes[each] for each in cube.cubes)
    uses: dict[str, BoundUse] = {}
    for part in parts:
        for role, use in part.uses.items():
            uses.setdefault(role, use)
    measures = _measures_of(parts)
    for title, measure in cube.measures.items():
        if measure.kind != "expression":
            raise DefinitionError(
                f"The measure '{title}' is a {measure.kind}.",
                where=where("measures", title),
                hint="Measures of a virtual cube are expressions over those of its"
                " cubes; define this one in its own cube.",
            )
        node = parse(measure.argument)
        measures[title] = BoundMeasure(name, title, measure, node, None)
    bound = BoundCube(name, cube, uses, measures, cube.sets, parts, {}, None)
    for title in cube.measures:
        place = where("measures", title)
        require_no_circle(bound, title, place)
        type_calculated(bound, bound.measures[title], place)
    for title, named in cube.sets.items():
        check_set(bound, title, named, where("sets", title))
    return bound


def _measures_of(parts: tuple[BoundCube, ...]) -> dict[str, BoundMeasure]:
    """Return measures as ``cube.measure``, and by name alone where one has it."""
    found: dict[str, BoundMeasure] = {}
    alone: dict[str, list[BoundMeasure]] = {}
    for part in parts:
        for title, measure in part.measures.items():
            found[f"{part.name}.{title}"] = measure
            alone.setdefault(title, []).append(measure)
    return found | {title: each[0] for title, each in alone.items() if len(each) == 1}
