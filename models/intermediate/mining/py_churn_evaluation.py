"""Probabilities of leaving and dates of next orders against what came."""

from acrm.mining.churn import CHURN_FEATURES
from acrm.mining.churn_table import evaluate_churn, evaluate_due
from acrm.mining.parts import now_and_then, parts_of, together
from acrm.mining.score_table import drift_of_observations, no_evaluation


def model(dbt, session):
    """Judge at each past cut-off by itself: a million customers fit in memory."""
    dbt.config(materialized="table")
    scores = dbt.ref("int_churn_score").filter(
        "label_churned is not null and p_baseline is not null"
    )
    orders = dbt.ref("int_next_order").filter("days is not null")
    tables = [no_evaluation()]
    for key, part in parts_of(scores, ["model", "id_space", "cutoff_date"]):
        frame = part.project("p_model, p_baseline, label_churned").df()
        tables.append(evaluate_churn(frame, *key))
    for key, part in parts_of(orders, ["id_space", "cutoff_date"]):
        frame = part.project("days, due_lo, due_p50, due_hi, baseline_days").df()
        tables.append(evaluate_due(frame, *key))
    for seen, columns in (
        (dbt.ref("obs_churn").filter("is_scored"), list(CHURN_FEATURES)),
        (dbt.ref("int_churn_score").filter("model = 'churn'"), ["p_model"]),
    ):
        frame = now_and_then(seen, columns)
        tables.append(drift_of_observations(frame, columns, "churn"))
    return together(tables)
