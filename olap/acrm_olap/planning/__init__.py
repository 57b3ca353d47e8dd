"""What a query means, or why it has no right answer."""

from acrm_olap.planning.plan import Plan
from acrm_olap.planning.resolve import ALL, Rights, resolve

__all__ = ["ALL", "Plan", "Rights", "resolve"]
