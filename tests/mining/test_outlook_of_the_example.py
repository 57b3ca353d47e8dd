"""Who leaves, who earns: tables of the example company against plain SQL."""

from __future__ import annotations

import pytest


def test_everybody_has_a_row_of_silent_churn_and_subscribers_one_of_contract(
    example_stars,
):
    (row,) = example_stars.sql("""
        with cutoff as (
            select any_value(as_of) as as_of from customer_churn
            where id_space = 'example'
        ),
        subscribed as (
            select subscription_id, any_value(customer_id) as customer_id
            from fct_subscription_event, cutoff
            where date_key <= as_of and customer_key > 0
            group by subscription_id
            having arg_max(event_type, occurred_at) <> 'cancel'
        )
        select
            (select count(*) from customer_churn where churn_type = 'silent') as silent,
            (select count(*) from customer_rfm) as known,
            (select count(*) from customer_churn where churn_type = 'contract')
                as contract,
            (select count(distinct customer_id) from subscribed) as subscribed
    """)
    assert row["silent"] == row["known"] > 1000
    assert row["contract"] == row["subscribed"] > 10


def test_who_was_said_to_stay_did_so_more_often_than_who_was_said_to_go(example_stars):
    (row,) = example_stars.sql("""
        select count(*) as scores,
            avg(actual) filter (band = 1) as top, avg(actual) as overall,
            avg(actual) filter (band = 10) as least, avg(published_score) as foretold
        from fct_score
        where model = 'churn' and is_mature
    """)
    assert row["scores"] > 1000
    assert row["top"] > 1.5 * row["overall"] > 3 * row["least"]
    assert row["foretold"] == pytest.approx(row["overall"], abs=0.1)


def test_what_is_said_to_have_come_is_what_the_facts_say(example_stars):
    (row,) = example_stars.sql("""
        with came as (
            select fct_score.score_key,
                count(sales.order_key) filter (sales.line_type = 'sale') = 0 as left_us
            from fct_score
            left join fct_sales_line as sales
                on sales.customer_id = fct_score.customer_id
                and sales.date_key between fct_score.label_from and fct_score.label_to
            where fct_score.model = 'churn' and fct_score.is_mature
            group by fct_score.score_key
        )
        select count(*) as scores,
            count(*) filter (came.left_us <> (fct_score.actual = 1)) as wrong
        from fct_score inner join came using (score_key)
    """)
    assert row["scores"] > 1000
    assert row["wrong"] == 0


def test_the_whale_curve_holds_every_customer_who_brought_or_cost(example_stars):
    (row,) = example_stars.sql("""
        select count(*) as customers, max(cumulative_share) as top,
            arg_max(cumulative_share, whale_rank) as last, sum(contribution_3) as total,
            (
                select sum(contribution_3) from customer_profitability
                where month_start > as_of - interval 12 month
                    and contains(customer_id, ':')
            ) as months
        from customer_whale_curve
    """)
    assert row["customers"] > 1000
    assert row["top"] >= row["last"] == pytest.approx(1)
    assert row["total"] == row["months"]
