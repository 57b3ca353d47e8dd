"""Frames that dbt hands to mining functions, and what comes back for thin data."""

from __future__ import annotations

import itertools
import threading

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import ROOT, build

from acrm.mining import (
    affinity,
    bg_nbd,
    clv,
    gamma_gamma,
    itemsets,
    parts,
    rhythm,
    sequence,
)
from acrm.mining.affinity_table import (
    CODES,
    FOLLOWS,
    judge_rules,
    rules_by_level,
)
from acrm.mining.code import code_hash
from acrm.mining.rhythm_table import own_cycles
from acrm.mining.score_table import (
    COMPARED,
    DECILE,
    EVALUATION,
    decile_scores,
    drift_of_observations,
    evaluate_scores,
)
from acrm.mining.summaries import group_customers
from acrm.mining.value_table import FITS, SCORES, fit_values, score_values

CUTOFF = pd.Timestamp("2024-12-31")


def observations(count: int = 400, seed: int = 1, **columns) -> pd.DataFrame:
    """Customers with gamma rates of ordering and gamma values of an order."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(30, 400, count)
    orders = 1 + rng.poisson(rng.gamma(1.0, 0.02, count) * tenure)
    last = np.where(orders > 1, (tenure * rng.beta(4, 1, count)).astype(int), 0)
    last = np.maximum(last, np.minimum(orders - 1, tenure))
    last = np.where(orders > 1, last, 0)
    value = rng.gamma(6.0, 1.0, count) * rng.gamma(4.0, 3.0, count)
    return pd.DataFrame(
        {
            "id_space": "shop",
            "currency_code": "EUR",
            "cutoff_date": CUTOFF,
            "customer_id": [f"shop:{n}" for n in range(count)],
            "is_current": True,
            "label_from": CUTOFF + pd.Timedelta(days=8),
            "label_to": CUTOFF + pd.Timedelta(days=98),
            "order_day_count": orders,
            "total_interval_days": last,
            "tenure_days": tenure,
            "mean_repeat_value_amount": np.where(orders > 1, value, np.nan),
            "value_amount_365": value * orders,
            "history_days": 400,
        }
    ).assign(**columns)


def test_at_past_cutoffs_the_value_of_a_year_is_that_of_now_without_its_interval():
    seen = observations()
    fits = fit_values(seen)
    now = score_values(seen, fits, discount=0.1)
    then = score_values(seen.assign(is_current=False), fits, discount=0.1)
    ends = ["model_value_365_lo", "model_value_365_hi"]
    assert then[ends].isna().all(axis=None)
    assert now[ends].notna().all(axis=None)
    pd.testing.assert_frame_equal(now.drop(columns=ends), then.drop(columns=ends))


def test_a_value_is_the_product_of_what_the_models_say():
    seen = observations()
    fits = fit_values(seen)
    scored = score_values(seen, fits, discount=0.0)
    summary = pd.DataFrame(
        {
            "x": seen["order_day_count"] - 1,
            "t_x": seen["total_interval_days"] / 7,
            "T": seen["tenure_days"] / 7,
            "mean_value": seen["mean_repeat_value_amount"],
        }
    )
    orders = bg_nbd.fit(group_customers(summary))
    values = gamma_gamma.fit(summary)
    wanted = clv.predict(orders, values, summary, 365 / 7)
    assert np.allclose(scored["model_value_365"], wanted["clv"], equal_nan=True)
    # the label window is (gap, gap + horizon]: what both ends differ by
    ends = [
        bg_nbd.predict(orders, summary, days / 7)["expected_orders"] for days in (98, 7)
    ]
    value = gamma_gamma.predict(values, summary)["expected_value"]
    assert np.allclose(scored["model_value"], (ends[0] - ends[1]) * value)
    assert np.allclose(
        scored["baseline_value"], seen["value_amount_365"] / 365 * (98 - 7)
    )


@pytest.mark.parametrize(
    "thin",
    [
        {"order_day_count": 1, "total_interval_days": 0,
         "mean_repeat_value_amount": np.nan},
        {"mean_repeat_value_amount": 5.0},
        {"mean_repeat_value_amount": -1.0},
        {"currency_code": "mixed"},
    ],
    ids=["no repeat buyer", "constant value", "no positive value", "two currencies"],
)  # fmt: skip
def test_what_is_too_thin_is_said_and_not_scored(thin):
    seen = observations(**thin)
    if "order_day_count" not in thin:
        seen["mean_repeat_value_amount"] = seen["mean_repeat_value_amount"].where(
            seen["order_day_count"] > 1
        )
    fits = fit_values(seen)
    scored = score_values(seen, fits, discount=0.1)
    assert "insufficient_data" in set(fits["status"])
    assert (scored["status"] == "insufficient_data").all()
    assert (scored["reason"] != "").all()
    assert scored["model_value_365"].isna().all()
    assert scored["baseline_value_365"].notna().all()


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one_customer_are_tables_as_well(count):
    seen = observations().head(count)
    fits = fit_values(seen)
    assert list(fits.columns) == FITS
    scored = score_values(seen, fits, discount=0.1)
    assert len(scored) == count
    assert set(SCORES) < set(scored.columns)
    kinds = pd.DataFrame(
        {
            "id_space": ["shop"],
            "definition_version": ["v"],
            "intervals": [0],
            "total_days": [0],
            "log_days": [0.0],
        }
    ).head(count)
    cycles = own_cycles(kinds, kinds)
    assert len(cycles) == count
    assert cycles["own_cycle_days"].isna().all()
    assert (cycles["status"] == "insufficient_data").all()


def test_own_cycles_are_those_of_the_rhythm_of_each_definition():
    rng = np.random.default_rng(2)
    intervals = rng.integers(1, 9, 200)
    total = intervals * rng.integers(5, 60, 200)
    known = pd.DataFrame(
        {
            "id_space": np.where(np.arange(200) < 150, "a", "b"),
            "definition_version": "v",
            "intervals": intervals,
            "total_days": total,
            "log_days": intervals * np.log(total / intervals) * 0.97,
        }
    )
    found = own_cycles(known, known)
    for space, rows in known.groupby("id_space"):
        fit = rhythm.fit(rows)
        wanted = rhythm.predict(fit, rows.assign(silent_days=0.0))["own_cycle_days"]
        own = found[found["id_space"] == space]
        assert np.allclose(own["own_cycle_days"], wanted)
        assert np.allclose(own[list(rhythm.NAMES)].iloc[0], fit.estimates)


def test_the_stage_in_sql_is_the_stage_of_the_function():
    grid = list(
        itertools.product(
            [0, 3, 21, 22, 59, 60, 61, 179, 181, 400],  # silent
            [2.0, 14.0, 30.5, 100.0, np.nan],  # own cycle
            [None, 5, 61, 400],  # last interval
        )
    )
    frame = pd.DataFrame(grid, columns=["recency_days", "own_cycle_days", "last"])
    frame["customer_id"] = [f"shop:{n}" for n in range(len(frame))]
    frame["last"] = pd.array(frame["last"], dtype="Int64")
    frame["intervals"] = (~frame["last"].isna()).astype(int)
    frame["total_days"] = frame.index  # a kind of its own each
    with duckdb.connect() as connection:
        connection.register("grid", frame)
        connection.execute("""
            create table int_customer_definition as
            select 's' as id_space, 'v' as definition_version,
                date '2024-01-31' as definition_cutoff_date,
                true as is_current_definition, true as is_current, true as is_in_force,
                date '2024-01-31' as cutoff_date, customer_id, 'EUR' as currency_code,
                date '2024-01-01' as first_order_date,
                date '2024-01-01' as last_order_date, recency_days,
                1 as order_day_count_365, 1.0 as value_amount_365, intervals,
                total_days, 0.0 as log_days, last as last_interval_days
            from grid;
            create table py_own_cycle as
            select 's' as id_space, 'v' as definition_version, intervals, total_days,
                own_cycle_days, 'ok' as status, '' as reason
            from grid;
        """)
        build(connection, "int_rfm_threshold", "int_customer_stage")
        told = connection.execute(
            "select customer_id, lifecycle_stage from int_customer_stage"
        ).df()
    wanted = rhythm.lifecycle_stage(
        pd.DataFrame(
            {
                "intervals": frame["intervals"],
                "silent_days": frame["recency_days"],
                "last_interval_days": frame["last"].astype(float),
            }
        ),
        frame["own_cycle_days"],
        rhythm.StageRules(),
    )
    told = told.set_index("customer_id")["lifecycle_stage"]
    assert len(set(wanted.dropna())) == 6
    for customer, stage in zip(frame["customer_id"], wanted, strict=True):
        assert told[customer] == stage or (pd.isna(told[customer]) and pd.isna(stage))


def scores(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    actual = rng.gamma(1.0, 50.0, 300)
    return pd.DataFrame(
        {
            "model": "clv",
            "id_space": "shop",
            "part": "EUR",
            "cutoff_date": CUTOFF,
            "score": actual * rng.lognormal(0, 0.3, 300),
            "baseline_score": actual * rng.lognormal(0, 1.5, 300),
            "actual": actual,
            "is_amount": True,
        }
    ).assign(**columns)


def test_a_sharper_score_is_better_and_a_score_against_itself_is_not():
    sharp = evaluate_scores(scores()).set_index("metric")
    assert sharp["verdict"]["concentration"] == "better"
    assert sharp["is_primary"]["concentration"]
    same = evaluate_scores(scores().assign(baseline_score=lambda f: f["score"]))
    judged = same.dropna(subset="verdict")
    assert (judged["verdict"] == "not_better").all()
    assert (judged["gain"] == 0).all()


def test_a_customer_of_whom_the_model_says_nothing_is_judged_by_the_baseline():
    silent = evaluate_scores(scores(score=np.nan))
    assert (silent["gain"].dropna() == 0).all()
    assert (silent["value"] == silent["baseline_value"]).all()


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"score": 1.0}, "all scores are equal"),
        ({"actual": 0.0}, "nothing of value came"),
        ({"actual": 1.0, "is_amount": False}, "300 of 300 came"),
    ],
)
def test_what_cannot_be_judged_is_said(columns, reason):
    judged = evaluate_scores(scores(**columns)).dropna(subset="verdict")
    assert (judged["verdict"] == "insufficient_data").all()
    assert judged["reason"].str.startswith(reason).all()


def test_without_an_outcome_there_is_no_row_and_all_columns():
    unknown = scores(actual=np.nan)
    assert list(evaluate_scores(unknown).columns) == EVALUATION
    assert list(decile_scores(unknown).columns) == DECILE
    assert not len(evaluate_scores(unknown)) + len(decile_scores(unknown))


def test_deciles_hold_all_customers_and_all_that_came():
    table = decile_scores(scores())
    assert table["n"].tolist() == [30] * 10
    total = (table["n"] * table["observed"]).sum()
    assert total == pytest.approx(scores()["actual"].sum())
    assert table["captured"].iloc[-1] == pytest.approx(1)


def test_a_planted_drift_is_found_and_none_where_there_is_none():
    rng = np.random.default_rng(5)
    then = pd.DataFrame(
        {
            "id_space": "shop",
            "cutoff_date": CUTOFF,
            "is_current": False,
            "is_mature": True,
            "same": rng.normal(0, 1, 4000),
            "moved": rng.normal(0, 1, 4000),
        }
    )
    now = then.assign(
        is_current=True,
        is_mature=False,
        cutoff_date=CUTOFF + pd.Timedelta(days=31),
        same=rng.normal(0, 1, 4000),
        moved=rng.normal(1, 1, 4000),
    )
    found = drift_of_observations(pd.concat([then, now]), ["same", "moved"], "features")
    value = found.set_index("metric")["value"]
    assert value["psi_same"] < 0.02
    assert value["psi_moved"] > 0.25
    assert len(found.columns) == 6 + len(COMPARED) + 2


SHOP = [(1, "shirt"), (2, "tie"), (3, "sock"), (4, "scarf"), (5, "hat")]
COUNTED = [
    "int_affinity_window", "int_product_item", "int_item", "int_basket_item",
    "int_item_count", "int_item_set_count", "int_item_follow",
]  # fmt: skip
SUPPORT = {"affinity_support": 0.01, "affinity_triple_support": 0.01}


def sales(rows, **columns) -> pd.DataFrame:
    """Lines of baskets: number, product, customer and day of each."""
    names = ["order_key", "product_id", "customer_id", "date_key"]
    lines = pd.DataFrame(rows, columns=names)
    return lines.assign(
        id_space="shop", line_type="sale", recorded_on=lines["date_key"]
    ).assign(**columns)


def shirts_and_ties() -> pd.DataFrame:
    """Ties in half of the baskets with a shirt, and a tie 10 days after each shirt."""
    rows = []
    for number in range(400):
        day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=number)
        customer = f"c{number % 50}"
        items = ["sock"] if number % 4 else ["shirt", *(["tie"] if number % 8 else [])]
        rows += [(number, item, customer, day) for item in items]
        if number % 4 == 0 and number % 3 == 0:
            rows.append((1000 + number, "tie", customer, day + pd.Timedelta(days=10)))
    return sales(rows)


def random_sales(seed) -> pd.DataFrame:
    """Baskets of a liking, some twice the same item, some of nobody who is known."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(600):
        day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(rng.integers(400)))
        customer = f"c{rng.integers(30)}" if rng.random() < 0.8 else None
        likes = rng.random(5) < rng.choice([0.2, 0.7])
        items = [name for (_, name), held in zip(SHOP, likes, strict=True) if held]
        rows += [(number, item, customer, day) for item in [*items, *items[:1]]]
    return sales(rows)


