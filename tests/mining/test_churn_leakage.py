"""What came later changes no feature of churn, nor what was learned by then."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import build
from mining.test_leakage import FIRST, LAST, MODELS, lines, with_another_future

from acrm.mining.churn import CANCEL_FEATURES, CHURN_FEATURES

OBSERVED = {"obs_churn": CHURN_FEATURES, "obs_cancel": CANCEL_FEATURES}


def events(seed: int) -> pd.DataFrame:
    """Twenty subscriptions that start, change, end and begin again, some told late."""
    rng = np.random.default_rng(seed)
    count = 300
    day = rng.integers(0, 420, count)
    late = np.where(rng.random(count) < 0.2, rng.integers(1, 60, count), 0)
    arrival = np.maximum(day + late, 300) // 30
    subscription = rng.integers(0, 20, count)
    return pd.DataFrame(
        {
            "source_system": "shop",
            "source_record_id": [f"e{n}" for n in range(count)],
            "customer_key": 7,
            "customer_id": [f"shop:{n % 18}" for n in subscription],
            "subscription_id": [f"shop:S{n}" for n in subscription],
            "plan_key": rng.integers(1, 3, count),
            "event_type": rng.choice(["change", "cancel", "reactivate"], count),
            "date_key": (FIRST + pd.to_timedelta(day, unit="D")).date,
            "occurred_at": FIRST + pd.to_timedelta(day, unit="D"),
            "batch_id": [f"b{n:02d}" for n in arrival],
            "loaded_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(arrival, "D"),
            "currency_code": "EUR",
            "mrr_amount": rng.integers(1, 50, count),
        }
    )


def another_future(told: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """All later events are cancellations, and one of each past day comes late."""
    day = pd.to_datetime(told["date_key"])
    late = told[day <= cutoff].assign(
        source_record_id=lambda rows: rows["source_record_id"] + "x",
        event_type="cancel",
        batch_id="b99",
        loaded_at=pd.Timestamp("2026-03-01"),
    )
    later = told[day > cutoff].assign(event_type="cancel", mrr_amount=999)
    return pd.concat([told[day <= cutoff], later, late], ignore_index=True)


def observed(sales: pd.DataFrame, told: pd.DataFrame) -> dict[str, pd.DataFrame]:
    with duckdb.connect() as connection:
        connection.register("sales", sales)
        connection.register("told", told)
        connection.execute("create table fct_sales_line as from sales")
        connection.execute("create table fct_subscription_event as from told")
        connection.execute("""
            create table dim_plan_product as from (values
                (1, 'small', 1, 0), (2, 'large', 2, 12)
            ) as rows (plan_key, plan_name, plan_rank, contract_months)
        """)
        connection.execute(
            "create table int_as_of as select 'shop' as id_space, ?::date as as_of,"
            " ?::date as first_business_date, ?::date as last_business_date",
            [LAST, FIRST, LAST],
        )
        build(connection, "int_mining_cutoff", "int_churn_cutoff", *MODELS[:-1])
        build(connection, "int_known_subscription_event", *OBSERVED)
        return {
            name: connection.execute(
                f"from {name} order by cutoff_date, customer_id"
            ).df()
            for name in OBSERVED
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_another_future_changes_no_feature_of_churn(seed):
    sales, told = lines(seed), events(seed)
    before = observed(sales, told)
    scored = before["obs_churn"][before["obs_churn"]["is_scored"]]
    pairs = scored[["cutoff_date", "training_cutoff_date"]].drop_duplicates()
    assert len(pairs) == 4
    assert pairs["training_cutoff_date"].notna().all()
    for cutoff, lesson in pairs.itertuples(index=False):
        moment = pd.Timestamp(cutoff)
        after = observed(
            with_another_future(sales, moment, seed), another_future(told, moment)
        )
        for name, features in OBSERVED.items():
            for day, columns in (
                (cutoff, list(features)),
                # and what a score of that day was learned from, with what came
                (lesson, [*features, "label_churned"]),
            ):
                one, other = (
                    frames[name][frames[name]["cutoff_date"] == day]
                    for frames in (before, after)
                )
                assert len(one) > 5
                pd.testing.assert_frame_equal(
                    one.set_index("customer_id")[columns].astype(float),
                    other.set_index("customer_id")[columns].astype(float),
                )


def test_a_lesson_was_over_by_the_day_that_it_is_used_at():
    found = observed(lines(1), events(1))["obs_churn"]
    used = found.dropna(subset=["training_cutoff_date"])
    lessons = found.groupby("cutoff_date")["label_to"].first()
    assert (used["training_cutoff_date"].map(lessons) <= used["cutoff_date"]).all()
