"""``acrm cube aggregates`` and ``acrm cube advise``."""

from __future__ import annotations

import pytest
import typer
from star import FILES, build, engine_over, make_star, write_files
from typer.testing import CliRunner

from acrm.cli.cube_aggregates import advise, aggregates
from acrm.errors import InputError
from acrm_olap.api import connect

app = typer.Typer()
app.command("aggregates")(aggregates)
app.command("advise")(advise)

SALES = FILES["cubes/sales.yml"]
MONTH = SALES[: SALES.index("  day:\n")]
BARE = SALES[: SALES.index("aggregates:")]


def files(sales):
    return {"cubes/sales.yml": sales} | {
        name: text for name, text in FILES.items() if name.startswith("dimensions/")
    }


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a cube of one aggregate; its file has the table."""
    (tmp_path / "dbt_project.yml").write_text("name: star\n")
    write_files(tmp_path / "olap", files(MONTH))
    save(tmp_path, make_star())
    monkeypatch.setenv("ACRM_PROJECT", str(tmp_path))
    return tmp_path


def save(root, connection):
    """Build the aggregates of a project and put the star in its file."""
    build(connection, engine_over(connection, root / "olap"))
    target = root / "star.duckdb"
    target.unlink(missing_ok=True)
    connection.execute(f"attach '{target}' as star")
    connection.execute("copy from database memory to star")
    connection.close()


def run(*arguments):
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_tables_are_shown_with_their_state(project):
    shown = run("aggregates", "--database", project / "star.duckdb")
    assert "agg_sales__month" in shown
    assert "in use" in shown


def test_answers_are_checked(project):
    said = run("aggregates", "--check", "--database", project / "star.duckdb")
    assert said.startswith("Aggregates answer ")
    connection = make_star()
    connection.execute("update fct_sales set amount = amount + 1 where line_id = 3")
    save(project, connection)
    said = run("aggregates", "--check", "--database", project / "star.duckdb")
    assert said.startswith("Aggregates answer ")


def test_a_wrong_answer_is_an_error(project):
    import duckdb

    with duckdb.connect(project / "star.duckdb") as connection:
        connection.execute("update agg_sales__month set pieces = pieces + 1")
    with pytest.raises(InputError, match="answers of aggregates are wrong"):
        run("aggregates", "--check", "--database", project / "star.duckdb")


def test_aggregates_are_proposed_with_size_gain_and_yaml(project):
    write_files(project / "olap", files(BARE))
    log = project / "queries.jsonl"
    with connect(project / "star.duckdb", project / "olap", log=log) as cubes:
        for _ in range(4):
            cubes["sales"].query(["net", "lines"], ["product.area"])
    said = run("advise", "--log", log, "--database", project / "star.duckdb")
    assert "rows saved" in said
    assert "# in the definition of the cube sales:" in said
    assert "  product_area:\n    levels: [product.area]\n" in said
    assert "    measures: [lines, net]\n" in said


def test_nothing_worth_having_is_said(project):
    log = project / "queries.jsonl"
    log.write_text("")
    said = run("advise", "--log", log, "--database", project / "star.duckdb")
    assert said == (
        "No aggregate is worth having for the 0 queries that facts answered.\n"
    )
