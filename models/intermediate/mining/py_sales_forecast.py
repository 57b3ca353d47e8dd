"""Forecasts of daily sales, and how such forecasts did before."""

from acrm.mining.code import code_hash
from acrm.mining.forecast_table import forecast_all
from acrm.mining.parts import together


def model(dbt, session):
    """Forecast and judge at once, since both rest on the same past forecasts."""
    dbt.config(materialized="table")
    forecasts, judged = forecast_all(
        dbt.ref("int_sales_day").df(),
        dbt.ref("int_mining_cutoff").filter("is_current").df(),
        horizon=int(dbt.config.meta_get("days")),
    )
    columns = [*forecasts.columns, *judged.columns.difference(forecasts.columns)]
    both = [forecasts.assign(kind="forecast"), judged.assign(kind="evaluation")]
    return (
        together(both).reindex(columns=["kind", *columns]).assign(code_hash=code_hash())
    )
