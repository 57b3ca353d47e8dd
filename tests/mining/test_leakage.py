"""What happened or was recorded after a cut-off changes no feature of it."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import build

from acrm.mining.summaries import summarise_orders

CUSTOMERS, DAYS = 25, 420
FIRST = pd.Timestamp("2024-01-01")
LAST = FIRST + pd.Timedelta(days=DAYS - 1)  # 23 February 2025
LABELS = ["label_order_count", "label_order_day_count", "label_value_amount"]
OF_TIME = ["is_current", "is_mature", "label_from", "label_to"]
MODELS = [
    "int_sales_batch",
    "int_known_line",
    "int_customer_day",
    "int_customer_month_end",
    "obs_customer",
]


def lines(seed: int) -> pd.DataFrame:
    """Ten months of orders in one load, then a load a month, with late lines."""
    rng = np.random.default_rng(seed)
    count = 900
    day = rng.integers(0, DAYS, count)
    late = np.where(rng.random(count) < 0.1, rng.integers(1, 60, count), 0)
    arrival = np.maximum(day + late, 300) // 30
    net = rng.integers(100, 9000, count) / 100
    return pd.DataFrame(
        {
            "source_system": "shop",
            "customer_key": 7,
            "customer_id": [f"shop:{n}" for n in rng.integers(0, CUSTOMERS, count)],
            "order_key": np.arange(count),
            "product_id": "shop:P",
            "line_type": np.where(rng.random(count) < 0.9, "sale", "return"),
            "date_key": (FIRST + pd.to_timedelta(day, unit="D")).date,
            "batch_id": [f"b{n:02d}" for n in arrival],
            "loaded_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(arrival, "D"),
            "currency_code": "EUR",
            "channel_key": 1,
            "store_id": "shop:M",
            "time_key": -1,
            "quantity": 1,
            "gross_amount": net,
            "net_amount": net,
            "margin_amount": net / 2,
            "tax_amount": None,
        }
    )


def observed(sales: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("given", sales)
        connection.execute("create table fct_sales_line as from given")
        connection.execute(
            "create table int_as_of as select 'shop' as id_space, ?::date as as_of,"
            " ?::date as first_business_date, ?::date as last_business_date",
            [LAST, FIRST, LAST],
        )
        build(connection, "int_mining_cutoff", *MODELS)
        return connection.execute(
            "from obs_customer order by cutoff_date, customer_id"
        ).df()


def with_another_future(
    sales: pd.DataFrame, cutoff: pd.Timestamp, seed: int
) -> pd.DataFrame:
    """All that comes after the cut-off is another: amounts, costs, lines, late news."""
    rng = np.random.default_rng(seed)
    day = pd.to_datetime(sales["date_key"])
    known = sales[day <= cutoff]
    later = sales[day > cutoff].copy()
    later["net_amount"] *= 3
    later["margin_amount"] = None
    later["customer_id"] = rng.permutation(later["customer_id"].to_numpy())
    late = known.sample(60, random_state=seed).assign(
        order_key=lambda rows: rows["order_key"] + 10_000,
        net_amount=999.0,
        margin_amount=None,
        batch_id="b99",
        loaded_at=pd.Timestamp("2026-03-01"),
    )
    early = late.head(5).assign(date_key=(FIRST - pd.Timedelta(days=9)).date())
    return pd.concat([known, later, late, early], ignore_index=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_another_future_changes_no_feature_and_the_labels(seed):
    sales = lines(seed)
    before = observed(sales)
    cutoffs = sorted(before["cutoff_date"].unique())
    assert len(cutoffs) == 4  # three that are mature, and the current one
    for cutoff in cutoffs:
        after = observed(with_another_future(sales, pd.Timestamp(cutoff), seed))
        one, other = (
            frame[frame["cutoff_date"] == cutoff].reset_index(drop=True)
            for frame in (before, after)
        )
        assert len(one) == CUSTOMERS
        features = [name for name in before.columns if name not in LABELS]
        pd.testing.assert_frame_equal(one[features], other[features])
        mature = bool(one["is_mature"].iloc[0])
        assert mature != bool(one["is_current"].iloc[0])
        assert one[LABELS].equals(other[LABELS]) != mature


def test_features_are_those_of_the_functions_that_read_them():
    sales = lines(3)
    sales["batch_id"], sales["loaded_at"] = "b00", pd.Timestamp("2026-01-01")
    sales["line_type"] = "sale"
    for cutoff, found in observed(sales).groupby("cutoff_date"):
        orders = sales.rename(
            columns={"date_key": "order_date", "margin_amount": "amount"}
        )
        wanted = summarise_orders(orders, pd.Timestamp(cutoff), unit_days=1)
        found = found.reset_index(drop=True)  # noqa: PLW2901
        assert found["customer_id"].tolist() == wanted["customer_id"].tolist()
        assert (found["order_day_count"] - 1 == wanted["x"]).all()
        assert (found["total_interval_days"] == wanted["t_x"]).all()
        assert (found["tenure_days"] == wanted["T"]).all()
        assert np.allclose(
            found["mean_repeat_value_amount"],
            wanted["mean_value"],
            atol=0.01,
            equal_nan=True,
        )


def test_labels_begin_after_the_gap_and_end_with_the_horizon():
    found = observed(lines(1))
    cutoff = pd.to_datetime(found["cutoff_date"])
    assert (pd.to_datetime(found["label_from"]) - cutoff).dt.days.eq(7 + 1).all()
    assert (pd.to_datetime(found["label_to"]) - cutoff).dt.days.eq(7 + 91).all()
    past = found[found["is_mature"]]
    assert (pd.to_datetime(past["label_to"]) <= LAST).all()
    assert found.loc[found["is_current"], LABELS].isna().all(axis=None)
    assert set(OF_TIME) <= set(found.columns)
