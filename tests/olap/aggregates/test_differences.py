"""Aggregates to which rows are added and from which they are taken away."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from cubes_for_tests import promise_tables
from dbt_macros import Project, Table
from star import FILES, make_star, write_files

from acrm_olap.aggregates.models import model_files

SUMS = (
    "[net, pieces, value, doubled, lines, priced, web_net, web_lines, mean, web_value]"
)
WEB_VALUE = "{sum: amount, unit: '@currency', filter: \"channel = 'web'\"}"
STAR = FILES["cubes/sales.yml"].partition("aggregates:")[0]
for was, now in {
    "product: product_key": "product: {key: product_key, complete: true}",
    "  web_lines:": f"  web_value: {WEB_VALUE}\n  web_lines:",
    ", order: channel_rank": "",
}.items():
    STAR = STAR.replace(was, now)
CUBE = f"""{STAR}
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
            ).render(config=lambda **_: "", is_incremental=lambda: False, ref=str)
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

    def describe(self, key: int, category: str) -> None:
        """Let a product be of another category under the key that it has."""
        self.sql(
            f"update dim_product set category = '{category}' where product_key = {key}"
        )
        self.sql(
            "insert into intermediate.changed_member"
            f" select 'dim_product', '{key}', loaded_at from landing.load_batch"
        )

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
    for _ in range(15):
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
            nights.describe(key, f"C{draw.randrange(5)}")
        left_out = [name for name in AGGREGATES if draw.random() < 0.2]
        nights.follow(*[name for name in AGGREGATES if name not in left_out])
        put += len(nights.days("agg_sales__days"))
        wrong = nights.wrong()
        assert set(wrong) <= set(left_out), other
    nights.load()
    nights.follow()
    assert nights.wrong() == {}
    assert put > 50


# Line 3 is of customer 3, in the North, on 2023-01-24, in the web, of product 3 of
# category C3, for 4 EUR: alone in its cell.
def month(nights, category="C3", currency="EUR", name="2023-01"):
    """Rows, value, and what is in the web, of a cell of customers in the North."""
    return nights.sql(
        "select row_count, net::varchar, value_unit_min, web_net::varchar,"
        f" web_value_unit_max from agg_sales__months where date_month = '{name}'"
        " and customer_region = 'North' and channel = 'web'"
        f" and product_category = '{category}' and currency = '{currency}'"
    )


LINE = "from fct_sales where line_id = 3"
CELL = (1, "4.00", "EUR", "4.00", "EUR")


def test_a_line_without_an_amount_leaves_no_sum(nights):
    assert month(nights) == [CELL]
    nights.load()
    nights.deliver(f"select * replace (null as amount) {LINE}")
    nights.follow()
    assert month(nights) == [(1, None, "EUR", None, "EUR")]
    nights.load()
    nights.deliver(f"select * replace (0 as amount) {LINE}")
    nights.follow()
    assert month(nights) == [(1, "0.00", "EUR", "0.00", "EUR")]
    assert nights.wrong() == {}


@pytest.mark.parametrize(
    ("other", "there", "days"),
    [
        ("'USD' as currency", {"currency": "USD"}, ["2023-01-24"]),
        ("4 as product_key", {"category": "C4"}, []),
        (
            "date '2023-12-24' as date_key",
            {"name": "2023-12"},
            ["2023-01-24", "2023-12-24"],
        ),
    ],
)
def test_a_group_goes_with_its_last_line_which_is_in_another(
    nights, other, there, days
):
    before = month(nights, **there)
    nights.load()
    nights.deliver(f"select * replace ({other}) {LINE}")
    nights.follow()
    assert month(nights) == []
    ((rows, *_),) = month(nights, **there)
    assert rows == 1 + sum(each[0] for each in before)
    assert nights.wrong() == {}
    # days by customer and channel know no product: nothing of theirs has changed
    assert nights.days("agg_sales__days") == days
    changed = nights.days("agg_sales__months")
    assert len(changed) == (62 if "name" in there else 31)


def test_a_line_that_comes_again_as_it_is_changes_no_day(nights):
    nights.load()
    nights.deliver(f"select * {LINE}")
    nights.follow()
    assert nights.days("agg_sales__months") == []
    assert nights.wrong() == {}


def test_a_unit_of_lines_that_comes_again_with_fewer_loses_the_others(nights):
    nights.fact["config"] |= {
        "unique_key": "basket",
        "meta": {"redone": {"marker": "line_id"}},
    }
    lines = nights.sql("select count(*) from fct_sales where basket = 3")
    nights.load()
    nights.deliver(
        "select * from fct_sales where line_id = 3 union all by name"
        " select 3 as basket, null as line_id"
    )
    nights.follow()
    assert lines > [(1,)]
    assert nights.sql("select line_id from fct_sales where basket = 3") == [(3,)]
    assert month(nights) == [CELL]
    assert nights.wrong() == {}


def test_a_line_goes_from_where_its_member_was_counted(nights):
    nights.load()
    nights.describe(3, "C0")
    nights.deliver(f"select * replace (8 as product_key) {LINE}")
    nights.follow()
    # the product has no other line in that month, and would be looked for in C0
    assert nights.wrong() == {}
    assert nights.days("agg_sales__months", whole=True)[0] == "2023-01-01"
    assert nights.days("agg_sales__days", whole=True) == []


