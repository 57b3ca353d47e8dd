"""The clock of the business, and numbers as columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from acrm.example import Settings, columns
from acrm.example.clock import Clock, black_friday, easter, to_utc
from acrm.example.states import delivered_states, known_at

LISBON = ZoneInfo("Europe/Lisbon")
EPOCH = datetime(1970, 1, 1)


def test_utc_is_what_the_zone_data_says():
    """Every quarter of an hour of two years, but the hour that does not exist."""
    start = datetime(2024, 1, 1)
    local = [start + timedelta(minutes=15 * n) for n in range(4 * 24 * 731)]
    expected = [moment.replace(tzinfo=LISBON).astimezone(UTC) for moment in local]
    real = np.array(
        [
            utc.astimezone(LISBON).replace(tzinfo=None) == moment
            for utc, moment in zip(expected, local, strict=True)
        ]
    )
    assert 0 < (~real).sum() <= 8
    seconds = np.array([int((moment - EPOCH).total_seconds()) for moment in local])
    wanted = np.array([int(utc.timestamp()) for utc in expected])
    assert (to_utc(seconds)[real] == wanted[real]).all()


def test_a_missing_moment_stays_missing():
    assert to_utc(np.array([-1, 86_400 * 200])).tolist() == [-1, 86_400 * 200 - 3_600]


@pytest.mark.parametrize(
    "day",
    [
        date(2000, 4, 23),
        date(2023, 4, 9),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2038, 4, 25),
    ],
)
def test_easter(day):
    assert easter(day.year) == day


@pytest.mark.parametrize(
    "day", [date(2023, 11, 24), date(2024, 11, 22), date(2025, 11, 28)]
)
def test_black_friday_is_the_fourth_friday(day):
    assert black_friday(day.year) == day


def test_stores_are_shut_on_three_days_of_a_year():
    clock = Clock(Settings(500, 365, 1))
    shut = [clock.days[n] for n in np.flatnonzero(clock.is_closed)]
    assert shut == [date(2025, 1, 1), date(2025, 4, 20), date(2025, 12, 25)]
    assert (clock.store[clock.is_closed] == 0).all()
    assert (clock.web > 0).all()


def test_advent_is_the_busiest_time():
    clock = Clock(Settings(500, 365, 1))
    months = [clock.store[clock.month == month].mean() for month in range(1, 13)]
    assert np.argmax(months) == 11


def test_numbers_become_columns():
    numbers = np.array([7, -1, 1234567])
    assert columns.code("P", numbers).to_pylist() == ["P0000007", None, "P1234567"]
    assert columns.whole(numbers).to_pylist() == [7, None, 1234567]
    assert columns.pick(["a", "b"], np.array([1, -1, 0])).to_pylist() == [
        "b",
        None,
        "a",
    ]
    cents = columns.money(np.array([-5, 0, 12_345_678_901]))
    assert cents.to_pylist() == [
        Decimal("-0.05"),
        Decimal("0.00"),
        Decimal("123456789.01"),
    ]
    some = columns.money(np.array([5, 6]), missing=np.array([True, False]))
    assert some.to_pylist() == [None, Decimal("0.06")]
    days = columns.dates(np.array([-400, 0]), missing=np.array([False, True]))
    assert days.to_pylist() == [date(1968, 11, 27), None]
    assert columns.join(columns.code("S", numbers, 3), "-D1").to_pylist()[:2] == [
        "S007-D1",
        None,
    ]


def test_the_initial_extract_shows_the_last_state_and_days_show_each():
    day = 86_400
    steps = np.array(
        [
            [10, 20, -1],  # all of it before
            [10, 2 * day, 3 * day],  # begun before, goes on
            [2 * day, 2 * day, -1],  # two milestones at once are one state
        ]
    )
    place, moment = delivered_states(steps, first_daily=1)
    assert list(zip(place.tolist(), moment.tolist(), strict=True)) == [
        (0, 20), (1, 10), (1, 2 * day), (1, 3 * day), (2, 2 * day),
    ]  # fmt: skip
    _, second, third = known_at(steps, place, moment)
    assert second.tolist() == [20, -1, 2 * day, 2 * day, 2 * day]
    assert third.tolist() == [-1, -1, -1, 3 * day, -1]
