"""The questions of analysts, asked of an example company, and their checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import duckdb
import pytest

Row = dict[str, Any]
Ask = Callable[[str], list[Row]]


@pytest.fixture(scope="module")
def sql(example_stars) -> Ask:
    return example_stars.sql


@pytest.fixture(scope="module")
def question(example_stars) -> Ask:
    return example_stars.question


def total(rows: list[Row], column: str) -> Any:
    return sum(row[column] or 0 for row in rows)


def test_04_orders_are_all_orders_of_stores_and_nobody_leaves_less_than_never(
    question, sql
):
    rows = question("04")
    (stores,) = sql(
        """
        select count(distinct order_id) as orders from fct_sales_line
        where line_type = 'sale' and store_id in (
            select store_id from fct_store_traffic where passer_by_count is not null
        )
        """
    )
    assert total(rows, "orders") == stores["orders"] > 0
    assert all((row["left_without_buying"] or 0) >= 0 for row in rows)
    assert total(rows, "left_without_buying") > total(rows, "orders_while_counted") / 4


def test_05_every_enquiry_has_one_outcome(question, sql):
    rows = question("05")
    (all_of_them,) = sql("select count(*) as enquiries from fct_enquiry")
    assert total(rows, "enquiries") == all_of_them["enquiries"]
    for row in rows:
        assert row["enquiries"] == (
            row["bought"]
            + row["known_not_bought"]
            + row["anonymous"]
            + row["too_early"]
        )
    assert total(rows, "known_not_bought") > 0


def test_07_counts_reconcile_and_an_alternative_helps(question, sql):
    rows = question("07")
    (all_of_them,) = sql(
        "select count(*) as enquiries, sum(sold_count) as sold from fct_enquiry"
    )
    assert total(rows, "enquiries") == all_of_them["enquiries"]
    assert total(rows, "sold") == all_of_them["sold"]
    assert all(row["sold"] <= row["enquiries"] for row in rows)


def test_08_everybody_is_there_at_first_and_no_month_is_cut_off(question, sql):
    rows = question("08")
    assert {row["retention"] for row in rows if row["month_number"] == 0} == {1}
    (last,) = sql(
        "select strftime(max(month_start), '%Y-%m') as month"
        " from fct_customer_month where is_complete_month"
    )
    for row in rows:
        year, month = map(int, row["cohort"].split("-"))
        months = year * 12 + month - 1 + row["month_number"]
        assert f"{months // 12}-{months % 12 + 1:02}" <= last["month"]


def test_09_as_was_and_as_is_split_one_total(question):
    rows = question("09")
    net = defaultdict(int)
    for row in rows:
        net[row["seen"]] += row["net_amount"]
    assert len(net) == 2
    assert len(set(net.values())) == 1


def test_10_the_base_balances_from_month_to_month(question):
    rows = question("10")
    for row in rows:
        assert row["closing"] == (
            row["opening"] + row["new"] + row["reactivated"] + row["lapsed"]
        )
    for before, after in pairwise(rows):
        if before["source_system"] == after["source_system"]:
            assert before["closing"] == after["opening"]
    assert rows[-1]["closing"] > 0


def test_18_every_order_delivered_is_late_or_not(question, sql):
    rows = question("18")
    (delivered,) = sql(
        "select count(*) as orders, sum(late_count) as late from fct_order_lifecycle"
        " where delivered_count = 1"
    )
    assert total([r for r in rows if r["is_late"]], "orders") == delivered["late"] > 0
    assert total(rows, "orders") <= delivered["orders"]
    assert all(0 <= (row["repeat_rate_90_days"] or 0) <= 1 for row in rows)


def test_20_plans_come_from_and_go_to_none_as_well(question):
    rows = question("20")
    assert any(row["plan_from"] == "None" or row["plan_from"] == "none" for row in rows)
    assert {row["migration"] for row in rows} >= {"stay"} or len(
        {row["migration"] for row in rows}
    ) > 2
    for row in rows:
        assert 0 < row["customers"] <= row["subscriptions"]


def test_21_last_steps_are_those_of_all_visits_that_bought_nothing(question, sql):
    rows = question("21")
    (visits,) = sql(
        "select count(*) as visits from fct_visit where purchased_count = 0"
        " and step_count > 0"
    )
    assert total(rows, "visits") == visits["visits"] > 0


def test_22_no_target_is_counted_twice(question, sql):
    rows = question("22")
    (newest,) = sql(
        """
        select sum(target_net_amount) as target from (
            from fct_target
            qualify rank() over (partition by date_key order by plan_version desc) = 1
        )
        """
    )
    assert total(rows, "target_net_amount") == newest["target"] > 0


def test_23_nobody_converts_who_did_not_qualify(question, sql):
    rows = question("23")
    (leads,) = sql("select sum(lead_count) as leads from fct_lead_funnel")
    assert total(rows, "leads") == leads["leads"] > 0
    for row in rows:
        assert row["converted"] <= row["qualified"] <= row["leads"]


def test_24_shares_of_a_store_add_up_and_anonymous_sales_are_in_the_total(
    question, sql
):
    rows = question("24")
    shares = defaultdict(float)
    for row in rows:
        assert -0.01 <= row["net_share"] <= 1.01
        shares[row["source_system"], row["store_name"]] += float(row["net_share"])
    assert all(abs(share - 1) < 0.001 for share in shares.values())
    (sales,) = sql("select sum(net_amount) as net from fct_sales_line")
    assert total(rows, "net_amount") == sales["net"]
    assert "anonymous" in {row["customer_member"] for row in rows}


def test_30_what_is_stale_and_what_failed_is_flagged(question, example_stars, tmp_path):
    rows = question("30")
    checked = {row["checked"] for row in rows}
    assert checked == {"run", "freshness", "reconciliation", "quarantine", "volume"}
    assert not any(row["is_breach"] for row in rows if row["checked"] != "volume")
    spoiled = tmp_path / "spoiled.duckdb"
    (path,) = example_stars.analyses.glob("question_30_*.sql")
    text = path.read_text(encoding="utf-8").replace('"acrm".', '"spoiled".')
    spoiled.write_bytes(example_stars.warehouse.database.read_bytes())
    with duckdb.connect(str(spoiled)) as connection:
        connection.execute(
            "update ctl_freshness set last_loaded_at = last_loaded_at"
            " - interval 400 day where table_name = 'stores'"
        )
        connection.execute(
            "update ctl_reconciliation set is_reconciled = false, difference = 1"
            " where measure = 'net amount' and business_date ="
            " (select max(business_date) from ctl_reconciliation)"
        )
        connection.execute("alter view ctl_run rename to ctl_run_as_it_was")
        connection.execute(
            "create view ctl_run as"
            " select * replace ('fail' as status) from ctl_run_as_it_was"
        )
        breaches = connection.execute(
            f"select checked, about, verdict from ({text.rstrip().rstrip(';')})"
            " where is_breach and checked <> 'volume'"
        ).fetchall()
    assert ("freshness", "stores", "stale") in breaches
    assert (
        "reconciliation",
        "fct_sales_line: net amount",
        "not reconciled",
    ) in breaches
    assert [verdict for checked, _, verdict in breaches if checked == "run"] == [
        "failed"
    ]
