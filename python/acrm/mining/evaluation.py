"""A score or a forecast against what came: one number each.

Arrays in, a number out; rows of all arrays of a call belong together. A measure that is
not defined on what is given (one class only, nothing sold, no spread) is nan.
Intervals and verdicts are in :mod:`acrm.mining.comparison`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from acrm.mining.frames import (
    Floats,
    binary_rows,
    need_at_least,
    need_between,
    need_probabilities,
    same_rows,
)
from acrm.mining.gains import Gains, captured, mean_place

# A measure of given rows, by how often each of them counts: of a bootstrap's draws.
Counted = Callable[[Floats], float]

BINS = 10
STEPS = 60
FARTHEST = 30.0  # a slope or intercept beyond it is a perfect separation


def auc(observed: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the probability that a 1 scores higher than a 0; equal scores count half.

    Parameters
    ----------
    observed : array-like of shape (n,)
        0 or 1.
    score : array-like of shape (n,)
        Higher means more likely 1.

    Returns
    -------
    float
        0 to 1; nan if all are 0 or all are 1.
    """
    label, value = binary_rows("auc", observed, score)
    ones, zeros = label.sum(), (1 - label).sum()
    if not (ones and zeros):
        return float("nan")
    ranks = stats.rankdata(value)
    return float((ranks[label == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def gini(observed: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return ``2 auc - 1``: 0 for chance, 1 for a perfect order."""
    return 2 * auc(observed, score) - 1


def concentration(observed: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the Gini coefficient of an amount ordered by a score, over the best one.

    Parameters
    ----------
    observed : array-like of shape (n,)
        An amount, such as margin; its sum must be above 0.
    score : array-like of shape (n,)
        Higher means more is expected. Equal scores share their amounts equally.

    Returns
    -------
    float
        1 if the score orders as the amount itself does, 0 for chance, nan where amounts
        are equal or do not sum to above 0.
    """
    amount, value = same_rows("concentration", observed, score)
    return concentration_of(amount, value)(np.ones(len(amount)))


def concentration_of(observed: Floats, score: Floats) -> Counted:
    """Return :func:`concentration` by how often each row counts."""
    by_score, by_itself = Gains(observed, score), Gains(observed, observed)

    def counted(counts: Floats) -> float:
        if counts.sum() < 2:  # noqa: PLR2004
            return float("nan")
        best = mean_place(*by_itself.of(counts))
        return mean_place(*by_score.of(counts)) / best if best > 0 else float("nan")

    return counted


def capture_at(
    observed: npt.ArrayLike, score: npt.ArrayLike, share: float = 0.1
) -> float:
    """Return the share of all observed that the best scores hold.

    Parameters
    ----------
    observed : array-like of shape (n,)
        0 or 1, or an amount.
    score : array-like of shape (n,)
        Higher is better.
    share : float, default 0.1
        Of the rows that are chosen, rounded up to whole rows. Where the limit falls
        among equal scores, they are counted in proportion.

    Returns
    -------
    float
        nan without rows or where nothing was observed.
    """
    if share != 1:
        need_between("share", share, 0, 1, "capture_at")
    label, value = same_rows("capture_at", observed, score)
    return capture_of(label, value, share)(np.ones(len(label)))


def capture_of(observed: Floats, score: Floats, share: float = 0.1) -> Counted:
    """Return :func:`capture_at` by how often each row counts."""
    by_score = Gains(observed, score)

    def counted(counts: Floats) -> float:
        rows, held = by_score.of(counts)
        return captured(rows, held, _chosen(share, counts.sum()))

    return counted


def lift_at(observed: npt.ArrayLike, score: npt.ArrayLike, share: float = 0.1) -> float:
    """Return how many times the average rate the best share of scores has."""
    if share != 1:
        need_between("share", share, 0, 1, "lift_at")
    label, value = same_rows("lift_at", observed, score)
    return lift_of(label, value, share)(np.ones(len(label)))


def lift_of(observed: Floats, score: Floats, share: float = 0.1) -> Counted:
    """Return :func:`lift_at` by how often each row counts."""
    caught = capture_of(observed, score, share)

    def counted(counts: Floats) -> float:
        n = counts.sum()
        return caught(counts) * n / _chosen(share, n) if n else float("nan")

    return counted


def _chosen(share: float, rows: int) -> int:
    """Whole rows of a share, rounded up; what is a hair above is the number itself."""
    return max(int(np.ceil(share * rows - 1e-9)), 1)


def brier(observed: npt.ArrayLike, probability: npt.ArrayLike) -> float:
    """Return the mean squared distance of probabilities to what came, 0 is best.

    Raises
    ------
    InputError
        If a probability is outside 0 to 1.
    """
    label, p = binary_rows("brier", observed, probability)
    need_probabilities(p, "brier")
    return float(np.mean((label - p) ** 2)) if len(label) else float("nan")


def calibration(
    observed: npt.ArrayLike, probability: npt.ArrayLike
) -> dict[str, tuple[float, float]]:
    """Return slope and intercept of what came on the logit of the probability.

    Parameters
    ----------
    observed : array-like of shape (n,)
        0 or 1.
    probability : array-like of shape (n,)
        0 and 1 themselves are moved to within a billionth.

    Returns
    -------
    dict of str to (float, float)
        ``slope``, below 1 if probabilities are too extreme, and ``intercept`` at slope
        1, below 0 if they are too high; each with its standard error. nan where all or
        none came, probabilities are equal (slope), or the two separate perfectly.

    References
    ----------
    .. [1] Cox, D. R. (1958). Two further applications of a model for binary regression.
       Biometrika 45, 562-565.
    """
    label, p = binary_rows("calibration", observed, probability)
    need_probabilities(p, "calibration")
    nothing = float("nan"), float("nan")
    if not len(label) or label.min() == label.max():
        return {"slope": nothing, "intercept": nothing}
    logit = special.logit(np.clip(p, 1e-9, 1 - 1e-9))
    ones = np.ones((len(label), 1))
    level = _logistic(ones, label, logit)
    slope = nothing
    if np.ptp(logit) > 0:
        slope = _logistic(np.column_stack([logit, ones]), label, 0 * logit)
    return {"slope": slope, "intercept": level}


def _logistic(design: Floats, label: Floats, offset: Floats) -> tuple[float, float]:
    """First coefficient of a logistic regression and its standard error."""
    beta = np.zeros(design.shape[1])
    loss = np.inf
    for _ in range(STEPS):
        eta = offset + design @ beta
        p = special.expit(eta)
        information = design.T @ (design * (p * (1 - p))[:, None])
        if np.linalg.cond(information) > 1 / np.finfo(float).eps:
            break
        covariance = np.linalg.inv(information)
        step = covariance @ (design.T @ (label - p))
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004
            return float(beta[0]), float(np.sqrt(covariance[0, 0]))
        # a full step can overshoot where probabilities are extreme
        for _ in range(STEPS):
            trial = offset + design @ (beta + step)
            new = float(np.logaddexp(0, trial).sum() - label @ trial)
            # at the bottom a step changes the loss by less than its rounding
            if new <= loss * (1 + 1e-12):
                break
            step /= 2
        beta, loss = beta + step, new
        if np.abs(beta).max() > FARTHEST:
            break
    return float("nan"), float("nan")


def deciles(
    observed: npt.ArrayLike, score: npt.ArrayLike, bins: int = BINS
) -> pd.DataFrame:
    """Compare what was predicted and what came, by group of the score.

    Equal scores share the better group, so that nothing hangs on the order of rows;
    groups can then differ in size, and some can be missing.

    Parameters
    ----------
    observed, score : array-like of shape (n,)
        In one unit: probabilities with 0 or 1, or amounts with amounts.
    bins : int, default 10
        Number of groups.

    Returns
    -------
    DataFrame of shape (<= bins, 6), best group first
        ``decile`` (1 is best), ``n``, ``predicted`` and ``observed`` (means),
        ``captured`` (share of all that came, to this group), ``lift`` (over the mean of
        all, nan where nothing came).
    """
    label, value = same_rows("deciles", observed, score)
    better = len(value) - stats.rankdata(value, method="max")
    group = np.floor(better * bins / max(len(value), 1)).astype(np.int64) + 1
    frame = pd.DataFrame({"decile": group, "predicted": value, "observed": label})
    table = frame.groupby("decile", as_index=False).agg(
        n=("observed", "size"),
        predicted=("predicted", "mean"),
        observed=("observed", "mean"),
    )
    came = table["observed"] * table["n"]
    total = came.sum()
    average = total / len(label) if len(label) else 0.0
    table["captured"] = came.cumsum() / total if total else np.nan
    table["lift"] = table["observed"] / average if average else np.nan
    return table


def mape(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the mean absolute error as a share of each observed value.

    nan if one observed value is 0: use :func:`wape` there.
    """
    real, guess = same_rows("mape", observed, predicted)
    if not len(real) or (real == 0).any():
        return float("nan")
    return float(np.mean(np.abs((real - guess) / real)))


def wape(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the sum of absolute errors as a share of the sum of what came."""
    real, guess = same_rows("wape", observed, predicted)
    total = np.abs(real).sum()
    return float(np.abs(real - guess).sum() / total) if total else float("nan")


def mase(
    observed: npt.ArrayLike,
    predicted: npt.ArrayLike,
    history: npt.ArrayLike,
    season: int = 1,
) -> float:
    """Return the mean absolute error over that of the seasonal naive in the history.

    Parameters
    ----------
    observed, predicted : array-like of shape (n,)
        The periods that were forecast.
    history : array-like of shape (m,)
        The periods before, in order of time.
    season : int, default 1
        Periods after which the naive forecast repeats, such as 7 for days.

    Returns
    -------
    float
        Below 1 is better than naive; nan if the history is no longer than a season or
        the naive made no error there.

    References
    ----------
    .. [1] Hyndman, R. J. and Koehler, A. B. (2006). Another look at measures of
       forecast accuracy. International Journal of Forecasting 22, 679-688.
    """
    real, guess = same_rows("mase", observed, predicted)
    (past,) = same_rows("mase", history)
    need_at_least("season", season, 1, "mase")
    if len(past) <= season or not len(real):
        return float("nan")
    naive = np.abs(past[season:] - past[:-season]).mean()
    return float(np.abs(real - guess).mean() / naive) if naive else float("nan")


def pinball(observed: npt.ArrayLike, quantile: npt.ArrayLike, level: float) -> float:
    """Return the mean loss of a forecast quantile, 0 is best.

    Parameters
    ----------
    observed, quantile : array-like of shape (n,)
        What came, and its forecast quantile.
    level : float
        Of the quantile, such as 0.9.

    Returns
    -------
    float
        ``level`` for each unit that came above the quantile, ``1 - level`` for each
        below, averaged.
    """
    need_between("level", level, 0, 1, "pinball")
    real, guess = same_rows("pinball", observed, quantile)
    off = real - guess
    return (
        float(np.maximum(level * off, (level - 1) * off).mean()) if len(off) else np.nan
    )


def coverage(observed: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> float:
    """Return the share of what came within its interval, ends included."""
    real, least, most = same_rows("coverage", observed, low, high)
    inside = (real >= least) & (real <= most)
    return float(inside.mean()) if len(real) else float("nan")


def population_stability(
    reference: pd.Series, current: pd.Series, bins: int = BINS
) -> float:
    """Return the population stability index of a feature or a score.

    Numbers with more than ``bins`` distinct values are cut at quantiles of the
    reference; anything else is compared value by value; null is a value of its own. A
    group that one side lacks counts as half a row there, so that the index is finite.

    Parameters
    ----------
    reference, current : Series of length n and m
        The feature when the model was made, and now.
    bins : int, default 10
        Groups of a numeric feature.

    Returns
    -------
    float
        By custom below 0.1 is stable, above 0.25 has shifted; nan if a side is empty.
    """
    if not len(reference) or not len(current):
        return float("nan")
    numeric = pd.api.types.is_numeric_dtype(reference)
    if numeric and reference.nunique() > bins:
        values = reference.dropna().to_numpy(np.float64)
        cuts = np.unique(np.quantile(values, np.arange(1, bins) / bins))
        sides = []
        for one in (reference, current):
            number = one.to_numpy(np.float64, na_value=np.nan)
            place = np.searchsorted(cuts, number, side="left").astype(np.float64)
            sides.append(pd.Series(np.where(np.isnan(number), -1.0, place)))
    else:
        sides = [reference.reset_index(drop=True), current.reset_index(drop=True)]
    counts = [one.value_counts(dropna=False) for one in sides]
    table = pd.concat(counts, axis=1).fillna(0.5).to_numpy(np.float64)
    shares = table / table.sum(axis=0)
    return float(
        ((shares[:, 1] - shares[:, 0]) * np.log(shares[:, 1] / shares[:, 0])).sum()
    )
