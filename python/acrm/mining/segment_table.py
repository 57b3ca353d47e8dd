"""Segments of all customers: drawn once a year, told at cut-offs, and their record.

Clusters are drawn at the cut-off of each definition and hold for its year; labels of
the new year are those of the old one that are nearest. Fits go through a long table,
which is what a table of model versions stores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import comparison, segments
from acrm.mining.comparison import Comparison, Verdict
from acrm.mining.frames import need_columns
from acrm.mining.outcome import Status
from acrm.mining.parts import no_rows
from acrm.mining.score_table import EVALUATION, judged_row, unjudged_row
from acrm.mining.segments import Segmentation

MODEL, METRIC, PART = "segment", "share_that_kept_their_segment", "all"
KEEP = 0.8  # of customers are to keep their segment
MOST = 6  # kinds of customer that a reader can keep apart
FEATURES = [
    "orders", "order_value", "basket_size", "variety", "discount_share",
    "return_share", "digital_share", "weekend_share", "evening_share",
    "department_1_share", "department_2_share", "department_3_share",
]  # fmt: skip
DEPARTMENTS = ["department_1", "department_2", "department_3"]
DEFINITION = ["id_space", "definition_version"]
FITS = [
    *DEFINITION, "status", "reason", "stability", "segment", "segment_name", "feature",
    "centre", "scale", "centroid",
]  # fmt: skip
PLACED = ["segment", "segment_name", "distance", "runner_up", "clarity", "status",
          "reason"]  # fmt: skip
TEXTS = {*DEFINITION, "status", "reason", "segment", "segment_name", "runner_up",
         "feature"}  # fmt: skip


def fit_segments(behaviours: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """Draw the clusters of each definition, with the labels of the one before.

    Parameters
    ----------
    behaviours : DataFrame of shape (n_customers, >= 17)
        ``id_space``, ``cutoff_date``, the features, and ``department_1`` to
        ``department_3``, the names of the departments whose shares are features.
    definitions : DataFrame of shape (n_definitions, >= 3)
        ``id_space``, ``definition_version``, ``definition_cutoff_date``.

    Returns
    -------
    DataFrame of shape (n_parameters, 10)
        A row a definition, segment and feature: ``status``, ``reason``, ``stability``
        (how far halves agree on the number of clusters that was taken), ``segment``,
        ``segment_name``, ``feature``, and on its scale ``centre``, ``scale`` and
        ``centroid``. One row with a status alone where there is nothing to draw.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(
        behaviours, ["id_space", "cutoff_date", *FEATURES, *DEPARTMENTS], "fit_segments"
    )
    need_columns(definitions, [*DEFINITION, "definition_cutoff_date"], "fit_segments")
    tables = []
    for id_space, group in definitions.groupby("id_space", sort=True):
        own = behaviours[behaviours["id_space"] == id_space]
        old = None
        for row in group.sort_values("definition_cutoff_date").to_dict("records"):
            known = own[own["cutoff_date"] == row["definition_cutoff_date"]]
            # samples and halves are drawn by place, and tables have no order
            known = known.sort_values([*FEATURES, *DEPARTMENTS], ignore_index=True)
            new = segments.fit(known, FEATURES, MOST)
            new = segments.keep_labels(new, old) if old is not None else new
            old = new
            table = _table(new, _words(own))
            tables.append(table.assign(**{name: row[name] for name in DEFINITION}))
    if not tables:
        return no_rows(FITS, pd.DataFrame(), TEXTS)
    return pd.concat(tables, ignore_index=True)[FITS]


def _words(behaviours: pd.DataFrame) -> dict[str, str]:
    """Say of each feature what a reader calls it."""
    words = {name: name.replace("_", " ") for name in FEATURES}
    for name in DEPARTMENTS:
        known = behaviours[name].dropna()
        words[f"{name}_share"] = f"share of {known.iloc[0] if len(known) else name}"
    return words


