"""What is planted can be found in the extracts, and is what truth/ says."""

from __future__ import annotations

import csv
from math import sqrt

import pytest
from example_extracts import files_of

LOCAL = "(ordered_at at time zone 'UTC' at time zone 'Europe/Lisbon')"


def by_name(company):
    return {row["name"]: row for row in company.truth("effects")}


def shares(company, campaign, window):
    """Treated and control: how many, and the share that buys in the window."""
    return company.rows(f"""
        with audience as (
            select party_id, cell_id like '%-C' as is_control, assigned_on
            from contacts where cell_id like '{campaign}-%'
        ),
        bought as (
            select audience.*, exists (
                select 1 from order_lines
                where order_lines.party_id = audience.party_id and line_type = 'sale'
                    and {LOCAL}::date > assigned_on
                    and {LOCAL}::date <= assigned_on + {window}
            ) as is_buyer
            from audience
        )
        select count(*), avg(is_buyer::int) from bought
        group by is_control order by is_control
    """)


@pytest.mark.parametrize(
    ("campaign", "window", "effect"), [("X", 30, 0.05), ("W", 60, 0.06), ("N", 30, 0.0)]
)
def test_a_campaign_does_what_it_is_said_to_do(company, campaign, window, effect):
    (told,) = [
        row for row in company.truth("campaigns") if row["campaign_id"] == campaign
    ]
    (treated, share), (controls, base) = shares(company, campaign, window)
    assert (treated, controls) == (int(told["treated"]), int(told["controls"]))
    assert float(told["true_effect"]) == effect
    # Lines whose card is unknown or that stay broken may hide a purchase or two.
    assert share == pytest.approx(float(told["treated_share"]), abs=0.004)
    assert base == pytest.approx(float(told["control_share"]), abs=0.013)
    spread = 1.96 * sqrt(share * (1 - share) / treated + base * (1 - base) / controls)
    assert abs(share - base - effect) <= spread


def test_newsletters_have_no_effect_on_average(company):
    rows = [row for row in company.truth("campaigns") if row["kind"] == "regular"]
    assert len(rows) > 10
    assert {row["true_effect"] for row in rows} == {"0"}
    mean = sum(float(row["realised_effect"]) for row in rows) / len(rows)
    assert abs(mean) < 0.06


def test_nobody_of_the_universal_control_group_is_ever_contacted(company):
    held, contacted = company.one("""
        with held as (select party_id from contacts where cell_id = 'U-0')
        select count(distinct party_id),
            count(*) filter (cell_id <> 'U-0' or contacted_at is not null)
        from contacts where party_id in (select party_id from held)
    """)
    assert held > 20
    assert contacted == 0


def test_a_shirt_sells_a_tie(company):
    lift, confidence = company.one("""
        with classes as (select distinct product_id, class from products),
        baskets as (
            select order_id, bool_or(class = 'Shirts') as shirt,
                bool_or(class = 'Ties') as tie
            from order_lines inner join classes using (product_id)
            where line_type = 'sale' group by order_id
        )
        select avg((shirt and tie)::int) / (avg(shirt::int) * avg(tie::int)),
            avg((shirt and tie)::int) / avg(shirt::int)
        from baskets
    """)
    told = by_name(company)
    assert lift == pytest.approx(3.8, abs=0.35)
    assert lift == pytest.approx(float(told["basket_lift"]["realised"]), rel=0.05)
    assert confidence == pytest.approx(
        float(told["confidence_shirt_tie"]["realised"]), rel=0.05
    )


def test_no_other_pair_of_classes_is_bought_together_as_often(company):
    pairs = company.rows("""
        with classes as (select distinct product_id, class from products),
        baskets as (
            select distinct order_id, class
            from order_lines inner join classes using (product_id)
            where line_type = 'sale'
        ),
        sizes as (select class, count(*) as n from baskets group by class),
        total as (select count(distinct order_id) as n from baskets)
        select a.class, b.class,
            count(*) * any_value(total.n) / (any_value(x.n) * any_value(y.n)) as lift
        from baskets as a inner join baskets as b using (order_id)
        inner join sizes as x on x.class = a.class
        inner join sizes as y on y.class = b.class
        cross join total
        where a.class < b.class group by all order by lift desc limit 2
    """)
    assert pairs[0][:2] == ("Shirts", "Ties")
    assert pairs[0][2] > 1.2 * pairs[1][2]


