"""Who was said to leave and who left, by tenth of the score."""

import pandas as pd

from acrm.mining.parts import in_parts
from acrm.mining.score_table import GROUP, decile_scores

SCORE = """
    model, id_space, 'all' as part, cutoff_date, p_model as score,
    p_baseline as baseline_score, label_churned as actual
"""


def model(dbt, session):
    """Compare at each past cut-off by itself."""
    dbt.config(materialized="table")
    scores = dbt.ref("int_churn_score").filter(
        "label_churned is not null and p_baseline is not null"
    )
    parts = in_parts(
        scores.project(SCORE), GROUP, ["score", "baseline_score", "actual"]
    )
    return pd.concat([decile_scores(part) for part in parts], ignore_index=True)
