"""The definitions of our own stars hold what the tables' contracts promise."""

from __future__ import annotations

import pytest
from olap.stars.contracts import ROOT, make_empty, marts

from acrm_olap import connect
from acrm_olap.definitions import read_definitions
from acrm_olap.definitions.model import Over

FOLDER = ROOT / "olap"
FILES = sorted([*FOLDER.glob("cubes/*"), *FOLDER.glob("dimensions/*")])
DEFINITIONS = read_definitions([FOLDER])
CUBES = DEFINITIONS.cubes
PROMISES = [
    (cube, role)
    for cube, each in CUBES.items()
    for role, use in each.dimensions.items()
    if use is not None and use.complete
]
ALL = {**CUBES, **DEFINITIONS.virtual_cubes}


@pytest.fixture(scope="module")
def cubes(tmp_path_factory):
    """All cubes, over tables that have every column and no row."""
    with connect(
        make_empty(tmp_path_factory.mktemp("empty") / "e.duckdb"), FOLDER
    ) as c:
        yield c


def test_every_fact_has_a_cube():
    facts = {name for name in marts() if name.startswith("fct_")}
    assert facts == {cube.fact for cube in CUBES.values()}


def test_every_dimension_table_is_a_dimension_but_that_of_households():
    # Households are reached through a bridge with weights, which no key leads to.
    tables = {name for name in marts() if name.startswith("dim_")} - {"dim_household"}
    assert tables == {each.table for each in DEFINITIONS.dimensions.values()}


@pytest.mark.parametrize("name", CUBES)
def test_the_key_of_a_cube_is_tested_to_be_unique(name):
    cube = CUBES[name]
    assert set(cube.keys) <= marts()[cube.fact].unique & marts()[cube.fact].filled


@pytest.mark.parametrize("name", DEFINITIONS.dimensions)
def test_the_key_of_a_dimension_is_tested_to_be_unique(name):
    dimension = DEFINITIONS.dimensions[name]
    mart = marts()[dimension.table]
    assert dimension.key in mart.unique & mart.filled


@pytest.mark.parametrize(("cube", "role"), PROMISES)
def test_a_promise_of_complete_joins_is_a_test_of_the_table(cube, role):
    use = CUBES[cube].dimensions[role]
    dimension = DEFINITIONS.dimensions[use.dimension or role]
    mart = marts()[CUBES[cube].fact]
    assert mart.keys[use.key] == (dimension.table, dimension.key)
    assert use.key in mart.filled


@pytest.mark.parametrize("name", ALL)
def test_a_measure_says_what_it_is(name):
    for title, measure in ALL[name].measures.items():
        assert measure.caption, title
        assert measure.description.endswith("."), title
        assert measure.folder, title
        assert measure.format or measure.kind in {"min", "max"}, title
        assert measure.unit or measure.format in {"", "#,##0.00"}, title
        assert (measure.unit == "%") == measure.format.endswith("%"), title


@pytest.mark.parametrize("name", CUBES)
def test_an_amount_has_the_currency_of_its_rows(name):
    for title, measure in CUBES[name].measures.items():
        if measure.argument.endswith("_amount") and measure.kind != "count":
            assert measure.unit == "@currency_code", title


@pytest.mark.parametrize("name", DEFINITIONS.dimensions)
def test_a_level_says_what_it_is(name):
    for level in DEFINITIONS.dimensions[name].levels.values():
        assert level.description.endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_every_measure_has_an_answer_over_no_rows_and_by_month(cubes, name):
    cube = cubes[name]
    never = {
        f"{part.name}.{measure}"
        for part in cube._bound.parts
        for measure, each in part.measures.items()
        if Over.NEVER in each.measure.over.values()
    }
    shown = {
        title: f"{each.cube}.{each.name}"
        for title, each in cube._bound.measures.items()
    }
    # Measures made of such a one need its cut as well.
    never |= {
        "sales_with_targets.net_above_target",
        "sales_with_targets.share_of_target",
    }
    asked = [title for title, full in shown.items() if full not in never]
    if not asked:
        assert name == "targets"
        return
    (total,) = cube.query(asked).to_dicts()
    assert all(value in {None, 0} for value in total.values())
    assert len(cube.query(asked, "date.month")) == 0


def test_a_target_has_an_answer_for_one_version_of_the_plan(cubes):
    for name in ("targets", "sales_with_targets"):
        cut = {"plan_version" if name == "targets" else "targets.plan_version": "a"}
        assert len(cubes[name].query("target_net", where=cut, missing="empty")) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_named_after_what_it_defines_and_names_its_schema(path):
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    kind, _, name = second.partition(": ")
    assert first == f"# yaml-language-server: $schema=../schema/{kind}.json"
    assert path.name == f"{name}.yml"
