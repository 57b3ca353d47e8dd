"""Probabilities of leaving and dates of next orders against what came."""

import pandas as pd

from acrm.mining.churn_table import evaluate_churn, evaluate_due, no_evaluation


def model(dbt, session):
    """Judge at each past cut-off by itself: a million customers fit in memory."""
    dbt.config(materialized="table")
    scores = dbt.ref("int_churn_score").filter(
        "label_churned is not null and p_baseline is not null"
    )
    orders = dbt.ref("int_next_order").filter("days is not null")
    tables = [no_evaluation()]
    for name, space, cutoff in _groups(scores, "model, id_space, cutoff_date"):
        of_it = f"model = '{name}' and {_of(space, cutoff)}"
        columns = "p_model, p_baseline, label_churned"
        frame = scores.filter(of_it).project(columns).df()
        tables.append(evaluate_churn(frame, name, space, cutoff))
    for space, cutoff in _groups(orders, "id_space, cutoff_date"):
        columns = "days, due_lo, due_p50, due_hi, baseline_days"
        frame = orders.filter(_of(space, cutoff)).project(columns).df()
        tables.append(evaluate_due(frame, space, cutoff))
    return pd.concat([one for one in tables if len(one)] or tables[:1])


def _groups(relation, columns):
    return sorted(relation.project(columns).distinct().fetchall())


def _of(space, cutoff):
    quoted = space.replace("'", "''")
    return f"id_space = '{quoted}' and cutoff_date = date '{cutoff}'"
