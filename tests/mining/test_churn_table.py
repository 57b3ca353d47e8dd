"""What is published of who leaves: the model or the rule, bands, loss and dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest
from mining.mining_models import build


@pytest.fixture
def scored():
    """Ten customers: C0 has gone, C1 subscribes, and C9 has no order to count from."""
    with duckdb.connect() as connection:
        connection.execute("""
            create table obs_customer as
            select 'shop' as id_space, 'C' || n as customer_id,
                date '2024-12-31' as cutoff_date, true as is_current,
                if(n = 3, 'mixed', 'EUR') as currency_code,
                if(n = 0, 400, 10 * n) as recency_days,
                (if(n = 2, -50, 365 * n))::decimal(18, 2) as value_amount_365
            from range(10) as rows (n);
            create table obs_cancel as
            select 'shop' as id_space, 'C1' as customer_id,
                date '2024-12-31' as cutoff_date, true as is_current,
                true as is_scored, 'EUR' as currency_code, 10 as recency_days,
                36.5::decimal(18, 2) as mrr_amount;
            create table int_churn_score as
            select 'churn' as model, 'shop' as id_space, 'C' || n as customer_id,
                date '2024-12-31' as cutoff_date, n / 10 as p_model,
                0.5 - n / 100 as p_baseline, ['a', 'b'] as reasons, 'ok' as status,
                '' as reason
            from range(1, 10) as rows (n)
            union all
            select 'cancel', 'shop', 'C1', date '2024-12-31', null, 0.2, [],
                'insufficient_data', '3 of 9 left';
            create table int_next_order as
            select 'shop' as id_space, 'C' || n as customer_id,
                date '2024-12-31' as cutoff_date, true as is_current,
                20.0 as own_cycle_days, 2.5 as due_lo, 6.2 as due_p50,
                if(n = 9, 1e9, 11.1) as due_hi, 15.5 as baseline_days
            from range(1, 10) as rows (n);
            create table customer_rfm as
            select 'C' || n as customer_id,
                if(n > 5, 'lapsed', 'active') as lifecycle_stage
            from range(10) as rows (n);
            create table int_model_verdict (
                model varchar, id_space varchar, verdict varchar
            )
        """)
        yield connection


def published(connection, verdict: str) -> dict[tuple[str, str], dict]:
    connection.execute("delete from int_model_verdict")
    connection.execute(
        "insert into int_model_verdict values ('churn', 'shop', $1),"
        " ('next_order', 'shop', $1)",
        [verdict],
    )
    build(connection, "int_churn_band", "customer_churn")
    answer = connection.execute("from customer_churn")
    names = [column[0] for column in answer.description]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    assert len(rows) == 11
    return {(row["customer_id"], row["churn_type"]): row for row in rows}


def test_a_model_that_was_better_is_published_with_its_reasons(scored):
    rows = published(scored, "better")
    worst = rows["C9", "silent"]
    assert (worst["p_churn"], worst["risk_band"], worst["method"]) == (
        0.9, "high", "model",
    )  # fmt: skip
    assert (worst["reason_1"], worst["reason_2"], worst["reason_3"]) == ("a", "b", None)
    # nine are scored: the tenth of them is one, the next fifth is two
    bands = [rows[f"C{n}", "silent"]["risk_band"] for n in range(1, 10)]
    assert bands == ["low"] * 6 + ["medium"] * 2 + ["high"]
    # 91 days of 9 a day, times 0.9
    assert worst["expected_loss"] == Decimal("737.10")
    assert rows["C2", "silent"]["expected_loss"] == 0
    assert rows["C3", "silent"]["expected_loss"] is None
    assert worst["is_silent_by_rhythm"]
    assert worst["overdue_ratio"] == 4.5
    one = rows["C1", "silent"]
    assert one["expected_order_date"] == date(2025, 1, 7)
    assert one["order_date_lo"] == date(2025, 1, 2)
    assert one["order_date_hi"] == date(2025, 1, 12)
    # an interval without end is none
    assert worst["order_date_hi"] is None


def test_else_the_rule_is_and_says_days_alone(scored):
    rows = published(scored, "not_better")
    one = rows["C1", "silent"]
    assert (one["p_churn"], one["method"]) == (0.49, "baseline")
    assert (one["reason_1"], one["reason_2"]) == ("last order 10 days ago", None)
    assert one["p_churn_model"] == 0.1
    # the interval holds the day that is published
    assert one["expected_order_date"] == one["order_date_hi"] == date(2025, 1, 16)


def test_who_has_gone_and_what_is_not_known_have_no_number(scored):
    scored.execute("update int_churn_score set p_baseline = null, p_model = null"
                   " where customer_id = 'C4'")  # fmt: skip
    rows = published(scored, "better")
    gone = rows["C0", "silent"]
    assert (gone["method"], gone["status"], gone["p_churn"]) == ("gone", "gone", None)
    assert gone["reason"] == "no order in the last 365 days"
    assert gone["risk_band"] is gone["expected_order_date"] is None
    assert rows["C4", "silent"]["method"] == "none"
    contract = rows["C1", "contract"]
    assert (contract["method"], contract["p_churn"]) == ("baseline", 0.2)
    assert contract["verdict"] == contract["status"] == "insufficient_data"
    # 36.50 a month for 91 days are 109.20
    assert contract["expected_loss"] == Decimal("21.84")
    assert contract["expected_order_date"] is None
