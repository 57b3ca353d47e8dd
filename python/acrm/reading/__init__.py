"""Questions asked of a published version."""

from acrm.reading.connection import connect
from acrm.reading.health import Health, read_health
from acrm.reading.queries import Answer, query

__all__ = ["Answer", "Health", "connect", "query", "read_health"]
