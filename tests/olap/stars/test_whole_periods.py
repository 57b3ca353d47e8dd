"""A plan of months is not cut within a month: its part of a plan nobody knows."""

from __future__ import annotations

import duckdb
import pytest

from acrm_olap import connect
from acrm_olap.errors import MeaningError

FILES = {
    "date.yml": "dimension: date\ntable: days\nkey: day\ncalendar: {date: day}\n"
    "levels:\n  year: {key: y, period: year}\n  month: {key: m, period: month}\n"
    "  day: {key: day, period: day}\n"
    "hierarchies: {calendar: [year, month, day]}\n",
    "plan.yml": "cube: plan\nfact: plan\n"
    "dimensions: {date: {key: day, finest: month}}\nmeasures: {planned: {sum: net}}\n",
    "sales.yml": "cube: sales\nfact: sales\n"
    "dimensions: {date: {key: day}}\nmeasures: {net: {sum: net}}\n",
    "both.yml": "virtual_cube: both\ncubes: [plan, sales]\n"
    "measures: {share: {expression: net / planned}}\n",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    with duckdb.connect(str(folder / "plan.duckdb")) as connection:
        connection.execute("""
            create table days as select
                d::date as day, year(d) as y, strftime(d, '%Y-%m') as m
            from range(date '2024-01-01', date '2026-01-01', interval 1 day) t(d);
            create table plan as select day, 31 as net from days
            where day(day) = 1 and y = 2025;
            create table sales as select day, 1 as net from days where y = 2025;
        """)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    with connect(folder / "plan.duckdb", folder) as cubes:
        yield cubes["both"]


@pytest.mark.parametrize(
    ("cut", "share"),
    [
        ("2025-03", 1),
        (("2025-03-01", "2025-03-31"), 1),
        (("2025-02", "2025-03"), 59 / 62),
        ((None, "2025-01"), 1),
        (("2025-12-01", None), 1),
        (["2025-01", "2025-03"], 1),
        ("2025", 365 / 372),
    ],
)
def test_whole_months_have_an_answer(both, cut, share):
    assert both.query("share", where={"date": cut}).value() == pytest.approx(share)


@pytest.mark.parametrize(
    "cut",
    [
        ("2025-03-01", "2025-03-15"),
        ("2025-03-02", "2025-03-31"),
        "2025-03-01",
        "2025-W10",
        (None, "2025-03-15"),
        ("2025-03-15", None),
        ["2025-01", "2025-03-01"],
    ],
)
def test_a_part_of_a_month_is_refused(both, cut):
    with pytest.raises(MeaningError, match="knows a month as a whole"):
        both.query("share", where={"date": cut})
    assert both.query("net", where={"date": cut}).value() > 0
