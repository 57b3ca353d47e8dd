"""A customer's own purchase rhythm: when the next order is due, and how late it is.

Assumptions: the days between a customer's orders are gamma distributed with an own rate
and a regularity (shape) that all share; rates are gamma distributed over customers. So
a customer with few intervals borrows from all, one with many stands alone.

When not to use it: where orders follow promotions or a calendar rather than use; and
for whether a customer comes back at all, which :mod:`acrm.mining.bg_nbd` tells: the
dates here are for those who do. A short history holds few long intervals, so that
rhythms learned from it are somewhat too quick.

References
----------
.. [1] Morrison, D. G. and Schmittlein, D. C. (1988). Generalizing the NBD model for
   customer purchases. Journal of Business and Economic Statistics 6(2), 145-159.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from acrm.errors import InputError
from acrm.mining.fitting import Fit, maximise, nothing_to_fit
from acrm.mining.frames import (
    Floats,
    dates,
    floats,
    need_between,
    need_columns,
    refuse,
)
from acrm.mining.summaries import MIN_CUSTOMERS

MODEL = "rhythm"
NAMES = ("shape", "a", "b")
INTERVALS = ["intervals", "total_days", "log_days", "silent_days", "last_interval_days"]


def summarise_intervals(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Sum up the days between each customer's order days.

    Parameters
    ----------
    orders : DataFrame of shape (n_orders, >= 2)
        ``customer_id``, ``order_date``; several orders of a day are one.
    as_of : Timestamp
        Last day that is known; later orders are left out.

    Returns
    -------
    DataFrame of shape (n_customers, 6), ordered by ``customer_id``
        ``customer_id``; ``intervals``, how many; ``total_days``, their sum;
        ``log_days``, sum of their logarithms; ``silent_days`` since the last order;
        ``last_interval_days`` before the last order (nan without an interval).

    Raises
    ------
    InputError
        If a column is missing or holds a null, or ``order_date`` is no date.
    """
    need_columns(orders, ["customer_id", "order_date"], "summarise_intervals")
    pair = orders[["customer_id", "order_date"]]
    refuse(
        pair.isna().any(axis=1).to_numpy(),
        "customer_id or order_date is null",
        "summarise_intervals",
    )
    end = as_of.normalize()
    days = pair.assign(day=dates(pair, "order_date", "summarise_intervals"))
    days = days.loc[days["day"] <= end, ["customer_id", "day"]].drop_duplicates()
    days = days.sort_values(["customer_id", "day"], ignore_index=True)
    gap = days.groupby("customer_id")["day"].diff().dt.days
    days = days.assign(gap=gap, log_gap=np.log(gap))
    table = days.groupby("customer_id", as_index=False).agg(
        intervals=("gap", "count"),
        total_days=("gap", "sum"),
        log_days=("log_gap", "sum"),
        last=("day", "max"),
    )
    table["silent_days"] = (end - table.pop("last")).dt.days
    last = days.drop_duplicates("customer_id", keep="last")
    table["last_interval_days"] = last["gap"].to_numpy()
    return table


def fit(summary: pd.DataFrame) -> Fit:
    """Estimate the shared shape and the spread of rates by maximum likelihood.

    Parameters
    ----------
    summary : DataFrame of shape (n_customers, >= 3)
        ``intervals``, ``total_days``, ``log_days``, as :func:`summarise_intervals`
        returns them; customers without an interval are left out.

    Returns
    -------
    Fit
        ``shape`` of the intervals (1 is random, above 1 regular), ``a`` and ``b`` of
        the rates, b in days. ``boundary`` where all rhythms are alike or exact.

    Raises
    ------
    InputError
        If a column is missing or a value is null.
    """
    columns = INTERVALS[:3]
    need_columns(summary, columns, "rhythm.fit")
    n, total, logs = (floats(summary, name, "rhythm.fit") for name in columns)
    null = np.isnan(n) | np.isnan(total) | np.isnan(logs)
    refuse(null, "a value is null", "rhythm.fit")
    some = n > 0
    n, total, logs = n[some], total[some], logs[some]
    count = len(n)
    if count < MIN_CUSTOMERS or n.max() < 2:  # noqa: PLR2004 - one interval has no spread
        reason = f"{count} customers with an interval; at least {MIN_CUSTOMERS} are "
        reason += "needed, and one of them with two"
        return nothing_to_fit(MODEL, NAMES, count, reason)
    kinds, kind = np.unique(n, return_inverse=True)
    by_kind, all_logs, all_n = np.bincount(kind), float(logs.sum()), float(n.sum())

    def likelihood(parameters: Floats) -> tuple[float, Floats]:
        shape, a, b = parameters
        whole = a + shape * kinds
        log_total = np.log(b + total)
        value = by_kind @ special.gammaln(whole) + count * a * np.log(b)
        value -= count * special.gammaln(a) + all_n * special.gammaln(shape)
        value += (shape - 1) * all_logs - (a + shape * n) @ log_total
        psi = special.psi(whole)
        d_shape = by_kind @ (kinds * psi) - all_n * special.psi(shape)
        d_shape += all_logs - n @ log_total
        d_a = by_kind @ psi - count * special.psi(a) + count * np.log(b)
        d_a -= log_total.sum()
        d_b = count * a / b - ((a + shape * n) / (b + total)).sum()
        return float(value), np.array([d_shape, d_a, d_b])

    scales = {"shape": 1.0, "a": 2.0, "b": 2.0 * float(total.sum()) / all_n}
    return maximise(MODEL, scales, likelihood, count)


