"""Answers, and how they are shown."""

from acrm_olap.results.result import Result, Source

__all__ = ["Result", "Source"]
