"""Answers, and how they are shown."""

from acrm_olap.results.answer import State, There
from acrm_olap.results.pivot import Cell, Header, Pivot
from acrm_olap.results.result import Result, Source

__all__ = ["Cell", "Header", "Pivot", "Result", "Source", "State", "There"]
