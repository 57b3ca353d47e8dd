"""Ways of asking that are there for speed, and when they must not be taken."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from cubes_for_tests import cubes_of, definitions_in, rows_of

from acrm_olap.definitions.model import Period
from acrm_olap.expressions import parse
from acrm_olap.running import Database, Engine
from acrm_olap.running.whole_days import _without_gaps, with_days
from acrm_olap.sql.keyed import Limits, Sizes, kept_roles
from acrm_olap.sql.looked_up import _packed
from acrm_olap.sql.measures import added_columns

TABLES = """
create table dim_date as
select d::date as day, year(d) as yr, strftime(d, '%Y-%m') as mon, yr // 10 as decade
from range(date '2024-01-01', date '2026-01-01', interval 1 day) as t(d);
create table dim_shop as
select * from (values (1, 'North'), (2, 'South'), (3, null), (4, 'North'))
    as t(shop_key, region);
create table fct_sales as
select * from (values
    (date '2024-01-05', 1, 10.00::decimal(18, 2), 4.00::decimal(18, 2), 1.00),
    (date '2024-02-05', 4, 20.00, 5.00, null),
    (date '2025-01-31', 2, 30.00, 6.00, 1.00),
    (date '2025-02-01', 3, 40.00, 7.00, 1.00),
    (date '2025-12-31', 9, 50.00, 8.00, 1.00)
) as t(day, shop_key, amount, cost, fee);
"""
DATE = """
dimension: date
table: dim_date
key: day
calendar: {date: day}
levels:
  decade: {key: decade, period: year}
  year: {key: yr, period: year}
  month: {key: mon, period: month}
  day: {key: day, period: day}
hierarchies:
  calendar: [year, month, day]
"""
SHOP = """
dimension: shop
table: dim_shop
key: shop_key
levels:
  region: region
"""
SALES = """
cube: sales
fact: fct_sales
time: date
dimensions:
  date: {key: day, complete: true}
  shop: {key: shop_key}
measures:
  net: {sum: amount}
  margin: {sum: amount - cost}
  after_fee: {sum: amount - fee}
  lines: {count: "*"}
"""


@pytest.fixture
def cubes(tmp_path):
    found = cubes_of(tmp_path, TABLES, DATE, SHOP, SALES)
    engine = found.engine
    limits = Limits(members=0, rows=0, rows_a_member=0)
    engine.sizes = Sizes(
        engine.sizes.tables, engine.sizes.members, limits, engine.sizes.look_up
    )
    return found


def sql_of(cubes, **asked):
    engine = cubes.engine
    return engine.statement(engine.plan(cubes["sales"].question(**asked))).sql()


def test_codes_keep_members_without_a_name_and_rows_without_a_member(cubes):
    asked = {"measures": ["net", "lines"], "rows": "shop.region"}
    assert "_code" in sql_of(cubes, **asked)
    # The shop without a region, and the row of shop 9, which is none, are both of
    # no region.
    assert rows_of(cubes["sales"].query(**asked)) == [
        ("North", Decimal("30.00"), 2),
        ("South", Decimal("30.00"), 1),
        (None, Decimal("90.00"), 2),
    ]


PLACES = """
create table place as from (values
    (1, null, 'A', 'x'), (2, 1, 'B', 'y'), (3, 1, 'A', 'z')
) as t(k, boss, a, b);
create table trip as from (values (1, 2, 10), (2, 3, 20), (3, 1, 40), (3, 3, 80))
    as t(k1, k2, net);
"""
PLACE = """
dimension: place
table: place
key: k
levels: {home_region: a, region: b, member: k}
hierarchies: {reports: {level: member, parent: boss}, line: [member]}
"""
OTHER = """
dimension: other
table: place
key: k
levels: {member: k}
hierarchies: {home_reports: {level: member, parent: boss}, line: [member]}
"""
TRIP = """
cube: trip
fact: trip
dimensions:
  who: {dimension: other, key: k2}
  who_home: {dimension: place, key: k1}
  to: {dimension: place, key: k1}
  to_home: {dimension: place, key: k2}
