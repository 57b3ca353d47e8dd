"""Days, seasons and hours of the business, and its clock.

All of the company is made on the clock of the business, Europe/Lisbon, and turned into
UTC when it is written. The rule of summer time is the European Union's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from acrm.example import columns
from acrm.example.settings import DAY, EPOCH, Array, Settings

HOUR = 3_600
FRIDAY, SUNDAY = 4, 6
JANUARY, JULY, NOVEMBER, DECEMBER = 1, 7, 11, 12
CHRISTMAS = 24
STORE_WEEKDAYS = np.array([0.84, 0.82, 0.88, 0.95, 1.18, 1.52, 0.92])
WEB_WEEKDAYS = np.array([1.10, 1.06, 1.02, 1.00, 0.88, 0.84, 1.14])
MONTHS = np.array([1.08, 0.80, 0.90, 0.97, 1.0, 1.02, 1.1, 0.78, 0.96, 1.0, 1.14, 1.42])
STORE_HOURS = {10: 5, 11: 8, 12: 10, 13: 11, 14: 8, 15: 9, 16: 10, 17: 13, 18: 15}
STORE_HOURS |= {19: 12, 20: 7}
SUNDAY_HOURS = {11: 7, 12: 10, 13: 9, 14: 10, 15: 14, 16: 15, 17: 14, 18: 11, 19: 6}
WEB_HOURS = dict(
    enumerate([3, 2, 1, 0.5, 0.4, 0.6, 1.2, 2.5, 4, 5, 5, 5, 6, 6, 5, 4.5])
)
WEB_HOURS |= {16: 4.5, 17: 5, 18: 6, 19: 7, 20: 9, 21: 11, 22: 9, 23: 6}
OFFICE_HOURS = {8: 4, 9: 10, 10: 12, 11: 12, 12: 8, 13: 7, 14: 9, 15: 10, 16: 10, 17: 9}
OFFICE_HOURS |= {18: 6, 19: 3}


def easter(year: int) -> date:
    """Return Easter Sunday, by the Gregorian computus."""
    golden, century, of_century = year % 19, year // 100, year % 100
    leap = (century + 8) // 25
    epact = (19 * golden + century - century // 4 - (century - leap + 1) // 3 + 15) % 30
    weekday = (
        32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4
    ) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def black_friday(year: int) -> date:
    """Return the fourth Friday of November."""
    first = date(year, NOVEMBER, 1)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7 + 21)


def _between(numbers: Array, low: int, high: int) -> Array:
    """Return which numbers are in a range, both ends included."""
    inside: Array = (numbers >= low) & (numbers <= high)
    return inside


def _last_sunday(year: int, month: int) -> int:
    last = date(year, month, 31)
    return (last - timedelta(days=(last.weekday() + 1) % 7) - EPOCH).days


def to_utc(local: Array) -> Array:
    """Turn seconds on the clock of Lisbon into seconds of UTC; below nought stays."""
    given = np.asarray(local, dtype=np.int64)
    known = given >= 0
    if not known.any():
        return given
    years = (
        EPOCH.year + int(given[known].min() // (366 * DAY)),
        EPOCH.year + int(given.max() // (365 * DAY)),
    )
    changes: list[int] = []
    for year in range(years[0], years[1] + 1):
        changes += [
            _last_sunday(year, 3) * DAY + HOUR,
            _last_sunday(year, 10) * DAY + 2 * HOUR,
        ]
    is_summer = np.searchsorted(changes, given, side="right") % 2 == 1
    return np.where(known & is_summer, given - HOUR, given)


@dataclass(frozen=True)
class Hours:
    """When in the day things happen: a distribution over its seconds."""

    edges: Array
    cumulated: Array

    @classmethod
    def of(cls, weights: Mapping[int, float]) -> Hours:
        """Make one from weights of hours."""
        hours = sorted(weights)
        total = np.cumsum([0.0, *(weights[hour] for hour in hours)])
        edges = np.array([*hours, hours[-1] + 1]) * HOUR
        return cls(edges, total / total[-1])

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Draw seconds of the day."""
        drawn = np.interp(rng.random(count), self.cumulated, self.edges)
        # The last second belongs to the hour that follows.
        seconds: Array = np.minimum(drawn, self.edges[-1] - 1).astype(np.int64)
        return seconds


