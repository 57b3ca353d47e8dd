"""Who was said to leave and who left, by tenth of the score."""

from acrm.mining.parts import in_parts, together
from acrm.mining.score_table import GROUP, decile_scores

TOLD = (
    "model, id_space, 'all' as part, cutoff_date, p_model as score,"
    " p_baseline as baseline_score, label_churned as actual"
)


def model(dbt, session):
    """Compare at each past cut-off by itself."""
    dbt.config(materialized="table")
    mature = dbt.ref("int_churn_score").filter(
        "label_churned is not null and p_baseline is not null"
    )
    scores = ["score", "baseline_score", "actual"]
    parts = in_parts(mature.project(TOLD), GROUP, scores)
    return together([decile_scores(part) for part in parts])
