"""The dbt project, run in this process: build, check and document the warehouse."""

from acrm.building.docs import write_docs
from acrm.building.outcome import Node, Outcome
from acrm.building.run import Selection, build, check

__all__ = ["Node", "Outcome", "Selection", "build", "check", "write_docs"]
