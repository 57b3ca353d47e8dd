"""The dbt models of aggregates: made of definitions alone, they run, and are tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from cubes_for_tests import promise_tables
from star import engine_over, make_star, write_files

from acrm.errors import InputError
from acrm_olap.aggregates.build import select_of
from acrm_olap.aggregates.models import (
    changed_files,
    model_files,
    stale_files,
    write_models,
)
from acrm_olap.sql.terms import DIALECT

ROOT = Path(__file__).parents[3]
REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
JINJA = re.compile(r"\{#.*?#\}", re.S)


def runnable(text):
    """A model as SQL: what dbt would make of it."""
    return REF.sub(r"main.\1", JINJA.sub("", text))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose marts are the tables of the star."""
    root = tmp_path_factory.mktemp("project")
    write_files(root / "olap")
    with make_star() as connection:
        promise_tables(connection, root / "models" / "marts")
    return root


@pytest.fixture
def built(project):
    """The star with its models run, an engine over it, and the files."""
    files = {path.name: text for path, text in model_files(project).items()}
    connection = make_star()
    for name, text in files.items():
        if name.startswith("agg_") and name.endswith(".sql"):
            table = name.removesuffix(".sql")
            connection.execute(f"create table {table} as {runnable(text)}")
    yield connection, engine_over(connection, project / "olap"), files
    connection.close()


def test_a_model_gives_the_rows_that_the_engine_means(built):
    connection, engine, _ = built
    for tables in engine.aggregates.values():
        for table in tables:
            assert not engine.proofs.why_not(table)
            meant = f"({select_of(table).sql(DIALECT)})"
            both = connection.execute(
                f"from (from {table.name} except all from {meant}) union all"
                f" from (from {meant} except all from {table.name})"
            ).fetchall()
            assert not both


def test_a_contract_has_the_columns_and_types_of_its_model(built):
    connection, engine, files = built
    for tables in engine.aggregates.values():
        for table in tables:
            (model,) = yaml.safe_load(files[f"{table.name}.yml"])["models"]
            declared = [(one["name"], one["data_type"]) for one in model["columns"]]
            there = connection.execute(f"describe {table.name}").fetchall()
            assert declared == [(name, kind.lower()) for name, kind, *_ in there]
            assert all(one["description"].strip() for one in model["columns"])
            assert model["data_tests"] == [
                {"unique_combination": {"arguments": {"columns": [*table.grain]}}}
            ]


def test_its_test_finds_a_sum_that_is_not_the_fact_s(built):
    connection, engine, files = built
    for tables in engine.aggregates.values():
        for table in tables:
            name = f"assert_{table.name.replace('__', '_')}_adds_up_to_its_fact.sql"
            assert not connection.execute(runnable(files[name])).fetchall()
            for signature, kept in table.numbers.items():
                if signature.function not in {"sum", "count"}:
                    continue
                connection.execute("begin")
                connection.execute(
                    f"update {table.name} set {kept.column} = {kept.column} + 1"
                    f" where rowid = (select min(rowid) from {table.name}"
                    f" where {kept.column} is not null)"
                )
                found = connection.execute(runnable(files[name])).fetchall()
                assert found, kept.column
                connection.execute("rollback")
            if table.pair:
                connection.execute("begin")
                connection.execute(f"update {table.name} set {table.pair} = 1000")
                assert connection.execute(runnable(files[name])).fetchall()
                connection.execute("rollback")


def test_files_are_written_kept_in_step_and_removed(project):
    written, removed = write_models(project)
    assert len(written) == 3 * 7
    assert not removed
    assert write_models(project) == ([], [])
    stale = project / "models" / "marts" / "aggregates" / "agg_sales__old.sql"
    stale.write_text("select 1")
    edited = project / written[0]
    edited.write_text(edited.read_text() + "\n")
    files = model_files(project)
    assert changed_files(project, files) == [written[0]]
    assert [path.name for path in stale_files(project, files)] == ["agg_sales__old.sql"]
    assert write_models(project) == (
        [written[0]], [stale.relative_to(project)]
    )  # fmt: skip


def test_a_description_that_is_no_yaml_is_one_message_with_its_line(tmp_path):
    write_files(tmp_path / "olap")
    path = tmp_path / "models" / "marts" / "star.yml"
    path.parent.mkdir(parents=True)
    path.write_text("models:\n  - name: [dim_date\n")
    with pytest.raises(InputError, match="description of models is not valid") as fault:
        model_files(tmp_path)
    assert fault.value.where == f"{path}, line 3"


def test_the_models_of_this_project_are_in_step_with_its_cubes():
    if not (ROOT / "olap" / "cubes").is_dir():
        pytest.skip("no cube is defined here")
    files = model_files(ROOT)
    assert not changed_files(ROOT, files), "run: acrm cube aggregates --write"
    assert not stale_files(ROOT, files), "run: acrm cube aggregates --write"
