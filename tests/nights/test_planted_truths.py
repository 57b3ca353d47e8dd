"""What is planted in the example company is found in the stars by plain SQL."""

from __future__ import annotations

import csv
from math import sqrt
from pathlib import Path

import pytest
from company import Company
from warehouse import Warehouse, silent

from acrm.example import Settings, make_company

pytestmark = pytest.mark.slow

CUSTOMERS, DAYS = 4_000, 420


@pytest.fixture(scope="module", params=[1, 2, 3])
def company(request, tmp_path_factory) -> tuple[Warehouse, Path]:
    folder = tmp_path_factory.mktemp(f"seed{request.param}")
    extracts = folder / "company"
    make_company(
        Settings(CUSTOMERS, DAYS, request.param, daily=8),
        extracts,
        silent,
    )
    stars = Warehouse.of(Company.create(folder / "project").folder)
    stars.load(extracts / "initial")
    for day in sorted((extracts / "daily").iterdir()):
        stars.load(day)
    stars.build()
    return stars, extracts / "truth"


def truth(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("campaign", "days", "planted"),
    [("Autumn mailing", 30, 0.05), ("Spring letter", 30, 0.0), ("Come back", 60, 0.06)],
)
def test_the_interval_of_a_campaign_holds_its_planted_effect(
    company, campaign, days, planted
):
    stars, _ = company
    ((treated, treated_share, controls, control_share),) = stars.ask(f"""
        with assigned as (
            select customer_id, dim_campaign_cell.is_control, fct_contact.date_key
            from fct_contact inner join dim_campaign_cell using (cell_key)
            where campaign_name = '{campaign}'
        ),
        outcomes as (
            select
                is_control,
                exists (
                    select 1 from fct_sales_line
                    where
                        fct_sales_line.customer_id = assigned.customer_id
                        and line_type = 'sale'
                        and fct_sales_line.date_key >= assigned.date_key
                        and fct_sales_line.date_key < assigned.date_key + {days}
                )::integer as has_bought
            from assigned
        )
        select
            count(*) filter (not is_control),
            avg(has_bought) filter (not is_control),
            count(*) filter (is_control),
            avg(has_bought) filter (is_control)
        from outcomes
    """)
    error = sqrt(
        treated_share * (1 - treated_share) / treated
        + control_share * (1 - control_share) / controls
    )
    assert abs(treated_share - control_share - planted) < 1.96 * error


def test_a_shirt_makes_a_tie_nearly_four_times_as_likely_and_not_the_other_way_round(
    company,
):
    stars, _ = company
    ((lift, tie_follows, shirt_follows),) = stars.ask("""
        with orders as (
            select
                order_id,
                customer_id,
                min(date_key) as ordered_on,
                bool_or(current_product_class = 'Shirts') as has_shirt,
                bool_or(current_product_class = 'Ties') as has_tie
            from fct_sales_line inner join dim_product using (product_key)
            where line_type = 'sale'
            group by order_id, customer_id
        ),
        followed as (
            select
                *,
                lead(ordered_on) over life as next_on,
                lead(has_tie) over life as next_has_tie,
                lead(has_shirt) over life as next_has_shirt
            from orders
            where customer_id not in ('anonymous', 'unknown')
            window life as (partition by customer_id order by ordered_on, order_id)
        )
        select
            (
                select avg((has_shirt and has_tie)::integer)
                    / (avg(has_shirt::integer) * avg(has_tie::integer))
                from orders
            ),
            avg(next_has_tie::integer) filter (has_shirt and not has_tie),
            avg(next_has_shirt::integer) filter (has_tie and not has_shirt)
        from followed
        where next_on <= ordered_on + 30
    """)
    assert 3.3 < lift < 4.3
    assert tie_follows > 2 * shirt_follows


def test_who_moved_to_another_region_has_a_version_for_each(company):
    stars, folder = company
    found = {
        (customer, moved_on, region)
        for customer, moved_on, region in stars.ask("""
            select customer_id, valid_from::date::varchar, region
            from dim_customer
            where valid_from > timestamp '1900-01-01'
            qualify region is distinct from
                lag(region) over (partition by customer_id order by valid_from)
                and row_number() over (partition by customer_id order by valid_from) > 0
        """)
    }
    moves = {
        (f"example:{row['party_id']}", row["moved_at"][:10], row["to_region"])
        for row in truth(folder, "moves")
    }
    assert moves
    assert moves <= found


def test_the_cohort_that_migrates_down_stands_out(company):
    stars, folder = company
    planted = {f"example:{row['party_id']}" for row in truth(folder, "migrating_down")}
    suspects = {
        customer
        for (customer,) in stars.ask("""
            with lives as (
                select
                    customer_id,
                    count(distinct order_id) filter (
                        date_key > last_day - 184
                    ) as recent,
                    count(distinct order_id) filter (
                        date_key between last_day - 368 and last_day - 184
                    ) as before
                from fct_sales_line
                cross join (select max(date_key) as last_day from fct_sales_line)
                where line_type = 'sale' and customer_key > 0
                group by customer_id
            )
            select customer_id from lives where before >= 8 and recent <= before / 2
        """)
    }
    everybody = stars.ask("select count(distinct customer_id) from dim_customer")[0][0]
    assert suspects
    share_among_suspects = len(suspects & planted) / len(suspects)
    assert share_among_suspects > 4 * len(planted) / everybody


def test_one_door_counter_died(company):
    stars, folder = company
    (counter,) = truth(folder, "dead_counter")
    found = stars.ask("""
        with days as (
            select sensor_id, date_key, sum(entry_count) as entries
            from fct_store_traffic
            group by sensor_id, date_key
        )
        select sensor_id
        from days
        group by sensor_id
        having
            arg_max(entries, date_key) = 0
            and max(date_key) < (select max(date_key) - 7 from days)
    """)
    assert found == [(f"example:{counter['sensor_id']}",)]


def test_every_day_adds_up_to_the_true_total(company):
    stars, folder = company
    found = {
        (str(day), lines, str(net))
        for day, lines, net in stars.ask("""
            select date_key, count(*), sum(net_amount)
            from fct_sales_line group by date_key
        """)
    }
    true = {
        (row["business_date"], int(row["line_count"]), row["net_amount"])
        for row in truth(folder, "totals")
    }
    assert found == true
