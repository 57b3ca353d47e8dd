"""A statement that is written: SQL, and the values that are bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from acrm_olap.sql.terms import DIALECT


@dataclass(frozen=True)
class Statement:
    """SQL with the values that are bound to it.

    Parameters
    ----------
    tree : Expression
        The SQL, as a tree; any dialect can be written of it.
    values : mapping
        By the name of their place.
    cells : int
        The most rows that the statement gives, one more than may be asked for.
    pass_of : tuple of int
        The pass that computes each atom of the plan: its bit in the column of what
        is there.
    """

    tree: exp.Expr
    values: Mapping[str, Any]
    cells: int
    pass_of: tuple[int, ...] = ()

    def sql(self, dialect: str = DIALECT, *, pretty: bool = False) -> str:
        """Write the SQL."""
        # What is written for DuckDB leaves the tree as it is.
        return self.tree.sql(dialect, pretty=pretty, copy=dialect != DIALECT)
