"""Cubes for other tools: semantic models of dbt, SQL views, a script for Atoti."""

from acrm_olap.export.atoti import atoti_script
from acrm_olap.export.files import HEADER, write_files
from acrm_olap.export.metricflow import metricflow_files
from acrm_olap.export.parts import Exported, LeftOut
from acrm_olap.export.views import CubeView, cube_view, view_files

__all__ = [
    "HEADER", "CubeView", "Exported", "LeftOut", "atoti_script", "cube_view",
    "metricflow_files", "view_files", "write_files",
]  # fmt: skip
