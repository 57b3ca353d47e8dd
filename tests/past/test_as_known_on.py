"""``acrm build --as-known-on``: what was known then, in a file of its own."""

from __future__ import annotations

import pytest

from acrm.building.dbt import Dbt
from acrm.errors import InputError
from acrm.lock import writer_lock

FIRST = [(1, "10.00")]
BOTH = [(1, "12.50"), (3, "1.00")]
LINES = "select line, amount::varchar from fct_sales_line order by line"


def everything_but_past_builds(shop):
    """All files of the home and the build file, and when each was written."""
    return {
        path: path.stat().st_mtime_ns
        for path in (*shop.project.home.rglob("*"), shop.project.database)
        if path.is_file() and shop.folder not in path.parents
    }


def test_it_holds_what_was_loaded_by_then_and_changes_nothing_else(shop, acrm):
    acrm.passing("build")
    acrm.passing("build", "--no-publish")
    before = everything_but_past_builds(shop)
    left_by_a_kill = shop.folder / ".2025-12-01.duckdb.unfinished"
    left_by_a_kill.mkdir(parents=True)
    (left_by_a_kill / "2025-12-01.duckdb").write_text("half of it")
    with writer_lock(shop.project, "the night"):
        lines = acrm.passing("build", "--as-known-on", "2025-12-01").stdout.splitlines()

    file = shop.folder / "2025-12-01.duckdb"
    assert lines[1].startswith("As known on 2025-12-01: 1 load, the last at 2025-12-01")
    assert lines[2].startswith(f"{file}, ")
    assert lines[3] == 'To ask it: acrm sql --as-known-on 2025-12-01 "..."'
    assert shop.ask(file, LINES) == FIRST
    assert shop.ask(file, "select row_number from ctl_quarantine") == [(2,)]
    assert shop.ask(file, "select count(*) from ctl_run") == [(0,)]
    names = sorted(path.name for path in shop.folder.iterdir())
    assert names == ["2025-12-01.duckdb", "acrm.lock"]
    assert everything_but_past_builds(shop) == before | {
        shop.project.lock_file: shop.project.lock_file.stat().st_mtime_ns
    }
    assert shop.ask(shop.project.database, LINES) == BOTH


CUBE = """\
cube: sales
fact: fct_sales_line
dimensions:
  day: {levels: {day: day}}
measures:
  net: {sum: amount}
"""


def test_it_has_the_views_of_cubes_and_refuses_definitions_before_it_builds(shop, acrm):
    cube = shop.project.root / "olap" / "cubes" / "sales.yml"
    cube.parent.mkdir(parents=True)
    cube.write_text(CUBE.replace("sum: amount", "sum: amuont"))
    ended = acrm("build", "--as-known-on", "2025-12-01")
    assert ended.code == 2
    assert f"{cube}, line 6" in ended.stderr
    assert not list(shop.folder.glob("*.duckdb"))
    cube.write_text(CUBE)
    acrm.passing("build", "--as-known-on", "2025-12-01")
    asked = acrm.passing(
        "sql", "--as-known-on", "2025-12-01", "select sum(net) as net from cube_sales"
    )
    assert "10.00" in asked.stdout


def test_a_moment_counts_what_was_loaded_at_it(shop, acrm):
    known = shop.project.root / "known.duckdb"
    acrm.passing("build", "--as-known-on", "2025-12-02T00:00", "--to", known)
    assert shop.ask(known, LINES) == BOTH
    ended = acrm("build", "--as-known-on", "2025-12-01T23:59:59.999998")
    assert ended.code == 2
    assert "Nothing was known on 2025-12-01 23:59:59.999998 UTC" in ended.stderr
    assert "first load at 2025-12-01 23:59:59 UTC" in ended.stderr
    assert "Give 2025-12-01, or a later date." in ended.stderr
    assert not list(shop.folder.glob("*.duckdb"))


