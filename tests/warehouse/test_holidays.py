"""The holidays, proved against what law, proclamation and the moon have set.

Sources: 5 U.S.C. 6103 and Executive Order 11582 for the United States; the Banking
and Financial Dealings Act 1971 and proclamations for England and Wales; Easter by
dateutil, after Oudin (1940).
"""

from __future__ import annotations

import calendar
from collections import Counter
from datetime import date, timedelta

import pytest
from calendar_scratch import ISO, RETAIL, Row, Scratch
from dateutil.easter import easter

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    scratch = Scratch.create(tmp_path_factory.mktemp("holidays"))
    scratch.build_without_tests(RETAIL)
    return scratch.days()


@pytest.fixture(scope="module")
def holidays(days: list[Row]) -> dict[date, set[str]]:
    return {
        day.date_key: set(day.holiday_name.split("; "))
        for day in days
        if day.is_holiday
    }


def dates_of(holidays: dict[date, set[str]], name: str) -> list[date]:
    return [day for day, names in holidays.items() if name in names]


def test_easter_is_where_the_reckoning_puts_it(holidays):
    years = range(2000, 2036)
    assert dates_of(holidays, "GB: Good Friday") == [easter(y) - 2 * DAY for y in years]
    assert dates_of(holidays, "GB: Easter Monday") == [easter(y) + DAY for y in years]


@pytest.mark.parametrize(
    ("name", "month", "weekday", "nth"),
    [
        ("US: Martin Luther King Jr. Day", 1, calendar.MONDAY, 3),
        ("US: Washington's Birthday", 2, calendar.MONDAY, 3),
        ("US: Memorial Day", 5, calendar.MONDAY, -1),
        ("US: Labor Day", 9, calendar.MONDAY, 1),
        ("US: Columbus Day", 10, calendar.MONDAY, 2),
        ("US: Thanksgiving Day", 11, calendar.THURSDAY, 4),
        ("GB: Late Summer Bank Holiday", 8, calendar.MONDAY, -1),
    ],
)
def test_a_holiday_by_weekday_falls_on_it_in_every_year(
    holidays, name, month, weekday, nth
):
    def day_of(year: int) -> date:
        in_month = [
            day
            for day in calendar.Calendar().itermonthdates(year, month)
            if day.month == month and day.weekday() == weekday
        ]
        return in_month[nth if nth < 0 else nth - 1]

    assert dates_of(holidays, name) == [day_of(year) for year in range(2000, 2036)]


@pytest.mark.parametrize(
    ("name", "month", "day", "since"),
    [
        ("US: New Year's Day", 1, 1, 2000),
        ("US: Juneteenth National Independence Day", 6, 19, 2021),
        ("US: Independence Day", 7, 4, 2000),
        ("US: Veterans Day", 11, 11, 2000),
        ("US: Christmas Day", 12, 25, 2000),
    ],
)
def test_a_federal_holiday_on_a_weekend_is_observed_on_the_nearest_workday(
    holidays, name, month, day, since
):
    fixed = [date(year, month, day) for year in range(since, 2036)]
    shift = {calendar.SATURDAY: -DAY, calendar.SUNDAY: DAY}
    observed = [one + shift[one.weekday()] for one in fixed if one.weekday() in shift]
    assert dates_of(holidays, name) == fixed
    assert dates_of(holidays, f"{name} (observed)") == [
        one for one in observed if one.year >= 2000
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        # moved or added by royal proclamation
        (date(2002, 6, 3), "GB: Golden Jubilee of Elizabeth II"),
        (date(2002, 6, 4), "GB: Spring Bank Holiday"),
        (date(2011, 4, 29), "GB: Wedding of William and Catherine"),
        (date(2012, 6, 4), "GB: Spring Bank Holiday"),
        (date(2012, 6, 5), "GB: Diamond Jubilee of Elizabeth II"),
        (date(2020, 5, 8), "GB: May Day"),
        (date(2022, 6, 2), "GB: Spring Bank Holiday"),
        (date(2022, 6, 3), "GB: Platinum Jubilee of Elizabeth II"),
        (date(2022, 9, 19), "GB: State Funeral of Queen Elizabeth II"),
        (date(2023, 5, 8), "GB: Coronation of Charles III"),
    ],
)
def test_a_proclaimed_holiday_is_on_its_day(holidays, day, name):
    assert name in holidays[day]


def test_england_has_eight_bank_holidays_on_workdays_and_the_proclaimed_ones(days):
    on_workdays = Counter(
        day.calendar_year for day in days if day.is_holiday_gb and not day.is_weekend
    )
    proclaimed = {2002: 1, 2011: 1, 2012: 1, 2022: 2, 2023: 1}
    assert on_workdays == {
        year: 8 + proclaimed.get(year, 0) for year in range(2000, 2036)
    }


def test_a_day_off_in_two_countries_names_both(days):
    (day,) = [day for day in days if day.date_key == date(2020, 5, 25)]
    assert day.holiday_name == "GB: Spring Bank Holiday; US: Memorial Day"
    assert day.holiday_country_codes == "GB,US"
    assert day.is_holiday_gb
    assert day.is_holiday_us


def test_the_flags_of_the_countries_are_what_their_names_say(days):
    for day in days:
        countries = {name[:2] for name in (day.holiday_name or "").split("; ")} - {""}
        assert day.is_holiday == bool(countries)
        assert day.is_holiday_gb == ("GB" in countries)
        assert day.is_holiday_us == ("US" in countries)
        assert (day.holiday_country_codes or "") == ",".join(sorted(countries))


def test_a_year_without_known_holidays_is_reported(tmp_path):
    scratch = Scratch.create(tmp_path, "date '1998-06-15'", "date '2041-02-03'")
    scratch.build_without_tests(ISO)
    checked = scratch.dbt("test", ISO, "--select", "assert_holidays_cover_the_calendar")
    assert checked.success  # a warning, which stops nobody
    (found,) = checked.result.results
    assert found.status == "warn"
    unknown_years = [1998, 1999, *range(2036, 2042)]
    assert found.failures == 2 * len(unknown_years)
