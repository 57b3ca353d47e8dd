"""Scores of several models and cut-offs against what came: evaluations and deciles.

A customer of whom a model says nothing is judged by the baseline, which is what is
published of that customer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import comparison, evaluation
from acrm.mining.comparison import Comparison, Verdict
from acrm.mining.frames import Floats, need_columns
from acrm.mining.parts import no_rows

GROUP = ["model", "id_space", "part", "cutoff_date"]
JUDGED = ["is_amount", "score", "baseline_score", "actual"]
COMPARED = list(Comparison._fields)
EVALUATION = [*GROUP, "metric", "is_primary", *COMPARED, "verdict", "reason"]
DECILE = [*GROUP, "decile", "n", "predicted", "observed", "captured", "lift"]
BEST = 0.2
# Draws of the bootstrap, and above how many customers there are fewer: the interval of
# a million is so narrow that its ends need not be known to the last digit.
MANY, DRAWS, DRAWS_OF_MANY = 100_000, 200, 40
DRIFT = "psi_"
CHANCE = 0.5  # of what is no more than chance, half is above it later
TEXTS = {"model", "id_space", "part", "metric", "verdict", "reason"}


def evaluate_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Judge scores whose outcome is known against their baselines.

    Parameters
    ----------
    scores : DataFrame of shape (n_scores, >= 8)
        ``model``, ``id_space``, ``part`` (say, a currency), ``cutoff_date``; ``score``
        (null where the model says nothing), ``baseline_score``, ``actual`` (null until
        known) and ``is_amount``: whether all three are amounts of one unit, else
        ``actual`` is 0 or 1 and scores only rank.

    Returns
    -------
    DataFrame of shape (n_metrics, 16), ordered
        A row a group and metric, the fields of
        :class:`acrm.mining.comparison.Comparison`, ``verdict`` and ``reason``. Amounts:
        ``concentration`` (primary), ``captured_by_best_fifth``, ``mean_absolute_error``
        and ``total_error``, the total foretold over what came less 1, without a verdict
        of its own; events: ``auc`` (primary). Of groups without an outcome there is
        none.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(scores, [*GROUP, *JUDGED], "evaluate")
    mature = scores[scores["actual"].notna()]
    rows: list[dict[str, Any]] = []
    for key, group in mature.groupby(GROUP, sort=True):
        judge = _amounts if bool(group["is_amount"].iloc[0]) else _events
        for row in judge(*_arrays(group)):
            rows.append({**dict(zip(GROUP, key, strict=True)), **row})
    return _frame(rows, scores, EVALUATION)


def decile_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare what was foretold and what came by tenth of the score.

    Parameters
    ----------
    scores : DataFrame of shape (n_scores, >= 7)
        As for :func:`evaluate_scores`.

    Returns
    -------
    DataFrame of shape (<= 10 * n_groups, 10), ordered
        As :func:`acrm.mining.evaluation.deciles`, best first.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(scores, [*GROUP, "score", "baseline_score", "actual"], "deciles")
    mature = scores[scores["actual"].notna()]
    rows: list[dict[str, Any]] = []
    for key, group in mature.groupby(GROUP, sort=True):
        real, score, _ = _arrays(group)
        table = evaluation.deciles(real, score).to_dict("records")
        rows += [{**dict(zip(GROUP, key, strict=True)), **row} for row in table]
    return _frame(rows, scores, DECILE)


def draws_of(customers: int) -> int:
    """Return how many draws of a bootstrap are worth their time."""
    return DRAWS if customers <= MANY else DRAWS_OF_MANY


def drift(
    reference: pd.DataFrame, current: pd.DataFrame, features: list[str]
) -> dict[str, float]:
    """Return the population stability index of each feature.

    Parameters
    ----------
    reference, current : DataFrame of shape (n, >= n_features) and (m, >= n_features)
        When the model was last judged, and now.
    features : list of str
        Columns of both.

    Returns
    -------
    dict of str to float
        By feature, as :func:`acrm.mining.evaluation.population_stability`.
    """
    need_columns(reference, features, "drift")
    need_columns(current, features, "drift")
    return {
        name: evaluation.population_stability(
            *(one[name].astype(np.float64) for one in (reference, current))
        )
        for name in features
    }


def drift_of_observations(
    observations: pd.DataFrame, features: list[str], model: str
) -> pd.DataFrame:
    """Compare the current observations of each id space with the newest judged ones.

    Parameters
    ----------
    observations : DataFrame of shape (n_observations, >= 4 + n_features)
        ``id_space``, ``cutoff_date``, ``is_current``, ``is_mature`` and the features.
    features : list of str
        Numbers.
    model : str
        Written to the rows.

    Returns
    -------
    DataFrame of shape (n_id_spaces * n_features, 16)
        As :func:`evaluate_scores`: ``metric`` is ``psi_`` and the feature, ``part`` is
        ``all``, and there is no verdict.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(
        observations,
        ["id_space", "cutoff_date", "is_current", "is_mature", *features],
        "drift_of_observations",
    )
    rows: list[dict[str, Any]] = []
    for id_space, group in observations.groupby("id_space", sort=True):
        now, mature = group[group["is_current"]], group[group["is_mature"]]
        if not len(now) or not len(mature):
            continue
        then = mature[mature["cutoff_date"] == mature["cutoff_date"].max()]
        for name, value in drift(then, now, features).items():
            rows.append(
                {
                    "model": model,
                    "id_space": id_space,
                    "part": "all",
                    "cutoff_date": now["cutoff_date"].iloc[0],
                    **unjudged_row(f"{DRIFT}{name}", Comparison(value, n=len(now))),
                }
            )
    return _frame(rows, observations.assign(model="", part=""), EVALUATION)