def test_a_file_that_stands_is_not_built_again_unless_something_is_new(shop, acrm):
    build = ("build", "--as-known-on", "2025-12-01")
    file = shop.folder / "2025-12-01.duckdb"

    def builds(*options):
        before = file.stat().st_ino if file.exists() else None
        said = acrm.passing(*build, *options).stdout
        assert ("Not built again: the file stands." in said) == (
            file.stat().st_ino == before
        )
        return file.stat().st_ino != before

    assert builds()
    assert not builds()
    shop.deliver("4,2025-12-03,1.00\n", "2025-12-03T12:00")
    assert not builds()
    assert builds("--full")
    assert builds("--vars", "{too_much: 2000}")
    assert not builds("--vars", "{too_much: 2000}")
    assert builds()
    model = shop.project.root / "models/marts/fct_sales_line.sql"
    model.write_text(
        model.read_text().replace("day, amount,", "day, -amount as amount,")
    )
    note = acrm.passing("sql", "--as-known-on", "2025-12-01", LINES).stderr
    assert "Note: the project's code is another since it was built." in note
    assert builds()
    assert shop.ask(file, LINES) == [(1, "-10.00")]


def test_a_date_to_come_is_all_that_is_known_by_now_and_grows(shop, acrm):
    build = ("build", "--as-known-on", "9998-01-01")
    ended = acrm.passing(*build)
    assert "Note: 9998-01-01 is not over" in ended.stderr
    file = shop.folder / "9998-01-01.duckdb"
    assert shop.ask(file, LINES) == BOTH
    shop.deliver("4,2025-12-03,1.00\n", "2025-12-03T12:00")
    ended = acrm.passing("sql", "--as-known-on", "9998-01-01", LINES)
    assert "Note: more was loaded since it was built." in ended.stderr
    assert "Built" in acrm.passing(*build).stdout
    assert shop.ask(file, LINES) == [*BOTH, (4, "1.00")]


