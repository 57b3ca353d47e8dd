"""The calendar, proved against facts that this project did not write.

Python's own calendar, the rule books of ISO 8601 and of the National Retail
Federation (https://nrf.com/resources/4-5-4-calendar), the reckoning of Easter, and
holidays as law and proclamation set them. dbt builds the real models in a scratch
project, whose only stand-in is the range of days that the data needs.
"""

from __future__ import annotations

import calendar
from collections import Counter
from datetime import date, timedelta
from itertools import groupby, pairwise

import pytest
from calendar_scratch import ISO, OCTOBER, RETAIL, SUNDAY, Row, Scratch, messages
from dateutil.relativedelta import relativedelta
from dbt.cli.main import dbtRunnerResult

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scratch, dbtRunnerResult]:
    scratch = Scratch.create(tmp_path_factory.mktemp("retail"))
    return scratch, scratch.dbt("build", RETAIL)


@pytest.fixture(scope="module")
def days(retail: tuple[Scratch, dbtRunnerResult]) -> list[Row]:
    return retail[0].days()


@pytest.fixture(scope="module")
def stretched(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    scratch = Scratch.create(
        tmp_path_factory.mktemp("iso"), "date '1998-06-15'", "date '2041-02-03'"
    )
    scratch.build_without_tests(ISO)
    return scratch


@pytest.fixture(scope="module")
def iso_days(stretched: Scratch) -> list[Row]:
    return stretched.days()


@pytest.fixture(scope="module")
def october_days(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    scratch = Scratch.create(tmp_path_factory.mktemp("october"))
    scratch.build_without_tests(OCTOBER)
    return scratch.days()


def whole_fiscal_years(days: list[Row]) -> dict[int, list[Row]]:
    years = {
        year: list(of_year)
        for year, of_year in groupby(days, key=lambda day: day.fiscal_year)
    }
    return {
        year: of_year
        for year, of_year in years.items()
        if of_year[0].date_key == of_year[0].fiscal_year_start_date
        and of_year[-1].date_key == of_year[-1].fiscal_year_end_date
    }


def nearest_weekday(near: date, isoweekday: int) -> date:
    week = [near + n * DAY for n in range(-3, 4)]
    (found,) = [day for day in week if day.isoweekday() == isoweekday]
    return found


def test_everything_builds_and_passes_its_tests(retail):
    _, built = retail
    assert built.success, messages(built)
    kinds = Counter(one.node.resource_type.value for one in built.result.results)
    assert kinds["model"] == 8
    assert kinds["seed"] == 2
    assert kinds["unit_test"] >= 10
    assert kinds["test"] >= 70


def test_dim_date_is_built_in_less_than_a_second(retail):
    _, built = retail
    (seconds,) = [
        one.execution_time
        for one in built.result.results
        if one.node.name == "dim_date"
    ]
    assert seconds < 1


def test_the_calendar_has_every_day_of_its_years_once(days):
    assert [day.date_key for day in days] == [
        date(2000, 1, 1) + n * DAY
        for n in range((date(2036, 1, 1) - date(2000, 1, 1)).days)
    ]


def test_the_calendar_stretches_to_whole_years_around_the_data(iso_days):
    assert iso_days[0].date_key == date(1998, 1, 1)
    assert iso_days[-1].date_key == date(2041, 12, 31)
    assert all(b.date_key - a.date_key == DAY for a, b in pairwise(iso_days))


def test_iso_weeks_are_those_of_python(iso_days):
    for day in iso_days:
        year, week, weekday = day.date_key.isocalendar()
        assert (day.iso_year, day.iso_week, day.day_of_week_number) == (
            year,
            week,
            weekday,
        )
        assert day.iso_week_key == f"{year}-W{week:02d}"


def test_calendar_attributes_are_those_of_python(days):
    for day in days:
        key = day.date_key
        length = calendar.monthrange(key.year, key.month)[1]
        assert (
            day.values
            | {
                "date_label": key.isoformat(),
                "calendar_year": key.year,
                "calendar_quarter": (key.month + 2) // 3,
                "quarter_key": f"{key.year}-Q{(key.month + 2) // 3}",
                "month_number": key.month,
                "month_name": calendar.month_name[key.month],
                "month_key": key.isoformat()[:7],
                "month_start_date": key.replace(day=1),
                "month_end_date": key.replace(day=length),
                "day_of_month": key.day,
                "day_of_year": key.timetuple().tm_yday,
                "days_in_month": length,
                "day_of_week_name": calendar.day_name[key.weekday()],
                "is_weekend": key.weekday() >= 5,
                "is_month_end": key.day == length,
            }
            == day.values
        )


def test_the_53_week_years_are_those_of_the_national_retail_federation(days):
    long_years = {day.fiscal_year for day in days if day.weeks_in_fiscal_year == 53}
    assert {year for year in long_years if 2000 <= year <= 2027} == {
        2000,
        2006,
        2012,
        2017,
        2023,
    }
    # not published yet: 1 February 2028 is a Tuesday, 1 February 2029 a Thursday
    assert {year for year in long_years if 2028 <= year <= 2030} == {2028}


@pytest.mark.parametrize(
    ("year", "first_day"),
    [
        (2012, date(2012, 1, 29)),
        (2017, date(2017, 1, 29)),
        (2018, date(2018, 2, 4)),
        (2023, date(2023, 1, 29)),
        (2024, date(2024, 2, 4)),
    ],
)
def test_a_retail_year_begins_on_its_published_day(days, year, first_day):
    (found,) = [
        day.date_key
        for day in days
        if day.fiscal_year == year and day.fiscal_day_of_year == 1
    ]
    assert found == first_day


def test_weeks_from_monday_and_january_are_iso_weeks(iso_days):
    assert len(iso_days) > 16_000
    for day in iso_days:
        assert (day.fiscal_year, day.fiscal_week) == day.date_key.isocalendar()[:2]


@pytest.mark.parametrize(
    ("calendar_name", "month", "weekday"),
    [("days", 2, SUNDAY), ("iso_days", 1, 1), ("october_days", 10, 6)],
)
def test_fiscal_years_are_whole_weeks_in_months_of_4_4_5(
    request, calendar_name, month, weekday
):
    years = whole_fiscal_years(request.getfixturevalue(calendar_name))
    assert len(years) >= 35
    for year, of_year in years.items():
        first, weeks = of_year[0].date_key, of_year[0].weeks_in_fiscal_year
        assert first == nearest_weekday(date(year, month, 1), weekday)
        assert weeks in (52, 53)
        assert [day.fiscal_week for day in of_year] == [
            1 + n // 7 for n in range(7 * weeks)
        ]
        assert [day.fiscal_day_of_year for day in of_year] == [
            1 + n for n in range(7 * weeks)
        ]
        weeks_in_months = [4, 4, 5] * 3 + [4, 4, 5 + weeks - 52]
        assert [day.fiscal_month for day in of_year] == [
            1 + n for n, length in enumerate(weeks_in_months) for _ in range(7 * length)
        ]
        for day in of_year:
            assert day.fiscal_quarter == (day.fiscal_month + 2) // 3
            assert day.fiscal_year_key == f"FY{year}"
            assert day.fiscal_quarter_key == f"FY{year}-Q{day.fiscal_quarter}"
            assert day.fiscal_month_key == f"FY{year}-M{day.fiscal_month:02d}"
            assert day.fiscal_week_key == f"FY{year}-W{day.fiscal_week:02d}"
    for (year, before), (next_year, after) in pairwise(years.items()):
        assert next_year == year + 1
        assert after[0].date_key == before[-1].date_key + DAY


def test_a_comparable_day_is_the_same_weekday_and_the_same_date_the_same_date(days):
    for day in days:
        key = day.date_key
        assert day.comparable_date_last_year == key - 52 * 7 * DAY
        assert day.comparable_date_last_year.weekday() == key.weekday()
        assert day.same_date_last_year == key - relativedelta(years=1)


@pytest.mark.parametrize("calendar_name", ["days", "iso_days", "october_days"])
def test_the_fiscal_comparable_day_is_the_same_week_and_weekday(request, calendar_name):
    years = whole_fiscal_years(request.getfixturevalue(calendar_name))
    for before, after in pairwise(years.values()):
        comparable = [day.fiscal_comparable_date_last_year for day in after]
        assert comparable[:364] == [day.date_key for day in before[:364]]
        assert comparable[364:] == [None] * (len(after) - 364)


def test_the_special_dates_are_two_rows_with_labels_and_no_numbers(retail):
    rows = retail[0].rows("dim_date", "date_key")
    special = [rows[0], rows[-1]]
    assert [row.date_key for row in special] == [date(1900, 1, 1), date(9999, 12, 31)]
    assert sum(row.member_type != "date" for row in rows) == 2
    for row, label in zip(special, ["Unknown date", "Open end"], strict=True):
        filled = {
            name: value
            for name, value in row.values.items()
            if value is not None and name not in ("date_key", "member_type")
        }
        assert set(filled.values()) == {label, False}
        assert {name for name, value in filled.items() if value is False} == {
            "is_weekend",
            "is_month_end",
            "is_holiday",
            "is_holiday_gb",
            "is_holiday_us",
        }


def test_every_minute_of_the_day_has_one_daypart(retail):
    unknown, *minutes = retail[0].rows("dim_time_of_day", "time_key")
    assert (unknown.time_key, unknown.time_label) == (-1, "Unknown")
    assert [row.time_key for row in minutes] == list(range(24 * 60))
    assert [row.time_label for row in minutes] == [
        f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)
    ]
    parts = [
        (name, len(list(of_part)))
        for name, of_part in groupby(r.daypart for r in minutes)
    ]
    assert parts == [
        ("night", 6 * 60),
        ("morning", 5 * 60),
        ("midday", 3 * 60),
        ("afternoon", 4 * 60),
        ("evening", 6 * 60),
    ]


def test_channels_have_the_codes_that_packs_use_and_every_special_member(retail):
    rows = retail[0].rows("dim_channel", "channel_key")
    assert {
        row.channel_key: row.channel_code for row in rows if row.channel_key < 0
    } == {
        -1: "unknown",
        -2: "anonymous",
        -3: "not_applicable",
        -4: "erased",
    }
    assert {row.channel_code for row in rows} >= {
        "store_till",
        "self_checkout",
        "assisted_tablet",
        "web_shop",
        "mobile_app",
        "marketplace",
        "call_inbound",
        "call_outbound",
        "email",
        "sms",
        "push",
        "direct_mail",
        "coupon",
        "print_ad",
        "catalogue",
        "fax",
        "door_to_door",
        "field_sales",
        "social",
        "search",
        "display",
        "chat",
    }


def test_a_channel_keeps_its_key_in_another_warehouse(retail, stretched):
    here, there = (
        {
            row.channel_code: row.channel_key
            for row in one.rows("dim_channel", "channel_code")
        }
        for one in (retail[0], stretched)
    )
    assert here == there


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"fiscal_week_start_day": 8},
            "fiscal_week_start_day is 8; it must be a weekday",
        ),
        (
            {"fiscal_year_start_month": 0},
            "fiscal_year_start_month is 0; it must be a month",
        ),
        ({"calendar_from": "2040-01-01"}, "calendar_from (2040-01-01) lies after"),
    ],
)
def test_a_wrong_variable_stops_the_build_with_its_name(stretched, wrong, said):
    built = stretched.dbt(
        "run", RETAIL | wrong, "--select", "int_calendar_days", "int_fiscal_years"
    )
    assert not built.success
    assert said in messages(built)


def test_a_fact_gets_the_key_of_a_special_member_by_its_name(stretched):
    compiled = stretched.dbt(
        "compile", ISO, "--inline", "select {{ special_key('not_applicable') }}"
    )
    assert compiled.success, messages(compiled)
    assert compiled.result.results[0].node.compiled_code == "select -3"


def test_a_special_member_that_does_not_exist_is_refused(stretched, capsys):
    compiled = stretched.dbt(
        "compile", ISO, "--inline", "select {{ special_key('missing') }}"
    )
    assert not compiled.success
    assert (
        "special_key('missing'): there is no such special member. It must be one of:"
        " unknown, anonymous, not_applicable, erased."
    ) in capsys.readouterr().out
