"""A small star with its cube, to try things on: a shop's sales of two years."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from acrm_olap.api.connecting import Cubes, connect

DIMENSIONS = {
    "date": """\
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
levels:
  year: {key: year, period: year}
  quarter: {key: quarter_key, period: quarter}
  month: {key: month_key, period: month}
  day: {key: date_key, period: day}
hierarchies:
  calendar: [year, quarter, month, day]
""",
    "product": """\
dimension: product
table: dim_product
key: product_key
levels:
  department: department
  product: {key: product_key, label: product_name}
hierarchies:
  standard: [department, product]
""",
    "customer": """\
dimension: customer
table: dim_customer
key: customer_key
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  region: region
  customer: {key: customer_id, label: customer_name}
hierarchies:
  geography: [region, customer]
""",
}
CUBES = {
    "sales": """\
cube: sales
description: What was sold, a row a line of a receipt.
fact: fct_sales
time: date
dimensions:
  date: {key: date_key, complete: true}
  product: {key: product_key, complete: true}
  customer: customer_key
  channel: {levels: {channel: channel}}
measures:
  net: {sum: net, unit: EUR, format: "#,##0.00", description: What was sold.}
  cost: {sum: cost, unit: EUR, format: "#,##0.00", description: What it cost to buy.}
  lines: {count: "*", format: "#,##0", description: Lines of receipts.}
  customers: {count_distinct: customer_key, description: Different customers.}
  margin: {expression: net - cost, unit: EUR, format: "#,##0.00"}
  margin_pct: {expression: margin / net, format: "0.0%"}
""",
}
# Ann moves from North to South in July 2024: as was and as is differ.
STAR = """
create table dim_date as
select
    d::date as date_key, year(d)::integer as year,
    year(d) || '-Q' || quarter(d) as quarter_key, strftime(d, '%Y-%m') as month_key
from range(date '2024-01-01', date '2026-01-01', interval 1 day) as t(d);
create table dim_product as
from (values
    (1, 'Milk', 'Dairy'), (2, 'Cheese', 'Dairy'),
    (3, 'Apples', 'Fruit & Veg'), (4, 'Bread', 'Bakery')
) as t(product_key, product_name, department);
create table dim_customer as
from (values
    (1, 'C1', 'Ann', 'North', date '1900-01-01', date '2024-07-01'),
    (2, 'C1', 'Ann', 'South', date '2024-07-01', date '9999-12-31'),
    (3, 'C2', 'Bob', 'North', date '1900-01-01', date '9999-12-31'),
    (4, 'C3', 'Cem', 'South', date '1900-01-01', date '9999-12-31')
) as t(customer_key, customer_id, customer_name, region, valid_from, valid_to);
create table fct_sales as
select
    day as date_key, i % 4 + 1 as product_key,
    case when i % 3 = 0 and day < date '2024-07-01' then 1
         when i % 3 = 0 then 2 when i % 3 = 1 then 3 else 4 end as customer_key,
    case when i % 5 = 0 then 'web' else 'store' end as channel,
    (i % 7 + 1)::decimal(18, 2) as net, ((i % 7 + 1) * 0.6)::decimal(18, 2) as cost
from (
    select i::integer as i, date '2024-01-01' + (i * 3)::integer as day
    from range(240) as t(i)
);
"""


def make_example(folder: str | Path) -> Path:
    """Make the example: ``shop.duckdb`` and ``olap`` with its definitions.

    Parameters
    ----------
    folder : str or Path
        Where to; it is made if it is not there.

    Returns
    -------
    Path
        The DuckDB file.
    """
    import duckdb

    root = Path(folder)
    for name, files in (("dimensions", DIMENSIONS), ("cubes", CUBES)):
        (root / "olap" / name).mkdir(parents=True, exist_ok=True)
        for title, text in files.items():
            path = root / "olap" / name / f"{title}.yml"
            path.write_text(text, encoding="utf-8")
    file = root / "shop.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(STAR)
    return file


def example() -> Cubes:
    """Return the cubes of the example, made in a folder that goes at the end.

    Examples
    --------
    >>> from acrm_olap.api.example import example
    >>> cubes = example()
    >>> list(cubes)
    ['sales']
    >>> cubes["sales"]
    <Cube sales: 6 measures, 9 levels>
    """
    folder = Path(tempfile.mkdtemp(prefix="acrm_olap_example_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return connect(make_example(folder), folder / "olap")
