"""Each cube is a view in what readers get: right sums, comments, and no table."""

import duckdb
import pytest

from acrm.publication import build_file, compaction, cube_views, current_version
from acrm_olap import connect

CUBE = """\
cube: sales
description: One row is one line.
fact: fct_sales_line
key: line_number
dimensions:
  customer: {levels: {customer: customer_key}}
measures:
  net: {sum: amount, description: What was paid.}
  lines: {count: "*"}
  customers: {count_distinct: customer_key}
  per_line: {expression: net / lines}
"""


@pytest.fixture
def cube(published):
    """The definition of a cube over the published project."""
    contract = published.root / "models" / "marts" / "customer_sales.yml"
    text = contract.read_text()
    contract.write_text(
        text.replace("order_lines\n", "order_lines\n        data_type: bigint\n")
    )
    path = published.root / "olap" / "cubes" / "sales.yml"
    path.parent.mkdir(parents=True)
    path.write_text(CUBE)
    return path


def relations(project):
    with duckdb.connect(
        project.published / "current" / "acrm.duckdb", read_only=True
    ) as (reader):
        return dict(
            reader.execute(
                "select table_name, table_type from information_schema.tables"
                " where table_name like 'cube%'"
            ).fetchall()
        )


def test_a_view_stays_a_view_and_its_sums_are_those_of_the_cube(
    published, cube, acrm, monkeypatch
):
    monkeypatch.setattr(compaction, "reason_to_compact", lambda *_: "for the test")
    aggregate = published.root / "models" / "marts" / "agg_customer.sql"
    tag = "{{ config(tags=['aggregates']) }}\n"
    aggregate.write_text(tag + aggregate.read_text())
    acrm.passing("build")
    assert current_version(published).left_out == ()
    assert relations(published) == {"cube_sales": "VIEW"}
    file = published.published / "current" / "acrm.duckdb"
    with connect(file, published.root / "olap") as cubes:
        ((_, meant, _),) = cubes["sales"].query("net").cells()
    asked = acrm.passing("sql", "select sum(net) as net from cube_sales")
    assert str(meant[0]) in asked.stdout
    copies = published.published / "current" / "parquet"
    assert "dim_customer" in {path.name for path in copies.iterdir()}
    assert "agg_customer" not in {path.name for path in copies.iterdir()}
    # the same in a file of another name, beside a table of the same name
    with duckdb.connect() as other:
        other.execute("create table fct_sales_line as select 0 as amount")
        other.execute(f"attach '{file.resolve()}' as warehouse (read_only)")
        found = other.execute("select sum(net) from warehouse.cube_sales").fetchall()
        assert found == [(meant[0],)]
        comments = other.execute(
            "select column_name, comment from duckdb_columns()"
            " where table_name = 'cube_sales' and comment is not null"
        ).fetchall()
        ((about,),) = other.execute(
            "select comment from duckdb_views() where view_name = 'cube_sales'"
        ).fetchall()
    said = dict(comments)
    assert said["net"] == "sum(net): What was paid."
    assert said["customers"] == "count(distinct customers), never sum."
    assert "- per_line = never sum: net / lines, of the sums" in about
    # the next night begins with that file; a cube that is gone leaves no view
    cube.write_text(CUBE.replace("cube: sales", "cube: lines"))
    acrm.passing("build")
    assert relations(published) == {"cube_lines": "VIEW"}
    assert current_version(published).left_out == ()
    missing = acrm("sql", "select 1 from cube_line")
    assert "Did you mean cube_lines" in missing.stderr


def test_a_definition_that_cannot_be_used_is_refused_before_the_build(
    published, cube, acrm
):
    cube.write_text(CUBE.replace("sum: amount", "sum: amuont"))
    before = sorted((published.root / "logs").rglob("*"))
    ended = acrm("build")
    assert ended.code == 2
    assert "amuont" in ended.stderr
    assert "Did you mean 'amount'" in ended.stderr
    assert f"{cube}, line 8" in ended.stderr
    assert current_version(published).number == 1
    assert sorted((published.root / "logs").rglob("*")) == before


def test_a_night_makes_only_views_again_that_would_be_others(
    published, cube, acrm, monkeypatch
):
    made = []
    put = cube_views._put

    def noted(connection, view, code):
        made.append(view.name)
        put(connection, view, code)

    monkeypatch.setattr(cube_views, "_put", noted)
    for changes in (False, False, True):
        if changes:
            cube.write_text(CUBE.replace("What was paid.", "What came in."))
        acrm.passing("build")
        assert relations(published) == {"cube_sales": "VIEW"}
        assert made == ["cube_sales"] * (2 if changes else 1)
    file = published.published / "current" / "acrm.duckdb"
    other = published.tmp / "other.duckdb"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(file.read_bytes())
    views = cube_views.Views(published)
    with build_file.opened(other, published.tmp) as connection:
        standing, missing = cube_views.keep_standing(connection, views)
        assert standing == {"cube_sales"}
        assert missing == ()
        connection.execute("alter table fct_sales_line alter amount type double")
        standing, missing = cube_views.keep_standing(connection, views)
        assert standing == frozenset()
        assert [view.name for view in missing] == ["cube_sales"]


@pytest.mark.usefixtures("cube")
def test_a_view_that_the_build_file_cannot_answer_is_told_while_it_can_be_published(
    published,
):
    views = cube_views.Views(published)
    file = published.published / "current" / "acrm.duckdb"
    with build_file.opened(file, published.tmp, read_only=True) as connection:
        # of before the cube
        standing, missing = cube_views.keep_standing(connection, views)
        assert standing == frozenset()
        assert [view.name for view in missing] == ["cube_sales"]
        other = duckdb.connect()
        other.execute("create table fct_sales_line as select 1 as line_number")
        with pytest.raises(cube_views.RunError, match="cube_sales cannot be made"):
            cube_views.keep_standing(other, views)