def _table(drawn: Segmentation, words: dict[str, str]) -> pd.DataFrame:
    k = len(drawn.labels)
    tried = drawn.stability.set_index("k")["adjusted_rand"]
    told = {
        "status": str(drawn.status),
        "reason": drawn.reason,
        "stability": float(tried[k]) if k else float("nan"),
    }
    if not k:
        nothing = dict.fromkeys(["centre", "scale", "centroid"], float("nan"))
        texts = dict.fromkeys(["segment", "segment_name", "feature"], "")
        return pd.DataFrame([{**told, **texts, **nothing}])
    names = segments.names(drawn)
    rows = [
        {
            **told,
            "segment": label,
            "segment_name": _named(names[label], words),
            "feature": feature,
            "centre": centre,
            "scale": scale,
            "centroid": place,
        }
        for label, centroid in zip(drawn.labels, drawn.centroids, strict=True)
        for feature, centre, scale, place in zip(
            drawn.features, drawn.centre, drawn.scale, centroid, strict=True
        )
    ]
    return pd.DataFrame(rows)


def _named(name: str, words: dict[str, str]) -> str:
    parts = [part.split(" ", 1) for part in name.split(", ")]
    return ", ".join(
        " ".join([part[0], words.get(part[-1], part[-1])]) if len(part) > 1 else part[0]
        for part in parts
    )


def read_segments(fits: pd.DataFrame) -> dict[tuple[str, str], Segmentation]:
    """Make segmentations of their parameters again.

    Parameters
    ----------
    fits : DataFrame of shape (n_parameters, 10)
        From :func:`fit_segments`.

    Returns
    -------
    dict of (str, str) to Segmentation
        By id space and version of the definition.
    """
    need_columns(fits, FITS, "read_segments")
    found = {}
    for key, rows in fits.groupby(DEFINITION, sort=False):
        first = rows.iloc[0]
        status = Status(first["status"])
        wide = rows.pivot_table(
            index="segment", columns="feature", values="centroid", sort=False
        )
        features = rows.drop_duplicates("feature").set_index("feature")
        if status is Status.INSUFFICIENT_DATA:
            wide, features = wide.iloc[:0, :0], features.iloc[:0]
        found[key] = Segmentation(
            status=status,
            reason=str(first["reason"]),
            features=tuple(features.index),
            centre=features["centre"].to_numpy(np.float64),
            scale=features["scale"].to_numpy(np.float64),
            centroids=wide[list(features.index)].to_numpy(np.float64),
            labels=tuple(wide.index),
            stability=pd.DataFrame({"k": [], "adjusted_rand": []}),
        )
    return found


