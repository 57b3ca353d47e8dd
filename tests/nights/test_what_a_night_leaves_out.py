"""A night leaves out what cannot have changed, and nothing else."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from company import Company
from comparing import differences
from warehouse import Warehouse, silent

from acrm.building import Selection
from acrm.building.dbt import Dbt
from acrm.building.record import record_path
from acrm.cli.run import _print
from acrm.example import Settings, make_company
from acrm.loading.load import load
from acrm.mining import affinity_table
from acrm.nightly import Outcome, Plan, run
from acrm.project import Project
from acrm.publication import build_and_publish, current_version
from acrm.publication.mining_due import mining_nodes
from acrm.publication.sparing import _written, code_of, find_spared
from acrm.publication.standby import prepare
from acrm.reading.health import read_health

pytestmark = pytest.mark.slow

NEWS = "source.acrm.example_call_centre.cases"  # all that the day brings of it
WHOLE = Selection()


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> tuple[Project, Path]:
    folder = tmp_path_factory.mktemp("left_out")
    make_company(Settings(500, 200, 5, daily=1, lines=10.0), folder / "made", silent)
    nightly = Warehouse.of(Company.create(folder / "project").folder)
    nightly.load(folder / "made" / "initial")
    build_and_publish(nightly.project)
    prepare(nightly.project, whole=True, full=False)
    (day,) = (folder / "made" / "daily").iterdir()
    return nightly.project, day


@pytest.fixture
def as_published(company):
    """The project, whose build file is put back as the publication left it."""
    project, _ = company
    paths = [project.database, record_path(project.database)]
    kept = [shutil.copy2(path, f"{path}.kept") for path in paths]
    yield project
    for path, copy in zip(paths, kept, strict=True):
        shutil.move(copy, path)


def spared(project: Project, selection: Selection = WHOLE, **options: str) -> set[str]:
    dbt = Dbt(project, **options)
    found = find_spared(project, dbt, selection, code_of(project, dbt))
    return {dbt.manifest().nodes[uid].name for uid in found}


def test_without_news_views_and_what_rests_on_raw_tables_alone_are_left_out(
    as_published,
):
    left = spared(as_published)
    assert {
        "stg_example_crm__customers",
        "int_order_lines",
        "dim_channel",
        "dim_time_of_day",
        "required_columns_are_filled_int_order_lines_",
        "unique_channel_channel_code",
    } <= left
    # logs, models that note how far they came, seeds that views may read
    assert not {"ctl_freshness", "ctl_run", "fct_sales_line", "channel"} & left
    assert spared(as_published) == set()  # it has forgotten what it was built from


@pytest.mark.parametrize(
    "selection", [Selection(full=True), Selection(select=("fct_sales_line",))]
)
def test_nothing_is_left_out_of_a_full_build_or_a_part(as_published, selection):
    assert spared(as_published, selection) == set()


def test_nothing_is_left_out_where_a_variable_is_another(as_published):
    assert spared(as_published, variables="{active_months: 4}") == set()


def test_nothing_is_left_out_where_a_file_of_the_project_is_another(as_published):
    path = as_published.root / "models/staging/example_crm/_example_crm__sources.yml"
    before = path.read_text()
    path.write_text(before + "\n# another\n")
    try:
        assert spared(as_published) == set()
    finally:
        path.write_text(before)


def test_nothing_is_left_out_where_somebody_else_wrote_to_the_file(as_published):
    with duckdb.connect(str(as_published.database)) as connection:
        connection.execute("create table mine as select 1 as one")
    assert spared(as_published) == set()


def _resting_on(source: str, manifest: Any) -> set[str]:
    found: set[str] = set()
    new = {source}
    while new:
        new = {
            uid
            for uid, node in manifest.nodes.items()
            if uid not in found and new & set(getattr(node.depends_on, "nodes", ()))
        }
        found |= new
    return found


def test_a_night_with_news_leaves_out_nothing_that_rests_on_them(company):
    project, day = company
    load(project, day / "example_call_centre", "example_call_centre")
    dbt = Dbt(project)
    manifest = dbt.manifest()
    written = (dbt.target_path / "manifest.json").read_bytes()
    outcome, published = build_and_publish(project)

    # what dbt writes for others: of this night, and of the project as it is
    results = json.loads((dbt.target_path / "run_results.json").read_text())["results"]
    assert len(results) == len(outcome.nodes)
    assert (dbt.target_path / "manifest.json").read_bytes() == written
    ran = {node.name for node in outcome.nodes}
    touched = _resting_on(NEWS, manifest)
    kinds = {"model", "test"}
    resting = {
        manifest.nodes[uid].name
        for uid in touched
        if str(manifest.nodes[uid].resource_type) in kinds
        and str(manifest.nodes[uid].config.materialized) != "view"
        and uid not in mining_nodes(manifest)
    }
    assert resting <= ran
    assert "required_columns_are_filled_int_cases_" in resting
    assert "required_columns_are_filled_int_interactions_" not in ran
    assert not ran & {manifest.nodes[uid].name for uid in mining_nodes(manifest)}
    built = [
        node
        for node in manifest.nodes.values()
        if str(node.resource_type) in {*kinds, "seed"}
    ]
    assert len(ran & {node.name for node in built}) < len(built) - 100

    whole = Warehouse.of(project.root, "whole.duckdb")
    whole.build()
    assert differences(published.version.database, whole.database) == {}


def _turn_the_month(project: Project) -> list[Any]:
    """Let mining of the build file be of the month before, and return what it was."""
    prepare(project, whole=True, full=False)
    with _written(project) as connection:
        before = connection.execute("from model_version order by all").fetchall()
        connection.execute("update model_version set cutoff_date = cutoff_date - 31")
        connection.execute("delete from customer_rfm")
    return before


def _ask(project: Project, sql: str) -> list[Any]:
    database = current_version(project).database
    with duckdb.connect(str(database), read_only=True) as reader:
        return reader.execute(sql).fetchall()


def _fail(*_: Any, **__: Any) -> None:
    raise ValueError("mining cannot go on")


def test_readers_have_the_numbers_of_a_night_before_the_mining_of_its_month(
    company, monkeypatch, capsys
):
    project, day = company
    before = _turn_the_month(project)
    assert before
    plan = Plan((day / "example_call_centre",), always=True)
    with monkeypatch.context() as patch:
        patch.setattr(affinity_table, "rules_by_level", _fail)
        failed = run(project, plan)
    assert failed.exit_code == 1
    assert "py_product_affinity" in str(failed.error)
    assert (failed.outcome, failed.mining) == (Outcome.PUBLISHED, "failed")
    assert failed.published.version.number == current_version(project).number
    assert failed.seconds_to_readers < failed.seconds["all"] - failed.seconds["mining"]
    assert _ask(project, "select count(*) from customer_rfm") == [(0,)]
    assert _ask(project, "from model_version order by all") != before
    assert any("py_product_affinity" in it for it in problems(project))

    # the next run tries again, though nothing came, and lets readers wait no more
    done = run(project, replace(plan, always=False))
    mining = {
        Dbt(project).manifest().nodes[uid].name
        for uid in mining_nodes(Dbt(project).manifest())
    }
    assert done.reason == "mining of the last month is to be done"
    assert not mining & {node.name for node in done.built.nodes}
    assert mining <= {node.name for node in done.mined.outcome.nodes}
    assert (done.exit_code, done.mining) == (0, "published")
    assert done.version.number == done.published.version.number + 1
    assert _ask(project, "from model_version order by all") == before
    assert _ask(project, "select count(*) > 0 from customer_rfm") == [(True,)]
    assert problems(project) == ()
    _print(done, json_output=False)
    said = " ".join(capsys.readouterr().out.split())
    last = done.version.number
    assert f"published version {last - 1}, in " in said
    assert f"then version {last} with mining of the last month" in said

    again = run(project, replace(plan, always=False))
    assert again.outcome is Outcome.NOTHING_NEW


def problems(project: Project) -> tuple[str, ...]:
    return read_health(project, datetime.now(UTC)).problems
