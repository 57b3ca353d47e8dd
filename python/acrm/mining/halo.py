"""Halo: how much more is bought beside an item than beside others.

What baskets hold beside the item is compared, stratum by stratum, with what they hold
beside any other item: of the same month, channel and kind of customer. Neither side
counts the item nor the one that it is compared with. So an item that is bought like any
other has no halo, whatever it costs, and large baskets, which hold more of everything,
do not make each item look as if it sold the others.

When not to use it: as what would be lost without the item. Who comes for much may take
it along; only a test, or a time when it was out of stock, tells the two apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from acrm.mining.affinity import adjusted
from acrm.mining.comparison import LEVEL, MIN_ROWS
from acrm.mining.frames import need_between, need_columns

ITEM_SUMS = [
    "item", "stratum", "baskets", "other_value", "other_squares", "weighed_value",
    "own_value",
]  # fmt: skip
ALL_SUMS = ["stratum", "baskets", "all_baskets", "other_value", "other_squares"]
HALO = ["item", "baskets", "other_value", "matched_value", "halo", "lo", "hi",
        "p_adjusted"]  # fmt: skip


def halos(
    items: pd.DataFrame, everything: pd.DataFrame, level: float = LEVEL
) -> pd.DataFrame:
    """Compare what is beside each item with what is beside others.

    Parameters
    ----------
    items : DataFrame of shape (n, 7)
        One row an ``item`` and ``stratum``: ``baskets`` with it; ``other_value``, what
        they hold beside it, and ``other_squares``, the sum of its squares;
        ``weighed_value``, the value of each other item in them times the baskets of
        the stratum that hold that one; and ``own_value``, that of the item, once for
        each other item of its basket.
    everything : DataFrame of shape (n_strata, 5)
        Of all items of a ``stratum``, each looked at in each basket: ``baskets`` that
        hold them, added up, ``all_baskets`` there are, ``other_value`` beside each and
        ``other_squares``.
    level : float, default 0.95
        Of the intervals, which are normal.

    Returns
    -------
    DataFrame of shape (n_items, 8), ordered by ``item``
        ``baskets`` that could be compared; ``other_value`` a basket; ``matched_value``,
        what would be beside it if it were bought as others are, at its mix of strata;
        ``halo``, the difference, with ``lo`` and ``hi``; ``p_adjusted`` of its being 0,
        for all items, by Benjamini and Hochberg. Items of fewer than 50 baskets that
        could be compared are left out.

    Raises
    ------
    InputError
        If a column is missing or ``level`` is not between 0 and 1.

    Notes
    -----
    The spread within an item is pooled over its strata. That of the others is taken as
    if only one item of each of their baskets had been looked at, since what is beside
    two items of one basket is nearly the same.
    """
    need_columns(items, ITEM_SUMS, "halos")
    need_columns(everything, ALL_SUMS, "halos")
    need_between("level", level, 0, 1, "halos")
    both = items[ITEM_SUMS].merge(everything, on="stratum", suffixes=("", "_all"))
    both = both[both["baskets_all"] > both["baskets"]]
    # sums hang on the order of rows in their last digits, and rows come in any
    both = both.sort_values(["item", "stratum"])
    n = both["baskets"].astype(np.float64)
    others = both["baskets_all"] - n
    beside_others = both["other_value_all"] - both["other_value"] - both["own_value"]
    matched = beside_others / others + both["weighed_value"] / n / others
    mean_all = both["other_value_all"] / both["baskets_all"]
    spread_all = both["other_squares_all"] / both["baskets_all"] - mean_all**2
    sums = pd.DataFrame(
        {
            "item": both["item"],
            "baskets": both["baskets"],
            "value": both["other_value"],
            "matched": n * matched,
            "within": both["other_squares"] - both["other_value"] ** 2 / n,
            "strata": 1,
            "of_others": n**2 * spread_all.clip(lower=0) / both["all_baskets"],
        }
    ).groupby("item", sort=True).sum()  # fmt: skip
    sums = sums[sums["baskets"] >= MIN_ROWS]
    n = sums["baskets"].astype(np.float64)
    within = (sums["within"] / (n - sums["strata"]).clip(lower=1)).clip(lower=0)
    error = np.sqrt(within / n + sums["of_others"] / n**2)
    halo = (sums["value"] - sums["matched"]) / n
    away = float(special.ndtri((1 + level) / 2)) * error
    score = np.divide(
        halo, error, out=np.zeros(len(halo)), where=(error > 0).to_numpy()
    )
    return pd.DataFrame(
        {
            "item": sums.index,
            "baskets": sums["baskets"].to_numpy(),
            "other_value": (sums["value"] / n).to_numpy(),
            "matched_value": (sums["matched"] / n).to_numpy(),
            "halo": halo.to_numpy(),
            "lo": (halo - away).to_numpy(),
            "hi": (halo + away).to_numpy(),
            "p_adjusted": adjusted(2 * special.ndtr(-np.abs(np.asarray(score)))),
        }
    )
