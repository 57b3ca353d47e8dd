"""Two systems, two deliveries each, every number worked out by hand.

extracts/README.md says what the second delivery brings.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from company import EXTRACTS, ROOT, Company
from comparing import differences

FIRST = ("--extracted-at", "2017-02-01T00:00:00")
SECOND = ("--extracted-at", "2017-02-15T00:00:00")


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Both deliveries loaded and published, and the mining of the second's month."""
    company = Company.create(tmp_path_factory.mktemp("company"))
    for delivery, at in (("first", FIRST), ("second", SECOND)):
        for system in ("complete_journey", "online_retail"):
            folder = EXTRACTS / delivery / system
            company.acrm("load", str(folder), "--system", system, *at)
        company.acrm("build")
    return company


def first_version(company):
    return company.folder / "warehouse/published/versions/000001/acrm.duckdb"


TOTALS = """
    select source_system, count(*), sum(net_amount)
    from fct_sales_line group by all order by all
"""


def test_the_first_delivery_adds_up(company):
    assert company.ask(TOTALS, first_version(company)) == [
        ("complete_journey", 5, Decimal("28.25")),
        ("online_retail", 8, Decimal("199.94")),
    ]


def test_a_record_delivered_again_replaces_and_does_not_double(company):
    assert company.ask(TOTALS) == [
        ("complete_journey", 6, Decimal("38.75")),
        ("online_retail", 10, Decimal("210.83")),
    ]


def test_redelivery_and_quarantine_explain_every_difference(company):
    sql = """
        select
            source_system, measure, sum(source_total), sum(redelivered_total),
            sum(fact_total), bool_and(is_reconciled)
        from ctl_reconciliation
        where measure in ('sales lines', 'net amount')
        group by all order by all
    """
    assert company.ask(sql) == [
        ("complete_journey", "net amount", Decimal("63.50"), Decimal("24.75"),
         Decimal("38.75"), True),
        ("complete_journey", "sales lines", 8, 2, 6, True),
        ("online_retail", "net amount", Decimal("410.77"), Decimal("199.94"),
         Decimal("210.83"), True),
        ("online_retail", "sales lines", 18, 8, 10, True),
    ]  # fmt: skip


def test_a_product_that_moved_splits_as_was_and_as_is_and_the_total_stays(company):
    sql = """
        select {attribute}, sum(net_amount)
        from fct_sales_line inner join dim_product using (product_key)
        where fct_sales_line.source_system = 'complete_journey'
        group by all order by all
    """
    assert company.ask(sql.format(attribute="department")) == [
        ("DELI", Decimal("10.00")),
        ("FUEL", Decimal("20.00")),
        ("GROCERY", Decimal("7.75")),
        ("Unknown", Decimal("1.00")),
    ]
    assert company.ask(sql.format(attribute="current_department")) == [
        ("DELI", Decimal("17.75")),
        ("FUEL", Decimal("20.00")),
        ("GROCERY", Decimal("0.00")),
        ("Unknown", Decimal("1.00")),
    ]


def test_an_account_that_moved_splits_as_was_and_as_is(company):
    sql = """
        select {attribute}, sum(net_amount)
        from fct_sales_line inner join dim_customer using (customer_key)
        where fct_sales_line.source_system = 'online_retail'
        group by all order by all
    """
    assert company.ask(sql.format(attribute="country")) == [
        ("Anonymous", Decimal("2.51")),
        ("Cyprus", Decimal("7.50")),
        ("Not applicable", Decimal("0.00")),
        ("Spain", Decimal("144.00")),
        ("United Kingdom", Decimal("56.82")),
    ]
    assert company.ask(sql.format(attribute="current_country")) == [
        ("Anonymous", Decimal("2.51")),
        ("Cyprus", Decimal("151.50")),
        ("Not applicable", Decimal("0.00")),
        ("United Kingdom", Decimal("56.82")),
    ]


def test_late_evening_in_the_shop_is_that_day_and_not_the_utc_day(company):
    sql = """
        select order_id, date_key, time_key from fct_sales_line
        where order_id = 'complete_journey:102' group by all
    """
    assert company.ask(sql) == [
        ("complete_journey:102", date(2017, 1, 10), 22 * 60 + 30)
    ]


def test_only_a_contacted_household_responds(company):
    sql = """
        select customer_id, counts_as_response from fct_response order by all
    """
    assert company.ask(sql) == [
        ("complete_journey:1", True),
        ("complete_journey:3", False),
    ]


def test_kinds_of_line_and_their_oddities(company):
    sql = """
        select line_type, data_issue, count(*), sum(net_amount)
        from fct_sales_line where source_system = 'online_retail'
        group by all order by all
    """
    assert company.ask(sql) == [
        ("adjustment", "no_price", 1, Decimal("0.00")),
        ("charge", "none", 1, Decimal("54.00")),
        ("return", "none", 1, Decimal("-2.55")),
        ("sale", "exact_duplicate", 1, Decimal("20.34")),
        ("sale", "none", 6, Decimal("139.04")),
    ]


def test_a_repeated_row_of_the_coupons_is_in_quarantine_with_its_reason(company):
    sql = """
        select source_system, table_name, row_number, reason_code
        from ctl_quarantine
    """
    assert company.ask(sql) == [("complete_journey", "coupons", 3, "repeated_row")]


def test_fuel_is_not_counted_in_pieces(company):
    sql = """
        select unit_of_measure, sum(quantity), sum(piece_quantity)
        from fct_sales_line where source_system = 'complete_journey'
        group by all order by all
    """
    assert company.ask(sql) == [
        ("fuel_unit", 9000, None),
        ("piece", 8, 8),
    ]