def test_a_tie_follows_a_shirt_and_not_the_other_way_round(company):
    tie_next, shirt_next = company.one(f"""
        with classes as (select distinct product_id, class from products),
        baskets as (
            select party_id, order_id, min({LOCAL}) as moment,
                bool_or(class = 'Shirts') as shirt, bool_or(class = 'Ties') as tie
            from order_lines inner join classes using (product_id)
            where line_type = 'sale' and party_id is not null group by all
        ),
        pairs as (
            select shirt, tie, lead(shirt) over h as shirt_next,
                lead(tie) over h as tie_next,
                lead(moment) over h - moment <= interval 30 days as is_near
            from baskets window h as (partition by party_id order by moment)
        )
        select avg(tie_next::int) filter (shirt), avg(shirt_next::int) filter (tie)
        from pairs where is_near
    """)
    assert tie_next > 2.5 * shirt_next


def test_who_moved_lives_elsewhere_from_the_day_told(company):
    moves = company.truth("moves")
    parties = company.value("select count(distinct party_id) from parties")
    assert 0.07 < len(moves) / parties < 0.12
    versions = {
        (party, at): region
        for party, at, region in company.rows(
            "select party_id, changed_at::varchar, region from parties"
        )
    }
    assert [versions[row["party_id"], row["moved_at"]] for row in moves] == [
        row["to_region"] for row in moves
    ]
    assert all(row["from_region"] != row["to_region"] for row in moves)
    changed = company.value("""
        select count(*) from (
            select party_id from parties
            group by party_id having count(distinct region) > 1
        )
    """)
    assert changed == len(moves)


def test_who_migrates_down_buys_much_less_than_before(company):
    told = company.folder / "truth" / "migrating_down.csv"
    rows = dict(
        company.rows(f"""
            select party_id in (select party_id from read_csv('{told}')) as migrates,
                count(distinct order_id) filter ({LOCAL} >= timestamp '2025-07-03')
                / count(distinct order_id) filter (
                    {LOCAL} < timestamp '2025-07-03'
                    and {LOCAL} >= timestamp '2025-01-02'
                )
            from order_lines where line_type = 'sale' and party_id is not null
            group by migrates
        """)
    )
    assert rows[True] < 0.45
    assert rows[False] > 0.9


def test_a_duplicate_is_the_same_person_under_another_address(company):
    told = company.folder / "truth" / "duplicates.csv"
    pairs, same_person, same_mail, same_name = company.one(f"""
        with latest as (
            select * from parties
            qualify row_number() over (partition by party_id order by changed_at) = 1
        )
        select count(*),
            count(*) filter (
                twin.first_name = person.first_name and twin.gender = person.gender
            ),
            count(*) filter (twin.email = person.email),
            count(*) filter (twin.last_name = person.last_name)
        from read_csv('{told}') as told
        inner join latest as twin on told.party_id = twin.party_id
        inner join latest as person on told.true_party_id = person.party_id
    """)
    assert pairs == company.settings.duplicates
    assert same_person == pairs
    assert same_mail == 0
    assert 0 < same_name < pairs


def test_one_counter_died_on_the_day_told(company):
    (told,) = company.truth("dead_counter")
    died, last = told["died_on"], told["last_row_on"]
    before, after, latest = company.one(f"""
        select min(entries) filter (day < '{died}'),
            max(entries) filter (day >= '{died}'),
            max(day)::varchar
        from (
            select interval_start::date as day, sum(entries) as entries
            from store_counts where sensor_id = '{told["sensor_id"]}' group by day
        )
    """)
    assert before > 0
    assert after == 0
    assert latest == last


