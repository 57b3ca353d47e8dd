"""What a cube shows of itself, for lists, pages and other clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrm_olap.definitions import BoundCube


def describe_cube(
    bound: BoundCube, levels: Mapping[str, Any], measures: Mapping[str, Any]
) -> dict[str, Any]:
    """Return dimensions with levels and hierarchies, measures and named sets.

    Parameters
    ----------
    bound : BoundCube
        The cube.
    levels, measures : mapping
        Those that the caller may see, by path and by name.
    """
    return {
        "cube": bound.name,
        "caption": bound.caption,
        "description": bound.definition.description,
        "dimensions": [
            {
                "name": use.name,
                "caption": use.caption,
                "description": use.use.description
                or (use.dimension.description if use.dimension else ""),
                "is_time": use.is_time,
                "hierarchies": [
                    {
                        "name": name,
                        "levels": list(each.levels) or [str(each.level)],
                        "parent_child": each.is_tree,
                    }
                    for name, each in use.hierarchies.items()
                ],
                "levels": [
                    vars(levels[level.path])
                    for level in use.levels.values()
                    if level.path in levels
                ],
            }
            for use in bound.uses.values()
        ],
        "measures": [vars(each) for each in measures.values()],
        "sets": [
            {"name": name, "level": each.level, "members": list(each.members or []),
             "rule": each.rule, "description": each.description}
            for name, each in bound.sets.items()
            if each.visible
        ],
    }  # fmt: skip
