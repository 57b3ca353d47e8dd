"""The cubes of the example star, and a star with holes."""

from __future__ import annotations

import duckdb
import pytest

from acrm_olap import connect
from acrm_olap.api.example import make_example

HOLES = """
create table dim_date as
select d::date as date_key, year(d)::integer as year, strftime(d, '%Y-%m') as month_key
from range(date '2024-01-01', date '2026-01-01', interval 1 day) as t(d);
create table fct_visits as
from (values
    (date '2024-01-05', 'North', 2, 4.00::decimal(18, 2)),
    (date '2024-02-05', 'North', 0, 0.00::decimal(18, 2)),
    (date '2025-01-05', 'North', 1, 3.00::decimal(18, 2)),
    (date '2025-01-06', '<b>South</b>', null, null),
    (date '2025-12-31', null, 5, 1.00::decimal(18, 2))
) as t(date_key, region, visits, spent);
"""
VISITS = """\
cube: visits
caption: Visits & spending
fact: fct_visits
time: date
dimensions:
  date: {key: date_key, complete: true}
  store: {levels: {region: region}}
measures:
  visits: {sum: visits, format: "#,##0"}
  spent: {sum: spent, unit: EUR, format: "#,##0.00"}
  per_visit: {expression: spent / visits, unit: EUR, format: "0.00"}
"""
DATE = """\
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
levels:
  year: {key: year, period: year}
  month: {key: month_key, period: month}
  day: {key: date_key, period: day}
hierarchies: {calendar: [year, month, day]}
"""


@pytest.fixture(scope="session")
def sales(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    with connect(make_example(folder), folder / "olap") as cubes:
        yield cubes["sales"]


@pytest.fixture(scope="session")
def visits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("holes")
    (folder / "visits.yml").write_text(VISITS, encoding="utf-8")
    (folder / "date.yml").write_text(DATE, encoding="utf-8")
    with duckdb.connect(str(folder / "visits.duckdb")) as connection:
        connection.execute(HOLES)
    with connect(folder / "visits.duckdb", folder) as cubes:
        yield cubes["visits"]
