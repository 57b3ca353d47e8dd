"""Macros and dbt tests are found by their names, and say what they are for."""

from __future__ import annotations

import re

import pytest
from repository_files import ROOT, below, name_of, parsed, text

MATERIALIZATIONS = below("macros/materializations", "*.sql")
MACROS = [path for path in below("macros", "*.sql") if path not in MATERIALIZATIONS]
GENERIC = below("tests/dbt/generic", "*.sql")
SINGULAR = [path for path in below("tests/dbt", "*.sql") if path not in GENERIC]
DESCRIBED_IN_JINJA = re.compile(r"\{#\s+\S.*?#\}\n", re.S)
COMMENT = re.compile(r"-- \S")
AREAS = {path.parent.name for path in below("models", "*.sql")} | {"staging"}
WIDTH = 88


@pytest.mark.parametrize("path", MACROS, ids=name_of)
def test_a_macro_stands_alone_under_its_name_and_says_what_it_does(path):
    assert re.findall(r"\{%-? macro (\w+)", text(path)) == [path.stem]
    assert DESCRIBED_IN_JINJA.match(text(path))


@pytest.mark.parametrize("path", MATERIALIZATIONS, ids=name_of)
def test_a_materialization_stands_alone_under_its_name(path):
    named = re.findall(r"\{% materialization (\w+), adapter='duckdb' %\}", text(path))
    assert named == [path.stem]
    assert DESCRIBED_IN_JINJA.match(text(path))


def test_every_macro_is_used():
    """By a model, test, analysis, hook or other macro, or by dbt itself."""
    project = ROOT / "dbt_project.yml"
    users = [*below("models", "*.sql"), *below("tests/dbt", "*.sql"), *MACROS, project]
    users += [*below("analyses", "*.sql"), *below("macros/materializations", "*.sql")]
    unused = [
        macro.stem
        for macro in MACROS
        if not any(
            re.search(rf"\b{macro.stem}\(", text(user))
            for user in users
            if user != macro
        )
    ]
    called_by_dbt = {
        "duckdb__test_accepted_values",
        "duckdb__test_unique",
        "generate_schema_name",
        "get_incremental_by_record_sql",
        "should_full_refresh",
    }
    assert set(unused) == called_by_dbt


@pytest.mark.parametrize("path", GENERIC, ids=name_of)
def test_a_generic_test_stands_alone_under_its_name_and_says_its_rule(path):
    assert re.findall(r"\{%-? test (\w+)", text(path)) == [path.stem]
    assert DESCRIBED_IN_JINJA.match(text(path))


def test_every_generic_test_is_used():
    declared = "".join(map(text, [*below("models", "*.yml"), *below("seeds", "*.yml")]))
    unused = [
        path.stem for path in GENERIC if not re.search(rf"- {path.stem}\b", declared)
    ]
    assert not unused


@pytest.mark.parametrize("path", SINGULAR, ids=name_of)
def test_a_singular_test_is_a_sentence_in_the_folder_of_its_area(path):
    assert re.fullmatch(r"assert_[a-z0-9]+(_[a-z0-9]+){2,}", path.stem)
    assert path.parent.parent == ROOT / "tests" / "dbt"
    assert path.parent.name in AREAS
    assert COMMENT.match(text(path)), "the first line says the rule"


def test_unit_tests_have_a_sentence_for_a_name():
    names = [
        unit_test["name"]
        for path in below("models", "*.yml")
        for unit_test in parsed(path).get("unit_tests", [])
    ]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){2,}", name) for name in names)


@pytest.mark.parametrize("path", [*MACROS, *GENERIC], ids=name_of)
def test_lines_between_jinja_blocks_fit_where_sqlfluff_does_not_look(path):
    long = [line for line in text(path).splitlines() if len(line) > WIDTH]
    assert not long
