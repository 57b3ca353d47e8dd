"""Subtotals of empty members, an order without a key, labels of several keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cubes_for_tests import cubes_of, held_to

from acrm_olap.errors import MeaningError
from acrm_olap.sql.keyed import Limits

DOCUMENTS = (
    "dimension: place\ntable: places\nkey: k\n"
    "levels: {region: region, city: {key: [region, nr], label: city}}\n"
    "hierarchies: {down: [region, city]}\n",
    "cube: sales\nfact: sales\n"
    "dimensions: {place: {key: k, complete: true}, kind: {levels: {kind: kind}},\n"
    "  lot: {levels: {lot: [kind, net]}}}\n"
    "measures: {net: {sum: net}, lines: {count: '*'}}\n",
)
TABLES = """
create table places as from (values
    (1, 'North', 1, 'Ulm'), (2, 'North', 2, 'Bonn'), (3, 'South', 1, 'Rom'),
    (4, 'East', 1, 'Bonn'), (5, 'East', 2, 'Posen')
) t(k, region, nr, city);
create table sales as from (values
    (3, 'b', 4), (1, 'a', 1), (3, 'a', 2), (1, 'a', 1), (1, 'b', 1)
) t(k, kind, net);
"""


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    return cubes_of(tmp_path_factory.mktemp("definitions"), TABLES, *DOCUMENTS)["sales"]


def rows(answer):
    return [(*labels, *values) for labels, values, _ in answer.cells()]


def test_empty_members_have_subtotals(sales):
    answer = sales.query(
        "net", ["place.region", "kind"], where={"place.region": {"not": ["South"]}},
        subtotals=True, empty="show",
    )  # fmt: skip
    assert rows(answer) == [
        ("East", "a", None), ("East", "b", None), ("East", None, None),
        ("North", "a", 2), ("North", "b", 1), ("North", None, 3),
        (None, None, 3),
    ]  # fmt: skip
    across = sales.query(
        "net", "place.region", "kind", where={"place.region": ["East", "North"]},
        subtotals=True, empty="show",
    )  # fmt: skip
    # Two regions and the total, each by two kinds and in all.
    assert len(across) == 9
    assert rows(across)[2] == ("East", None, None)


def test_where_there_are_no_cells_there_are_no_subtotals(sales):
    answer = sales.query(
        "net", ["place.region", "kind"], where={"kind": []}, subtotals=True,
        empty="show",
    )  # fmt: skip
    assert rows(answer) == [(None, None, None)]


def test_rows_of_a_fact_without_a_key_are_ordered_by_what_is_shown(sales):
    assert sales.facts().to_pylist() == [
        {"k": 1, "kind": "a", "net": 1}, {"k": 1, "kind": "a", "net": 1},
        {"k": 1, "kind": "b", "net": 1}, {"k": 3, "kind": "a", "net": 2},
        {"k": 3, "kind": "b", "net": 4},
    ]  # fmt: skip
    shown = sales.facts(columns=["net", "place.region"])
    assert shown["net"].to_pylist() == [1, 1, 1, 2, 4]
    pages = [sales.facts(limit=2, offset=n).to_pylist() for n in (0, 2, 4)]
    assert [row for page in pages for row in page] == sales.facts().to_pylist()


@pytest.mark.parametrize(
    ("cut", "net"),
    [("Ulm", 3), (["Rom", "Ulm"], 9), ({"not": ["Ulm"]}, 6), ([["South", 1]], 6),
     (["Ulm", ["South", 1]], 9)],
)  # fmt: skip
def test_a_level_of_several_keys_is_cut_by_its_label(sales, cut, net):
    where = {"place.city": cut}
    answer = sales.query("net", where=where)
    assert answer.value() == net
    assert sum(sales.facts(where)["net"].to_pylist()) == net
    assert sales.explain(answer.query).to_dict()["sql"]


def test_a_label_of_several_members_is_refused_with_their_keys(sales):
    with pytest.raises(MeaningError) as caught:
        sales.query("net", where={"place.city": "Bonn"})
    for keys in ("North, 2", "East, 1"):
        assert keys in caught.value.what
    assert "a list of region, nr" in caught.value.hint
    with pytest.raises(MeaningError, match="has 2 keys") as caught:
        sales.query("net", where={"place.city": "Paris"})
    assert "Give a list of region, nr" in caught.value.hint
    for where, lines in ((["Paris", "Ulm"], 3), ({"not": ["Paris"]}, 5), ("Paris", 0)):
        cut = {"place.city": where}
        assert sales.query("lines", where=cut, missing="empty").value() == lines
        assert sales.facts(cut, missing="empty").num_rows == lines


@pytest.mark.parametrize("measure", ["net", "kinds"])
@pytest.mark.parametrize(
    "limits", [Limits(), Limits(members=0, rows=0, rows_a_member=0)]
)
def test_a_level_of_several_keys_may_have_one_beside_it_that_is_called_alike(
    tmp_path, limits, measure
):
    cubes = cubes_of(
        tmp_path, TABLES,
        "dimension: place\ntable: places\nkey: k\n"
        "levels: {city: {key: [region, nr]}, city_1: city}\n",
        "cube: sales\nfact: sales\ndimensions: {place: {key: k}}\n"
        "measures: {net: {sum: net}, kinds: {count_distinct: kind}}\n",
    )  # fmt: skip
    cubes.engine.sizes = replace(cubes.engine.sizes, limits=limits)
    answer = cubes["sales"].query(measure, ["place.city", "place.city_1"])
    assert rows(answer) == [
        (1, "Ulm", 3 if measure == "net" else 2),
        (1, "Rom", 6 if measure == "net" else 2),
    ]


def test_of_levels_of_the_fact_the_last_key_is_what_people_read(sales):
    assert sales.query("lines", where={"lot": 4}).value() == 1
    with pytest.raises(MeaningError, match="are called '1'"):
        sales.query("lines", where={"lot": 1})


def test_a_role_finds_labels_of_what_it_sees_alone(sales):
    held = held_to(sales, {"place.region": "North"})
    # Bonn of the East is none of its own, so that one is left.
    assert held.query("lines", where={"place.city": "Bonn"}).value() == 0
    with pytest.raises(MeaningError, match="has 2 keys"):
        held.query("net", where={"place.city": "Rom"})
