"""Faults of definitions: what is wrong, on which line, and what was meant."""

from __future__ import annotations

import pytest
from cubes_for_tests import cubes_of

from acrm_olap.errors import DefinitionError

TABLES = """
create table dim_date as
select d::date as date_key, year(d) as yr, month(d) as mon
from range(date '2024-01-01', date '2025-01-01', interval 1 day) as days(d);
create table dim_shop as from (values (1, 'NO', 1), (2, 'SE', 1))
    as rows(shop_key, country, parent);
create table fct as from (values (date '2024-01-05', 1, 4.00, 'EUR'))
    as rows(date_key, shop_key, amount, currency);
"""
DATE = """\
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
levels:
  year: {key: yr, period: year}
  month: {key: [yr, mon], period: month}
  day: {key: date_key, period: day}
hierarchies: {calendar: [year, month, day]}
"""
SHOP = """\
dimension: shop
table: dim_shop
key: shop_key
levels:
  country: country
  shop: shop_key
"""
CUBE = """\
cube: sales
fact: fct
dimensions:
  date: {key: date_key}
  shop: {key: shop_key}
measures:
  net: {sum: amount}
  double: {expression: net * 2}
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "problem"),
    [
        ("fact: fct", "fact: fcts", 2, "Did you mean 'fct'"),
        ("sum: amount", "sum: amuont", 7, "Did you mean 'amount'"),
        ("sum: amount", "sum: currency", 7, "takes the sum of a text"),
        ("sum: amount", "summ: amount", 7, "Did you mean 'sum'"),
        ("{sum: amount}", "{sum: amount, count: '*'}", 7, "give one of"),
        ("net * 2", "double / 2", 8, "made of itself"),
        ("net * 2", "net > 2", 8, "not a number"),
        ("net * 2", "net *", 8, "Found the end"),
        ("shop: {key: shop_key}", "shop: {key: shopkey}", 5, "Did you mean 'shop_key'"),
        ("shop: {key", "shops: {key", 5, "Did you mean 'shop'"),
        ("{sum: amount}", "{sum: amount, filter: amount}", 7, "not a condition"),
        ("{sum: amount}", "{sum: amount, over: {shop: closing}}", 7, "no time"),
        ("{sum: amount}", "{max: amount, over: {date: average}}", 7, "of a max"),
        ("{key: date_key}", "{at: {month: amount}}", 4, "has 2 keys"),
    ],
)
def test_a_fault_of_a_cube_is_told_with_its_line(
    tmp_path, before, after, line, problem
):
    with pytest.raises(DefinitionError) as refused:
        cubes_of(tmp_path, TABLES, DATE, SHOP, CUBE.replace(before, after, 1))
    assert problem in str(refused.value)
    assert f"2.yml, line {line}" in refused.value.where


@pytest.mark.parametrize(
    ("before", "after", "line", "problem"),
    [
        ("table: dim_shop", "table: dim_shops", 2, "Did you mean 'dim_shop'"),
        ("country: country", "country: contry", 5, "Did you mean 'country'"),
        ("levels:", "special: shop_key\nlevels:", 4, "not a condition"),
        ("levels:", "special: shopkey < 0\nlevels:", 4, "Did you mean 'shop_key'"),
        ("levels:", "hierarchies: {geo: [land, shop]}\nlevels:", 4, "'land'"),
    ],
)
def test_a_fault_of_a_dimension_is_told_with_its_line(
    tmp_path, before, after, line, problem
):
    with pytest.raises(DefinitionError) as refused:
        cubes_of(tmp_path, TABLES, DATE, SHOP.replace(before, after, 1), CUBE)
    assert problem in str(refused.value)
    assert f"1.yml, line {line}" in refused.value.where


def test_a_key_that_is_not_unique_is_refused(tmp_path):
    tables = TABLES + "insert into dim_shop values (1, 'DK', 1);"
    sales = cubes_of(tmp_path, tables, DATE, SHOP, CUBE)["sales"]
    for ask in (lambda: sales.query("net", "shop.country"), sales.facts):
        with pytest.raises(DefinitionError, match="not unique: 1 stands in 2 rows"):
            ask()


def test_a_key_is_proven_for_each_way_to_use_a_dimension(tmp_path):
    tables = TABLES + (
        "create table goals as from (values ('NO', 5)) as rows(country, goal);"
        "insert into dim_shop values (1, 'DK', 1);"
    )
    goals = """
    cube: goals
    fact: goals
    dimensions: {shop: {at: {country: country}}}
    measures: {goal: {sum: goal}}
    """
    cubes = cubes_of(tmp_path, tables, DATE, SHOP, CUBE, goals)
    assert cubes["goals"].query("goal", "shop.country").value() == 5
    with pytest.raises(DefinitionError, match="not unique"):
        cubes["sales"].query("net", "shop.country")


@pytest.mark.parametrize(
    ("versions", "problem"),
    [
        ("('a', date '2024-01-01', date '2024-06-01'),"
         " ('a', date '2024-05-01', date '9999-12-31')", "overlap"),
        ("('a', date '2024-01-01', null)", "no end"),
    ],
)  # fmt: skip
def test_versions_hold_one_at_a_time(tmp_path, versions, problem):
    tables = TABLES + (
        "create table dim_buyer as select row_number() over () as buyer_key, * from"
        f" (values {versions}) as rows(buyer_id, valid_from, valid_to);"
        "alter table fct add column buyer_key bigint;"
    )
    buyer = """
    dimension: buyer
    table: dim_buyer
    key: buyer_key
    history: {durable_key: buyer_id, valid_from: valid_from, valid_to: valid_to}
    levels: {buyer: buyer_id}
    """
    cube = CUBE.replace("  shop: {key: shop_key}\n", "  buyer: {key: buyer_key}\n")
    sales = cubes_of(tmp_path, tables, DATE, buyer, cube)["sales"]
    with pytest.raises(DefinitionError, match=problem):
        sales.query("net", "buyer.buyer")


def test_bare_words_of_yaml_mean_what_they_say(tmp_path):
    sets = "sets: {nordic: {level: shop.country, members: [NO, SE]}}\n"
    with pytest.raises(DefinitionError, match="truth among members") as refused:
        cubes_of(tmp_path, TABLES, DATE, SHOP, CUBE + sets)
    assert "in quotes" in refused.value.hint
    joined = SHOP + "joins:\n  - {table: dim_date, on: {parent: mon}}\n"
    cubes = cubes_of(tmp_path / "on", TABLES, DATE, joined, CUBE)
    assert "shop.country" in cubes["sales"].levels
