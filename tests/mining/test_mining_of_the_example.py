"""Mining tables of the example company, held against plain SQL over its stars."""

from __future__ import annotations

import itertools

import pytest


def test_shirts_draw_ties_is_the_first_rule_and_goes_that_way(example_stars):
    first, second, *_ = example_stars.sql("""
        select * from product_affinity
        where id_space = 'example' and level = 'class' order by rule_rank
    """)
    assert (first["antecedent"], first["consequent"]) == ("Men / Shirts", "Men / Ties")
    assert first["direction"] == "forward"
    assert (second["antecedent"], second["direction"]) == ("Men / Ties", "backward")
    assert first["lift"] == second["lift"] > 2
    assert first["followed_rate_30"] > first["preceded_rate_30"]
    (counted,) = example_stars.sql(f"""
        with baskets as (
            select order_key, bool_or(product_class = 'Shirts') as shirt,
                bool_or(product_class = 'Ties') as tie
            from fct_sales_line
            inner join (
                select product_id, current_product_class as product_class
                from dim_product where is_current and member_type = 'product'
            ) using (product_id)
            where source_system = 'example_shop' and line_type = 'sale'
                and date_key <= date '{first["as_of"]}'
                and date_key > date '{first["as_of"]}' - 365
            group by order_key
        )
        select count(*) filter (shirt) as shirts, count(*) filter (tie) as ties,
            count(*) filter (shirt and tie) as both, count(*) as all
        from baskets
    """)
    assert first["baskets"] == counted["both"]
    assert first["antecedent_baskets"] == counted["shirts"]
    assert first["consequent_baskets"] == counted["ties"]
    assert first["support"] == pytest.approx(counted["both"] / counted["all"])


def test_pairs_and_triples_of_products_classes_and_brands_are_told(example_stars):
    kinds = example_stars.sql("""
        select level, length, count(*) as rules, min(rule_rank) as first_rank,
            count(*) filter (lift_30 > 0) as followed,
            count(*) filter (also_antecedent_name is not null) as pairs_of_antecedents
        from product_affinity group by all order by all
    """)
    assert {(row["level"], row["length"]) for row in kinds} >= {
        ("brand", 2), ("class", 2), ("class", 3), ("product", 2),
    }  # fmt: skip
    for row in kinds:
        assert (row["first_rank"] == 1) == (row["length"] == 2)
        assert row["pairs_of_antecedents"] == (
            row["rules"] if row["length"] == 3 else 0
        )
        assert (row["followed"] > 0) == (row["length"] == 2)


def test_the_waterfall_goes_on_from_month_to_month_and_ends_in_the_stages(
    example_stars,
):
    months = example_stars.sql("from fct_base_movement order by date_key")
    assert len(months) > 3
    for before, after in itertools.pairwise(months):
        assert before["closing_count"] == after["opening_count"]
    (base,) = example_stars.sql("""
        select count(*) as customers from customer_rfm
        where lifecycle_stage in ('new', 'active', 'at_risk', 'reactivated')
    """)
    assert months[-1]["closing_count"] == base["customers"]
    # who is new or back in the base ordered in that month
    last = months[-1]["date_key"]
    (ordered,) = example_stars.sql(f"""
        select count(distinct customer_id) as customers from fct_sales_line
        where line_type = 'sale' and customer_key > 0
            and date_key between date_trunc('month', date '{last}') and date '{last}'
    """)
    moved = months[-1]["new_count"] + months[-1]["reactivated_count"]
    assert 0 < moved <= ordered["customers"]


def test_current_spans_are_what_is_published_today(example_stars):
    assert example_stars.sql("""
        with told as (
            select customer_id, 'lifecycle_stage' as scheme, lifecycle_stage as segment
            from customer_rfm where lifecycle_stage is not null
            union all
            select customer_id, 'value_tier', value_tier
            from customer_rfm where value_tier is not null
            union all
            select customer_id, 'segment', segment_name
            from customer_segment where segment_name is not null
            union all
            select customer_id, 'clv_tier', clv_tier
            from customer_clv where clv_tier is not null
            union all
            select customer_id, 'churn_band', risk_band
            from customer_churn where churn_type = 'silent' and risk_band is not null
        ),
        spans as (
            select customer_id, scheme, segment from fct_segment_span where is_current
        )
        select count(*) as differ
        from ((from told except from spans) union all (from spans except from told))
    """) == [{"differ": 0}]


