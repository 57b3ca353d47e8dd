"""A model against a baseline: intervals of both, of their difference, and a verdict."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import nan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from acrm.mining import evaluation
from acrm.mining.frames import (
    Floats,
    are_probabilities,
    binary_rows,
    floats,
    need_at_least,
    need_between,
    need_columns,
    need_probabilities,
    refuse,
    same_rows,
)

MIN_ROWS, MIN_OF_A_KIND = 50, 10  # fewer give intervals that do not hold
DRAWS = 500
LEVEL = 0.95

# Of observed and predicted: a measure by how often each row counts.
Metric = Callable[[Floats, Floats], evaluation.Counted]


class Verdict(StrEnum):
    """Whether a model earns its place over its baseline."""

    BETTER = "better"
    NOT_BETTER = "not_better"
    INSUFFICIENT_DATA = "insufficient_data"


class Comparison(NamedTuple):
    """A metric of a model and of its baseline on the same rows.

    ``gain`` is in favour of the model when above 0, whichever way the metric runs. What
    is not known is nan.
    """

    value: float = nan
    lo: float = nan
    hi: float = nan
    baseline_value: float = nan
    gain: float = nan
    gain_lo: float = nan
    gain_hi: float = nan
    n: int = 0


def verdict(comparison: Comparison, reason: str = "") -> Verdict:
    """Judge by the interval of the paired difference.

    ``better`` only if the whole interval is above 0; ``insufficient_data`` if there is
    a reason or no interval; else ``not_better``.
    """
    if reason or not np.isfinite([comparison.gain_lo, comparison.gain_hi]).all():
        return Verdict.INSUFFICIENT_DATA
    return Verdict.BETTER if comparison.gain_lo > 0 else Verdict.NOT_BETTER


def compare_losses(
    loss: npt.ArrayLike, baseline_loss: npt.ArrayLike, level: float = LEVEL
) -> Comparison:
    """Compare means of losses, row by row: Brier, absolute error, pinball loss.

    Parameters
    ----------
    loss, baseline_loss : array-like of shape (n,)
        Of the model and of the baseline on the same rows, which must be independent:
        give one row a customer (say, their mean), not one a customer and cut-off.
    level : float, default 0.95
        Of the intervals, which are Student's.

    Returns
    -------
    Comparison
        Intervals are nan with fewer than 2 rows.
    """
    need_between("level", level, 0, 1, "compare_losses")
    one, other = same_rows("compare_losses", loss, baseline_loss)
    value, low, high = _mean(one, level)
    gain, gain_low, gain_high = _mean(other - one, level)
    base = float(other.mean()) if len(other) else float("nan")
    return Comparison(value, low, high, base, gain, gain_low, gain_high, len(one))


def _mean(values: Floats, level: float) -> tuple[float, float, float]:
    if len(values) < 2:  # noqa: PLR2004
        middle = float(values[0]) if len(values) else float("nan")
        return middle, float("nan"), float("nan")
    middle = float(values.mean())
    error = values.std(ddof=1) / np.sqrt(len(values))
    away = float(stats.t.ppf((1 + level) / 2, len(values) - 1) * error)
    return middle, middle - away, middle + away


def compare_auc(
    observed: npt.ArrayLike,
    score: npt.ArrayLike,
    baseline: npt.ArrayLike,
    level: float = LEVEL,
) -> Comparison:
    """Compare two areas under the curve on the same rows.

    Parameters
    ----------
    observed : array-like of shape (n,)
        0 or 1.
    score, baseline : array-like of shape (n,)
        Higher means more likely 1.
    level : float, default 0.95
        Of the intervals, which are normal.

    Returns
    -------
    Comparison
        nan where all are 0 or all are 1.

    References
    ----------
    .. [1] DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the
       areas under two or more correlated receiver operating characteristic curves.
       Biometrics 44, 837-845.
    .. [2] Sun, X. and Xu, W. (2014). Fast implementation of DeLong's algorithm. IEEE
       Signal Processing Letters 21(11), 1389-1393.
    """
    need_between("level", level, 0, 1, "compare_auc")
    label, first, second = binary_rows("compare_auc", observed, score, baseline)
    ones, zeros = label == 1, label == 0
    if min(ones.sum(), zeros.sum()) < 2:  # noqa: PLR2004
        return Comparison(n=len(label))
    areas, of_ones, of_zeros = [], [], []
    for value in (first, second):
        ranks = stats.rankdata(value)
        above = (ranks[ones] - stats.rankdata(value[ones])) / zeros.sum()
        below = 1 - (ranks[zeros] - stats.rankdata(value[zeros])) / ones.sum()
        areas.append(float(above.mean()))
        of_ones.append(above)
        of_zeros.append(below)
    spread = np.cov(of_ones) / ones.sum() + np.cov(of_zeros) / zeros.sum()
    width = float(special.ndtri((1 + level) / 2))
    own = width * np.sqrt(spread[0, 0])
    both = width * np.sqrt(max(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1], 0.0))
    gain = areas[0] - areas[1]
    return Comparison(
        areas[0], areas[0] - own, areas[0] + own, areas[1], gain, gain - both,
        gain + both, len(label),
    )  # fmt: skip


def compare_by_bootstrap(
    metric: Metric,
    observed: npt.ArrayLike,
    predicted: npt.ArrayLike,
    baseline: npt.ArrayLike,
    higher_is_better: bool = True,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 1,
) -> Comparison:
    """Compare any metric of two predictions, by drawing the same rows for both.

    Parameters
    ----------
    metric : callable
        Takes observed and predicted, returns what gives a number by how often each row
        counts, such as :func:`~acrm.mining.evaluation.concentration_of`.
    observed, predicted, baseline : array-like of shape (n,)
        Rows must be independent: one row a customer.
    higher_is_better : bool, default True
        Whether a larger metric is in favour of the model.
    level : float, default 0.95
        Of the intervals, which are percentiles of the draws.
    draws : int, default 500
        Samples of n rows with replacement.
    seed : int, default 1
        The same seed gives the same interval.

    Returns
    -------
    Comparison
        Intervals are nan if the metric is undefined in more than 1 draw of 20.
    """
    need_between("level", level, 0, 1, "compare_by_bootstrap")
    real, one, other = same_rows("compare_by_bootstrap", observed, predicted, baseline)
    need_at_least("draws", draws, 1, "compare_by_bootstrap")
    rng = np.random.default_rng(seed)
    sign = 1.0 if higher_is_better else -1.0
    of_one, of_other = metric(real, one), metric(real, other)
    once = np.ones(len(real))
    value, base = of_one(once), of_other(once)
    drawn = np.full((draws, 2), np.nan)
    for number in range(draws if len(real) else 0):
        rows = rng.integers(len(real), size=len(real))
        counts = np.bincount(rows, minlength=len(real)).astype(float)
        drawn[number, 0] = of_one(counts)
        drawn[number, 1] = sign * (drawn[number, 0] - of_other(counts))
    drawn = drawn[~np.isnan(drawn).any(axis=1)]
    ends = [(1 - level) / 2, (1 + level) / 2]
    if len(drawn) >= 0.95 * draws:
        (low, gain_low), (high, gain_high) = np.quantile(drawn, ends, axis=0).tolist()
    else:
        low = high = gain_low = gain_high = float("nan")
    gain = sign * (value - base)
    return Comparison(value, low, high, base, gain, gain_low, gain_high, len(real))


def share_interval(
    successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Return Wilson's interval of shares.

    Parameters
    ----------
    successes, trials : array-like of shape (n,)
        Counts.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    low, high : ndarray of shape (n,)
        Within 0 to 1; nan without trials.

    Raises
    ------
    InputError
        If successes are not between 0 and trials.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and
       statistical inference. JASA 22, 209-212.
    """
    need_between("level", level, 0, 1, "share_interval")
    hits, n = same_rows("share_interval", successes, trials)
    outside = ~((hits >= 0) & (hits <= n))
    refuse(outside, "successes are not between 0 and trials", "share_interval")
    z = float(special.ndtri((1 + level) / 2))
    known = np.where(n > 0, n, np.nan)
    share = hits / known
    middle = (share + z**2 / (2 * known)) / (1 + z**2 / known)
    away = z / (1 + z**2 / known) * np.sqrt(
        share * (1 - share) / known + z**2 / (4 * known**2)
    )  # fmt: skip
    return np.maximum(middle - away, 0.0), np.minimum(middle + away, 1.0)


