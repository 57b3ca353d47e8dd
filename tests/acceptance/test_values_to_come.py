"""Values of customers of both real systems against what came in the last 13 weeks.

The data stands beside the repository and is no part of it; without it these tests say
so and skip.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from acceptance.real_data import GROCER, WHOLESALER, needs

from acrm.mining.score_table import evaluate_scores
from acrm.mining.summaries import summarise_orders
from acrm.mining.value_table import fit_values, score_values

DAYS, GAP = 91, 7
SALES = {
    "grocer": f"""
        select household_id as customer_id, transaction_timestamp::date as order_date,
            sum(sales_value - coupon_disc)::double as amount
        from '{GROCER}/transactions.parquet' group by all
    """,
    "wholesaler": f"""
        select CustomerID as customer_id, InvoiceDate::date as order_date,
            sum(Quantity * UnitPrice)::double as amount
        from '{WHOLESALER}'
        where CustomerID is not null and Quantity > 0 group by all
    """,
}

pytestmark = needs(GROCER, WHOLESALER)


def judged(system: str) -> pd.Series:
    """The primary row of the record of values, at the newest cut-off."""
    orders = duckdb.sql(SALES[system]).df()
    last = orders["order_date"].max()
    cutoff = last - pd.Timedelta(days=DAYS + GAP)
    summary = summarise_orders(orders, cutoff, unit_days=1)
    of_year = orders[
        orders["order_date"].between(cutoff - pd.Timedelta(days=364), cutoff)
    ]
    later = orders[orders["order_date"] > cutoff + pd.Timedelta(days=GAP)]
    seen = pd.DataFrame(
        {
            "id_space": system,
            "currency_code": "XXX",
            "cutoff_date": cutoff,
            "customer_id": summary["customer_id"],
            "is_current": False,
            "label_from": cutoff + pd.Timedelta(days=GAP + 1),
            "label_to": last,
            "order_day_count": summary["x"] + 1,
            "total_interval_days": summary["t_x"],
            "tenure_days": summary["T"],
            "mean_repeat_value_amount": summary["mean_value"],
            "value_amount_365": summary["customer_id"]
            .map(of_year.groupby("customer_id")["amount"].sum())
            .fillna(0),
            "history_days": (cutoff - orders["order_date"].min()).days + 1,
        }
    )
    scored = score_values(seen, fit_values(seen), discount=0.1)
    scores = scored.assign(
        model="clv",
        id_space=system,
        part="XXX",
        is_amount=True,
        score=scored["model_value"],
        baseline_score=scored["baseline_value"],
        actual=scored["customer_id"]
        .map(later.groupby("customer_id")["amount"].sum())
        .fillna(0),
    )
    rows = evaluate_scores(scores)
    return rows[rows["is_primary"]].iloc[0]


def test_the_wholesalers_values_rank_no_better_than_last_years_and_fall_back():
    found = judged("wholesaler")
    assert found["verdict"] == "not_better"
    assert found["gain"] < 0


def test_the_grocers_values_are_published_only_if_they_rank_better():
    found = judged("grocer")
    assert found["n"] > 2000
    assert found["verdict"] in ("better", "not_better")
    assert (found["verdict"] == "better") == (found["gain_lo"] > 0)
    assert found["gain"] == pytest.approx(0, abs=0.02)
