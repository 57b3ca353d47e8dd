"""The two real systems, held against plain SQL over their own files.

The data stands beside the repository and is no part of it; without it these tests say
so and skip. Each system comes in two deliveries: the grocer's weeks one after the
other, the wholesaler's extract a second time, whole, with more in it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import duckdb
import pytest
from acceptance.real_data import GROCER, WHOLESALER, needs
from company import Company

CUT = {"complete_journey": "2017-06-30", "online_retail": "2011-06-30"}

pytestmark = needs(GROCER, WHOLESALER)


@pytest.fixture(scope="module")
def source():
    """The extracts themselves, for plain SQL."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for path in GROCER.glob("*.parquet"):
            connection.execute(
                f"create view {path.stem} as select * from '{path.as_posix()}'"
            )
        connection.execute(
            f"create view invoices as select * from '{WHOLESALER.as_posix()}'"
        )
        yield connection


@pytest.fixture(scope="module")
def company(tmp_path_factory, source):
    """Both systems, each in two deliveries, built and published once."""
    company = Company.create(tmp_path_factory.mktemp("acceptance"))
    early, late = company.folder / "early", company.folder / "late"
    for folder in (early, late):
        (folder / "grocer").mkdir(parents=True)
        (folder / "wholesaler").mkdir()
    for path in GROCER.glob("*.parquet"):
        (early / "grocer" / path.name).symlink_to(path)
    transactions = "transactions.parquet"
    (early / "grocer" / transactions).unlink()
    moment = f"transaction_timestamp {{}} timestamp '{CUT['complete_journey']}'"
    for folder, side in ((early, "<"), (late, ">=")):
        source.execute(
            f"copy (from transactions where {moment.format(side)}) "
            f"to '{folder / 'grocer' / transactions}' (format parquet)"
        )
    source.execute(
        f"copy (from invoices where InvoiceDate < timestamp '{CUT['online_retail']}') "
        f"to '{early / 'wholesaler' / 'online_retail.parquet'}' (format parquet)"
    )
    (late / "wholesaler" / "online_retail.parquet").symlink_to(WHOLESALER)
    for folder in (early, late):
        company.acrm("load", str(folder / "grocer"), "--system", "complete_journey")
        company.acrm("load", str(folder / "wholesaler"), "--system", "online_retail")
    # rules of rarer products are hundreds of thousands, which take minutes
    company.acrm("build", "--vars", "{affinity_support: 0.01}")
    return company


def test_the_wholesaler_comes_out_to_the_cent(company):
    sql = """
        select count(*), sum(net_amount) from fct_sales_line
        where source_system = 'online_retail'
    """
    assert company.ask(sql) == [(334_054, Decimal("6013039.54"))]


def test_the_grocer_comes_out_to_the_cent(company, source):
    facts = company.ask("""
        select count(*), sum(net_amount), sum(gross_amount), sum(reimbursed_amount),
            count(distinct order_id), count(distinct customer_id)
        from fct_sales_line where source_system = 'complete_journey'
    """)
    floor = source.execute("""
        select count(*),
            sum(round(sales_value::decimal(18, 4) - coupon_disc::decimal(18, 4), 2))
                ::decimal(18, 2),
            sum(round(sales_value + retail_disc + coupon_match_disc, 2)
                ::decimal(18, 2)),
            sum(round(coupon_disc, 2)::decimal(18, 2)),
            count(distinct basket_id), count(distinct household_id)
        from transactions
    """).fetchall()
    assert facts == floor
    assert facts[0][0] == 1_095_181


@pytest.mark.parametrize("system", ["complete_journey", "online_retail"])
@pytest.mark.parametrize(
    ("dimension", "key", "attributes"),
    [
        ("dim_customer", "customer_key", ["country", "current_country", "age_band"]),
        ("dim_product", "product_key", ["department", "current_department", "brand"]),
        ("dim_store", "store_key", ["store_name"]),
        ("dim_channel", "channel_key", ["channel"]),
        ("dim_offer", "offer_key", ["offer_name"]),
        ("dim_date", "date_key", ["calendar_year", "fiscal_month_key"]),
        ("dim_time_of_day", "time_key", ["daypart"]),
    ],
)
def test_every_cut_adds_up_to_the_total(company, system, dimension, key, attributes):
    total = company.ask(f"""
        select count(*), sum(net_amount), sum(piece_quantity) from fct_sales_line
        where source_system = '{system}'
    """)
    for attribute in attributes:
        parts = company.ask(f"""
            select sum(n)::bigint, sum(net), sum(pieces) from (
                select d.{attribute}, count(*) as n, sum(f.net_amount) as net,
                    sum(f.piece_quantity) as pieces
                from fct_sales_line as f
                inner join {dimension} as d on f.{key} = d.{key}
                where f.source_system = '{system}'
                group by d.{attribute}
            )
        """)
        assert parts == total, attribute


