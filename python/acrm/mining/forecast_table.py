"""Daily sales of parts and totals: forecasts that add up, and how they did before.

Every series, part or total, is smoothed by itself and then moved as little as its
errors allow so that parts add up to totals. The mean of the last four same weekdays and
the last week again need no moving: they add up by themselves. What is published of a
company is one method for all series, so that it adds up as well.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from acrm.mining.comparison import Comparison, Verdict, compare_losses
from acrm.mining.forecast import (
    MIN_ORIGINS,
    mean_of_same,
    seasonal_naive,
    smoothed_profile,
)
from acrm.mining.frames import (
    Floats,
    dates,
    floats,
    need_at_least,
    need_between,
    need_columns,
)
from acrm.mining.outcome import Status
from acrm.mining.reconciliation import reconcile, summing_matrix
from acrm.mining.score_table import EVALUATION, judged_row, unjudged_row

SYSTEM = ["id_space", "currency_code"]
KEYS = ["segment", "category", "region"]
LEVELS: list[list[str]] = [[], ["segment"], ["category"], ["region"]]
PART_LEVEL = "part"
ALL = "all"
WEEK = 7
SEASONS = 3  # of history before a past origin
MOST_ORIGINS = 13
MODEL = "forecast"
METHODS = ("smoothed_profile", "mean_of_same", "seasonal_naive")
FORECAST = [
    *SYSTEM, "as_of", "level", *KEYS, "forecast_date", "expected", "lo", "hi",
    "mean_of_same", "seasonal_naive", "method", "verdict", "status", "reason",
]  # fmt: skip


class Tree(NamedTuple):
    """Series of a company, a column each: totals first, the parts last."""

    names: pd.DataFrame
    summing: Floats
    values: Floats


def sales_forecast(
    days: pd.DataFrame, as_of: pd.Timestamp, horizon: int = 28, level: float = 0.8
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast daily sales of one company and currency, and judge it by its past.

    Parameters
    ----------
    days : DataFrame of shape (n_rows, >= 5)
        ``segment``, ``category``, ``region``, ``date_key`` and ``net_amount``: one row
        a part and day; days without a row had no sales. All to ``as_of``.
    as_of : Timestamp
        Last day that is known.
    horizon : int, default 28
        Days to forecast.
    level : float, default 0.8
        Of the intervals: quantiles of the errors on the same weekday at past origins,
        wider by (errors + 1) / errors.

    Returns
    -------
    forecasts : DataFrame of shape (n_series * horizon, 14)
        ``as_of``, ``level`` (``total``, ``segment``, ``category``, ``region``,
        ``part``), the three keys (``all`` in totals), ``forecast_date``; ``expected``
        with ``lo`` and ``hi``; the forecasts of the two simple methods; ``method`` that
        was published, its ``verdict``, ``status`` and ``reason``. Without three weeks
        of history there is one row a day of the total, and no number.
    evaluation : DataFrame of shape (n_metrics, 12)
        ``metric``, ``is_primary``, the fields of
        :class:`acrm.mining.comparison.Comparison`, ``verdict`` and ``reason``.
        ``scaled_error``, the primary one, is the mean absolute error over that of the
        last week again in the history, averaged over series and then over levels, at
        past origins whose days do not overlap, against the mean of the last four same
        weekdays; the same of each level, against the last week again, and
        ``coverage``, the share within the interval made of all other origins.

    Raises
    ------
    InputError
        If a column is missing, a key is null, a value is no number or no date, or a
        setting is out of range.
    """
    need_columns(days, [*KEYS, "date_key", "net_amount"], "sales_forecast")
    need_at_least("horizon", horizon, 1, "sales_forecast")
    need_between("level", level, 0, 1, "sales_forecast")
    tree = _tree(days, as_of)
    if len(tree.values) < SEASONS * WEEK:
        reason = f"{len(tree.values)} days of sales; {SEASONS * WEEK} are needed"
        return _no_forecast(as_of, horizon, reason), _judged_nothing(reason)
    past = _past(tree, horizon)
    judged = _evaluate(tree, past, level)
    primary = judged[judged["is_primary"]].iloc[0]
    is_better = primary["verdict"] == str(Verdict.BETTER)
    paths = _paths(tree, len(tree.values), horizon)
    method = METHODS[0] if is_better else METHODS[1]
    low, high = _ends(past.errors[method], level, horizon)
    steps = pd.date_range(as_of + pd.Timedelta(days=1), periods=horizon)
    rows = tree.names.loc[tree.names.index.repeat(horizon)].reset_index(drop=True)
    expected = paths[method]
    forecasts = rows.assign(
        as_of=as_of,
        forecast_date=np.tile(steps, len(tree.names)),
        expected=expected.T.ravel(),
        lo=(expected + low).T.ravel(),
        hi=(expected + high).T.ravel(),
        mean_of_same=paths["mean_of_same"].T.ravel(),
        seasonal_naive=paths["seasonal_naive"].T.ravel(),
        method=method,
        verdict=primary["verdict"],
        status=str(Status.OK),
        reason=primary["reason"],
    )
    return forecasts[FORECAST[2:]], judged


