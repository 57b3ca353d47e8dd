"""Values to come of all customers of a warehouse, beside the naive baseline.

A fit is made for each cut-off from what was known there, so that what came after it
judges it. Fits go through a long table of parameters, which is what a table of model
versions stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import bg_nbd, clv, gamma_gamma
from acrm.mining.fitting import Fit, nothing_to_fit
from acrm.mining.frames import Floats, need_columns
from acrm.mining.outcome import Status
from acrm.mining.parts import no_rows
from acrm.mining.summaries import DAYS_A_WEEK, group_customers, read_groups

PART = ["id_space", "currency_code", "cutoff_date"]
HISTORY = ["order_day_count", "total_interval_days", "tenure_days"]
MIXED = "mixed"
YEAR = 365
FITS = [
    *PART, "model", "parameter", "estimate", "standard_error", "log_likelihood",
    "customers", "status", "reason",
]  # fmt: skip
SCORES = [
    "p_alive", "expected_order_days", "expected_value", "model_value_365",
    "model_value_365_lo", "model_value_365_hi", "model_value", "baseline_value",
    "baseline_value_365",
]  # fmt: skip


def fit_values(observations: pd.DataFrame) -> pd.DataFrame:
    """Fit BG/NBD and Gamma-Gamma to each id space, currency and cut-off.

    Parameters
    ----------
    observations : DataFrame of shape (n_observations, >= 7)
        ``id_space``, ``currency_code``, ``cutoff_date``, ``order_day_count``,
        ``total_interval_days`` (first to last order), ``tenure_days`` (first order to
        the cut-off) and ``mean_repeat_value_amount`` of a repeat order day.

    Returns
    -------
    DataFrame of shape (n_parameters, 11)
        ``id_space``, ``currency_code``, ``cutoff_date``, and the columns of
        :meth:`acrm.mining.fitting.Fit.table`; times are in weeks. Customers who ordered
        in several currencies are not fitted: their status says so.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(observations, [*PART, *HISTORY, "mean_repeat_value_amount"], "values")
    tables = []
    for part, group in observations.groupby(PART, sort=True):
        # sums hang on the order of rows in their last digits, and rows come in any
        summary = _summary(group).sort_values(["x", "t_x", "T", "mean_value"])
        if part[1] == MIXED:
            fits = _unfitted(len(group))
        else:
            fits = (
                bg_nbd.fit(group_customers(summary)),
                gamma_gamma.fit(summary[["x", "mean_value"]]),
            )
        for fit in fits:
            tables.append(fit.table().assign(**dict(zip(PART, part, strict=True))))
    if not tables:
        empty = _unfitted(0)[0].table().head(0)
        tables = [empty.assign(**{name: observations[name].head(0) for name in PART})]
    return pd.concat(tables, ignore_index=True)[FITS]


def score_values(
    observations: pd.DataFrame,
    fits: pd.DataFrame,
    discount: float,
    level: float = 0.8,
) -> pd.DataFrame:
    """Say what each customer is worth, by the model and by the naive baseline.

    Parameters
    ----------
    observations : DataFrame of shape (n_observations, >= 14)
        As for :func:`fit_values`, and ``customer_id``, ``is_current``, ``label_from``,
        ``label_to``, ``value_amount_365`` and ``history_days``.
    fits : DataFrame of shape (n_parameters, 11)
        From :func:`fit_values`.
    discount : float
        Rate a year for the value of a year, such as 0.1.
    level : float, default 0.8
        Of the interval of the value of a year.

    Returns
    -------
    DataFrame of shape (n_observations, 13)
        ``customer_id``, ``cutoff_date``; ``p_alive``; of the year after the cut-off
        ``expected_order_days`` and ``model_value_365`` (discounted), and at current
        cut-offs its interval, ``_lo`` and ``_hi``; ``expected_value`` of an order day;
        ``model_value`` from ``label_from`` to ``label_to``; the baseline of both:
        ``baseline_value`` and ``baseline_value_365``, the value of the last 365 days
        (of the days there were, if fewer) for as many days; ``status`` and ``reason``.
        In the currency of the observation; nan where a model says nothing.

    Raises
    ------
    InputError
        If a column is missing.
    """
    more = ["customer_id", "is_current", "label_from", "label_to", "value_amount_365"]
    need_columns(observations, [*PART, *HISTORY, *more, "history_days"], "score_values")
    need_columns(fits, FITS, "score_values")
    found = {
        part: {fit.model: fit for fit in _read_fits(rows)}
        for part, rows in fits.groupby(PART, sort=False)
    }
    parts = [_scored(group, *_both(found[part]), discount, level)
             for part, group in observations.groupby(PART, sort=True)]  # fmt: skip
    names = ["customer_id", "cutoff_date", *SCORES, "status", "reason"]
    if not parts:
        like = observations[["customer_id", "cutoff_date"]]
        return no_rows(names, like, {"status", "reason"})
    return pd.concat(parts, ignore_index=True)[names]


