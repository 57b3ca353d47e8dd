"""Halo by stock-outs: what baskets lose beside a product while it is out of stock.

On days through which a product is out, baskets of the store are held to those of days
through which it is there, of the same month and kind of day. Whoever comes for much
comes on both, which no comparison of baskets with and without the product can say.
What is lost in all baskets, over the share of baskets that would have held the product,
is its halo: the estimate of Wald, with being out as the instrument. What is bought in
its place counts against it.

When not to use it: for customers who leave without buying, who are in no basket; and
where a product goes out because of what else sells. Few days tell little: the interval
says how little.

References
----------
.. [1] Angrist, J. D. and Pischke, J.-S. (2009). Mostly Harmless Econometrics, section
   4.1.2. Princeton University Press.
.. [2] Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal
   Statistical Society B 16(2), 175-185.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from acrm.mining.affinity import adjusted
from acrm.mining.comparison import LEVEL, MIN_OF_A_KIND, MIN_ROWS
from acrm.mining.frames import need_between, need_columns

PART = ["id_space", "currency_code"]
STRATUM = ["store_id", "month_end", "is_weekend"]
SIDES = ["in", "out"]
SUMS = [
    "days", "baskets", "other_value", "held", "other_squares", "other_by_held",
    "held_squares", "other_by_baskets", "held_by_baskets", "basket_squares",
]  # fmt: skip
COLUMNS = [
    *PART,
    "item_code",
    *STRATUM,
    *(f"{side}_{one}" for side in SIDES for one in SUMS),
]
FOUND = [*PART, "item_code", "out_days", "out_baskets", "halo", "lo", "hi",
         "p_adjusted", "reason"]  # fmt: skip


def stock_out_halos(sums: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Say what baskets lose beside each product while it is out of stock.

    Parameters
    ----------
    sums : DataFrame of shape (n_strata, >= 26)
        One row an ``id_space``, ``currency_code``, ``item_code``, ``store_id``,
        ``month_end`` and ``is_weekend``; of the days on which the product was there
        (``in_``) and of those through which it was out (``out_``): how many ``days``,
        the ``baskets`` of the store, their ``other_value`` beside the product and how
        many ``held`` it; and over the days the sums of ``other_squares``,
        ``other_by_held``, ``held_squares``, ``other_by_baskets``, ``held_by_baskets``
        and ``basket_squares``, of what a day has of each.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    DataFrame of shape (n_products, 10)
        The part, ``item_code``, ``out_days`` and ``out_baskets`` on them; ``halo``,
        what is lost beside the product a basket that would have held it, with ``lo``
        and ``hi``; ``p_adjusted`` of its being 0, for all products of the part that can
        be told, by Benjamini and Hochberg; ``reason`` why it cannot, else empty, and
        then the others are nan: fewer than 10 days or 50 baskets on them, or a product
        that is not surely bought less often while it is out.

    Raises
    ------
    InputError
        If a column is missing or ``level`` is not between 0 and 1.

    Notes
    -----
    Strata are weighed by their baskets on days out. A day's sum spreads around its
    number of baskets times the mean of its side with a variance that grows with the
    baskets; how much is pooled over all sides of a product, so that days that differ
    more than their baskets do widen the interval. It is Fieller's, with Student's t.
    """
    need_columns(sums, COLUMNS, "stock_out_halos")
    need_between("level", level, 0, 1, "stock_out_halos")
    # sums hang on the order of rows in their last digits, and rows come in any
    strata = sums.sort_values([*PART, "item_code", *STRATUM])
    n_in, n_out = (strata[f"{side}_baskets"] for side in SIDES)
    spreads = [_spread(strata, side) for side in SIDES]
    parts = {
        "out_days": strata["out_days"],
        "out_baskets": n_out,
        "lost": n_out * (_mean(strata, "in", "other_value")
                         - _mean(strata, "out", "other_value")),
        "fell": n_out * (_mean(strata, "in", "held") - _mean(strata, "out", "held")),
        "of_means": n_out**2 * (1 / n_in + 1 / n_out),
        "free_days": strata["in_days"] + strata["out_days"] - len(SIDES),
        **{name: spreads[0][name] + spreads[1][name] for name in spreads[0]},
    }  # fmt: skip
    keys = [*PART, "item_code"]
    added = strata[keys].assign(**parts).groupby(keys, sort=True).sum().reset_index()
    return _told(added, level)


def _mean(strata: pd.DataFrame, side: str, name: str) -> pd.Series:
    return strata[f"{side}_{name}"] / strata[f"{side}_baskets"]


def _spread(strata: pd.DataFrame, side: str) -> dict[str, pd.Series]:
    """Squares of what days are off their mean, and how much of baskets tells them."""
    other, held = (_mean(strata, side, name) for name in ("other_value", "held"))
    _, n, _, _, squares, both, held_squares, by_n, held_by_n, n_squares = (
        strata[f"{side}_{name}"] for name in SUMS
    )
    return {
        "lost_lost": squares - 2 * other * by_n + other**2 * n_squares,
        "lost_fell": both - other * held_by_n - held * by_n + other * held * n_squares,
        "fell_fell": held_squares - 2 * held * held_by_n + held**2 * n_squares,
        "free_baskets": n - n_squares / n,
    }


def _told(added: pd.DataFrame, level: float) -> pd.DataFrame:
    """Halos and intervals of what was added up."""
    free = added["free_baskets"].where(added["free_baskets"] > 0)
    scale = added["of_means"] / added["out_baskets"] ** 2 / free
    lost, fell = (added[name] / added["out_baskets"] for name in ("lost", "fell"))
    t = special.stdtrit(added["free_days"].clip(lower=1), (1 + level) / 2)
    # ends are the halos h for which lost - h * fell is t standard errors from 0
    outer = fell**2 - t**2 * scale * added["fell_fell"].clip(lower=0)
    middle = lost * fell - t**2 * scale * added["lost_fell"]
    inner = lost**2 - t**2 * scale * added["lost_lost"].clip(lower=0)
    root = np.sqrt((middle**2 - outer * inner).clip(lower=0))
    few = added["out_days"].astype(int)
    baskets = added["out_baskets"].astype(int)
    enough = np.minimum(few, added["free_days"])
    reason = np.select(
        [enough < MIN_OF_A_KIND, baskets < MIN_ROWS, ~((outer > 0) & (fell > 0))],
        [
            enough.astype(str) + f" days to compare; {MIN_OF_A_KIND} are needed",
            baskets.astype(str) + f" baskets while out; {MIN_ROWS} are needed",
            "not surely bought less often while it was out",
        ],
        "",
    )
    error = np.sqrt(scale * added["lost_lost"].clip(lower=0))
    away = np.divide(
        lost, error, out=np.zeros(len(added)), where=(error > 0).to_numpy()
    )
    away = np.where((error == 0) & (lost != 0), np.inf, np.abs(away))
    p_value = 2 * special.stdtr(added["free_days"].clip(lower=1), -away)
    found = added.assign(
        out_days=few, out_baskets=baskets, halo=lost / fell, lo=(middle - root) / outer,
        hi=(middle + root) / outer, p_adjusted=p_value, reason=reason,
    )  # fmt: skip
    found.loc[reason != "", ["halo", "lo", "hi", "p_adjusted"]] = np.nan
    known = found[found["reason"] == ""].groupby(PART)["p_adjusted"]
    found.update(known.transform(lambda one: adjusted(one.to_numpy(np.float64))))
    return found[FOUND]
