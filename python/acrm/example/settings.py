"""What a run is asked to make, and the sizes that follow from it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from acrm.errors import InputError

Array = npt.NDArray[Any]

LEAST_CUSTOMERS = 500
LEAST_DAYS = 200
MOST_CUSTOMERS = 9_000_000
MOST_DAYS = 3_650
CSV_UP_TO = 50_000
DAY = 86_400
HOUR_OF_MAIL = 9 * 3_600
YEAR = 365
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Settings:
    """One company: how large, how long, and which one.

    Parameters
    ----------
    customers : int
        Persons and firms; duplicate parties come on top (3 %).
    days : int
        Business days, the last of which is `end`.
    seed : int
        Same settings and seed, same bytes.
    daily : int
        The last days, delivered day by day; all before is the initial extract.
    end : date
        The last business day.
    kind : str
        ``csv``, ``parquet``, or ``auto``: csv up to 50,000 customers.
    lines : float
        Order lines per customer and year, anonymous sales and returns included.
    """

    customers: int
    days: int
    seed: int
    daily: int = 30
    end: date = date(2025, 12, 31)
    kind: str = "auto"
    lines: float = 50.0

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        limits: tuple[tuple[str, float, float, float], ...] = (
            ("--customers", self.customers, LEAST_CUSTOMERS, MOST_CUSTOMERS),
            ("--days", self.days, LEAST_DAYS, MOST_DAYS),
            ("--seed", self.seed, 0, 2**32 - 1),
            ("--daily", self.daily, 0, self.days - 100),
            ("--lines-per-customer", self.lines, 1, 1000),
        )
        for option, given, least, most in limits:
            if not least <= given <= most:
                raise InputError(
                    f"{option} {given:,} is out of range.",
                    hint=f"Give a number from {least:,} to {most:,}.",
                )
        if self.kind not in ("auto", "csv", "parquet"):
            raise InputError(
                f"--format {self.kind!r} is unknown.", hint="auto, csv or parquet."
            )
        if not date(1990, 1, 1) <= self.end <= date(2100, 12, 31):
            raise InputError(
                f"--end {self.end} is out of range.",
                hint="Give a date from 1990-01-01 to 2100-12-31.",
            )

    @property
    def extension(self) -> str:
        """Csv or parquet."""
        if self.kind != "auto":
            return self.kind
        return "csv" if self.customers <= CSV_UP_TO else "parquet"

    @property
    def start(self) -> date:
        """The first business day."""
        return self.end - timedelta(days=self.days - 1)

    @property
    def origin(self) -> int:
        """The first midnight, in seconds since 1970 on the clock of the business."""
        return (self.start - EPOCH).days * DAY

    @property
    def first_daily(self) -> int:
        """The first day (counted from 0) that is delivered as a day."""
        return self.days - self.daily

    @property
    def duplicates(self) -> int:
        """Parties that are a second record of a person."""
        return round(0.03 * self.customers)

    @property
    def parties(self) -> int:
        """All parties that the CRM describes."""
        return self.customers + self.duplicates

    @property
    def stores(self) -> int:
        """Stores that were ever open."""
        return min(max(round(self.customers / 1200), 4), 250)

    @property
    def products(self) -> int:
        """Products that were ever sold."""
        return min(max(self.customers // 25, 300), 12_000)

    @property
    def tracked_from(self) -> int:
        """The day from which visits and store traffic are counted."""
        return max(0, self.days - 120)

    @property
    def years(self) -> float:
        """The length in years."""
        return self.days / YEAR

    def date_of(self, day: int) -> date:
        """Return the date of a day that is counted from 0."""
        return self.start + timedelta(days=int(day))

    def stream(self, name: str, part: int = 0) -> np.random.Generator:
        """Return a stream of random numbers that no other name shares.

        Parameters
        ----------
        name : str
            What it is for.
        part : int
            Which part of it, such as a period.
        """
        return np.random.default_rng([self.seed, zlib.crc32(name.encode()), part])


def chance(rng: np.random.Generator, share: Any, count: int) -> Array:
    """Draw truths.

    Parameters
    ----------
    rng : Generator
        The stream.
    share : float or array of float
        How probable each is.
    count : int
        How many.
    """
    drawn: Array = rng.random(count) < share
    return drawn
