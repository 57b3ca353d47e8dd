"""Association rules: brute force, algebra, a case by hand, and the order in time."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from acrm.errors import InputError
from acrm.mining import affinity, itemsets, sequence


def lines(*baskets):
    rows = [(n, item) for n, basket in enumerate(baskets) for item in basket or [None]]
    return pd.DataFrame(rows, columns=["basket_id", "item"])


def random_baskets(seed, count=150, items=9):
    rng = np.random.default_rng(seed)
    liking = rng.random(items) * rng.choice([0.4, 0.8], (count, 1))
    return [
        [f"i{n}" for n in np.flatnonzero(row)]
        for row in rng.random((count, items)) < liking
    ]


def counted(baskets, items):
    return sum(set(items) <= set(basket) for basket in baskets)


def frequent_by_force(baskets, share, most):
    items = sorted({item for basket in baskets for item in basket})
    every = (c for n in range(1, most + 1) for c in combinations(items, n))
    counts = {frozenset(c): counted(baskets, c) for c in every}
    return {s: n for s, n in counts.items() if n > 0 and n / len(baskets) >= share}


def as_dict(found):
    return {
        frozenset(found.items[list(row)]): count
        for length, rows in found.sets.items()
        for row, count in zip(rows, found.counts[length], strict=True)
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.02, 0.2])
def test_every_frequent_set_is_found_with_its_count(seed, share):
    baskets = random_baskets(seed)
    found = itemsets.frequent_itemsets(lines(*baskets), share)
    assert found.baskets == len(baskets)
    assert as_dict(found) == frequent_by_force(baskets, share, 9)


def test_the_longest_set_can_be_limited():
    baskets = random_baskets(4)
    for most in (1, 2, 3):
        found = itemsets.frequent_itemsets(lines(*baskets), 0.05, max_length=most)
        assert as_dict(found) == frequent_by_force(baskets, 0.05, most)


def test_bits_are_laid_out_in_parts_where_memory_is_short(monkeypatch):
    baskets = random_baskets(5)
    monkeypatch.setattr(itemsets, "MOST_CELLS", 200)
    found = itemsets.frequent_itemsets(lines(*baskets), 0.02)
    assert as_dict(found) == frequent_by_force(baskets, 0.02, 9)


@pytest.mark.parametrize(
    ("share", "baskets", "least"),
    [(0.001, 9835, 10), (0.001, 10_000, 10), (0.1, 30, 3), (0.7, 10, 7), (1e-9, 5, 1),
     (1, 7, 7)],
)  # fmt: skip
def test_a_share_that_is_just_met_is_met(share, baskets, least):
    assert itemsets.least_count(share, baskets) == least


@pytest.mark.parametrize("seed", [6, 7])
@pytest.mark.parametrize("confidence", [0, 0.5])
def test_every_rule_is_found(seed, confidence):
    baskets = random_baskets(seed)
    frequent = frequent_by_force(baskets, 0.05, 9)
    expected = {
        (tuple(sorted(s - {one})), one): (
            n,
            frequent[s - {one}],
            frequent[frozenset([one])],
        )
        for s, n in frequent.items()
        for one in s
        if len(s) > 1 and n / frequent[s - {one}] >= confidence
    }
    rules = affinity.association_rules(lines(*baskets), 0.05, confidence)
    found = {
        (row.antecedent, row.consequent): (
            row.baskets, row.antecedent_baskets, row.consequent_baskets
        )
        for row in rules.itertuples()
    }  # fmt: skip
    assert found == expected
    assert len(rules) == len(expected)


def test_measures_by_hand():
    # 20 baskets: tie in 4, shirt in 10, both in 3
    baskets = [["tie", "shirt"]] * 3 + [["tie"]] + [["shirt"]] * 7 + [[]] * 9
    rules = affinity.association_rules(lines(*baskets), 0.01, 0)
    rule = rules[rules["consequent"] == "shirt"].iloc[0]
    assert rule["antecedent"] == ("tie",)
    assert rule["support"] == 0.15
    assert rule["confidence"] == 0.75
    assert rule["reverse_confidence"] == 0.3
    assert rule["expected_baskets"] == 2
    assert rule["lift"] == 1.5
    assert rule["leverage"] == pytest.approx(0.15 - 0.2 * 0.5)
    assert rule["zhang"] == pytest.approx(0.05 / max(0.15 * 0.8, 0.2 * (0.5 - 0.15)))
    assert rule["direction"] == "forward"
    by_scipy = stats.chi2_contingency([[3, 1], [7, 9]], correction=False).pvalue
    assert rule["p_value"] == pytest.approx(by_scipy)
    other = rules[rules["consequent"] == "tie"].iloc[0]
    assert other["direction"] == "backward"
    assert other["lift"] == rule["lift"]


def test_p_values_are_adjusted_for_all_rules_of_enough_support():
    baskets = random_baskets(8)
    everything = affinity.association_rules(lines(*baskets), 0.05, 0)
    sure = affinity.association_rules(lines(*baskets), 0.05, 0.6)
    expected = stats.false_discovery_control(everything["p_value"])
    assert np.allclose(everything["p_adjusted"], expected)
    assert 0 < len(sure) < len(everything)
    both = sure.merge(everything, on=["antecedent", "consequent"])
    assert (both["p_adjusted_x"] == both["p_adjusted_y"]).all()


def test_the_order_of_lines_and_repeats_change_nothing():
    table = lines(*random_baskets(9))
    shuffled = pd.concat([table, table.head(50)]).sample(frac=1, random_state=1)
    first = affinity.association_rules(table, 0.03, 0.3)
    pd.testing.assert_frame_equal(
        first, affinity.association_rules(shuffled, 0.03, 0.3)
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (lines(), "0 baskets with 0 frequent items"),
        (lines(["a", "b"]), "1 baskets with 2 frequent items"),
        (lines(["a"], ["a"], ["a"]), "3 baskets with 1 frequent items"),
        (lines([], [], []), "3 baskets with 0 frequent items"),
    ],
)
def test_what_cannot_be_compared_is_said(table, reason):
    rules = affinity.association_rules(table, 0.5, 0.5)
    assert rules.attrs == {"status": "insufficient_data", "reason": reason}
    assert "p_adjusted" in rules.columns


def test_a_confidence_of_1_can_be_asked_for():
    rules = affinity.association_rules(lines(["a", "b"], ["b"], ["c"]), 0.1, 1)
    assert rules[["antecedent", "consequent"]].to_numpy().tolist() == [[("a",), "b"]]


def test_an_item_that_is_always_there_says_nothing():
    rules = affinity.association_rules(lines(["a", "b"], ["a"], ["a", "b"]), 0.1, 0.1)
    assert (rules["lift"] == 1).all()
    assert (rules["p_value"] == 1).all()
    assert (rules["zhang"] == 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((lines(["a"]).rename(columns={"item": "items"}), 0.1, 0.1), "Is it 'items'"),
        ((lines(["a"]).rename(columns={"item": "ITEM"}), 0.1, 0.1), "Is it 'ITEM'"),
        ((lines(["a"]), 0, 0.1), "min_support is 0"),
        ((lines(["a"]), 0.1, 1.1), "min_confidence is 1.1"),
        ((lines(["a"]), 0.1, 0.1, 0), "max_length is 0"),
        ((lines(["a"]).assign(basket_id=None), 0.1, 0.1), "basket_id is null"),
    ],
)
def test_settings_are_checked(arguments, message):
    with pytest.raises(InputError, match=message):
        affinity.association_rules(*arguments)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "item", "day"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


def test_order_in_time_by_hand():
    purchases = bought(
        ("A", "shirt", "2024-01-01"), ("A", "tie", "2024-01-20"),
        ("B", "shirt", "2024-01-05"), ("B", "tie", "2024-01-05"),
        ("C", "tie", "2024-01-01"), ("C", "shirt", "2024-01-11"),
        ("D", "shirt", "2024-01-01"), ("D", "tie", "2024-03-30"),
        ("E", "shirt", "2024-01-02"), ("E", "tie", "2024-01-03"),
        ("E", "shirt", "2024-01-04"),
        ("F", "shirt", "2024-03-20"), (None, "tie", "2024-01-03"),
        ("A", "tie", "2025-01-01"),
    )  # fmt: skip
    pairs = pd.DataFrame(
        {"antecedent": ["shirt", "tie", "hat"], "consequent": ["tie", "shirt", "tie"]}
    )
    found = sequence.order_in_time(purchases, pairs, 30, pd.Timestamp("2024-03-31"))
    shirt, tie, hat = (row for _, row in found.iterrows())
    assert shirt["antecedent_first":"same_day"].tolist() == [2, 1, 1]
    assert shirt["p_value"] == stats.binomtest(2, 3).pvalue
    assert shirt["direction"] == "forward"
    # shirts of A, B, C, D and two of E are watched for 30 days, that of F is not
    assert (shirt["antecedent_days"], shirt["followed_days"]) == (6, 2)
    assert shirt["attach_rate"] == 2 / 6
    assert tie["antecedent_first":"same_day"].tolist() == [1, 2, 1]
    assert tie["direction"] == "backward"
    assert (hat["antecedent_days"], hat["direction"]) == (0, "none")
    assert np.isnan(hat["attach_rate"])
    assert np.isnan(hat["p_value"])


def test_order_in_time_without_rows_or_with_a_window_of_nothing():
    pairs = pd.DataFrame({"antecedent": ["a"], "consequent": ["b"]})
    empty = bought().astype({"day": "datetime64[ns]"})
    found = sequence.order_in_time(empty, pairs, 30, pd.Timestamp("2024-03-31"))
    assert found["antecedent_days"].tolist() == [0]
    with pytest.raises(InputError, match="window_days is 0"):
        sequence.order_in_time(empty, pairs, 0, pd.Timestamp("2024-03-31"))
    text = pd.DataFrame({"customer_id": ["A"], "item": ["a"], "day": ["soon"]})
    with pytest.raises(InputError, match="'day' holds what is no date"):
        sequence.order_in_time(text, pairs, 30, pd.Timestamp("2024-03-31"))