def place_customers(behaviours: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    """Place customers in the segments of the definition that holds.

    Parameters
    ----------
    behaviours : DataFrame of shape (n_customers, >= 15)
        ``id_space``, ``definition_version`` that holds for the row, ``customer_id``
        and the features.
    fits : DataFrame of shape (n_parameters, 10)
        From :func:`fit_segments`.

    Returns
    -------
    DataFrame of shape (n_customers, 10), indexed as ``behaviours``
        The three ids, and the columns of :func:`acrm.mining.segments.assign` with the
        ``segment_name``.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(behaviours, [*DEFINITION, "customer_id", *FEATURES], "place_customers")
    drawn = read_segments(fits)
    names = fits.drop_duplicates([*DEFINITION, "segment"]).set_index(
        [*DEFINITION, "segment"]
    )["segment_name"]
    parts = []
    for key, group in behaviours.groupby(DEFINITION, sort=True):
        placed = segments.assign(drawn[key], group)
        named = [names.get((*key, one)) for one in placed["segment"]]
        ids = group[[*DEFINITION, "customer_id"]]
        parts.append(pd.concat([ids, placed.assign(segment_name=named)], axis=1))
    wanted = [*DEFINITION, "customer_id", *PLACED]
    if not parts:
        return no_rows(wanted, behaviours[wanted[:3]], TEXTS)
    return pd.concat(parts)[wanted]


def profile_segments(behaviours: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    """Describe the segments of the customers that are placed.

    Parameters
    ----------
    behaviours : DataFrame of shape (n_customers, >= 18)
        As for :func:`place_customers`, with the names of the departments.
    fits : DataFrame of shape (n_parameters, 10)
        From :func:`fit_segments`.

    Returns
    -------
    DataFrame of shape (n_segments * n_features, 9)
        ``id_space``, ``definition_version``, ``segment``, ``segment_name``,
        ``customers``, ``feature`` in words, ``median`` of the segment and
        ``median_all`` when it was drawn, and ``away``, how many interquartile ranges
        its centre lies above that.

    Raises
    ------
    InputError
        If a column is missing.
    """
    placed = place_customers(behaviours, fits)
    drawn = read_segments(fits)
    columns = [*DEFINITION, "segment", "segment_name", "customers", "feature",
               "median", "median_all", "away"]  # fmt: skip
    parts = []
    for key, group in behaviours.groupby(DEFINITION, sort=True):
        own = placed.loc[group.index]
        table = segments.profile(drawn[key], group, own["segment"])
        names = own.drop_duplicates("segment").set_index("segment")["segment_name"]
        words = _words(group)
        parts.append(
            table.assign(
                **dict(zip(DEFINITION, key, strict=True)),
                segment_name=table["segment"].map(names),
                feature=table["feature"].map(words),
            )
        )
    if not any(len(part) for part in parts):
        return no_rows(columns, behaviours[DEFINITION], TEXTS)
    return pd.concat(parts, ignore_index=True)[columns]


def judge_segments(placed: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    """Say whether customers keep their segment.

    Parameters
    ----------
    placed : DataFrame of shape (n_customers, >= 6)
        ``id_space``, ``definition_version``, ``cutoff_date`` (the past one),
        ``segment_before``, ``segment_now`` (null of who bought nothing in that year)
        and ``actual``, what they did after it that no feature tells.
    fits : DataFrame of shape (n_parameters, 10)
        From :func:`fit_segments`.

    Returns
    -------
    DataFrame of shape (n_judged, 16)
        As :func:`acrm.mining.score_table.evaluate_scores`:
        ``share_that_kept_their_segment`` from the past cut-off to the current one, of
        who was placed at both, against four of five; ``adjusted_rand_of_halves``
        against 0.8; and ``outcome_told``, the share of the variance of what came that
        lies between segments, against none.

    Raises
    ------
    InputError
        If a column is missing.
    """
    wanted = [*DEFINITION, "cutoff_date", "segment_before", "segment_now", "actual"]
    need_columns(placed, wanted, "judge_segments")
    need_columns(fits, FITS, "judge_segments")
    stability = fits.groupby(DEFINITION)["stability"].first()
    rows: list[dict[str, Any]] = []
    for key, group in placed.groupby([*DEFINITION, "cutoff_date"], sort=True):
        both = group[group["segment_before"].notna() & group["segment_now"].notna()]
        n = len(both)
        reason = ""
        if n < comparison.MIN_ROWS:
            reason = f"{n} customers; at least {comparison.MIN_ROWS} are needed"
        kept = int((both["segment_before"] == both["segment_now"]).sum())
        rand = float(stability.get(key[:2], np.nan))
        told = _between(both["segment_before"], both["actual"].astype(np.float64))
        of_kept = judged_row(
            METRIC, comparison.compare_share(kept, n, KEEP), reason, is_primary=True
        )
        if not reason and rand < segments.STABLE:
            of_kept["verdict"] = str(Verdict.NOT_BETTER)
        group_rows = [of_kept]
        for metric, value, base in (
            ("adjusted_rand_of_halves", rand, segments.STABLE),
            ("outcome_told", told, 0.0),
        ):
            compared = Comparison(value, baseline_value=base, gain=value - base, n=n)
            group_rows.append(unjudged_row(metric, compared, reason))
        named = {
            "model": MODEL,
            "id_space": key[0],
            "part": PART,
            "cutoff_date": key[2],
        }
        rows += [{**named, **row} for row in group_rows]
    return pd.DataFrame(rows, columns=EVALUATION)


def _between(segment: pd.Series, actual: pd.Series) -> float:
    """Return the share of the variance that lies between segments."""
    known = actual.notna()
    values = actual[known]
    if len(values) < comparison.MIN_ROWS or values.var() == 0:
        return float("nan")
    means = values.groupby(segment[known]).transform("mean")
    return float(means.var(ddof=0) / values.var(ddof=0))