def _both(fits: dict[str, Fit]) -> tuple[Fit, Fit]:
    return fits[bg_nbd.MODEL], fits[gamma_gamma.MODEL]


def _unfitted(customers: int) -> tuple[Fit, Fit]:
    reason = "orders in several currencies are not added up"
    return (
        nothing_to_fit(bg_nbd.MODEL, bg_nbd.NAMES, customers, reason),
        nothing_to_fit(gamma_gamma.MODEL, gamma_gamma.NAMES, customers, reason),
    )


def _read_fits(rows: pd.DataFrame) -> Iterator[Fit]:
    """Make fits of their parameters again; predictions need no covariance."""
    for model, table in rows.groupby("model", sort=False):
        first: Any = table.iloc[0]
        size = len(table)
        yield Fit(
            model=str(model),
            status=Status(first["status"]),
            reason=str(first["reason"]),
            names=tuple(table["parameter"]),
            estimates=table["estimate"].to_numpy(np.float64, na_value=np.nan),
            standard_errors=table["standard_error"].to_numpy(
                np.float64, na_value=np.nan
            ),
            covariance=np.full((size, size), np.nan),
            log_likelihood=float(first["log_likelihood"]),
            customers=int(first["customers"]),
        )


def _summary(group: pd.DataFrame) -> pd.DataFrame:
    """Order days to x, t_x and T in weeks, which the models read."""
    return pd.DataFrame(
        {
            "x": group["order_day_count"] - 1,
            "t_x": group["total_interval_days"] / DAYS_A_WEEK,
            "T": group["tenure_days"] / DAYS_A_WEEK,
            "mean_value": group["mean_repeat_value_amount"].astype(np.float64),
        },
        index=group.index,
    )


def _scored(
    group: pd.DataFrame, orders: Fit, values: Fit, discount: float, level: float
) -> pd.DataFrame:
    first: Any = group.iloc[0]
    summary = _summary(group)
    end, start = (
        (pd.Timestamp(first[name]) - pd.Timestamp(first["cutoff_date"])).days + after
        for name, after in (("label_to", 0), ("label_from", -1))
    )
    rate = group["value_amount_365"].astype(np.float64) / group["history_days"].clip(
        1, YEAR
    )
    x, t_x, t_end, _ = read_groups(summary, "score_values")
    alive: Floats = np.full(len(group), np.nan)
    counted = alive
    if orders.is_estimated:
        history = orders.estimates, x, t_x, t_end
        alive = bg_nbd.p_alive(*history)
        counted = bg_nbd.expected(*history, end / DAYS_A_WEEK)
        if start:
            counted = counted - bg_nbd.expected(*history, start / DAYS_A_WEEK)
    weekly = (1 + discount) ** (DAYS_A_WEEK / YEAR) - 1
    # intervals take nearly all the time, and are published of the current ones alone
    told = level if first["is_current"] else None
    year = clv.predict(orders, values, summary, YEAR / DAYS_A_WEEK, weekly, told)
    return group[["customer_id", "cutoff_date"]].assign(
        p_alive=alive,
        expected_order_days=year["expected_orders"],
        expected_value=year["expected_value"],
        model_value_365=year["clv"],
        model_value_365_lo=year["clv_lo"],
        model_value_365_hi=year["clv_hi"],
        model_value=counted * year["expected_value"],
        baseline_value=rate * (end - start),
        baseline_value_365=rate * YEAR,
        status=year["status"],
        reason=year["reason"],
    )
