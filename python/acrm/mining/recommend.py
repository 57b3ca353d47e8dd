"""Next products for each customer, by items that the same customers buy.

Two items are alike if they have many buyers in common for how popular they are
(cosine); with BM25 weights, if their buyers buy little else; with ridge, if the one
tells of the other beside all that the rest tells: each item is predicted from all
others by ridge regression, with as much shrinking as there are customers. Where
everybody buys what is popular, as at a grocer, only ridge gains much over popularity. A
customer is recommended what is most like the items already bought; where nothing is,
what is popular.

When not to use it: for items that everybody buys again every week, which the customer's
own history knows better; and as proof that a recommendation sells, which only a group
without it can tell.

References
----------
.. [1] Sarwar, B., Karypis, G., Konstan, J. and Riedl, J. (2001). Item-based
   collaborative filtering recommendation algorithms. WWW10, 285-295.
.. [2] Robertson, S. and Zaragoza, H. (2009). The probabilistic relevance framework:
   BM25 and beyond. Foundations and Trends in Information Retrieval 3(4), 333-389.
.. [3] Steck, H. (2019). Embarrassingly shallow autoencoders for sparse data. WWW '19,
   3251-3257.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from acrm.errors import InputError
from acrm.mining.comparison import compare_losses, verdict
from acrm.mining.frames import Floats, Integers, need_at_least, need_columns, refuse
from acrm.mining.outcome import Status
from acrm.mining.ranking import rank_quality

METHODS = ("ridge", "cosine", "bm25", "popularity")
K1, B = 1.2, 0.75  # of BM25, as is usual
NEIGHBOURS = 200
MOST_ITEMS = 5000  # as a matrix of all pairs they take 200 MB and some seconds
CELLS = 20_000_000  # of customers by items at a time, laid out in full
ROWS = 20_000  # reasons at a time
MIN_BUYERS = 50  # customers to judge by


@dataclass(frozen=True)
class Likeness:
    """Items that are alike.

    Attributes
    ----------
    status, reason : Status, str
        ``insufficient_data`` if fewer than two items or customers were bought from or
        no customer bought two items; with ``ok`` the reason says how many items were
        too rare to be compared.
    method : str
        One of :data:`METHODS`.
    items : Index of length n_items
        Most popular first, ties by name.
    buyers : ndarray of shape (n_items,)
        Customers who bought each.
    like : csr_array of shape (n_items, n_items)
        How like each item (row) those most like it are.
    """

    status: Status
    reason: str
    method: str
    items: pd.Index
    buyers: Integers
    like: sparse.csr_array


def fit(
    purchases: pd.DataFrame,
    method: str = "ridge",
    neighbours: int = NEIGHBOURS,
    most_items: int = MOST_ITEMS,
) -> Likeness:
    """Learn which items are alike.

    Parameters
    ----------
    purchases : DataFrame of shape (n_lines, >= 2)
        ``customer_id`` and ``item``; lines without a customer are left out, repeats
        count once.
    method : str, default ``ridge``
        ``cosine``, ``bm25``, or ``popularity``, for which no items are alike.
    neighbours : int, default 200
        Most like items that are kept for each.
    most_items : int, default 5000
        Most popular items that are compared; others are recommended only as popular.

    Returns
    -------
    Likeness

    Raises
    ------
    InputError
        If a column is missing, an item is null, the method is unknown, or
        ``neighbours`` or ``most_items`` is below 1.
    """
    _need_method(method, "recommend.fit")
    need_at_least("neighbours", neighbours, 1, "recommend.fit")
    need_at_least("most_items", most_items, 1, "recommend.fit")
    matrix, _, items = _matrix(purchases, None, "recommend.fit")
    buyers = np.asarray(matrix.sum(axis=0)).astype(np.int64)
    order = np.argsort(-buyers, kind="stable")
    matrix, items, buyers = (
        sparse.csr_array(matrix[:, order]),
        items[order],
        buyers[order],
    )
    size = len(items)
    reason = ""
    if min(matrix.shape) < 2 or not matrix.nnz:  # noqa: PLR2004
        reason = f"{matrix.shape[0]} customers and {size} items; two are needed"
    elif np.asarray(matrix.sum(axis=1)).max() < 2:  # noqa: PLR2004
        reason = "no customer bought two items"
    status = Status.INSUFFICIENT_DATA if reason else Status.OK
    like = sparse.csr_array((size, size))
    if method != "popularity" and status is Status.OK:
        compared = min(size, most_items)
        some = sparse.csr_array(matrix[:, :compared])
        alike = (
            _ridge(some, neighbours)
            if method == "ridge"
            else _alike(some, method, neighbours)
        )
        entries = sparse.coo_array(alike)
        like = sparse.csr_array((entries.data, entries.coords), shape=(size, size))
        if compared < size:
            reason = f"{size - compared} of {size} items are too rare to be compared"
    return Likeness(status, reason, method, items, buyers, like)


def _need_method(method: str, function: str) -> None:
    if method not in METHODS:
        raise InputError(
            f"{function}: there is no method {method!r}.",
            hint=f"there are: {', '.join(METHODS)}",
        )


def _matrix(
    purchases: pd.DataFrame, items: pd.Index | None, function: str
) -> tuple[sparse.csr_array, pd.Index, pd.Index]:
    """Return customers by items, 1 where bought, and the names of both."""
    need_columns(purchases, ["customer_id", "item"], function)
    refuse(purchases["item"].isna().to_numpy(), "item is null", function)
    known = purchases.loc[purchases["customer_id"].notna(), ["customer_id", "item"]]
    row, customers = pd.factorize(known["customer_id"], sort=True)
    if items is None:
        column, found = pd.factorize(known["item"], sort=True)
        items = pd.Index(found)
    else:
        column = items.get_indexer(known["item"])
    row, column = row[column >= 0], column[column >= 0]
    shape = (len(customers), len(items))
    matrix = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix, pd.Index(customers), items


def _ridge(matrix: sparse.csr_array, neighbours: int) -> sparse.csr_array:
    """Coefficients of each item (column) on all others, [3]_."""
    together = (matrix.T @ matrix).toarray()
    np.fill_diagonal(together, together.diagonal() + matrix.shape[0])
    inverse = np.linalg.inv(together)
    coefficients = -inverse / inverse.diagonal()
    np.fill_diagonal(coefficients, 0.0)
    return _largest(coefficients, neighbours)


def _alike(matrix: sparse.csr_array, method: str, neighbours: int) -> sparse.csr_array:
    weights = matrix
    if method == "bm25":
        # an item is a document of its buyers: one that buys all says little of any
        items = matrix.shape[1]
        bought = np.asarray(matrix.sum(axis=1)).ravel()
        rarity = np.log1p((items - bought + 0.5) / (bought + 0.5))
        buyers = np.asarray(matrix.sum(axis=0)).ravel()
        length = 1 - B + B * buyers / buyers.mean()
        weights = sparse.csr_array(
            sparse.diags_array(rarity) @ matrix @ sparse.diags_array(
                (K1 + 1) / (1 + K1 * length)
            )
        )  # fmt: skip
    norm = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=0)).ravel())
    scaled = sparse.csr_array(
        weights @ sparse.diags_array(1 / np.where(norm > 0, norm, 1))
    )
    turned = sparse.csr_array(scaled.T)
    parts = []
    for start in range(0, turned.shape[0], 1000):
        alike = (turned[start : start + 1000] @ scaled).toarray()
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = 0.0
        parts.append(_largest(alike, neighbours))
    return sparse.csr_array(sparse.vstack(parts))


def _largest(scores: Floats, count: int) -> sparse.csr_array:
    """Keep the largest of each row, the more popular of equal ones."""
    count = min(count, scores.shape[1])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    rows = np.repeat(np.arange(len(scores)), count)
    values = np.take_along_axis(scores, order, axis=1).ravel()
    kept = values > 0
    return sparse.csr_array(
        (values[kept], (rows[kept], order.ravel()[kept])), shape=scores.shape
    )


def recommend(
    likeness: Likeness,
    purchases: pd.DataFrame,
    k: int = 10,
    allowed: pd.Index | None = None,
    again: bool = False,
) -> pd.DataFrame:
    """Recommend each customer the ``k`` items most like what was bought.

    Parameters
    ----------
    likeness : Likeness
        From :func:`fit`.
    purchases : DataFrame of shape (n_lines, >= 2)
        ``customer_id`` and ``item`` so far; items unknown to ``likeness`` tell nothing,
        and who bought only such is recommended what is popular.
    k : int, default 10
        Items a customer, at most.
    allowed : Index, optional
        Items that may be recommended: in stock, of enough margin. All without it.
    again : bool, default False
        Whether items the customer has bought may be recommended.

    Returns
    -------
    DataFrame of shape (<= n_customers * k, 6), ordered by customer and rank
        ``customer_id``; ``rank`` from 1; ``item``; ``score`` (the sum of likeness to
        the items bought; 0 where the item fills up the list); ``because``, the bought
        item that adds most to the score (null for fill-ups); ``source``: the method, or
        ``popularity`` for fill-ups. Empty with ``insufficient_data``.

    Raises
    ------
    InputError
        If a column is missing, an item is null or ``k`` is below 1.
    """
    need_at_least("k", k, 1, "recommend")
    bought, customers, items = _matrix(purchases, likeness.items, "recommend")
    open_ = np.ones(len(items), dtype=bool)
    if allowed is not None:
        open_ = items.isin(allowed)
    frames = []
    if likeness.status is not Status.INSUFFICIENT_DATA:
        turned = sparse.csr_array(likeness.like.T)
        rows = max(CELLS // len(items), 1)
        for start in range(0, len(customers), rows):
            part = slice(start, start + rows)
            frames.append(
                _part(likeness, turned, bought[part], customers[part], k, open_, again)
            )
    if frames:
        return pd.concat(frames, ignore_index=True)
    columns = ["customer_id", "rank", "item", "score", "because", "source"]
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


def _part(
    likeness: Likeness,
    turned: sparse.csr_array,
    bought: sparse.csr_array,
    customers: pd.Index,
    k: int,
    open_: np.ndarray[tuple[int], np.dtype[np.bool_]],
    again: bool,
) -> pd.DataFrame:
    size = len(likeness.items)
    scores = (bought @ likeness.like).toarray()
    # fill-ups come after all that is like something, the popular first
    rank = np.where(scores > 0, scores, -1.0 - np.arange(size))
    rank[:, ~open_] = -np.inf
    if not again:
        row, column = bought.nonzero()
        rank[row, column] = -np.inf
    count = min(k, size)
    some = np.argpartition(-rank, count - 1, axis=1)[:, :count]
    some.sort(axis=1)  # so that of equal scores the more popular comes first
    values = np.take_along_axis(rank, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    chosen = np.take_along_axis(some, order, axis=1)
    values = np.take_along_axis(values, order, axis=1)
    row, place = np.nonzero(np.isfinite(values))
    item = chosen[row, place]
    score = np.maximum(values[row, place], 0.0)
    because = _because(turned, bought, row, item, score)
    names = likeness.items.to_numpy()
    reason = np.full(len(item), None, dtype=object)
    reason[because >= 0] = names[because[because >= 0]]
    return pd.DataFrame(
        {
            "customer_id": customers[row],
            "rank": place + 1,
            "item": names[item],
            "score": score,
            "because": reason,
            "source": np.where(score > 0, likeness.method, "popularity"),
        }
    )


def _because(
    turned: sparse.csr_array,
    bought: sparse.csr_array,
    row: Integers,
    item: Integers,
    score: Floats,
) -> Integers:
    """Place of the bought item that adds most to each score, -1 for none."""
    found = np.full(len(row), -1)
    like = np.flatnonzero(score > 0)
    for start in range(0, len(like), ROWS):
        some = like[start : start + ROWS]
        adds = sparse.csr_array(turned[item[some]].multiply(bought[row[some]]))
        found[some] = np.asarray(adds.argmax(axis=1)).ravel()
    return found


def backtest(
    before: pd.DataFrame, after: pd.DataFrame, k: int = 10, method: str = "ridge"
) -> pd.DataFrame:
    """Judge recommendations by items that customers bought for the first time later.

    Parameters
    ----------
    before, after : DataFrame of shape (n_lines, >= 2)
        ``customer_id`` and ``item`` on either side of a day. Only customers in both
        count, and of their later items those they had not bought and that were sold
        before.
    k : int, default 10
        Length of the lists.
    method : str, default ``ridge``
        Method to judge against ``popularity``.

    Returns
    -------
    DataFrame of shape (2, 11)
        ``metric`` (``hit``, ``recall``, at k), ``method``, the fields of
        :class:`acrm.mining.comparison.Comparison`, ``verdict`` and ``reason``;
        customers are compared in pairs.
    """
    _need_method(method, "recommend.backtest")
    need_columns(after, ["customer_id", "item"], "recommend.backtest")
    likeness = fit(before, method)
    pair = ["customer_id", "item"]
    later = after[pair].dropna().drop_duplicates()
    later = later[
        later["customer_id"].isin(before["customer_id"])
        & later["item"].isin(likeness.items)
    ]
    seen = later.merge(
        before[pair].drop_duplicates(), on=pair, how="left", indicator=True
    )
    new = seen.loc[seen["_merge"] == "left_only", pair]
    history = before[before["customer_id"].isin(new["customer_id"])]
    popular = fit(before, "popularity")
    own = rank_quality(recommend(likeness, history, k), new, k)
    base = rank_quality(recommend(popular, history, k), new, k)
    reason = likeness.reason if likeness.status is not Status.OK else ""
    if not reason and len(own) < MIN_BUYERS:
        reason = f"{len(own)} customers bought something new; {MIN_BUYERS} are needed"
    rows = []
    for metric in ("hit", "recall"):
        missed = compare_losses(1 - own[metric], 1 - base[metric])
        found = missed._replace(
            value=1 - missed.value,
            lo=1 - missed.hi,
            hi=1 - missed.lo,
            baseline_value=1 - missed.baseline_value,
        )
        rows.append(
            {
                "metric": metric,
                "method": method,
                **found._asdict(),
                "verdict": str(verdict(found, reason)),
                "reason": reason,
            }
        )
    return pd.DataFrame(rows)
