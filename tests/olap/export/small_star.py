"""A shop with all that exports must say or leave out: its tables, its definitions."""

from __future__ import annotations

from pathlib import Path

import duckdb

TABLES = """
create table dim_date as
select
    day::date as date_key, year(day)::integer as calendar_year,
    quarter(day)::integer as quarter_number, strftime(day, '%Y-%m') as month_key,
    false as is_unknown
from range(date '2024-01-01', date '2026-01-01', interval 1 day) t(day)
union all select date '1900-01-01', 1900, 1, '1900-01', true;

create table dim_customer as
select * from (values
    (1, 'A', 'Ann', 'North', date '1900-01-01', date '2024-06-01'),
    (2, 'A', 'Ann', 'South', date '2024-06-01', date '9999-12-31'),
    (3, 'B', 'Bob', 'North', date '1900-01-01', date '9999-12-31'),
    (4, 'C', 'Bob', 'South', date '1900-01-01', date '9999-12-31')
) t(customer_key, customer_id, name, region, valid_from, valid_to);

create table dim_segment_span as
select * from (values
    ('A', 'gold', date '1900-01-01', date '2024-03-01'),
    ('A', 'tin', date '2024-03-01', date '9999-12-31'),
    ('B', 'tin', date '1900-01-01', date '9999-12-31')
) t(customer_id, segment, valid_from, valid_to);

create table dim_employee as
select * from (values (1, null, 'Boss', 7), (2, 1, 'Mid', 7), (3, 2, 'Low', 8))
    t(employee_key, boss_key, full_name, unit_key);

create table dim_unit as
select * from (values (7, 'Sales'), (8, 'Service')) t(unit_key, unit_name);

create table lookup_channel as
select * from (values ('web', 0.5), ('store', 1.5)) t(channel, weight);

create table fct_sales as
select
    n as sales_key,
    date '2024-01-03' + (n * 5)::integer as ordered_key,
    date '2024-01-05' + (n * 5)::integer as shipped_key,
    -- A customer that no dimension has: its rows count all the same.
    case when n % 11 = 0 then 99 when n % 3 = 0 then 3 when n % 3 = 1 then 4
        when date '2024-01-03' + (n * 5)::integer < date '2024-06-01' then 1
        else 2 end as customer_key,
    case when n % 3 = 0 then 'B' when n % 3 = 1 then 'C' else 'A' end as customer_id,
    (n % 3 + 1)::integer as employee_key,
    case when n % 4 = 0 then 'web' else 'store' end as channel,
    'EUR' as currency,
    (n % 10 + 1)::decimal(18, 2) as amount,
    case when n % 7 <> 0 then (n % 5 + 0.5)::decimal(18, 2) end as cost,
    n % 13 = 12 as is_test
from range(120) t(n);

create table fct_stock as
select
    day::date as date_key, product, 'S' || (product % 2) as "order",
    (dayofyear(day) + product * 100)::integer as pieces
from range(date '2024-01-01', date '2025-03-11', interval 1 day) t(day),
    range(3) p(product)
-- A product that is not there on the last days.
where product <> 2 or day < date '2025-02-20';
"""

DEFINITIONS = {
    "dimensions/date.yml": """
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
special: is_unknown
levels:
  year: {key: calendar_year, period: year}
  quarter: {key: [calendar_year, quarter_number], period: quarter}
  month: {key: month_key, period: month}
  day: {key: date_key, period: day}
hierarchies:
  calendar: [year, quarter, month, day]
""",
    "dimensions/customer.yml": """
dimension: customer
description: Who bought.
table: dim_customer
key: customer_key
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  region: region
  customer: {key: customer_id, label: name}
hierarchies:
  geography: [region, customer]
""",
    "dimensions/segment.yml": """
dimension: segment
table: dim_segment_span
key: customer_id
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  segment: segment
""",
    "dimensions/employee.yml": """
dimension: employee
table: dim_employee
key: employee_key
joins:
  - {table: dim_unit, "on": {unit_key: unit_key}}
levels:
  unit: dim_unit.unit_name
  employee: {key: employee_key, label: full_name}
hierarchies:
  reports: {level: employee, parent: boss_key}
""",
    "cubes/sales.yml": """
cube: sales
description: One row is one sale.
fact: fct_sales
key: sales_key
where: not is_test
time: date
joins:
  - {table: lookup_channel, "on": {channel: channel}}
dimensions:
  date: {key: ordered_key, complete: true}
  shipped: {dimension: date, key: shipped_key, complete: true}
  customer: {key: customer_key}
  segment: {span: {key: customer_id, date: ordered_key}}
  employee: {key: employee_key, complete: true}
  channel: {levels: {channel: channel}}
measures:
  net: {sum: amount, unit: "@currency", format: "#,##0.00", description: What was paid.}
  margin: {sum: amount - cost}
  lines: {count: "*"}
  costed: {count: cost}
  web_net: {sum: amount, filter: "channel = 'web'"}
  web_lines: {count: "*", filter: "channel = 'web'"}
  customers: {count_distinct: customer_id}
  least: {min: amount}
  most: {max: amount}
  mean: {avg: cost}
  middle: {median: amount}
  high: {quantile: amount, at: 0.9}
  roughly: {approx_count_distinct: customer_id}
  final: {last: amount, by: sales_key}
  weighted: {sum: amount * lookup_channel.weight}
  never_by_channel: {sum: amount, over: {channel: never}}
  per_line: {expression: net / lines}
  web_share: {expression: "coalesce(web_net, 0) / net"}
  twice: {expression: "if(lines > 2, per_line * 2, 0)"}
  growth: {expression: net.growth}
  of_final: {expression: final / net}
sets:
  sea: {level: customer.region, members: [South]}
""",
    "cubes/stock.yml": """
cube: stock
fact: fct_stock
time: date
dimensions:
  date: {key: date_key, complete: true}
  product: {levels: {product: product, shelf: order}}
measures:
  closing: {sum: pieces, over: {date: closing}}
  opening: {sum: pieces, over: {date: opening}}
  usual: {sum: pieces, over: {date: average}}
""",
    "cubes/plan.yml": """
cube: plan
description: A fact that knows months alone.
fact: fct_plan
dimensions:
  date: {key: date_key, finest: month}
measures:
  planned: {sum: amount}
""",
    "cubes/turnover.yml": """
virtual_cube: turnover
cubes: [sales, stock]
measures:
  turn: {expression: sales.net / closing}
""",
}

PLAN = """
create table fct_plan as
select d::date as date_key, (month(d) * 10)::decimal(18, 2) as amount
from range(date '2024-01-01', date '2025-01-01', interval 1 month) t(d);
"""


def write_star(folder: Path) -> tuple[Path, Path]:
    """Write the file and the definitions; return both."""
    database = folder / "star.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLES)
        connection.execute(PLAN)
    definitions = folder / "olap"
    for name, text in DEFINITIONS.items():
        path = definitions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return database, definitions
