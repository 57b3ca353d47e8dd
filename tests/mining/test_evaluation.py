"""Metrics by hand and against other libraries; intervals that hold their promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import linear_model, metrics

from acrm.errors import InputError
from acrm.mining import comparison, evaluation, ranking
from acrm.mining.comparison import Verdict

RNG = np.random.default_rng(11)
SCORE = np.round(RNG.normal(size=400), 1)  # with ties
LABEL = (RNG.random(400) < special.expit(SCORE - 1)).astype(float)
P = special.expit(SCORE - 1)


def counting(metric):
    """Give a metric of rows as one of how often each of them counts."""

    def of(observed, predicted):
        return lambda counts: metric(
            np.repeat(observed, counts.astype(int)),
            np.repeat(predicted, counts.astype(int)),
        )

    return of


def test_metrics_that_another_library_has_too():
    assert evaluation.auc(LABEL, SCORE) == pytest.approx(
        metrics.roc_auc_score(LABEL, SCORE)
    )
    assert evaluation.gini(LABEL, SCORE) == pytest.approx(
        2 * metrics.roc_auc_score(LABEL, SCORE) - 1
    )
    assert evaluation.brier(LABEL, P) == pytest.approx(
        metrics.brier_score_loss(LABEL, P)
    )
    assert evaluation.pinball(LABEL, P, 0.8) == pytest.approx(
        metrics.mean_pinball_loss(LABEL, P, alpha=0.8)
    )
    assert evaluation.mape([2, 4, 5], [1, 5, 5]) == pytest.approx(0.25)
    assert evaluation.wape([2, 0, 5], [1, 1, 5]) == pytest.approx(2 / 7)


def test_calibration_is_a_logistic_regression():
    logit = special.logit(P * 0.8 + 0.1)
    found = evaluation.calibration(LABEL, P * 0.8 + 0.1)
    model = linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    slope = model.fit(logit[:, None], LABEL).coef_.item()
    assert found["slope"][0] == pytest.approx(slope, rel=1e-4)
    # at slope 1 the mean probability becomes the rate
    moved = special.expit(logit + found["intercept"][0])
    assert moved.mean() == pytest.approx(LABEL.mean())
    assert 0 < found["intercept"][1] < 0.2


@pytest.mark.parametrize(
    ("label", "p"),
    [([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]), ([1, 1], [0.5, 0.6]), ([], [])],
)
def test_calibration_without_a_maximum_is_undefined(label, p):
    assert np.isnan(evaluation.calibration(label, p)["slope"][0])


def test_capture_and_lift_by_hand():
    label = [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    score = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert evaluation.capture_at(label, score, 0.2) == pytest.approx(2 / 3)
    assert evaluation.lift_at(label, score, 0.2) == pytest.approx(2 / 0.6)
    # three equal scores for one place: each has a third of it
    assert evaluation.capture_at([1, 0, 0], [5, 5, 5], 1 / 3) == pytest.approx(1 / 3)
    assert evaluation.capture_at(label, score, 1) == 1
    assert np.isnan(evaluation.lift_at([0, 0], [1, 2]))
    # the smallest share is one row
    assert evaluation.capture_at(label, score, 1e-12) == pytest.approx(1 / 3)
    assert evaluation.lift_at(label, score, 1e-12) == pytest.approx(1 / 0.3)
    assert np.isnan(evaluation.lift_at([], []))


def test_concentration_is_1_for_the_best_order_and_0_for_none():
    amount = [0, 10, 0, 200, 30]
    assert evaluation.concentration(amount, amount) == pytest.approx(1)
    assert evaluation.concentration(amount, np.negative(amount)) == pytest.approx(-1)
    assert evaluation.concentration(amount, [1, 1, 1, 1, 1]) == 0
    assert np.isnan(evaluation.concentration([5, 5], [1, 2]))
    # for 0 and 1 it is the Gini of the curve
    assert evaluation.concentration(LABEL, SCORE) == pytest.approx(
        evaluation.gini(LABEL, SCORE)
    )


def test_deciles_add_up_and_keep_equal_scores_together():
    table = evaluation.deciles(LABEL, SCORE)
    assert table["n"].sum() == 400
    assert (table["n"] * table["observed"]).sum() == pytest.approx(LABEL.sum())
    assert table["captured"].iloc[-1] == pytest.approx(1)
    assert table["predicted"].is_monotonic_decreasing
    assert evaluation.deciles([0, 1, 1], [5, 5, 5])["decile"].tolist() == [1]
    order = RNG.permutation(400)
    pd.testing.assert_frame_equal(evaluation.deciles(LABEL[order], SCORE[order]), table)


def test_mase_by_hand():
    # the naive of two periods erred by 2 and 4
    history = [1, 5, 3, 9]
    assert evaluation.mase([10, 10], [9, 12], history, season=2) == pytest.approx(
        1.5 / 3
    )
    assert np.isnan(evaluation.mase([1], [1], [3, 3, 3]))
    assert np.isnan(evaluation.mase([1], [1], [3], season=1))


def test_coverage_counts_the_ends():
    assert evaluation.coverage([1, 2, 3, 4], [1, 1, 1, 1], [3, 3, 3, 3]) == 0.75


def test_population_stability_by_hand():
    before = pd.Series(["a"] * 50 + ["b"] * 50)
    after = pd.Series(["a"] * 20 + ["b"] * 80)
    by_hand = 0.3 * np.log(0.5 / 0.2) + 0.3 * np.log(0.8 / 0.5)
    assert evaluation.population_stability(before, after) == pytest.approx(by_hand)
    assert evaluation.population_stability(before, before) == 0
    new = pd.Series(["a"] * 50 + ["c"] * 50)
    assert 1 < evaluation.population_stability(before, new) < 10


def test_population_stability_of_numbers():
    rng = np.random.default_rng(0)
    before, same = pd.Series(rng.normal(size=5000)), pd.Series(rng.normal(size=5000))
    assert evaluation.population_stability(before, same) < 0.01
    assert evaluation.population_stability(before, same + 1) > 0.5
    holes = same.mask(rng.random(5000) < 0.3)
    assert evaluation.population_stability(before, holes) > 0.25
    assert np.isnan(evaluation.population_stability(before, before.head(0)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluation.auc([0, 1], [1]), "2 and 1 rows"),
        (lambda: evaluation.auc([0, 2], [1, 1]), "other than 0 and 1"),
        (lambda: evaluation.auc([0, 1], [1, np.nan]), "a value is null"),
        (lambda: evaluation.brier([0, 1], [0, 1.2]), "run from 0 to 1.2"),
        (lambda: evaluation.pinball([1], [1], 1), "level is 1"),
        (lambda: evaluation.mase([1], [1], [1], 0), "season is 0"),
        (lambda: evaluation.capture_at([1], [1], 0), "share is 0"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_auc_of_one_class_is_undefined():
    assert np.isnan(evaluation.auc([1, 1], [1, 2]))
    assert np.isnan(evaluation.auc([], []))


def test_intervals_of_auc_hold_what_they_promise():
    """The difference of two scores, over 300 samples of 150 rows."""
    rng = np.random.default_rng(4)
    inside = alone = 0
    # one normal unit apart and half a unit apart: the areas are known
    truth = special.ndtr(np.array([1.0, 0.5]) / np.sqrt(2))
    for _ in range(300):
        label = (np.arange(150) < 60).astype(float)
        noise = rng.normal(size=150)
        first = label + noise
        second = 0.5 * label + 0.6 * noise + 0.8 * rng.normal(size=150)
        found = comparison.compare_auc(label, first, second)
        inside += found.gain_lo <= truth[0] - truth[1] <= found.gain_hi
        alone += found.lo <= truth[0] <= found.hi
    assert 270 <= inside <= 297
    assert 270 <= alone <= 297


@pytest.mark.parametrize(
    ("counted", "metric"),
    [
        (evaluation.concentration_of, evaluation.concentration),
        (evaluation.capture_of, evaluation.capture_at),
        (evaluation.lift_of, evaluation.lift_at),
    ],
)
@given(
    st.lists(
        st.tuples(st.integers(-2, 5), st.integers(0, 3), st.integers(0, 3)), max_size=30
    )
)
def test_rows_that_count_often_are_as_rows_that_are_there_often(counted, metric, rows):
    observed, score, counts = np.array(rows, float).reshape(-1, 3).T
    repeated = counting(metric)(observed, score)(counts)
    assert counted(observed, score)(counts) == pytest.approx(repeated, nan_ok=True)


def test_concentration_is_what_ranks_of_scipy_give():
    amount = np.random.default_rng(5).gamma(0.5, size=400)

    def area(by):
        return amount @ (2 * stats.rankdata(by) - 401)

    assert evaluation.concentration(amount, SCORE) == pytest.approx(
        area(SCORE) / area(amount)
    )


def test_auc_and_its_bootstrap_agree():
    other = SCORE + np.random.default_rng(0).normal(size=400)
    exact = comparison.compare_auc(LABEL, SCORE, other)
    drawn = comparison.compare_by_bootstrap(
        counting(evaluation.auc), LABEL, SCORE, other, draws=300
    )
    assert exact.value == pytest.approx(drawn.value)
    assert exact.gain == pytest.approx(drawn.gain)
    assert np.allclose(exact[1:3] + exact[5:7], drawn[1:3] + drawn[5:7], atol=0.012)
    again = comparison.compare_by_bootstrap(
        counting(evaluation.auc), LABEL, SCORE, other, draws=300
    )
    assert drawn == again


def test_losses_compare_in_pairs():
    loss, base = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.5])
    found = comparison.compare_losses(loss, base)
    # gains 1, 1, 1.5: mean 7/6, standard error 1/6, t of 2 degrees 4.3027
    assert found.gain == pytest.approx(7 / 6)
    assert found.gain_lo == pytest.approx(7 / 6 - 4.30265 / 6, abs=1e-5)
    assert comparison.verdict(found) is Verdict.BETTER
    back = comparison.compare_losses(base, loss)
    assert comparison.verdict(back) is Verdict.NOT_BETTER
    assert comparison.verdict(found, "too thin") is Verdict.INSUFFICIENT_DATA
    one = comparison.compare_losses([1.0], [2.0])
    assert comparison.verdict(one) is Verdict.INSUFFICIENT_DATA


def test_lower_can_be_better():
    worse = P * 0.5
    found = comparison.compare_by_bootstrap(
        counting(evaluation.brier), LABEL, P, worse, higher_is_better=False, draws=200
    )
    assert found.value < found.baseline_value
    assert found.gain_lo > 0


def test_wilson_intervals_are_the_published_ones():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    hits, trials = [81, 15, 0, 1], [263, 148, 20, 29]
    low, high = comparison.share_interval(hits, trials)
    assert np.allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    assert np.allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)
    assert np.isnan(comparison.share_interval([0], [0])[0]).all()
    with pytest.raises(InputError, match="not between 0 and trials in 1 of 2 rows"):
        comparison.share_interval([2, 5], [3, 3])


def test_a_share_is_compared_with_one_that_was_to_be_expected():
    """Wilson's interval of n of n runs from n / (n + z^2) to 1; z^2 is 3.8415."""
    found = comparison.compare_share(10, 10, 0.5)
    assert np.allclose(found, [1, 0.7225, 1, 0.5, 0.5, 0.2225, 0.5, 10], atol=5e-5)
    assert comparison.verdict(found) is Verdict.BETTER
    assert comparison.verdict(comparison.compare_share(5, 10, 0.5)) == "not_better"
    nobody = comparison.compare_share(0, 0, 0.5)
    assert np.isnan([nobody.value, nobody.lo, nobody.gain_hi]).all()
    assert (nobody.baseline_value, nobody.n) == (0.5, 0)


