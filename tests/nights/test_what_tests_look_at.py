"""A test that passed looks at the rows since; what is wrong in them is found."""

from __future__ import annotations

import duckdb
import pytest
from company import Company
from warehouse import Warehouse, silent

from acrm.building.outcome import Outcome, read_outcome
from acrm.example import Settings, make_company
from acrm.project import DATABASE_VARIABLE

pytestmark = pytest.mark.slow

UNIQUE = "unique_fct_sales_line_sales_line_key"
RESOLVES = "keys_of_fct_sales_line_resolve"
NAMES = "assert_a_line_shows_the_durable_id_of_its_version"
TOTALS = "assert_fact_totals_are_those_of_the_facts"
MONTHS = "assert_customer_months_add_up_to_sales_lines"
TESTS = [UNIQUE, RESOLVES, NAMES]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Warehouse:
    folder = tmp_path_factory.mktemp("tested")
    make_company(Settings(500, 200, 3, daily=2, lines=30.0), folder / "made", silent)
    warehouse = Warehouse.of(Company.create(folder / "project").folder)
    warehouse.load(folder / "made" / "initial")
    warehouse.build()
    return warehouse


@pytest.fixture
def warehouse(built, tmp_path) -> Warehouse:
    """A copy of the build file as it is, so that each test may spoil its own."""
    database = tmp_path / "acrm.duckdb"
    database.write_bytes(built.database.read_bytes())
    return Warehouse(built.project, database, built.dbt)


def failing(warehouse: Warehouse, *names: str) -> set[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_VARIABLE, str(warehouse.database))
        ran = warehouse.dbt.run(["test", "--select", *(names or TESTS)])
    outcome: Outcome = read_outcome(ran, warehouse.project.root)
    tests = {node.name for node in outcome.nodes if node.kind == "test"}
    assert tests == set(names or TESTS)
    return {node.name for node in outcome.failed}


def spoil(warehouse: Warehouse, *statements: str) -> None:
    with duckdb.connect(str(warehouse.database)) as connection:
        for statement in statements:
            connection.execute(statement)


def copies(loaded_at: str, **other: str) -> str:
    """Return SQL that puts one line in twice, with other values in some columns."""
    columns = {"loaded_at": loaded_at} | other
    changes = ", ".join(f"{value} as {name}" for name, value in columns.items())
    return (
        f"insert into fct_sales_line select * replace ({changes})"
        " from fct_sales_line where customer_key > 0"
        " order by sales_line_key limit 1"
    )


def test_a_key_that_comes_again_in_a_new_row_is_found(warehouse):
    assert failing(warehouse) == set()
    spoil(warehouse, copies("loaded_at + interval 1 day"))
    assert failing(warehouse) == {UNIQUE}


def test_what_failed_fails_until_it_is_mended(warehouse):
    assert failing(warehouse) == set()
    spoil(warehouse, copies("loaded_at + interval 1 day", customer_key="12345"))
    assert failing(warehouse) == {UNIQUE, RESOLVES}
    assert failing(warehouse) == {UNIQUE, RESOLVES}
    spoil(warehouse, "delete from fct_sales_line where customer_key = 12345")
    assert failing(warehouse) == set()


def test_old_rows_are_looked_at_again_where_keys_were_set_anew(warehouse):
    assert failing(warehouse) == set()
    spoil(warehouse, copies("loaded_at", customer_key="12345"))
    assert failing(warehouse) == set()  # nobody but us writes rows of old loads
    spoil(
        warehouse,
        "insert into intermediate.changed_day"
        " select 'fct_sales_line', date_key, true,"
        " loaded_at + interval 1 day"
        " from fct_sales_line where customer_key = 12345",
    )
    assert failing(warehouse) == {UNIQUE, RESOLVES}


def test_a_rebuilt_model_and_a_test_that_never_passed_are_looked_at_whole(warehouse):
    spoil(warehouse, copies("loaded_at"))
    assert failing(warehouse, UNIQUE) == {UNIQUE}
    assert failing(warehouse, NAMES) == set()
    spoil(
        warehouse,
        "delete from fct_sales_line"
        " where rowid = (select max(rowid) from fct_sales_line)",
        copies("loaded_at", product_id="'example:nobody'"),
        "insert into intermediate.changed_day"
        " values ('fct_sales_line', null, true, timestamp '2100-01-01')",
    )
    assert failing(warehouse, NAMES) == {NAMES}


def test_totals_are_counted_at_night_and_added_up_for_a_publication(warehouse):
    assert failing(warehouse, TOTALS) == set()
    spoil(
        warehouse,
        "update fct_sales_line set net_amount = net_amount + 1"
        " where rowid = (select max(rowid) from fct_sales_line)",
    )
    assert failing(warehouse, TOTALS) == set()  # nobody but us writes
    spoil(warehouse, "delete from intermediate.test_state")
    assert failing(warehouse, TOTALS) == {TOTALS}


def test_a_row_that_is_lost_is_missing_in_the_totals_at_once(warehouse):
    assert failing(warehouse, TOTALS) == set()
    spoil(
        warehouse,
        "delete from fct_sales_line"
        " where rowid = (select max(rowid) from fct_sales_line)",
    )
    assert failing(warehouse, TOTALS) == {TOTALS}


def test_months_are_added_up_again_where_lines_changed(warehouse):
    assert failing(warehouse, MONTHS) == set()
    spoil(warehouse, copies("loaded_at"))
    assert failing(warehouse, MONTHS) == set()  # nobody but us writes
    spoil(
        warehouse,
        "insert into intermediate.changed_day"
        " select 'fct_sales_line', date_key, false, loaded_at + interval 1 day"
        " from fct_sales_line where customer_key > 0"
        " order by sales_line_key limit 1",
    )
    assert failing(warehouse, MONTHS) == {MONTHS}