def _arrays(group: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    real, score, base = (
        group[name].to_numpy(np.float64, na_value=np.nan)
        for name in ("actual", "score", "baseline_score")
    )
    score = np.where(np.isnan(score), base, score)
    # rows come in any order, and a bootstrap draws them by their places
    order = np.lexsort((base, score, real))
    return real[order], score[order], base[order]


def _amounts(real: Floats, score: Floats, base: Floats) -> list[dict[str, Any]]:
    reason = ""
    if len(real) < comparison.MIN_ROWS:
        reason = f"{len(real)} customers; at least {comparison.MIN_ROWS} are needed"
    elif np.ptp(score) == 0:
        reason = "all scores are equal"
    elif not real.sum() > 0:
        reason = "nothing of value came"
    draws = 1 if reason else draws_of(len(real))
    metrics: dict[str, comparison.Metric] = {
        "concentration": evaluation.concentration_of,
        "captured_by_best_fifth": lambda y, s: evaluation.capture_of(y, s, BEST),
    }
    rows = [
        judged_row(
            name,
            comparison.compare_by_bootstrap(metric, real, score, base, draws=draws),
            reason,
            is_primary=name == "concentration",
        )
        for name, metric in metrics.items()
    ]
    errors = comparison.compare_losses(np.abs(real - score), np.abs(real - base))
    rows.append(judged_row("mean_absolute_error", errors, reason))
    total = real.sum()
    if total > 0:
        off = [float(one.sum() / total - 1) for one in (score, base)]
        both = Comparison(off[0], baseline_value=off[1], n=len(real))
        rows.append(unjudged_row("total_error", both, reason))
    return rows


def _events(real: Floats, score: Floats, base: Floats) -> list[dict[str, Any]]:
    reason = ""
    came = int(real.sum())
    if min(came, len(real) - came) < comparison.MIN_OF_A_KIND:
        reason = f"{came} of {len(real)} came; {comparison.MIN_OF_A_KIND} of each kind "
        reason += "are needed"
    area = comparison.compare_auc(real, score, base)
    return [judged_row("auc", area, reason, is_primary=True)]


def share_that_held(
    found: pd.DataFrame, model: str, metric: str, called: str, *, rows_each: int = 1
) -> pd.DataFrame:
    """Judge what was found in the past by the share of it that went on to hold.

    Parameters
    ----------
    found : DataFrame of shape (n_found, >= 4)
        ``id_space``, ``part``, ``cutoff_date``, and whether it ``held`` later.
    model, metric : str
        What found it, and what the share is called.
    called : str
        What an observation is called, such as ``rules``.
    rows_each : int, default 1
        How many rows are one observation: 2 of a pair and its reverse.

    Returns
    -------
    DataFrame of shape (n_groups, 16)
        As of :func:`evaluate_scores`, against chance, by the interval of the share.
    """
    rows: list[dict[str, Any]] = []
    keys = ["id_space", "part", "cutoff_date"]
    for key, group in found.groupby(keys, sort=True):
        seen = len(group) / rows_each
        compared = comparison.compare_share(
            float(group["held"].sum()) / rows_each, seen, CHANCE
        )
        reason = ""
        if seen < comparison.MIN_OF_A_KIND:
            reason = f"{seen:g} {called}; {comparison.MIN_OF_A_KIND} are needed"
        rows.append(
            {
                "model": model,
                **dict(zip(keys, key, strict=True)),
                **judged_row(
                    metric, compared._replace(n=len(group)), reason, is_primary=True
                ),
            }
        )
    return pd.DataFrame(rows, columns=EVALUATION)


def no_evaluation() -> pd.DataFrame:
    """Return the columns of an evaluation without rows, of the right kinds."""
    days = pd.DataFrame({"cutoff_date": pd.to_datetime([]).as_unit("ns")})
    return no_rows(EVALUATION, days, TEXTS)


def judged_row(
    metric: str, compared: Comparison, reason: str = "", *, is_primary: bool = False
) -> dict[str, Any]:
    """Return a metric as a row of an evaluation, with its verdict.

    Parameters
    ----------
    metric : str
        Its name.
    compared : Comparison
        Of the model and its baseline.
    reason : str, optional
        Why there is not enough data to judge by; empty where there is.
    is_primary : bool, default False
        Whether the model is published by this one.
    """
    verdict = comparison.verdict(compared, reason)
    if verdict is Verdict.INSUFFICIENT_DATA and not reason:
        reason = "no interval could be told"
    return {
        **unjudged_row(metric, compared, reason),
        "is_primary": is_primary,
        "verdict": str(verdict),
    }


def unjudged_row(metric: str, compared: Comparison, reason: str = "") -> dict[str, Any]:
    """Return a metric that has no verdict of its own; as :func:`judged_row`."""
    return {
        "metric": metric,
        "is_primary": False,
        **compared._asdict(),
        "verdict": None,
        "reason": reason,
    }


def _frame(
    rows: list[dict[str, Any]], like: pd.DataFrame, columns: list[str]
) -> pd.DataFrame:
    """Make a frame of rows; without any it has the columns, of the right kinds."""
    if rows:
        return pd.DataFrame(rows)[columns]
    return no_rows(columns, like[GROUP], TEXTS)
