"""Forecasts by hand, of planted series, and sums that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from acrm.errors import InputError
from acrm.mining import forecast, reconciliation

WEEK = np.array([5.0, 6, 7, 8, 20, 30, 1])


def noisy(count, periods=200, slope=0.0, noise=3.0, seed=1):
    rng = np.random.default_rng(seed)
    time = np.arange(periods)
    one = 50 + WEEK[time % 7] + slope * time
    return one[:, None] + rng.normal(0, noise, (periods, count))


def test_simple_forecasts_by_hand():
    history = np.r_[np.ones(7), 2 * np.ones(7), 3 * np.ones(7), WEEK, 2 * WEEK]
    naive = forecast.seasonal_naive(history, 9, 7)
    assert naive[:, 0].tolist() == [*(2 * WEEK), 2 * WEEK[0], 2 * WEEK[1]]
    mean = forecast.mean_of_same(history, 7, 7)
    assert np.allclose(mean[:, 0], (2 + 3 + WEEK + 2 * WEEK) / 4)
    short = forecast.mean_of_same(np.r_[WEEK, 3 * WEEK], 7, 7)
    assert np.allclose(short[:, 0], 2 * WEEK)


def test_a_series_without_noise_is_continued():
    for method in forecast.METHODS.values():
        ahead = method(np.tile(WEEK, 12), 10, 7)
        assert np.allclose(ahead[:, 0], np.tile(WEEK, 2)[:10])
        assert np.allclose(method(np.full((40, 2), 5.0), 3, 1), 5.0)


def test_a_trend_is_followed_and_damped():
    ahead = forecast.damped_smoothing(np.arange(120.0), 5, 1)[:, 0]
    assert 118 < ahead[0] < 121
    assert (np.diff(ahead) > 0).all()
    assert (np.diff(ahead, 2) < 0).all()


def test_series_do_not_mix():
    both = noisy(2)
    apart = [forecast.damped_smoothing(both[:, [n]], 7, 7) for n in (0, 1)]
    assert np.allclose(forecast.damped_smoothing(both, 7, 7), np.hstack(apart))
    assert np.allclose(
        forecast.damped_smoothing(10 * both, 7, 7), 10 * np.hstack(apart)
    )


def test_origins_never_see_what_comes():
    history = noisy(2, 90)
    errors = forecast.rolling_errors(history, forecast.seasonal_naive, 7, 7, 5)
    assert errors.shape == (5, 7, 2)
    assert np.allclose(errors[-1], history[-7:] - history[-14:-7])
    changed = history.copy()
    changed[-7:] += 1000
    again = forecast.rolling_errors(changed, forecast.damped_smoothing, 7, 7, 5)
    before = forecast.rolling_errors(history, forecast.damped_smoothing, 7, 7, 5)
    assert np.allclose(again[-1] - before[-1], 1000)
    assert np.allclose(again[:-1], before[:-1])


def test_the_model_is_taken_where_it_is_better_and_intervals_hold():
    rising, steady = noisy(1, 400, slope=1.5), noisy(1, 400, noise=6.0, seed=2)
    later = np.hstack([rising, steady])
    found = forecast.forecast(
        later[:-28], ["rising", "steady"], 28, 7, origins=40
    ).set_index("series")
    assert found.loc["rising", "method"].unique().tolist() == ["damped_smoothing"]
    assert found.loc["rising", "verdict"].unique().tolist() == ["better"]
    assert (found["error"] > 0).all()
    steady_rows = found.loc["steady"]
    inside = (later[-28:, 1] >= steady_rows["lo"]) & (
        later[-28:, 1] <= steady_rows["hi"]
    )
    assert 0.6 <= inside.mean() <= 0.97


def test_a_walk_falls_back_to_the_naive():
    rng = np.random.default_rng(0)
    steps = np.repeat(rng.normal(size=40).cumsum() * 30, 7)
    found = forecast.forecast(
        100 + steps + np.tile(WEEK, 40), ["walk"], 7, 7, baseline="seasonal_naive"
    )
    assert found["verdict"].unique().tolist() == ["not_better"]
    assert found["method"].unique().tolist() == ["seasonal_naive"]


@pytest.mark.parametrize("periods", [0, 1, 6, 20, 60])
def test_a_short_history_is_not_judged(periods):
    history = noisy(2, periods)
    found = forecast.forecast(history, ["a", "b"], 7, 7)
    assert len(found) == 14
    assert found["verdict"].unique().tolist() == ["insufficient_data"]
    assert "past origins that share no period; at least 8" in found["reason"].iloc[0]
    if periods < 7:
        assert found[["expected", "lo", "method"]].isna().all(axis=None)
    else:
        base = forecast.mean_of_same(history, 7, 7)
        assert np.allclose(found["expected"], base.T.ravel())
        assert found["method"].unique().tolist() == ["mean_of_same"]
    # origins that overlap are enough for an interval, not for a verdict
    assert found["lo"].notna().all() == (periods == 60)


def test_no_series_are_a_table_without_rows():
    none = forecast.forecast(np.ones((60, 0)), [], 7, 7)
    one = forecast.forecast(np.ones((60, 1)), ["a"], 7, 7)
    assert none.empty
    assert none.columns.tolist() == one.columns.tolist()


def test_a_series_of_nothing_is_forecast_as_nothing():
    found = forecast.forecast(np.zeros((120, 1)), ["closed"], 7, 7)
    assert (found["expected"] == 0).all()
    assert found["verdict"].unique().tolist() == ["not_better"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0], [np.nan]], ["a"], 1, 1), "period 1 of series 0 has no finite value"),
        ((np.ones((9, 2)), ["a"], 1, 1), "1 names for 2 series"),
        ((np.ones((9, 1)), ["a"], 1, 1, "naive"), "there is no method 'naive'"),
        ((np.ones((9, 1)), ["a"], 0, 1), "horizon is 0, not 1 or more"),
        ((np.ones((9, 1)), ["a"], 1, 0), "season is 0, not 1 or more"),
        ((np.ones((9, 1)), ["a"], 1, 1, "mean_of_same", 0), "origins is 0, not 1 or"),
    ],
)
def test_series_and_settings_are_checked(arguments, message):
    with pytest.raises(InputError, match=message):
        forecast.forecast(*arguments)


def test_totals_hold_their_parts():
    parts = pd.DataFrame({"region": ["N", "N", "S"], "class": ["x", "y", "x"]})
    names, matrix = reconciliation.summing_matrix(parts, [[], ["region"]])
    assert names == [
        "total", "region=N", "region=S", "region=N, class=x", "region=N, class=y",
        "region=S, class=x",
    ]  # fmt: skip
    assert matrix[0].tolist() == [1, 1, 1]
    assert matrix[1].tolist() == [1, 1, 0]
    assert np.array_equal(matrix[3:], np.eye(3))
    # a whole number stays one beside a share
    parts = pd.DataFrame({"year": [2023, 2024], "rate": [0.5, 1.5]})
    names, _ = reconciliation.summing_matrix(parts, [["year"]])
    assert names[:2] == ["year=2023", "year=2024"]


def test_reconciled_forecasts_add_up_and_are_mint():
    rng = np.random.default_rng(2)
    parts = pd.DataFrame({"region": ["N", "N", "S"], "class": ["x", "y", "x"]})
    _, matrix = reconciliation.summing_matrix(parts, [[], ["region"]])
    wanted, spread = rng.normal(50, 9, (4, 6)), rng.uniform(1, 9, 6)
    found = reconciliation.reconcile(wanted, matrix, spread)
    # S (S' W^-1 S)^-1 S' W^-1, as the paper writes it
    inverse = np.diag(1 / spread)
    project = matrix @ np.linalg.inv(matrix.T @ inverse @ matrix) @ matrix.T @ inverse
    assert np.allclose(found, wanted @ project.T)
    assert np.allclose(found[:, :3], found[:, 3:] @ matrix[:3].T)
    # what adds up already stays
    assert np.allclose(reconciliation.reconcile(found, matrix, spread), found)


def test_infinite_variances_of_totals_are_bottom_up():
    matrix = np.array([[1, 1], [1, 0], [0, 1]], float)
    found = reconciliation.reconcile([[99, 3, 4]], matrix, [np.inf, 1, 1])
    assert found.tolist() == [[7, 3, 4]]
    moved = reconciliation.reconcile([[10, 3, 4]], matrix, [1, 1, 1])
    assert np.allclose(moved, [[9, 4, 5]])
    assert np.isfinite(reconciliation.reconcile([[9, 3, 4]], matrix, [0, 0, 0])).all()


def test_shapes_that_do_not_fit_are_refused():
    matrix = np.array([[1, 1], [1, 0], [0, 1]], float)
    with pytest.raises(InputError, match="2 forecasts and 3 variances for 3 series"):
        reconciliation.reconcile([[1, 2]], matrix, [1, 1, 1])
    with pytest.raises(InputError, match="null or negative"):
        reconciliation.reconcile([[1, 2, np.nan]], matrix, [1, 1, 1])
    with pytest.raises(InputError, match="variance of a part is infinite"):
        reconciliation.reconcile([[9, 3, 4]], matrix, [1, np.inf, 1])
    with pytest.raises(InputError, match="same keys"):
        reconciliation.summing_matrix(pd.DataFrame({"a": ["x", "x"]}), [[]])


def test_a_profile_by_hand():
    # two seasons of sums 10 and 20: without an error the level is the first, and every
    # constant is tried on the second; a half of the way has the least error on a third
    history = np.array([[4.0, 6.0], [8.0, 12.0], [6.0, 9.0]]).reshape(-1, 1)
    found = forecast.smoothed_profile(history, 3, 2)
    # 10, then 10 + r (20 - 10), then towards 15: all miss the 20 by 10, and r = 0.5
    # foretells the 15 exactly, so the level stays 15 and is shared 18 to 27
    assert found.ravel().tolist() == pytest.approx([6.0, 9.0, 6.0])


def test_a_profile_of_nothing_is_nothing():
    assert (forecast.smoothed_profile(np.zeros((14, 2)), 7, 7) == 0).all()
