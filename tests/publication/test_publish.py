"""What a published version holds, and when there is none."""

import json
import subprocess
import sys
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pytest
import yaml

from acrm.building.record import BuildRecord, read_record, write_record
from acrm.publication import current_version, list_versions

TABLES = [
    "agg_customer",
    "ctl_freshness",
    "ctl_quarantine",
    "ctl_reconciliation",
    "ctl_run",
    "customer_sales",
    "dim_customer",
    "fct_sales_line",
]


def current(project):
    return project.published / "current"


def test_a_build_that_passes_is_published(published):
    version = current_version(published)
    assert version.number == 1
    assert [table.name for table in version.tables] == TABLES
    assert current(published).readlink().as_posix() == "versions/000001"


def test_the_manifest_tells_rows_bytes_and_the_data(published):
    manifest = json.loads((current(published) / "manifest.json").read_text())
    database = current(published) / "acrm.duckdb"
    rows = {table["name"]: table["rows"] for table in manifest["tables"]}
    assert manifest["version"] == 1
    assert rows["fct_sales_line"] == 1000
    assert rows["dim_customer"] == 8
    assert manifest["database_bytes"] == database.stat().st_size
    assert manifest["data_through"] == {"shop": "2026-01-30T00:00:00"}
    assert manifest["audit"]["tests_passed"] == 4
    assert manifest["audit"]["totals_reconciled"] == 1
    assert manifest["run_id"] == manifest["audit"]["run_id"] != ""
    assert manifest["duckdb_version"] == duckdb.__version__
    for table in manifest["tables"]:
        part = current(published) / "parquet" / table["name"] / "part-0.parquet"
        assert part.stat().st_size == table["bytes"]


def test_every_published_file_is_read_only(published):
    files = [path for path in current(published).rglob("*") if path.is_file()]
    assert len(files) == len(TABLES) + 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}


def test_nothing_unfinished_is_left(published):
    assert list(published.tmp.iterdir()) == []


def test_the_published_file_is_the_build_file(small, acrm):
    acrm.passing("build", "--no-publish")
    built = small.database.stat().st_ino
    with duckdb.connect(str(small.database), read_only=True) as build:
        expected = build.execute("select * from fct_sales_line").fetchall()
    acrm.passing("publish")
    database = current(small) / "acrm.duckdb"
    assert database.stat().st_ino == built
    with duckdb.connect(str(database), read_only=True) as published:
        got = published.execute("select * from fct_sales_line").fetchall()
    assert got == expected
    assert [row[0] for row in got[:3]] == [30, 60, 90]


def test_views_are_published_as_tables_that_stand_alone(published):
    with duckdb.connect(
        str(current(published) / "acrm.duckdb"), read_only=True
    ) as copy:
        kinds = copy.execute(
            "select distinct schema_name, 'table' from duckdb_tables()"
            " union all"
            " select schema_name, 'view' from duckdb_views() where not internal"
        ).fetchall()
        lines = copy.execute("select sum(order_lines) from customer_sales").fetchall()
    assert kinds == [("main", "table")]
    assert lines == [(1000,)]


