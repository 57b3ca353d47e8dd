"""BG/NBD and Pareto/NBD: published numbers, the papers' formulas, planted truths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mining.fits import known, likelihood_of, slopes
from scipy import integrate, special

from acrm.errors import InputError
from acrm.mining import bg_nbd, pareto_nbd, predicting
from acrm.mining.outcome import Status
from acrm.mining.predicting import smallest_count
from acrm.mining.summaries import group_customers, summarise_orders

MODELS = [bg_nbd, pareto_nbd]
# Fader, Hardie and Lee (2005), table 2: CDNOW
PUBLISHED = {
    "bg_nbd": [0.243, 4.414, 0.793, 2.426],
    "pareto_nbd": [0.553, 10.578, 0.606, 11.669],
}


def customers(*rows):
    return pd.DataFrame(rows, columns=["x", "t_x", "T"])


def simulated(model, estimates, count, length, seed=1):
    """(x, t_x, T) of customers who live by the model, and their orders thereafter."""
    rng = np.random.default_rng(seed)
    r, alpha, third, fourth = estimates
    rate = rng.gamma(r, 1 / alpha, count)
    t_end = rng.uniform(length / 2, length, count)
    most = 250
    gaps = rng.exponential(1, (count, most)) / rate[:, None]
    times = gaps.cumsum(axis=1)
    if model is bg_nbd:
        p = rng.beta(third, fourth, count)
        stays = rng.random((count, most)) >= p[:, None]
        before = np.cumprod(np.c_[np.ones(count, bool), stays[:, :-1]], axis=1)
        times = np.where(before > 0, times, np.inf)
    else:
        leaves = rng.exponential(1, count) / rng.gamma(third, 1 / fourth, count)
        times = np.where(times <= leaves[:, None], times, np.inf)
    seen = times <= t_end[:, None]
    t_x = np.where(seen, times, 0).max(axis=1)
    frame = pd.DataFrame({"x": seen.sum(axis=1), "t_x": t_x, "T": t_end})
    later = (times <= t_end[:, None] + length) & ~seen
    return frame, later.sum(axis=1)


def test_predictions_of_one_customer_are_the_published_ones():
    # Hardie, Implementing the BG/NBD model in Excel (2004): 1.226 orders in 39 weeks
    one = customers((2, 30.43, 38.86))
    scores = bg_nbd.predict(known(bg_nbd, PUBLISHED["bg_nbd"]), one, 39)
    assert scores["expected_orders"].item() == pytest.approx(1.226, abs=5e-4)
    # the walk-through of the R package BTYD: customer 1516, 52 weeks
    busy = customers((26, 30.86, 31.0))
    scores = pareto_nbd.predict(known(pareto_nbd, PUBLISHED["pareto_nbd"]), busy, 52)
    assert scores["expected_orders"].item() == pytest.approx(25.46, abs=5e-3)
    assert scores["p_alive"].item() == pytest.approx(0.9979, abs=5e-5)


@pytest.mark.parametrize(("x", "t_x"), [(0, 0.0), (1, 5.0), (4, 30.0), (29, 38.0)])
def test_bg_nbd_expects_what_the_hypergeometric_formula_says(x, t_x):
    r, alpha, a, b = PUBLISHED["bg_nbd"]
    t_end, ahead = 38.86, 52.0
    u = ahead / (alpha + t_end + ahead)
    series = special.hyp2f1(r + x, b + x, a + b + x - 1, u)
    orders = (a + b + x - 1) / (a - 1)
    orders *= 1 - ((alpha + t_end) / (alpha + t_end + ahead)) ** (r + x) * series
    silence = ((alpha + t_end) / (alpha + t_x)) ** (r + x)
    orders /= 1 + (x > 0) * a / (b + max(x - 1, 0)) * silence
    found = bg_nbd.predict(
        known(bg_nbd, PUBLISHED["bg_nbd"]), customers((x, t_x, t_end)), ahead
    )
    assert found["expected_orders"].item() == pytest.approx(orders, rel=1e-9)


@pytest.mark.parametrize("estimates", [[1.0, 5.0, 1.0, 2.0], [0.5, 5.0, 0.4, 0.6]])
def test_bg_nbd_is_whole_where_the_hypergeometric_formula_is_not(estimates):
    near = np.array(estimates) * [1, 1, 1 + 1e-6, 1]
    one = customers((0, 0.0, 30.0), (3, 12.0, 30.0))
    here = bg_nbd.predict(known(bg_nbd, estimates), one, 20)["expected_orders"]
    there = bg_nbd.predict(known(bg_nbd, near), one, 20)["expected_orders"]
    assert np.isfinite(here).all()
    assert np.allclose(here, there, rtol=1e-5)


@pytest.mark.parametrize(
    "estimates",
    [
        [0.553, 10.578, 0.606, 11.669],
        [0.553, 11.669, 0.606, 10.578],
        [0.01, 0.02, 0.01, 900.0],
        [9.0, 700.0, 0.05, 0.01],
        [2.0, 1.0, 30.0, 4000.0],
    ],
)
@pytest.mark.parametrize(("x", "t_x"), [(0, 0.0), (1, 0.1), (6, 39.0), (250, 20.0)])
def test_pareto_nbd_integral_over_unseen_leaving(estimates, x, t_x):
    r, alpha, s, beta = estimates

    def density(t):
        start = -(r + x) * np.log(alpha + t_x) - (s + 1) * np.log(beta + t_x)
        here = -(r + x) * np.log(alpha + t) - (s + 1) * np.log(beta + t)
        return s * np.exp(here - start)

    marks = t_x + np.geomspace(1e-6, 39.9 - t_x, 30)
    exact = sum(
        integrate.quad(density, low, high, epsabs=0, epsrel=1e-11)[0]
        for low, high in zip([t_x, *marks[:-1]], marks, strict=True)
    )
    log_start = -(r + x) * np.log(alpha + t_x) - (s + 1) * np.log(beta + t_x)
    found = pareto_nbd._unseen(
        np.array(estimates), np.array([x]), np.array([t_x]), np.array([39.9])
    )[2]
    assert found.item() - log_start == pytest.approx(np.log(exact), abs=1e-9)


def test_pareto_nbd_agrees_with_the_papers_hypergeometric_form():
    r, alpha, s, beta = PUBLISHED["pareto_nbd"]
    x, t_x, t_end = 2, 30.43, 38.86
    both = r + s + x

    def term(t):
        # alpha below beta: equation of the second case
        z = (beta - alpha) / (beta + t)
        return special.hyp2f1(both, r + x, both + 1, z) / (beta + t) ** both

    a0 = term(t_x) - term(t_end)
    stayed = (alpha + t_end) ** (r + x) * (beta + t_end) ** s
    alive = 1 / (1 + s / both * stayed * a0)
    found = pareto_nbd.predict(
        known(pareto_nbd, PUBLISHED["pareto_nbd"]), customers((x, t_x, t_end)), 1
    )
    assert found["p_alive"].item() == pytest.approx(alive, rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_the_gradient_is_that_of_the_likelihood(model, monkeypatch):
    data, _ = simulated(model, PUBLISHED[model.MODEL], 300, 40)
    likelihood = likelihood_of(model, data, monkeypatch)
    at = np.array([0.4, 7.0, 0.9, 3.0])
    assert likelihood(at)[1] == pytest.approx(slopes(likelihood, at), rel=1e-6)


@pytest.mark.parametrize(
    ("model", "truth"),
    [(bg_nbd, [0.8, 6.0, 0.8, 2.5]), (pareto_nbd, [0.9, 8.0, 1.2, 15.0])],
)
def test_planted_parameters_are_found_within_their_errors(model, truth):
    data, later = simulated(model, truth, 3000, 60)
    found = model.fit(data)
    assert found.status is Status.OK
    assert found.reason == ""
    away = (found.estimates - truth) / found.standard_errors
    assert np.abs(away).max() < 3
    # by the true parameters, since the errors of the estimates are tested above
    scores = model.predict(known(model, truth), data, 60, level=0.8)
    for seen, expected in (
        (later, scores["expected_orders"]),
        (later > 0, scores["p_order"]),
    ):
        away = seen - expected
        assert abs(away.sum()) < 3 * np.sqrt((away**2).sum())
    inside = (later >= scores["orders_lo"]) & (later <= scores["orders_hi"])
    assert inside.mean() > 0.8  # whole numbers hold more than they promise


@pytest.mark.parametrize("model", MODELS)
def test_the_expectation_is_the_sum_of_the_distribution(model, monkeypatch):
    seen = {}

    def keep(survival, _share, size):
        seen["survival"] = survival
        return np.zeros(size)

    monkeypatch.setattr(predicting, "smallest_count", keep)
    data = customers((0, 0.0, 30.0), (3, 20.0, 30.0), (12, 29.0, 30.0))
    scores = model.predict(known(model, PUBLISHED[model.MODEL]), data, 40)
    total = sum(seen["survival"](np.full(3, float(k))) for k in range(1, 400))
    assert np.allclose(total, scores["expected_orders"], rtol=1e-9)
    assert np.allclose(seen["survival"](np.ones(3)), scores["p_order"])
    history = (data[name].to_numpy(float) for name in ("x", "t_x", "T"))
    alone = model.expected(np.array(PUBLISHED[model.MODEL]), *history, 40)
    assert alone.tolist() == scores["expected_orders"].tolist()


def test_a_quantile_of_counts_is_the_smallest_that_holds_its_share():
    rates = np.array([0.05, 0.3, 1.0, 7.5, 400.0])

    def survival(k):
        return special.gammainc(k, rates)  # of Poisson counts

    for share in (0.1, 0.5, 0.9):
        found = smallest_count(survival, share, len(rates))
        by_counting = [
            next(n for n in range(1000) if special.pdtr(n, rate) >= share)
            for rate in rates
        ]
        assert found.tolist() == by_counting


@pytest.mark.parametrize("model", MODELS)
def test_groups_and_single_customers_give_the_same_fit(model):
    data, _ = simulated(model, PUBLISHED[model.MODEL], 800, 40)
    data[["t_x", "T"]] = (
        data[["t_x", "T"]].round().clip(upper=data["T"].round(), axis=0)
    )
    data.loc[data["x"] == 0, "t_x"] = 0
    groups = group_customers(data)
    assert len(groups) < len(data) / 2
    single, grouped = model.fit(data), model.fit(groups)
    assert np.allclose(single.estimates, grouped.estimates, rtol=1e-4)
    assert single.log_likelihood == pytest.approx(grouped.log_likelihood, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_time_in_days_or_weeks_is_the_same_model(model):
    data, _ = simulated(model, PUBLISHED[model.MODEL], 800, 40)
    weeks = model.fit(data)
    days = model.fit(data.assign(t_x=data["t_x"] * 7, T=data["T"] * 7))
    units = [1, 7, 1, 1] if model is bg_nbd else [1, 7, 1, 7]
    assert np.allclose(days.estimates, weeks.estimates * units, rtol=1e-3)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (customers(), "0 customers; at least 20"),
        (customers((3, 5.0, 9.0)), "1 customers; at least 20"),
        (customers(*[(0, 0.0, 9.0)] * 50), "0 customers ordered again"),
        (customers(*[(2, 4.0, 9.0)] * 50), "every customer ordered equally often"),
        (customers(*[(0, 0.0, 0.0)] * 50, *[(1, 0.0, 0.0)] * 50), "no customer was"),
    ],
)
def test_what_is_too_thin_is_said_and_not_scored(model, data, reason):
    data = data.astype(float)
    found = model.fit(data)
    assert found.status is Status.INSUFFICIENT_DATA
    assert reason in found.reason
    assert np.isnan(found.estimates).all()
    scores = model.predict(found, data, 10)
    assert len(scores) == len(data)
    assert scores[["p_alive", "expected_orders", "orders_hi"]].isna().all(axis=None)
    assert (scores["status"] == "insufficient_data").all()
    assert found.table()["reason"].str.contains(reason).all()


@pytest.mark.parametrize("model", MODELS)
def test_customers_who_never_leave_are_a_boundary(model):
    # alike rates, nobody leaves: neither the rates' spread nor leaving can be told
    rng = np.random.default_rng(5)
    x = rng.poisson(20, 400)
    data = pd.DataFrame({"x": x, "t_x": np.where(x > 0, 39.5, 0.0), "T": 40.0})
    found = model.fit(data)
    assert found.status is Status.BOUNDARY
    assert "grows without end" in found.reason or "open" in found.reason


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.DataFrame({"x": [1.0], "t_y": [1.0], "T": [2.0]}), "Is it 't_y'"),
        (customers((1, 3.0, 2.0)), "t_x is not between 0 and T in 1 of 1 rows"),
        (customers((0, 1.0, 2.0)), "t_x is above 0 without a repeat order"),
        (customers((1.5, 1.0, 2.0)), "x is no whole number"),
        (customers((None, 1.0, 2.0)), "is null"),
        (customers(("many", 1.0, 2.0)), "column 'x' holds what is no number"),
    ],
)
def test_impossible_rows_are_refused(model, data, message):
    with pytest.raises(InputError, match=message):
        model.fit(data)


def test_a_null_is_not_lost_in_the_groups():
    groups = group_customers(customers((1, 2.0, 3.0), (1, None, 3.0)).astype(float))
    assert groups["customers"].sum() == 2
    with pytest.raises(InputError, match="is null in 1 of 2 rows"):
        bg_nbd.fit(groups)


@pytest.mark.parametrize("setting", [{"horizon": 0}, {"horizon": 9, "level": 1.0}])
def test_settings_out_of_range_are_refused(setting):
    fit = known(bg_nbd, PUBLISHED["bg_nbd"])
    with pytest.raises(InputError, match="must be above 0"):
        bg_nbd.predict(fit, customers((1, 2.0, 3.0)), **setting)


def test_a_longer_silence_lowers_the_chance_of_being_active():
    silent = customers(*[(5, t_x, 50.0) for t_x in (50.0, 40.0, 30.0, 20.0, 10.0)])
    for model in MODELS:
        fit = known(model, PUBLISHED[model.MODEL])
        alive = model.predict(fit, silent, 10)["p_alive"].to_numpy()
        assert (np.diff(alive) < 0).all()
    never = customers((0, 0.0, 5.0), (0, 0.0, 500.0))
    fit = known(bg_nbd, PUBLISHED["bg_nbd"])
    assert (bg_nbd.predict(fit, never, 10)["p_alive"] == 1).all()
    fit = known(pareto_nbd, PUBLISHED["pareto_nbd"])
    assert pareto_nbd.predict(fit, never, 10)["p_alive"].is_monotonic_decreasing


def test_scores_stand_in_the_order_and_index_of_the_customers():
    fit = known(bg_nbd, PUBLISHED["bg_nbd"])
    data = customers((3, 9.0, 10.0), (0, 0.0, 10.0), (3, 9.0, 10.0))
    data.index = pd.Index(["C", "A", "B"])
    scores = bg_nbd.predict(replace(fit, status=Status.BOUNDARY, reason="x"), data, 5)
    assert scores.index.tolist() == ["C", "A", "B"]
    assert scores.loc["C"].equals(scores.loc["B"])
    assert scores["status"].unique().tolist() == ["boundary"]


def test_orders_of_a_day_are_one_order():
    day = pd.to_datetime
    orders = pd.DataFrame(
        [
            ("B", day("2024-01-02"), 5.0),
            ("A", day("2024-01-01 09:00"), 10.0),
            ("A", day("2024-01-08"), 20.0),
            ("A", day("2024-01-08 18:00"), 2.0),
            ("A", day("2024-01-15"), 30.0),
            ("A", day("2024-03-01"), 99.0),
            ("C", day("2024-03-01"), 99.0),
        ],
        columns=["customer_id", "order_date", "amount"],
    )
    summary = summarise_orders(orders, pd.Timestamp("2024-01-29"))
    assert summary["customer_id"].tolist() == ["A", "B"]
    assert summary["x"].tolist() == [2, 0]
    assert summary["t_x"].tolist() == [2.0, 0.0]
    assert summary["T"].tolist() == [4.0, 27 / 7]
    assert summary["mean_value"].tolist()[0] == 26.0
    assert np.isnan(summary["mean_value"].tolist()[1])
    unknown = orders.assign(amount=orders["amount"].mask(orders["amount"] == 20))
    with pytest.raises(InputError, match="amount is null in 1 of 7 rows"):
        summarise_orders(unknown, pd.Timestamp("2024-01-29"))
    with pytest.raises(InputError, match="unit_days is 0"):
        summarise_orders(orders, pd.Timestamp("2024-01-29"), unit_days=0)
    text = pd.DataFrame({"customer_id": ["A"], "order_date": ["soon"]})
    with pytest.raises(InputError, match="'order_date' holds what is no date"):
        summarise_orders(text, pd.Timestamp("2024-01-29"))
    with pytest.raises(InputError, match="'order_date' holds numbers, not dates"):
        summarise_orders(text.assign(order_date=20240102), pd.Timestamp("2024-01-29"))
