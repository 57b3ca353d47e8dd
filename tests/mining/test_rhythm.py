"""The own rhythm: planted truths, coverage of the due dates, stages by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from mining.fits import known, likelihood_of, slopes
from scipy import integrate, stats

from acrm.errors import InputError
from acrm.mining import rhythm
from acrm.mining.outcome import Status
from acrm.mining.rhythm import StageRules

AS_OF = pd.Timestamp("2024-12-31")
KNOWN = known(rhythm, [2.0, 5.0, 40.0])


def simulated(shape, a, b, count, seed=1):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(a, 1 / b, count)
    n = rng.integers(0, 9, count)
    gaps = rng.gamma(shape, 1, (count, 9)) / rate[:, None]
    used = np.arange(9) < n[:, None]
    frame = pd.DataFrame(
        {
            "intervals": n,
            "total_days": np.where(used, gaps, 0).sum(axis=1),
            "log_days": np.where(used, np.log(gaps), 0).sum(axis=1),
            "silent_days": 0.0,
            "last_interval_days": np.nan,
        }
    )
    return frame, rng.gamma(shape, 1, count) / rate


def test_planted_rhythms_are_found_and_due_dates_hold():
    summary, following = simulated(3.0, 4.0, 30.0, 5000)
    fit = rhythm.fit(summary)
    assert fit.status is Status.OK
    assert np.abs((fit.estimates - [3.0, 4.0, 30.0]) / fit.standard_errors).max() < 3
    found = rhythm.predict(fit, summary)
    inside = (following >= found["due_lo"]) & (following <= found["due_hi"])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    assert (following < found["own_cycle_days"]).mean() == pytest.approx(0.5, abs=0.03)


def test_due_dates_hold_given_the_silence_so_far():
    summary, following = simulated(2.0, 5.0, 40.0, 30_000, seed=2)
    silent = np.full(len(summary), 12.0)
    rows = following > silent
    now = summary.assign(silent_days=silent)[rows]
    found = rhythm.predict(KNOWN, now)
    left = following[rows] - silent[rows]
    inside = (left >= found["due_lo"]) & (left <= found["due_hi"])
    assert inside.mean() == pytest.approx(0.8, abs=0.015)
    # those who are still silent are as many as was said
    everyone = rhythm.predict(KNOWN, summary.assign(silent_days=silent))
    assert everyone["p_longer"].mean() == pytest.approx(rows.mean(), abs=0.01)


def test_the_next_interval_is_a_mixture_of_gammas():
    shape, a, b, n, total, silent = 2.0, 3.0, 20.0, 4, 90.0, 25.0
    rate = stats.gamma(a + shape * n, scale=1 / (b + total))
    longer, _ = integrate.quad(
        lambda r: rate.pdf(r) * stats.gamma.sf(silent, shape, scale=1 / r), 0, 2
    )
    summary = pd.DataFrame(
        {"intervals": [n], "total_days": [total], "silent_days": [silent]}
    )
    found = rhythm.predict(known(rhythm, [shape, a, b]), summary)
    assert found["p_longer"].item() == pytest.approx(longer)


def test_the_likelihood_and_its_gradient(monkeypatch):
    summary, _ = simulated(3.0, 4.0, 30.0, 60)
    likelihood = likelihood_of(rhythm, summary, monkeypatch)
    at = np.array([2.0, 3.0, 20.0])
    assert likelihood(at)[1] == pytest.approx(slopes(likelihood, at), rel=1e-5)


def test_intervals_by_hand():
    orders = pd.DataFrame(
        [
            ("A", "2024-01-01"), ("A", "2024-01-11"), ("A", "2024-01-11"),
            ("A", "2024-02-10"), ("B", "2024-12-01"), ("A", "2025-02-01"),
        ],
        columns=["customer_id", "order_date"],
    )  # fmt: skip
    found = rhythm.summarise_intervals(orders, AS_OF)
    assert found["customer_id"].tolist() == ["A", "B"]
    assert found["intervals"].tolist() == [2, 0]
    assert found["total_days"].tolist() == [40, 0]
    assert found["log_days"].tolist() == pytest.approx([np.log(10) + np.log(30), 0])
    assert found["silent_days"].tolist() == [325, 30]
    assert found["last_interval_days"].tolist()[0] == 30
    with pytest.raises(InputError, match="'order_date' holds what is no date"):
        rhythm.summarise_intervals(orders.replace("2024-02-10", "soon"), AS_OF)


@pytest.mark.parametrize(("count", "intervals"), [(0, 3), (1, 3), (50, 0), (50, 1)])
def test_what_is_too_thin_is_said(count, intervals):
    summary = pd.DataFrame(
        {
            "intervals": [intervals] * count,
            "total_days": [10.0 * intervals] * count,
            "log_days": [np.log(10.0) * intervals] * count,
            "silent_days": [3.0] * count,
            "last_interval_days": [np.nan] * count,
        }
    ).astype(float)
    fit = rhythm.fit(summary)
    assert fit.status is Status.INSUFFICIENT_DATA
    found = rhythm.predict(fit, summary)
    assert found["own_cycle_days"].isna().all()
    assert (found["status"] == "insufficient_data").all()
    stages = rhythm.lifecycle_stage(summary, found["own_cycle_days"], StageRules())
    assert stages.isna().all()


@pytest.mark.parametrize(
    ("silent", "message"),
    [(None, "predict: a value is null"), (-1.0, "predict: silent_days is negative")],
)
def test_a_silence_is_known_and_not_negative(silent, message):
    summary = pd.DataFrame(
        {"intervals": [1.0], "total_days": [9.0], "silent_days": [silent]}
    )
    with pytest.raises(InputError, match=message):
        rhythm.predict(KNOWN, summary)


def test_exact_rhythms_are_a_boundary():
    days = np.tile([7.0, 14.0, 30.0], 30)
    summary = pd.DataFrame(
        {"intervals": 5, "total_days": 5 * days, "log_days": 5 * np.log(days)}
    )
    assert rhythm.fit(summary).status is Status.BOUNDARY


def test_stages_by_hand():
    rows = {
        "new": (0, 10, None, 30),
        "at_risk": (4, 50, 30, 30),
        "active": (4, 40, 30, 30),
        "lapsed": (4, 100, 30, 30),
        "former": (4, 200, 30, 30),
        "reactivated": (4, 10, 95, 30),
    }
    summary = pd.DataFrame(
        [row[:3] for row in rows.values()],
        columns=["intervals", "silent_days", "last_interval_days"],
        index=list(rows),
    )
    cycle = pd.Series([row[3] for row in rows.values()], index=list(rows))
    found = rhythm.lifecycle_stage(summary, cycle, StageRules())
    assert found.to_dict() == {name: name for name in rows}


def test_floors_keep_quick_buyers_active():
    summary = pd.DataFrame(
        {"intervals": [90], "silent_days": [15], "last_interval_days": [2]}
    )
    cycle = pd.Series([2.0])
    assert rhythm.lifecycle_stage(summary, cycle, StageRules()).item() == "active"
    no_floors = StageRules(at_risk_days=1, lapsed_days=1, former_days=1)
    assert rhythm.lifecycle_stage(summary, cycle, no_floors).item() == "former"


def test_rules_must_rise():
    with pytest.raises(InputError, match="must be above 0 and rise"):
        StageRules(lapsed=9, former=6)
