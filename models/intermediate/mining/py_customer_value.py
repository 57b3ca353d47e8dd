"""What each customer is worth at each cut-off, by the model and by the baseline."""

from acrm.mining.value_table import score_values


def model(dbt, session):
    """Score by the parameters of the cut-off."""
    dbt.config(materialized="table")
    columns = (
        "id_space, currency_code, cutoff_date, customer_id, is_current, label_from, "
        "label_to, order_day_count, total_interval_days, tenure_days, history_days, "
        "mean_repeat_value_amount, value_amount_365::double as value_amount_365"
    )
    return score_values(
        dbt.ref("obs_customer").project(columns).df(),
        dbt.ref("py_value_fit").df(),
        discount=float(dbt.config.meta_get("discount")),
    )
