"""What a database holds, fetched part by part, and what is made of the parts."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import duckdb

PIECE = 100_000  # rows that are worth a thread's while


def rows_of(
    relation: duckdb.DuckDBPyRelation, **values: Any
) -> duckdb.DuckDBPyRelation:
    """Keep the rows that have a value in each of some columns.

    Parameters
    ----------
    relation : DuckDBPyRelation
        Of any size.
    **values : object
        By column: no text to be quoted, whatever is in it.
    """
    from duckdb import ColumnExpression, ConstantExpression

    for column, value in values.items():
        relation = relation.filter(
            ColumnExpression(column) == ConstantExpression(value)
        )
    return relation


def parts_of(
    relation: duckdb.DuckDBPyRelation, keys: Sequence[str]
) -> Iterator[tuple[tuple[Any, ...], duckdb.DuckDBPyRelation]]:
    """Tell the parts of a relation, without fetching them.

    Parameters
    ----------
    relation : DuckDBPyRelation
        Of any size.
    keys : sequence of str
        Columns that tell parts apart; rows with a null in one are in no part.

    Yields
    ------
    tuple, DuckDBPyRelation
        The values of the keys, rising, and the rows that have them.
    """
    names = ", ".join(keys)
    for part in relation.aggregate(names, names).order(names).fetchall():
        if None not in part:
            yield part, rows_of(relation, **dict(zip(keys, part, strict=True)))


def in_parts(
    relation: duckdb.DuckDBPyRelation,
    keys: Sequence[str],
    columns: Sequence[str],
    order: str = "",
) -> Iterator[pd.DataFrame]:
    """Fetch some columns of each part of a relation.

    Parameters
    ----------
    relation : DuckDBPyRelation
        Of any size: a part of it has to fit, not the whole.
    keys : sequence of str
        As of :func:`parts_of`.
    columns : sequence of str
        Other columns, as SQL.
    order : str, optional
        Column by which the rows of a part come. Without it they come in any order, and
        what sums or cuts them may differ in its last digits from run to run.

    Yields
    ------
    DataFrame of shape (n_rows, n_keys + n_columns)
        A part, by rising keys; days are timestamps. Of a relation without rows one
        frame without rows, so that its columns are known.
    """
    wanted = ", ".join([*keys, *columns])
    parts = [rows for _, rows in parts_of(relation, keys)]
    for rows in parts or [relation.limit(0)]:
        part = rows.project(wanted)
        yield (part.order(order) if order else part).df()


def now_and_then(
    relation: duckdb.DuckDBPyRelation, columns: Sequence[str]
) -> pd.DataFrame:
    """Fetch what drift is told by, of all cut-offs that there are.

    Parameters
    ----------
    relation : DuckDBPyRelation
        With ``id_space``, ``cutoff_date``, ``is_current`` and ``is_mature``.
    columns : sequence of str
        Others that are wanted.

    Returns
    -------
    DataFrame of shape (n_rows, 4 + n_columns)
        Of each id space the current rows, and those of the newest mature cut-off.
    """
    wanted = ", ".join(["id_space", "cutoff_date", "is_current", "is_mature", *columns])
    newest = "over (partition by id_space, is_current order by cutoff_date desc)"
    seen = relation.filter("is_current or is_mature")
    placed = seen.project(f"{wanted}, dense_rank() {newest} as place")
    return placed.filter("is_current or place = 1").project(wanted).df()


def no_rows(
    columns: Iterable[str], like: pd.DataFrame, texts: Container[str] = ()
) -> pd.DataFrame:
    """Make a frame without rows, whose columns are of the right kinds all the same.

    Parameters
    ----------
    columns : iterable of str
        In their order.
    like : DataFrame
        Columns that it has are of the same kinds.
    texts : container of str, optional
        Which of the others hold text; what is in neither holds floats.
    """
    return pd.DataFrame(
        {
            name: like[name].head(0)
            if name in like
            else pd.Series([], dtype=str if name in texts else np.float64)
            for name in columns
        }
    )


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below each other.

    Parameters
    ----------
    tables : sequence of DataFrame
        One or more. Those without rows do not count, since what their columns hold is
        not known for sure; if none has any, the first tells the columns.
    """
    filled = [one for one in tables if len(one)] or tables[:1]
    return pd.concat(filled, ignore_index=True)


def in_pieces(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Cut frames into pieces of 100,000 rows, where rows are worked out each by itself.

    Parameters
    ----------
    frames : iterable of DataFrame
        Of any length.

    Yields
    ------
    DataFrame of shape (<= 100,000, n_columns)
        In the order of the rows; a frame without rows is one piece.
    """
    for frame in frames:
        for start in range(0, max(len(frame), 1), PIECE):
            yield frame.iloc[start : start + PIECE]


def side_by_side(
    work: Callable[[pd.DataFrame], pd.DataFrame], frames: Iterable[pd.DataFrame]
) -> pd.DataFrame:
    """Do the same to several frames on all cores, and put what comes of it together.

    Parameters
    ----------
    work : callable
        From a frame to a frame; what takes long in it is numpy's, which lets other
        threads run.
    frames : iterable of DataFrame
        One or more; beside those that are worked on, one is held at a time.

    Returns
    -------
    DataFrame
        In the order of the frames: the same on any number of cores.
    """
    cores = os.cpu_count() or 1
    done: list[Future[pd.DataFrame]] = []
    with ThreadPoolExecutor(cores) as threads:
        for frame in frames:
            if len(done) >= cores:
                done[-cores].result()  # else all frames would wait in memory
            done.append(threads.submit(work, frame))
    return pd.concat([one.result() for one in done], ignore_index=True)
