"""Answers, and how they are shown."""

from acrm_olap.results.explanation import Explanation
from acrm_olap.results.result import Result, Source

__all__ = ["Explanation", "Result", "Source"]
