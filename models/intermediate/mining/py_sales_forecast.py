"""Forecasts of daily sales, and how such forecasts did before."""

import pandas as pd

from acrm.mining.code import code_hash
from acrm.mining.forecast_table import forecast_all


def model(dbt, session):
    """Forecast and judge at once, since both rest on the same past forecasts."""
    dbt.config(materialized="table")
    forecasts, judged = forecast_all(
        dbt.ref("int_sales_day").df(),
        dbt.ref("int_mining_cutoff").filter("is_current").df(),
        horizon=int(dbt.config.meta_get("days")),
    )
    columns = [*forecasts.columns, *judged.columns.difference(forecasts.columns)]
    tables = [
        forecasts.assign(kind="forecast"),
        judged.assign(kind="evaluation"),
    ]
    both = [one for one in tables if len(one)] or tables[:1]
    return (
        pd.concat(both, ignore_index=True)
        .reindex(columns=["kind", *columns])
        .assign(code_hash=code_hash())
    )
