"""The page on cubes: its example runs, and every field, form and function is told."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import duckdb
import pytest
from olap.stars.contracts import ROOT

from acrm_olap import connect, errors
from acrm_olap.definitions import model, read_definitions, references
from acrm_olap.expressions.types import FUNCTIONS

README = (ROOT / "olap" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
CLASSES = {
    "A cube": model.Cube,
    "How a cube uses a dimension": model.Use,
    "Spans": model.Span,
    "Measures": model.Measure,
    "Named sets": model.NamedSet,
    "Aggregate tables": model.Aggregate,
    "A dimension": model.Dimension,
    "Levels": model.Level,
    "Hierarchies": model.Hierarchy,
    "Versions": model.History,
    "Days": model.Calendar,
    "Lookups": model.Join,
    "A virtual cube": model.VirtualCube,
}


def section(title):
    """Return what stands below a heading, down to the next one."""
    found = re.search(
        rf"^#+ {re.escape(title)}[^\n]*\n(.*?)(?=^#|\Z)", README, re.M | re.S
    )
    assert found, title
    return found[1]


def rows(text):
    """Return the rows of the first table of a text, by what their first cell names."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return {
        first.strip(): second.strip()
        for first, second in (line.strip("|").split("|", 1) for line in lines)
    }


def fields(definition):
    common = set(model.Described.model_fields)
    return {
        f"`{name}`": info.description
        for name, info in definition.model_fields.items()
        if name not in common or definition is model.Described
    }


def test_the_first_cube_answers_as_it_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole, _, _ = README.partition("## The cubes of this warehouse")
    _, _, example = whole.partition("## A first cube")
    printed = io.StringIO()
    for language, text in BLOCK.findall(example):
        if language == "yaml":
            path = Path(text.splitlines()[0].removeprefix("# "))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif language == "python":
            with contextlib.redirect_stdout(printed):
                exec(compile(text, "README", "exec"), {})  # noqa: S102
        else:
            assert printed.getvalue() == text
    assert printed.getvalue()


def test_the_definitions_of_ones_own_star_can_be_read(tmp_path):
    own = README.partition("## Bringing your own star")[2].partition("\n## ")[0]
    blocks = [text for language, text in BLOCK.findall(own) if language == "yaml"]
    for number, text in enumerate(blocks):
        Path(tmp_path, f"{number}.yml").write_text(text, encoding="utf-8")
    found = read_definitions([tmp_path])
    assert [*found.dimensions, *found.cubes] == ["day", "employee", "sales"]


@pytest.mark.parametrize("title", CLASSES)
def test_every_field_is_told_with_its_meaning(title):
    assert rows(section(title)) == fields(CLASSES[title])


def test_what_all_things_may_have_is_told():
    assert rows(section("Fields")) == fields(model.Described)


def test_no_class_of_definitions_is_left_out():
    known = {
        each
        for each in vars(model).values()
        if isinstance(each, type) and issubclass(each, model.Definition)
    }
    assert known == {*CLASSES.values(), model.Definition, model.Described}


def test_every_cube_is_listed_with_what_a_row_is():
    found = read_definitions([ROOT / "olap"])
    every = {**found.cubes, **found.virtual_cubes}
    assert rows(section("The cubes of this warehouse")) == {
        f"`{name}`": cube.description for name, cube in every.items()
    }
    for name in found.dimensions:
        assert f"`{name}`" in section("The cubes of this warehouse")


def test_every_form_of_a_measure_is_told():
    told = set(re.findall(r"`(\w+)`", section("Through time")))
    assert told >= set(references.NAMES)
    for name in told & set(references.NAMES):
        assert references.read_reference(f"net.{name}", ["net"]).variants


def test_every_function_and_period_is_told():
    assert set(re.findall(r"`(\w+)`", section("Expressions"))) >= set(FUNCTIONS)
    assert {f"{each}" for each in model.Period} <= set(
        re.findall(r"`(\w+)`", section("Levels"))
    )
    for rule in model.Over:
        assert rule in section("What adds up")


def test_every_error_is_told():
    known = {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type)
        and issubclass(each, errors.CubeError)
        and each is not errors.CubeError
    }
    assert {name.strip("`") for name in rows(section("Errors"))} == known


def test_versions_of_members_are_as_the_table_says(tmp_path):
    """A customer moved from North to South on 1 June; sales in May and in July."""
    with duckdb.connect(str(tmp_path / "moved.duckdb")) as connection:
        connection.execute("""
            create table customers as from (values
                (1, 'A', 'North', timestamp '1900-01-01', timestamp '2025-06-01'),
                (2, 'A', 'South', timestamp '2025-06-01', timestamp '9999-12-31'),
                (3, 'B', 'South', timestamp '2025-06-20', timestamp '9999-12-31')
            ) t(customer_key, customer_id, region, valid_from, valid_to);
            create table sales as from (values
                (1, '2025-05', 1), (2, '2025-07', 10), (3, '2025-07', 100)
            ) t(customer_key, month, amount);
        """)
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "customer.yml").write_text(
        "dimension: customer\ntable: customers\nkey: customer_key\n"
        "levels: {region: region, customer: customer_id}\n"
        "history: {durable_key: customer_id, valid_from: valid_from,"
        " valid_to: valid_to}\n"
    )
    (folder / "sales.yml").write_text(
        "cube: sales\nfact: sales\ndimensions:\n  customer: customer_key\n"
        "  month: {levels: {month: month}}\nmeasures:\n  net: {sum: amount}\n"
    )

    def by_month(cubes, as_of):
        answer = cubes["sales"].query("net", ["month", "customer.region"], as_of=as_of)
        return {
            (cell["month"], cell["customer.region"]): cell["net"]
            for cell in answer.to_dicts()
        }

    with connect(tmp_path / "moved.duckdb", folder) as cubes:
        assert by_month(cubes, "was") == {
            ("2025-05", "North"): 1, ("2025-07", "South"): 110,
        }  # fmt: skip
        assert by_month(cubes, "is") == {
            ("2025-05", "South"): 1, ("2025-07", "South"): 110,
        }  # fmt: skip
        assert by_month(cubes, "2025-05-31") == {
            ("2025-05", "North"): 1, ("2025-07", "North"): 10, ("2025-07", None): 100,
        }  # fmt: skip
