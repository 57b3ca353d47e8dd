"""The views that a publication puts into its file, made before anything is built.

They are made of the definitions and of the contracts of the marts alone, so that a
definition that cannot be used is told before a build starts, and not half-way.
"""

from __future__ import annotations

from pathlib import Path

from acrm_olap.definitions import bind, read_catalog, read_definitions
from acrm_olap.export.contracts import promised_tables
from acrm_olap.export.views import CubeView, cube_view, why_none


def planned_views(root: Path) -> list[CubeView]:
    """Return one view for each cube of a project that has a fact of tables alone.

    Parameters
    ----------
    root : Path
        Of the project: it has ``olap`` and ``models/marts``. Without definitions of
        cubes there are no views.

    Raises
    ------
    CubeError
        If a definition cannot be used, with its file and line.
    """
    if not any((root / "olap" / "cubes").glob("*.yml")):
        return []
    with promised_tables(root / "models" / "marts") as tables:
        cubes = bind(read_definitions([root / "olap"]), read_catalog(tables))
        views = [cube_view(cube) for cube in cubes.values() if not why_none(cube)]
        for view in views:
            tables.execute(f"describe {view.sql()}")
    return views
