"""Short series by day or month: two simple forecasts, two models, and intervals.

Series come as columns of an array, one row a period, without gaps. One model is
exponential smoothing of seasons spread by their usual shares; the other is exponential
smoothing with a damped trend and an additive season; of a grid of smoothing
constants each series takes those with the least squared error one step ahead.

When not to use it: for openings, promotions and moving holidays, which no series knows
of itself; and where most periods are 0.

References
----------
.. [1] Gardner, E. S. and McKenzie, E. (1985). Forecasting trends in time series.
   Management Science 31(10), 1237-1246.
.. [2] Hyndman, R. J. and Athanasopoulos, G. (2021). Forecasting: principles and
   practice, 3rd edition, sections 5.5, 5.10 and 8.4. OTexts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from acrm.errors import InputError
from acrm.mining.comparison import Comparison, Verdict, compare_losses, verdict
from acrm.mining.frames import Floats, Integers, need_at_least, need_between

Method = Callable[[Floats, int, int], Floats]
LEVELS = (0.05, 0.15, 0.3, 0.5)
TRENDS = (0.0, 0.02, 0.1)
SEASONS = (0.02, 0.1, 0.3)
DAMPING = 0.95
SAME_PERIODS = 4
PROFILE_SEASONS = 26
MIN_ORIGINS = 8
FORECAST = [
    "series", "step", "expected", "lo", "hi", "method", "error", "baseline_error",
    "verdict", "reason",
]  # fmt: skip


def read_series(values: npt.ArrayLike, function: str) -> Floats:
    """Return series as an array of shape (periods, n_series).

    Raises
    ------
    InputError
        If a value is null or infinite, or there are more than two dimensions.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim == 1:
        series = series[:, None]
    if series.ndim != 2:  # noqa: PLR2004
        raise InputError(f"{function}: series have {series.ndim} dimensions, not 2.")
    if not np.isfinite(series).all():
        row, column = np.argwhere(~np.isfinite(series))[0]
        raise InputError(
            f"{function}: period {row} of series {column} has no finite value.",
            hint="fill periods without sales with 0 first",
        )
    return series


def seasonal_naive(history: npt.ArrayLike, horizon: int, season: int) -> Floats:
    """Repeat the last season.

    Parameters
    ----------
    history : array-like of shape (periods, n_series)
        In order of time, at least one season.
    horizon : int
        Periods to forecast.
    season : int
        Periods in a season, such as 7 for days.

    Returns
    -------
    ndarray of shape (horizon, n_series)
    """
    series = _enough(history, horizon, season, 1, "seasonal_naive")
    last: Floats = series[-season:][np.arange(horizon) % season]
    return last


