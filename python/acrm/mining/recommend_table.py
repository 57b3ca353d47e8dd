"""Next products of the customers of a warehouse, by number, in parts of customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from acrm.mining import recommend
from acrm.mining.frames import need_columns
from acrm.mining.outcome import Status
from acrm.mining.score_table import EVALUATION

MODEL = "next_product"
PART = "all"
METHOD = "ridge"
FALLBACK = "popularity"
LISTS = [
    "customer_number", "rank", "item_number", "score", "because_number", "source",
    "status", "reason",
]  # fmt: skip
# The row of the fit itself, where customers have numbers from 1 on.
NOBODY = 0


def judge_products(
    before: pd.DataFrame, after: pd.DataFrame, id_space: str, cutoff: Any, k: int
) -> pd.DataFrame:
    """Judge lists of next products by what customers bought for the first time later.

    Parameters
    ----------
    before, after : DataFrame of shape (n, 2) and (m, 2)
        ``customer_number`` and ``item_number`` on either side of the cut-off.
    id_space, cutoff : str, date
        Written to the rows.
    k : int
        Length of the lists.

    Returns
    -------
    DataFrame of shape (2, 16)
        ``hit`` (primary) and ``recall`` of :func:`acrm.mining.recommend.backtest`, in
        the columns of :func:`acrm.mining.score_table.evaluate_scores`.

    Raises
    ------
    InputError
        If a column is missing or ``k`` is below 1.
    """
    one, other = (_named(frame) for frame in (before, after))
    rows = recommend.backtest(one[one["item"] > NOBODY], other, k, METHOD)
    return rows.assign(
        model=MODEL,
        id_space=id_space,
        part=PART,
        cutoff_date=cutoff,
        is_primary=rows["metric"] == "hit",
    )[EVALUATION]


def list_products(
    sample: pd.DataFrame,
    parts: Iterable[pd.DataFrame],
    allowed: Iterable[int],
    method: str,
    k: int,
) -> Iterator[pd.DataFrame]:
    """Recommend customers products that they do not have, a part at a time.

    Parameters
    ----------
    sample : DataFrame of shape (n, 2)
        ``customer_number`` and ``item_number``, to learn from.
    parts : iterable of DataFrame of shape (m, 2)
        The same of the customers to be told, all that they have; each customer in one
        part. Number 0 is an item that nobody is recommended.
    allowed : iterable of int
        Items that may be recommended.
    method : str
        One of :data:`acrm.mining.recommend.METHODS`.
    k : int
        Items a customer, at most.

    Yields
    ------
    DataFrame of shape (<= customers * k, 8)
        ``customer_number``; ``rank`` from 1; ``item_number``; ``score``;
        ``because_number``, the item that speaks most for it (0 for none); ``source``;
        ``status`` and ``reason``. The first is one row of customer 0 that tells of the
        fit.

    Raises
    ------
    InputError
        If a column is missing, the method is unknown or ``k`` is below 1.
    """
    known = _named(sample)
    likeness = recommend.fit(known[known["item"] > NOBODY], method)
    status, reason = str(likeness.status), likeness.reason
    first = dict.fromkeys(["customer_number", "rank", "item_number", "because_number"],
                          NOBODY)  # fmt: skip
    yield pd.DataFrame([first]).assign(
        score=0.0, source=method, status=status, reason=reason
    )[LISTS]
    if likeness.status is Status.INSUFFICIENT_DATA:
        return
    open_ = pd.Index(list(allowed))
    for part in parts:
        lists = recommend.recommend(likeness, _named(part), k, open_)
        yield lists.rename(
            columns={"customer_id": "customer_number", "item": "item_number"}
        ).assign(
            because_number=lists["because"].fillna(NOBODY).astype("int64"),
            status=status,
            reason=reason,
        )[LISTS]


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    need_columns(frame, ["customer_number", "item_number"], "next products")
    return frame.rename(
        columns={"customer_number": "customer_id", "item_number": "item"}
    )
