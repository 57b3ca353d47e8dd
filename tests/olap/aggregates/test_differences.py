"""Aggregates to which rows are added and from which they are taken away."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from cubes_for_tests import promise_tables
from dbt_macros import Project
from star import FILES, make_star, write_files

from acrm_olap.aggregates.models import model_files

SUMS = "[net, pieces, value, doubled, lines, priced, web_net, web_lines, mean, web_value]"
CUBE = (
    FILES["cubes/sales.yml"]
    .replace("product: product_key", "product: {key: product_key, complete: true}")
    .replace(
        "  web_lines:",
        "  web_value: {sum: amount, unit: '@currency', filter: \"channel = 'web'\"}\n"
        "  web_lines:",
    )
    .replace(", order: channel_rank", "")
    .partition("aggregates:")[0]
) + f"""
aggregates:
  months:
    levels: [date.month, customer.region, product.category, channel, currency]
    measures: {SUMS}
  days:
    keys: [date, customer]
    levels: [channel, currency]
    measures: [value, web_value, baskets]
"""
AGGREGATES = ["agg_sales__months", "agg_sales__days", "agg_sales__days__baskets"]
STATE = """
create schema landing;
create table landing.load_batch as select timestamp '2026-01-01' as loaded_at;
create schema intermediate;
create table intermediate.model_state
    (model varchar, code_hash varchar, loaded_through timestamp);
create table intermediate.changed_member
    (dimension varchar, member_key varchar, changed_at timestamp);
create table intermediate.changed_day
    (model varchar, date_key date, is_rekeyed boolean, changed_at timestamp);
create table intermediate.kept_changes
    (model varchar, columns varchar, since timestamp);
update fct_sales set product_key = 0 where product_key = 99;
"""
FACT = "{{ config(materialized='incremental', unique_key='line_id') }}"


class Nights:
    """A star whose fact changes by night, and aggregates that follow."""

    def __init__(self, root: Path) -> None:
        write_files(root / "olap", FILES | {"cubes/sales.yml": CUBE})
        marts = root / "models" / "marts"
        self.connection = make_star()
        self.connection.execute(STATE)
        promise_tables(self.connection, marts)
        (marts / "fct_sales.sql").write_text(FACT)
        (root / "macros").mkdir()
        (root / "macros" / "units_to_redo.sql").write_text("{# notes #}")
        files = {path.name: text for path, text in model_files(root).items()}
        self.project = Project(self.connection)
        self.fact = self.project.model("fct_sales", FACT, self._columns("fct_sales"))
        for dimension in ("dim_date", "dim_customer", "dim_product"):
            self.project.model(dimension, "", self._columns(dimension))
        self.whole = {}
        for name in AGGREGATES:
            (model,) = yaml.safe_load(files[f"{name}.yml"])["models"]
            types = {one["name"]: one["data_type"] for one in model["columns"]}
            node = self.project.model(name, files[f"{name}.sql"], types)
            assert "differences" in node["config"]["meta"], name
            self.whole[name] = self.project.environment.from_string(
                files[f"{name}.sql"]
            ).render(
                config=lambda **_: "", is_incremental=lambda: False, ref=str
            )
            self.connection.execute(f"create table {name} as {self.whole[name]}")
        for name in ["fct_sales", *AGGREGATES]:
            self.project.reached(name)

    def _columns(self, table: str) -> dict[str, str]:
        rows = self.connection.execute(f"describe {table}").fetchall()
        return {name: kind for name, kind, *_ in rows}

    def sql(self, statement: str) -> list[tuple]:
        return self.connection.execute(statement).fetchall()

    def load(self) -> None:
        """Begin a night: what changes from now on belongs to a newer load."""
        self.sql("update landing.load_batch set loaded_at = loaded_at + interval 1 day")

    def deliver(self, news: str) -> None:
        """Replace rows of the fact by record."""
        self.sql(f"create or replace temp table fct_sales__tmp as {news}")
        self.project.replace(self.fact)
        self.project.reached("fct_sales")

    def rekey(self, lines: str, customer: int) -> None:
        """Let lines point to another version of their customer."""
        self.sql(
            "create or replace temp table rekeyed as"
            f" select rowid as row_id, {customer} as version_key, date_key"
            f" from fct_sales where {lines}"
        )
        self.project.call(self.fact, "keep_rekeyed", "customer_key", "rekeyed")
        newest = "(select loaded_at from landing.load_batch)"
        self.sql(
            "insert into intermediate.changed_day"
            f" select distinct 'fct_sales', date_key, true, {newest} from rekeyed"
        )
        self.sql(f"update fct_sales set customer_key = {customer} where {lines}")

    def follow(self, *names: str) -> None:
        for name in names or AGGREGATES:
            self.project.build(name)
            self.project.reached(name)

    def wrong(self) -> dict[str, list[tuple]]:
        """Rows of aggregates that a whole table would not have, or would besides."""
        found = {}
        for name, whole in self.whole.items():
            rows = self.sql(
                f"from (from {name} except all ({whole})) union all by name"
                f" from (({whole}) except all from {name})"
            )
            if rows:
                found[name] = rows
        return found

    def days(self, name: str, *, whole: bool = False) -> list[str]:
        """Days of which an aggregate noted this night that they changed."""
        return [
            day
            for (day,) in self.sql(
                "select distinct date_key::varchar from intermediate.changed_day"
                f" where model = '{name}' and is_rekeyed = {whole}"
                " and changed_at = (select loaded_at from landing.load_batch)"
                " order by all"
            )
        ]


@pytest.fixture
def nights(tmp_path):
    found = Nights(tmp_path)
    assert found.wrong() == {}
    yield found
    found.connection.close()


def test_random_nights_leave_what_a_whole_table_has(nights):
    draw = random.Random(7)  # noqa: S311
    put = 0
    for _ in range(40):
        nights.load()
        some = f"line_id in ({', '.join(str(draw.randrange(320)) for _ in range(9))})"
        other = draw.choice(
            [
                "amount + 1 as amount",
                "null as amount",
                "date_key + 40 as date_key",
                "5 - product_key % 5 as product_key",
                "'USD' as currency",
                "'web' as channel, not cancelled as cancelled",
                "basket + 1 as basket, null as channel",
                "line_id + 300 as line_id",
            ]
        )
        nights.deliver(f"select * replace ({other}) from fct_sales where {some}")
        if draw.random() < 0.3:
            nights.rekey(some, draw.choice([1, 2, 3, 4]))
        if draw.random() < 0.2:
            key = draw.randrange(12)
            nights.sql(
                f"update dim_product set category = category || '{key % 2}'"
                f" where product_key = {key}"
            )
            nights.sql(
                f"insert into intermediate.changed_member select 'dim_product', '{key}',"
                " loaded_at from landing.load_batch"
            )
        left_out = [name for name in AGGREGATES if draw.random() < 0.2]
        nights.follow(*[name for name in AGGREGATES if name not in left_out])
        put += len(nights.days("agg_sales__days"))
        wrong = nights.wrong()
        assert set(wrong) <= set(left_out), other
    nights.load()
    nights.follow()
    assert nights.wrong() == {}
    assert put > 100
