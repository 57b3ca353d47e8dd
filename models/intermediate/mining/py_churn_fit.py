"""What tells who leaves: how each feature moves the odds, by cut-off."""

from acrm.mining.churn import CANCEL_FEATURES, CHURN_FEATURES, fit_all
from acrm.mining.code import code_hash
from acrm.mining.parts import together

# the same customers in every build, and no more than are needed to learn from
SAMPLE = """
    select id_space, cutoff_date, {features}, label_churned,
        md5_number_lower('held' || customer_id) % 3 = 0 as is_held_out
    from observations
    where is_training and label_churned is not null
    qualify row_number() over (
        partition by id_space, cutoff_date order by md5_number_lower(customer_id)
    ) <= {most}
    order by id_space, cutoff_date, md5_number_lower(customer_id)
"""


def model(dbt, session):
    """Learn from outcomes that were over by the cut-off that they are used at."""
    dbt.config(materialized="table")
    most = int(dbt.config.meta_get("customers"))
    tables = []
    for name, observations, features in (
        ("churn", dbt.ref("obs_churn"), CHURN_FEATURES),
        ("cancel", dbt.ref("obs_cancel"), CANCEL_FEATURES),
    ):
        sql = SAMPLE.format(features=", ".join(features), most=most)
        sample = observations.query("observations", sql).df()
        tables.append(fit_all(sample, features).assign(model=name))
    return together(tables).assign(code_hash=code_hash())