def test_six_accounts_moved_and_their_sales_split_as_was(company, source):
    """As was, an invoice is in the country that it names; checked line by line."""
    wrong = source.execute("""
        select count(distinct CustomerID) from invoices
        where CustomerID in (
            select CustomerID from invoices where CustomerID is not null
            group by CustomerID having count(distinct Country) > 1
        )
    """).fetchall()
    moved = company.ask("""
        select count(*) from (
            select customer_id from dim_customer
            where source_system = 'online_retail'
            group by customer_id having count(distinct country) > 1
        )
    """)
    assert moved == wrong == [(6,)]
    as_was = company.ask("""
        select country, sum(net_amount) from fct_sales_line
        inner join dim_customer using (customer_key)
        where fct_sales_line.source_system = 'online_retail'
            and dim_customer.member_type = 'customer'
        group by country order by country
    """)
    floor = source.execute("""
        select case Country when 'Unspecified' then 'Not given' else Country end as c,
            sum(round(Quantity * UnitPrice::decimal(18, 4), 2))::decimal(18, 2)
        from invoices where CustomerID is not null group by c order by c
    """).fetchall()
    assert as_was == floor


def test_a_sixth_of_the_grocers_lines_fall_on_another_day_than_in_utc(company):
    ((share,),) = company.ask("""
        select avg((date_key <> ordered_at::date)::int) from fct_sales_line
        where source_system = 'complete_journey'
    """)
    assert round(share, 3) == 0.170


def test_every_difference_is_explained(company):
    assert company.ask("""
        select count(*) filter (not is_reconciled), sum(abs(difference))
        from ctl_reconciliation
    """) == [(0, 0)]
    redelivered = company.ask("""
        select sum(redelivered_total)::bigint from ctl_reconciliation
        where source_system = 'online_retail' and measure = 'sales lines'
    """)
    assert redelivered[0][0] > 200_000


def test_known_dirt_is_counted(company, source):
    issues = dict(
        company.ask("""
            select source_system || ' ' || data_issue, line_count from ctl_data_issue
        """)
    )
    ((no_catalogue,),) = source.execute("""
        select count(*) from transactions anti join products using (product_id)
    """).fetchall()
    ((repeats, unpriced),) = source.execute("""
        select count(*) - count(distinct (
                InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice)),
            count(*) filter (UnitPrice = 0)
        from invoices
    """).fetchall()
    ((repeats_unpriced,),) = company.ask("""
        select count(*) from fct_sales_line
        where data_issue = 'exact_duplicate' and unit_price <= 0
    """)
    assert issues["complete_journey product_not_in_catalogue"] == no_catalogue == 3_461
    assert issues["online_retail exact_duplicate"] == repeats
    assert issues["online_retail no_price"] == unpriced - repeats_unpriced
    assert issues["online_retail customer_anonymous"] > 80_000
    quarantined = company.ask("""
        select table_name, count(*) from ctl_quarantine group by table_name
    """)
    assert quarantined == [("coupons", 72_685 - 67_922)]


@pytest.fixture(scope="module")
def analyses(company):
    """The compiled analyses, by number, each a function that asks the question."""
    company.dbt("compile", "--quiet", "--select", "path:analyses")
    compiled = {
        path.name.split("_")[1]: path.read_text()
        for path in (company.folder / "target/compiled/acrm/analyses").iterdir()
    }

    def ask(number: str) -> list[dict]:
        with duckdb.connect(str(company.published), read_only=True) as reader:
            answer = reader.execute(compiled[number])
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    return ask


