"""What models of repeat buying share when they predict."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from acrm.mining.fitting import Fit
from acrm.mining.frames import Floats, Integers, need_between
from acrm.mining.summaries import GROUP, read_groups

SCORES = ["p_alive", "p_order", "expected_orders", "orders_lo", "orders_hi"]
MOST = 2**40  # orders in a horizon: beyond any customer, below the end of integers

Survival = Callable[[Floats], Floats]
Score = Callable[[Floats, Floats, Floats], dict[str, Floats]]


def smallest_count(survival: Survival, share: float, size: int) -> Floats:
    """Return the quantile of each of several distributions of counts.

    Parameters
    ----------
    survival : callable
        Takes counts k of shape (size,), returns P(N >= k) of each distribution.
    share : float
        Of the probability that has to lie at or below the quantile.
    size : int
        Number of distributions.

    Returns
    -------
    ndarray of shape (size,)
        The smallest n with ``P(N <= n) >= share``, in whole numbers.
    """
    low, high = np.full(size, -1.0), np.zeros(size)
    while (open_ := survival(high + 1) > 1 - share).any() and high.max() < MOST:
        low = np.where(open_, high, low)
        high = np.where(open_, 2 * high + 1, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        # where the two have met, the middle is the answer's lower neighbour
        enough = survival(np.maximum(middle, 0) + 1) <= 1 - share
        apart = high - low > 1
        high = np.where(apart & enough, middle, high)
        low = np.where(apart & ~enough, middle, low)
    return high


def scores_of(
    alive: Floats, expected: Floats, survival: Survival, level: float
) -> dict[str, Floats]:
    """Return the scores of n customers by name.

    Parameters
    ----------
    alive, expected : ndarray of shape (n,)
        Probability of being active, and orders that are expected.
    survival : callable
        Takes counts k of shape (n,), returns P(N >= k) of each customer.
    level : float
        Probability that an interval is to hold.
    """
    tail = (1 - level) / 2
    return {
        "p_alive": alive,
        "p_order": survival(np.ones(len(alive))),
        "expected_orders": expected,
        "orders_lo": smallest_count(survival, tail, len(alive)),
        "orders_hi": smallest_count(survival, 1 - tail, len(alive)),
    }


def predict_orders(
    fit: Fit,
    customers: pd.DataFrame,
    horizon: float,
    level: float,
    score: Score,
) -> pd.DataFrame:
    """Score each distinct (x, t_x, T) once and hand the scores to its customers.

    Parameters
    ----------
    fit : Fit
        Estimates; without any, all scores are nan.
    customers : DataFrame of shape (n_customers, >= 3)
        ``x``, ``t_x``, ``T``.
    horizon : float
        Length of the time after ``T``, in the unit of ``T``.
    level : float
        Probability that an interval is to hold.
    score : callable
        Takes x, t_x and T of n distinct groups; returns the scores by name.

    Returns
    -------
    DataFrame of shape (n_customers, 7), indexed as ``customers``

    Raises
    ------
    InputError
        If a setting is out of range or a row is impossible.
    """
    function = f"{fit.model}.predict"
    need_between("horizon", horizon, 0, np.inf, function)
    need_between("level", level, 0, 1, function)
    read_groups(customers.drop(columns="customers", errors="ignore"), function)
    if fit.is_estimated and len(customers):
        groups = customers.groupby(GROUP, sort=False)
        number: Integers = groups.ngroup().to_numpy()
        distinct = customers[GROUP].drop_duplicates()
        x, t_x, t_end = (distinct[name].to_numpy(np.float64) for name in GROUP)
        scored = {name: one[number] for name, one in score(x, t_x, t_end).items()}
    else:
        scored = {name: np.full(len(customers), np.nan) for name in SCORES}
    frame = pd.DataFrame(scored, index=customers.index)[SCORES]
    return frame.assign(status=str(fit.status), reason=fit.reason)
