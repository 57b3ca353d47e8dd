"""The CRM and the call centre of one company, in two deliveries of hand-made files.

The second delivery brings an older state of a lead and of a case, describes what the
first one only named, and has a row that breaks its contract.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from company import Company

pytestmark = pytest.mark.slow

PARTY = (
    "party_id,party_type,first_name,last_name,company_name,email,phone,street,postcode,"
    "city,region,country,language,birth_date,gender,income_band,loyalty_tier,"
    "loyalty_card_id,household_id,is_test,is_employee,registered_at,changed_at"
)
LEAD = (
    "lead_id,party_id,source,cell_id,product_id,employee_id,store_id,channel_code,"
    "referred_by_party_id,created_at,contacted_at,qualified_at,offered_at,converted_at,"
    "lost_at,lost_reason_code,order_id,changed_at"
)
CASE = (
    "case_id,party_id,order_id,product_id,employee_id,store_id,channel_code,topic_code,"
    "priority,status,opened_at,assigned_at,first_answered_at,resolved_at,closed_at,"
    "reopened_at,changed_at"
)
SUBSCRIPTION = (
    "event_id,subscription_id,party_id,event_type,from_plan_id,to_plan_id,mrr_amount,"
    "reason_code,channel_code,occurred_at"
)

FIRST = {
    "example_crm": {
        "parties": [
            PARTY,
            "P1,person,Ana,Secret,,ana@secret.example,,,,Porto,Norte,Portugal,pt,,,,gold,"
            ",,false,false,2024-01-01 10:00:00,2024-01-01 10:00:00",
        ],
        "leads": [
            LEAD,
            "L1,,fair,,,E1,,store_till,P7,2024-03-01 10:00:00,2024-03-02 10:00:00,,,"
            "2024-03-05 10:00:00,,,O1,2024-03-05 10:00:00",
        ],
        "subscription_events": [
            SUBSCRIPTION,
            "S1-1,S1,P1,start,,BOX,19.90,,web_shop,2024-03-01 10:00:00",
            "S1-2,S1,P1,cancel,BOX,,0,dear,web_shop,2024-03-31 23:30:00",
        ],
    },
    "example_call_centre": {
        "cases": [
            CASE,
            "C1,P1,,,E1,,chat,late,high,resolved,2024-03-01 23:30:00,"
            "2024-03-01 23:40:00,2024-03-02 01:30:00,2024-03-03 11:30:00,,,"
            "2024-03-03 11:30:00",
        ],
    },
}
SECOND = {
    "example_crm": {
        "leads": [
            LEAD,
            "L1,,fair,,,E1,,store_till,P7,2024-03-01 10:00:00,2024-03-02 10:00:00,,,,,,"
            ",2024-03-02 10:00:00",
            "L2,P1,radio,,,E1,,store_till,,2024-03-02 10:00:00,,,,,,,,"
            "2024-03-02 10:00:00",
        ],
        "employees": [
            "employee_id,role,team,unit,store_id,hired_on,left_on,changed_at",
            "E1,agent,North,Service,,2020-01-01,,2020-01-01 00:00:00",
        ],
    },
    "example_call_centre": {
        "cases": [
            CASE,
            "C1,P1,,,,,chat,late,high,open,2024-03-01 23:30:00,,,,,,"
            "2024-03-01 23:30:00",
        ],
        "reasons": [
            "reason_code,reason_type,reason_name,changed_at",
            "late,complaint,Came late,2024-01-01 00:00:00",
        ],
    },
}


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    company = Company.create(tmp_path_factory.mktemp("service_life"))
    marts = ("+fct_subscription_month", "+fct_case", "+ctl_reconciliation")
    for name, delivery, codes in (
        ("first", FIRST, (0, 0)),
        # of two leads, the one from the radio is not in the contract
        ("second", SECOND, (2, 0)),
    ):
        for (system, tables), code in zip(delivery.items(), codes, strict=True):
            folder = company.folder / "extracts" / name / system
            folder.mkdir(parents=True)
            for table, lines in tables.items():
                (folder / f"{table}-{name}.csv").write_text("\n".join(lines) + "\n")
            company.acrm("load", str(folder), "--system", system, code=code)
        company.dbt(
            *("build", "--select", *marts),
            *("--exclude-resource-type", "test", "unit_test"),
        )
    return company


def ask(company, sql):
    return company.ask(sql, database=company.folder / "target" / "acrm.duckdb")


def test_an_older_state_that_comes_late_does_not_win(company):
    assert ask(
        company,
        """
        select case_status, resolved_count, hours_to_first_answer from fct_case
        union all
        select lead_status, converted_count, days_created_to_converted
        from fct_lead_funnel
        """,
    ) == [("resolved", 1, Decimal(2)), ("converted", 1, Decimal(4))]


def test_the_business_day_is_that_of_lisbon(company):
    """Winter time on 1 March; on 31 March the clocks went forward."""
    assert ask(
        company,
        """
        select date_key, time_key from fct_case
        union all
        select date_key, time_key from fct_subscription_event
        order by all
        """,
    ) == [
        (date(2024, 3, 1), 10 * 60),
        (date(2024, 3, 1), 23 * 60 + 30),
        (date(2024, 4, 1), 30),
    ]


def test_who_is_only_named_is_inferred_until_described(company):
    assert ask(
        company,
        """
        select employee_id, team, is_inferred from dim_employee
        where member_type = 'employee'
        union all
        select reason_id, reason_name, is_inferred from dim_reason
        where member_type = 'reason'
        union all
        select plan_id, plan_name, is_inferred from dim_plan_product
        where member_type = 'plan'
        union all
        select customer_id, current_city, is_inferred from dim_customer
        where member_type = 'customer'
        order by all
        """,
    ) == [
        ("example:BOX", "Plan BOX", True),
        ("example:E1", "North", False),
        ("example:P1", "Porto", False),
        ("example:P7", "Unknown", True),
        ("example:dear", "dear", True),
        ("example:late", "Came late", False),
    ]


def test_revenue_that_came_and_went_balances_by_business_month(company):
    assert ask(
        company,
        """
        select
            month_start, opening_mrr_amount, new_mrr_amount, churn_mrr_amount,
            closing_mrr_amount
        from fct_subscription_month order by month_start
        """,
    ) == [
        (date(2024, 3, 1), 0, Decimal("19.90"), 0, Decimal("19.90")),
        (date(2024, 4, 1), Decimal("19.90"), 0, Decimal("-19.90"), 0),
    ]


def test_totals_reconcile_with_superseded_states_and_a_row_in_quarantine(company):
    assert ask(
        company,
        """
        select
            measure, sum(source_total), sum(quarantined_total), sum(redelivered_total),
            sum(fact_total), bool_and(is_reconciled)
        from ctl_reconciliation group by measure order by measure
        """,
    ) == [
        ("cases", 2, 0, 1, 1, True),
        ("leads", 3, 1, 1, 1, True),
        ("mrr amount", Decimal("19.9"), 0, 0, Decimal("19.9"), True),
        ("subscription events", 2, 0, 0, 2, True),
    ]


def test_nothing_that_identifies_a_person_leaves_the_raw_zone(company):
    tables = ask(
        company,
        """
        select format('select 1 from "{}"."{}" as r', table_schema, table_name)
        from information_schema.tables where table_type = 'BASE TABLE'
        """,
    )
    assert len(tables) > 20
    for (rows,) in tables:
        assert not ask(company, f"{rows} where contains(lower(r::varchar), 'secret')")