def predict(fit: Fit, summary: pd.DataFrame, level: float = 0.8) -> pd.DataFrame:
    """Say when each customer's next order is due, if it comes.

    Parameters
    ----------
    fit : Fit
        From :func:`fit`; with ``insufficient_data`` every number is nan.
    summary : DataFrame of shape (n_customers, >= 4)
        As :func:`summarise_intervals` returns it.
    level : float, default 0.8
        Of the interval: 0.8 is from P10 to P90.

    Returns
    -------
    DataFrame of shape (n_customers, 9), indexed as ``summary``
        ``own_cycle_days``, median days between orders; ``overdue_ratio``, silent days
        over the own cycle; ``p_longer``, share of the customer's intervals that are
        longer than the silence so far; ``expected_in_days``, own cycle less silent
        days, below 0 if overdue; ``due_lo``, ``due_p50`` and ``due_hi``, days from now
        to the next order given the silence so far; ``status`` and ``reason`` of the
        fit.

    Raises
    ------
    InputError
        If a column is missing, a value is null, ``silent_days`` is negative or
        ``level`` is not between 0 and 1.
    """
    columns = [INTERVALS[0], INTERVALS[1], INTERVALS[3]]
    need_columns(summary, columns, "rhythm.predict")
    need_between("level", level, 0, 1, "rhythm.predict")
    n, total, silent = (floats(summary, name, "rhythm.predict") for name in columns)
    null = np.isnan(n) | np.isnan(total) | np.isnan(silent)
    refuse(null, "a value is null", "rhythm.predict")
    refuse(silent < 0, "silent_days is negative", "rhythm.predict")
    shape, a, b = fit.estimates
    # the next interval over b + total is beta prime with these two
    second, scale = a + shape * n, b + total

    def longer_than(share: float | Floats) -> Floats:
        # by the tail, which keeps its digits after a long silence
        rest = special.betaincinv(second, shape, share)
        days: Floats = scale * (1 - rest) / np.maximum(rest, 1e-300)
        return days

    cycle = longer_than(0.5)
    longer = special.betainc(second, shape, scale / (silent + scale))
    tail = (1 - level) / 2
    due = [
        np.maximum(longer_than(share * longer) - silent, 0.0)
        for share in (1 - tail, 0.5, tail)
    ]
    return pd.DataFrame(
        {
            "own_cycle_days": cycle,
            "overdue_ratio": silent / cycle,
            "p_longer": longer,
            "expected_in_days": cycle - silent,
            "due_lo": due[0],
            "due_p50": due[1],
            "due_hi": due[2],
            "status": str(fit.status),
            "reason": fit.reason,
        },
        index=summary.index,
    )


@dataclass(frozen=True)
class StageRules:
    """When a silence makes a stage: so many own cycles, and at least so many days.

    Attributes
    ----------
    at_risk, lapsed, former : float
        In own cycles, rising.
    at_risk_days, lapsed_days, former_days : float
        Floors, so that a daily buyer is not lapsed within a week.
    version : str
        Name under which the rules are stored beside each stage: new rules must not look
        like customers who moved.
    """

    at_risk: float = 1.5
    lapsed: float = 3.0
    former: float = 6.0
    at_risk_days: float = 21.0
    lapsed_days: float = 60.0
    former_days: float = 180.0
    version: str = "rhythm-1"

    def __post_init__(self) -> None:
        cycles = self.at_risk, self.lapsed, self.former
        days = self.at_risk_days, self.lapsed_days, self.former_days
        for three in (cycles, days):
            if not 0 < three[0] <= three[1] <= three[2]:
                raise InputError(
                    f"StageRules: thresholds are {three}.",
                    hint="they must be above 0 and rise: at_risk, lapsed, former",
                )


def lifecycle_stage(
    summary: pd.DataFrame, own_cycle_days: pd.Series, rules: StageRules
) -> pd.Series:
    """Place each customer in a stage by the own rhythm.

    Parameters
    ----------
    summary : DataFrame of shape (n_customers, >= 3)
        ``intervals``, ``silent_days``, ``last_interval_days``.
    own_cycle_days : Series of length n_customers, indexed as ``summary``
        From :func:`predict`.
    rules : StageRules
        Thresholds.

    Returns
    -------
    Series of length n_customers, indexed as ``summary``
        By the silence: ``former``, ``lapsed``, ``at_risk``; else ``reactivated`` if the
        interval before the last order was long enough to be lapsed, ``new`` after a
        first order, ``active``. Null where the own cycle is null.

    Raises
    ------
    InputError
        If a column is missing.
    """
    columns = [INTERVALS[0], INTERVALS[3], INTERVALS[4]]
    need_columns(summary, columns, "lifecycle_stage")
    n, silent, last = (floats(summary, name, "lifecycle_stage") for name in columns)
    cycle = own_cycle_days.to_numpy(np.float64, na_value=np.nan)
    lapsed = np.maximum(rules.lapsed * cycle, rules.lapsed_days)
    conditions = [
        np.isnan(cycle),
        silent > np.maximum(rules.former * cycle, rules.former_days),
        silent > lapsed,
        silent > np.maximum(rules.at_risk * cycle, rules.at_risk_days),
        last > lapsed,
        n == 0,
    ]
    names = ["", "former", "lapsed", "at_risk", "reactivated", "new"]
    stage = np.select(conditions, names, "active")
    return pd.Series(stage, index=summary.index, name="lifecycle_stage").replace(
        {"": None}
    )
