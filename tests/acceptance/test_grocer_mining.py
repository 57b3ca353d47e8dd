"""Next products and rhythms at the grocer, judged by the last 13 weeks.

The data stands beside the repository and is no part of it; without it these tests say
so and skip.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from acceptance.real_data import GROCER, needs

from acrm.mining import recommend, rhythm

CUT = pd.Timestamp("2017-07-01")

pytestmark = needs(GROCER)


@pytest.fixture(scope="module")
def lines():
    columns = ["household_id", "product_id", "transaction_timestamp"]
    lines = pd.read_parquet(GROCER / "transactions.parquet", columns=columns)
    products = pd.read_parquet(GROCER / "products.parquet")
    lines = lines.merge(products[["product_id", "product_type"]], on="product_id")
    return lines.assign(
        customer_id=lines["household_id"],
        item=lines["product_type"],
        order_date=lines["transaction_timestamp"].dt.normalize(),
    )


def test_next_products_beat_popularity_on_what_is_new_to_the_customer(lines):
    known = lines.dropna(subset=["item"])
    early = known["order_date"] <= CUT
    found = recommend.backtest(known[early], known[~early], k=10)
    assert found["n"].min() > 2000
    assert found["verdict"].tolist() == ["better", "better"]


def test_due_dates_hold_for_four_of_five(lines):
    summary = rhythm.summarise_intervals(lines, CUT)
    due = rhythm.predict(rhythm.fit(summary), summary)
    later = lines[lines["order_date"] > CUT].groupby("customer_id")["order_date"].min()
    days = (summary["customer_id"].map(later) - CUT).dt.days
    # orders are dated in whole days: one at the edge is in for half of it
    low, high = np.round(due["due_lo"]), np.round(due["due_hi"])
    inside = ((days >= low) & (days <= high))[days.notna()]
    assert inside.mean() == pytest.approx(0.8, abs=0.05)
