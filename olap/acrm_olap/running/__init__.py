"""Run statements against a file, and know what has to be known of it."""

from acrm_olap.running.database import Database, open_database
from acrm_olap.running.engine import Engine

__all__ = ["Database", "Engine", "open_database"]