def test_a_member_that_is_gone_is_taken_from_where_it_was(nights):
    nights.sql("insert into dim_product select 77, 'P77', 'Gone', 'C9', 'Food', 1")
    nights.load()
    nights.deliver(f"select * replace (77 as product_key) {LINE}")
    nights.follow()
    nights.load()
    nights.deliver(f"select * replace (8 as product_key) {LINE}")
    nights.sql("delete from dim_product where product_key = 77")
    nights.sql(
        "insert into intermediate.changed_member"
        " select 'dim_product', '77', loaded_at from landing.load_batch"
    )
    nights.follow()
    assert month(nights, "C9") == []
    assert nights.wrong() == {}


def test_what_a_run_did_not_come_to_is_made_good(nights):
    nights.load()
    nights.deliver(f"select * replace (9 as amount) {LINE}")
    nights.rekey("line_id = 3", 2)  # who lives in the South
    nights.follow("agg_sales__days")
    nights.load()
    nights.deliver(f"select * replace (date '2023-02-24' as date_key) {LINE}")
    nights.follow("agg_sales__days")
    assert set(nights.wrong()) == {"agg_sales__months", "agg_sales__days__baskets"}
    nights.project.environment.globals["create_state_tables"]()
    nights.follow()
    assert nights.wrong() == {}
    assert nights.days("agg_sales__months", whole=True) == []
    # what all have taken in goes
    assert nights.sql("select count(*) from intermediate.changes_of_fct_sales") > [(0,)]
    nights.project.environment.globals["create_state_tables"]()
    assert nights.sql("from intermediate.changes_of_fct_sales") == []


def test_what_came_before_changes_were_kept_is_done_whole(nights):
    nights.load()
    nights.deliver(f"select * replace (9 as amount) {LINE}")
    nights.sql(
        "drop table intermediate.changes_of_fct_sales;"
        " delete from intermediate.kept_changes"
    )
    nights.load()
    nights.deliver("select * replace (9 as amount) from fct_sales where line_id = 50")
    nights.follow()
    assert nights.wrong() == {}
    assert nights.days("agg_sales__days", whole=True) == ["2023-01-24", "2023-06-14"]


def test_changes_that_lack_a_column_are_kept_anew(nights):
    nights.load()
    nights.deliver(f"select * replace (9 as amount) {LINE}")
    nights.follow()
    meta = nights.project.graph["nodes"]["model.acrm.agg_sales__months"]["config"]
    meta["meta"]["differences"]["reads"].append("employee_id")
    nights.project.graph.pop("kept_columns")
    nights.load()
    nights.deliver(f"select * replace (7 as amount) {LINE}")
    nights.follow()
    assert nights.sql(
        "select employee_id, way from intermediate.changes_of_fct_sales order by way"
    ) == [(4, -1), (4, 1)]
    assert nights.wrong() == {}


def test_far_more_changes_than_a_tenth_are_not_kept(nights):
    nights.load()
    nights.deliver(f"select * replace (9 as amount) {LINE}")
    nights.follow()
    macros = nights.project.environment.globals
    assert macros["are_few_changes"]("250000", "fct_sales")
    assert not macros["are_few_changes"]("250001", "fct_sales")
    macros["are_few_changes"] = lambda _count, _fact: False
    nights.load()
    nights.deliver(f"select * replace (7 as amount) {LINE}")
    assert nights.sql("from intermediate.kept_changes") == []
    nights.follow()
    assert nights.wrong() == {}
    assert nights.days("agg_sales__days", whole=True) == ["2023-01-24"]


def looked_at(nights, name):
    """Days that a test of an aggregate adds up, which passed before this night."""
    passed = "2026-01-01 00:00:00"
    nights.project.environment.globals["tested_through"] = lambda _test: passed
    node = {"unique_id": "test", "name": "test", "config": {}}
    again = nights.project.call(node, "untested_units", Table(name), "date_key")
    of_fact = nights.sql(
        f"select distinct date_key::varchar from fct_sales where {again['only']}"
    )
    of_table = nights.sql(f"select count(*) from {name} where {again['kept']}")
    return {day for (day,) in of_fact}, of_table[0][0]


def test_a_test_looks_at_some_days_and_at_all_that_were_done_whole(nights):
    nights.load()
    nights.describe(3, "C0")
    nights.deliver("select * replace (9 as amount) from fct_sales where line_id < 250")
    nights.follow()
    days, groups = looked_at(nights, "agg_sales__days")
    assert 30 <= len(days) <= 31
    assert groups >= len(days)
    months, _ = looked_at(nights, "agg_sales__months")
    whole = {day[:7] for day in nights.days("agg_sales__months", whole=True)}
    assert whole <= {day[:7] for day in months}
    nights.sql(
        "update intermediate.changed_day set is_rekeyed = true"
        " where model = 'agg_sales__days'"
    )
    assert len(looked_at(nights, "agg_sales__days")[0]) > 200


def test_every_day_that_changed_has_its_night(nights):
    nights.load()
    nights.deliver("select * replace (9 as amount) from fct_sales where line_id < 90")
    nights.follow()
    seen = set()
    for _ in range(20):
        seen |= looked_at(nights, "agg_sales__days")[0]
        nights.load()
    assert len(seen) == 90
