"""Moves by hand, stocks by algebra and simulation, bridges to the cent."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mining.mining_models import build
from scipy import stats

from acrm.errors import InputError
from acrm.mining import migration
from acrm.mining.migration_table import forecast_stocks, judge_stocks, moves_of_counts


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


def counts(period_to="2024-06-30", period_from="2024-03-31", scheme="tier", **moved):
    """Counted moves of a quarter, as SQL hands them over."""
    rows = [(*name.split("_to_"), n) for name, n in moved.items()]
    frame = pd.DataFrame(rows, columns=["state_from", "state_to", "customers"])
    return frame.assign(
        id_space="shop", scheme=scheme, currency_code="EUR", definition_version="v",
        period_from=pd.Timestamp(period_from), period_to=pd.Timestamp(period_to),
        value_from=frame["customers"] * 10.0, value_to=frame["customers"] * 4.0,
    )  # fmt: skip


def test_counted_moves_are_those_of_the_customers_themselves():
    each = moves(gold_to_gold=6, gold_to_silver=3, none_to_silver=4)
    table = migration.transitions(each)
    counted = pd.DataFrame(
        [("gold", "gold", 6), ("gold", "silver", 3), ("none", "silver", 4)],
        columns=["state_from", "state_to", "customers"],
    )
    pd.testing.assert_frame_equal(migration.transitions(counted), table)


def test_what_is_at_risk_is_what_the_next_movers_will_bring_less():
    before = counts("2024-03-31", "2023-12-31", gold_to_gold=80, gold_to_low=20)
    now = counts(gold_to_gold=60, gold_to_low=40, low_to_gold=10, none_to_low=5)
    table = moves_of_counts(pd.concat([now, before]))
    newest = table[table["period_to"] == "2024-06-30"]
    newest = newest.set_index(["state_from", "state_to"])
    # 70 are gold now, of whom 40 in 100 go on to low and bring 6 less each
    fell = newest.loc[("gold", "low")]
    assert fell["share"] == 0.4
    assert fell["expected_next"] == pytest.approx(28)
    assert fell["value_at_risk"] == pytest.approx(28 * 6)
    assert newest.loc[("none", "low"), "expected_next"] == 5
    by_scipy = stats.chi2_contingency([[60, 40], [80, 20]], correction=False).pvalue
    assert fell["p_value"] == pytest.approx(by_scipy)
    # moves that were made in one quarter are told in both
    old = table[table["period_to"] == "2024-03-31"]
    assert len(old) == len(newest) == 4
    assert old["p_value"].isna().all()


def test_the_next_stock_is_that_of_the_moves():
    now = counts(a_to_a=70, a_to_b=20, a_to_none=10, b_to_a=10, none_to_a=25)
    found = forecast_stocks(now).set_index("state")
    assert found["customers"].to_dict() == {"a": 105, "b": 20, "none": 0}
    # of 105 in a 70 of 100 stay, all 20 of b come, and 25 join
    assert found["expected"]["a"] == pytest.approx(105 * 0.7 + 20 + 25)
    assert (found["status"] == "ok").all()
    new = forecast_stocks(counts(a_to_a=70, a_to_c=30)).set_index("state")
    assert new["expected"].to_dict() == pytest.approx({"a": 49, "c": 51, "none": 0})
    assert set(new["reason"]) == {"nobody was in c before: taken to stay"}
    few = forecast_stocks(counts(a_to_a=10))
    assert few["status"].tolist() == ["insufficient_data"]
    assert few["expected"].isna().all()


def test_a_forecast_by_moves_is_better_where_customers_go_on_to_move_so():
    first = counts("2024-03-31", "2023-12-31", a_to_a=800, a_to_b=200, b_to_b=500,
                   none_to_a=100)  # fmt: skip
    same = counts(a_to_a=720, a_to_b=180, b_to_b=700, none_to_a=100)
    (row,) = judge_stocks(pd.concat([first, same])).to_dict("records")
    assert row["verdict"] == "better"
    assert row["value"] == 0
    # no change: a was 900 and is 820, b was 700 and is 880
    assert row["baseline_value"] == pytest.approx((80 + 180) / 1700)
    assert row["cutoff_date"] == pd.Timestamp("2024-03-31")
    still = counts(a_to_a=900, b_to_b=700)
    (row,) = judge_stocks(pd.concat([first, still])).to_dict("records")
    assert row["verdict"] == "not_better"
    assert row["baseline_value"] == 0
    (row,) = judge_stocks(
        pd.concat([counts("2024-03-31", "2023-12-31", a_to_a=5), counts(a_to_a=5)])
    ).to_dict("records")
    assert row["verdict"] == "insufficient_data"
    assert row["reason"] == "5 customers; at least 50 are needed"


def test_no_quarter_is_a_table_as_well():
    nothing = counts(a_to_a=1).head(0)
    for table in (moves_of_counts, forecast_stocks, judge_stocks):
        assert not len(table(nothing))


def test_the_bridge_in_sql_is_that_of_the_function():
    rng = np.random.default_rng(5)
    n = 4000
    day = pd.Timestamp("2022-12-31") + pd.to_timedelta(rng.integers(1, 731, n), "D")
    quantity = rng.choice([-1, 1, 2, 3], n, p=[0.1, 0.5, 0.2, 0.2])
    lines = pd.DataFrame(
        {
            "id_space": "shop",
            "currency_code": "EUR",
            "customer_id": [f"c{c}" if c else None for c in rng.integers(0, 150, n)],
            "product_id": [f"p{p}" for p in rng.integers(0, 6, n)],
            "date_key": day,
            "recorded_on": day,
            "quantity": quantity,
            "net_amount": quantity * rng.integers(100, 999, n) / 100,
        }
    )
    ends = pd.date_range("2023-12-31", "2024-12-31", freq="ME")
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        connection.register("ends", pd.DataFrame({"day": ends}))
        connection.execute("""
            create table int_known_line as select * replace (
                date_key::date as date_key, recorded_on::date as recorded_on,
                quantity::decimal(18, 3) as quantity,
                net_amount::decimal(18, 2) as net_amount
            ) from lines;
            create table int_customer_day as
            select distinct customer_id, date_key from int_known_line
            where customer_id is not null;
            create table int_mining_cutoff as
            select 'shop' as id_space, day::date as cutoff_date,
                day = date '2024-12-31' as is_current,
                (day::date - date '2022-12-31')::integer as history_days
            from ends
        """)
        build(connection, "fct_revenue_bridge")
        told = connection.execute("from fct_revenue_bridge").df()
    # four quarters; that of the year before Q1 to Q4 is there for all
    assert sorted(told["compared_with"]) == ["quarter_before"] * 4 + ["year_before"] * 4
    cents = (lines["net_amount"] * 100).round().astype("int64")
    first = lines.groupby("customer_id")["date_key"].min()
    for row in told.to_dict("records"):
        sides = {}
        for side, end in (("before", row["before_date"]), ("after", row["date_key"])):
            start = pd.Timestamp(end) - pd.offsets.MonthEnd(3)
            inside = lines["date_key"].gt(start) & lines["date_key"].le(end)
            sides[side] = inside
            assert float(row[f"{side}_amount"]) * 100 == pytest.approx(
                cents[inside].sum()
            )
            if side == "before":
                opens = start
        known = lines[lines["customer_id"].notna()]
        table = pd.DataFrame(
            {
                f"{name}_{side}": values[inside & lines["customer_id"].notna()]
                .groupby([known["customer_id"], known["product_id"]])
                .sum()
                for side, inside in sides.items()
                for name, values in (("cents", cents), ("quantity", lines["quantity"]))
            }
        ).fillna(0)
        table = table.astype("int64").reset_index()
        table = table.rename(columns={"product_id": "item"})
        table["bought_earlier"] = table["customer_id"].map(first) <= opens
        wanted = migration.revenue_bridge(table).set_index("part")
        for part, expected in wanted["cents"].items():
            assert float(row[f"{part}_amount"]) * 100 == pytest.approx(expected), part
        for part in ("new", "reacquired", "lost"):
            assert row[f"{part}_count"] >= wanted.loc[part, "customers"]
