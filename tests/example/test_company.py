"""What the extracts of an example company say agrees, also across systems."""

from __future__ import annotations

import pytest

LOCAL = "(ordered_at at time zone 'UTC' at time zone 'Europe/Lisbon')"
REFERENCES = [
    ("orders", "store_id", "stores"),
    ("orders", "employee_id", "employees"),
    ("orders", "abnormal_reason_code", "reasons.reason_code"),
    ("order_lines", "store_id", "stores"),
    ("order_lines", "employee_id", "employees"),
    ("order_lines", "offer_id", "offers"),
    ("order_lines", "original_order_id", "orders.order_id"),
    ("order_lines", "return_reason_code", "reasons.reason_code"),
    ("stock_outs", "product_id", "products"),
    ("stock_outs", "store_id", "stores"),
    ("store_zones", "store_id", "stores"),
    ("contacts", "cell_id", "cells"),
    ("contacts", "party_id", "parties"),
    ("contacts", "offer_id", "offers"),
    ("responses", "contact_id", "contacts"),
    ("responses", "order_id", "orders"),
    ("responses", "cell_id", "cells"),
    ("costs", "cell_id", "cells"),
    ("offer_products", "product_id", "products"),
    ("consents", "party_id", "parties"),
    ("household_members", "party_id", "parties"),
    ("leads", "party_id", "parties"),
    ("leads", "order_id", "orders"),
    ("leads", "referred_by_party_id", "parties.party_id"),
    ("leads", "lost_reason_code", "reasons.reason_code"),
    ("subscription_events", "party_id", "parties"),
    ("subscription_events", "from_plan_id", "plans.plan_id"),
    ("subscription_events", "to_plan_id", "plans.plan_id"),
    ("subscription_events", "reason_code", "reasons"),
    ("interactions", "case_id", "cases"),
    ("interactions", "order_id", "orders"),
    ("interactions", "employee_id", "employees"),
    ("interactions", "topic_code", "reasons.reason_code"),
    ("interactions", "product_id", "products"),
    ("cases", "order_id", "orders"),
    ("cases", "party_id", "parties"),
    ("cases", "topic_code", "reasons.reason_code"),
    ("satisfaction", "order_id", "orders"),
    ("satisfaction", "case_id", "cases"),
    ("satisfaction", "reason_code", "reasons"),
    ("visits", "visitor_id", "visitors"),
    ("visits", "order_id", "orders"),
    ("visits", "cell_id", "cells"),
    ("visit_steps", "visit_id", "visits"),
    ("visit_steps", "product_id", "products"),
    ("store_counts", "zone_id", "store_zones"),
    ("enquiries", "product_id", "products"),
    ("enquiries", "alternative_product_id", "products.product_id"),
    ("enquiries", "order_id", "orders"),
    ("enquiries", "employee_id", "employees"),
    ("enquiries", "topic_code", "reasons.reason_code"),
]


def test_lines_add_up_to_the_true_totals_on_every_day(company):
    path = company.folder / "truth" / "totals.csv"
    rows = company.rows(f"""
        select business_date, line_count, quantity, gross_amount, net_amount
        from read_csv('{path}', types = {{
            'quantity': 'bigint', 'gross_amount': 'decimal(18, 2)',
            'net_amount': 'decimal(18, 2)'
        }})
        order by business_date
    """)
    assert rows == company.rows(f"""
        select {LOCAL}::date as day, count(*), sum(quantity)::bigint,
            sum(gross_amount::decimal(18, 2)), sum(net_amount::decimal(18, 2))
        from order_lines group by day order by day
    """)
    assert len(rows) == company.settings.days


def test_amounts_of_a_line_agree(company):
    wrong = company.value("""
        select count(*) from order_lines
        where round(gross_amount - discount_amount - net_amount, 2) <> 0
            or round(quantity * unit_price - gross_amount, 2) <> 0
            or (line_type = 'return') <> (quantity < 0 and product_id is not null)
    """)
    assert wrong == 0


