"""The interface for Python: open, look round, ask."""

from acrm_olap.api.handles import Cube, Cubes, Level, Measure, connect

__all__ = ["Cube", "Cubes", "Level", "Measure", "connect"]
