"""Segments of a warehouse: drawn, named, kept from year to year, judged, thin data."""

from __future__ import annotations

import runpy

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import ROOT

from acrm.mining import segments
from acrm.mining.segment_table import (
    DEPARTMENTS,
    FEATURES,
    FITS,
    MOST,
    PLACED,
    fit_segments,
    judge_segments,
    place_customers,
    profile_segments,
    read_segments,
)

OLD, NEW = pd.Timestamp("2023-12-31"), pd.Timestamp("2024-12-31")
DEFINITIONS = pd.DataFrame(
    {
        "id_space": "shop",
        "definition_version": ["v/2024", "v/2025"],
        "definition_cutoff_date": [OLD, NEW],
    }
)


def behaviours(seed, cutoff, small=120, large=240) -> pd.DataFrame:
    """Two kinds: few who buy digitally and at a discount, many who do not."""
    rng = np.random.default_rng(seed)
    kind = np.repeat([0, 1], [small, large])
    noise = rng.normal(0, [0.04, 0.015, 0.01], (len(kind), 3))
    table = pd.DataFrame(0.5, index=range(len(kind)), columns=FEATURES)
    table["digital_share"] = np.where(kind == 0, 0.9, 0.1) + noise[:, 0]
    table["discount_share"] = np.where(kind == 0, 0.3, 0.0) + noise[:, 1]
    table["department_1_share"] = np.where(kind == 0, 0.4, 0.6) + noise[:, 2]
    names = dict(zip(DEPARTMENTS, ("Men", "Home", "Kids"), strict=True))
    return table.assign(
        id_space="shop", cutoff_date=cutoff, kind=kind,
        customer_id=[f"shop:{n}" for n in range(len(kind))], **names,
    )  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    # in the second year the few have become the many
    both = [behaviours(1, OLD), behaviours(2, NEW, small=240, large=120)]
    known = pd.concat(both, ignore_index=True)
    return known, fit_segments(known, DEFINITIONS)


def test_labels_keep_their_meaning_where_sizes_turn(drawn):
    known, fits = drawn
    assert set(fits["status"]) == {"ok"}
    for version, cutoff in (("v/2024", OLD), ("v/2025", NEW)):
        rows = known[known["cutoff_date"] == cutoff].assign(definition_version=version)
        placed = place_customers(rows, fits)
        by_kind = placed["segment"].groupby(rows["kind"]).agg(set)
        # the largest of the first year is S1, and stays it when it is the smaller
        assert by_kind.tolist() == [{"S2"}, {"S1"}]
    assert (fits["stability"] > 0.95).all()


def test_segments_do_not_hang_on_the_order_of_rows():
    known = behaviours(1, NEW)
    rng = np.random.default_rng(5)
    known[FEATURES] = rng.normal(size=(len(known), len(FEATURES)))
    fits = fit_segments(known, DEFINITIONS)
    shuffled = known.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(fit_segments(shuffled, DEFINITIONS), fits)


def test_what_is_read_again_places_customers_as_what_was_drawn(drawn):
    known, fits = drawn
    rows = known[known["cutoff_date"] == OLD].assign(definition_version="v/2024")
    wanted = segments.assign(segments.fit(rows, FEATURES, MOST), rows)
    placed = place_customers(rows.sample(frac=1, random_state=1), fits)
    placed = placed.loc[rows.index]
    for name in ("segment", "runner_up", "status"):
        assert placed[name].tolist() == wanted[name].tolist()
    for name in ("distance", "clarity"):
        assert np.allclose(placed[name], wanted[name])