@pytest.mark.parametrize(("table", "column", "there"), REFERENCES)
def test_what_is_named_is_described(company, table, column, there):
    other, _, key = there.partition(".")
    named, unknown = company.one(f"""
        select count({column}), count(*) filter (
            {column} is not null
            and {column} not in (select {key or column} from {other})
        )
        from {table}
    """)
    assert unknown == 0
    assert named > 0, f"no {table} names a {column}: the test proves nothing"


def test_only_a_few_products_and_parties_are_never_described(company):
    for column, table in (("product_id", "products"), ("party_id", "parties")):
        unknown = company.value(f"""
            select count(*) from order_lines
            where {column} is not null
                and {column} not in (select {column} from {table})
        """)
        assert 0 < unknown < 60


def test_returns_take_back_what_was_sold_before(company):
    wrong, all_ = company.one("""
        with sold as (
            select order_id, product_id, max(quantity) as quantity,
                min(ordered_at) as ordered_at
            from order_lines where line_type = 'sale' group by all
        )
        select count(*) filter (
            sold.order_id is null or sold.ordered_at >= back.ordered_at
            or sold.quantity < -back.quantity
        ), count(*)
        from order_lines as back
        left join sold
            on back.original_order_id = sold.order_id
            and back.product_id = sold.product_id
        where back.line_type = 'return'
    """)
    assert all_ > 1_000
    # A line whose product was spoilt by name cannot be found again.
    assert wrong <= 3


def test_milestones_of_orders_follow_each_other(company):
    wrong = company.value("""
        select count(*) from orders
        where picked_at < ordered_at or shipped_at < picked_at
            or delivered_at < shipped_at or returned_at < delivered_at
            or cancelled_at < ordered_at or changed_at < ordered_at
            or (cancelled_at is not null and shipped_at is not null)
    """)
    assert wrong == 0


def test_the_latest_state_of_an_order_knows_all_that_states_before_knew(company):
    lost = company.value("""
        with later as (
            select *, lag(shipped_at) over state as shipped_before,
                lag(delivered_at) over state as delivered_before
            from orders window state as (partition by order_id order by changed_at)
        )
        select count(*) from later
        where (
                shipped_before is not null
                and shipped_at is distinct from shipped_before
            )
            or (
                delivered_before is not null
                and delivered_at is distinct from delivered_before
            )
    """)
    assert lost == 0
    assert (
        company.value(
            "select max(n) from (select count(*) n from orders group by order_id)"
        )
        > 2
    )


def test_the_main_door_counts_no_less_than_the_tills_in_any_quarter_of_an_hour(company):
    quarters, few = company.one("""
        with tills as (
            select store_id, time_bucket(interval 15 minutes, ordered_at) as quarter,
                count(distinct order_id) as orders
            from orders where store_id is not null group by all
        ),
        doors as (
            select store_id, interval_start as quarter, entries
            from store_counts where sensor_id like '%-D1'
        )
        select count(*), count(*) filter (coalesce(entries, 0) < orders)
        from tills left join doors using (store_id, quarter)
        where quarter >= (select min(quarter) from doors)
    """)
    assert quarters > 2_000
    assert few == 0


def test_who_goes_in_comes_out_by_the_evening(company):
    assert (
        company.value("""
        select count(*) from (
            select sensor_id, interval_start::date, sum(entries) - sum(exits) as inside
            from store_counts group by all having inside < 0
        )
    """)
        == 0
    )


def test_visits_end_in_the_orders_of_web_and_app(company):
    since = "(select min(ended_at)::date + 1 from visits)"
    assert company.one(f"""
        with first_states as (
            select order_id, any_value(ordered_at) as ordered_at,
                any_value(party_id) as party_id
            from orders
            where channel_code in ('web_shop', 'mobile_app') and ordered_at >= {since}
            group by order_id
        )
        select
            count(*) filter (visits.order_id is null),
            count(*) filter (visits.party_id is distinct from first_states.party_id),
            count(*) filter (not exists (
                select 1 from visit_steps
                where visit_steps.visit_id = visits.visit_id
                    and step_type = 'confirmation'
                    and step_at = first_states.ordered_at
            ))
        from first_states left join visits using (order_id)
    """) == (0, 0, 0)


