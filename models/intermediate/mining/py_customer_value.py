"""What each customer is worth at each cut-off, by the model and by the baseline."""

from functools import partial

from acrm.mining.parts import in_parts, in_pieces, side_by_side
from acrm.mining.value_table import HISTORY, PART, score_values

COLUMNS = [
    "customer_id", "is_current", "label_from", "label_to", *HISTORY, "history_days",
    "mean_repeat_value_amount", "value_amount_365::double as value_amount_365",
]  # fmt: skip


def model(dbt, session):
    """Score by the parameters of the cut-off."""
    dbt.config(materialized="table")
    fits = dbt.ref("py_value_fit").df()
    discount = float(dbt.config.meta_get("discount"))
    parts = in_parts(dbt.ref("obs_customer"), PART, COLUMNS, order="customer_id")
    score = partial(score_values, fits=fits, discount=discount)
    return side_by_side(score, in_pieces(parts))