def test_comments_and_not_null_come_along(published):
    with duckdb.connect(
        str(current(published) / "acrm.duckdb"), read_only=True
    ) as copy:
        comments = dict(
            copy.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
        columns = copy.execute(
            "select column_name, comment, is_nullable from duckdb_columns()"
            " where table_name = 'fct_sales_line' order by column_index"
        ).fetchall()
        (of_a_view,) = copy.execute(
            "select comment from duckdb_columns()"
            " where table_name = 'customer_sales' and column_name = 'order_lines'"
        ).fetchall()[0]
    assert comments["fct_sales_line"] == ("One row per line; it's what the shop sold.")
    assert comments["customer_sales"] == "One row per customer who bought."
    assert [(name, text or None, empty) for name, text, empty in columns] == [
        ("line_number", "Number of the line, from 1.", False),
        ("customer_key", None, True),
        ("order_date", None, True),
        ("amount", 'Price paid ("gross"), in EUR.', True),
    ]
    assert of_a_view == "How many lines."


READ_BACK = """
import duckdb, sys
assert duckdb.__version__ == "1.5.5", duckdb.__version__
with duckdb.connect(sys.argv[1], read_only=True) as copy:
    print(copy.execute("select count(*), sum(amount) from fct_sales_line").fetchall())
    print(copy.execute("select count(*), sum(amount) from read_parquet(?)",
                       [sys.argv[2]]).fetchall())
"""


def test_the_older_duckdb_reads_the_file_and_the_parquet(published, older_duckdb):
    version = current(published)
    ended = subprocess.run(
        [
            *(sys.executable, "-c", READ_BACK, str(version / "acrm.duckdb")),
            str(version / "parquet" / "fct_sales_line" / "*.parquet"),
        ],
        env=older_duckdb,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "[(1000, Decimal('124875.00'))]\n" * 2


def test_pandas_and_polars_read_the_parquet_without_loss(published):
    folder = current(published) / "parquet"
    by_pandas = pd.read_parquet(folder / "fct_sales_line", dtype_backend="pyarrow")
    by_polars = pl.read_parquet(folder / "fct_sales_line" / "*.parquet")
    assert by_pandas["amount"].sum() == Decimal("124875.00")
    assert by_polars["amount"].sum() == Decimal("124875.00")
    assert by_polars.schema["amount"] == pl.Decimal(18, 2)
    assert by_polars["line_number"].to_list() == by_pandas["line_number"].to_list()


def test_sums_of_integers_stay_integers_in_parquet(published):
    """DuckDB itself would write HUGEINT as a rounded double."""
    part = current(published) / "parquet" / "agg_customer" / "part-0.parquet"
    sums = pl.read_parquet(part)["line_numbers"]
    assert sums.dtype == pl.Decimal(38, 0)
    assert sums.sum() == 500500


def test_a_build_that_was_held_back_is_published_as_it_was_built(rebuilt, acrm):
    built = read_record(rebuilt.database)
    ended = acrm.passing("publish")
    assert "Published version 2: 8 tables, 1,028 rows" in ended.stdout
    first, second = list_versions(rebuilt)
    assert first.tables == second.tables
    assert (second.built_at, second.run_id) == (built.started_at, built.run_id)
    assert second.audit["run_id"] != second.run_id
    assert second.generation == first.generation


def test_only_the_last_versions_are_kept_but_always_the_one_in_use(published, acrm):
    acrm.passing("build")
    acrm.passing("build")
    acrm.passing("rollback", "1")
    ended = acrm.passing("build", "--keep", "2")
    # Readers were on version 1 until this publication.
    assert "Removed old versions: 1, 2." in ended.stdout
    assert [version.number for version in list_versions(published)] == [3, 4]


def test_a_version_that_readers_see_is_never_removed(published):
    from acrm.publication.rollback import roll_back
    from acrm.publication.upkeep import prune

    versions = published.published / "versions"
    for number in (2, 3, 4):
        (versions / f"{number:06d}").mkdir()
        manifest = (versions / "000001" / "manifest.json").read_text()
        (versions / f"{number:06d}" / "manifest.json").write_text(
            manifest.replace('"version": 1', f'"version": {number}')
        )
        (versions / f"{number:06d}" / "acrm.duckdb").touch()
    roll_back(published, 2)
    assert prune(published, keep=1) == (1, 3)
    assert sorted(path.name for path in versions.iterdir()) == ["000002", "000004"]


def test_keeping_no_version_is_refused(acrm):
    ended = acrm("publish", "--keep", "0")
    assert ended.code == 2
    assert "Cannot keep 0 versions" in ended.stderr


def test_a_total_that_differs_from_its_source_is_not_published(published, acrm):
    ended = acrm("build", "--vars", "{lost_amount: 0.01}")
    assert ended.code == 1
    assert "shop 2026-01-30 amount: source 124875.00, facts 124874.99" in ended.stderr
    assert "Readers see version 1." in ended.stderr
    assert current_version(published).number == 1
    assert list(published.tmp.iterdir()) == []


def test_publish_runs_the_tests_again(rebuilt, acrm):
    with duckdb.connect(str(rebuilt.database)) as build:
        build.execute("update fct_sales_line set customer_key = 99 where amount = 1")
    ended = acrm("publish")
    assert ended.code == 1
    assert "relationships_fct_sales_line_customer_key" in ended.stderr
    assert "on fct_sales_line.customer_key: 1 row" in ended.stderr
    assert current_version(rebuilt).number == 1


def test_a_failed_build_is_not_published_afterwards(published, acrm):
    assert acrm("build", "--vars", "{least_amount: 1}").code == 1
    ended = acrm("publish")
    assert ended.code == 2
    assert "The last build failed, so the build file may not be published" in (
        ended.stderr
    )
    acrm.passing("build", "--select", "fct_sales_line")
    assert acrm("publish").code == 2, "a part does not make the rest whole"
    acrm.passing("build")
    assert current_version(published).number == 2


def test_a_build_that_was_killed_is_not_published(rebuilt, acrm):
    write_record(
        rebuilt.database, BuildRecord("", "2026-02-01T00:00:00", "running", False)
    )
    ended = acrm("publish")
    assert ended.code == 2
    assert "did not end: it was interrupted" in ended.stderr


def test_without_a_build_there_is_nothing_to_publish(small, acrm):
    ended = acrm("publish")
    assert ended.code == 2
    assert "There is no build to publish" in ended.stderr
    assert "acrm build" in ended.stderr
    assert not small.published.exists()


def test_a_build_file_without_tables_is_refused(small, acrm):
    small.database.parent.mkdir()
    duckdb.connect(str(small.database)).close()
    for test in (small.root / "tests" / "dbt").iterdir():
        test.unlink()
    for marts in (small.root / "models" / "marts").glob("*.yml"):
        marts.unlink()
    ended = acrm("publish")
    assert ended.code == 2
    assert "The build file holds no table of this project" in ended.stderr
    assert current_version(small) is None


def test_what_no_model_builds_any_more_is_left_out_and_named(rebuilt, acrm):
    with duckdb.connect(str(rebuilt.database)) as build:
        build.execute("create table fct_of_old as select 1 as a")
    ended = acrm.passing("publish")
    assert "Left out, because no model builds it: fct_of_old" in ended.stderr
    version = current_version(rebuilt)
    assert version.left_out == ("fct_of_old",)
    assert [table.name for table in version.tables] == TABLES


def test_a_view_that_changes_from_query_to_query_is_not_published(published, acrm):
    view = published.root / "models" / "marts" / "customer_sales.sql"
    view.write_text(
        '{{ config(materialized="view") }}\n'
        "select range as customer_key, 1 as order_lines from range(100000)\n"
        "where random() < 0.5\n"
    )
    ended = acrm("build")
    assert ended.code == 1
    assert "The view customer_sales cannot be published" in ended.stderr
    assert "Its rows change from query to query" in ended.stderr
    assert current_version(published).number == 1


def test_the_build_may_have_any_file_name(small, acrm, tmp_path, monkeypatch):
    monkeypatch.setenv("ACRM_DATABASE", str(tmp_path / "published_copy.duckdb"))
    acrm.passing("build")
    assert current_version(small).rows == 1028


def test_every_switch_is_noted(published, acrm):
    acrm.passing("build")
    lines = (published.published / "switches.jsonl").read_text().splitlines()
    switches = [yaml.safe_load(line) for line in lines]
    assert [(each["from_version"], each["to_version"]) for each in switches] == [
        (None, 1),
        (1, 2),
    ]


@pytest.mark.parametrize("text", ["{", '{"version": 1}', '{"version": 1, "tables": 3}'])
def test_a_broken_manifest_is_one_message(published, acrm, text):
    manifest = current(published) / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(text)
    ended = acrm("versions")
    assert ended.code == 2
    assert "The manifest of version 1 cannot be read" in ended.stderr
