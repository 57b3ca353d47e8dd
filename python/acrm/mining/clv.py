"""Value of a customer over a horizon: orders to come times value of an order.

Assumptions: those of the two models, and that how often and for how much a customer
buys are independent. Value should be margin; revenue is not what a customer is worth.

When not to use it: where a fit is not ``ok``. The status of every row says so, and the
baseline, such as value so far per unit of time, is to be published instead.

References
----------
.. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using
   iso-value curves for customer base analysis. Journal of Marketing Research 42(4),
   415-430.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from acrm.errors import InputError
from acrm.mining import bg_nbd, gamma_gamma, pareto_nbd
from acrm.mining.fitting import Fit
from acrm.mining.frames import Floats, Integers, need_between, need_columns
from acrm.mining.outcome import Status
from acrm.mining.predicting import smallest_count
from acrm.mining.summaries import GROUP, read_groups

MODELS = {module.MODEL: module for module in (bg_nbd, pareto_nbd)}
PARTS = 12  # of the horizon, each discounted from its middle
ROWS = 20_000
HALVINGS = 24  # of the unit interval: seven digits
UNSEEN = 1e-4  # probability of more orders than are looked at


def predict(
    orders: Fit,
    values: Fit,
    customers: pd.DataFrame,
    horizon: float,
    discount: float = 0.0,
    level: float | None = 0.8,
) -> pd.DataFrame:
    """Predict what each customer brings in ``(T, T + horizon]``.

    Intervals are quantiles of the distribution that both models give together: the sum
    of n orders is beta prime, weighted by the probability of n orders. Nothing is
    simulated; the uncertainty of the parameters is not in them.

    Parameters
    ----------
    orders : Fit
        From :func:`acrm.mining.bg_nbd.fit` or :func:`acrm.mining.pareto_nbd.fit`.
    values : Fit
        From :func:`acrm.mining.gamma_gamma.fit`.
    customers : DataFrame of shape (n_customers, >= 4)
        ``x``, ``t_x``, ``T``, ``mean_value`` (of the repeat orders; null without).
    horizon : float
        In the unit of ``T``.
    discount : float, default 0
        Rate a unit of time, such as ``1.1 ** (7 / 365) - 1`` for 10 % a year in weeks.
    level : float or None, default 0.8
        Probability that an interval is to hold; None for no intervals, which take
        nearly all the time.

    Returns
    -------
    DataFrame of shape (n_customers, 7), indexed as ``customers``
        ``expected_orders``; ``expected_value`` of an order; ``clv``, discounted, in the
        currency of the values; ``clv_lo`` and ``clv_hi``, the interval, discounted by
        the same share; ``status`` and ``reason``: the worse of the two fits, and
        ``insufficient_data`` for a customer whose own value is not above 0.

    Raises
    ------
    InputError
        If the fits are of other models, a column is missing, a row is impossible or a
        setting is out of range.
    """
    if orders.model not in MODELS or values.model != gamma_gamma.MODEL:
        raise InputError(
            f"clv.predict: the fits are {orders.model!r} and {values.model!r}.",
            hint=f"give one of {', '.join(MODELS)}, and {gamma_gamma.MODEL}",
        )
    need_columns(customers, [*GROUP, "mean_value"], "clv.predict")
    need_between("horizon", horizon, 0, np.inf, "clv.predict")
    need_between("discount", discount, -1, np.inf, "clv.predict")
    if level is not None:
        need_between("level", level, 0, 1, "clv.predict")
    rows = customers.drop(columns="customers", errors="ignore")
    history = read_groups(rows, "clv.predict")[:3]
    value = gamma_gamma.expected(values, rows)
    own = np.nan_to_num(rows["mean_value"].to_numpy(np.float64, na_value=np.nan))
    is_lost = (history[0] > 0) & ~(own > 0)
    counted, clv, low, high = (np.full(len(rows), np.nan) for _ in range(4))
    if orders.is_estimated:
        alive, counted, discounted = _counts(orders, history, horizon, discount)
        clv = discounted * value
        if values.is_estimated and level is not None:
            share = np.divide(
                discounted, counted, out=np.ones(len(rows)), where=counted > 0
            )
            # those who order alike together: a part is worked to its longest count
            usable = np.flatnonzero(~is_lost)
            usable = usable[np.argsort(counted[usable], kind="stable")]
            for start in range(0, len(usable), ROWS):
                part = usable[start : start + ROWS]
                ends = _interval(
                    orders, values, tuple(one[part] for one in (alive, *history)),
                    own[part], horizon, level,
                )  # fmt: skip
                low[part], high[part] = (share[part] * end for end in ends)
    status, reason = _worse(orders, values)
    frame = pd.DataFrame(
        {
            "expected_orders": counted,
            "expected_value": value,
            "clv": clv,
            "clv_lo": low,
            "clv_hi": high,
            "status": str(status),
            "reason": reason,
        },
        index=customers.index,
    )
    if values.is_estimated and is_lost.any():
        frame.loc[is_lost, "status"] = str(Status.INSUFFICIENT_DATA)
        frame.loc[is_lost, "reason"] = "the value of repeat orders is not above 0"
    return frame


def _worse(orders: Fit, values: Fit) -> tuple[Status, str]:
    order = list(Status)
    status = max(orders.status, values.status, key=order.index)
    reasons = [
        f"{fit.model}: {fit.reason}"
        for fit in (orders, values)
        if fit.reason and fit.status is not Status.OK
    ]
    return status, "; ".join(reasons)


def _counts(
    orders: Fit, history: tuple[Floats, Floats, Floats], horizon: float, discount: float
) -> tuple[Floats, Floats, Floats]:
    """Chance of being active, and orders that are expected: as such, and discounted."""
    model = MODELS[orders.model]
    ends = horizon * np.arange(1, PARTS + 1) / PARTS
    x, _, t_end = history
    alive = model.p_alive(orders.estimates, *history)
    # orders to come of who is active hang on x and T alone, which few pairs are of
    pairs, number = np.unique(np.stack([x, t_end]), axis=1, return_inverse=True)
    until = np.array(
        [model.expected_if_alive(orders.estimates, *pairs, end) for end in ends]
    )
    steps = np.diff(until, axis=0, prepend=0)
    factors = (1 + discount) ** -(ends - horizon / PARTS / 2)
    discounted = (factors[:, None] * steps).sum(axis=0)
    number = number.ravel()
    return alive, alive * until[-1][number], alive * discounted[number]


def _interval(
    orders: Fit,
    values: Fit,
    history: tuple[Floats, ...],
    own: Floats,
    horizon: float,
    level: float,
) -> list[Floats]:
    """Both ends of the interval of the value that is not discounted."""
    alive, x, _, t_end = history
    at_least = MODELS[orders.model].survival(orders.estimates, alive, x, t_end, horizon)
    # how far is looked hangs on the customer alone, not on who else is in the part
    most = np.maximum(smallest_count(at_least, 1 - UNSEEN, len(x)), 1).astype(np.int64)
    looked = range(1, int(most.max(initial=1)) + 2)
    chance = np.array([at_least(np.full(len(x), float(k))) for k in looked])
    p, q, gamma = values.estimates
    total = gamma + x * own
    tail = (1 - level) / 2
    return [
        total * _quantile(chance, most, p, p * x + q, end) for end in (tail, 1 - tail)
    ]


def _quantile(
    chance: Floats, most: Integers, p: float, second: Floats, share: float
) -> Floats:
    """Quantiles of the value of all orders, over gamma + x times the own mean.

    ``chance`` has P(N >= k) for k from 1 in its rows, one customer a column; ``most``
    is the last k that is looked at.
    """
    out = np.zeros(chance.shape[1])
    exact = -np.diff(chance, axis=0)  # P(N = k), without the rest beyond the last
    open_ = np.flatnonzero(1 - chance[0] < share)
    # customers with alike numbers of orders together, so that few pad for many
    for counts in np.unique(most[open_]):
        rows = open_[most[open_] == counts]
        k = np.arange(1.0, counts + 1)[:, None]
        weight, none = exact[: len(k), rows], 1 - chance[0, rows]
        low, high = np.zeros(len(rows)), np.ones(len(rows))
        # what is beyond the last k looked at is given to all others alike
        weight *= (1 - none) / np.maximum(weight.sum(axis=0), 1e-300)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = none + (weight * special.betainc(p * k, second[rows], middle)).sum(
                axis=0
            )
            low = np.where(below < share, middle, low)
            high = np.where(below < share, high, middle)
        out[rows] = high / np.maximum(1 - high, 1e-12)
    return out
