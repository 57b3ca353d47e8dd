"""A small star with all that an aggregate table could get wrong."""

from __future__ import annotations

from pathlib import Path

import duckdb

from acrm_olap.aggregates import select_of
from acrm_olap.definitions import read_definitions
from acrm_olap.running import Database, Engine
from acrm_olap.sql.terms import DIALECT

TABLES = """
create table dim_date as
select
    d::date as date_key, year(d)::integer as yr, quarter(d)::integer as qtr,
    strftime(d, '%Y-%m') as month_key, strftime(d, '%G-W%V') as week_key
from range(date '2023-01-01', date '2026-01-01', interval 1 day) as t(d);
create table dim_customer as
select * from (values
    (1, 'A', 'Ann', 'North', 'Porto', timestamp '1900-01-01', timestamp '2024-06-01'),
    (2, 'A', 'Ann', 'South', 'Faro', timestamp '2024-06-01', timestamp '9999-12-31'),
    (3, 'B', 'Bob', 'North', 'Braga', timestamp '1900-01-01', timestamp '9999-12-31'),
    (4, 'C', 'Cid', null, null, timestamp '1900-01-01', timestamp '9999-12-31')
) as t(customer_key, customer_id, name, region, town, valid_from, valid_to);
create table dim_product as
select
    p as product_key, 'P' || p as product_id, 'Product ' || p as product_name,
    'C' || p % 5 as category, case when p % 5 < 3 then 'Food' else 'Home' end as area,
    p % 3 as shelf
from range(12) as t(p);
create table dim_employee as
select * from (values (1, null, 'Boss'), (2, 1, 'Mid'), (3, 2, 'Low'), (4, 1, 'Other'))
    as t(employee_id, boss, full_name);
create table fct_sales as
select
    i as line_id,
    date '2023-01-15' + (i * 3)::integer as date_key,
    case
        when i % 3 = 0 then 3
        when i % 7 = 0 then 4
        when date '2023-01-15' + (i * 3)::integer < date '2024-06-01' then 1
        else 2
    end as customer_key,
    case when i % 11 = 0 then 99 else i % 12 end as product_key,
    i % 4 + 1 as employee_id,
    case when i % 3 = 0 then 'web' when i % 13 = 0 then null else 'store' end
        as channel,
    case when i % 3 = 0 then 2 else 1 end as channel_rank,
    i % 17 as basket,
    case when i % 40 = 39 then 'USD' else 'EUR' end as currency,
    case when i % 19 <> 0 then (i % 10 + 1)::decimal(18, 2) end as amount,
    (i % 5)::integer as pieces,
    i % 23 = 0 as cancelled
from range(300) as t(i);
create table fct_stock as
select d::date as date_key, p as product_key, (day(d) + p)::integer as pieces
from range(date '2024-01-01', date '2024-08-11', interval 1 day) as t(d),
    range(4) as x(p)
where not (p = 2 and day(d) > 25);
"""

FILES = {
    "dimensions/date.yml": """
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
levels:
  year: {key: yr, period: year}
  quarter: {key: [yr, qtr], period: quarter}
  month: {key: month_key, period: month}
  week: {key: week_key, period: week}
  day: {key: date_key, period: day}
hierarchies:
  calendar: [year, quarter, month, day]
  weeks: [week, day]
""",
    "dimensions/customer.yml": """
dimension: customer
table: dim_customer
key: customer_key
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  region: region
  town: town
  customer: {key: customer_id, label: name}
hierarchies:
  geography: [region, town, customer]
""",
    "dimensions/product.yml": """
dimension: product
table: dim_product
key: product_key
levels:
  area: area
  category: category
  shelf: shelf
  product: {key: product_id, label: product_name, order: product_key}
hierarchies:
  range: [area, category, product]
""",
    "dimensions/employee.yml": """
dimension: employee
table: dim_employee
key: employee_id
levels:
  employee: {key: employee_id, label: full_name}
hierarchies:
  reports: {level: employee, parent: boss}
""",
    "cubes/sales.yml": """
cube: sales
fact: fct_sales
where: not cancelled
time: date
dimensions:
  date: {key: date_key, complete: true}
  customer: {key: customer_key, complete: true}
  product: product_key
  employee: employee_id
  channel: {levels: {channel: {key: channel, order: channel_rank}}}
  currency: {levels: {currency: currency}}
measures:
  net: {sum: amount, unit: EUR}
  pieces: {sum: pieces}
  value: {sum: amount, unit: "@currency"}
  doubled: {sum: pieces * 2}
  lines: {count: "*"}
  priced: {count: amount}
  web_net: {sum: amount, filter: "channel = 'web'"}
  web_lines: {count: "*", filter: "channel = 'web'"}
  mean: {avg: amount}
  least: {min: amount}
  most: {max: amount, filter: "pieces > 1"}
  opening_price: {first: amount, by: date_key}
  closing_price: {last: amount, by: date_key}
  customers: {count_distinct: customer_key}
  baskets: {count_distinct: basket}
  web_baskets: {count_distinct: basket, filter: "channel = 'web'"}
  about_baskets: {approx_count_distinct: basket}
  middle: {median: amount}
  per_line: {expression: net / lines}
  share_web: {expression: web_net / net}
aggregates:
  month:
    levels: [date.month, customer.region, product.category, channel]
    measures: &sums [net, pieces, value, doubled, lines, priced, web_net, web_lines,
      mean, least, most, opening_price, closing_price, per_line, share_web]
  day:
    keys: [date]
    levels: [product.product, currency, employee.employee]
    measures: *sums
  who:
    keys: [date, customer]
    levels: [channel]
    measures: [net, lines, customers, baskets, web_baskets, about_baskets]
""",
    "cubes/stock.yml": """
cube: stock
fact: fct_stock
time: date
dimensions:
  date: date_key
  product: product_key
measures:
  stock: {sum: pieces, over: {date: closing}}
  opening_stock: {sum: pieces, over: {date: opening}}
  mean_stock: {sum: pieces, over: {date: average}}
  counted: {count: "*"}
aggregates:
  category:
    keys: [date]
    levels: [product.category]
    measures: [stock, opening_stock, mean_stock, counted]
  monthly:
    levels: [date.month, product.category]
    measures: [stock, counted]
""",
    "cubes/both.yml": """
virtual_cube: both
cubes: [sales, stock]
measures:
  turn: {expression: sales.pieces / stock}
""",
}  # fmt: skip


def write_files(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write the definitions of the star; return their folder."""
    for name, text in (FILES if files is None else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def make_star() -> duckdb.DuckDBPyConnection:
    """Return a connection with the star, without aggregate tables."""
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


def build(connection: duckdb.DuckDBPyConnection, engine: Engine) -> None:
    """Make the aggregate tables of all cubes."""
    for tables in engine.aggregates.values():
        for table in tables:
            sql = select_of(table).sql(DIALECT)
            connection.execute(f"create or replace table {table.name} as {sql}")


def engine_over(
    connection: duckdb.DuckDBPyConnection, folder: Path, **more: object
) -> Engine:
    """Return an engine over a connection."""
    return Engine(Database(connection, "star"), read_definitions([folder]), **more)
