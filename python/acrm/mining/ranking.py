"""Quality of lists of recommendations against what was bought later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acrm.mining.frames import need_at_least, need_columns, refuse


def rank_quality(
    recommended: pd.DataFrame, bought: pd.DataFrame, k: int
) -> pd.DataFrame:
    """Say for each customer what the first ``k`` recommendations caught.

    Parameters
    ----------
    recommended : DataFrame of shape (n, >= 3)
        ``customer_id``, ``item``, ``rank`` (1 is first), one row an item.
    bought : DataFrame of shape (m, >= 2)
        ``customer_id`` and ``item`` bought after the recommendations were made; repeats
        count once.
    k : int
        Length of the lists that are judged, 1 or more.

    Returns
    -------
    DataFrame of shape (n_buyers, 5), ordered by ``customer_id``
        For every customer in ``bought``, also those who were recommended nothing:
        ``customer_id``; ``bought`` (items); ``caught`` (of them, among the first k);
        ``hit`` (1.0 if any); ``recall`` (share of the bought that was caught). Their
        means are hit@k and recall@k, and rows of two methods compare in pairs, by
        :func:`acrm.mining.comparison.compare_losses`.

    Raises
    ------
    InputError
        If a column is missing, an item comes twice in a list, or ``k`` is below 1.
    """
    need_columns(recommended, ["customer_id", "item", "rank"], "rank_quality")
    need_columns(bought, ["customer_id", "item"], "rank_quality")
    need_at_least("k", k, 1, "rank_quality")
    pair = ["customer_id", "item"]
    refuse(
        recommended.duplicated(pair).to_numpy(),
        "an item is listed twice",
        "rank_quality",
    )
    first = recommended.loc[recommended["rank"] <= k, pair]
    wanted = bought[pair].dropna().drop_duplicates()
    joined = wanted.merge(first.assign(caught=1), how="left", on=pair)
    table = joined.groupby("customer_id", as_index=False).agg(
        bought=("item", "size"), caught=("caught", "count")
    )
    table["hit"] = np.minimum(table["caught"], 1).astype(np.float64)
    table["recall"] = table["caught"] / table["bought"]
    return table
