"""What is compared with a period that the data do not hold whole is told."""

from __future__ import annotations

import pytest
from cubes_for_tests import cubes_of, held_to

DOCUMENTS = (
    "dimension: date\ntable: days\nkey: day\ncalendar: {date: day}\n"
    "levels:\n  year: {key: y, period: year}\n  month: {key: m, period: month}\n"
    "  day: {key: day, period: day}\n"
    "hierarchies: {calendar: [year, month, day]}\n",
    "cube: sales\nfact: sales\ntime: date\n"
    "dimensions: {date: {key: day, complete: true}, kind: {levels: {kind: kind}}}\n"
    "measures: {net: {sum: net}, stock: {sum: net, over: {date: closing}}}\n",
)
TABLES = """
create table days as select
    d::date as day, year(d) as y, strftime(d, '%Y-%m') as m
from range(date '2023-01-01', date '2026-01-01', interval 1 day) t(d);
create table sales as select day, 1 as net,
    case when month(day) >= 4 and y = 2024 then 'b' else 'a' end as kind
from days where day between date '2024-01-15' and date '2025-03-20';
"""


@pytest.fixture(scope="module")
def cubes(tmp_path_factory):
    """One a day from 15 January 2024 to 20 March 2025; kind b from April 2024 on."""
    return cubes_of(tmp_path_factory.mktemp("definitions"), TABLES, *DOCUMENTS)


def cells(answer, name):
    return dict(
        zip(
            answer.table.column(0).to_pylist(), answer.table.column(name).to_pylist(),
            strict=True,
        )
    )  # fmt: skip


BEGIN = "which begin on 2024-01-15."
END = "the data end on 2025-03-20."


def test_a_month_that_began_before_the_data_is_told(cubes):
    where = {"date": ("2025-01", "2025-03")}
    asked = ["net", "net.growth_year"]
    answer = cubes["sales"].query(asked, "date.month", where=where)
    growth = cells(answer, "net.growth_year")
    assert growth["2025-01"] == pytest.approx(31 / 17 - 1)
    assert growth["2025-02"] == pytest.approx(28 / 29 - 1)
    assert growth["2025-03"] is None
    assert answer.notes == (
        f"net.growth_year: 1 cell beside a period that is older than the data, {BEGIN}",
        f"net.growth_year: 1 cell left empty of a period that is not over: {END}",
    )
    assert answer.notes[0] in answer.to_text()
    hidden = cubes["sales"].query(asked, "date.month", where=where, part_periods="hide")
    assert list(cells(hidden, "net.growth_year").values()) == [
        None, pytest.approx(28 / 29 - 1), None,
    ]  # fmt: skip
    assert hidden.notes[0] == (
        "net.growth_year: 1 cell left empty beside a period older than the data,"
        f" {BEGIN}"
    )
    assert cells(hidden, "net") == cells(answer, "net")


@pytest.mark.parametrize(
    ("measure", "rows", "cut", "told"),
    [
        # February against February: both are whole.
        ("net.growth_year", "date.month", "2025-02", False),
        ("net.prior", "date.month", "2024-02", True),
        ("net.prior", "date.month", "2024-03", False),
        # All of 2023 is older: there is nothing to compare with, and nothing to say.
        ("net.prior_year", "date.month", "2024-02", False),
        # A part of the year is compared with the same part of the year before.
        ("net.prior_year", "date.year", ("2025-02", "2025-02"), False),
        ("net.prior_year", "date.year", ("2025-01", "2025-02"), True),
        # 364 days before 2025-01-10 is 2024-01-12.
        ("net.prior_year_comparable", "date.month", "2025-01", True),
        ("net.prior_year_comparable", "date.day", "2025-01-20", False),
        # From the start of a year that the data do not have from its start.
        ("net.year_to_date.prior_year", "date.month", "2025-02", True),
        ("net.change", "date.day", "2024-01-16", False),
        ("stock.prior", "date.month", "2024-02", True),
    ],
)
def test_only_what_is_compared_with_a_part_is_told(cubes, measure, rows, cut, told):
    asked = {"where": {"date": cut}, "open_periods": "whole"}
    answer = cubes["sales"].query(measure, rows, **asked)
    assert any("older than the data" in note for note in answer.notes) is told
    hidden = cubes["sales"].query(measure, rows, part_periods="hide", **asked)
    assert (cells(hidden, measure) == cells(answer, measure)) is not told


def test_each_cell_is_told_of_by_its_own_rows(cubes):
    answer = cubes["sales"].query(
        ["net", "net.prior"], ["kind", "date.month"], where={"date": "2024-02"},
        empty="show",
    )  # fmt: skip
    # Of kind b there was nothing in January, so that nothing is compared with it.
    assert answer.notes == (
        f"net.prior: 1 cell beside a period that is older than the data, {BEGIN}",
    )


@pytest.mark.parametrize(
    ("open_periods", "said"),
    [
        ("hide", "left empty of a period that is not over"),
        ("same_days", "beside the same days of the past"),
        ("whole", "of a period that is not over, beside a whole one"),
    ],
)
def test_a_period_that_is_not_over_is_told(cubes, open_periods, said):
    answer = cubes["sales"].query(
        "net.prior", "date.month", where={"date": "2025-03"},
        open_periods=open_periods, empty="show",
    )  # fmt: skip
    assert answer.notes == (f"net.prior: 1 cell {said}: {END}",)


def test_who_is_held_to_a_time_is_not_told_when_data_begin(cubes):
    sales = held_to(cubes["sales"], {"date": ("2024-02", "2025-02")})
    answer = sales.query("net.prior", "date.month", where={"date": "2024-02"})
    assert not [note for note in answer.notes if "2024-01-15" in note]
