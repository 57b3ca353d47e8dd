"""What a database holds, fetched part by part, so that no more is held at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import duckdb


def in_parts(
    relation: duckdb.DuckDBPyRelation, keys: Sequence[str], columns: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Fetch some columns of each part of a relation.

    Parameters
    ----------
    relation : DuckDBPyRelation
        Of any size: a part of it has to fit, not the whole.
    keys : sequence of str
        Columns that tell parts apart; rows with a null in one are in no part.
    columns : sequence of str
        Other columns, as SQL.

    Yields
    ------
    DataFrame of shape (n_rows, n_keys + n_columns)
        A part, by rising keys; days are timestamps. Of a relation without rows one
        frame without rows, so that its columns are known.
    """
    from duckdb import ColumnExpression, ConstantExpression

    names = ", ".join(keys)
    wanted = ", ".join([names, *columns])
    found = relation.aggregate(names, names).order(names).fetchall()
    parts = [part for part in found if None not in part]
    for part in parts:
        rows = relation
        for key, value in zip(keys, part, strict=True):
            rows = rows.filter(ColumnExpression(key) == ConstantExpression(value))
        yield rows.project(wanted).df()
    if not parts:
        yield relation.filter("false").project(wanted).df()