def test_idle_months_are_there_and_the_last_is_not_over(company):
    sql = """
        select month_start, order_count, is_complete_month
        from fct_customer_month where customer_id = 'online_retail:12346'
        order by all
    """
    assert company.ask(sql) == [
        (date(2010, 12, 1), 1, True),
        (date(2011, 1, 1), 1, False),
    ]


def test_loading_the_same_again_adds_nothing(company):
    folder = EXTRACTS / "second" / "online_retail"
    batches = sorted((company.folder / "warehouse/batches").iterdir())
    done = company.acrm("load", str(folder), "--system", "online_retail")
    assert "already" in done.stdout + done.stderr
    assert sorted((company.folder / "warehouse/batches").iterdir()) == batches


def test_versions_can_be_rolled_back_and_forth(company):
    """The second delivery turns a month: its numbers, then its mining."""
    lines = "select count(*) from fct_sales_line"
    cutoffs = "select distinct id_space, cutoff_date from model_version order by all"
    mined = company.ask(cutoffs)
    try:
        company.acrm("rollback")
        assert company.ask(lines) == [(16,)]
        assert company.ask(cutoffs) != mined
        company.acrm("rollback")
        assert company.ask(lines) == [(13,)]
    finally:
        company.acrm("rollback", "3")
    assert company.ask(lines) == [(16,)]


def test_the_first_version_can_be_shown_again_as_it_was_known(company):
    """Every mart that was published then, row for row, but for the log of runs."""
    first = first_version(company)
    ((known,),) = company.ask("select max(last_loaded_at) from ctl_freshness", first)
    company.acrm("build", "--as-known-on", known.isoformat(), "--to", "then.duckdb")
    assert differences(company.folder / "then.duckdb", first) == {}
    changed = differences(company.folder / "then.duckdb", company.published.resolve())
    assert {"fct_sales_line", "dim_customer", "dim_product"} <= changed.keys()


def test_status_says_yes_and_a_machine_can_read_it(company):
    done = company.acrm("status", "--json")
    assert '"trusted": true' in done.stdout.lower()


def test_plain_dbt_works_from_the_root_without_acrm(company):
    """One star with what follows it, its tests, freshness and docs."""
    company.acrm("build", "--no-publish")
    done = company.dbt("build", "--select", "fct_sales_line+")
    assert "fct_customer_month" in done.stdout
    assert "table model main.dim_customer " not in done.stdout
    built = company.folder / "target" / "acrm.duckdb"
    assert company.ask(TOTALS, built) == company.ask(TOTALS)
    loaded = ["source:complete_journey", "source:online_retail"]
    company.dbt("source", "freshness", "--select", *loaded)
    company.dbt("docs", "generate")


def test_state_comparison_finds_what_was_changed(company):
    company.dbt("parse")
    state = company.folder / "state"
    state.mkdir()
    (company.folder / "target/manifest.json").rename(state / "manifest.json")
    model = company.folder / "models/marts/campaign/dim_offer.sql"
    text = model.read_text()
    model.write_text(text.replace("Type 1.", "Type 1, overwritten."))
    try:
        done = company.dbt(
            "ls", "--quiet", "--select", "state:modified", "--state", "state",
            "--resource-type", "model",
        )  # fmt: skip
    finally:
        model.write_text(text)
    assert done.stdout.split() == ["acrm.marts.campaign.dim_offer"]


def test_each_analysis_compiles_and_answers(company):
    company.dbt("compile", "--quiet", "--select", "path:analyses")
    compiled = list((company.folder / "target/compiled/acrm/analyses").iterdir())
    assert len(compiled) == len(list((ROOT / "analyses").glob("*.sql"))) > 0
    for path in compiled:
        text = path.read_text()
        facts = set(re.findall(r'"((?:fct|ctl)_\w+)"', text))
        # these two systems have no visits, leads or plans: no rows is their answer
        empty = {fact for fact in facts if not company.ask(f"from {fact} limit 1")}
        assert facts, path.name
        assert bool(company.ask(text)) == (not empty), path.name


def test_every_node_of_the_build_says_how_long_it_took_and_what_it_left(company):
    sql = """
        select nodes.node_kind, nodes.status, nodes.row_count, nodes.seconds >= 0
        from ctl_run_node as nodes
        inner join ctl_run as runs using (run_id)
        where nodes.node_name = '{}'
        order by runs.started_at
    """
    assert company.ask(sql.format("fct_sales_line")) == [
        ("model", "success", 13, True),
        ("model", "success", 16, True),
        ("model", "success", 16, True),  # before the mining of the month
    ]
    # a view has no rows of its own, and the second build left it as it was
    views = company.ask(sql.format("stg_online_retail__order_lines"))
    assert views == [("model", "success", None, True)]
    tests = company.ask(sql.format("unique_ctl_run_run_id"))
    assert tests == [("test", "pass", 0, True)] * 3


def test_the_volume_of_each_delivery_is_kept_by_day(company):
    sql = """
        select delivered_on::varchar, rows_delivered, rows_late, judgement
        from ctl_volume
        where table_name = '{}' order by delivered_on
    """
    assert company.ask(sql.format("transactions")) == [
        ("2017-02-01", 5, 0, "not judged"),
        ("2017-02-15", 3, 2, "not judged"),  # two are again those of January
    ]
    # a table of which nothing came while its system delivered
    assert company.ask(sql.format("campaigns"))[1][:3] == ("2017-02-15", 0, None)
