"""Counters at the doors and in the zones of stores, by quarter of an hour."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.clock import STORE_HOURS, SUNDAY, SUNDAY_HOURS, Clock
from acrm.example.demand import TILL
from acrm.example.outbox import Outbox
from acrm.example.places import Places
from acrm.example.selling import Sold
from acrm.example.settings import DAY, Array, Settings

SYSTEM = "example_traffic"
QUARTER = 900
FIRST, LAST = 40, 88  # quarters of the day: 10:00 to 22:00
VISITORS_AN_ORDER = 2.6
SECOND_DOOR, ZONE_SHARES = 0.3, np.array([0.5, 0.42, 0.3, 0.34])
DYING_DAYS = 3
LARGE = 2


class Counters:
    """Delivers what counters count; the main door never counts less than the tills."""

    def __init__(self, settings: Settings, clock: Clock, places: Places) -> None:
        self.settings = settings
        self.clock = clock
        self.places = places
        self.by_quarter = np.stack(
            [self._profile(STORE_HOURS), self._profile(SUNDAY_HOURS)]
        )

    @staticmethod
    def _profile(hours: dict[int, int]) -> Array:
        weight = [float(hours.get(quarter // 4, 0)) for quarter in range(FIRST, LAST)]
        return np.array(weight) / sum(weight)

    def count(self, sold: Sold, outbox: Outbox) -> None:
        """Deliver the counts of a period."""
        first = max(sold.first_day, self.settings.tracked_from)
        days = np.arange(first, sold.end_day)
        days = days[~self.clock.is_closed[days]]
        if not len(days):
            return
        rng = self.settings.stream("counters", sold.number)
        stores, quarters = self.places.count, LAST - FIRST
        length = sold.end_day - first
        orders = self._orders(sold, first, length)
        is_sunday = (self.clock.weekday[days] == SUNDAY).astype(int)
        usual = orders.sum(axis=(0, 2)) / length
        busy = self.clock.store[days] / self.clock.store[days].mean()
        expected = (
            usual[None, :, None]
            * busy[:, None, None]
            * self.by_quarter[is_sunday][:, None, :]
        )
        tills = orders[days - first]
        entries = tills + rng.poisson(expected * VISITORS_AN_ORDER)
        is_open = (days[:, None] >= self.places.opened) & (
            days[:, None] < self.places.closed
        )
        trades = is_open[:, :, None] & (expected >= 0)
        hours = (self.by_quarter[is_sunday] > 0)[:, None, :]
        shown = trades & (hours | (entries > 0))
        self._send(rng, days, entries, shown, "D1", 0, outbox)
        has_second = self.places.size == LARGE
        second = rng.poisson(expected * VISITORS_AN_ORDER * SECOND_DOOR)
        dead = np.zeros((len(days), stores, quarters), dtype=bool)
        dead[days >= self.places.dead_from, self.places.dead_store] = True
        second = np.where(dead, 0, second)
        gone = dead.copy()
        gone[days < self.places.dead_from + DYING_DAYS] = False
        self._send(
            rng,
            days,
            second,
            shown & hours & has_second[None, :, None] & ~gone,
            "D2",
            0,
            outbox,
        )
        for zone, share in enumerate(ZONE_SHARES, 1):
            inside = rng.binomial(entries, share)
            has_zone = (self.places.zones > zone)[None, :, None]
            self._send(
                rng,
                days,
                inside,
                shown & hours & has_zone,
                f"Z{zone + 1}",
                zone,
                outbox,
            )

    def _orders(self, sold: Sold, first: int, length: int) -> Array:
        """Count orders at tills by day, store and quarter."""
        heads = sold.heads
        here = (heads.channel == TILL) & (sold.at >= first * DAY)
        day = sold.at[here] // DAY - first
        quarter = np.clip(sold.at[here] % DAY // QUARTER - FIRST, 0, LAST - FIRST - 1)
        shape = (length, self.places.count, LAST - FIRST)
        cell = np.ravel_multi_index(
            (day, heads.store[here].astype(int), quarter), shape
        )
        return np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)

    def _send(
        self,
        rng: np.random.Generator,
        days: Array,
        entries: Array,
        shown: Array,
        sensor: str,
        zone: int,
        outbox: Outbox,
    ) -> None:
        """Deliver one kind of sensor of all stores."""
        exits = np.zeros_like(entries)
        stay = 2
        exits[:, :, stay:] = entries[:, :, :-stay]
        exits[:, :, -1] += entries[:, :, -stay:].sum(axis=2)
        day, store, quarter = np.nonzero(shown)
        count = len(day)
        counted = entries[day, store, quarter]
        is_door = zone == 0
        passing = rng.poisson(4.0 * counted + 6) if is_door else np.full(count, -1)
        dwell = counted * rng.integers(60, 240, count)
        at = days[day] * DAY + (quarter + FIRST) * QUARTER
        outbox.send(
            SYSTEM,
            "store_counts",
            {
                "sensor_id": columns.join(self.places.ids(store), f"-{sensor}"),
                "store_id": self.places.ids(store),
                "zone_id": self.places.zone_ids(store, np.full(count, zone)),
                "interval_start": self.clock.moment(at),
                "entries": columns.whole(counted),
                "exits": columns.whole(exits[day, store, quarter]),
                "passers_by": columns.whole(passing),
                "dwell_seconds": columns.whole(np.where(is_door, -1, dwell)),
            },
            days[day],
        )
