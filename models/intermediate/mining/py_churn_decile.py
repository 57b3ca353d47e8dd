"""Who was said to leave and who left, by tenth of the score."""

import pandas as pd

from acrm.mining.score_table import DECILE, decile_scores


def model(dbt, session):
    """Compare at each past cut-off by itself."""
    dbt.config(materialized="table")
    scores = dbt.ref("int_churn_score").filter(
        "label_churned is not null and p_baseline is not null"
    )
    key = "model, id_space, 'all' as part, cutoff_date"
    values = "p_model as score, p_baseline as baseline_score, label_churned as actual"
    told = scores.project(f"{key}, {values}")
    tables = [decile_scores(told.limit(0).df())]
    for group in sorted(
        told.project("model, id_space, cutoff_date").distinct().fetchall()
    ):
        name, space, cutoff = (str(one).replace("'", "''") for one in group)
        of_it = (
            f"model = '{name}' and id_space = '{space}' and cutoff_date = '{cutoff}'"
        )
        tables.append(decile_scores(told.filter(of_it).df()))
    return pd.concat([one for one in tables if len(one)] or tables[:1])[DECILE]
