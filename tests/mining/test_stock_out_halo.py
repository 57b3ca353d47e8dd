"""Halos by stock-outs: by hand, planted in days, by simulation, and in thin data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from acrm.errors import InputError
from acrm.mining.stock_out import FOUND, stock_out_halos


def summed(days: pd.DataFrame) -> pd.DataFrame:
    """What int_stock_out_halo makes of days with ``is_out``, ``n``, ``y`` and ``z``."""
    keys = ["id_space", "currency_code", "item_code", "store_id", "month_end",
            "is_weekend"]  # fmt: skip
    given = days.assign(
        days=1, baskets=days["n"], other_value=days["y"], held=days["z"],
        other_squares=days["y"] ** 2, other_by_held=days["y"] * days["z"],
        held_squares=days["z"] ** 2, other_by_baskets=days["y"] * days["n"],
        held_by_baskets=days["z"] * days["n"], basket_squares=days["n"] ** 2,
    )  # fmt: skip
    sides = [
        given[given["is_out"] == is_out]
        .drop(columns=["is_out", "n", "y", "z"])
        .groupby(keys)
        .sum()
        .add_prefix(side)
        for side, is_out in (("in_", False), ("out_", True))
    ]
    return sides[0].join(sides[1], how="inner").reset_index()


def days(rows, **columns) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["is_out", "n", "y", "z"])
    keys = {
        "id_space": "shop", "currency_code": "EUR", "item_code": 1, "store_id": "M",
        "month_end": pd.Timestamp("2024-03-31"), "is_weekend": False,
    }  # fmt: skip
    return table.assign(**(keys | columns))


def test_what_is_lost_in_all_baskets_is_shared_by_those_that_would_have_held_it():
    # in stock two of five baskets have it and 20 beside it, three have 10: 14 a basket;
    # out of stock all have 10. What two of five baskets lose is 4 a basket: 10 each
    rows = [(False, 5, 70.0, 2)] * 12 + [(True, 5, 50.0, 0)] * 12
    (found,) = stock_out_halos(summed(days(rows))).to_dict("records")
    assert (found["out_days"], found["out_baskets"]) == (12, 60)
    assert found["halo"] == pytest.approx(10)
    # no day is off the mean of its side
    assert found["lo"] == pytest.approx(10)
    assert found["hi"] == pytest.approx(10)
    assert found["reason"] == ""


def test_strata_are_compared_with_themselves_and_weighed_by_days_out():
    low = [(False, 5, 70.0, 2)] * 9 + [(True, 5, 50.0, 0)] * 3
    # a store of dear baskets, out for long, where three in five would have held it and
    # each of them loses 20
    high = [(False, 5, 560.0, 3)] * 3 + [(True, 5, 500.0, 0)] * 9
    both = pd.concat([days(low), days(high, store_id="N")])
    (found,) = stock_out_halos(summed(both)).to_dict("records")
    lost = (15 * 4 + 45 * 12) / 60
    fell = (15 * 0.4 + 45 * 0.6) / 60
    assert found["halo"] == pytest.approx(lost / fell)


def test_one_stratum_is_two_stage_least_squares_and_its_interval_fieller_s():
    rng = np.random.default_rng(4)
    is_out = np.repeat([False, True], 40)
    z = rng.poisson(np.where(is_out, 1.0, 5.0))
    y = 200 + 6.0 * z + rng.normal(0, 12, 80)
    n = np.full(80, 20)
    table = days(list(zip(is_out, n, y, z, strict=True)))
    (found,) = stock_out_halos(summed(table)).to_dict("records")
    # per basket, with being out as the instrument: cov(y, out) / cov(z, out)
    wald = np.cov(y / n, is_out)[0, 1] / np.cov(z / n, is_out)[0, 1]
    assert found["halo"] == pytest.approx(wald)
    # at either end days of y - h z differ between sides by exactly t standard errors
    for end in (found["lo"], found["hi"]):
        rest = (y - end * z) / n
        test = stats.ttest_ind(rest[~is_out], rest[is_out])
        assert abs(test.statistic) == pytest.approx(stats.t.ppf(0.975, 78))
    assert found["p_adjusted"] == pytest.approx(
        stats.ttest_ind(y[~is_out] / n[~is_out], y[is_out] / n[is_out]).pvalue
    )


def test_intervals_hold_the_truth_as_often_as_they_say():
    """300 products of 4 strata; days differ more than their baskets do."""
    rng = np.random.default_rng(7)
    halo, tables = 5.0, []
    for stratum in range(4):
        for is_out, count in ((False, 12), (True, 8)):
            shape = (300, count)
            n = rng.poisson(25, shape) + 1
            z = rng.binomial(n, 0.05 if is_out else 0.4)
            y = (20 + stratum) * n + halo * z + rng.normal(0, 15, shape) * np.sqrt(n)
            item = np.broadcast_to(np.arange(300)[:, None], shape)
            rows = [(is_out, *row) for row in zip(n.ravel(), y.ravel(), z.ravel(),
                                                  strict=True)]  # fmt: skip
            tables.append(days(rows, item_code=item.ravel(), store_id=f"M{stratum}"))
    found = stock_out_halos(summed(pd.concat(tables)))
    told = found[found["reason"] == ""]
    assert len(told) > 290
    held = ((told["lo"] <= halo) & (halo <= told["hi"])).mean()
    # three standard errors of 300 draws
    assert held == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 300))
    assert told["halo"].median() == pytest.approx(halo, abs=1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(False, 5, 70.0, 2)] * 12 + [(True, 5, 50.0, 0)] * 9, "9 days to compare"),
        (
            [(False, 5, 70.0, 2)] * 12 + [(True, 4, 40.0, 0)] * 12,
            "48 baskets while out",
        ),
        ([(False, 5, 70.0, 2)] * 12 + [(True, 5, 50.0, 2)] * 12, "not surely bought"),
        ([(False, 5, 70.0, 2)] * 12 + [(True, 5, 50.0, 3)] * 12, "not surely bought"),
    ],
)
def test_what_is_too_thin_is_said_and_not_told(rows, reason):
    (found,) = stock_out_halos(summed(days(rows))).to_dict("records")
    assert reason in found["reason"]
    assert np.isnan([found[name] for name in ("halo", "lo", "hi", "p_adjusted")]).all()


def test_no_stock_out_is_a_table_as_well_and_a_missing_column_is_named():
    none = summed(days([(False, 5, 70.0, 2), (True, 5, 50.0, 0)])).head(0)
    found = stock_out_halos(none)
    assert list(found.columns) == FOUND
    assert not len(found)
    with pytest.raises(InputError, match="held_squares"):
        stock_out_halos(none.drop(columns="in_held_squares"))


def test_the_order_of_rows_changes_no_bit():
    rng = np.random.default_rng(2)
    rows = [
        (bool(is_out), int(n), float(y), int(z))
        for is_out, n, y, z in zip(
            rng.random(3000) < 0.4, rng.poisson(30, 3000) + 1,
            rng.gamma(2, 300, 3000), rng.poisson(4, 3000), strict=True,
        )
    ]  # fmt: skip
    table = days(rows, store_id=[f"M{n}" for n in rng.integers(0, 90, 3000)])
    sums = summed(table)
    first, second = (
        stock_out_halos(sums.sample(frac=1, random_state=n)) for n in (1, 2)
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)