def test_08_retention_equals_plain_sql_over_the_baskets(analyses, source):
    cells = {
        (row["cohort"], row["month_number"]): (row["customers"], row["buyers"])
        for row in analyses("08")
        if row["source_system"] == "complete_journey"
    }
    floor = source.execute("""
        with days as (
            select household_id, date_trunc('month', (transaction_timestamp
                at time zone 'UTC' at time zone 'America/New_York'))::date as month
            from transactions group by all
        ),
        firsts as (select household_id, min(month) as cohort from days group by all)
        select strftime(cohort, '%Y-%m'), datediff('month', cohort, month),
            count(distinct household_id)
        from days inner join firsts using (household_id) group by all
    """).fetchall()
    # the last business day is 30 September, so that every month is whole
    for cohort, number, buyers in floor:
        if cohort != "2016-12":
            assert cells[cohort, number][1] == buyers, (cohort, number)
    assert all(cells[c, n][0] == cells[c, n][1] for c, n in cells if n == 0)


def test_09_as_was_and_as_is_split_the_same_total(analyses):
    totals = {}
    for row in analyses("09"):
        key = row["seen"], row["source_system"]
        totals[key] = totals.get(key, 0) + row["net_amount"]
    assert totals["as_was", "online_retail"] == Decimal("6013039.54")
    for system in ("complete_journey", "online_retail"):
        assert totals["as_was", system] == totals["as_is", system]


def test_10_the_waterfall_balances_and_its_base_equals_plain_sql(analyses, source):
    rows = [r for r in analyses("10") if r["source_system"] == "online_retail"]
    for row, following in pairwise(rows):
        assert row["closing"] == following["opening"]
    for row in rows:
        assert (
            row["opening"] + row["new"] + row["reactivated"] + row["lapsed"]
            == row["closing"]
        )
    # sales of articles: no credit note, no entry of the books, no charge
    floor = source.execute("""
        with months as (
            select distinct CustomerID, date_trunc('month', InvoiceDate)::date as month
            from invoices
            where CustomerID is not null and Quantity > 0
                and InvoiceNo not like 'C%' and InvoiceNo not like 'A%'
                and regexp_matches(
                    upper(trim(StockCode)), '^([0-9]{5}|DCGS|GIFT_|PADS$)'
                )
        )
        select strftime(ends.month, '%Y-%m'), count(distinct months.CustomerID)
        from (select distinct month from months) as ends
        inner join months
            on months.month between ends.month - interval 2 month and ends.month
        group by 1 order by 1
    """).fetchall()
    assert [(row["month"], row["closing"]) for row in rows] == floor


def test_14_the_funnel_equals_plain_sql_over_mailings_and_redemptions(analyses, source):
    rows = {
        row["campaign_name"]: (row["assigned"], row["responders"], row["responses"])
        for row in analyses("14")
    }
    floor = source.execute("""
        select 'Campaign ' || campaign_id, mailed, coalesce(responders, 0),
            coalesce(responses, 0)
        from (select campaign_id, count(*) as mailed from campaigns group by all)
        left join (
            select campaign_id, count(distinct household_id) as responders,
                count(*) as responses
            from coupon_redemptions group by all
        ) using (campaign_id)
    """).fetchall()
    assert rows == {name: tuple(counts) for name, *counts in floor}
    assert all(row["cost_per_response"] is None for row in analyses("14"))


def test_24_the_share_without_a_customer_equals_plain_sql(analyses, source):
    shares = {
        row["customer_member"]: (row["line_count"], row["net_amount"])
        for row in analyses("24")
        if row["source_system"] == "online_retail"
    }
    ((lines, net),) = source.execute("""
        select count(*), sum(round(Quantity * UnitPrice::decimal(18, 4), 2))
            ::decimal(18, 2)
        from invoices where CustomerID is null
    """).fetchall()
    absent = [shares["anonymous"], shares["not_applicable"]]
    assert sum(a[0] for a in absent) == lines
    assert sum(a[1] for a in absent) == net


def test_the_calendar_reaches_every_day_of_both(company):
    assert company.ask("""
        select min(date_key), max(date_key) from fct_sales_line
    """) == [(date(2010, 12, 1), date(2017, 9, 30))]
