"""Moves by hand, stocks by algebra and simulation, bridges to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from acrm.errors import InputError
from acrm.mining import migration


def moves(**counts):
    rows = [tuple(name.split("_to_")) for name, n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["state_from", "state_to"])
    return frame.replace("none", None)


def test_shares_by_hand():
    frame = moves(gold_to_gold=6, gold_to_silver=3, gold_to_none=1, none_to_silver=4)
    frame["value_from"], frame["value_to"] = 10.0, 20.0
    table = migration.transitions(frame).set_index(["state_from", "state_to"])
    assert table.loc[("gold", "gold"), "share"] == 0.6
    assert table.loc[("gold", "none"), "customers"] == 1
    assert table.loc[("gold", "silver"), "value_to"] == 60.0
    interval = stats.binomtest(3, 10).proportion_ci(method="wilson")
    assert table.loc[("gold", "silver"), ["lo", "hi"]].tolist() == pytest.approx(
        interval
    )
    assert ("none", "none") not in table.index
    assert table["customers"].sum() == 14
    # nobody was silver: no share, rather than a share of 0
    assert np.isnan(table.loc[("silver", "gold"), "share"])


def test_no_moves_are_an_empty_table():
    assert migration.transitions(moves()).empty
    assert migration.transitions(pd.DataFrame(
        {"state_from": [None], "state_to": [None]}
    )).empty  # fmt: skip


def test_rows_that_changed_by_hand():
    old = migration.transitions(moves(a_to_a=80, a_to_b=20, b_to_b=10))
    new = migration.transitions(moves(a_to_a=60, a_to_b=40, b_to_b=12, c_to_a=3))
    found = migration.changed_rows(new, old).set_index("state_from")
    by_scipy = stats.chi2_contingency([[60, 40], [80, 20]], correction=False).pvalue
    assert found.loc["a", "p_value"] == pytest.approx(by_scipy)
    assert found.loc["b", ["p_value"]].isna().all()
    assert found.loc["c", ["customers", "customers_previous"]].tolist() == [3, 0]


def opening(**counts):
    return pd.DataFrame({"state": list(counts), "customers": list(counts.values())})


def test_stocks_follow_the_algebra():
    table = migration.transitions(
        moves(a_to_a=70, a_to_b=20, a_to_none=10, b_to_a=10, b_to_b=40, none_to_a=25)
    )
    found = migration.forecast_stock(table, opening(a=200, b=100), periods=2)
    shares = np.array([[0.7, 0.2, 0.1], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    stock = np.array([200.0, 100.0, 0.0])
    for period in (1, 2):
        stock = stock @ shares + [25, 0, 0]
        rows = found[found["period"] == period]
        assert rows["state"].tolist() == ["a", "b", "none"]
        assert np.allclose(rows["expected"], stock)
        assert ((rows["lo"] <= stock) & (stock <= rows["hi"])).all()
    assert found["expected"].sum() == pytest.approx(300 + 25 + 300 + 50)
    again = migration.forecast_stock(table, opening(a=200, b=100), periods=2)
    pd.testing.assert_frame_equal(found, again)


def test_intervals_of_stocks_hold_what_they_promise():
    rng = np.random.default_rng(3)
    shares = {"a": [0.7, 0.2, 0.1], "b": [0.3, 0.6, 0.1]}
    inside = []
    for number in range(40):
        seen, later = {}, np.zeros(3)
        for state, row in shares.items():
            for target, n in zip("abn", rng.multinomial(150, row), strict=True):
                seen[f"{state}_to_{target.replace('n', 'none')}"] = n
            later += rng.multinomial(300, row)
        seen["none_to_a"] = rng.poisson(50)
        later[0] += rng.poisson(50)
        found = migration.forecast_stock(
            migration.transitions(moves(**seen)), opening(a=300, b=300), draws=400,
            level=0.9, seed=number,
        )  # fmt: skip
        inside.append((found["lo"] <= later) & (later <= found["hi"]))
    assert 0.85 <= np.mean(inside) <= 0.97


def test_a_state_without_history_is_refused():
    table = migration.transitions(moves(a_to_a=5, a_to_b=5))
    with pytest.raises(InputError, match="nobody moved from state 'b' before"):
        migration.forecast_stock(table, opening(a=1, b=1))
    with pytest.raises(InputError, match="a state comes twice in 1 of 2 rows"):
        migration.forecast_stock(table, pd.concat([opening(a=1), opening(a=2)]))
    for customers in (None, -3):
        with pytest.raises(InputError, match="customers is null or negative"):
            migration.forecast_stock(table, opening(a=customers))
    with pytest.raises(InputError, match="0 periods"):
        migration.forecast_stock(table, opening(a=1), periods=0)


def bridge_lines(*rows):
    columns = [
        "customer_id", "item", "quantity_before", "quantity_after", "cents_before",
        "cents_after", "bought_earlier",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_the_bridge_by_hand():
    lines = bridge_lines(
        ("N", "x", 0, 2, 0, 500, False),
        ("R", "x", 0, 1, 0, 300, True),
        ("L", "x", 3, 0, 700, 0, True),
        # stays: one item more, one given up, one from 2 at 100 to 3 at 120
        ("S", "x", 2, 3, 200, 360, True),
        ("S", "y", 0, 1, 0, 50, True),
        ("S", "z", 1, 0, 80, 0, True),
    )
    found = migration.revenue_bridge(lines).set_index("part")
    assert found["cents"].to_dict() == {
        "new": 500, "reacquired": 300, "lost": -700, "up": 50, "down": -80,
        "price": 60, "volume": 100,
    }  # fmt: skip
    assert (
        found["cents"].sum() == lines["cents_after"].sum() - lines["cents_before"].sum()
    )
    assert found.loc["price", "customers"] == 1
    # as two periods put together have it: the same index twice
    again = migration.revenue_bridge(lines.set_axis([0, 1, 2] * 2))
    pd.testing.assert_frame_equal(again, found.reset_index())


amounts = st.tuples(
    st.integers(0, 5), st.integers(0, 3), st.integers(-3, 5), st.integers(-3, 5),
    st.integers(-10_000, 10_000), st.integers(-10_000, 10_000),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(amounts, max_size=15, unique_by=lambda row: row[:2]))
def test_every_bridge_adds_up_to_the_cent(rows):
    lines = bridge_lines(*((*row, row[0] % 2 == 0) for row in rows)).astype(
        {"cents_before": "int64", "cents_after": "int64"}
    )
    found = migration.revenue_bridge(lines)
    assert found["part"].tolist() == migration.PARTS
    change = lines["cents_after"].sum() - lines["cents_before"].sum()
    assert found["cents"].sum() == change


def test_a_bridge_takes_whole_cents_once():
    lines = bridge_lines(("A", "x", 1, 1, 10, 20, False))
    with pytest.raises(InputError, match="'cents_after' is float64"):
        migration.revenue_bridge(lines.astype({"cents_after": float}))
    with pytest.raises(InputError, match="come twice"):
        migration.revenue_bridge(pd.concat([lines, lines]))
    two = bridge_lines(("A", "x", 1, 1, 10, 20, False), ("A", "y", 1, 1, 10, 20, True))
    with pytest.raises(InputError, match="differs within a customer"):
        migration.revenue_bridge(two)
    unknown = lines.assign(bought_earlier=np.nan)
    with pytest.raises(InputError, match="revenue_bridge: bought_earlier is null"):
        migration.revenue_bridge(unknown)
