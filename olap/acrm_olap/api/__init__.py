"""The interface for Python: open, look round, ask."""

from acrm_olap.api.connecting import Cubes, connect
from acrm_olap.api.handles import Cube, Level, Measure

__all__ = ["Cube", "Cubes", "Level", "Measure", "connect"]
