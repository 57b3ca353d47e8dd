"""Halos by hand, from what SQL adds up, and found where they were planted."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import build

from acrm.mining.halo import halos
from acrm.mining.halo_table import halos_by_level, judge_halos

WINDOW = """
    create table int_affinity_window as
    select 'shop' as id_space, date '2024-12-31' as current_day,
        date '2024-01-01' as current_after, date '2024-08-31' as past_day,
        date '2023-09-01' as past_after, date '2024-09-08' as later_from,
        date '2024-12-07' as later_to
"""


def sales(baskets, day="2024-06-15", **columns) -> pd.DataFrame:
    """Lines of baskets: each a dict of product to margin."""
    rows = [
        (number, item, value)
        for number, basket in enumerate(baskets)
        for item, value in basket.items()
    ]
    lines = pd.DataFrame(rows, columns=["order_key", "product_id", "margin_amount"])
    return lines.assign(
        id_space="shop", currency_code="EUR", line_type="sale", channel_key=1,
        store_id="shop:M", customer_id=None, date_key=pd.Timestamp(day),
        recorded_on=pd.Timestamp(day), net_amount=lines["margin_amount"] * 2,
    ).assign(**columns)  # fmt: skip


def added_up(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        connection.execute(WINDOW)
        connection.execute("""
            create table int_known_line as select * replace (
                date_key::date as date_key, recorded_on::date as recorded_on,
                customer_id::varchar as customer_id,
                margin_amount::decimal(18, 2) as margin_amount,
                net_amount::decimal(18, 2) as net_amount
            ) from lines;
            create table int_product_item as
            select product_id, 'product' as level,
                ascii(product_id) - ascii('a') + 1 as item_code
            from (select distinct product_id from int_known_line);
            create table int_item_count as
            select item_code, true as is_frequent from int_product_item
        """)
        build(connection, "int_halo_line", "int_halo_count")
        return (
            connection.execute("from int_halo_count").df(),
            connection.execute("from int_affinity_window").df(),
        )


def test_what_is_beside_an_item_by_hand():
    baskets = [{"a": 5, "b": 10}, {"a": 5, "c": 30}, {"b": 4, "c": 6}, {"b": 8}]
    counts, windows = added_up(sales(baskets * 50))
    found = halos_by_level(counts, windows)
    a = found[found["is_current"]].set_index("item_code").loc[1]
    assert a["baskets"] == 100
    # beside a are 10 and 30. Were it as others are: b is 3 of 5 items beside which
    # one may look, c 2 of 5, and each is left out when it is the one
    assert a["other_value"] == 20
    left_out = (10 * 3 / 5 + 30 * 2 / 5) / 2
    beside_others = (0 + 0 + 6 + 4 + 0) / 5  # b and c with a, b and c, b alone
    assert a["matched_value"] == pytest.approx(beside_others + left_out)
    assert a["halo"] == pytest.approx(20 - 2 - 9)
    # spread of a: 10 or 30; of all seven, in 200 baskets
    beside = np.array([10, 5, 30, 5, 6, 4, 0])
    error = np.sqrt(100 * 100 / 99 / 100 + beside.var() / 200)
    assert a["hi"] - a["lo"] == pytest.approx(2 * 1.959964 * error, rel=1e-6)


def test_strata_are_compared_with_themselves():
    # b is dear in December, when a is bought most: that gives a no halo
    june = sales([{"a": 1, "b": 2}, {"c": 1, "b": 2}] * 60)
    december = [*[{"a": 1, "b": 20}] * 5, {"c": 1, "b": 20}] * 60
    later = sales(december, "2024-12-10").assign(
        order_key=lambda f: f["order_key"] + 900
    )
    found = halos_by_level(*added_up(pd.concat([june, later])))
    both = found[found["is_current"]].set_index("item_code")
    for month, share in ((june, 60 / 360), (later, 300 / 360)):
        alone = halos_by_level(*added_up(month))
        alone = alone[alone["is_current"]].set_index("item_code")
        both.loc[1, "halo"] -= share * alone.loc[1, "halo"]
    assert both.loc[1, "halo"] == pytest.approx(0, abs=1e-9)


def random_baskets(seed, boost) -> list[dict[str, float]]:
    rng = np.random.default_rng(seed)
    baskets = []
    for _ in range(3000):
        held = np.flatnonzero(rng.random(12) < rng.choice([0.1, 0.4]))
        basket = {chr(97 + int(n)): float(rng.integers(100, 900)) / 100 for n in held}
        if "a" in basket:
            basket = {k: v * (1 if k == "a" else boost) for k, v in basket.items()}
        baskets.append({k: round(v, 2) for k, v in basket.items()})
    return [one for one in baskets if one]


def test_a_planted_halo_is_found_and_goes_on_and_others_have_none():
    lines = pd.concat(
        [
            sales(random_baskets(1, 1.5), "2024-03-10"),
            sales(random_baskets(2, 1.5), "2024-10-10").assign(
                order_key=lambda f: f["order_key"] + 10_000
            ),
        ],
        ignore_index=True,
    )
    found = halos_by_level(*added_up(lines))
    now = found[found["is_current"]].set_index("item_code")
    assert now.loc[1, "lo"] > 0
    assert now.loc[1, "p_adjusted"] < 0.001
    # what is beside a is half as much again, so others beside it look a little better
    assert now["halo"].idxmax() == 1
    past = found[~found["is_current"]].set_index("item_code")
    assert past.loc[1, "later_halo"] > 0
    judged = judge_halos(found)
    assert judged["verdict"].tolist() == ["insufficient_data"]
    even = halos_by_level(*added_up(sales(random_baskets(3, 1.0), "2024-03-10")))
    assert (even["p_adjusted"] > 0.05).all()


def test_what_was_recorded_after_the_past_cutoff_does_not_judge_it():
    lines = sales([{"a": 1, "b": 2}, {"c": 1, "b": 3}] * 60)
    late = lines.assign(recorded_on=pd.Timestamp("2024-11-01"))
    assert set(halos_by_level(*added_up(lines))["is_current"]) == {True, False}
    assert set(halos_by_level(*added_up(late))["is_current"]) == {True}


def test_few_baskets_tell_nothing():
    counts, windows = added_up(sales([{"a": 1, "b": 2}, {"c": 1}] * 10))
    none = halos_by_level(counts, windows)
    assert not len(none)
    assert not len(judge_halos(none))
    assert not len(halos_by_level(counts.head(0), windows))


def test_without_costs_value_is_what_was_paid():
    baskets = [{"a": 5, "b": 10}, {"c": 4, "b": 6}] * 60
    counts, windows = added_up(sales(baskets, margin_amount=None, net_amount=7.0))
    found = halos_by_level(counts, windows)
    assert not found["has_margin"].any()
    assert set(found["other_value"]) == {7.0}


def test_items_without_others_to_compare_with_are_left_out():
    items = pd.DataFrame(
        [("a", "s", 60, 100.0, 300.0, 0.0, 0.0)],
        columns=["item", "stratum", "baskets", "other_value", "other_squares",
                 "weighed_value", "own_value"],
    )  # fmt: skip
    everything = pd.DataFrame(
        [("s", 60, 60, 100.0, 300.0)],
        columns=["stratum", "baskets", "all_baskets", "other_value", "other_squares"],
    )
    assert not len(halos(items, everything))