def test_a_late_order_makes_the_next_less_likely(company):
    late, on_time = [
        share
        for _, share in company.rows("""
            with final as (
                select * from orders
                qualify row_number() over (
                    partition by order_id order by changed_at desc
                ) = 1
            ),
            nexts as (
                select *, lead(ordered_at) over (
                    partition by party_id order by ordered_at
                ) - ordered_at <= interval 90 days as is_soon
                from final where party_id is not null
            )
            select delivered_at::date <= promised_on as is_on_time,
                avg(coalesce(is_soon, false)::int)
            from nexts
            where promised_on is not null and delivered_at is not null
                and ordered_at < timestamp '2025-10-02'
            group by 1 order by 1
        """)
    ]
    assert late < on_time - 0.03


def test_the_pleased_buy_again_more_often(company):
    unhappy, pleased = [
        share
        for _, share in company.rows("""
            with answers as (
                select score >= 9 as is_pleased, party_id, answered_at from satisfaction
                where indicator = 'nps' and answered_at < timestamp '2025-10-02'
            )
            select is_pleased, avg(exists (
                select 1 from orders
                where orders.party_id = answers.party_id and ordered_at > answered_at
                    and ordered_at < answered_at + interval 60 days
            )::int)
            from answers group by 1 order by 1
        """)
    ]
    assert pleased > unhappy


def test_an_alternative_helps_to_sell(company):
    rows = dict(
        company.rows("""
            select is_alternative_offered, avg((order_id is not null)::int)
            from enquiries where not coalesce(is_in_stock, true) group by 1
        """)
    )
    assert rows[True] > rows[False] + 0.1


def counted(company, what, table):
    return sum(
        int(row["count"])
        for row in company.truth("dirt")
        if row["what"].startswith(what) and row["table"] == table
    )


def test_late_and_corrected_lines_are_as_many_as_told(company):
    first = company.settings.date_of(company.settings.first_daily)
    # Deliveries are numbered: the initial extract is 0, the first day's file is 1.
    late = company.value(f"""
        with deliveries as (
            select min(delivery) as delivery, any_value(
                (ordered_at::timestamp at time zone 'UTC'
                    at time zone 'Europe/Lisbon')::date
            ) as day
            from delivered_order_lines where order_id is not null
            group by order_id, line_number
        )
        select count(*) from deliveries
        where delivery > 0 and day < date '{first}' + (delivery - 1)::int
    """)
    again = company.value("""
        select count(*) from (
            select order_id from delivered_order_lines
            where order_id is not null
            group by order_id, line_number
            having count(distinct net_amount) > 1
        )
    """)
    assert again == counted(company, "corrected row", "order_lines") > 0
    told = counted(company, "late row", "order_lines")
    # A line with a broken key is found later, once it is mended.
    assert (
        0 < told <= late <= told + counted(company, "broken row: empty", "order_lines")
    )


def broken(row):
    values = list(row.values())
    return "1O" in values or "unheard_of" in values or values[0] == ""


@pytest.mark.parametrize("table", ["order_lines", "store_counts", "orders"])
def test_rows_are_broken_as_often_as_told_and_seldom_enough(company, table):
    found = 0
    for path in files_of(company.folder, table):
        if "-again" in path.name:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        bad = sum(broken(row) for row in rows)
        assert bad <= 0.005 * len(rows)
        assert not bad or "daily" in path.parts
        found += bad
    told = counted(company, "broken row: ", table)
    assert found == told > 0


def test_a_file_delivered_again_has_the_same_bytes_under_another_name(company):
    again = sorted((company.folder / "daily").glob("*/*/*-again.csv"))
    assert len(again) == sum(
        int(row["count"])
        for row in company.truth("dirt")
        if row["what"].startswith("file delivered again")
    )
    assert again
    for path in again:
        name = path.name.replace("-again", "")
        (original,) = (company.folder / "daily").glob(f"*/*/{name}")
        assert original.read_bytes() == path.read_bytes()
        assert original.parts[-3] < path.parts[-3]
