"""Scores of churn and dates of next orders of a warehouse, against what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import evaluation, rhythm
from acrm.mining.comparison import (
    MIN_ROWS,
    Comparison,
    Verdict,
    compare_losses,
    evaluate_probabilities,
)
from acrm.mining.fitting import Fit
from acrm.mining.frames import floats, need_columns
from acrm.mining.score_table import EVALUATION, draws_of, judged_row, unjudged_row

PART = "all"
SILENT = "the model says nothing of any customer"
DUE = ["due_lo", "due_p50", "due_hi", "own_cycle_days", "status", "reason"]


def evaluate_churn(
    scores: pd.DataFrame, model: str, id_space: str, cutoff: Any
) -> pd.DataFrame:
    """Judge the probabilities of one model, id space and cut-off against the rule's.

    Parameters
    ----------
    scores : DataFrame of shape (n_customers, >= 3)
        ``p_model`` (null where the model says nothing, and the rule counts),
        ``p_baseline`` and ``label_churned``, 0 or 1.
    model, id_space, cutoff : str, str, date
        Written to the rows.

    Returns
    -------
    DataFrame of shape (6, 16)
        The metrics of :func:`acrm.mining.comparison.evaluate_probabilities`, in the
        columns of :func:`acrm.mining.score_table.evaluate_scores`. ``brier`` is
        primary: it asks for the right order and for the right level.

    Raises
    ------
    InputError
        If a column is missing or a value is no probability.
    """
    need_columns(scores, ["p_model", "p_baseline", "label_churned"], "evaluate_churn")
    spoken = floats(scores, "p_model", "evaluate_churn")
    rule = floats(scores, "p_baseline", "evaluate_churn")
    frame = pd.DataFrame(
        {
            "observed": floats(scores, "label_churned", "evaluate_churn"),
            "predicted": np.where(np.isnan(spoken), rule, spoken),
            "baseline": rule,
        }
        # rows come in any order, and a bootstrap draws them by their places
    ).sort_values(["observed", "predicted", "baseline"])
    says_nothing = bool(np.isnan(spoken).all())
    draws = 1 if says_nothing else draws_of(len(frame))
    rows = evaluate_probabilities(frame, draws=draws)
    rows = rows.assign(
        model=model,
        id_space=id_space,
        part=PART,
        cutoff_date=cutoff,
        is_primary=rows["metric"] == "brier",
    )
    if says_nothing:
        judged = rows["verdict"].notna()
        rows["verdict"] = rows["verdict"].mask(judged, str(Verdict.INSUFFICIENT_DATA))
        rows["reason"] = SILENT
    return rows[EVALUATION]


def due_dates(
    known: pd.DataFrame, kinds: pd.DataFrame, level: float = 0.8
) -> pd.DataFrame:
    """Say when the next order of each kind of customer is due, by the own rhythm.

    Parameters
    ----------
    known : DataFrame of shape (n_customers, >= 3)
        ``intervals``, ``total_days`` and ``log_days`` of the customers of one cut-off,
        or of enough of them, that the rhythm is learned from.
    kinds : DataFrame of shape (n_kinds, >= 3)
        ``intervals``, ``total_days`` and ``silent_days``: all that customers have.
    level : float, default 0.8
        Of the interval.

    Returns
    -------
    DataFrame of shape (n_kinds, 9), indexed as ``kinds``
        The three columns; ``due_lo``, ``due_p50`` and ``due_hi``, days to the next
        order given the silence so far; ``own_cycle_days``; ``status`` and ``reason``.

    Raises
    ------
    InputError
        If a column is missing or a value is null.
    """
    fit: Fit = rhythm.fit(known.sort_values(["intervals", "total_days", "log_days"]))
    due = rhythm.predict(fit, kinds, level)
    return kinds[["intervals", "total_days", "silent_days"]].assign(
        **{name: due[name] for name in DUE}
    )


def evaluate_due(orders: pd.DataFrame, id_space: str, cutoff: Any) -> pd.DataFrame:
    """Judge foretold days to the next order, of customers who did order again.

    Parameters
    ----------
    orders : DataFrame of shape (n_customers, >= 5)
        ``days``, that it took; ``due_lo``, ``due_p50`` and ``due_hi`` (null where
        nothing was foretold: such are not judged); ``baseline_days``, by the mean
        interval.
    id_space, cutoff : str, date
        Written to the rows.

    Returns
    -------
    DataFrame of shape (2, 16)
        ``mean_absolute_error_days`` (primary) of the middle against the baseline;
        ``coverage``, the share within the interval in whole days, without a verdict of
        its own.

    Raises
    ------
    InputError
        If a column is missing or a value is no number.
    """
    columns = ["days", "due_lo", "due_p50", "due_hi", "baseline_days"]
    need_columns(orders, columns, "evaluate_due")
    # rows come in any order, on which the last digits of a mean hang
    ordered = orders.sort_values(columns)
    days, low, middle, high, base = (
        floats(ordered, name, "evaluate_due") for name in columns
    )
    told = ~(np.isnan(days) | np.isnan(middle) | np.isnan(base))
    days, low, middle, high, base = (
        one[told] for one in (days, low, middle, high, base)
    )
    reason = ""
    if len(days) < MIN_ROWS:
        reason = f"{len(days)} customers ordered again; {MIN_ROWS} are needed"
    compared = compare_losses(np.abs(days - middle), np.abs(days - base))
    covered = evaluation.coverage(days, np.round(low), np.round(high))
    rows = [
        judged_row("mean_absolute_error_days", compared, reason, is_primary=True),
        unjudged_row("coverage", Comparison(covered, n=len(days)), reason),
    ]
    return pd.DataFrame(rows).assign(
        model="next_order", id_space=id_space, part=PART, cutoff_date=cutoff
    )[EVALUATION]
