"""Forecasts of a small company: they add up, win where they should, know no future."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import build

from acrm.errors import InputError
from acrm.mining.forecast_table import FORECAST, forecast_all, sales_forecast
from acrm.mining.score_table import EVALUATION

END = pd.Timestamp("2024-12-31")
PARTS = [("person", "tea", "north"), ("person", "cups", "north"),
         ("business", "tea", "south")]  # fmt: skip


def sales(values: np.ndarray) -> pd.DataFrame:
    """A column a part of PARTS, the last row on END."""
    days = pd.date_range(end=END, periods=len(values))
    rows = [
        (*part, day, amount)
        for part, column in zip(PARTS, values.T, strict=False)
        for day, amount in zip(days, column, strict=True)
    ]
    return pd.DataFrame(
        rows, columns=["segment", "category", "region", "date_key", "net_amount"]
    )


def weekly(count: int, trend: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    day = np.arange(count)[:, None]
    week = np.array([60, 70, 80, 90, 120, 150, 10])[np.arange(count) % 7][:, None]
    return (week + trend * day) * [1, 0.5, 2] + rng.normal(0, 5, (count, 3))


def level_of(forecasts: pd.DataFrame, level: str, **key: str) -> np.ndarray:
    rows = forecasts[forecasts["level"] == level]
    for name, value in key.items():
        rows = rows[rows[name] == value]
    return rows.groupby("forecast_date")["expected"].sum().to_numpy()


@pytest.mark.parametrize("trend", [0.0, 1.0])
def test_parts_add_up_to_every_total(trend):
    forecasts, _ = sales_forecast(sales(weekly(300, trend)), END)
    parts = level_of(forecasts, "part")
    assert np.allclose(parts, level_of(forecasts, "total"))
    for level in ("segment", "category", "region"):
        assert np.allclose(parts, level_of(forecasts, level))
    assert np.allclose(
        level_of(forecasts, "part", segment="person"),
        level_of(forecasts, "segment", segment="person"),
    )
    assert len(forecasts) == 28 * (1 + 2 + 2 + 2 + 3)
    first = forecasts["forecast_date"].min()
    assert first == END + pd.Timedelta(days=1)


def test_a_trend_is_followed_and_its_interval_holds():
    values = weekly(400 + 28, 1.0)
    known, came = values[:400], values[400:].sum(axis=1)
    forecasts, judged = sales_forecast(sales(known), END)
    primary = judged[judged["is_primary"]].iloc[0]
    assert primary["verdict"] == "better"
    assert primary["n"] == 13
    assert set(forecasts["method"]) == {"smoothed_profile"}
    total = forecasts[forecasts["level"] == "total"]
    inside = (came >= total["lo"]) & (came <= total["hi"])
    assert 0.6 <= inside.mean() <= 1
    ours = np.abs(came - total["expected"]).mean()
    assert ours < np.abs(came - total["mean_of_same"]).mean()
    found = judged.set_index("metric").loc["coverage", "value"]
    assert found == pytest.approx(0.8, abs=0.1)


def test_where_each_weekday_goes_its_own_way_the_same_weekdays_are_published():
    rng = np.random.default_rng(3)
    walks = 500 + np.cumsum(rng.normal(0, 40, (43, 7)), axis=0)
    values = walks.reshape(-1, 1) + rng.normal(0, 1, (301, 3))
    forecasts, judged = sales_forecast(sales(values), END)
    assert judged[judged["is_primary"]]["verdict"].tolist() == ["not_better"]
    assert set(forecasts["method"]) == {"mean_of_same"}
    total = forecasts[forecasts["level"] == "total"]
    by_hand = values[-28:].sum(axis=1).reshape(4, 7).mean(axis=0)
    assert np.allclose(total["expected"], np.tile(by_hand, 4))
    assert np.allclose(total["seasonal_naive"], np.tile(values[-7:].sum(axis=1), 4))
    assert (total["lo"] < total["expected"]).all()


@pytest.mark.parametrize(
    ("given", "reason", "method"),
    [
        (lambda: sales(weekly(1, 0)), "1 days of sales; 21", "none"),
        (lambda: sales(weekly(20, 0)), "20 days of sales; 21", "none"),
        (lambda: sales(weekly(60, 0)), "1 past origins that share no", "mean_of_same"),
        (lambda: sales(np.full((300, 3), 7.0)), "repeat themselves", "mean_of_same"),
        (lambda: sales(np.zeros((300, 3))), "repeat themselves", "mean_of_same"),
    ],
    ids=["a day", "twenty days", "two months", "constant", "nothing sold"],
)  # fmt: skip
def test_thin_sales_are_said(given, reason, method):
    forecasts, judged = sales_forecast(given(), END)
    assert reason in judged["reason"].iloc[0]
    assert set(judged["verdict"].dropna()) == {"insufficient_data"}
    assert set(forecasts["method"]) == {method}
    assert forecasts["expected"].isna().all() == (method == "none")
    assert (forecasts["status"] == "insufficient_data").all() == (method == "none")


def test_one_part_and_nothing_at_all_are_tables_as_well():
    forecasts, _ = sales_forecast(sales(weekly(300, 0)[:, :1]), END)
    assert forecasts["level"].nunique() == 5
    assert forecasts.groupby("forecast_date")["expected"].nunique().eq(1).all()
    cutoffs = pd.DataFrame({"id_space": ["shop"], "cutoff_date": [END]})
    days = sales(weekly(60, 0)).assign(id_space="shop", currency_code="EUR")
    told, judged = forecast_all(days.head(0), cutoffs, 28)
    assert list(told.columns) == FORECAST
    assert list(judged.columns) == EVALUATION
    assert not len(told)
    told, _ = forecast_all(days, cutoffs, 7)
    assert told["forecast_date"].nunique() == 7
    with pytest.raises(InputError, match="horizon is 0"):
        forecast_all(days, cutoffs, 0)
    with pytest.raises(InputError, match="no column 'region'"):
        sales_forecast(days.drop(columns="region"), END)


def test_days_known_at_the_cutoff_are_all_that_a_forecast_sees():
    with duckdb.connect() as connection:
        connection.execute("""
            create table int_mining_cutoff as
            select 'shop' as id_space, date '2024-02-29' as cutoff_date,
                true as is_current;
            create table fct_sales_line as
            select 'shop' as source_system, 'EUR' as currency_code,
                batch_id as loaded_at, * from (values
                ('b1', 'A', 'tea', 's', date '2024-01-05', 10),
                ('b2', 'A', 'tea', 's', date '2024-01-05', 5),
                ('b2', 'A', 'cup', 's', date '2024-02-20', 7),
                ('b2', 'A', 'tea', 's', date '2024-03-05', 100),
                ('b3', 'A', 'tea', 's', date '2024-02-20', 100),
                ('b3', 'A', 'tea', 's', date '2024-03-01', 100)
            ) as rows (batch_id, customer_id, product_id, store_id, date_key,
                net_amount);
            create table dim_customer as
            select 'A' as customer_id, 'person' as current_customer_type,
                true as is_current;
            create table dim_product as
            select *, true as is_current from (values ('tea', 'Tea'), ('cup', 'Cups'))
                as rows (product_id, current_department);
            create table dim_store as
            select 's' as store_id, 'North' as current_region, true as is_current
        """)

        def days(**variables):
            build(connection, "int_sales_batch", "int_sales_day", **variables)
            return connection.execute(
                "select category, day(date_key), net_amount::integer"
                " from int_sales_day order by date_key, category"
            ).fetchall()

        assert days() == [("Tea", 5, 15), ("Cups", 20, 7)]
        assert days(forecast_names=1) == [("Tea", 5, 15), ("other", 20, 7)]
        # a system that delivers all its rows again was known when it happened
        again = days(packs={"shop": {"delivers_again": True}})
        assert again == [("Tea", 5, 15), ("Cups", 20, 7), ("Tea", 20, 100)]