def test_spans_of_a_customer_do_not_overlap(example_stars):
    assert example_stars.sql("""
        select count(*) as overlapping
        from fct_segment_span as one
        inner join fct_segment_span as other using (customer_id, scheme)
        where one.segment_span_key <> other.segment_span_key
            and one.valid_from < other.valid_to and other.valid_from < one.valid_to
    """) == [{"overlapping": 0}]


def test_values_so_far_are_those_of_the_facts(example_stars):
    (compared,) = example_stars.sql("""
        with facts as (
            select customer_id, sum(net_amount) as net
            from fct_sales_line
            where customer_key > 0 and date_key <= (
                select any_value(cutoff_date) from obs_customer where is_current
            )
            group by customer_id
        )
        select count(*) as customers, count(*) filter (
            obs_customer.net_amount <> facts.net
        ) as differ
        from obs_customer inner join facts using (customer_id)
        where is_current
    """)
    assert compared["customers"] > 1000
    # lines that a later load brought for days already known
    assert compared["differ"] <= compared["customers"] * 0.02


def test_every_score_whose_time_is_over_has_what_came(example_stars):
    (row,) = example_stars.sql("""
        with came as (
            select fct_score.score_key,
                count(sales.order_key) filter (sales.line_type = 'sale') > 0 as ordered
            from fct_score
            left join fct_sales_line as sales
                on sales.customer_id = fct_score.customer_id
                and sales.date_key between fct_score.label_from and fct_score.label_to
            where fct_score.model = 'rhythm' and fct_score.is_mature
            group by fct_score.score_key
        )
        select count(*) as scores, count(*) filter (
            came.ordered <> (fct_score.actual = 1)
        ) as wrong
        from fct_score inner join came using (score_key)
    """)
    assert row["scores"] > 1000
    assert row["wrong"] == 0


def test_what_is_published_is_the_model_only_where_it_was_better(example_stars):
    rows = example_stars.sql("""
        select distinct model_version.model, model_version.published,
            model_version.verdict, fct_score.is_fallback
        from model_version inner join fct_score using (model, id_space, part)
        where fct_score.score is not null
    """)
    assert {row["model"] for row in rows} == {"clv", "rhythm", "churn"}
    for row in rows:
        assert row["is_fallback"] == (row["verdict"] != "better")
        assert row["published"] == ("baseline" if row["is_fallback"] else "model")


def test_the_cohort_that_migrates_down_is_found_in_the_stages(example_stars):
    truth = example_stars.warehouse.project.root.parent / "made" / "truth"
    (row,) = example_stars.sql(f"""
        with cohort as (
            select 'example:' || party_id as customer_id
            from read_csv('{truth / "migrating_down.csv"}')
        ),
        placed as (
            select customer_id,
                arg_max(segment, valid_from) filter (valid_from <= date '2025-06-30')
                    as before,
                arg_max(segment, valid_from) as now
            from fct_segment_span where scheme = 'lifecycle_stage' group by customer_id
        ),
        gone as (
            select customer_id in (from cohort) as migrates,
                avg((now in ('at_risk', 'lapsed', 'former'))::int) as share
            from placed where before = 'active' group by migrates
        )
        select max(share) filter (migrates) as cohort,
            max(share) filter (not migrates) as others
        from gone
    """)
    assert row["cohort"] > 1.5 * row["others"]


def test_moves_end_in_the_stages_of_the_quarter_and_go_on_from_them(example_stars):
    assert example_stars.sql("""
        with moves as (
            select state_to as segment, sum(customers)::bigint as customers
            from customer_migration
            where is_newest and scheme = 'lifecycle_stage' and id_space = 'example'
            group by segment
        ),
        newest as (
            select max(period_to) as day from customer_migration where is_newest
        ),
        spans as (
            select segment, count(*) as customers
            from fct_segment_span, newest
            where scheme = 'lifecycle_stage' and id_space = 'example'
                and valid_from <= newest.day and valid_to > newest.day
            group by segment
        )
        select count(*) as differ
        from moves full join spans using (segment)
        where moves.customers is distinct from spans.customers and segment <> 'none'
    """) == [{"differ": 0}]