class Clock:
    """The days of one company.

    Attributes
    ----------
    weekday, month, year_day : array of int
        One a day.
    is_closed : array of bool
        Stores stay shut.
    is_peak : array of bool
        The weeks in which orders run late.
    is_sale : array of bool
        The weeks of reduced prices.
    store, web : array of float
        How much is going on, by day.
    week : array of int
        Weeks begin on Mondays.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        days = [settings.date_of(day) for day in range(settings.days)]
        self.days = days
        self.weekday = np.array([day.weekday() for day in days])
        self.month = np.array([day.month for day in days])
        self.month_number = np.array(
            [(day.year - days[0].year) * 12 + day.month - days[0].month for day in days]
        )
        self.week = (np.arange(settings.days) + days[0].weekday()) // 7
        self.is_closed = np.array(
            [
                (d.month, d.day) in {(1, 1), (12, 25)} or d == easter(d.year)
                for d in days
            ]
        )
        fridays = {day: black_friday(day.year) for day in days}
        since_friday = np.array([(day - fridays[day]).days for day in days])
        month = self.month
        month_day = np.array([day.day for day in days])
        advent = (month == DECEMBER) & (month_day < CHRISTMAS)
        self.is_peak = advent | _between(since_friday, 0, 7)
        self.is_sale = (
            ((month == JANUARY) & _between(month_day, 3, 31))
            | ((month == JULY) & _between(month_day, 1, 28))
            | _between(since_friday, -1, 3)
        )
        season = self._season(month, month_day)
        friday = (since_friday == 0).astype(float)
        cyber = _between(since_friday, 1, 3).astype(float)
        self.store = season * STORE_WEEKDAYS[self.weekday] * (1 + 0.8 * friday)
        self.store = np.where(self.is_closed, 0.0, self.store)
        self.web = (
            season * WEB_WEEKDAYS[self.weekday] * (1 + 1.8 * friday + 0.7 * cyber)
        )
        self.store_hours = Hours.of(STORE_HOURS)
        self.sunday_hours = Hours.of(SUNDAY_HOURS)
        self.web_hours = Hours.of(WEB_HOURS)
        self.office_hours = Hours.of(OFFICE_HOURS)

    @staticmethod
    def _season(month: Array, month_day: Array) -> Array:
        """Return the season of each day: months run into each other, Advent rises."""
        middle = month - 1 + (month_day - 15) / 30.5
        year = np.concatenate([MONTHS[-1:], MONTHS, MONTHS[:1]])
        smooth = np.interp(middle % 12, np.arange(-1, 13), year)
        rising = np.where(month_day < CHRISTMAS, 1 + 0.6 * month_day / 23, 0.7)
        season: Array = smooth * np.where(month == DECEMBER, rising, 1.0)
        return season

    def in_store(self, rng: np.random.Generator, day: Array) -> Array:
        """Draw when something happens in a store on given days: seconds of the day."""
        drawn = self.store_hours.draw(rng, len(day))
        sundays = np.flatnonzero(
            self.weekday[np.minimum(day, len(self.weekday) - 1)] == SUNDAY
        )
        drawn[sundays] = self.sunday_hours.draw(rng, len(sundays))
        return drawn

    def day_of(self, seconds: Array) -> Array:
        """Return the day, counted from 0, of seconds since the first midnight."""
        return np.asarray(seconds) // DAY

    def moment(self, seconds: Array) -> pa.Array:
        """Return timestamps (UTC) of seconds since the first midnight; -1: missing."""
        given = np.asarray(seconds, dtype=np.int64)
        gone = given == columns.MISSING
        return columns.moment(
            np.where(gone, columns.MISSING, to_utc(given + self.settings.origin))
        )

    def date(self, day: Array) -> pa.Array:
        """Return dates of days counted from 0; null where -1 is given."""
        given = np.asarray(day, dtype=np.int64)
        gone = given == columns.MISSING
        first = self.settings.origin // DAY
        return columns.dates(np.where(gone, columns.MISSING, given + first))
