"""What follows what across days: counted by SQL and by hand, planted, judged, thin."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from mining.test_mining_tables import counted, random_sales, rules_of, sales
from scipy import stats

from acrm.mining.sequence import order_in_time
from acrm.mining.sequence_table import COLUMNS, judge_sequences, rules_across_days

END = pd.Timestamp("2024-12-31")
PAST = pd.Timestamp("2024-09-30")
SIDES = ["antecedent", "consequent"]


def sequences_of(lines, support=0.01, confidence=0.05) -> pd.DataFrame:
    """The rules with the names of their items."""
    tables = counted(lines)
    rules = rules_across_days(
        tables["int_item_count"].query("is_frequent"), tables["int_item_follow"],
        tables["int_affinity_window"], support=support, confidence=confidence,
    )  # fmt: skip
    names = tables["int_item"].set_index("item_code")["item"]
    return rules.assign(**{side: rules[f"{side}_code"].map(names) for side in SIDES})


def by_hand(lines, first, last, known) -> pd.DataFrame:
    """Days with each item and with any, and what follows each, from plain loops."""
    bought = lines[lines["customer_id"].notna() & (lines["date_key"] <= known)]
    days = {
        item: set(zip(rows["customer_id"], rows["date_key"], strict=True))
        for item, rows in bought.groupby("product_id")
    }
    everything = set().union(*days.values())
    rows = []
    for one, other in itertools.permutations(days, 2):

        def followed(of, other=other):
            watched = [at for at in of if first <= at[1] <= last]
            within = [
                any(
                    (who, day + pd.Timedelta(days=gap)) in days[other]
                    for gap in range(1, 31)
                )
                for who, day in watched
            ]
            return len(watched), sum(within)

        rows.append((one, other, *followed(days[one]), *followed(everything)))
    return pd.DataFrame(
        rows, columns=[*SIDES, "antecedent_days", "followed_days", "any_days",
                       "consequent_days"],
    ).set_index(SIDES)  # fmt: skip


def test_all_that_follows_often_enough_is_found_and_counted_as_by_hand():
    lines = random_sales(3)
    start = pd.Timestamp("2024-01-02")  # 365 days
    month = pd.Timedelta(days=30)
    lines = lines[lines["date_key"] >= start]
    wanted = by_hand(lines, start, END - month, END)
    # all rules whatever their strength: those of enough support, neither more nor less
    counts = counted(lines)
    follows = counts["int_item_follow"].merge(
        counts["int_item"], left_on="second_code", right_on="item_code"
    )
    names = counts["int_item"].set_index("item_code")["item"]
    follows = follows[(follows["level"] == "product") & (follows["first_code"] > 0)]
    follows = follows.assign(
        antecedent=follows["first_code"].map(names), consequent=follows["item"]
    ).set_index(SIDES)
    enough = wanted[wanted["followed_days"] / wanted["any_days"] >= 0.01]
    assert len(enough) > 4
    assert set(enough.index) <= set(follows.index)
    told = follows.loc[wanted.index.intersection(follows.index)]
    for ours, theirs in (("watched_days", "antecedent_days"),
                         ("followed_days", "followed_days")):  # fmt: skip
        assert told[ours].tolist() == wanted.loc[told.index, theirs].tolist()
    early = by_hand(lines, start, PAST - month, END).loc[told.index]
    assert told["early_followed_days"].tolist() == early["followed_days"].tolist()
    late = by_hand(lines, pd.Timestamp("2024-10-08"), END - month, END).loc[told.index]
    assert told["late_watched_days"].tolist() == late["antecedent_days"].tolist()
    assert told["late_followed_days"].tolist() == late["followed_days"].tolist()


def followers(count=400, later=10) -> pd.DataFrame:
    """Who buys a shirt buys a tie some days after, and never with it; others socks."""
    rows = []
    for number in range(count):
        day = pd.Timestamp("2024-01-05") + pd.Timedelta(days=number % 350)
        customer = f"c{number}"
        rows.append((number, "shirt" if number % 2 else "sock", customer, day))
        if number % 2 or number % 20 == 0:
            follows = day + pd.Timedelta(days=later)
            rows.append((10_000 + number, "tie", customer, follows))
    return sales(rows)


def test_what_is_never_in_one_basket_is_found():
    lines = followers()
    rules = sequences_of(lines).query("level == 'product'")
    now = rules[rules["is_current"]]
    assert [tuple(one) for one in now[SIDES].to_numpy()] == [("shirt", "tie")]
    (rule,) = now.to_dict("records")
    wanted = by_hand(
        lines, pd.Timestamp("2024-01-02"), END - pd.Timedelta(days=30), END
    )
    hand = wanted.loc[("shirt", "tie")]
    counts = ["antecedent_days", "followed_days", "any_days", "consequent_days"]
    assert [rule[name] for name in counts] == hand[counts].tolist()
    base = hand["consequent_days"] / hand["any_days"]
    assert rule["lift"] == pytest.approx(
        hand["followed_days"] / hand["antecedent_days"] / base
    )
    assert rule["support"] == pytest.approx(hand["followed_days"] / hand["any_days"])
    table = [
        [hand["followed_days"], hand["antecedent_days"] - hand["followed_days"]],
        [hand["consequent_days"] - hand["followed_days"],
         hand["any_days"] - hand["antecedent_days"] - hand["consequent_days"]
         + hand["followed_days"]],
    ]  # fmt: skip
    # two rules have enough support: shirt and tie, sock and tie
    p_value = stats.chi2_contingency(table, correction=False).pvalue
    assert rule["p_adjusted"] == pytest.approx(2 * p_value)
    assert (rule["direction"], rule["preceded_rate"]) == ("forward", 0)
    timed = order_in_time(
        lines.rename(columns={"product_id": "item", "date_key": "day"}),
        now[SIDES], 30, END,
    )  # fmt: skip
    assert rule["antecedent_first"] == timed["antecedent_first"].item()
    # rules of baskets know nothing of it
    in_baskets = rules_of(lines).query("level == 'product'")
    assert not len(in_baskets)
    past = rules[~rules["is_current"].astype(bool)]
    assert past["cutoff_date"].tolist() == [PAST]
    assert past["later_lift"].item() > 1


def test_what_follows_after_more_than_30_days_does_not():
    assert len(sequences_of(followers(later=30)).query("level == 'product'"))
    assert not len(sequences_of(followers(later=31)).query("level == 'product'"))


def test_chance_makes_no_rules_of_days():
    rng = np.random.default_rng(8)
    rows = [
        (number, rng.choice(["shirt", "tie", "sock", "hat"]), f"c{rng.integers(60)}",
         pd.Timestamp("2024-01-02") + pd.Timedelta(days=int(rng.integers(360))))
        for number in range(1500)
    ]  # fmt: skip
    assert not len(sequences_of(sales(rows)).query("level == 'product' and is_current"))


def test_rules_are_judged_by_the_share_that_held():
    rules = pd.DataFrame(
        {
            "id_space": "shop", "level": "product", "cutoff_date": PAST,
            "is_current": False,
            "later_lift": [2.0] * 18 + [0.5] * 2 + [np.nan] * 5,
        }
    )  # fmt: skip
    (judged,) = judge_sequences(rules).to_dict("records")
    assert (judged["model"], judged["part"], judged["n"]) == ("sequence", "product", 20)
    assert (judged["value"], judged["verdict"]) == (0.9, "better")
    (few,) = judge_sequences(rules.head(9)).to_dict("records")
    assert few["verdict"] == "insufficient_data"
    assert few["reason"] == "9 rules; 10 are needed"


def test_no_sales_are_a_table_as_well():
    none = sequences_of(followers().head(0))
    assert list(none[COLUMNS].columns) == COLUMNS
    assert not len(none)
    assert not len(judge_sequences(none))
