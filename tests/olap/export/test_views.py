"""A view has every row of its fact once, and its sums are those of the engine."""

from __future__ import annotations

import math

import duckdb
import pytest
import yaml

from acrm_olap.errors import DefinitionError
from acrm_olap.export import cube_view, view_files
from acrm_olap.export.contracts import promised_tables, types_of
from acrm_olap.export.files import behind, write_files


@pytest.fixture(scope="module")
def database(star, bound):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{star[0]}' as star (read_only)")
        connection.execute("use star")
        for name, cube in bound.items():
            if not cube.is_virtual:
                sql = cube_view(cube).sql()
                connection.execute(f"create temp view cube_{name} as {sql}")
        yield connection


def rows(database, sql):
    return database.execute(sql).fetchall()


def test_joins_neither_lose_rows_nor_double_them(database):
    own = "from fct_sales where not is_test"
    assert rows(database, "select count(*), sum(net) from cube_sales") == (
        rows(database, f"select count(*), sum(amount) {own}")
    )
    assert rows(database, "select count(distinct sales_key) from cube_sales") == (
        rows(database, f"select count(*) {own}")
    )
    lost = "from cube_sales where customer_region is null"
    assert rows(database, f"select count(*) > 0 {lost}") == [(True,)]


@pytest.mark.parametrize(
    ("measures", "written"),
    [
        (["net", "margin", "lines"], "sum(net), sum(margin), count(lines)"),
        (["web_net", "web_lines"], "sum(web_net), count(web_lines)"),
        (["costed"], "coalesce(sum(costed), 0)"),
        (["customers", "mean"], "count(distinct customers), avg(mean)"),
        (
            ["high", "final"],
            "quantile_cont(high::double, 0.9), arg_max(final, sales_key)",
        ),
        (["weighted", "per_line"], "sum(weighted), sum(net) / count(lines)"),
    ],
)
@pytest.mark.parametrize(
    ("level", "columns"),
    [
        ("customer.region", "customer_region"),
        ("shipped.month", "shipped_month"),
        ("date.quarter", "date_year, date_quarter"),
        ("employee.unit", "employee_unit"),
        ("channel", "channel"),
    ],
)
def test_sums_are_those_of_the_engine(
    database, cubes, measures, written, level, columns
):
    ours = [row[-len(measures) :] for row in _values(cubes, measures, level)]
    theirs = rows(
        database, f"select {written} from cube_sales group by {columns} order by all"
    )
    for one, other in zip(_sorted(ours), _sorted(theirs), strict=True):
        assert one == pytest.approx(other, rel=1e-9)


def _values(cubes, measures, level):
    table = cubes["sales"].query(measures, level).to_arrow().select(measures)
    return [tuple(row.values()) for row in table.to_pylist()]


def _sorted(found):
    return sorted(
        tuple(-math.inf if value is None else float(value) for value in row)
        for row in found
    )


def test_how_a_measure_is_written_is_in_the_description(bound):
    about = cube_view(bound["sales"]).description
    assert "- net = sum(net), of one currency alone: What was paid." in about
    assert "- customers = count(distinct customers), never sum" in about
    assert "- per_line = never sum: net / lines, of the sums" in about
    assert "- never_by_channel = sum(never_by_channel), never added up over ch" in about
    stock = cube_view(bound["stock"]).description
    assert "- closing = sum(closing), of the last date of a period alone" in stock


def test_a_column_says_by_which_aggregate_it_becomes_the_measure(bound):
    said = {each.name: each.about for each in cube_view(bound["sales"]).columns}
    assert said["net"] == "sum(net), of one currency alone: What was paid."
    assert said["lines"] == "count(lines)."
    assert said["customers"] == "count(distinct customers), never sum."
    assert said["mean"] == "avg(mean), never sum."
    assert "per_line" not in said


def test_a_column_called_as_a_word_of_sql_is_quoted(bound, database):
    assert 'fact."order" as product_shelf' in cube_view(bound["stock"]).sql()
    shelves = rows(database, "select distinct product_shelf from cube_stock order by 1")
    assert shelves == [("S0",), ("S1",)]


def test_what_a_view_does_not_show_is_listed(bound):
    told = {(each.cube, each.what) for each in cube_view(bound["sales"]).left_out}
    assert ("sales", "dimension segment") in told
    assert ("sales", "hierarchy employee.reports") in told


# -- as models of the project -------------------------------------------------------

CONTRACT = """
version: 2
models:
  - name: fct_sale
    columns:
      - {name: date_key, data_type: date}
      - {name: amount, data_type: "decimal(18, 2)"}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "fct_sale.yml").write_text(CONTRACT)
    return tmp_path


def test_contracts_are_enough_to_write_views(project):
    with promised_tables(project) as tables:
        assert types_of(tables, "select * from fct_sale") == ["DATE", "DECIMAL(18,2)"]


def test_a_model_is_written_with_its_contract(star, bound):
    with duckdb.connect(str(star[0]), read_only=True) as connection:
        files, left_out = view_files(bound, lambda sql: types_of(connection, sql))
    assert ("turnover", "the view") in {(each.cube, each.what) for each in left_out}
    assert sorted(files) == [
        "cube_plan.sql", "cube_plan.yml", "cube_sales.sql", "cube_sales.yml",
        "cube_stock.sql", "cube_stock.yml",
    ]  # fmt: skip
    assert (
        "{{ ref('fct_sales').include(database=false) }} as fact"
        in (files["cube_sales.sql"])
    )
    (model,) = yaml.safe_load(files["cube_sales.yml"])["models"]
    types = {column["name"]: column["data_type"] for column in model["columns"]}
    assert types["net"] == "decimal(18,2)"
    assert types["customer_region"] == "varchar"
    assert all(column["description"] for column in model["columns"])


def test_views_that_are_behind_are_found(tmp_path, star, bound):
    with duckdb.connect(str(star[0]), read_only=True) as connection:
        files, _ = view_files(bound, lambda sql: types_of(connection, sql))
    assert len(behind(tmp_path / "cubes", files)) == 6
    write_files(tmp_path / "cubes", files)
    assert behind(tmp_path / "cubes", files) == []
    del files["cube_plan.sql"]
    files["cube_stock.sql"] += "-- new\n"
    late = behind(tmp_path / "cubes", files)
    assert late == ["cube_plan.sql", "cube_stock.sql"]


def test_generated_models_are_no_contracts_to_generate_from(project):
    files = {"cube_x.yml": "# Written by acrm from the definitions of the cubes:"}
    files["cube_x.yml"] += " change those, not this.\nmodels: [{name: cube_x}]\n"
    write_files(project / "cubes", files)
    with promised_tables(project) as tables:
        found = tables.execute("select table_name from duckdb_tables()").fetchall()
    assert found == [("fct_sale",)]


def test_a_column_without_a_type_is_refused(project):
    (project / "fct_sale.yml").write_text(CONTRACT.replace(", data_type: date", ""))
    with (
        pytest.raises(DefinitionError, match="'date_key' of 'fct_sale' has no type"),
        promised_tables(project),
    ):
        pass


def test_a_folder_without_contracts_is_refused(tmp_path):
    with (
        pytest.raises(DefinitionError, match="No model there has a contract"),
        promised_tables(tmp_path),
    ):
        pass