def test_steps_of_a_visit_are_numbered_and_lie_within_it(company):
    assert (
        company.value("""
        select count(*) from (
            select visit_id, any_value(started_at) as started,
                any_value(ended_at) as ended,
                min(step_at) as first, max(step_at) as last, max(step_number) as top,
                count(*) as steps
            from visits inner join visit_steps using (visit_id) group by visit_id
        )
        where first <> started or last > ended or top <> steps
    """)
        == 0
    )
    without = "select count(*) from visits anti join visit_steps using (visit_id)"
    assert company.value(without) == 0


def test_an_enquiry_that_sold_names_an_order_with_the_product_or_its_alternative(
    company,
):
    sold, wrong = company.one("""
        select count(*), count(*) filter (not exists (
            select 1 from order_lines
            where order_lines.order_id = enquiries.order_id
                and (
                    product_id like 'X9000%'
                    or product_id = case
                        when is_alternative_accepted then alternative_product_id
                        else enquiries.product_id
                    end
                )
        ) or asked_at > (
            select min(ordered_at) from orders
            where orders.order_id = enquiries.order_id
        ))
        from enquiries where order_id is not null
    """)
    assert sold > 150
    assert wrong == 0


def test_targets_are_near_what_is_sold(company):
    for version, tolerance in (("budget", 0.08), ("forecast", 0.05)):
        off = company.value(f"""
            with goals as (
                select month_start, sum(target_net_amount) as target
                from targets where plan_version = '{version}' group by month_start
            ),
            sold as (
                select date_trunc('month', {LOCAL})::date as month_start,
                    sum(net_amount) as net
                from order_lines
                where party_id in (select party_id from parties)
                    and line_type <> 'charge'
                group by 1
            )
            select max(abs(target / net - 1))
            from goals inner join sold using (month_start)
        """)
        assert off < tolerance


def test_subscriptions_begin_once_and_money_follows_the_plan(company):
    assert (
        company.value("""
        with events as (
            select *, lag(to_plan_id) over history as held,
                row_number() over history as number
            from subscription_events
            window history as (partition by subscription_id order by occurred_at)
        )
        select count(*) from events
        where (number = 1) <> (event_type = 'start')
            or (number > 1 and held is distinct from from_plan_id)
            or (event_type = 'cancel') <> (mrr_amount = 0)
            or (event_type = 'cancel') <> (to_plan_id is null)
    """)
        == 0
    )


def test_the_web_grows_and_advent_is_the_peak(company):
    early, late = company.rows(f"""
        select avg((store_id is null)::int) from order_lines
        where line_type = 'sale' and month({LOCAL}) in (1, 2, 8, 9)
        group by month({LOCAL}) > 6 order by month({LOCAL}) > 6
    """)
    assert late > early
    busiest = company.value(f"""
        select strftime({LOCAL}, '%m') as month from order_lines
        where line_type = 'sale' and {LOCAL} >= '2025-01-01'
        group by month order by sum(net_amount) desc limit 1
    """)
    assert busiest == "12"


def test_rates_products_and_baskets_have_heavy_tails(company):
    top, share = company.one("""
        with customers as (
            select party_id, count(distinct order_id) as orders
            from order_lines
            where line_type = 'sale' and party_id is not null group by party_id
        ),
        ranked as (
            select orders, percent_rank() over (order by orders desc) as place
            from customers
        )
        select max(orders), sum(orders) filter (place <= 0.2) / sum(orders) from ranked
    """)
    assert top > 60
    assert 0.4 < share < 0.75
    anonymous = company.value(
        "select avg((party_id is null)::int) from order_lines where line_type = 'sale'"
    )
    assert 0.2 < anonymous < 0.3
