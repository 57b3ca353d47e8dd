"""Cubes by where customers stand: as it was, as it is, and nothing lost."""

from __future__ import annotations

import pytest

from acrm_olap.errors import MeaningError

EUR = {"source_system": "example_shop"}
COMPANY = {"company": "example"}


@pytest.mark.parametrize("as_of", ["was", "is"])
def test_net_by_stage_adds_up_and_is_that_of_the_facts(ask, sql, as_of):
    rows = ask("sales", ["net"], ["standing.stage"], where=EUR, as_of=as_of)
    (total,) = sql("""
        select sum(net_amount) as net from fct_sales_line
        where source_system = 'example_shop'
    """)
    assert sum(row["net"] for row in rows) == total["net"]
    holds = {
        "was": "date_key >= valid_from and date_key < valid_to",
        "is": "is_current",
    }[as_of]
    wanted = sql(f"""
        select standing.lifecycle_stage as stage, sum(net_amount) as net
        from fct_sales_line
        left join dim_customer_standing as standing
            on standing.customer_id = fct_sales_line.customer_id and {holds}
        where source_system = 'example_shop' group by all
    """)
    told = {row["standing.stage"]: row["net"] for row in rows}
    assert told == {row["stage"]: row["net"] for row in wanted}
    assert {"active", "at_risk", "lapsed"} < set(told)


def test_segment_and_tier_of_lifetime_value_are_those_of_today(ask, sql):
    rows = ask(
        "sales", ["customers"], ["standing.segment", "standing.clv_tier"],
        where=EUR, as_of="is",
    )  # fmt: skip
    wanted = sql("""
        select segment_name, clv_tier, count(distinct customer_id) as customers
        from fct_sales_line
        inner join customer_segment using (customer_id)
        inner join customer_clv using (customer_id)
        where source_system = 'example_shop' group by all
    """)
    told = {
        (row["standing.segment"], row["standing.clv_tier"]): row["customers"]
        for row in rows
        if row["standing.clv_tier"] is not None
    }
    assert told == {
        (row["segment_name"], row["clv_tier"]): row["customers"] for row in wanted
    }


def test_waterfall_and_bridge_lead_over_any_period(ask):
    moved = ["redefined", "new", "reactivated", "lapsed"]
    (base,) = ask("base_movement", ["opening", *moved, "closing"], where=COMPANY)
    assert base["closing"] > 0
    gained = base["redefined"] + base["new"] + base["reactivated"]
    assert base["opening"] + gained - base["lapsed"] == base["closing"]
    parts = ["new", "reacquired", "lost", "up", "down", "volume", "price", "anonymous"]
    (bridge,) = ask("revenue_bridge", ["before", *parts, "after"], where=COMPANY)
    change = sum(bridge[part] for part in parts)
    assert bridge["before"] + change == bridge["after"] > 0


def test_scores_of_different_models_have_no_mean_of_both(ask):
    counted = ask("scores", ["scores", "fallback_share"], ["model"], where=COMPANY)
    assert {row["model"] for row in counted} >= {"clv", "rhythm"}
    (mean,) = ask("scores", ["mean_score"], where={**COMPANY, "model": "clv"})
    assert mean["mean_score"] > 0
    with pytest.raises(MeaningError):
        ask("scores", ["mean_score"], where=COMPANY)
