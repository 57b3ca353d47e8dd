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
from acrm.mining.frames import Floats, need_between, need_columns
from acrm.mining.outcome import Status
from acrm.mining.predicting import smallest_count
from acrm.mining.summaries import GROUP

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
    level: float = 0.8,
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
    level : float, default 0.8
        Probability that an interval is to hold.

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
    need_between("discount", discount, -1, np.inf, "clv.predict")
    model = MODELS[orders.model]
    counted = model.predict(orders, customers, horizon, level)
    valued = gamma_gamma.predict(values, customers, level)
    value = valued["expected_value"].to_numpy(np.float64)
    clv, low, high = (np.full(len(customers), np.nan) for _ in range(3))
    usable = np.flatnonzero(~np.isnan(valued["value_lo"].to_numpy(np.float64)))
    if orders.is_estimated and values.is_estimated:
        x, t_x, t_end = (customers[name].to_numpy(np.float64) for name in GROUP)
        own = np.nan_to_num(
            customers["mean_value"].to_numpy(np.float64, na_value=np.nan)
        )
        # those who order alike together: a part is worked to its longest count
        many = counted["orders_hi"].to_numpy(np.float64)[usable]
        usable = usable[np.argsort(many, kind="stable")]
        for start in range(0, len(usable), ROWS):
            rows = usable[start : start + ROWS]
            history = x[rows], t_x[rows], t_end[rows]
            clv[rows], low[rows], high[rows] = _part(
                orders,
                values,
                history,
                own[rows],
                value[rows],
                horizon,
                discount,
                level,
            )
    status, reason = _worse(orders, values)
    frame = pd.DataFrame(
        {
            "expected_orders": counted["expected_orders"],
            "expected_value": value,
            "clv": clv,
            "clv_lo": low,
            "clv_hi": high,
            "status": str(status),
            "reason": reason,
        },
        index=customers.index,
    )
    lost = np.ones(len(customers), dtype=bool)
    lost[usable] = False
    if values.is_estimated and lost.any():
        frame.loc[lost, "status"] = str(Status.INSUFFICIENT_DATA)
        frame.loc[lost, "reason"] = "the value of repeat orders is not above 0"
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


def _part(
    orders: Fit,
    values: Fit,
    history: tuple[Floats, Floats, Floats],
    own: Floats,
    value: Floats,
    horizon: float,
    discount: float,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Value, and the ends of its interval."""
    model = MODELS[orders.model]
    ends = horizon * np.arange(1, PARTS + 1) / PARTS
    x, _, t_end = history
    alive = model.p_alive(orders.estimates, *history)
    until = [
        alive * model.expected_if_alive(orders.estimates, x, t_end, end) for end in ends
    ]
    steps = np.diff(np.array([np.zeros(len(x)), *until]), axis=0)
    factors = (1 + discount) ** -(ends - horizon / PARTS / 2)
    counted = factors @ steps
    share = np.divide(counted, until[-1], out=np.ones(len(x)), where=until[-1] > 0)
    at_least = model.survival(orders.estimates, alive, x, t_end, horizon)
    most = int(smallest_count(at_least, 1 - UNSEEN, len(x)).max(initial=0))
    chance = np.array([at_least(np.full(len(x), float(k))) for k in range(1, most + 2)])
    p, q, gamma = values.estimates
    total = gamma + x * own
    tail = (1 - level) / 2
    low, high = (
        share * total * _quantile(chance, p, p * x + q, end) for end in (tail, 1 - tail)
    )
    return counted * value, low, high


def _quantile(chance: Floats, p: float, second: Floats, share: float) -> Floats:
    """Quantiles of the value of all orders, over gamma + x times the own mean.

    ``chance`` has P(N >= k) for k from 1 in its rows, one customer a column.
    """
    out = np.zeros(chance.shape[1])
    exact = -np.diff(chance, axis=0)  # P(N = k), without the rest beyond the last
    open_ = np.flatnonzero(1 - chance[0] < share)
    # customers with alike numbers of orders together, so that few pad for many
    most = (exact[:, open_] > UNSEEN / 10).sum(axis=0)
    for counts in np.unique(most):
        rows = open_[most == counts]
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
