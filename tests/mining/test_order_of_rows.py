"""Rows come from a database in any order, and give the same numbers."""

from __future__ import annotations

import pandas as pd
from mining.test_mining_tables import CUTOFF, observations

from acrm.mining.score_table import evaluate_scores
from acrm.mining.value_table import fit_values


def test_the_order_of_rows_changes_no_fit_and_no_record():
    seen = observations()
    mixed = seen.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(fit_values(seen), fit_values(mixed))
    scores = pd.DataFrame(
        {
            "model": "clv",
            "id_space": "shop",
            "part": "EUR",
            "cutoff_date": CUTOFF,
            "score": seen["mean_repeat_value_amount"],
            "baseline_score": seen["value_amount_365"],
            "actual": seen["order_day_count"] * 1.5,
            "is_amount": True,
        }
    )
    pd.testing.assert_frame_equal(
        evaluate_scores(scores), evaluate_scores(scores.sample(frac=1, random_state=2))
    )
