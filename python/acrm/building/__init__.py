"""The dbt project, run in this process: build, check and document the warehouse."""

from acrm.building.build import Selection, build, check
from acrm.building.docs import write_docs
from acrm.building.outcome import Node, Outcome

__all__ = ["Node", "Outcome", "Selection", "build", "check", "write_docs"]