def scored(**columns):
    frame = {"observed": LABEL, "predicted": P, "baseline": np.full(400, LABEL.mean())}
    return pd.DataFrame(frame | columns)


def test_a_good_score_is_better_than_the_average():
    table = comparison.evaluate_probabilities(scored()).set_index("metric")
    assert (
        table.loc[["auc", "gini", "lift", "brier"], "verdict"].tolist()
        == ["better"] * 4
    )
    assert (
        table.loc["calibration_slope", "lo"] < 1 < table.loc["calibration_slope", "hi"]
    )
    assert table.loc["gini", "value"] == pytest.approx(
        2 * table.loc["auc", "value"] - 1
    )
    assert (table["n"] == 400).all()


def test_a_score_is_not_better_than_itself():
    table = comparison.evaluate_probabilities(scored(baseline=P)).set_index("metric")
    assert table["verdict"].dropna().tolist() == ["not_better"] * 4


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (scored().head(0), "0 rows; at least 50"),
        (scored().head(1), "1 rows"),
        (scored(observed=0.0), "0 events and 400 others"),
        (scored(predicted=0.3), "all predictions are equal"),
        (scored(predicted=np.nan), "0 rows; at least 50 are needed; 400 rows without"),
    ],
)
def test_what_is_too_thin_gets_no_verdict(frame, reason):
    table = comparison.evaluate_probabilities(frame)
    assert table["verdict"].dropna().unique().tolist() == ["insufficient_data"]
    assert table["reason"].str.contains(reason).all()


