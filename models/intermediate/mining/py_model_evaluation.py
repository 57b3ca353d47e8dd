"""Each model against its baseline at past cut-offs, and the drift since."""

from acrm.mining.affinity_table import judge_rules
from acrm.mining.halo_table import judge_halos
from acrm.mining.migration_table import judge_stocks
from acrm.mining.parts import in_parts, now_and_then, together
from acrm.mining.score_table import (
    GROUP,
    JUDGED,
    drift_of_observations,
    evaluate_scores,
)
from acrm.mining.segment_table import judge_segments
from acrm.mining.sequence_table import judge_sequences

FEATURES = ["recency_days", "order_day_count_365", "value_amount_365"]


def model(dbt, session):
    """Judge scores and rules by what came after the cut-off."""
    dbt.config(materialized="table")
    scores = dbt.ref("int_score")
    values = now_and_then(scores.filter("model = 'clv'"), ["score"])
    seen = now_and_then(dbt.ref("obs_customer"), FEATURES)
    fits, kept = dbt.ref("py_segment_fit"), dbt.ref("int_segment_kept")
    tables = [
        judge_segments(kept.df(), fits.df()),
        judge_rules(dbt.ref("py_product_affinity").df()),
        judge_sequences(dbt.ref("py_product_sequence").df()),
        judge_halos(dbt.ref("py_product_halo").df()),
        judge_stocks(dbt.ref("int_state_move").df()),
        drift_of_observations(seen, FEATURES, "features"),
        drift_of_observations(values, ["score"], "clv"),
    ]
    mature = scores.filter("actual is not null")
    tables += [evaluate_scores(part) for part in in_parts(mature, GROUP, JUDGED)]
    return together(tables)
