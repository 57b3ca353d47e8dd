"""Aggregates of facts that note their changes: units of time are done again alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cubes_for_tests import promise_tables
from jinja2 import Environment
from star import FILES, engine_over, make_star, write_files

from acrm_olap.aggregates.build import select_of
from acrm_olap.aggregates.models import model_files
from acrm_olap.aggregates.units import GroupedBy, Units, facts_by_day, units_of
from acrm_olap.sql.terms import DIALECT

COMPLETE = FILES["cubes/sales.yml"].replace(
    "product: product_key", "product: {key: product_key, complete: true}"
)
# A product that no dimension has would not be promised.
PROMISED = "update fct_sales set product_key = 0 where product_key = 99"


@pytest.fixture
def project(tmp_path):
    """A project with the star's marts; of its facts the sales note their changes."""
    write_files(tmp_path / "olap", FILES | {"cubes/sales.yml": COMPLETE})
    marts = tmp_path / "models" / "marts"
    with make_star() as connection:
        promise_tables(connection, marts)
    (marts / "fct_sales.sql").write_text("{{ config(materialized='incremental') }}")
    (marts / "fct_stock.sql").write_text("select 1")
    note = tmp_path / "macros" / "units_to_redo.sql"
    note.parent.mkdir()
    note.write_text("{# notes #}")
    return tmp_path


@pytest.fixture
def tables(project):
    """The tables of all aggregates, by name."""
    with make_star() as connection:
        connection.execute(PROMISED)
        engine = engine_over(connection, project / "olap")
        yield {
            table.name: table for every in engine.aggregates.values() for table in every
        }


def units(project, table):
    return units_of(table, select_of(table), facts_by_day(project))


def test_the_unit_is_the_day_where_its_key_is_kept_and_else_a_level_of_it(
    project, tables
):
    assert units(project, tables["agg_sales__who"]) == Units(
        "fct_sales", "date_key", {"date_key": "date_key"}, "", "", {}
    )
    month = units(project, tables["agg_sales__month"])
    assert month == Units(
        "fct_sales",
        "date_key",
        {"date_month": "month_key"},
        "dim_date",
        "date_key",
        {
            "dim_date": GroupedBy("date_key", ("month_key",), ("date_key",)),
            "dim_customer": GroupedBy("customer_key", ("region",), ("customer_key",)),
            "dim_product": GroupedBy("product_key", ("category",), ("product_key",)),
        },
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("agg_stock__category", "fct_stock does not note on which days"),
        ("agg_sales__month", "not every row is promised to have a member of product"),
    ],
)
def test_what_cannot_be_told_is_a_whole_table_and_says_why(project, table, reason):
    write_files(project / "olap", FILES)
    text = model_files(project)[Path(f"models/marts/aggregates/{table}.sql")]
    told = " ".join(text.split())
    assert f"A whole table, not incremental: {reason}" in told
    assert "is_incremental" not in text


def test_without_the_macros_that_note_changes_every_table_is_whole(project, tables):
    (project / "macros" / "units_to_redo.sql").unlink()
    for table in tables.values():
        assert isinstance(units(project, table), str)


def rendered(text, again):
    """A model as dbt would run it in a night, with what is to do again."""
    template = Environment(autoescape=True).from_string(text)  # it writes no HTML
    given = {
        "ref": lambda name: f"main.{name}",
        "config": lambda **_: "",
        "is_incremental": lambda: True,
        "units_to_redo": lambda _day: again,
    }
    return template.render(given).replace("&#39;", "'")


def again(connection, unit, days):
    """Units that changed days lie in, as the macros give them."""
    connection.execute("create or replace temp table days (day date)")
    connection.executemany("insert into days values (?)", [[each] for each in days])
    (column,) = unit.columns
    source = unit.columns[column]
    connection.execute(
        f"create or replace temp table hit as select date_key as day, {source} as"
        f" {column} from dim_date where {source} in (select {source} from dim_date"
        " where date_key in (from days))"
    )
    return {
        "only": "fact.date_key in (select day from hit)",
        "units": f"(select distinct {column} from hit)",
    }


def test_units_done_again_leave_what_a_whole_table_has(project, tables):
    name = "agg_sales__month"  # it keeps the least of what cannot be taken away
    table = tables[name]
    unit = units(project, table)
    text = model_files(project)[Path(f"models/marts/aggregates/{name}.sql")]
    whole = select_of(table).sql(DIALECT)
    draw = random.Random(3)  # noqa: S311
    with make_star() as connection:
        connection.execute(PROMISED)
        connection.execute(f"create table {name} as {whole}")
        (column,) = unit.columns
        for _ in range(5):
            lines = [(draw.randrange(300),) for _ in range(4)]
            changed = connection.execute(
                "select distinct date_key from fct_sales where line_id in"
                f" ({', '.join(str(line) for (line,) in lines)})"
            ).fetchall()
            connection.executemany("delete from fct_sales where line_id = ?", lines[:1])
            connection.executemany(
                "update fct_sales set amount = amount + 1, basket = basket + 1"
                " where line_id = ?",
                lines[1:],
            )
            redo = again(connection, unit, [day for (day,) in changed])
            connection.execute(
                f"create or replace temp table news as {rendered(text, redo)}"
            )
            # what the strategy by_record does of units
            connection.execute(
                f"delete from {name} where {column} in"
                f" (select {column} from news where row_count is null)"
            )
            rest = connection.execute(f"select count(*) from {name}").fetchall()
            assert rest[0][0] > 0
            connection.execute(
                f"insert into {name} from news where row_count is not null"
            )
            both = connection.execute(
                f"select count(*) from ((from {name} except all from ({whole}))"
                f" union all (from ({whole}) except all from {name}))"
            ).fetchall()
            assert both == [(0,)]
