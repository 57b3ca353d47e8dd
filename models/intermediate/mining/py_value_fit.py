"""Parameters of the models of value, at each cut-off."""

from acrm.mining.code import code_hash
from acrm.mining.value_table import fit_values


def model(dbt, session):
    """Fit by what was known at the cut-off."""
    dbt.config(materialized="table")
    columns = (
        "id_space, currency_code, cutoff_date, order_day_count, total_interval_days, "
        "tenure_days, mean_repeat_value_amount"
    )
    return fit_values(dbt.ref("obs_customer").project(columns).df()).assign(
        code_hash=code_hash()
    )
