"""Rows come from a database in any order, and give the same numbers."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pandas as pd
from mining.test_halo import added_up, sales
from mining.test_mining_tables import CUTOFF, observations

from acrm.mining import parts
from acrm.mining.halo import halos
from acrm.mining.score_table import evaluate_scores
from acrm.mining.value_table import PART, fit_values, score_values


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


def test_values_are_the_same_to_the_bit_in_whatever_pieces_rows_come(monkeypatch):
    seen = observations(300)
    fits = fit_values(seen)
    monkeypatch.setattr(parts, "PIECE", 70)
    tables = []
    for seed in (1, 2):
        mixed = seen.sample(frac=1, random_state=seed)
        with duckdb.connect() as connection:
            relation = connection.from_df(mixed)
            columns = [name for name in seen if name not in PART]
            rows = parts.in_parts(relation, PART, columns, order="customer_id")
            found = [score_values(one, fits, 0.1) for one in parts.in_pieces(rows)]
        tables.append(pd.concat(found, ignore_index=True))
    assert len(tables[0]) == 300
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_halos_are_the_same_to_the_bit_whatever_the_order_of_sums():
    rng = np.random.default_rng(1)
    items = pd.DataFrame(
        itertools.product(range(6), range(200)), columns=["item", "stratum"]
    )
    items["baskets"] = rng.integers(1, 60, len(items))
    for name in ("other_value", "weighed_value", "own_value"):
        items[name] = rng.gamma(1, 30, len(items)) * items["baskets"]
    items["other_squares"] = items["other_value"] ** 2 / items["baskets"] * 1.3
    baskets = rng.integers(400, 900, 200)
    everything = pd.DataFrame(
        {
            "stratum": range(200), "baskets": baskets, "all_baskets": baskets // 2,
            "other_value": baskets * 30.1, "other_squares": baskets * 1500.7,
        }
    )  # fmt: skip
    first, *others = (
        halos(*(one.sample(frac=1, random_state=n) for one in (items, everything)))
        for n in range(4)
    )
    assert len(first) == 6
    for other in others:
        pd.testing.assert_frame_equal(first, other, check_exact=True)


def test_strata_of_halos_have_the_same_numbers_whatever_the_order_of_lines():
    lines = pd.concat(
        sales([{"a": 1, "b": 2}, {"c": 3}], f"2024-{n:02d}-10", channel_key=n % 3)
        .assign(order_key=lambda f, n=n: f["order_key"] + n * 10)
        for n in range(1, 7)
    )  # fmt: skip
    columns = ["stratum", "month_end", "item_code", "baskets"]
    first, second = (
        added_up(lines.sample(frac=1, random_state=n))[0][columns]
        .sort_values(columns, ignore_index=True)
        for n in (1, 2)
    )  # fmt: skip
    pd.testing.assert_frame_equal(first, second)
    assert first.groupby("stratum")["month_end"].first().is_monotonic_increasing
