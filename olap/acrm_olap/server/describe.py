"""Cubes as a caller sees them: what a page needs to offer questions."""

from __future__ import annotations

from typing import Literal

from acrm_olap.definitions import BoundCube, BoundMeasure, BoundUse
from acrm_olap.definitions.bound import spelt_out
from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import NAMES
from acrm_olap.running import Engine
from acrm_olap.server.access import View
from acrm_olap.server.answers import (
    CubeInfo,
    CubeName,
    DimensionInfo,
    HierarchyInfo,
    LevelInfo,
    MeasureInfo,
    SetInfo,
)

_SUMMED = {"sum", "count"}


def cube_name(cube: BoundCube) -> CubeName:
    """Return a cube as a list shows it."""
    definition = cube.definition
    return CubeName(
        name=cube.name, caption=cube.caption, description=definition.description,
        folder=definition.folder, virtual=cube.is_virtual,
    )  # fmt: skip


def describe(engine: Engine, cube: BoundCube, view: View) -> CubeInfo:
    """Return all that a query of a caller may name."""
    database = engine.database
    time = "" if cube.is_virtual else cube.base.time or ""
    return CubeInfo(
        name=cube.name,
        caption=cube.caption,
        description=cube.definition.description,
        virtual=cube.is_virtual,
        cubes=[part.name for part in cube.parts],
        source=database.name,
        version=database.version,
        data_through=dict(database.data_through),
        time=time,
        dimensions=[
            _dimension(engine, cube, use, view) for use in cube.uses.values()
        ],
        measures=[
            _measure(name, each)
            for name, each in seen_measures(cube, view).items()
            if each.measure.visible
        ],
        sets=[
            SetInfo(
                name=name, caption=each.caption or spelt_out(name),
                description=each.description, level=each.level,
                members=list(each.members or []), rule=each.rule,
            )
            for name, each in cube.sets.items()
            if each.visible
        ],
        forms=list(NAMES),
    )  # fmt: skip


def seen_measures(cube: BoundCube, view: View) -> dict[str, BoundMeasure]:
    """Return the measures that are there for a caller."""
    return {
        name: each
        for name, each in cube.measures.items()
        if f"{each.cube}.{each.name}" not in view.rights.hidden
    }


def _dimension(
    engine: Engine, cube: BoundCube, use: BoundUse, view: View
) -> DimensionInfo:
    part = next(part for part in cube.parts if use.name in part.uses)
    first = last = None
    held = any(cut.level.split(".")[0] == use.name for cut in view.rights.filters)
    # From when to when there are rows is no news for whom time itself is held back.
    if use.is_time and not held:
        extent = engine.knowledge.extent(part, use.name)
        first, last = extent.first, extent.last
    dimension = use.dimension
    own = dimension.description if dimension else ""
    return DimensionInfo(
        name=use.name,
        caption=use.caption,
        description=use.use.description or own,
        folder=use.use.folder or (dimension.folder if dimension else ""),
        time=use.is_time,
        history=dimension is not None and dimension.history is not None,
        first=first.isoformat() if first else "",
        last=last.isoformat() if last else "",
        hierarchies=[
            HierarchyInfo(
                name=name, caption=each.caption or spelt_out(name),
                description=each.description,
                levels=[f"{use.name}.{name}"] if each.is_tree
                else [f"{use.name}.{level}" for level in each.levels],
                tree=each.is_tree,
            )
            for name, each in use.hierarchies.items()
            if each.visible
        ],
        levels=[
            LevelInfo(
                path=each.path, name=each.name,
                caption=each.level.caption or spelt_out(each.name),
                description=each.level.description, folder=each.level.folder,
                period=each.period or "", keys=len(each.level.keys),
                attributes=list(each.level.attributes), tree=bool(each.tree),
            )
            for each in use.levels.values()
            if each.level.visible
        ],
    )  # fmt: skip


def _measure(name: str, each: BoundMeasure) -> MeasureInfo:
    definition = each.measure
    return MeasureInfo(
        name=name, caption=each.caption, kind=definition.kind, unit=definition.unit,
        format=definition.format, folder=definition.folder,
        description=definition.description,
        over={role: rule.value for role, rule in definition.over.items()},
        adds_up=_adds_up(each),
    )  # fmt: skip


def _adds_up(
    each: BoundMeasure,
) -> Literal["additive", "semi-additive", "non-additive"]:
    definition = each.measure
    if definition.kind not in _SUMMED or Over.NEVER in definition.over.values():
        return "non-additive"
    return "semi-additive" if definition.over else "additive"