def test_a_name_says_in_words_what_stands_out(drawn):
    known, fits = drawn
    names = fits[fits["definition_version"] == "v/2024"].groupby("segment")
    named = names["segment_name"].first()
    assert set(named["S2"].split(", ")) < {
        "high digital share", "high discount share", "low share of Men",
    }  # fmt: skip
    rows = known[known["cutoff_date"] == NEW].assign(definition_version="v/2025")
    table = profile_segments(rows, fits)
    assert "share of Men" in set(table["feature"])
    few = table[table["segment"] == "S1"].set_index("feature")
    assert few["customers"].unique().tolist() == [120]
    assert few.loc["digital share", "median"] == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("thin", "reason"),
    [
        (lambda f: f.head(20), "20 customers; at least 60 are needed"),
        (lambda f: f.assign(**dict.fromkeys(FEATURES, 1.0)), "constant or empty"),
        (lambda f: f.assign(**dict.fromkeys(FEATURES, np.nan)), "constant or empty"),
        (lambda f: f.head(0), "every feature is constant or empty"),
    ],
    ids=["few", "constant", "null", "none"],
)
def test_thin_data_have_no_segments_and_say_why(thin, reason):
    rows = thin(behaviours(1, OLD)).assign(definition_version="v/2024")
    fits = fit_segments(rows, DEFINITIONS.head(1))
    assert fits["status"].tolist() == ["insufficient_data"]
    assert reason in fits["reason"].item()
    placed = place_customers(rows, fits)
    assert len(placed) == len(rows)
    assert placed["segment"].isna().all()
    assert (placed["status"] == "insufficient_data").all()
    assert not len(profile_segments(rows, fits))


def test_no_definition_is_a_table_as_well():
    rows = behaviours(1, OLD).head(0).assign(definition_version="v")
    fits = fit_segments(rows, DEFINITIONS.head(0))
    assert list(fits.columns) == FITS
    assert list(place_customers(rows, fits).columns[3:]) == PLACED
    assert read_segments(fits) == {}


def kept(share, n=400):
    return pd.DataFrame(
        {
            "id_space": "shop",
            "definition_version": "v/2024",
            "cutoff_date": OLD,
            "segment_before": ["S1"] * n,
            "segment_now": np.where(np.arange(n) < share * n, "S1", "S2"),
            "actual": 1.0,
        }
    )


def fits_of(stability) -> pd.DataFrame:
    row = dict.fromkeys(FITS, "")
    row |= {"id_space": "shop", "definition_version": "v/2024", "stability": stability}
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("share", "n", "stability", "verdict"),
    [
        (0.9, 400, 0.95, "better"),
        (0.8, 400, 0.95, "not_better"),
        (0.9, 400, 0.7, "not_better"),
        (1.0, 20, 0.95, "insufficient_data"),
        (1.0, 0, 0.95, "insufficient_data"),
    ],
)
def test_segments_are_published_where_customers_keep_them(share, n, stability, verdict):
    rows = kept(share, n)
    if not n:
        rows = kept(1, 5).assign(segment_now=None)
    judged = judge_segments(rows, fits_of(stability)).set_index("metric")
    assert judged["verdict"]["share_that_kept_their_segment"] == verdict
    assert judged["is_primary"].sum() == 1


def test_what_segments_tell_of_what_came_is_the_correlation_ratio():
    rows = kept(1, 100).assign(
        segment_before=["S1", "S2"] * 50, actual=[1.0, 3.0] * 25 + [2.0, 4.0] * 25
    )
    judged = judge_segments(rows, fits_of(0.9)).set_index("metric")
    # means 1.5 and 3.5, each 1 from the middle; all: 1, 3, 2, 4
    assert judged["value"]["outcome_told"] == pytest.approx(1 / 1.25)


def placements() -> set[tuple]:
    """What is placed by which version, of five cut-offs of one customer."""
    source = runpy.run_path(
        str(ROOT / "models/intermediate/mining/py_customer_segment.py")
    )
    with duckdb.connect() as connection:
        connection.execute("""
            create table behaviours as from (values
                ('first', 'v2', null, false, false, true),
                ('drawn', 'v2', 'v1', false, false, true),
                ('judged', 'v2', 'v1', false, true, false),
                ('drawn again', 'v2', 'v2', false, false, true),
                ('now', 'v2', 'v2', true, false, false)
            ) as rows (cutoff_date, definition_version, version_then, is_current,
                is_judged, is_drawn)
        """)
        told = connection.table("behaviours").query("behaviours", source["PLACED"])
        columns = "cutoff_date, definition_version, is_current, is_judged, is_in_force"
        return set(told.project(columns).fetchall())


def test_customers_are_placed_by_the_version_that_held_then_and_judged_by_that_of_now():
    assert placements() == {
        ("drawn", "v1", False, False, True),
        ("judged", "v2", False, True, False),
        ("judged", "v1", False, False, True),
        ("drawn again", "v2", False, False, True),
        ("now", "v2", True, False, True),
    }
