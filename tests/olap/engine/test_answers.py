"""Members, rows behind cells, units, sizes, and time, worked out by hand."""

from __future__ import annotations

import pytest
from cubes_for_tests import cubes_of, rows_of
from test_definitions import CUBE, DATE, SHOP, TABLES

from acrm_olap.definitions.references import (
    Against,
    Moving,
    OnAxis,
    Shift,
    ToDate,
    read_reference,
)
from acrm_olap.errors import MeaningError, TooLargeError, UnknownNameError

DAYS = """
create or replace table fct as
select d::date as date_key, 1 + day(d) % 2 as shop_key, 1.00 as amount,
    case when month(d) = 3 then 'SEK' else 'EUR' end as currency
from range(date '2024-01-01', date '2024-05-01', interval 1 day) as days(d);
"""


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    money = CUBE + "  money: {sum: amount, unit: '@currency'}\n"
    money += "  all: {count: '*', over: {date: closing}}\ntime: date\n"
    tables = TABLES + DAYS
    return cubes_of(tmp_path_factory.mktemp("cubes"), tables, DATE, SHOP, money)[
        "sales"
    ]


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("net", ()),
        ("sales.net.prior_3", (Shift("", 3),)),
        ("net.ytd.prior_year", (ToDate("year"), Shift("year"))),
        ("net.moving_avg_3.rank", (Moving(3, average=True), OnAxis("rank"))),
        ("net.growth_comparable", (Against("prior_year_comparable", relative=True),)),
    ],
)
def test_names_of_numbers_are_read(text, variants):
    assert read_reference(text, {"net", "sales.net"}).variants == variants


@pytest.mark.parametrize("text", ["nett", "net.piror", "net.prior_", "net.moving", ""])
def test_a_name_that_nothing_has_is_told_with_the_nearest(text):
    with pytest.raises(UnknownNameError):
        read_reference(text, {"net"})


@pytest.mark.parametrize("text", ["net.prior_0", "net.moving_2000"])
def test_periods_have_a_bound(text):
    with pytest.raises(MeaningError, match="goes over"):
        read_reference(text, {"net"})


def test_a_whole_month_is_compared_with_a_whole_month(sales):
    # February 2024 has 29 days; January and March have 31. Whatever is asked beside.
    months = [31, 29, 31, 30]
    prior = [None, 31, 29, 31]
    for beside in ([], ["all"], ["net.prior_year_comparable"]):
        answer = sales.query(["net", "net.prior", *beside], "date.month")
        found = [row[1:3] for row in rows_of(answer)][:4]
        assert found == list(zip(months, prior, strict=True))


def test_periods_of_several_keys_follow_one_another(tmp_path):
    tables = TABLES + (
        "create or replace table dim_date as select d::date as date_key,"
        " year(d) as yr, month(d) as mon"
        " from range(date '2023-01-01', date '2025-01-01', interval 1 day) as t(d);"
        "create or replace table fct as select date_key, 1 as shop_key,"
        " yr * 100.0 + mon as amount from dim_date where day(date_key) = 1;"
    )
    sales = cubes_of(tmp_path, tables, DATE, SHOP, CUBE)["sales"]
    answer = rows_of(sales.query(["net", "net.prior"], "date.month"))
    assert [net for _, net, _ in answer] == sorted(net for _, net, _ in answer)
    assert answer[12][1:] == (202401, 202312)


def test_what_is_to_date_stands_for_the_end_of_a_longer_period(sales):
    # The month to date of a year that is not over is that of its month with sales.
    assert rows_of(sales.query("net.mtd", "date.year")) == [(2024, 30)]
    by_month = sales.query(["net.ytd"], "date.month")
    assert [row[1] for row in rows_of(by_month)] == [31, 60, 91, 121]


def test_units_are_never_added_up(sales):
    assert rows_of(sales.query("money", "date.month"))[2] == (3, 31)
    with pytest.raises(MeaningError, match="would add up EUR, SEK"):
        sales.query("money", "date.year")
    with pytest.raises(MeaningError, match="would add up EUR, SEK"):
        sales.query("money", "date.month", subtotals=True)
    march = sales.query("money", where={"date": "2024-03"})
    assert march.value() == 31


