"""Cubes by where customers stand: as it was, as it is, and nothing lost."""

from __future__ import annotations

import pytest

from acrm_olap.errors import MeaningError

EUR = {"source_system": "example_shop"}
COMPANY = {"company": "example"}


LEVELS = {
    "stage": ("lifecycle_stage", {"active", "at_risk", "lapsed"}),
    "value_tier": ("value_tier", {"high", "medium", "low"}),
    "segment": ("segment", set()),
    "clv_tier": ("clv_tier", {"high", "medium", "low"}),
    "churn_band": ("churn_band", {"high", "medium", "low"}),
}


@pytest.mark.parametrize("as_of", ["was", "is"])
@pytest.mark.parametrize("level", LEVELS)
def test_net_by_standing_adds_up_and_is_that_of_the_spans(ask, sql, level, as_of):
    rows = ask("sales", ["net"], [f"standing.{level}"], where=EUR, as_of=as_of)
    (total,) = sql("""
        select sum(net_amount) as net from fct_sales_line
        where source_system = 'example_shop'
    """)
    assert sum(row["net"] for row in rows) == total["net"]
    holds = {
        "was": "date_key >= valid_from and date_key < valid_to",
        "is": "is_current",
    }[as_of]
    scheme, labels = LEVELS[level]
    wanted = sql(f"""
        select spans.segment as label, sum(net_amount) as net
        from fct_sales_line
        left join (from fct_segment_span where scheme = '{scheme}') as spans
            on spans.customer_id = fct_sales_line.customer_id and {holds}
        where source_system = 'example_shop' group by all
    """)
    told = {row[f"standing.{level}"]: row["net"] for row in rows}
    assert told == {row["label"]: row["net"] for row in wanted}
    assert labels < set(told)


def test_as_it_is_a_standing_has_the_labels_that_are_published(ask, sql):
    axes = ["segment", "clv_tier", "churn_band"]
    rows = ask(
        "sales", ["customers"], [f"standing.{axis}" for axis in axes],
        where=EUR, as_of="is",
    )  # fmt: skip
    wanted = sql("""
        select segment_name, clv_tier, risk_band,
            count(distinct customer_id) as customers
        from fct_sales_line
        inner join customer_segment using (customer_id)
        inner join customer_clv using (customer_id)
        inner join (from customer_churn where churn_type = 'silent') using (customer_id)
        where source_system = 'example_shop' group by all
    """)
    told = {
        tuple(row[f"standing.{axis}"] for axis in axes): row["customers"]
        for row in rows
        if row["standing.clv_tier"] is not None
    }
    assert told == {
        (row["segment_name"], row["clv_tier"], row["risk_band"]): row["customers"]
        for row in wanted
    }


def test_as_it_was_a_band_is_by_the_newest_score_of_the_day(ask, sql):
    rows = ask("sales", ["net"], ["date.month", "standing.churn_band"],
               where=EUR, as_of="was")  # fmt: skip
    wanted = sql("""
        with cutoffs as (
            select distinct date_key as cutoff from fct_score where id_space = 'example'
        ),
        lines as (
            select strftime(date_key, '%Y-%m') as month, net_amount, customer_id, cutoff
            from fct_sales_line asof left join cutoffs on date_key >= cutoff
            where source_system = 'example_shop'
        )
        select month, sum(net_amount) as net,
            case when band = 1 then 'high' when band <= 3 then 'medium'
                when band > 3 then 'low' end as churn_band
        from lines
        left join fct_score on model = 'churn' and date_key = cutoff
            and fct_score.customer_id = lines.customer_id
        group by all
    """)
    told = {
        (str(row["date.month"])[:7], row["standing.churn_band"]): row["net"]
        for row in rows
    }
    assert told == {(row["month"], row["churn_band"]): row["net"] for row in wanted}
    # months before the first cut-off have none
    assert len({month for month, band in told if band}) < len({one for one, _ in told})


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
