"""Questions of analysts as cube queries: the same numbers as their SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean

import pytest


def table(rows, columns):
    """Return the rows as a count of tuples, whatever their order."""
    return Counter(tuple(row[column] for column in columns) for row in rows)


def same(mine, theirs):
    """Compare two numbers of which theirs was rounded, and a half may go either way."""
    if mine is None or theirs is None:
        return mine is theirs
    return abs(float(mine) - float(theirs)) <= 0.500001 * 10**-4 * max(1, abs(mine))


def by(rows, *columns):
    found = {tuple(row[column] for column in columns): row for row in rows}
    assert len(found) == len(rows) > 0
    return found


def test_04_who_left_without_buying_by_store_and_hour(ask, question):
    counted = ask("store_traffic", "entries", "store.store", having="entries >= 0")
    hours = ask(
        "traffic_with_sales",
        ["entries", "orders"],
        ["store.store", "date.day", "time_of_day.hour"],
        where={"store.store": [row["store.store.key"] for row in counted]},
        # Not an hour in which there was nothing but a return.
        having="entries is not null or orders > 0",
    )
    found = defaultdict(lambda: [0, 0, None, None])
    for cell in hours:
        sums = found[cell["store.store"], cell["time_of_day.hour.key"]]
        entries, orders = cell["entries"], cell["orders"] or 0
        sums[0] += orders
        if entries is None or entries < orders:
            sums[1] += 1
            continue
        sums[2] = (sums[2] or 0) + entries
        sums[3] = (sums[3] or 0) + orders
    theirs = {
        (row["store_name"], row["hour_of_day"]): [
            row["orders"],
            row["hours_not_counted"],
            row["entries_while_counted"],
            row["orders_while_counted"],
        ]
        for row in question("04")
    }
    assert dict(found) == theirs


def test_04_an_hour_that_was_not_counted_says_nothing_of_who_left(ask):
    hours = ask(
        "traffic_with_sales",
        ["entries", "orders", "left_without_buying"],
        ["store.store", "date.day", "time_of_day.hour"],
        having="orders <= entries",
    )
    assert hours
    assert all(cell["left_without_buying"] >= 0 for cell in hours)


def test_08_retention_and_cumulative_value_by_cohort(ask, question):
    cells = ask(
        "customer_base",
        ["customer_months", "buying_months", "retention", "net_each", "margin_each",
         "margin"],
        ["source_system", "currency", "customer.cohort", "age"],
        calculated={
            "net_each": "net.running_total / customer_months",
            "margin_each": "known_margin.running_total / customer_months",
        },
    )  # fmt: skip
    mine = by(cells, "source_system", "currency", "customer.cohort", "age")
    theirs = by(
        question("08"), "source_system", "currency_code", "cohort", "month_number"
    )
    assert mine.keys() == theirs.keys()
    for key, row in theirs.items():
        cell = mine[key]
        assert cell["customer_months"] == row["customers"]
        assert cell["buying_months"] == row["buyers"]
        assert same(cell["retention"], row["retention"])
        assert abs(cell["net_each"] - row["cumulative_net_per_customer"]) < 0.00501
        if cell["age"] == 0:
            assert (cell["margin"] is None) == (
                row["cumulative_margin_per_customer"] is None
            )
    first = [cell for cell in cells if cell["age"] == 0]
    assert {cell["retention"] for cell in first} == {1}


@pytest.mark.parametrize("seen", ["was", "is"])
def test_09_net_and_margin_as_was_and_as_is(ask, question, seen):
    mine = ask(
        "sales",
        ["lines", "net", "margin"],
        ["source_system", "currency", "product.department", "customer.country"],
        as_of=seen,
    )
    theirs = [row for row in question("09") if row["seen"] == f"as_{seen}"]
    assert table(
        mine,
        ["source_system", "currency", "product.department", "customer.country",
         "lines", "net", "margin"],
    ) == table(
        theirs,
        ["source_system", "currency_code", "department", "country",
         "line_count", "net_amount", "margin_amount"],
    )  # fmt: skip
    assert len(mine) > 10


def test_09_both_views_split_one_total(ask):
    def split(seen):
        cells = ask("sales", "net", "customer.region", as_of=seen)
        return {cell["customer.region"]: cell["net"] for cell in cells}

    was, now = split("was"), split("is")
    assert was != now
    assert sum(was.values()) == sum(now.values())


def test_10_the_waterfall_of_the_customer_base(ask, question):
    mine = ask(
        "customer_base",
        ["opening", "new", "reactivated", "lapsed", "closing"],
        ["source_system", "date.month"],
    )
    theirs = [row for row in question("10") if row["is_complete_month"]]
    assert table(
        [{**cell, "lapsed": -cell["lapsed"]} for cell in mine],
        ["source_system", "date.month", "opening", "new", "reactivated", "lapsed",
         "closing"],
    ) == table(
        theirs,
        ["source_system", "month", "opening", "new", "reactivated", "lapsed",
         "closing"],
    )  # fmt: skip
    assert len(mine) > 6


def test_10_a_quarter_opens_with_its_first_month_and_closes_with_its_last(ask):
    measures = ["opening", "new", "reactivated", "lapsed", "closing", "average_base"]
    months = ask("customer_base", measures, ["date.quarter", "date.month"])
    quarters = ask("customer_base", measures, "date.quarter")
    assert len(quarters) > 2
    for quarter in quarters:
        of = [m for m in months if m["date.quarter"] == quarter["date.quarter"]]
        assert quarter["opening"] == of[0]["opening"]
        assert quarter["closing"] == of[-1]["closing"]
        assert quarter["average_base"] == pytest.approx(
            fmean(month["closing"] for month in of)
        )
        for moved in ("new", "reactivated", "lapsed"):
            assert quarter[moved] == sum(month[moved] for month in of)
        assert quarter["closing"] == (
            quarter["opening"]
            + quarter["new"]
            + quarter["reactivated"]
            - quarter["lapsed"]
        )


def test_21_the_last_step_of_visits_without_an_order(ask, question):
    steps = ask(
        "visit_steps",
        ["left", "left_with_basket", "left_on_stock_out", "left_on_empty_search"],
        ["source_system", "channel.channel", "step_type"],
        having="left > 0",
    )
    nowhere = ask(
        "visits_with_steps",
        ["left_on_no_step", "visits_without_order"],
        ["source_system", "channel.channel"],
    )
    mine = {
        (cell["source_system"], cell["channel.channel"], cell["step_type"]): (
            cell["left"],
            cell["left_with_basket"] or 0,
            cell["left_on_stock_out"] or 0,
            cell["left_on_empty_search"] or 0,
        )
        for cell in steps
    }
    for cell in nowhere:
        if cell["left_on_no_step"]:
            place = (cell["source_system"], cell["channel.channel"], "none came")
            mine[place] = (cell["left_on_no_step"], 0, 0, 0)
    theirs = defaultdict(lambda: (0, 0, 0, 0))
    for row in question("21"):
        key = (row["source_system"], row["channel"], row["step_type"])
        more = (
            row["visits"],
            row["visits"] if row["is_abandoned_basket"] else 0,
            row["on_a_stock_out"],
            row["on_a_search_without_result"],
        )
        theirs[key] = tuple(map(sum, zip(theirs[key], more, strict=True)))
    assert mine == dict(theirs)
    assert sum(cell["visits_without_order"] for cell in nowhere) == sum(
        left for left, *_ in mine.values()
    )


def test_22_plan_against_actual_by_month_and_segment(ask, question):
    theirs = question("22")
    months = defaultdict(set)
    for row in theirs:
        if row["plan_version"]:
            months[row["plan_version"]].add(row["month"])
    assert len(months) == 2
    mine = []
    for version, planned in months.items():
        mine += ask(
            "sales_with_targets",
            ["net", "target_net", "net_above_target", "share_of_target"],
            ["date.month", "customer.region", "product.department",
             "customer.loyalty_tier", "currency"],
            where={"targets.plan_version": version, "date.month": sorted(planned)},
        )  # fmt: skip
    cells = by(
        mine, "date.month", "customer.region", "product.department",
        "customer.loyalty_tier", "currency",
    )  # fmt: skip
    rows = by(theirs, "month", "region", "department", "loyalty_tier", "currency_code")
    assert cells.keys() == rows.keys()
    for key, row in rows.items():
        cell = cells[key]
        assert (cell["net"] or 0) == row["net_amount"]
        assert cell["target_net"] == row["target_net_amount"]
        assert cell["net_above_target"] == row["net_above_target"]
        assert same(cell["share_of_target"], row["share_of_target"])


def test_24_the_share_of_sales_without_a_customer_by_store(ask, question):
    cells = ask(
        "sales",
        ["lines", "net", "net.share_of_parent"],
        ["source_system", "currency", "store.store", "customer.member_type",
         "customer.customer"],
        where={"customer.member_type": "special"},
    )  # fmt: skip
    stores = ask(
        "sales",
        ["net", "known_net", "known_share", "anonymous_share", "erased_share"],
        ["source_system", "currency", "store.store"],
    )
    mine = {
        (cell["source_system"], cell["store.store"], cell["customer.customer"]): (
            cell["net"]
        )
        for cell in cells
    }
    shares = {}
    for store in stores:
        place = (store["source_system"], store["store.store"])
        if store["known_net"] is not None:
            mine[*place, "known"] = store["known_net"]
            shares[*place, "known"] = store["known_share"]
        shares[*place, "anonymous"] = store["anonymous_share"]
        shares[*place, "erased"] = store["erased_share"]
    theirs = question("24")
    assert mine == {
        (row["source_system"], row["store_name"], row["customer_member"]): (
            row["net_amount"]
        )
        for row in theirs
    }
    for row in theirs:
        key = (row["source_system"], row["store_name"], row["customer_member"])
        if key in shares:
            assert same(shares[key], row["net_share"])
    assert "anonymous" in {row["customer_member"] for row in theirs}


def test_27_customers_and_their_value_by_how_many_channels_they_buy_in(ask, sql):
    """How many channels a customer has is no level: it is counted over the cells."""
    cells = ask(
        "sales",
        ["net", "channels"],
        ["currency", "customer.customer"],
        where={"customer.member_type": "customer"},
    )
    value = defaultdict(list)
    for cell in cells:
        value[cell["currency"], cell["channels"]].append(cell["net"])
    theirs = sql("""
        with customers as (
            select
                fct_sales_line.currency_code,
                fct_sales_line.customer_id,
                count(distinct fct_sales_line.channel_key) as channels,
                sum(fct_sales_line.net_amount) as net
            from fct_sales_line
            inner join dim_customer using (customer_key)
            where dim_customer.member_type = 'customer'
            group by all
        )
        select currency_code, channels, count(*) as customers, sum(net) as net
        from customers group by all
    """)
    assert {key: (len(each), sum(each)) for key, each in value.items()} == {
        (row["currency_code"], row["channels"]): (row["customers"], row["net"])
        for row in theirs
    }
    assert len({channels for _, channels in value}) > 1


def test_14_the_funnel_of_campaigns_by_cell(ask, question):
    cells = ask(
        "sales_with_contacts",
        ["assigned", "contacts.contacts", "responders", "responses.responses",
         "response_rate", "contact_cost"],
        # Cells of two waves may have the same name: members are told by their keys.
        ["cell.campaign", "cell.wave", "cell.cell"],
        having="assigned > 0",
    )  # fmt: skip
    assert table(
        [{name: value or 0 for name, value in cell.items()} for cell in cells],
        ["cell.campaign", "cell.cell", "assigned", "contacts.contacts", "responders",
         "responses.responses", "contact_cost"],
    ) == table(
        question("14"),
        ["campaign_name", "cell_name", "assigned", "contacted", "responders",
         "responses", "cost"],
    )  # fmt: skip
    for cell in cells:
        if cell["responders"] is not None:
            share = cell["responders"] / cell["contacts.contacts"]
            assert cell["response_rate"] == pytest.approx(share)


def test_19_recurring_revenue_balances_and_is_not_added_up_over_months(ask, sql):
    moves = ["new_mrr", "expansion_mrr", "contraction_mrr", "churn_mrr",
             "reactivation_mrr"]  # fmt: skip
    months = ask("subscriptions", ["opening_mrr", *moves, "closing_mrr"], "date.month")
    for month in months:
        moved = sum(month[move] for move in moves)
        assert month["closing_mrr"] == month["opening_mrr"] + moved
    (last,) = sql("""
        select sum(closing_mrr_amount) as mrr from fct_subscription_month
        where month_start = (
            select max(month_start) from fct_subscription_month where is_complete_month
        )
    """)
    (whole,) = ask("subscriptions", ["opening_mrr", *moves, "closing_mrr"])
    assert whole["closing_mrr"] == last["mrr"] == months[-1]["closing_mrr"] > 0
    assert whole["opening_mrr"] == months[0]["opening_mrr"]
    assert whole["churn_mrr"] == sum(month["churn_mrr"] for month in months)


def test_23_leads_by_source(ask, question):
    mine = ask(
        "leads",
        ["leads", "referrals", "contacted", "qualified", "offered", "converted", "lost",
         "conversion_of_done", "median_days_to_convert"],
        ["source_system", "lead_source"],
    )  # fmt: skip
    theirs = question("23")
    assert table(
        mine,
        ["source_system", "lead_source", "leads", "referrals", "contacted", "qualified",
         "offered", "converted", "lost"],
    ) == table(
        theirs,
        ["source_system", "lead_source", "leads", "referred", "contacted", "qualified",
         "offered", "converted", "lost"],
    )  # fmt: skip
    rows = by(theirs, "source_system", "lead_source")
    for cell in mine:
        row = rows[cell["source_system"], cell["lead_source"]]
        assert same(cell["conversion_of_done"], row["conversion_of_decided"])
        days = cell["median_days_to_convert"]
        known = row["median_days_to_convert"]
        assert (days is None) == (known is None)
        assert days is None or abs(float(days) - float(known)) <= 0.005