def test_the_bridge_leads_from_quarter_to_quarter_of_the_facts(example_stars):
    rows = example_stars.sql("""
        with facts as (
            select last_day(make_date(year(date_key)::integer,
                quarter(date_key)::integer * 3, 1)) as quarter_end,
                sum(net_amount) as net
            from fct_sales_line where source_system = 'example_shop' group by all
        )
        select bridge.*, opening.net as opening, closing.net as closing
        from fct_revenue_bridge as bridge
        inner join facts as opening on opening.quarter_end = bridge.before_date
        inner join facts as closing on closing.quarter_end = bridge.date_key
        where bridge.id_space = 'example'
    """)
    assert rows
    parts = ["new", "reacquired", "lost", "up", "down", "volume", "price", "anonymous"]
    for row in rows:
        assert row["before_amount"] == row["opening"]
        assert row["after_amount"] == row["closing"]
        change = sum(row[f"{part}_amount"] for part in parts)
        assert row["before_amount"] + change == row["after_amount"]
        assert row["lost_count"] > 0 < row["new_count"]


def test_what_is_beside_ties_is_what_the_facts_say(example_stars):
    (told,) = example_stars.sql(
        "from product_halo where level = 'class' and item = 'Men / Ties'"
    )
    assert told["value_basis"] == "margin"
    (counted,) = example_stars.sql(f"""
        with lines as (
            select order_key, current_product_class = 'Ties' as is_tie,
                coalesce(margin_amount, 0) as margin
            from fct_sales_line
            inner join (from dim_product where is_current) using (product_id)
            where fct_sales_line.source_system = 'example_shop' and line_type = 'sale'
                and date_key <= date '{told["as_of"]}'
                and date_key > last_day(date '{told["as_of"]}' - interval 12 month)
        ),
        baskets as (
            select sum(margin) filter (not is_tie) as beside
            from lines group by order_key having bool_or(is_tie)
        )
        select count(*) as baskets, avg(coalesce(beside, 0)) as beside from baskets
    """)
    assert told["baskets"] == counted["baskets"]
    assert told["other_value"] == pytest.approx(counted["beside"])


def test_baskets_while_a_product_was_out_are_those_of_the_facts(example_stars):
    told, *_ = example_stars.sql("""
        from product_halo where id_space = 'example' and level = 'product'
        order by stock_out_days desc, item
    """)
    (counted,) = example_stars.sql(f"""
        with orders as (
            select order_key, any_value(store_id) as store_id,
                any_value(date_key) as day
            from fct_sales_line
            where source_system = 'example_shop' and line_type = 'sale'
                and date_key <= date '{told["as_of"]}'
                and date_key > last_day(date '{told["as_of"]}' - interval 12 month)
            group by order_key
        ),
        states as (
            select day, orders.store_id, last_day(day) as month,
                isodow(day) > 5 as late,
                count(distinct order_key) as baskets,
                coalesce(max(1 + (day > date_key and day < ended_date_key)::int), 0)
                    as state
            from orders left join fct_stock_out as outs
                on outs.store_id = orders.store_id and day >= date_key
                and day <= ended_date_key and outs.product_id = '{told["item"]}'
            group by all
        )
        select count(*) as days, sum(baskets) as baskets from states as one
        where state = 2 and exists (
            from states as other where other.state = 0
            and (other.store_id, other.month, other.late)
                = (one.store_id, one.month, one.late)
        )
    """)
    assert told["stock_out_days"] == counted["days"] > 0
    assert told["stock_out_baskets"] == counted["baskets"]


def test_tills_that_sell_on_while_out_of_stock_tell_no_halo(example_stars):
    (told,) = example_stars.sql("""
        select count(*) filter (stock_out_verdict = 'confirmed') as confirmed,
            count(*) filter (stock_out_days >= 10) as long_out
        from product_halo where id_space = 'example'
    """)
    assert told["confirmed"] == 0 < told["long_out"]


def test_every_customer_has_a_segment_or_the_tier_that_stands_for_it(example_stars):
    rows = example_stars.sql("""
        select customer_segment.*, customer_rfm.value_tier, model_version.published,
            model_version.verdict as told
        from customer_rfm
        left join customer_segment using (customer_id)
        left join model_version on model_version.model = 'segment'
            and model_version.id_space = customer_rfm.id_space
    """)
    assert len(rows) > 1000
    assert {row["published"] for row in rows} <= {"model", "baseline"}
    for row in rows:
        assert row["verdict"] == row["told"]
        is_model = row["verdict"] == "better" and row["cluster"] is not None
        assert row["segment"] == row["cluster" if is_model else "value_tier"]
    profiled = example_stars.sql("""
        select cluster, any_value(customers) as customers,
            (select count(*) from customer_segment
                where customer_segment.cluster = profile.cluster) as placed
        from customer_segment_profile as profile group by cluster
    """)
    assert 2 <= len(profiled) <= 8
    assert all(row["customers"] == row["placed"] for row in profiled)
