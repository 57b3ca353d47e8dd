"""Who leaves: planted odds, parts that add up, thin data, and the sums of SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import ROOT, build
from scipy import special

from acrm.errors import InputError
from acrm.mining import churn, evaluation, rhythm
from acrm.mining.churn_table import due_dates, evaluate_churn, evaluate_due

FEATURES = ["silence", "orders"]
CUTOFF = pd.Timestamp("2024-12-31")


def planted(count: int = 6000, seed: int = 1, **columns) -> pd.DataFrame:
    """Customers whose log odds of leaving are 1.2 silence - 0.8 orders - 0.5."""
    rng = np.random.default_rng(seed)
    silence, orders = rng.normal(3, 1, count), rng.normal(1, 2, count)
    odds = 1.2 * (silence - 3) - 0.8 * (orders - 1) - 0.5
    return pd.DataFrame(
        {
            "id_space": "shop",
            "cutoff_date": CUTOFF,
            "silence": silence,
            "orders": orders,
            "p": special.expit(odds),
            "label_churned": (rng.random(count) < special.expit(odds)).astype(int),
            "is_held_out": np.arange(count) % 3 == 0,
        }
    ).assign(**columns)


def test_planted_odds_are_found_and_parts_add_up():
    seen = planted()
    fitted = churn.fit(seen, FEATURES, seen["is_held_out"])
    slopes = (fitted["coefficient"] / fitted["scale"]).tolist()
    assert slopes[:2] == pytest.approx([1.2, -0.8], abs=0.1)
    parts = churn.contributions(fitted, seen)
    p = churn.predict(fitted, seen)
    assert np.allclose(special.logit(p), parts.sum(axis=1))
    assert (p - seen["p"]).abs().mean() < 0.02
    later = planted(seed=2)
    slope, _ = evaluation.calibration(
        later["label_churned"], churn.predict(fitted, later)
    )["slope"]
    assert slope == pytest.approx(1, abs=0.1)


def test_an_average_customer_and_a_null_have_no_part():
    seen = planted()
    fitted = churn.fit(seen, FEATURES, seen["is_held_out"])
    one = pd.DataFrame(
        {"silence": [fitted["center"][0], np.nan], "orders": [np.nan, np.nan]}
    )
    parts = churn.contributions(fitted, one)
    assert np.allclose(parts[FEATURES], 0)
    assert parts[churn.INTERCEPT].nunique() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.head(0), "0 customers; at least 50"),
        (lambda t: t.head(1), "1 customers; at least 50"),
        (lambda t: t.assign(label_churned=0), "0 of 600 left"),
        (lambda t: t.assign(label_churned=1), "600 of 600 left"),
        (lambda t: t.assign(silence=2.0, orders=0.1), "the same features"),
        (lambda t: t.assign(silence=np.nan, orders=None), "the same features"),
        (
            lambda t: t.assign(
                silence=np.where(t["is_held_out"], -1, 1) * t["silence"],
                orders=np.where(t["is_held_out"], -1, 1) * t["orders"],
                label_churned=(t["p"] > 0.5).astype(int),
            ),
            "does not hold on customers who were left out",
        ),
    ],
    ids=["nobody", "one", "none left", "all left", "constant", "null", "chance"],
)
def test_thin_data_are_said_and_not_scored(change, reason):
    seen = change(planted(600))
    fitted = churn.fit(seen, FEATURES, seen["is_held_out"])
    assert set(fitted["status"]) == {"insufficient_data"}
    assert reason in fitted["reason"].iloc[0]
    assert fitted["coefficient"].isna().all()
    assert churn.predict(fitted, seen).isna().all()


def test_one_null_column_tells_nothing_and_the_other_does():
    seen = planted(orders=np.nan)
    fitted = churn.fit(seen, FEATURES, seen["is_held_out"]).set_index("feature")
    assert set(fitted["status"]) == {"ok"}
    assert fitted.loc["orders", "coefficient"] == 0
    assert fitted.loc["silence", "coefficient"] > 0.5


def test_each_cutoff_is_learned_by_itself_and_none_is_a_table():
    both = pd.concat([planted(900), planted(900, 2, id_space="other")])
    found = churn.fit_all(both, FEATURES)
    alone = churn.fit_all(both[both["id_space"] == "other"], FEATURES)
    pd.testing.assert_frame_equal(
        found[found["id_space"] == "other"].reset_index(drop=True), alone
    )
    assert list(churn.fit_all(both.head(0), FEATURES).columns) == churn.FIT
    with pytest.raises(InputError, match="no column 'silence'"):
        churn.fit_all(both.drop(columns="silence"), FEATURES)
    with pytest.raises(InputError, match="other than 0 and 1"):
        churn.fit_all(both.assign(label_churned=2), FEATURES)


def observed(names, seed: int, count: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(1, 0.5, (count, len(names))), columns=list(names))
    frame.loc[::7, names[1]] = np.nan
    return frame.assign(
        id_space="shop",
        customer_id=[f"shop:{n}" for n in range(count)],
        label_churned=(rng.random(count) < special.expit(frame[names[0]] * 2 - 2)),
    ).astype({"label_churned": int})


def test_sql_scores_as_the_function_does_and_names_the_largest_parts():
    with duckdb.connect() as connection:
        fits = []
        for number, (model, table, names) in enumerate(
            (
                ("churn", "obs_churn", churn.CHURN_FEATURES),
                ("cancel", "obs_cancel", churn.CANCEL_FEATURES),
            )
        ):
            seen = observed(names, number)
            held = pd.Series(np.arange(len(seen)) % 3 == 0)
            fits.append(
                churn.fit(seen, names, held).assign(
                    model=model, id_space="shop", cutoff_date=CUTOFF
                )
            )
            connection.register("seen", seen)
            connection.execute(f"""
                create table {table} as
                select *, date '2025-04-30' as cutoff_date, true as is_current,
                    false as is_mature, true as is_scored, false as is_training,
                    date '2024-12-31' as training_cutoff_date,
                    date '2025-05-08' as label_from, date '2025-08-06' as label_to,
                    10 as recency_days, 30 as held_days, 20 as days_since_change,
                    5 as contract_days_left, 9.9 as mrr_amount
                from seen
                union all by name
                select *, date '2024-12-31' as cutoff_date, false as is_current,
                    true as is_mature, false as is_scored, true as is_training,
                    null::date as training_cutoff_date, 10 as recency_days,
                    30 as held_days
                from seen
            """)
        connection.register("py_churn_fit", pd.concat(fits))
        build(connection, "int_churn_baseline", "int_churn_score")
        scored = connection.execute(
            "from int_churn_score order by model, try_cast(split_part(customer_id, ':',"
            " 2) as integer)"
        ).df()
        rules = connection.execute(
            "select model, days_from, customers, churn_rate from int_churn_baseline"
        ).df()
    for fitted, names, number, model in (
        (fits[0], churn.CHURN_FEATURES, 0, "churn"),
        (fits[1], churn.CANCEL_FEATURES, 1, "cancel"),
    ):
        seen, rows = observed(names, number), scored[scored["model"] == model]
        assert fitted["status"].iloc[0] == "ok"
        assert len(rows) == len(seen)
        assert np.allclose(rows["p_model"], churn.predict(fitted, seen))
        parts = churn.contributions(fitted, seen).drop(columns=churn.INTERCEPT)
        positive = (parts > 0).sum(axis=1).clip(upper=3)
        assert [len(one) for one in rows["reasons"]] == positive.tolist()
        # all are as many days silent: the rule is one rate, drawn to itself
        (rule,) = rules[rules["model"] == model].to_dict("records")
        assert rule["days_from"] == -1
        assert rule["customers"] == len(seen)
        assert rule["churn_rate"] == pytest.approx(seen["label_churned"].mean())
        assert (rows["p_baseline"] == rule["churn_rate"]).all()


def test_features_are_named_alike_in_sql():
    text = (ROOT / "models/intermediate/mining/int_churn_score.sql").read_text()
    models = text[text.index("models = [") : text.index("] %}")]
    named = [word for word in models.replace("'", " ").split() if word.isidentifier()]
    for names in (churn.CHURN_FEATURES, churn.CANCEL_FEATURES):
        assert "|".join(names) in "|".join(named)


def test_a_score_is_judged_and_a_silent_model_is_not():
    seen = planted(3000)
    scores = pd.DataFrame(
        {
            "p_model": seen["p"],
            "p_baseline": seen["label_churned"].mean(),
            "label_churned": seen["label_churned"],
        }
    )
    rows = evaluate_churn(scores, "churn", "shop", CUTOFF).set_index("metric")
    assert rows.loc["brier", "verdict"] == "better"
    assert rows.index[rows["is_primary"]].tolist() == ["brier"]
    brier = ((seen["p"] - seen["label_churned"]) ** 2).mean()
    assert rows.loc["brier", "value"] == pytest.approx(brier)
    silent = evaluate_churn(
        scores.assign(p_model=np.nan), "churn", "shop", CUTOFF
    ).set_index("metric")
    assert silent.loc["brier", "verdict"] == "insufficient_data"
    assert "says nothing" in silent.loc["brier", "reason"]


def test_due_days_are_those_of_the_rhythm_and_are_judged_in_days():
    rng = np.random.default_rng(3)
    intervals = rng.integers(1, 9, 300)
    total = intervals * rng.integers(5, 60, 300)
    known = pd.DataFrame(
        {
            "intervals": intervals,
            "total_days": total,
            "log_days": intervals * np.log(total / intervals) * 0.97,
            "silent_days": rng.integers(0, 50, 300),
        }
    )
    due = due_dates(known, known)
    wanted = rhythm.predict(rhythm.fit(known), known)
    assert np.allclose(due["due_p50"], wanted["due_p50"])
    orders = pd.DataFrame(
        {"days": 10.0, "due_lo": 4.4, "due_p50": 9.0, "due_hi": 9.6,
         "baseline_days": np.arange(60.0)}
    )  # fmt: skip
    orders.loc[0, "due_p50"] = np.nan
    rows = evaluate_due(orders, "shop", CUTOFF).set_index("metric")
    error = rows.loc["mean_absolute_error_days"]
    assert error["n"] == 59
    assert error["value"] == 1
    assert error["baseline_value"] == pytest.approx(
        np.abs(np.arange(1, 60) - 10).mean()
    )
    assert error["verdict"] == "better"
    assert rows.loc["coverage", "value"] == 1  # to the tenth day
    few = evaluate_due(orders.head(9), "shop", CUTOFF).set_index("metric")
    assert few.loc["mean_absolute_error_days", "verdict"] == "insufficient_data"
    nothing = due_dates(known.head(0), known.head(2))
    assert nothing["due_p50"].isna().all()
    assert set(nothing["status"]) == {"insufficient_data"}