measures: {net: {sum: net}}
"""


def test_roles_and_levels_whose_names_read_alike_together_are_told_apart(tmp_path):
    cubes = cubes_of(tmp_path, PLACES, PLACE, OTHER, TRIP)
    engine = cubes.engine
    engine.sizes = replace(engine.sizes, limits=Limits(0, rows=0, rows_a_member=0))
    answer = cubes["trip"].query("net", ["to.home_region", "to_home.region"])
    assert answer.sql.count("AS _code") == 2
    assert rows_of(answer) == [
        ("A", "x", 40), ("A", "y", 10), ("A", "z", 80), ("B", "z", 20),
    ]  # fmt: skip
    where = {"who_home.reports": 3, "who.home_reports": 1}
    assert cubes["trip"].query("net", where=where).value() == 120


def test_a_cube_may_be_called_as_cells_without_a_period_would_be(tmp_path):
    def cube_of(name):
        return (
            f"cube: {name}\nfact: fct_sales\ntime: date\n"
            "dimensions: {date: {key: day}}\n"
            f"measures: {{{name}_net: {{sum: amount}}}}\n"
        )

    both = cubes_of(
        tmp_path,
        TABLES + "insert into fct_sales values (null, 1, 7.00, 1.00, 1.00);",
        DATE, cube_of("sales"), cube_of("sales_as_is"),
        "virtual_cube: both\ncubes: [sales, sales_as_is]\n",
    )["both"]  # fmt: skip
    asked = ["net", "net.prior_year"]
    answer = both.query(
        [f"{name}_{each}" for name in ("sales", "sales_as_is") for each in asked],
        "date.year", where={"date.year": [2024, 2025]}, open_periods="whole",
    )  # fmt: skip
    assert rows_of(answer) == [
        (2024, 30, None, 30, None), (2025, 120, 30, 120, 30),
    ]  # fmt: skip


def test_codes_are_as_wide_as_the_members_need(cubes):
    cube = cubes.engine.cubes["sales"]
    levels = [cube.level("shop.region")]
    measures = [cube.measures["net"]]
    kinds = {}
    for count in (254, 255, 65_534, 65_535):
        sizes = Sizes({"dim_shop": 10, "fct_sales": 10}, lambda *_, n=count: n,
                      Limits(members=0, rows=0))  # fmt: skip
        kept = kept_roles(cube, levels, measures, sizes)
        kinds[count] = kept["shop"].data_type if kept else ""
    assert kinds == {254: "utinyint", 255: "usmallint", 65_534: "usmallint", 65_535: ""}


def test_a_year_is_its_days(cubes):
    asked = {"measures": ["net"], "where": {"date.year": 2025}}
    assert "BETWEEN" in sql_of(cubes, **asked)
    assert rows_of(cubes["sales"].query(**asked)) == [(Decimal("120.00"),)]


def test_a_year_that_is_not_in_the_calendar_is_asked_of_the_calendar(cubes):
    where = {"date.year": [2025, 2031]}
    asked = {"measures": ["lines"], "where": where, "missing": "empty"}
    assert "BETWEEN" not in sql_of(cubes, **asked)
    assert rows_of(cubes["sales"].query(**asked)) == [(3,)]


def test_periods_whose_days_lie_in_one_another_are_not_cut_by_day():
    first, last = date(2024, 1, 1), date(2024, 12, 31)
    apart = [(2024, first, last), (2025, date(2025, 1, 1), date(2025, 6, 1))]
    assert _without_gaps(list(apart)) == apart
    # A day of 2024 that belongs to no year: it is within, and not of, 2024.
    assert _without_gaps([*apart, (None, date(2024, 6, 6), date(2024, 6, 6))]) == []
    # It is not, where it lies before.
    special = (None, date(1900, 1, 1), date(1900, 1, 1))
    assert _without_gaps([*apart, special]) == apart


def test_cuts_of_days_stay_as_they_are(cubes):
    engine = cubes.engine
    plan = engine.plan(cubes["sales"].question(measures="net", where={"date": 2025}))
    assert with_days(plan, engine.knowledge).cuts == plan.cuts


def test_a_sum_of_differences_is_one_of_sums_where_no_row_lacks_a_number(cubes):
    sql = sql_of(cubes, measures=["margin", "after_fee"])
    assert 'SUM(fact."amount") - SUM(fact."cost")' in sql
    # A row without a fee is in neither sum of the difference.
    assert 'SUM((fact."amount" - fact."fee"))' in sql
    answer = cubes["sales"].query(measures=["margin", "after_fee"])
    assert rows_of(answer) == [(Decimal("120.00"), Decimal("126.00"))]


def test_signs_go_through_brackets(cubes):
    measure = cubes.engine.cubes["sales"].measures["margin"]
    types = dict.fromkeys("abc", "DECIMAL(18,2)") | {"x": "DOUBLE"}

    def added(text):
        return added_columns(replace(measure, node=parse(text)), types)

    assert added("a - (b - c)") == (("a", True), ("b", False), ("c", True))
    assert added("a * b") == added("a - 1") == added("a - x") == added("a") == ()


def test_maps_that_say_a_thing_twice_are_not_packed():
    rows = [
        (0, "2024", "2023", False, True, False), (1, "2024", "2023", True, True, True),
    ]  # fmt: skip
    assert _packed(rows, [0, 1]) == [("2024", "2023", 0b11110101)]
    assert _packed([rows[0], rows[0]], [0, 1]) == []
    assert _packed([(0, date.max, "2023", False, True, False)], [0, 1]) == []


def test_looked_up_periods_hide_what_is_open_and_what_is_not_whole(cubes):
    asked = {
        "measures": ["net", "net.prior", "net.moving_avg_2", "lines.prior_year"],
        "rows": "date.month",
        "where": {"date.year": [2024, 2025]},
    }
    assert "UNNEST" in sql_of(cubes, **asked)
    found = {row[0]: row[1:] for row in rows_of(cubes["sales"].query(**asked))}
    # By hand: sales in 2024-01, 2024-02, 2025-01, 2025-02 and 2025-12.
    assert found["2024-01"] == (Decimal("10.00"), None, None, None)
    assert found["2024-02"] == (Decimal("20.00"), Decimal("10.00"), 15.0, None)
    assert found["2024-03"] == (None, Decimal("20.00"), 10.0, None)
    assert found["2025-01"] == (Decimal("30.00"), None, 15.0, 1)
    assert found["2025-02"] == (Decimal("40.00"), Decimal("30.00"), 35.0, 1)
    assert found["2025-12"] == (Decimal("50.00"), None, 25.0, None)


def test_looked_up_periods_tell_and_hide_what_is_older_than_the_data(cubes):
    # Days from 5 January 2024 on have sales; of February 2024, the month before began
    # on the first.
    asked = {
        "measures": ["net", "net.prior", "net.moving_avg_2", "lines.prior_year"],
        "rows": "date.month",
        "where": {"date.year": [2024, 2025]},
    }
    hidden = {**asked, "part_periods": "hide"}
    assert "UNNEST" in sql_of(cubes, **hidden)
    sales, engine = cubes["sales"], cubes.engine
    told, held = sales.query(**asked), sales.query(**hidden)
    found = {row[0]: row[1:] for row in rows_of(held)}
    # By hand: of January 2024, four days are older.
    assert found["2024-02"] == (Decimal("20.00"), None, 15.0, None)
    assert found["2025-01"] == (Decimal("30.00"), None, 15.0, None)
    assert found["2025-02"] == (Decimal("40.00"), Decimal("30.00"), 35.0, 1)
    begin = "older than the data, which begin on 2024-01-05."
    assert [note for note in told.notes if begin in note] == [
        f"net.prior: 1 cell beside a period that is {begin}",
        f"lines.prior_year: 1 cell beside a period that is {begin}",
    ]
    # The same as by maps that are written into the statement.
    engine.sizes = replace(engine.sizes, look_up=None)
    assert "UNNEST" not in sql_of(cubes, **hidden)
    for before, again in ((told, asked), (held, hidden)):
        written = sales.query(**again)
        assert written.notes == before.notes
        assert rows_of(written) == rows_of(before)


@pytest.mark.parametrize("open_periods", ["hide", "whole"])
def test_an_open_period_is_told_where_periods_are_looked_up(tmp_path, open_periods):
    tables = TABLES.replace("date '2025-12-31', 9", "date '2025-12-20', 9")
    cubes = cubes_of(tmp_path, tables, DATE, SHOP, SALES)
    asked = {
        "measures": ["net", "net.prior_year"],
        "rows": "date.year",
        "where": {"date.year": 2025},
        "open_periods": open_periods,
    }
    looked_up = cubes["sales"].query(**asked)
    assert "UNNEST" in looked_up.sql
    # By hand: all sales of 2024 were in its first two months.
    before = None if open_periods == "hide" else Decimal("30.00")
    assert rows_of(looked_up) == [(2025, Decimal("120.00"), before)]
    assert any("the data end on 2025-12-20" in note for note in looked_up.notes)
    cubes.engine.sizes = replace(cubes.engine.sizes, look_up=None)
    written = cubes["sales"].query(**asked)
    assert "UNNEST" not in written.sql
    assert written.notes == looked_up.notes
    assert rows_of(written) == rows_of(looked_up)


def test_what_was_proved_of_a_version_is_not_taken_for_another_calendar(tmp_path):
    connection = duckdb.connect()
    connection.execute(
        "create table days as select d::date as day, d::date + 15 as later,"
        " strftime(d, '%Y-%m') as mon"
        " from range(date '2024-01-01', date '2025-01-01', interval 1 day) as t(d);"
        "create table sales as select day, 1 as net from days"
    )
    database = Database(connection, "memory", memory=tmp_path / "known.json")

    def are_months_whole(day):
        definitions = definitions_in(
            tmp_path / day,
            f"dimension: date\ntable: days\nkey: day\ncalendar: {{date: {day}}}\n"
            "levels: {month: {key: mon, period: month}, day: day}\n",
            "cube: sales\nfact: sales\ndimensions: {date: {key: day}}\n"
            "measures: {net: {sum: net}}\n",
        )
        engine = Engine(database, definitions)
        use = engine.cubes["sales"].uses["date"]
        return engine.proofs.within(use, use.levels["month"], Period.MONTH)

    assert are_months_whole("day")
    assert not are_months_whole("later")
    assert are_months_whole("day")
