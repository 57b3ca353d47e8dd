"""What kinds of customer there are: clusters that come out again.

Features are put on one scale by their median and quartiles, so that a few large
accounts do not make a cluster of their own; the number of clusters is the largest that
two random halves of the customers agree on; and labels of a new run are those of the
old one whose centre is nearest.

When not to use it: to score or to predict; and with features whose meaning differs
between customers (a share of nothing is null, not 0: give it as null).

References
----------
.. [1] Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational
   Statistics and Data Analysis 52, 258-271.
.. [2] Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification
   2, 193-218.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from acrm.mining.frames import Floats, Integers, floats, need_at_least, need_columns
from acrm.mining.outcome import Status

STABLE = 0.8  # adjusted Rand index of two halves
HALVES = 8
MOST_TO_LEARN_FROM, MOST_IN_HALVES = 50_000, 10_000
FARTHEST = 5.0  # interquartile ranges from the median
EACH = 30  # customers a cluster, at least
STANDS_OUT = 0.5


@dataclass(frozen=True)
class Segmentation:
    """Clusters, and all that is needed to place a customer.

    Attributes
    ----------
    status, reason : Status, str
        ``ok``; ``boundary`` if no number of clusters is stable (the most stable one is
        kept, and should not be published); ``insufficient_data``.
    features : tuple of str
        Those that were used, without constant and empty ones.
    centre, scale : ndarray of shape (n_features,)
        Median and interquartile range of each feature.
    centroids : ndarray of shape (k, n_features)
        On the scaled features.
    labels : tuple of str
        Name of each cluster that stays the same between runs.
    stability : DataFrame of shape (n_tried, 2)
        ``k`` and ``adjusted_rand``, mean over pairs of halves.
    """

    status: Status
    reason: str
    features: tuple[str, ...]
    centre: Floats
    scale: Floats
    centroids: Floats
    labels: tuple[str, ...]
    stability: pd.DataFrame


def fit(
    customers: pd.DataFrame, features: Sequence[str], most: int = 8, seed: int = 1
) -> Segmentation:
    """Find the largest stable number of clusters, and the clusters.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, >= n_features)
        Numeric features; null counts as the median. Take logarithms of amounts first.
    features : sequence of str
        Columns to use.
    most : int, default 8
        Clusters that are tried, from 2 on.
    seed : int, default 1
        The same seed and rows give the same clusters. More than 50,000 customers are
        learned from by a random sample of so many, and halves are of 10,000 at most;
        all can be placed.

    Returns
    -------
    Segmentation
        Labels are ``S1`` (the largest cluster), ``S2`` and so on.

    Raises
    ------
    InputError
        If a column is missing or not numeric, or ``most`` is below 2.
    """
    need_columns(customers, features, "segments.fit")
    need_at_least("most", most, 2, "segments.fit")
    columns = [floats(customers, name, "segments.fit") for name in features]
    used = [
        (name, values)
        for name, values in zip(features, columns, strict=True)
        if len(known := values[~np.isnan(values)]) and np.ptp(known) > 0
    ]
    if not used:
        return _nothing("every feature is constant or empty")
    if len(customers) < 2 * EACH:
        return _nothing(f"{len(customers)} customers; at least {2 * EACH} are needed")
    centre = np.array([np.nanmedian(values) for _, values in used])
    scale = np.array([_range(values) for _, values in used])
    points = _scaled(np.column_stack([values for _, values in used]), centre, scale)
    rng = np.random.default_rng(seed)
    if len(points) > MOST_TO_LEARN_FROM:
        points = points[rng.choice(len(points), MOST_TO_LEARN_FROM, replace=False)]
    kinds = len(np.unique(points, axis=0))
    if kinds == 1:
        return _nothing(f"{len(points)} customers taken at random are all alike")
    tried = range(2, min(most, kinds, len(points) // EACH) + 1)
    stability = pd.DataFrame(
        {"k": list(tried), "adjusted_rand": [_agreement(points, k, rng) for k in tried]}
    )
    stable = stability[stability["adjusted_rand"] >= STABLE]
    best = stability.sort_values("adjusted_rand", kind="stable").iloc[-1]
    k = int(stable["k"].max()) if len(stable) else int(best["k"])
    centroids, label = _cluster(points, k, seed)
    order = np.argsort(-np.bincount(label, minlength=k), kind="stable")
    status, reason = Status.OK, ""
    if not len(stable):
        status = Status.BOUNDARY
        reason = f"halves agree at most by {best['adjusted_rand']:.2f}, not {STABLE}"
    return Segmentation(
        status=status,
        reason=reason,
        features=tuple(name for name, _ in used),
        centre=centre,
        scale=scale,
        centroids=centroids[order],
        labels=tuple(f"S{number}" for number in range(1, k + 1)),
        stability=stability,
    )


def _nothing(reason: str) -> Segmentation:
    empty = np.empty(0)
    return Segmentation(
        status=Status.INSUFFICIENT_DATA,
        reason=reason,
        features=(),
        centre=empty,
        scale=empty,
        centroids=np.empty((0, 0)),
        labels=(),
        stability=pd.DataFrame({"k": [], "adjusted_rand": []}),
    )


def _range(values: Floats) -> float:
    """Interquartile range, or where most values are equal the standard deviation."""
    low, high = np.nanquantile(values, [0.25, 0.75])
    return float(high - low) or float(np.nanstd(values))


def _scaled(values: Floats, centre: Floats, scale: Floats) -> Floats:
    away = np.nan_to_num((values - centre) / scale, nan=0.0)
    return np.clip(away, -FARTHEST, FARTHEST)


def _cluster(
    points: Floats, k: int, seed: int, starts: int = 10
) -> tuple[Floats, Integers]:
    # one thread: sums come out the same on every machine, and threads would wait for
    # each other longer than they work
    with threadpool_limits(1):
        model = KMeans(k, n_init=starts, random_state=seed).fit(points)
    return model.cluster_centers_, model.labels_


def _agreement(points: Floats, k: int, rng: np.random.Generator) -> float:
    """Mean adjusted Rand index of how two random halves cluster all points."""
    scores = []
    if len(points) > MOST_IN_HALVES:
        points = points[rng.choice(len(points), MOST_IN_HALVES, replace=False)]
    for _ in range(HALVES):
        order = rng.permutation(len(points))
        half = len(points) // 2
        seed = int(rng.integers(2**31))
        sides = [
            _nearest(points, _cluster(points[rows], k, seed, starts=5)[0])[0]
            for rows in (order[:half], order[half:])
        ]
        scores.append(adjusted_rand_score(*sides))
    return float(np.mean(scores))


def _nearest(points: Floats, centroids: Floats) -> tuple[Integers, Floats]:
    """Place of the nearest centroid, and the distances to all."""
    squares = (points**2).sum(axis=1)[:, None] + (centroids**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares - 2 * points @ centroids.T, 0.0))
    return np.argmin(distances, axis=1), distances


def assign(segmentation: Segmentation, customers: pd.DataFrame) -> pd.DataFrame:
    """Place customers in their nearest cluster.

    Parameters
    ----------
    segmentation : Segmentation
        From :func:`fit` or :func:`keep_labels`.
    customers : DataFrame of shape (n_customers, >= n_features)
        Its features.

    Returns
    -------
    DataFrame of shape (n_customers, 6), indexed as ``customers``
        ``segment``; ``distance`` to its centre in interquartile ranges; ``runner_up``,
        the second nearest; ``clarity``, 0 (between the two) to 1; ``status``,
        ``reason``. All but the last two are null with ``insufficient_data``.
    """
    need_columns(customers, segmentation.features, "segments.assign")
    frame = pd.DataFrame(index=customers.index)
    if segmentation.status is Status.INSUFFICIENT_DATA:
        frame["segment"] = pd.Series(None, index=customers.index, dtype=object)
        frame["distance"] = np.nan
        frame["runner_up"] = pd.Series(None, index=customers.index, dtype=object)
        frame["clarity"] = np.nan
    else:
        columns = [
            floats(customers, f, "segments.assign") for f in segmentation.features
        ]
        points = _scaled(
            np.column_stack(columns), segmentation.centre, segmentation.scale
        )
        first, distances = _nearest(points, segmentation.centroids)
        rows = np.arange(len(points))
        labels = np.array(segmentation.labels, dtype=object)
        least = distances[rows, first]
        distances[rows, first] = np.inf
        second = np.argmin(distances, axis=1)
        other = distances[rows, second]
        frame["segment"], frame["distance"] = labels[first], least
        frame["runner_up"] = labels[second]
        frame["clarity"] = 1 - np.divide(
            least, other, out=np.ones(len(rows)), where=other > 0
        )
    return frame.assign(status=str(segmentation.status), reason=segmentation.reason)


def keep_labels(new: Segmentation, old: Segmentation) -> Segmentation:
    """Give clusters the labels of the old ones whose centres are nearest.

    Labels are handed out one to one so that the sum of distances is least (Hungarian
    method), measured on the old scale over the features that both have. A cluster more
    than the old run had gets a label that was never used in it.

    Parameters
    ----------
    new, old : Segmentation
        This run and the one before.

    Returns
    -------
    Segmentation
        ``new`` with its labels changed; unchanged if either has no clusters or they
        have no feature in common.
    """
    common = [name for name in new.features if name in old.features]
    if not (new.labels and old.labels and common):
        return new
    here = [new.features.index(name) for name in common]
    there = [old.features.index(name) for name in common]
    real = new.centroids[:, here] * new.scale[here] + new.centre[here]
    points = (real - old.centre[there]) / old.scale[there]
    _, distances = _nearest(points, old.centroids[:, there])
    rows, columns = optimize.linear_sum_assignment(distances)
    given = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    numbers = [int(label[1:]) for label in old.labels]
    fresh = iter(range(max(numbers) + 1, max(numbers) + 1 + len(new.labels)))
    labels = [
        old.labels[given[place]] if place in given else f"S{next(fresh)}"
        for place in range(len(new.labels))
    ]
    return replace(new, labels=tuple(labels))


def profile(
    segmentation: Segmentation, customers: pd.DataFrame, segment: pd.Series
) -> pd.DataFrame:
    """Describe clusters by their features.

    Parameters
    ----------
    segmentation : Segmentation
        The clusters.
    customers : DataFrame of shape (n_customers, >= n_features)
        Its features.
    segment : Series of length n_customers, indexed as ``customers``
        From :func:`assign`.

    Returns
    -------
    DataFrame of shape (k * n_features, 6)
        ``segment``, ``customers``, ``feature``, ``median`` of the cluster,
        ``median_all``, ``away`` (how many interquartile ranges the centre lies above
        the median of all).
    """
    rows = []
    for label, centroid in zip(
        segmentation.labels, segmentation.centroids, strict=True
    ):
        inside = customers[segment == label]
        for name, away, middle in zip(
            segmentation.features, centroid, segmentation.centre, strict=True
        ):
            median = float(inside[name].median()) if len(inside) else float("nan")
            rows.append((label, len(inside), name, median, float(middle), float(away)))
    columns = ["segment", "customers", "feature", "median", "median_all", "away"]
    return pd.DataFrame(rows, columns=columns)


def names(segmentation: Segmentation, features: int = 2) -> dict[str, str]:
    """Name clusters by the features that stand out most.

    Parameters
    ----------
    segmentation : Segmentation
        The clusters.
    features : int, default 2
        Features in a name, at most.

    Returns
    -------
    dict of str to str
        Label to a name such as ``high discount_share, low order_count``; ``average``
        where nothing is half an interquartile range from the median.
    """
    named = {}
    for label, away in zip(segmentation.labels, segmentation.centroids, strict=True):
        order = np.argsort(-np.abs(away), kind="stable")[:features]
        parts = [
            f"{'high' if away[one] > 0 else 'low'} {segmentation.features[one]}"
            for one in order
            if abs(away[one]) >= STANDS_OUT
        ]
        named[label] = ", ".join(parts) or "average"
    return named
