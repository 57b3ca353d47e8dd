"""Planted kinds of customer are found, keep their labels, and are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from acrm.errors import InputError
from acrm.mining import segments
from acrm.mining.outcome import Status

FEATURES = ["orders", "discount_share", "evening_share"]
CENTRES = np.array([[0, 0, 0], [9, 0, 9], [0, 9, 9], [9, 9, 0]], float)


def planted(counts=(200, 150, 120, 80), shift=0.0, seed=1):
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(len(counts)), counts)
    points = CENTRES[kind] + rng.normal(size=(len(kind), 3)) + shift
    order = rng.permutation(len(kind))
    return pd.DataFrame(points[order], columns=FEATURES), kind[order]


@pytest.fixture(scope="module")
def found():
    customers, kind = planted()
    return segments.fit(customers, FEATURES, most=6), customers, kind


def test_planted_kinds_are_found(found):
    segmentation, customers, kind = found
    assert segmentation.status is Status.OK
    assert segmentation.labels == ("S1", "S2", "S3", "S4")
    placed = segments.assign(segmentation, customers)
    assert adjusted_rand_score(kind, placed["segment"]) > 0.98
    assert placed["segment"].value_counts().index.tolist() == ["S1", "S2", "S3", "S4"]
    assert (placed["segment"] != placed["runner_up"]).all()
    assert placed["clarity"].between(0, 1).all()
    stable = segmentation.stability.set_index("k")["adjusted_rand"]
    assert stable[4] > 0.98
    assert stable[5] < 0.8


def test_a_run_repeats_itself(found):
    segmentation, customers, _ = found
    again = segments.fit(customers, FEATURES, most=6)
    assert np.array_equal(again.centroids, segmentation.centroids)


def test_labels_keep_their_meaning_when_sizes_change(found):
    old, *_ = found
    customers, kind = planted((80, 120, 150, 200), shift=0.3, seed=2)
    new = segments.fit(customers, FEATURES, most=6)
    kept = segments.keep_labels(new, old)
    before = segments.assign(old, customers)["segment"]
    assert (segments.assign(kept, customers)["segment"] == before).mean() > 0.98
    assert (segments.assign(new, customers)["segment"] == before).mean() < 0.5
    assert adjusted_rand_score(kind, before) > 0.9


def test_a_further_cluster_gets_a_label_of_its_own(found):
    old, *_ = found
    three = segments.fit(planted((200, 150, 120))[0], FEATURES, most=6)
    assert len(three.labels) == 3
    kept = segments.keep_labels(old, three)
    assert sorted(kept.labels) == ["S1", "S2", "S3", "S4"]
    label = segments.assign(kept, pd.DataFrame([CENTRES[3]], columns=FEATURES))
    assert label["segment"].item() == "S4"


def test_names_come_from_what_stands_out(found):
    segmentation, customers, _ = found
    named = segments.names(segmentation, features=3)
    place = segments.assign(segmentation, pd.DataFrame(CENTRES, columns=FEATURES))
    ours = [named[label] for label in place["segment"]]
    assert "high orders" in ours[1]
    assert "high discount_share" in ours[3]
    segment = segments.assign(segmentation, customers)["segment"]
    table = segments.profile(segmentation, customers, segment)
    assert len(table) == 12
    assert table.drop_duplicates("segment")["customers"].sum() == len(customers)


def test_units_change_nothing(found):
    segmentation, customers, _ = found
    cents = segments.fit(customers * [100, 1, 1] + [5, 0, 0], FEATURES, most=6)
    assert np.allclose(cents.centroids, segmentation.centroids)


def test_one_cloud_is_no_segmentation():
    rng = np.random.default_rng(0)
    cloud = pd.DataFrame(rng.normal(size=(400, 3)), columns=FEATURES)
    found = segments.fit(cloud, FEATURES, most=4)
    assert found.status is Status.BOUNDARY
    assert "halves agree at most by" in found.reason


@pytest.mark.parametrize(
    ("customers", "reason"),
    [
        (pd.DataFrame(columns=FEATURES, dtype=float), "constant or empty"),
        (pd.DataFrame([[1.0, 2, 3]], columns=FEATURES), "constant or empty"),
        (pd.DataFrame([[1.0, 2, None]] * 90, columns=FEATURES), "constant or empty"),
        (planted((10, 5))[0], "15 customers; at least 60"),
    ],
)
def test_what_is_too_thin_is_said(customers, reason):
    found = segments.fit(customers.astype(float), FEATURES)
    assert found.status is Status.INSUFFICIENT_DATA
    assert reason in found.reason
    placed = segments.assign(found, customers)
    assert len(placed) == len(customers)
    assert placed[["segment", "distance"]].isna().all(axis=None)
    assert segments.names(found) == {}
    assert segments.profile(found, customers, placed["segment"]).empty
    assert segments.keep_labels(found, found) is found


def test_constant_and_empty_features_are_left_out(found):
    segmentation, customers, _ = found
    more = customers.assign(empty=np.nan, constant=3.0)
    again = segments.fit(more, [*FEATURES, "empty", "constant"], most=6)
    assert again.features == tuple(FEATURES)
    assert np.array_equal(again.centroids, segmentation.centroids)


def test_a_null_counts_as_the_median(found):
    segmentation, customers, _ = found
    holes = customers.head(3).assign(orders=np.nan)
    filled = holes.assign(orders=segmentation.centre[0])
    pd.testing.assert_frame_equal(
        segments.assign(segmentation, holes), segments.assign(segmentation, filled)
    )


def test_two_values_are_two_clusters():
    two = pd.DataFrame({"orders": [1.0, 5.0] * 60})
    found = segments.fit(two, ["orders"])
    assert found.status is Status.OK
    assert found.labels == ("S1", "S2")


def test_a_sample_of_customers_who_are_all_alike_is_no_segmentation(monkeypatch):
    monkeypatch.setattr(segments, "MOST_TO_LEARN_FROM", 60)
    one = pd.DataFrame({"orders": [0.0] * 599 + [1.0]})
    found = segments.fit(one, ["orders"])
    assert found.status is Status.INSUFFICIENT_DATA
    assert found.reason == "60 customers taken at random are all alike"


def test_text_is_no_feature():
    with pytest.raises(InputError, match="'orders' holds what is no number"):
        segments.fit(pd.DataFrame({"orders": ["a"] * 90}), ["orders"])
    with pytest.raises(InputError, match="most is 1"):
        segments.fit(pd.DataFrame({"orders": [1.0]}), ["orders"], most=1)