def test_a_baseline_beyond_probabilities_ranks_but_has_no_brier():
    frame = scored(baseline=SCORE * 100)
    table = comparison.evaluate_probabilities(frame).set_index("metric")
    assert table.loc["auc", "verdict"] == "not_better"
    assert np.isnan(table.loc["brier", "baseline_value"])
    assert table.loc["brier", "verdict"] == "insufficient_data"


def test_a_prediction_beyond_probabilities_is_refused():
    message = "evaluate_probabilities: probabilities run from 0.5 to 1.5"
    frame = scored(predicted=np.where(LABEL == 1, 1.5, 0.5))
    with pytest.raises(InputError, match=message):
        comparison.evaluate_probabilities(frame)


def test_recommendations_by_hand():
    recommended = pd.DataFrame(
        [("A", "x", 1), ("A", "y", 2), ("A", "z", 3), ("B", "x", 1), ("D", "x", 1)],
        columns=["customer_id", "item", "rank"],
    )
    bought = pd.DataFrame(
        [("A", "y"), ("A", "y"), ("A", "z"), ("B", "q"), ("C", "x")],
        columns=["customer_id", "item"],
    )
    found = ranking.rank_quality(recommended, bought, 2)
    assert found["customer_id"].tolist() == ["A", "B", "C"]
    assert found["bought"].tolist() == [2, 1, 1]
    assert found["hit"].tolist() == [1.0, 0.0, 0.0]
    assert found["recall"].tolist() == [0.5, 0.0, 0.0]
    with pytest.raises(InputError, match="listed twice"):
        ranking.rank_quality(recommended.head(2).assign(item="x"), bought, 2)
    with pytest.raises(InputError, match="k is 0"):
        ranking.rank_quality(recommended, bought, 0)


@pytest.mark.parametrize("seed", [153, 194])
def test_calibration_is_told_where_the_last_step_is_lost_in_rounding(seed):
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 3, 1500)
    came = (rng.random(1500) < p).astype(int)
    slope, error = evaluation.calibration(came, p)["slope"]
    assert abs(slope - 1) < 4 * error
