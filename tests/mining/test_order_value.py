"""Gamma-Gamma: the paper's formulas, planted truths, and when there is no mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from mining.fits import known, likelihood_of, slopes

from acrm.errors import InputError
from acrm.mining import gamma_gamma
from acrm.mining.outcome import Status

PUBLISHED = [6.25, 3.74, 15.44]  # Fader and Hardie: CDNOW


def values(*rows):
    return pd.DataFrame(rows, columns=["x", "mean_value"])


def simulated(estimates, count, seed=3):
    rng = np.random.default_rng(seed)
    p, q, gamma = estimates
    nu = rng.gamma(q, 1 / gamma, count)
    x = rng.integers(1, 8, count)
    mean = rng.gamma(p * x, 1 / (nu * x))
    return pd.DataFrame({"x": x, "mean_value": mean}), p / nu


def test_the_expected_value_is_between_own_mean_and_that_of_all():
    # p (gamma + x z) / (p x + q - 1), by hand
    one = values((2, 50.0), (0, None))
    found = gamma_gamma.predict(known(gamma_gamma, PUBLISHED), one)
    by_hand = 6.25 * (15.44 + 2 * 50) / (6.25 * 2 + 3.74 - 1)
    assert found["expected_value"].tolist() == pytest.approx(
        [by_hand, 6.25 * 15.44 / 2.74]
    )


def test_the_gradient_is_that_of_the_likelihood(monkeypatch):
    data, _ = simulated([4.0, 3.5, 20.0], 300)
    likelihood = likelihood_of(gamma_gamma, data, monkeypatch)
    at = np.array([3.0, 2.5, 12.0])
    assert likelihood(at)[1] == pytest.approx(slopes(likelihood, at), rel=1e-6)


def test_planted_parameters_and_values_are_found():
    data, truth = simulated([4.0, 3.5, 20.0], 8000)
    fit = gamma_gamma.fit(data)
    assert fit.status is Status.OK
    assert np.abs((fit.estimates - [4.0, 3.5, 20.0]) / fit.standard_errors).max() < 3
    found = gamma_gamma.predict(fit, data, level=0.8)
    inside = (truth >= found["value_lo"]) & (truth <= found["value_hi"])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    assert found["expected_value"].mean() == pytest.approx(truth.mean(), rel=0.02)


def test_the_currency_only_scales_gamma():
    data, _ = simulated([4.0, 3.5, 20.0], 500)
    euros = gamma_gamma.fit(data)
    cents = gamma_gamma.fit(data.assign(mean_value=data["mean_value"] * 100))
    assert np.allclose(cents.estimates, euros.estimates * [1, 1, 100], rtol=1e-4)


def test_an_infinite_mean_over_customers_is_a_boundary():
    data, _ = simulated([3.0, 0.7, 20.0], 3000)
    fit = gamma_gamma.fit(data)
    assert fit.status is Status.BOUNDARY
    assert "the mean over customers is infinite" in fit.reason
    new = gamma_gamma.predict(fit, values((0, None), (5, 20.0)))
    assert np.isnan(new["expected_value"]).tolist() == [True, False]


def test_customers_who_all_spend_alike_are_a_boundary():
    # single orders differ, means of twenty do not: customers have no own spread
    rng = np.random.default_rng(2)
    single = pd.DataFrame({"x": 1, "mean_value": rng.gamma(4, 5, 300)})
    many = pd.DataFrame({"x": 20, "mean_value": 20 + rng.random(300)})
    fit = gamma_gamma.fit(pd.concat([single, many]))
    assert fit.status is Status.BOUNDARY
    assert "q grows without end" in fit.reason


def test_what_is_not_above_zero_is_left_out_and_counted():
    data, _ = simulated([4.0, 3.5, 20.0], 300)
    with_loss = pd.concat([data, values((2, -5.0), (1, 0.0))], ignore_index=True)
    fit = gamma_gamma.fit(with_loss)
    assert np.allclose(fit.estimates, gamma_gamma.fit(data).estimates)
    assert fit.reason == "2 customers of no positive value left out"
    assert gamma_gamma.predict(fit, with_loss)["expected_value"].isna().sum() == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (values(), "0 customers with repeat orders"),
        (values((3, 5.0)), "1 customers with repeat orders"),
        (values(*[(0, None)] * 40), "0 customers with repeat orders"),
        (values(*[(3, 8.0)] * 40), "all mean values are equal"),
    ],
)
def test_what_is_too_thin_is_said(data, reason):
    data = data.astype(float)
    fit = gamma_gamma.fit(data)
    assert fit.status is Status.INSUFFICIENT_DATA
    assert reason in fit.reason
    scores = gamma_gamma.predict(fit, data)
    assert scores[["expected_value", "value_lo", "value_hi"]].isna().all(axis=None)


def test_a_repeat_order_without_value_is_refused():
    with pytest.raises(InputError, match="mean_value is null though x is above 0"):
        gamma_gamma.fit(values((2, None)))
    with pytest.raises(InputError, match="no column 'mean_value'"):
        gamma_gamma.fit(pd.DataFrame({"x": [1]}))


def test_correlation_counts_every_customer_of_a_group():
    data = values((1, 10.0), (2, 30.0), (2, 50.0), (0, None))
    groups = data.assign(customers=[2, 1, 1, 9])
    single = data.loc[[0, 0, 1, 2, 3]]
    assert gamma_gamma.correlation(groups) == pytest.approx(
        np.corrcoef([1, 1, 2, 2], [10, 10, 30, 50])[0, 1]
    )
    assert gamma_gamma.correlation(single) == pytest.approx(
        gamma_gamma.correlation(groups)
    )
    assert np.isnan(gamma_gamma.correlation(values((1, 10.0), (1, 20.0))))
