"""Each model against its baseline at past cut-offs, and the drift since."""

import pandas as pd

from acrm.mining.affinity_table import judge_rules
from acrm.mining.score_table import drift_of_observations, evaluate_scores

FEATURES = ["recency_days", "order_day_count_365", "value_amount_365"]


def model(dbt, session):
    """Judge scores and rules by what came after the cut-off."""
    dbt.config(materialized="table")
    seen = ["id_space", "cutoff_date", "is_current", "is_mature", *FEATURES]
    scores = dbt.ref("int_score").df()
    tables = [
        evaluate_scores(scores),
        judge_rules(dbt.ref("py_product_affinity").df()),
        drift_of_observations(
            dbt.ref("obs_customer").project(", ".join(seen)).df(), FEATURES, "features"
        ),
        drift_of_observations(scores[scores["model"] == "clv"], ["score"], "clv"),
    ]
    return pd.concat([one for one in tables if len(one)] or tables[:1])
