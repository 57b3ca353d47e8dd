"""Who the customers are: persons, firms, households, and when they come and go."""

from __future__ import annotations

import numpy as np

from acrm.example import columns, places
from acrm.example.catalogue import DEPARTMENTS
from acrm.example.clock import Clock
from acrm.example.settings import DAY, YEAR, Array, Settings, chance

GROWTH = 0.25
LIFETIME = 1_100.0
GONE_ALREADY = 0.10
RATE_SHAPE = 0.85
MIGRATING_SHARE = 0.04
MOVING_SHARE = 0.10
GHOSTS = 5
FEMALE, MALE = 0, 1
FAVOURITES = {  # by gender, one a department
    FEMALE: [9, 1, 4, 4, 5, 6],
    MALE: [1, 9, 3, 4, 2, 4],
}
HEAD, OTHER = 0, 3


class People:
    """All parties: customers, then duplicates, then ids that no extract describes.

    Attributes
    ----------
    registered, gone : array of int
        Seconds since the first midnight: when they came, and when they stop buying.
    rate : array of float
        How often they buy, against the average of 1.
    region, city, new_region, new_city, moved : array of int
        Where they live, and where and when (in seconds; -1 for never) they moved.
    favourite : array of int
        The department they like best.
    online : array of float
        How much they like the web shop, on the scale of log odds.
    home_store : array of int
        Where they go first.
    migrates : array of bool
        Buys much less in the last two quarters.
    twin_of : array of int
        The true party of a duplicate; -1 for others.
    household : array of int
        Numbered from 0; -1 for none.
    """

    def __init__(self, settings: Settings, clock: Clock, place: places.Places) -> None:
        self.settings = settings
        self.clock = clock
        rng = settings.stream("people")
        persons, parties = settings.customers, settings.parties
        self.described = parties
        self.count = parties + GHOSTS
        count = self.count
        self.is_firm = chance(rng, 0.03, count)
        self.gender = (chance(rng, 0.42, count)).astype(int)
        self.first_name = rng.integers(0, 40, count)
        self._set_homes(rng, place)
        self._set_times(rng)
        self.birth_day = (
            settings.origin // DAY - rng.triangular(18, 38, 85, count) * 365.25
        ).astype(int)
        weights = np.array([FAVOURITES[FEMALE], FAVOURITES[MALE]], dtype=float)
        cumulated = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        drawn = rng.random(count)[:, None]
        self.favourite = np.minimum(
            (drawn > cumulated[self.gender]).sum(axis=1), len(DEPARTMENTS) - 1
        )
        self.online = rng.normal(0, 1.3, count)
        self.is_test = chance(rng, 0.0005, count)
        self.is_employee = (chance(rng, 0.004, count)) & ~self.is_firm
        self.is_test[persons:] = False
        self.is_employee[persons:] = False
        self.twin_of = np.full(count, columns.MISSING)
        twins = np.arange(persons, parties)
        real = np.flatnonzero(~self.is_firm[:persons] & ~self.is_test[:persons])
        self.twin_of[twins] = np.sort(rng.choice(real, len(twins), replace=False))
        for attribute in ("gender", "first_name", "family", "region", "city", "street"):
            array = getattr(self, attribute)
            array[twins] = array[self.twin_of[twins]]
        for attribute in ("house", "birth_day", "favourite", "home_store", "is_firm"):
            array = getattr(self, attribute)
            array[twins] = array[self.twin_of[twins]]
        # A second record is made after the first.
        known = self.registered[self.twin_of[twins]]
        latest = settings.days * DAY - 40 * DAY
        self.registered[twins] = np.maximum(
            self.registered[twins], np.minimum(known + 20 * DAY, latest)
        )
        self.gone[twins] = np.maximum(self.gone[twins], self.registered[twins])
        self.rate[twins] *= 0.5
        self.rate[parties:] = 0.0
        self.household[persons:] = columns.MISSING

    def _set_homes(self, rng: np.random.Generator, place: places.Places) -> None:
        """Put persons into households; a household shares name, home and store."""
        count = self.count
        sizes = rng.choice([1, 2, 3, 4], count, p=[0.45, 0.3, 0.13, 0.12])
        household = np.repeat(np.arange(count), sizes)[:count]
        rank = np.arange(count) - np.searchsorted(household, household)
        self.household = np.where(self.is_firm, columns.MISSING, household)
        self.role = np.minimum(rank, OTHER)
        weight = places.WEIGHT / places.WEIGHT.sum()
        self.region = rng.choice(len(places.NAMES), count, p=weight)[household]
        self.city = places.draw_city(rng, np.arange(0))
        city_draw = rng.random(count)[household]
        self.city = places.FIRST_CITY[self.region] + (
            city_draw * places.CITY_COUNT[self.region]
        ).astype(int)
        self.family = rng.integers(0, 62, count)[household]
        self.street = rng.integers(0, 20, count)[household]
        self.house = rng.integers(1, 180, count)[household]
        own = rng.random(count)
        drawn = rng.choice(place.count, count, p=place.weight / place.weight.sum())
        by_region = [
            np.flatnonzero(place.region == r) for r in range(len(places.NAMES))
        ]
        self.home_store = drawn.copy()
        for region, stores in enumerate(by_region):
            here = np.flatnonzero(self.region == region)
            if len(stores):
                self.home_store[here] = stores[(own[here] * len(stores)).astype(int)]
        self.new_region = self.region.copy()
        self.new_city = self.city.copy()

    def _set_times(self, rng: np.random.Generator) -> None:
        """Draw when each comes and goes, moves, and how often it buys."""
        settings, count = self.settings, self.count
        end = settings.days * DAY
        existing = 1 / (1 + GROWTH * settings.years)
        is_old = chance(rng, existing, count)
        before = -rng.integers(DAY, 1_500 * DAY, count)
        # More come when more is going on in the stores.
        going_on = np.cumsum(self.clock.store + self.clock.web)
        day = np.searchsorted(going_on / going_on[-1], rng.random(count))
        opening = self.clock.in_store(rng, day)
        self.registered = np.where(is_old, before, day * DAY + opening)
        lasts = rng.exponential(LIFETIME, count)
        lasts = np.where(is_old & (chance(rng, GONE_ALREADY, count)), 0.0, lasts)
        self.gone = np.minimum(
            np.maximum(self.registered, 0) + (lasts * DAY).astype(np.int64), end
        )
        self.rate = rng.gamma(RATE_SHAPE, 1 / RATE_SHAPE, count)
        self.rate[self.is_firm] *= 1.5
        # The cohort that migrates down bought more than most before.
        usual = np.quantile(self.rate, 0.5)
        share = MIGRATING_SHARE / 0.5
        self.migrates = (self.rate > usual) & (chance(rng, share, count))
        self.migrates &= self.registered < (settings.days - YEAR // 2) * DAY
        self.migrates[settings.customers :] = False
        moves = chance(rng, MOVING_SHARE, count)
        moves[settings.customers :] = False
        low = np.maximum(self.registered // DAY + 20, 30)
        moves &= low < settings.days - 2
        self.moved = np.full(count, columns.MISSING)
        who = np.flatnonzero(moves)
        day = rng.integers(low[who], settings.days - 1)
        self.moved[who] = day * DAY + self.clock.office_hours.draw(rng, len(who))
        others = len(places.NAMES) - 1
        region = (self.region[who] + rng.integers(1, others + 1, len(who))) % (
            others + 1
        )
        self.new_region[who] = region
        self.new_city[who] = places.draw_city(rng, region)

    def region_at(self, party: Array, at: Array) -> Array:
        """Return the region where parties live at given seconds."""
        moved = (self.moved[party] >= 0) & (at >= self.moved[party])
        return np.where(moved, self.new_region[party], self.region[party])


def party_ids(party: Array) -> columns.Column:
    """Return the ids of parties; null below nought."""
    return columns.code("P", party, 7)
