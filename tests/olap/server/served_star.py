"""A small star, its cubes, and a client of a server that serves them."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import duckdb
import httpx

from acrm_olap.server.app import create_app
from acrm_olap.server.settings import Settings
from acrm_olap.server.warehouse import Warehouse

ROWS = """
    select
        date '2023-01-15' + ((i * 7) % 800)::int as date_key,
        case when i % 5 = 0 then null when i % 2 = 0 then 3
            when date '2023-01-15' + ((i * 7) % 800)::int < date '2024-06-01' then 1
            else 2 end as customer_key,
        i % 4 + 1 as product_key,
        case when i % 3 = 0 then 'web' else 'store' end as channel,
        (i % 10 + 1)::decimal(18, 2) as amount,
        (i % 7)::decimal(18, 2) as cost,
        i as line_id
    from range(600) as rows(i)
"""
TABLES = f"""
    create table dim_date as
    select day::date as date_key, year(day) as yr, quarter(day) as qtr,
        strftime(day, '%Y-%m') as month_key
    from range(date '2023-01-01', date '2026-01-01', interval 1 day) as days(day);

    create table dim_customer as
    select * from (values
        (1, 'A', 'Ann', 'North', date '1900-01-01', date '2024-06-01'),
        (2, 'A', 'Ann', 'South', date '2024-06-01', date '9999-12-31'),
        (3, 'B', 'Bob', 'North', date '1900-01-01', date '9999-12-31')
    ) as rows(customer_key, customer_id, name, region, valid_from, valid_to);

    create table dim_product as
    select * from (values
        (1, 'Milk', 'Dairy'), (2, 'Brie', 'Dairy'), (3, 'Rye', 'Bread'), (4, 'Tea', '')
    ) as rows(product_key, product, class);

    create table fct_sales as {ROWS};
    create table fct_stock as
    select day::date as date_key, (day(day) + 3)::int as pieces
    from range(date '2024-01-01', date '2025-01-01', interval 1 day) as days(day);
    create view fct_heavy as
    select i % 97 as bucket, i as amount from range(200000000000) as rows(i);
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
          day: {key: date_key, period: day}
        hierarchies:
          calendar: [year, quarter, month, day]
    """,
    "dimensions/customer.yml": """
        dimension: customer
        table: dim_customer
        key: customer_key
        history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
        levels:
          region: region
          customer: {key: customer_id, label: name}
        hierarchies:
          geography: [region, customer]
    """,
    "dimensions/product.yml": """
        dimension: product
        table: dim_product
        key: product_key
        levels:
          class: {key: class, caption: Class of products}
          product: {key: product_key, label: product}
        hierarchies:
          standard: [class, product]
    """,
    "cubes/sales.yml": """
        cube: sales
        description: One row is one line of an order.
        fact: fct_sales
        key: line_id
        time: date
        dimensions:
          date: {key: date_key, complete: true}
          customer: {key: customer_key}
          product: {key: product_key, complete: true}
          channel: {levels: {channel: channel}}
        measures:
          net: {sum: amount, unit: EUR, format: "#,##0.00", description: Net sales.}
          cost: {sum: cost, unit: EUR}
          lines: {count: "*"}
          customers: {count_distinct: customer_key}
          margin: {expression: net - cost, unit: EUR}
          per_line: {expression: net / lines}
        sets:
          shops: {level: channel.channel, members: [store]}
    """,
    "cubes/stock.yml": """
        cube: stock
        fact: fct_stock
        time: date
        dimensions: {date: date_key}
        measures:
          pieces: {sum: pieces, over: {date: closing}}
    """,
    "cubes/heavy.yml": """
        cube: heavy
        fact: fct_heavy
        dimensions:
          bucket: {levels: {bucket: bucket}}
        measures:
          amount: {sum: amount}
    """,
    "cubes/both.yml": """
        virtual_cube: both
        cubes: [sales, stock]
        measures:
          turn: {expression: net / pieces}
    """,
}


def write_definitions(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("\n        ", "\n").strip() + "\n")
    return folder


def write_database(path: Path, *more: str) -> Path:
    """Write the file beside its place, and put it there at once."""
    fresh = path.with_suffix(".fresh")
    with duckdb.connect(str(fresh)) as connection:
        connection.execute(TABLES)
        for statement in more:
            connection.execute(statement)
    return fresh.replace(path)


class Client:
    """A client of a server in this process."""

    def __init__(self, runner: asyncio.Runner, warehouse: Warehouse) -> None:
        self.runner = runner
        self.warehouse = warehouse
        self.app = create_app(warehouse)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1"
        )

    def get(self, url: str, token: str = "", **more) -> httpx.Response:
        return self.runner.run(self.http.get(url, headers=bearer(token), **more))

    def post(self, url: str, body=None, token: str = "", **more) -> httpx.Response:
        headers = {**bearer(token), **more.pop("headers", {})}
        return self.runner.run(self.http.post(url, json=body, headers=headers, **more))

    def ask(self, token: str = "", **body) -> httpx.Response:
        return self.post("/query", {"cube": "sales", **body}, token)

    def cells(self, token: str = "", **body) -> list[list[object]]:
        found = self.ask(token, **body)
        assert found.status_code == 200, found.text
        return found.json()["cells"]

    def close(self) -> None:
        self.runner.run(self.http.aclose())
        self.warehouse.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def settings_for(database: Path, definitions: Path, **more) -> Settings:
    given = Settings((definitions,), str(database), memory="500MB")
    return dataclasses.replace(given, **more)