def test_an_answer_that_is_too_large_is_refused(sales, monkeypatch):
    for module in ("running.engine", "sql.statement"):
        monkeypatch.setattr(f"acrm_olap.{module}.MOST_CELLS", 10)
    with pytest.raises(TooLargeError, match="more than 10 rows"):
        sales.query("net", "date.day")
    assert len(sales.query("net", "date.day", limit=10)) == 10


def test_members_and_rows_come_in_pages(sales):
    found = [sales.members("shop.shop", limit=1, offset=n) for n in range(3)]
    assert [[m.key for m in page] for page in found] == [[1], [2], []]
    assert [m.label for m in sales.members("shop.country", search="o")] == ["NO"]
    with pytest.raises(MeaningError, match="A page of 0"):
        sales.members("shop.shop", limit=0)
    with pytest.raises(MeaningError, match="cannot be cut by"):
        sales.members("shop.shop", {"date.year": 2024})
    where = {"shop.country": "SE", "date": "2024-02"}
    pages = [sales.facts(where, limit=10, offset=n).num_rows for n in (0, 10, 20)]
    assert pages == [10, 5, 0]
    with pytest.raises(UnknownNameError, match="Did you mean 'amount'"):
        sales.facts(columns=["amont"])


@pytest.mark.parametrize(
    ("where", "lines"),
    [
        ({"shop.country": {"in": "NO"}}, 59),
        ({"shop.country": {"not": "NO"}}, 62),
        ({"shop.country": {"matches": "_O"}}, 0),
        ({"shop.country": {"matches": "n%"}}, 59),
        ({"shop.country": []}, 0),
        ({"shop.shop": 99}, 0),
        ({"date": ("2024-02", None)}, 90),
        ({"date": ["2024-01", "2024-03-05"]}, 32),
        ({"date.month": ((2024, 2), (2024, 3))}, 60),
        ({"date.month": {"from": [2024, 4]}}, 30),
    ],
)
def test_cuts_mean_what_they_say(sales, where, lines):
    answer = sales.query("net", where=where, missing="empty")
    assert answer.value() == (lines or None)


@pytest.mark.parametrize(
    "fields",
    [
        {"where": {"shop.shop": "x"}}, {"where": {"shop.shop": 10**40}},
        {"where": {"date": "2024-13"}}, {"where": {"date": ("2025", "2024")}},
        {"where": {"date.month": 3}}, {"where": 3}, {"where": {"shop.shop": {"is": 1}}},
        {"as_of": "9999-12-31"}, {"as_of": "now"}, {"limit": 0}, {"empty": "maybe"},
        {"rows": ["date.year", "date.year"]}, {"top": (3, "net")},
        {"calculated": {"x; drop": "net"}}, {"calculated": {"net": "1"}},
    ],
)  # fmt: skip
def test_a_question_without_an_answer_is_refused(sales, fields):
    with pytest.raises(MeaningError) as refused:
        sales.query("net", **fields)
    assert refused.value.hint


@pytest.mark.parametrize("as_of", ["soon", "9999-12-31", "2024-13-01"])
def test_members_and_rows_are_asked_as_of_a_day_or_not_at_all(sales, as_of):
    for ask in (
        lambda: sales.members("shop.shop", as_of=as_of),
        lambda: sales.facts(as_of=as_of),
    ):
        with pytest.raises(MeaningError, match="as_of is"):
            ask()


def test_a_tree_may_be_cut_twice_at_once(tmp_path):
    tables = """
    create table dim_person as
    from (values (1, null), (2, 1), (3, 2), (4, 1)) as people(person, boss);
    create table fct_work as
    from (values (1, 1), (2, 2), (3, 3), (4, 4)) as works(work, person);
    """
    person = """
dimension: person
table: dim_person
key: person
levels: {person: person}
hierarchies:
  reports: {level: person, parent: boss}
"""
    work = """
cube: work
fact: fct_work
key: work
dimensions:
  person: person
measures:
  works: {count: "*"}
"""
    cube = cubes_of(tmp_path, tables, person, work)["work"]
    where = [{"person.reports": 2}, {"person.reports": {"not": 3}}]
    assert cube.query("works", where=where).value() == 1
    assert cube.facts(where).column("person").to_pylist() == [2]
    assert [each.key for each in cube.members("person.person", where)] == [2]