def test_a_build_that_fails_leaves_what_stood(shop, acrm):
    acrm.passing("build", "--as-known-on", "2025-12-01")
    file = shop.folder / "2025-12-01.duckdb"
    before = file.stat().st_mtime_ns
    ended = acrm("build", "--as-known-on", "2025-12-01", "--vars", "{too_much: 10}")
    assert ended.code == 1
    assert "The build as known on 2025-12-01 failed: 1 of" in ended.stderr
    assert "test assert_no_amount_is_too_much on fct_sales_line: 1 row" in ended.stderr
    assert file.stat().st_mtime_ns == before
    ended = acrm("build", "--as-known-on", "2025-12-02", "--vars", "{too_much: 10}")
    assert ended.code == 1
    names = sorted(path.name for path in shop.folder.iterdir())
    assert names == ["2025-12-01.duckdb", "acrm.lock"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as-known-on", "soon"], "'soon' is no date and no timestamp."),
        (["--as-known-on", "2025-11-30"], "Nothing was known on 2025-11-30"),
        (
            ["--as-known-on", "2025-12-01", "-s", "x", "--exclude", "y", "--keep", "3"],
            "--as-known-on does not go with --select and --exclude and --keep.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--no-publish"],
            "--as-known-on does not go with --no-publish.",
        ),
        (["--to", "known.duckdb"], "--to is the file for --as-known-on"),
        (
            ["--as-known-on", "2025-12-01", "--to", "nowhere/known.duckdb"],
            "The file to build cannot be there.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--to", "models"],
            "The file to build cannot be there.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--to", "dbt_project.yml"],
            "There is another file in the place of the past build.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--to", "target/acrm.duckdb"],
            "A past build never goes into the build file.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--to", "warehouse/published/a.duckdb"],
            "A past build is never published.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--vars", "{as_known_on: 2025-12-02}"],
            "The instant is given twice",
        ),
        (
            ["--vars", "{as_known_on: 2025-12-01}"],
            "What is known on a past date is not published",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_message(
    shop, acrm, monkeypatch, options, said
):
    monkeypatch.chdir(shop.project.root)
    settings = (shop.project.root / "dbt_project.yml").read_text()
    ended = acrm("build", *options)
    assert ended.code == 2
    assert f"Error: {said}" in ended.stderr
    assert "  to do: " in ended.stderr
    assert not list(shop.project.root.rglob("*.duckdb"))
    assert not list(shop.project.root.rglob("*.unfinished"))
    assert (shop.project.root / "dbt_project.yml").read_text() == settings


@pytest.mark.usefixtures("small")
def test_nothing_was_known_where_nothing_was_loaded(acrm):
    ended = acrm("build", "--as-known-on", "2025-12-01")
    assert ended.code == 2
    assert "Nothing was known on 2025-12-01: nothing was ever loaded." in ended.stderr


@pytest.mark.usefixtures("shop")
def test_it_is_asked_by_date_or_by_file(acrm, tmp_path):
    known = tmp_path / "known.duckdb"
    acrm.passing("build", "--as-known-on", "2025-12-01")
    acrm.passing("build", "--as-known-on", "2025-12-01", "--to", known)
    total = "select sum(amount) as amount from fct_sales_line"
    by_date = acrm.passing("sql", "--as-known-on", "2025-12-01", total)
    assert by_date.stdout.splitlines() == ["amount", " 10.00", "1 row"]
    assert by_date.stderr == ""
    assert acrm.passing("sql", "--database", known, total).stdout == by_date.stdout
    runs = acrm.passing("sql", "--database", known, "from ctl_run", "--format", "csv")
    assert runs.stdout.startswith("run_id,")

    ended = acrm("sql", "--database", known, "from fct_sales_lines")
    assert ended.code == 2
    assert f"where: {known}" in ended.stderr
    assert "Did you mean fct_sales_line?" in ended.stderr
    ended = acrm("sql", "--database", known, "delete from fct_sales_line")
    assert ended.code == 2
    assert "What is asked is read-only" in ended.stderr


@pytest.mark.usefixtures("shop")
def test_what_cannot_be_asked_says_what_to_do(acrm, tmp_path):
    no_database = tmp_path / "some.duckdb"
    for options, said, to_do in (
        (
            ["--as-known-on", "2025-12-01"],
            "The warehouse as known on 2025-12-01 is not built.",
            "Build it with `acrm build --as-known-on 2025-12-01`.",
        ),
        (
            ["--as-known-on", "2025-12-01", "--version", "1"],
            "--version names another file to ask.",
            "Give one of --version, --as-known-on and --database.",
        ),
        (["--database", no_database], "There is no such file to ask.", "DuckDB file"),
    ):
        ended = acrm("sql", *options, "select 1")
        assert ended.code == 2
        assert f"Error: {said}" in ended.stderr
        assert to_do in ended.stderr
    no_database.write_text("not a database" * 1000)
    ended = acrm("sql", "--database", no_database, "select 1")
    assert ended.code == 2
    assert "The file cannot be opened." in ended.stderr


def test_plain_dbt_does_the_same_and_one_file_is_for_one_instant(
    shop, acrm, tmp_path, monkeypatch
):
    acrm.passing("build", "--no-publish")
    known = tmp_path / "known.duckdb"
    never = tmp_path / "never.duckdb"

    def build(file, variables=""):
        monkeypatch.setenv("ACRM_DATABASE", str(file))
        Dbt(shop.project, variables=variables).run(["build"])

    def refused(file, variables=""):
        with pytest.raises(InputError) as error:
            build(file, variables)
        return str(error.value)

    build(known, "{as_known_on: 2025-12-01}")
    build(known, "{as_known_on: 2025-12-01T23:59:59.999999}")
    assert "One file is for one instant" in refused(known)
    assert "One file is for one instant" in refused(known, "{as_known_on: 2025-12-02}")
    assert shop.ask(known, LINES) == FIRST
    present = shop.project.root / "target" / "acrm.duckdb"
    assert "One file is for one instant" in refused(
        present, "{as_known_on: 2025-12-01}"
    )
    assert shop.ask(present, LINES) == BOTH
    # two guards: another instant is other code for what incremental models remember
    code = "select code_hash from intermediate.model_state"
    assert shop.ask(known, code) != shop.ask(present, code)
    for given in ("yesterday", "2025-02-30", "2025-12-05T6"):
        assert f"as_known_on is '{given}', which is no date" in refused(
            never, f"{{as_known_on: '{given}'}}"
        )
    assert shop.ask(never, "from duckdb_tables()") == []
