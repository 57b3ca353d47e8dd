"""Who will not come back, or will cancel: a calibrated logistic regression.

Every feature adds its own part to the log odds, so that the reasons of one customer are
the parts that stand out, and add up to the score. It is learned from two customers of
three, and calibrated on the third (Platt's scaling), which keeps it linear: a score is
a sum that SQL can work out for any number of customers.

When not to use it: where what is bought hangs on a date, such as a season or the end of
a contract, that no feature knows; and as proof that a contact keeps anybody, which only
a group without it can tell.

References
----------
.. [1] Platt, J. (1999). Probabilistic outputs for support vector machines and
   comparisons to regularized likelihood methods. Advances in Large Margin Classifiers,
   61-74. MIT Press.
.. [2] Neslin, S. A. et al. (2006). Defection detection: measuring and understanding the
   predictive accuracy of customer churn models. Journal of Marketing Research 43(2),
   204-211.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special
from sklearn.linear_model import LogisticRegression

from acrm.mining.comparison import MIN_OF_A_KIND, MIN_ROWS
from acrm.mining.frames import (
    Booleans,
    Floats,
    binary_rows,
    floats,
    need_columns,
    refuse,
)
from acrm.mining.outcome import Status

INTERCEPT = "(intercept)"
# What obs_churn and obs_cancel tell of a customer.
CHURN_FEATURES = (
    "silence", "lateness", "only_order", "recent_orders", "orders_of_year", "slowing",
    "value_of_order", "recent_share_of_value",
)  # fmt: skip
CANCEL_FEATURES = (
    "held", "since_change", "contract_left", "price", "plan_rank", "changes",
    "came_back", "silence",
)  # fmt: skip
GROUP = ["id_space", "cutoff_date"]
FIT = [
    *GROUP, "feature", "center", "scale", "coefficient", "customers", "events",
    "status", "reason",
]  # fmt: skip
ROUNDS = 2000
UNSHRUNK = 1e6  # of the scaling, which has two parameters alone


def fit(
    observations: pd.DataFrame, features: Sequence[str], is_held_out: pd.Series
) -> pd.DataFrame:
    """Learn how each feature moves the log odds of leaving.

    Parameters
    ----------
    observations : DataFrame of shape (n_customers, >= 1 + n_features)
        ``label_churned`` (0 or 1) and the features, numbers; a null counts as the mean.
        One row a customer.
    features : sequence of str
        Columns to learn from. One that is all null or constant tells nothing.
    is_held_out : Series of length n_customers, of bool
        Customers that it is calibrated on and not learned from: a third is usual.

    Returns
    -------
    DataFrame of shape (n_features + 1, 8)
        ``feature``, the last of them ``(intercept)``; ``center`` and ``scale``, by
        which it is made a standard one; ``coefficient`` of the standard one in log odds
        (nan with ``insufficient_data``); ``customers`` and ``events``; ``status`` and
        ``reason``.

    Raises
    ------
    InputError
        If a column is missing, a label is not 0 or 1, or lengths differ.
    """
    need_columns(observations, ["label_churned", *features], "churn.fit")
    held_out: Booleans = is_held_out.to_numpy(dtype=bool)
    (label,) = binary_rows("churn.fit", observations["label_churned"])
    refuse(
        np.arange(max(len(label), len(held_out))) >= min(len(label), len(held_out)),
        "observations and is_held_out differ in length",
        "churn.fit",
    )
    values = np.column_stack(
        [floats(observations, name, "churn.fit") for name in features]
    )
    center, scale = _standard(values[~held_out])
    design = _design(values, center, scale)
    reason = _too_thin(label, design, held_out)
    weights = np.full(len(features) + 1, np.nan)
    if not reason:
        learned = LogisticRegression(max_iter=ROUNDS)
        learned.fit(design[~held_out], label[~held_out])
        inner = learned.coef_[0], float(learned.intercept_[0])
        odds = (design[held_out] @ inner[0] + inner[1])[:, None]
        scaling = LogisticRegression(C=UNSHRUNK, max_iter=ROUNDS)
        scaling.fit(odds, label[held_out])
        slope = float(scaling.coef_[0, 0])
        if slope > 0:
            level = slope * inner[1] + float(scaling.intercept_[0])
            weights = np.append(slope * inner[0], level)
        else:
            reason = "what was learned does not hold on customers who were left out"
    return pd.DataFrame(
        {
            "feature": [*features, INTERCEPT],
            "center": np.append(center, 0.0),
            "scale": np.append(scale, 1.0),
            "coefficient": weights,
            "customers": len(label),
            "events": int(label.sum()),
            "status": str(Status.INSUFFICIENT_DATA if reason else Status.OK),
            "reason": reason,
        }
    )


def _standard(values: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of each column; 0 and 1 where nothing is known."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    center: Floats = np.where(known, values, 0.0).sum(axis=0) / count
    away = np.where(known, values - center, 0.0)
    scale: Floats = np.sqrt((away**2).sum(axis=0) / count)
    # what differs by rounding alone is constant
    flat = scale <= 1e-12 * np.maximum(np.abs(center), 1.0)
    return center, np.where(flat, 1.0, scale)


def _design(values: Floats, center: Floats, scale: Floats) -> Floats:
    design: Floats = np.where(np.isnan(values), 0.0, (values - center) / scale)
    return design


def _too_thin(label: Floats, design: Floats, held_out: Booleans) -> str:
    if len(label) < MIN_ROWS:
        return f"{len(label)} customers; at least {MIN_ROWS} are needed"
    for part in (~held_out, held_out):
        events = int(label[part].sum())
        others = int(part.sum()) - events
        if min(events, others) < MIN_OF_A_KIND:
            return (
                f"{int(label.sum())} of {len(label)} left; {MIN_OF_A_KIND} of each "
                "kind are needed to learn from and to calibrate on"
            )
    if not (np.ptp(design[~held_out], axis=0) > 1e-9).any():  # noqa: PLR2004
        return "all customers have the same features"
    return ""


def contributions(fitted: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Say what each feature adds to the log odds of each customer.

    Parameters
    ----------
    fitted : DataFrame of shape (n_features + 1, 8)
        From :func:`fit`.
    observations : DataFrame of shape (n_customers, >= n_features)
        The features.

    Returns
    -------
    DataFrame of shape (n_customers, n_features + 1), indexed as ``observations``
        A column a feature, 0 for a customer who is average in it, and
        ``(intercept)``: the log odds of a customer who is average in all. Rows add up
        to the log odds; all nan with ``insufficient_data``.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(fitted, ["feature", "center", "scale", "coefficient"], "contributions")
    rows = fitted[fitted["feature"] != INTERCEPT]
    names = rows["feature"].tolist()
    need_columns(observations, names, "contributions")
    values = np.column_stack(
        [floats(observations, name, "contributions") for name in names]
    )
    parts = _design(values, rows["center"].to_numpy(), rows["scale"].to_numpy()) * rows[
        "coefficient"
    ].to_numpy(np.float64, na_value=np.nan)
    table = pd.DataFrame(parts, columns=names, index=observations.index)
    level = fitted.loc[fitted["feature"] == INTERCEPT, "coefficient"]
    return table.assign(**{INTERCEPT: float(level.iloc[0])})


def predict(fitted: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    """Return the probability of leaving of each customer.

    Parameters and errors are those of :func:`contributions`.

    Returns
    -------
    Series of length n_customers, indexed as ``observations``
        nan with ``insufficient_data``.
    """
    odds = contributions(fitted, observations).sum(axis=1, skipna=False)
    return pd.Series(special.expit(odds), index=observations.index)


def fit_all(observations: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Learn for each id space and cut-off by itself.

    Parameters
    ----------
    observations : DataFrame of shape (n_observations, >= 4 + n_features)
        As for :func:`fit`, with ``id_space``, ``cutoff_date`` and ``is_held_out``.
    features : sequence of str
        Columns to learn from.

    Returns
    -------
    DataFrame of shape (n_groups * (n_features + 1), 10)
        ``id_space``, ``cutoff_date`` and the columns of :func:`fit`.

    Raises
    ------
    InputError
        If a column is missing or a label is not 0 or 1.
    """
    need_columns(observations, [*GROUP, "is_held_out"], "churn.fit_all")
    tables = [
        fit(group, features, group["is_held_out"]).assign(
            **dict(zip(GROUP, key, strict=True))
        )
        for key, group in observations.groupby(GROUP, sort=True)
    ]
    if not tables:
        nothing = pd.Series([], dtype=bool)
        empty = fit(observations.head(0), features, nothing).head(0)
        tables = [empty.assign(**{name: observations[name].head(0) for name in GROUP})]
    return pd.concat(tables, ignore_index=True)[FIT]
