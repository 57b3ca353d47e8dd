"""Which of two items comes first, and how often the one draws the other later.

When not to use it: with few months of data, most first purchases in it are not the
customer's first; seasons put items in an order that no customer chose.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from acrm.mining.frames import (
    Floats,
    Integers,
    dates,
    need_at_least,
    need_columns,
    refuse,
)


def order_in_time(
    purchases: pd.DataFrame,
    pairs: pd.DataFrame,
    window_days: int,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Count, for pairs of items, which was bought first and what followed within days.

    Parameters
    ----------
    purchases : DataFrame of shape (n_lines, >= 3)
        ``customer_id``, ``item``, ``day``; lines without a customer are left out, and
        so are those after ``as_of``.
    pairs : DataFrame of shape (n_pairs, >= 2)
        ``antecedent`` and ``consequent``, single items.
    window_days : int
        Days, 1 or more, that count as following.
    as_of : Timestamp
        Last day that is known.

    Returns
    -------
    DataFrame of shape (n_pairs, 10), indexed as ``pairs``
        ``antecedent``, ``consequent``; customers by the first purchase of each item:
        ``antecedent_first`` and ``consequent_first`` (1 to ``window_days`` earlier) and
        ``same_day``; ``p_value`` of the first two being equally likely (exact binomial,
        two-sided, null without any); ``direction``: ``forward``, ``backward`` or
        ``none`` where the counts are equal; ``antecedent_days``, purchases of the
        antecedent (one a customer and day) at least ``window_days`` before ``as_of``;
        ``followed_days``, those with the consequent 1 to ``window_days`` later; and
        ``attach_rate``, their share (null without any).

    Raises
    ------
    InputError
        If a column is missing, an item or day is null, a day is no date, or
        ``window_days`` is below 1.
    """
    need_columns(purchases, ["customer_id", "item", "day"], "order_in_time")
    need_columns(pairs, ["antecedent", "consequent"], "order_in_time")
    need_at_least("window_days", window_days, 1, "order_in_time")
    null = (purchases["item"].isna() | purchases["day"].isna()).to_numpy()
    refuse(null, "item or day is null", "order_in_time")
    bought = _Bought(purchases, pairs, as_of, window_days)
    rows = [
        bought.compare(one, other)
        for one, other in zip(pairs["antecedent"], pairs["consequent"], strict=True)
    ]
    counts = np.array(rows, dtype=np.int64).reshape(-1, 5)
    first, second, same, days, followed = counts.T
    return pd.DataFrame(
        {
            "antecedent": pairs["antecedent"],
            "consequent": pairs["consequent"],
            "antecedent_first": first,
            "consequent_first": second,
            "same_day": same,
            "p_value": equally_likely(first, second),
            "direction": np.select(
                [first > second, first < second], ["forward", "backward"], "none"
            ),
            "antecedent_days": days,
            "followed_days": followed,
            "attach_rate": np.divide(
                followed, days, out=np.full(len(days), np.nan), where=days > 0
            ),
        },
        index=pairs.index,
    )


class _Bought:
    """Each item's purchases as sorted numbers: customer times stride, plus the day."""

    def __init__(
        self,
        purchases: pd.DataFrame,
        pairs: pd.DataFrame,
        as_of: pd.Timestamp,
        window_days: int,
    ) -> None:
        asked = set(pairs["antecedent"]) | set(pairs["consequent"])
        day = dates(purchases, "day", "order_in_time")
        end = as_of.normalize()
        rows = purchases["item"].isin(asked) & purchases["customer_id"].notna()
        rows &= day <= end
        known = purchases[rows]
        # days until the end, turned round, so that the last day is the largest
        age = (end - day[rows]).dt.days.to_numpy(np.int64)
        oldest = int(age.max()) if len(age) else 0
        self.window = window_days
        self.last_full = oldest - window_days
        # no window reaches from one customer into the next
        self.stride = oldest + window_days + 2
        customer = pd.factorize(known["customer_id"])[0].astype(np.int64)
        place = customer * self.stride + (oldest - age)
        self.by_item: dict[object, Integers] = {
            item: np.unique(place[rows_of])
            for item, rows_of in known.groupby("item").indices.items()
        }
        # once an item: an item is in many pairs
        self.firsts = {
            item: self._first_days(places) for item, places in self.by_item.items()
        }

    def compare(self, antecedent: object, consequent: object) -> list[int]:
        nothing = np.empty(0, np.int64)
        one = self.by_item.get(antecedent, nothing)
        other = self.by_item.get(consequent, nothing)
        owners, days = self.firsts.get(antecedent, (nothing, nothing))
        other_owners, other_days = self.firsts.get(consequent, (nothing, nothing))
        _, first, second = np.intersect1d(
            owners, other_owners, assume_unique=True, return_indices=True
        )
        gap = other_days[second] - days[first]
        watched = one[one % self.stride <= self.last_full]
        found = np.searchsorted(other, watched, side="right")
        following = np.append(other, np.iinfo(np.int64).max)[found]
        return [
            int(((gap > 0) & (gap <= self.window)).sum()),
            int(((gap < 0) & (gap >= -self.window)).sum()),
            int((gap == 0).sum()),
            len(watched),
            int((following <= watched + self.window).sum()),
        ]

    def _first_days(self, places: Integers) -> tuple[Integers, Integers]:
        """Return the customers, each once, and the day of each one's first purchase."""
        customers, first = np.unique(places // self.stride, return_index=True)
        days: Integers = places[first] % self.stride
        return customers, days


def equally_likely(first: Integers, second: Integers) -> Floats:
    """Test whether two counts are halves of their sum.

    Parameters
    ----------
    first, second : ndarray of shape (n,)
        Counts, such as of customers who bought the one or the other first.

    Returns
    -------
    ndarray of shape (n,)
        P of the exact binomial, two-sided; nan where both are 0.
    """
    total = first + second
    least = np.minimum(first, second)
    p = np.minimum(2 * special.bdtr(least, np.maximum(total, 1), 0.5), 1.0)
    return np.where(total > 0, p, np.nan)
