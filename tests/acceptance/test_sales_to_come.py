"""Forecasts of both real systems, judged by the last 13 weeks that are there.

The data stands beside the repository and is no part of it; without it these tests say
so and skip.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from acceptance.real_data import GROCER, WHOLESALER, needs

from acrm.mining.forecast_table import sales_forecast

WEEKS = 13
SALES = {
    "grocer": f"""
        select 'household' as segment, coalesce(department, 'Unknown') as category,
            'Unknown' as region, transaction_timestamp::date as date_key,
            sum(sales_value - coupon_disc)::double as net_amount
        from '{GROCER}/transactions.parquet'
        left join '{GROCER}/products.parquet' using (product_id)
        group by all
    """,
    "wholesaler": f"""
        select 'business' as segment, 'all goods' as category, Country as region,
            InvoiceDate::date as date_key, sum(Quantity * UnitPrice)::double
                as net_amount
        from '{WHOLESALER}'
        group by all
    """,
}

pytestmark = needs(GROCER, WHOLESALER)


@pytest.mark.parametrize("system", SALES)
def test_no_worse_than_the_mean_of_the_last_four_same_weekdays(system):
    days = duckdb.sql(SALES[system]).df()
    last = days["date_key"].max()
    came = days.groupby("date_key")["net_amount"].sum()
    own, base = [], []
    for weeks in range(WEEKS, 0, -1):
        as_of = last - pd.Timedelta(weeks=weeks)
        forecasts, judged = sales_forecast(days[days["date_key"] <= as_of], as_of, 7)
        assert judged["is_primary"].sum() == 1
        total = forecasts[forecasts["level"] == "total"].set_index("forecast_date")
        real = came.reindex(total.index, fill_value=0)
        own.append((real - total["expected"]).abs().sum())
        base.append((real - total["mean_of_same"]).abs().sum())
        parts = forecasts[forecasts["level"] == "part"]
        added = parts.groupby("forecast_date")["expected"].sum()
        assert added.to_numpy() == pytest.approx(total["expected"].to_numpy())
    assert sum(own) <= sum(base)
