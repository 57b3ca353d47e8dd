"""Value over a horizon against simulation and algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from mining.fits import known

from acrm.errors import InputError
from acrm.mining import bg_nbd, clv, gamma_gamma, pareto_nbd
from acrm.mining.fitting import nothing_to_fit
from acrm.mining.outcome import Status

CUSTOMERS = pd.DataFrame(
    {
        "x": [0, 2, 12],
        "t_x": [0.0, 30.4, 37.0],
        "T": [30.0, 38.9, 38.9],
        "mean_value": [None, 20.0, 45.0],
    }
)


# the published estimates for CDNOW
BG = known(bg_nbd, [0.243, 4.414, 0.793, 2.426])
PARETO = known(pareto_nbd, [0.553, 10.578, 0.606, 11.669])
GAMMA = known(gamma_gamma, [6.25, 3.74, 15.44])


@pytest.mark.parametrize("fit", [BG, PARETO])
def test_without_discount_it_is_orders_times_value(fit):
    found = clv.predict(fit, GAMMA, CUSTOMERS, 39)
    model = clv.MODELS[fit.model]
    orders = model.predict(fit, CUSTOMERS, 39)["expected_orders"]
    value = gamma_gamma.predict(GAMMA, CUSTOMERS)["expected_value"]
    assert np.allclose(found["clv"], orders * value)
    assert found["status"].tolist() == ["ok"] * 3


def test_a_discount_lowers_by_what_comes_late():
    plain = clv.predict(BG, GAMMA, CUSTOMERS, 52)
    weekly = 1.1 ** (1 / 52) - 1
    less = clv.predict(BG, GAMMA, CUSTOMERS, 52, discount=weekly)
    # a little more than half of the year's orders come in its first half
    share = less["clv"] / plain["clv"]
    assert share.between(1.1**-0.5, 1.1**-0.3).all()
    assert np.allclose(less["clv_hi"] / plain["clv_hi"], share)


def test_intervals_are_those_of_a_simulation():
    rng = np.random.default_rng(6)
    draws, horizon = 200_000, 39.0
    r, alpha, a, b = BG.estimates
    p, q, gamma = GAMMA.estimates
    found = clv.predict(BG, GAMMA, CUSTOMERS, horizon)
    alive = bg_nbd.predict(BG, CUSTOMERS, horizon)["p_alive"]
    for row, one in enumerate(CUSTOMERS.fillna(0).itertuples()):
        rate = rng.gamma(r + one.x, 1 / (alpha + one.T), draws)
        leaving = rng.beta(a, b + one.x, draws)
        orders = np.minimum(rng.poisson(rate * horizon), rng.geometric(leaving))
        orders *= rng.random(draws) < alive[row]
        nu = rng.gamma(p * one.x + q, 1 / (gamma + one.x * one.mean_value), draws)
        total = np.where(orders > 0, rng.gamma(p * np.maximum(orders, 1)) / nu, 0)
        assert found.loc[row, "clv"] == pytest.approx(total.mean(), rel=0.03)
        below = (total <= found.loc[row, "clv_hi"]).mean()
        assert below == pytest.approx(0.9, abs=0.003)
        if found.loc[row, "clv_lo"] > 0:
            below = (total <= found.loc[row, "clv_lo"]).mean()
            assert below == pytest.approx(0.1, abs=0.003)
        else:
            assert (total == 0).mean() >= 0.1


def test_rows_say_what_they_are_worth():
    boundary = known(
        bg_nbd, [0.7, 60.0, 1e-4, 1e4], status=Status.BOUNDARY, reason="a runs to 0"
    )
    lost = CUSTOMERS.assign(mean_value=[None, -3.0, 45.0])
    found = clv.predict(boundary, GAMMA, lost, 39)
    assert found["status"].tolist() == ["boundary", "insufficient_data", "boundary"]
    assert found["reason"].tolist()[0] == "bg_nbd: a runs to 0"
    assert found["clv"].isna().tolist() == [False, True, False]


def test_without_a_fit_there_is_no_value():
    nothing = nothing_to_fit("gamma_gamma", gamma_gamma.NAMES, 3, "3 customers")
    found = clv.predict(BG, nothing, CUSTOMERS, 39)
    assert found[["clv", "clv_lo", "clv_hi"]].isna().all(axis=None)
    assert found["status"].unique().tolist() == ["insufficient_data"]
    assert found["reason"].unique().tolist() == ["gamma_gamma: 3 customers"]
    assert clv.predict(BG, GAMMA, CUSTOMERS.head(0), 39).empty


def test_fits_in_the_wrong_place_are_refused():
    with pytest.raises(InputError, match="the fits are 'gamma_gamma' and 'bg_nbd'"):
        clv.predict(GAMMA, BG, CUSTOMERS, 39)
