"""The page on bringing one's own system, followed word for word.

Every block of models/staging/README.md that names its file is written to that file, and
a third system is loaded and built beside the two of the project.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from company import EXTRACTS, ROOT, Company

pytestmark = pytest.mark.slow

PAGE = ROOT / "models" / "staging" / "README.md"
BLOCK = re.compile(
    r"```\w+\n(?:#|--) (?P<name>\S+?)(?:, under [^\n]*)?\n(?P<text>.*?)```", re.S
)

TILL = """receipt,pos,paid_at,card,article,pieces,paid
R1,1,05/03/2024 23:30,K1,tea,2,5.00
R1,2,05/03/2024 23:30,K1,cake,1,3.50
R2,1,06/03/2024 09:00,,tea,1,2.50
R3,1,06/03/2024 10:00,K1,tea,-1,-2.50
R3,2,31/02/2024 10:00,K1,tea,1,2.50
"""
CLUB = "card,town\nK1,{town}\n17850,Porto\n"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    company = Company.create(tmp_path_factory.mktemp("own_pack"))
    blocks = {m["name"]: m["text"] for m in BLOCK.finditer(PAGE.read_text())}
    settings = blocks.pop("dbt_project.yml")
    assert len(blocks) == 4
    for name, text in blocks.items():
        path = company.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = company.folder / "dbt_project.yml"
    indented = "".join(f"    {line}\n" for line in settings.splitlines())
    project.write_text(
        project.read_text().replace("  packs:\n", "  packs:\n" + indented, 1)
    )
    extracts = company.folder / "extracts"
    extracts.mkdir()
    (extracts / "till.csv").write_text(TILL)
    (extracts / "club.csv").write_text(CLUB.format(town="Lisboa"))
    load = ("load", "extracts", "--system", "corner_shop", "--extracted-at")
    # one row has a 31st of February: it waits in quarantine, and is told of
    refused = company.acrm(*load, "2024-03-01T00:00:00", code=2)
    assert "31/02/2024" in refused.stdout + refused.stderr
    (extracts / "club.csv").write_text(CLUB.format(town="Braga"))
    (extracts / "till.csv").unlink()
    company.acrm(*load, "2024-03-06T00:00:00")
    company.acrm(
        "load", str(EXTRACTS / "first/online_retail"), "--system", "online_retail"
    )
    company.acrm("build")
    return company


def test_the_third_system_stands_beside_the_second(company):
    sql = """
        select source_system, currency_code, count(*), sum(net_amount)
        from fct_sales_line group by all order by all
    """
    assert company.ask(sql) == [
        ("corner_shop", "EUR", 4, Decimal("8.50")),
        ("online_retail", "GBP", 8, Decimal("199.94")),
    ]


def test_the_same_number_in_two_systems_is_two_customers(company):
    sql = """
        select customer_id, current_city, current_country from dim_customer
        where source_customer_id = '17850' order by all
    """
    assert company.ask(sql) == [
        ("corner_shop:17850", "Porto", "Not given"),
        ("online_retail:17850", "Not given", "United Kingdom"),
    ]


def test_a_card_that_moved_has_both_towns(company):
    sql = """
        select city, current_city, valid_from, sum(net_amount)
        from fct_sales_line inner join dim_customer using (customer_key)
        where dim_customer.customer_id = 'corner_shop:K1'
        group by all order by all
    """
    assert company.ask(sql) == [
        ("Braga", "Braga", datetime(2024, 3, 6), Decimal("-2.50")),
        ("Lisboa", "Braga", datetime(1900, 1, 1), Decimal("8.50")),
    ]


def test_its_totals_reconcile_with_the_broken_row_in_quarantine(company):
    sql = """
        select business_date, measure, source_total, quarantined_total, fact_total
        from ctl_reconciliation
        where source_system = 'corner_shop' and measure = 'net amount'
        order by all
    """
    assert company.ask(sql) == [
        (date(1900, 1, 1), "net amount", Decimal("2.50"), Decimal("2.50"), 0),
        (date(2024, 3, 5), "net amount", Decimal("8.50"), 0, Decimal("8.50")),
        (date(2024, 3, 6), "net amount", 0, 0, 0),
    ]


VIEW = "models/staging/corner_shop/stg_corner_shop__order_lines.sql"


def test_a_required_column_that_is_missing_is_named(company):
    view = company.folder / VIEW
    text = view.read_text()
    view.write_text(text.replace("'EUR' as currency_code", "'EUR' as curency_code"))
    try:
        done = company.acrm("build", "--select", "+int_order_lines", code=1)
    finally:
        view.write_text(text)
    said = done.stdout + done.stderr
    assert "currency_code" in said
    assert "Traceback" not in said


def test_an_optional_column_with_a_wrong_name_fails_a_test_that_knows_the_right_one(
    company,
):
    rule = "assert_packs_deliver_canonical_columns_only"
    view = company.folder / VIEW
    text = view.read_text()
    view.write_text(
        text.replace("as currency_code", "as currency_code, 1 as cost_amout")
    )
    try:
        done = company.acrm("build", "-s", view.stem, "-s", rule, code=1)
    finally:
        view.write_text(text)
    said = done.stdout + done.stderr
    assert rule in said
    assert "column_name: cost_amout, nearest_column: cost_amount" in said


def test_an_unknown_entity_is_refused_with_those_that_exist(company):
    project = company.folder / "dbt_project.yml"
    text = project.read_text()
    project.write_text(
        text.replace(
            "[order_lines, customers, source_totals]", "[order_lines, custmers]"
        )
    )
    try:
        done = company.acrm("build", code=2)
        said = done.stdout + done.stderr
        assert "custmers" in said
        assert "customers" in said
        assert "Traceback" not in said
    finally:
        project.write_text(text)