def _tree(days: pd.DataFrame, as_of: pd.Timestamp) -> Tree:
    day = dates(days, "date_key", "sales_forecast")
    amount = floats(days, "net_amount", "sales_forecast")
    parts = days[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    _, summing = summing_matrix(parts, LEVELS)
    table = days[KEYS].assign(day=day, amount=amount)
    wide = table.pivot_table(
        index="day", columns=KEYS, values="amount", aggfunc="sum", dropna=False,
        observed=True,
    )  # fmt: skip
    every = pd.date_range(day.min(), as_of) if len(days) else pd.DatetimeIndex([])
    wide = wide.reindex(index=every, columns=pd.MultiIndex.from_frame(parts))
    values = wide.to_numpy(np.float64, na_value=0.0) @ summing.T
    names = [
        {"level": columns[0] if columns else "total", **dict.fromkeys(KEYS, ALL), **key}
        for columns in LEVELS
        for key in (
            parts[columns].drop_duplicates().to_dict("records")
            if columns
            else [{}][: len(parts)]
        )
    ]
    names += [{"level": PART_LEVEL, **key} for key in parts.to_dict("records")]
    return Tree(pd.DataFrame(names, columns=["level", *KEYS]), summing, values)


class Past(NamedTuple):
    """What came less what each method foretold, at past origins."""

    errors: dict[str, Floats]
    scale: Floats


def _past(tree: Tree, horizon: int) -> Past:
    count = len(tree.values)
    starts = range(count - horizon, SEASONS * WEEK - 1, -horizon)
    errors: dict[str, list[Floats]] = {name: [] for name in METHODS}
    for start in sorted(starts[:MOST_ORIGINS]):
        came = tree.values[start : start + horizon]
        for name, path in _paths(tree, start, horizon).items():
            errors[name].append(came - path)
    empty = np.empty((0, horizon, tree.values.shape[1]))
    return Past(
        {name: np.array(found) if found else empty for name, found in errors.items()},
        np.abs(tree.values[WEEK:] - tree.values[:-WEEK]).mean(axis=0),
    )


def _paths(tree: Tree, start: int, horizon: int) -> dict[str, Floats]:
    """Forecasts of all methods from what was known before a day."""
    known = tree.values[:start]
    # a series that moves little from week to week is moved little as well; by the mean
    # and not by squares, or one odd day would make a small series bear all
    spread = np.abs(known[WEEK:] - known[:-WEEK]).mean(axis=0) ** 2
    smooth = smoothed_profile(known, horizon, WEEK)
    return {
        "smoothed_profile": reconcile(smooth, tree.summing, spread),
        "mean_of_same": mean_of_same(known, horizon, WEEK),
        "seasonal_naive": seasonal_naive(known, horizon, WEEK),
    }


def _ends(errors: Floats, level: float, horizon: int) -> tuple[Floats, Floats]:
    """Quantiles of errors on the same weekday, of shape (horizon, n_series)."""
    if len(errors) < MIN_ORIGINS:
        nothing = np.full(errors.shape[1:], np.nan)
        return nothing, nothing
    low, high = np.empty(errors.shape[1:]), np.empty(errors.shape[1:])
    for place in range(min(WEEK, horizon)):
        same = errors[:, place::WEEK].reshape(-1, errors.shape[2])
        wide = min(level * (len(same) + 1) / len(same), 1.0)
        ends = np.quantile(same, [(1 - wide) / 2, (1 + wide) / 2], axis=0)
        low[place::WEEK], high[place::WEEK] = ends
    return low, high


def _evaluate(tree: Tree, past: Past, level: float) -> pd.DataFrame:
    reason = ""
    own = past.errors[METHODS[0]]
    if len(own) < MIN_ORIGINS:
        reason = f"{len(own)} past origins that share no day; {MIN_ORIGINS} are needed"
    # a series that repeats itself from week to week has no scale
    scaled = past.scale > 0
    losses = {
        name: np.abs(found).mean(axis=1)[:, scaled] / past.scale[scaled]
        for name, found in past.errors.items()
    }
    of_level = tree.names["level"].to_numpy()[scaled]
    found_levels = list(dict.fromkeys(of_level))
    if not reason and not found_levels:
        reason = "all series repeat themselves from week to week"

    def loss(method: str, levels: list[str]) -> Floats:
        means = [losses[method][:, of_level == one].mean(axis=1) for one in levels]
        return np.mean(means, axis=0) if means else np.empty(0)

    rows: list[dict[str, Any]] = []

    def compare(metric: str, baseline: str, levels: list[str]) -> None:
        found = compare_losses(loss(METHODS[0], levels), loss(baseline, levels))
        is_primary = metric == "scaled_error"
        rows.append(judged_row(metric, found, reason, is_primary=is_primary))

    compare("scaled_error", "mean_of_same", found_levels)
    for one in found_levels:
        compare(f"scaled_error.{one}", "mean_of_same", [one])
    compare("scaled_error_to_seasonal_naive", "seasonal_naive", found_levels)
    share = Comparison(_coverage(own, level), n=len(own))
    rows.append(unjudged_row("coverage", share, reason))
    return pd.DataFrame(rows)


def _coverage(errors: Floats, level: float) -> float:
    """Share of errors within the interval that all other origins give."""
    if len(errors) <= MIN_ORIGINS:
        return float("nan")
    inside = []
    for number, one in enumerate(errors):
        low, high = _ends(np.delete(errors, number, axis=0), level, len(one))
        inside.append(((one >= low) & (one <= high)).mean())
    return float(np.mean(inside))


def _no_forecast(as_of: pd.Timestamp, horizon: int, reason: str) -> pd.DataFrame:
    steps = pd.date_range(as_of + pd.Timedelta(days=1), periods=horizon)
    numbers = ["expected", "lo", "hi", "mean_of_same", "seasonal_naive"]
    return pd.DataFrame({"forecast_date": steps}).assign(
        as_of=as_of,
        level="total",
        **dict.fromkeys(KEYS, ALL),
        **dict.fromkeys(numbers, np.nan),
        method="none",
        verdict=str(Verdict.INSUFFICIENT_DATA),
        status=str(Status.INSUFFICIENT_DATA),
        reason=reason,
    )[FORECAST[2:]]


def _judged_nothing(reason: str) -> pd.DataFrame:
    return pd.DataFrame(
        [judged_row("scaled_error", Comparison(), reason, is_primary=True)]
    )


def forecast_all(
    days: pd.DataFrame, cutoffs: pd.DataFrame, horizon: int, level: float = 0.8
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast each id space and currency by itself.

    Parameters
    ----------
    days : DataFrame of shape (n_rows, >= 7)
        As for :func:`sales_forecast`, with ``id_space`` and ``currency_code``.
    cutoffs : DataFrame of shape (n_id_spaces, >= 2)
        ``id_space`` and ``cutoff_date``, the last day that is known.
    horizon, level : int, float
        As for :func:`sales_forecast`.

    Returns
    -------
    forecasts : DataFrame of shape (n, 16)
        ``id_space``, ``currency_code`` and the columns of :func:`sales_forecast`.
    evaluation : DataFrame of shape (m, 16)
        As :func:`acrm.mining.score_table.evaluate_scores`; ``part`` is the currency.

    Raises
    ------
    InputError
        As :func:`sales_forecast`.
    """
    need_columns(days, SYSTEM, "forecast_all")
    need_columns(cutoffs, ["id_space", "cutoff_date"], "forecast_all")
    ends = dict(zip(cutoffs["id_space"], pd.to_datetime(cutoffs["cutoff_date"]),
                    strict=True))  # fmt: skip
    told, judged = [], []
    for (space, currency), group in days.groupby(SYSTEM, sort=True):
        end = ends[space]
        paths, rows = sales_forecast(group, end, horizon, level)
        told.append(paths.assign(id_space=space, currency_code=currency))
        judged.append(
            rows.assign(model=MODEL, id_space=space, part=currency, cutoff_date=end)
        )
    if not told:
        moment = pd.Timestamp(0)
        told = [_no_forecast(moment, 1, "").assign(id_space="", currency_code="")]
        judged = [
            _judged_nothing("").assign(
                model=MODEL, id_space="", part="", cutoff_date=moment
            )
        ]
        return told[0].head(0)[FORECAST], judged[0].head(0)[EVALUATION]
    return (
        pd.concat(told, ignore_index=True)[FORECAST],
        pd.concat(judged, ignore_index=True)[EVALUATION],
    )