def compare_share(hits: float, trials: float, expected: float) -> Comparison:
    """Compare a share with one that was to be expected, by Wilson's interval of 95 %.

    Parameters
    ----------
    hits, trials : float
        Counts; a half counts half.
    expected : float
        The share to beat.

    Returns
    -------
    Comparison
        Of ``trials`` rows, in whole numbers; nan without any.

    Raises
    ------
    InputError
        If hits are not between 0 and trials.
    """
    (low,), (high,) = (one.tolist() for one in share_interval([hits], [trials]))
    share = hits / trials if trials else nan
    gain, gain_low, gain_high = (one - expected for one in (share, low, high))
    return Comparison(
        share, low, high, expected, gain, gain_low, gain_high, int(trials)
    )  # fmt: skip


def evaluate_probabilities(
    scored: pd.DataFrame,
    share: float = 0.1,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 1,
) -> pd.DataFrame:
    """Judge probabilities of an event against a baseline, on rows not learned from.

    Parameters
    ----------
    scored : DataFrame of shape (n_customers, >= 3)
        ``observed`` (0 or 1), ``predicted`` and ``baseline`` (probabilities, as far as
        the baseline has them: its Brier is null where it goes beyond 0 to 1). Rows with
        a null prediction are not judged, and said in ``reason``.
    share : float, default 0.1
        For the lift among the best.
    level : float, default 0.95
        Of the intervals.
    draws, seed : int, default 500 and 1
        Of the bootstrap that gives the lift its interval, the slow part.

    Returns
    -------
    DataFrame of shape (6, 11)
        ``metric`` (``auc``, ``gini``, ``lift``, ``brier``, ``calibration_slope``,
        ``calibration_intercept``), the fields of :class:`Comparison`, ``verdict`` (null
        for the calibration, which has no better side) and ``reason``.

    Raises
    ------
    InputError
        If a column is missing, observed is not 0 or 1, or a prediction is no
        probability.
    """
    columns = ["observed", "predicted", "baseline"]
    need_columns(scored, columns, "evaluate_probabilities")
    real, one, base = (floats(scored, c, "evaluate_probabilities") for c in columns)
    refuse(np.isnan(real), "observed is null", "evaluate_probabilities")
    known = ~(np.isnan(one) | np.isnan(base))
    real, one, base = real[known], one[known], base[known]
    need_probabilities(one, "evaluate_probabilities")
    left_out = f"{(~known).sum()} rows without a prediction" if not known.all() else ""
    kinds = int(real.sum()), int((1 - real).sum())
    reason = ""
    if len(real) < MIN_ROWS:
        reason = f"{len(real)} rows; at least {MIN_ROWS} are needed"
    elif min(kinds) < MIN_OF_A_KIND:
        reason = f"{kinds[0]} events and {kinds[1]} others; {MIN_OF_A_KIND} are needed"
    elif np.ptp(one) == 0:
        reason = "all predictions are equal"
    area = compare_auc(real, one, base, level)
    rows = {
        "auc": area,
        "gini": _gini(area),
        "lift": compare_by_bootstrap(
            lambda y, s: evaluation.lift_of(y, s, share), real, one, base, level=level,
            draws=draws if not reason else 1, seed=seed,
        ),
        "brier": _brier(real, one, base, level),
    }  # fmt: skip
    tables = [
        {"metric": metric, **row._asdict(), "verdict": str(verdict(row, reason))}
        for metric, row in rows.items()
    ]
    width = float(special.ndtri((1 + level) / 2))
    fits, base_fits = evaluation.calibration(real, one), {}
    if are_probabilities(base):
        base_fits = evaluation.calibration(real, base)
    for name, (value, error) in fits.items():
        tables.append(
            {
                "metric": f"calibration_{name}",
                "value": value,
                "lo": value - width * error,
                "hi": value + width * error,
                "baseline_value": base_fits.get(name, (np.nan,))[0],
                "gain": np.nan,
                "gain_lo": np.nan,
                "gain_hi": np.nan,
                "n": len(real),
                "verdict": None,
            }
        )
    return pd.DataFrame(tables).assign(
        reason="; ".join(part for part in (reason, left_out) if part)
    )


def _gini(area: Comparison) -> Comparison:
    """Twice the area less 1, and so its intervals."""
    return Comparison(
        value=2 * area.value - 1,
        lo=2 * area.lo - 1,
        hi=2 * area.hi - 1,
        baseline_value=2 * area.baseline_value - 1,
        gain=2 * area.gain,
        gain_lo=2 * area.gain_lo,
        gain_hi=2 * area.gain_hi,
        n=area.n,
    )


def _brier(real: Floats, one: Floats, base: Floats, level: float) -> Comparison:
    row = compare_losses((real - one) ** 2, (real - base) ** 2, level)
    if not are_probabilities(base):
        return row._replace(baseline_value=nan, gain=nan, gain_lo=nan, gain_hi=nan)
    return row