def mean_of_same(history: npt.ArrayLike, horizon: int, season: int) -> Floats:
    """Average the last four periods at the same place of the season.

    With ``season`` 7 it is the mean of the last four same weekdays. Parameters and
    return are those of :func:`seasonal_naive`; a history of fewer than four seasons is
    averaged over the whole ones that there are.
    """
    series = _enough(history, horizon, season, 1, "mean_of_same")
    seasons = min(len(series) // season, SAME_PERIODS)
    last = series[-seasons * season :].reshape(seasons, season, -1).mean(axis=0)
    return np.asarray(last[np.arange(horizon) % season])


def damped_smoothing(history: npt.ArrayLike, horizon: int, season: int) -> Floats:
    """Smooth level, damped trend and season exponentially, each series by itself.

    Parameters and return are those of :func:`seasonal_naive`, but the history has to
    have two seasons. A season of 1 is no season.
    """
    series = _enough(history, horizon, season, 2, "damped_smoothing")
    shifts = SEASONS if season > 1 else (0.0,)
    grid = np.array(list(product(LEVELS, TRENDS, shifts)))
    level_rate, trend_rate, season_rate = grid.T[:, :, None]
    count, width = series.shape[1], len(grid)
    first, second = (
        series[:season].mean(axis=0),
        series[season : 2 * season].mean(axis=0),
    )
    level = np.tile(first, (width, 1))
    trend = np.tile((second - first) / season, (width, 1)) * (trend_rate > 0)
    shape = (series[: 2 * season].reshape(2, season, count)).mean(axis=0)
    # one array a place of the season, since each is changed in its turn
    places = [np.tile(one, (width, 1)) for one in shape - shape.mean(axis=0)]
    errors = np.zeros((width, count))
    for time, value in enumerate(series):
        place = time % season
        expected = level + DAMPING * trend
        error = value - expected - places[place]
        # the first season only settles the level
        if time >= season:
            errors += error**2
        new = expected + level_rate * error
        trend = DAMPING * trend + trend_rate * level_rate * error
        places[place] = places[place] + season_rate * (1 - level_rate) * error
        level = new
    best = np.argmin(errors, axis=0)
    columns = np.arange(count)
    steps = np.cumsum(DAMPING ** np.arange(1, horizon + 1))[:, None]
    ahead = (len(series) + np.arange(horizon)) % season
    seasonal = np.array([one[best, columns] for one in places])[ahead]
    ahead_of: Floats = level[best, columns] + steps * trend[best, columns] + seasonal
    return ahead_of


def smoothed_profile(history: npt.ArrayLike, horizon: int, season: int) -> Floats:
    """Smooth the sum of a season exponentially, and spread it by its usual shares.

    Parameters and return are those of :func:`seasonal_naive`. Shares are those of the
    last 26 seasons (half a year of weeks): many weeks say better how a week runs, few
    say better how much it holds. Of a grid of smoothing constants each series takes
    the one with the least squared error one season ahead.
    """
    series = _enough(history, horizon, season, 1, "smoothed_profile")
    seasons = len(series) // season
    whole = series[-seasons * season :].reshape(seasons, season, -1)
    sums = whole.sum(axis=1)
    rates = np.array(LEVELS)[:, None]
    level = np.tile(sums[0], (len(LEVELS), 1))
    errors = np.zeros_like(level)
    for value in sums[1:]:
        errors += (value - level) ** 2
        level = level + rates * (value - level)
    best = np.argmin(errors, axis=0)
    usual = whole[-PROFILE_SEASONS:].sum(axis=0)
    total = usual.sum(axis=0)
    shares = np.where(total > 0, usual / np.where(total > 0, total, 1.0), 1 / season)
    one: Floats = shares * level[best, np.arange(level.shape[1])]
    return np.asarray(one[np.arange(horizon) % season])


METHODS: dict[str, Method] = {
    "seasonal_naive": seasonal_naive,
    "mean_of_same": mean_of_same,
    "smoothed_profile": smoothed_profile,
    "damped_smoothing": damped_smoothing,
}


def _enough(
    history: npt.ArrayLike, horizon: int, season: int, seasons: int, function: str
) -> Floats:
    series = read_series(history, function)
    if horizon < 1 or season < 1:
        raise InputError(f"{function}: horizon {horizon}, season {season}; 1 or more.")
    if len(series) < seasons * season:
        raise InputError(
            f"{function}: {len(series)} periods; {seasons * season} or more are needed."
        )
    return series


def rolling_errors(
    history: npt.ArrayLike, method: Method, horizon: int, season: int, origins: int
) -> Floats:
    """Forecast from past origins and return what came less what was forecast.

    Parameters
    ----------
    history : array-like of shape (periods, n_series)
        In order of time.
    method : callable
        One of :data:`METHODS`.
    horizon, season : int
        As for the method.
    origins : int
        How many; they lie ``horizon`` apart at most, one period at least, the last so
        that its horizon ends with the history. Those with fewer than three seasons
        before them are left out.

    Returns
    -------
    ndarray of shape (<= origins, horizon, n_series)

    Raises
    ------
    InputError
        If the series have gaps, or a setting is below 1.
    """
    series = read_series(history, "rolling_errors")
    settings = {"horizon": horizon, "season": season, "origins": origins}
    for name, value in settings.items():
        need_at_least(name, value, 1, "rolling_errors")
    last = len(series) - horizon
    first = 3 * season
    if last < first:
        return np.empty((0, horizon, series.shape[1]))
    apart = _apart(len(series), horizon, season, origins)
    starts = [last - apart * back for back in range(origins)]
    starts = sorted(start for start in starts if start >= first)
    return np.array(
        [
            series[start : start + horizon] - method(series[:start], horizon, season)
            for start in starts
        ]
    )


def forecast(
    history: npt.ArrayLike,
    names: Sequence[str],
    horizon: int,
    season: int,
    baseline: str = "mean_of_same",
    origins: int = 26,
    level: float = 0.8,
) -> pd.DataFrame:
    """Forecast each series by the model where it beats the baseline, else by that.

    Parameters
    ----------
    history : array-like of shape (periods, n_series)
        In order of time, without gaps.
    names : sequence of str
        One a series.
    horizon, season : int
        Periods to forecast, and in a season.
    baseline : str, default ``mean_of_same``
        Name of the method to beat; ``seasonal_naive`` is the other.
    origins : int, default 26
        Past origins that intervals and verdict come from.
    level : float, default 0.8
        Of the intervals: quantiles of the errors at each step over the origins, wider
        by (origins + 1) / origins, since few errors do not show the rare ones.

    Returns
    -------
    DataFrame of shape (n_series * horizon, 10)
        ``series``, ``step`` (1 is the next period), ``expected``, ``lo``, ``hi``,
        ``method`` that was used, ``error`` and ``baseline_error`` (mean absolute, over
        origins that share no period), ``verdict`` of the model, ``reason``. With too
        little history for a verdict the baseline is used; without 8 origins there are
        no intervals, and without a season no forecast.

    Raises
    ------
    InputError
        If the series have gaps, names and series differ in number, or a setting is out
        of range.
    """
    series = read_series(history, "forecast")
    if baseline not in METHODS:
        raise InputError(
            f"forecast: there is no method {baseline!r}.",
            hint=f"there are: {', '.join(METHODS)}",
        )
    need_between("level", level, 0, 1, "forecast")
    if len(names) != series.shape[1]:
        raise InputError(f"forecast: {len(names)} names for {series.shape[1]} series.")
    own = rolling_errors(series, damped_smoothing, horizon, season, origins)
    base = rolling_errors(series, METHODS[baseline], horizon, season, origins)
    alone = _alone(len(series), len(own), horizon, season, origins)
    reason = ""
    if len(alone) < MIN_ORIGINS:
        reason = f"{len(alone)} past origins that share no period; at least "
        reason += f"{MIN_ORIGINS} are needed"
    paths = {
        name: METHODS[name](series, horizon, season)
        for name, seasons in (("damped_smoothing", 2), (baseline, 1))
        if len(series) >= seasons * season
    }
    parts = []
    for number, name in enumerate(names):
        found = _compare(own[alone, :, number], base[alone, :, number])
        judged = verdict(found, reason)
        better = judged is Verdict.BETTER
        used = "damped_smoothing" if better else baseline
        middle = low = high = np.full(horizon, np.nan)
        if used in paths:
            middle = paths[used][:, number]
        errors = (own if better else base)[:, :, number]
        if len(errors) >= MIN_ORIGINS:
            low, high = (middle + end for end in _ends(errors, level))
        parts.append(
            pd.DataFrame(
                {
                    "series": name,
                    "step": np.arange(1, horizon + 1),
                    "expected": middle,
                    "lo": low,
                    "hi": high,
                    "method": used if used in paths else None,
                    "error": found.value,
                    "baseline_error": found.baseline_value,
                    "verdict": str(judged),
                    "reason": reason,
                }
            )
        )
    if not parts:
        return pd.DataFrame(columns=FORECAST)
    return pd.concat(parts, ignore_index=True)


def _alone(
    periods: int, found: int, horizon: int, season: int, origins: int
) -> Integers:
    """Places of past origins whose horizons share no period: others count twice."""
    apart = _apart(periods, horizon, season, origins)
    every = -(-horizon // apart)
    return np.arange(found)[::-1][::every][::-1]


def _apart(periods: int, horizon: int, season: int, origins: int) -> int:
    span = periods - horizon - 3 * season
    return max(min(horizon, span // max(origins - 1, 1)), 1)


def _compare(own: Floats, base: Floats) -> Comparison:
    """Mean absolute errors of each origin, in pairs."""
    return compare_losses(np.abs(own).mean(axis=1), np.abs(base).mean(axis=1))


def _ends(errors: Floats, level: float) -> Floats:
    """Quantiles of the errors of each step, of shape (2, horizon)."""
    wide = min(level * (len(errors) + 1) / len(errors), 1.0)
    return np.quantile(errors, [(1 - wide) / 2, (1 + wide) / 2], axis=0)
