"""``acrm cube export`` and ``acrm cube views``, as functions over a small project."""

from __future__ import annotations

import shutil
import subprocess
import sys

import duckdb
import pytest
from cubes_for_tests import promise_tables
from olap.export.small_star import DEFINITIONS

from acrm.cli.cube_export import cube_views, export_cubes
from acrm_olap.errors import CubeError, DefinitionError, MeaningError


@pytest.fixture
def project(tmp_path, star, monkeypatch):
    """A dbt project whose marts promise the tables of the star."""
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    with duckdb.connect(str(star[0]), read_only=True) as connection:
        promise_tables(connection, tmp_path / "models" / "marts")
    for name, text in DEFINITIONS.items():
        path = tmp_path / "olap" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    monkeypatch.setenv("ACRM_PROJECT", str(tmp_path))
    return tmp_path


def test_the_export_for_metricflow_needs_no_warehouse(project, capsys):
    export_cubes(metricflow=project / "semantic")
    written = sorted(path.name for path in (project / "semantic").iterdir())
    assert "cube_sales.yml" in written
    assert "cubes_time_spine.sql" in written
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Wrote {len(written)} files" in shown
    assert "sales: measure final: MetricFlow has no last value." in shown


def test_views_that_are_behind_are_refused_until_they_are_written(project, capsys):
    with pytest.raises(DefinitionError, match="6 files are behind"):
        cube_views()
    cube_views(write=True)
    cube_views()
    assert "as the definitions have them" in " ".join(capsys.readouterr().out.split())
    cube = project / "olap" / "cubes" / "stock.yml"
    cube.write_text(cube.read_text().replace("closing:", "at_the_end:", 1))
    virtual = project / "olap" / "cubes" / "turnover.yml"
    virtual.write_text(virtual.read_text().replace("closing", "at_the_end"))
    with pytest.raises(DefinitionError, match=r"2 files .*cube_stock\.sql") as refused:
        cube_views()
    assert "acrm cube views --write" in refused.value.hint


def test_dbt_builds_the_views_under_their_contracts(project, star):
    """And they stay right in a file of another name, such as the published one."""
    cube_views(write=True)
    database = project / "build.duckdb"
    shutil.copy(star[0], database)
    (project / "dbt_project.yml").write_text(
        "{name: shop, version: 1.0.0, profile: shop, model-paths: [models],"
        " flags: {send_anonymous_usage_stats: false},"
        " models: {shop: {marts: {+contract: {enforced: true}}}}}\n"
    )
    (project / "profiles.yml").write_text(
        f"shop: {{target: it, outputs: {{it: {{type: duckdb, path: '{database}'}}}}}}\n"
    )
    for table in (project / "models" / "marts").glob("*.yml"):
        # The tables are there; dbt has to know their names alone.
        table.with_suffix(".sql").write_text("select 1 as never_built\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "run", "--select", "cube_*"),
            *("--project-dir", project, "--profiles-dir", project),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
    )
    assert done.returncode == 0, done.stdout
    assert "PASS=3" in done.stdout
    published = database.rename(project / "acrm.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as other (read_only)")
        ((rows,),) = connection.execute(
            "select count(*) from other.main.cube_sales"
        ).fetchall()
    assert rows == 111


@pytest.mark.usefixtures("project")
def test_the_script_for_atoti_is_of_one_cube(star, tmp_path):
    script = tmp_path / "sales.py"
    with pytest.raises(MeaningError, match="of one cube"):
        export_cubes(atoti=script, database=str(star[0]))
    export_cubes(atoti=script, cube="sales", database=str(star[0]))
    compile(script.read_text(), "sales.py", "exec")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("both", [True, False])
def test_an_export_is_for_one_tool(tmp_path, both):
    tools = {"metricflow": tmp_path / "m", "atoti": tmp_path / "a"} if both else {}
    with pytest.raises(CubeError) as refused:
        export_cubes(**tools)
    assert "--metricflow FOLDER or --atoti FILE" in refused.value.hint
    assert refused.value.exit_code == 2