def counted(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What SQL counts of them, with 30 September and 31 December as the cut-offs."""
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        connection.execute("""
            create table int_known_line as
            select * replace (
                date_key::date as date_key, recorded_on::date as recorded_on
            ) from lines;
            create table int_mining_cutoff as from (values
                ('shop', date '2024-09-30', false, true, date '2024-10-08',
                 date '2025-01-06', true),
                ('shop', date '2024-12-31', true, false, date '2025-01-08',
                 date '2025-04-08', true)
            ) as rows (id_space, cutoff_date, is_current, is_mature, label_from,
                label_to, is_observed);
            create table dim_product as
            select 'shop' as source_system, unnest(['shirt', 'tie', 'sock', 'scarf',
                'hat']) as product_id, product_id as product_name,
                'product' as member_type, true as is_current,
                'Men' as current_department, unnest(['Shirts', 'Neck', 'Socks', 'Neck',
                'Not given']) as current_product_class, 'Not given' as current_brand
        """)
        build(connection, *COUNTED, **SUPPORT)
        return {
            name: connection.execute(f"from {name}").df()
            for name in ["int_item", *COUNTED]
        }


def rules_of(lines: pd.DataFrame) -> pd.DataFrame:
    """The rules with the names of their items."""
    tables = counted(lines)
    rules = rules_by_level(
        tables["int_item_count"], tables["int_item_set_count"],
        tables["int_item_follow"], tables["int_affinity_window"], support=0.01,
        triple_support=0.01, confidence=0.05,
    )  # fmt: skip
    names = tables["int_item"].set_index("item_code")["item"]
    for side in ("antecedent", "also_antecedent", "consequent"):
        rules[side] = rules[f"{side}_code"].map(names)
    return rules


@pytest.mark.parametrize("seed", [1, 2])
def test_rules_of_what_sql_counted_are_those_of_the_baskets_themselves(seed):
    lines = random_sales(seed)
    end = pd.Timestamp("2024-12-31")
    known = lines[lines["date_key"].between("2024-01-02", end)]
    known = known.rename(columns={"order_key": "basket_id", "product_id": "item",
                                  "date_key": "day"})  # fmt: skip
    wanted = affinity.association_rules(known, 0.01, 0.05, max_length=3)
    tables = counted(lines)
    names = tables["int_item"].set_index("item_code")["item"]
    of_level = tables["int_item_count"].query("level == 'product'")
    sets = tables["int_item_set_count"]
    sets = sets[sets["first_code"].isin(of_level["item_code"])]
    single = of_level.rename(columns={"item_code": "first_code"})
    counts = pd.concat([single, sets])[[*CODES, "current_baskets"]]
    counts = counts.rename(columns={"current_baskets": "baskets"})
    for code in CODES:
        counts[code] = counts[code].map(names)
    total = int(of_level["current_total"].iloc[0])
    frequent = counts[counts["baskets"] / total >= 0.01]
    shuffled = frequent.sample(frac=1, random_state=seed)
    found = affinity.rules_of(itemsets.itemsets_of_counts(shuffled, total), 0.05)
    assert set(found["length"]) == {2, 3}
    pd.testing.assert_frame_equal(found, wanted)
    # and the order in time of what is published
    rules = rules_of(lines).query("is_current and level == 'product' and length == 2")
    assert len(rules) >= 4
    timed = sequence.order_in_time(known, rules, 30, end)
    turned = rules.assign(
        antecedent=rules["consequent"], consequent=rules["antecedent"]
    )
    back = sequence.order_in_time(known, turned, 30, end)
    for name, one in {
        "antecedent_first": timed["antecedent_first"],
        "consequent_first": timed["consequent_first"],
        "same_day": timed["same_day"],
        "p_value": timed["p_value"],
        "followed_rate": timed["attach_rate"],
        "preceded_rate": back["attach_rate"],
    }.items():
        assert np.allclose(rules[name].astype(float), one, equal_nan=True), name


def test_shirts_draw_ties_and_not_the_other_way_round():
    lines = shirts_and_ties()
    rules = rules_of(lines).query("level == 'product'")
    now = rules[rules["is_current"]].set_index(["antecedent", "consequent"])
    assert set(now.index) == {("shirt", "tie"), ("tie", "shirt")}
    assert now["direction"].to_dict() == {
        ("shirt", "tie"): "forward",
        ("tie", "shirt"): "backward",
    }
    assert now.loc[("shirt", "tie"), "confidence"] == pytest.approx(0.5, abs=0.02)
    past = rules[~rules["is_current"].astype(bool)]
    assert set(past["cutoff_date"]) == {pd.Timestamp("2024-09-30")}
    window = lines[lines["date_key"].between("2024-10-08", "2025-01-06")]
    by_hand = window.groupby("order_key")["product_id"].agg(set)
    shirt, tie = (by_hand.map(lambda held, i=i: i in held) for i in ("shirt", "tie"))
    lift = (shirt & tie).mean() / (shirt.mean() * tie.mean())
    assert past["later_lift"].tolist() == pytest.approx([lift, lift])
    judged = judge_rules(rules)
    assert judged["verdict"].tolist() == ["insufficient_data"]
    assert judged["reason"].tolist() == ["1 pairs; 10 are needed"]


def test_what_follows_is_held_against_what_follows_anything():
    """One customer: a shirt on day 0, a tie on days 10 and 20, socks on day 15."""
    rows = [(n, item, "c", pd.Timestamp("2024-06-01") + pd.Timedelta(days=day))
            for n, (item, day) in enumerate(
                [("shirt", 0), ("tie", 10), ("sock", 15), ("tie", 20)])]  # fmt: skip
    rows += [(9, item, None, pd.Timestamp("2024-06-01")) for item in ("shirt", "tie")]
    tables = counted(sales(rows))
    code = tables["int_item"].query("level == 'product'").set_index("item")["item_code"]
    follows = tables["int_item_follow"].set_index(CODES[:2])[FOLLOWS]
    shirt_tie = follows.loc[(code["shirt"], code["tie"])]
    # both ties come within 30 days of the shirt, which counts once
    assert shirt_tie.tolist() == [1, 1, 1, 0]
    assert follows.loc[(code["tie"], code["shirt"])].tolist() == [2, 0, 0, 0]
    # of four days with a purchase three are followed by a tie
    assert follows.loc[(0, code["tie"])].tolist()[:2] == [4, 3]


def test_a_triple_is_a_rule_where_two_draw_more_than_either_alone():
    rows = []
    day = pd.Timestamp("2024-11-01")
    for number in range(800):
        kind = number % 8
        held = {0: ["shirt", "tie", "scarf"], 1: ["shirt"], 2: ["tie"], 3: ["shirt"],
                4: ["tie"]}.get(kind, ["sock"])  # fmt: skip
        rows += [(number, item, None, day) for item in held]
    rules = rules_of(sales(rows)).query("is_current and level == 'product'")
    triples = rules[rules["length"] == 3]
    # a shirt and a tie: always a scarf, alone in a third; no other pair says more
    assert triples[["antecedent", "also_antecedent", "consequent"]].values.tolist() == [
        ["shirt", "tie", "scarf"]
    ]
    assert triples["confidence"].tolist() == [1.0]
    assert triples[["direction", "followed_rate"]].isna().all(axis=None)


def test_a_class_that_is_not_known_is_no_item_and_its_baskets_count():
    lines = sales([(n, "hat" if n % 2 else "tie", None, pd.Timestamp("2024-06-01"))
                   for n in range(10)])  # fmt: skip
    items = counted(lines)["int_item_count"]
    assert sorted(items["item"]) == ["Men / Neck", "hat", "tie"]
    assert (items["current_total"] == 10).all()


def test_a_line_that_was_recorded_later_makes_no_rule():
    late = shirts_and_ties().assign(recorded_on=pd.Timestamp("2025-06-01"))
    assert not len(rules_of(late))
    none = rules_of(late.head(0))
    assert not len(none)
    assert not len(judge_rules(none))


def test_the_lift_of_what_was_not_bought_is_not_known():
    early = shirts_and_ties()
    early = early[early["date_key"] <= "2024-09-30"]
    rules = rules_of(early)
    past = rules[~rules["is_current"].astype(bool)]
    assert len(past)
    assert past["later_lift"].isna().all()


def test_the_checksum_of_the_code_is_one_word():
    assert len(code_hash()) == 16
    assert (ROOT / "python/acrm/mining/code.py").is_file()


def test_parts_of_a_relation_hold_its_rows_once_and_none_of_them_all():
    with duckdb.connect() as connection:
        rows = connection.sql(
            "select unnest(['a', 'b', 'a', null]) as kind, unnest([date '2024-01-31',"
            " date '2024-01-31', date '2024-02-29', date '2024-02-29']) as day,"
            " unnest([1, 2, 3, 4]) as n"
        )
        found = parts.in_parts(rows, ["kind", "day"], ["n"])
        told = [one.values.tolist() for one in found]
        none = list(parts.in_parts(rows.filter("n > 9"), ["kind", "day"], ["n"]))
    end = pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-29")
    assert told == [[["a", end[0], 1]], [["a", end[1], 3]], [["b", end[0], 2]]]
    assert [list(one.columns) for one in none] == [["kind", "day", "n"]]
    assert not len(none[0])


def test_rows_of_a_part_are_found_whatever_quotes_its_name_holds():
    with duckdb.connect() as connection:
        rows = connection.sql(
            "select unnest(['o''x', 'o', 'o''x']) as kind, unnest([1, 2, 3]) as n"
        )
        told = {
            key: sorted(part.project("n").fetchall())
            for key, part in parts.parts_of(rows, ["kind"])
        }
        one = parts.rows_of(rows, kind="o'x", n=3).fetchall()
    assert told == {("o",): [(2,)], ("o'x",): [(1,), (3,)]}
    assert one == [("o'x", 3)]


def test_no_more_frames_are_fetched_than_are_worked_on(monkeypatch):
    monkeypatch.setattr(parts.os, "cpu_count", lambda: 2)
    too_many = threading.Event()
    finished, waiting = [], []

    def frames():
        for number in range(5):
            waiting.append(number - len(finished))
            if waiting[-1] > 2:
                too_many.set()
            yield pd.DataFrame({"n": [number]})

    def work(frame):
        if frame["n"].item() < 2:
            too_many.wait(0.2)  # lets more be fetched, if they ever are
        finished.append(frame)
        return frame

    found = parts.side_by_side(work, frames())
    assert found["n"].tolist() == list(range(5))
    assert max(waiting) <= 2


def test_pieces_side_by_side_are_what_the_whole_gives(monkeypatch):
    seen = observations(250)
    fits = fit_values(seen)
    whole = score_values(seen, fits, discount=0.1)
    monkeypatch.setattr(parts, "PIECE", 60)
    pieces = parts.in_pieces([seen, seen.head(0)])
    found = parts.side_by_side(lambda one: score_values(one, fits, 0.1), pieces)
    pd.testing.assert_frame_equal(found, whole, rtol=1e-12)
