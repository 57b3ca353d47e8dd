"""What a cube shows of itself to a caller, for lists, pages and other clients."""

from __future__ import annotations

from typing import Any

from acrm_olap.definitions import BoundCube, BoundMeasure, BoundUse
from acrm_olap.definitions.bound import spelt_out
from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import NAMES
from acrm_olap.planning import Rights
from acrm_olap.running.engine import Engine

_SUMMED = {"sum", "count"}


def describe(engine: Engine, cube: BoundCube, rights: Rights) -> dict[str, Any]:
    """Return all that a query of a caller may name, as JSON has it.

    Parameters
    ----------
    engine : Engine
        Over the file.
    cube : BoundCube
        The cube.
    rights : Rights
        What the caller may see.

    Returns
    -------
    dict
        ``name``, ``caption``, ``description``, ``virtual``, ``cubes``, ``source``,
        ``version``, ``data_through`` and ``time`` of the cube, and lists of its
        ``dimensions`` with their hierarchies and levels, its ``measures``, named
        ``sets``, and the ``forms`` that may be asked of a measure.
    """
    database = engine.database
    return {
        "name": cube.name,
        "caption": cube.caption,
        "description": cube.definition.description,
        "virtual": cube.is_virtual,
        "cubes": [part.name for part in cube.parts],
        "source": database.name,
        "version": database.version,
        "data_through": dict(database.data_through),
        "time": "" if cube.is_virtual else cube.base.time or "",
        "dimensions": [
            _dimension(engine, cube, use, rights) for use in cube.uses.values()
        ],
        "measures": [
            _measure(name, each) for name, each in seen_measures(cube, rights).items()
        ],
        "sets": [
            {
                "name": name,
                "caption": each.caption or spelt_out(name),
                "description": each.description,
                "level": each.level,
                "members": list(each.members or []),
                "rule": each.rule,
            }
            for name, each in cube.sets.items()
            if each.visible
        ],
        "forms": list(NAMES),
    }


def seen_measures(cube: BoundCube, rights: Rights) -> dict[str, BoundMeasure]:
    """Return the measures that are shown to a caller, by name."""
    return {
        name: each
        for name, each in cube.measures.items()
        if each.measure.visible and f"{each.cube}.{each.name}" not in rights.hidden
    }


def _dimension(
    engine: Engine, cube: BoundCube, use: BoundUse, rights: Rights
) -> dict[str, Any]:
    part = next(part for part in cube.parts if use.name in part.uses)
    first = last = None
    if use.is_time and not rights.hold_back(use.name):
        extent = engine.knowledge.extent(part, use.name)
        first, last = extent.first, extent.last
    dimension = use.dimension
    own = dimension.description if dimension else ""
    return {
        "name": use.name,
        "caption": use.caption,
        "description": use.use.description or own,
        "folder": use.use.folder or (dimension.folder if dimension else ""),
        "time": use.is_time,
        "history": dimension is not None and dimension.history is not None,
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "",
        "hierarchies": [
            {
                "name": name,
                "caption": each.caption or spelt_out(name),
                "description": each.description,
                "levels": [f"{use.name}.{name}"]
                if each.is_tree
                else [f"{use.name}.{level}" for level in each.levels],
                "tree": each.is_tree,
                "level": f"{use.name}.{each.level}" if each.is_tree else "",
            }
            for name, each in use.hierarchies.items()
            if each.visible
        ],
        "levels": [
            {
                "path": each.path,
                "name": each.name,
                "caption": each.level.caption or spelt_out(each.name),
                "description": each.level.description,
                "folder": each.level.folder,
                "period": each.period or "",
                "keys": len(each.level.keys),
                "attributes": list(each.level.attributes),
                "tree": bool(each.tree),
            }
            for each in use.levels.values()
            if each.level.visible
        ],
    }


def _measure(name: str, each: BoundMeasure) -> dict[str, Any]:
    definition = each.measure
    return {
        "name": name,
        "caption": each.caption,
        "kind": definition.kind,
        "unit": definition.unit,
        "format": definition.format,
        "folder": definition.folder,
        "description": definition.description,
        "over": {role: rule.value for role, rule in definition.over.items()},
        "adds_up": _adds_up(each),
    }


def _adds_up(each: BoundMeasure) -> str:
    definition = each.measure
    if definition.kind not in _SUMMED or Over.NEVER in definition.over.values():
        return "non-additive"
    return "semi-additive" if definition.over else "additive"
