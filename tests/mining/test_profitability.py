"""Who brings what and costs what, by hand, and the curve that it draws."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from mining.mining_models import build

MODELS = ["int_customer_activity", "customer_profitability", "customer_whale_curve"]


@pytest.fixture
def shop():
    """Three customers and somebody unknown, in two months; the third is not over."""
    with duckdb.connect() as connection:
        connection.execute("""
            create table int_mining_cutoff as
            select 'shop' as id_space, date '2024-02-29' as cutoff_date,
                true as is_current;
            create table fct_sales_line as
            select 'shop' as source_system, 'EUR' as currency_code, *
            from (values
                ('shop:A', 1, date '2024-01-05', 'sale', 100, 10, 90, 40, 0),
                ('shop:A', 1, date '2024-01-05', 'sale', 50, 0, 50, 20, 0),
                ('shop:A', 1, date '2024-01-05', 'charge', 6, 0, 6, null, 1),
                ('shop:A', 1, date '2024-02-01', 'return', -50, 0, -50, -20, 0),
                ('shop:B', 2, date '2024-02-03', 'sale', 10, 0, 10, 4, 0),
                ('anonymous', 3, date '2024-02-03', 'sale', 10, 0, 10, 5, 0),
                ('shop:A', 4, date '2024-03-01', 'sale', 900, 0, 900, 400, 0)
            ) as rows (customer_id, order_key, date_key, line_type, gross_amount,
                discount_amount, net_amount, margin_amount, tax_amount);
            create table fct_order_cost_allocation as
            select 'shop' as source_system, 'shop:A' as customer_id,
                date '2024-01-05' as date_key, 'EUR' as currency_code,
                4.5 as allocated_shipping_amount, 0.9 as allocated_payment_amount;
            create table fct_interaction as
            select 'shop' as source_system, 'shop:B' as customer_id,
                date '2024-02-10' as date_key, 90 as handle_seconds;
            create table fct_case as
            select 'shop' as source_system, 'shop:B' as customer_id,
                date '2024-02-10' as date_key, 1 as case_count;
            create table fct_contact as
            select 'shop' as source_system, date '2024-02-11' as date_key, *
            from (values
                ('shop:A', 1, 'EUR', 0.3333), ('shop:B', 1, null, null),
                ('shop:C', 1, null, null), ('shop:C', 0, null, null)
            ) as rows (customer_id, contacted_count, currency_code, cost_amount);
            create table activity_rate as
            select 'shop' as id_space, 'EUR' as currency_code, * from (values
                ('order', date '2000-01-01', 1.0), ('order', date '2024-02-01', 2.0),
                ('order_line', date '2000-01-01', 0.25),
                ('return_line', date '2000-01-01', 3.0),
                ('interaction_minute', date '2000-01-01', 4.0),
                ('case', date '2000-01-01', 2.0), ('contact', date '2000-01-01', 0.1)
            ) as rows (activity_code, valid_from, rate_amount)
        """)
        yield connection


def asked(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return connection.execute(sql).fetchall()


def test_contributions_by_hand(shop):
    build(shop, *MODELS)
    rows = asked(
        shop,
        """
        select customer_id, month(month_start), margin_amount, charge_amount,
            handling_cost_amount, return_cost_amount, service_cost_amount,
            contact_cost_amount, contribution_1, contribution_2, contribution_3
        from customer_profitability order by customer_id, month_start
        """,
    )
    assert [tuple(map(str, row)) for row in rows] == [
        # an order at the rate from February on, and one line
        ("anonymous", "2", "5.00", "0.00", "2.2500", "0.0000", "0.0000", "0.0000",
         "5.0000", "2.7500", "2.7500"),
        # 60 of goods and 5 of postage net of tax; 4.50 + 0.90, 1 + 2 x 0.25
        ("shop:A", "1", "60.00", "5.00", "1.5000", "0.0000", "0.0000", "0.0000",
         "65.0000", "58.1000", "58.1000"),
        ("shop:A", "2", "-20.00", "0.00", "0.0000", "3.0000", "0.0000", "0.3333",
         "-20.0000", "-23.0000", "-23.3333"),
        # a minute and a half at 4, and a case at 2
        ("shop:B", "2", "4.00", "0.00", "2.2500", "0.0000", "8.0000", "0.1000",
         "4.0000", "1.7500", "-6.3500"),
        ("shop:C", "2", "0.00", "0.00", "0.0000", "0.0000", "0.0000", "0.1000",
         "0.0000", "0.0000", "-0.1000"),
    ]  # fmt: skip


def test_the_curve_rises_above_all_and_ends_at_all(shop):
    build(shop, *MODELS)
    rows = asked(
        shop,
        "select customer_id, whale_rank, hundredth, contribution_3, cumulative_share"
        " from customer_whale_curve order by whale_rank",
    )
    assert [row[:4] for row in rows] == [
        ("shop:A", 1, 1, Decimal("34.7667")),
        ("shop:C", 2, 34, Decimal("-0.1000")),
        ("shop:B", 3, 67, Decimal("-6.3500")),
    ]
    assert rows[0][4] > 1
    assert rows[-1][4] == pytest.approx(1)


def test_where_costs_are_not_told_no_contribution_is_made_up(shop):
    shop.execute("update fct_sales_line set margin_amount = null")
    build(shop, *MODELS)
    assert asked(
        shop,
        "select distinct status, reason, contribution_1, contribution_2,"
        " contribution_3 from customer_profitability",
    ) == [
        (
            "insufficient_data",
            "the cost of 5 of 5 lines is not known",
            None,
            None,
            None,
        )
    ]
    assert asked(shop, "from customer_whale_curve") == []


def test_nothing_sold_and_no_rate_are_tables_as_well(shop):
    shop.execute("delete from activity_rate")
    build(shop, *MODELS)
    assert asked(
        shop,
        "select sum(contribution_1 - contribution_2), sum(contact_cost_amount)"
        " from customer_profitability",
    ) == [(Decimal("5.4000"), Decimal("0.3333"))]
    for table in ("fct_sales_line", "fct_order_cost_allocation", "fct_contact",
                  "fct_case", "fct_interaction"):  # fmt: skip
        shop.execute(f"delete from {table}")
    build(shop, *MODELS)
    assert asked(shop, "from customer_profitability") == []
