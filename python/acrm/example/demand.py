"""When who buys where: the heads of all orders, before anything is put in a basket.

Heads stand in one table of small numbers, 14 bytes an order, so that what one order
does to a later one of the same customer can be planted before baskets are filled:
30 million of them are 420 MB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.people import People
from acrm.example.places import Places
from acrm.example.settings import DAY, YEAR, Array, Settings, chance

TILL, WEB, APP, PHONE = range(4)
CHANNELS = ["store_till", "web_shop", "mobile_app", "call_inbound"]
LATE, SHIRT, TIE, CANCELLED, ADDED = 1, 2, 4, 8, 16
ANONYMOUS_SHARE = 0.25
PHONE_SHARE = 0.03
ONLINE_AT_FIRST, ONLINE_AT_LAST = 0.30, 0.44
LINES_A_SALE = 1.09  # with returns and charges
BASKET = (0.62, 0.9)
ANONYMOUS_BASKET = (0.25, 0.85)
MOST_LINES = 40

SHIRT_SHARE, TIE_SHARE, LIFT = 0.05, 0.06, 3.8
TIE_FOLLOWS = 0.18
FOLLOW_DAYS = 30
LATE_DETERS, LATE_DAYS = 0.45, 90
MIGRATED_RATE = 0.3
GROWTH_IN_BASKETS = 0.04


@dataclass
class Heads:
    """The heads of orders: one array a column.

    Attributes
    ----------
    party, at, store, channel, flags, offer : array of int
        Who (-1: anonymous), when (seconds since the first midnight), where (-1: no
        store), and the offer that is redeemed (-1: none).
    """

    party: Array
    at: Array
    store: Array
    channel: Array
    flags: Array
    offer: Array

    @classmethod
    def of(cls, party: Array, at: Array, store: Array, channel: Array) -> Heads:
        """Return heads without flags and offers."""
        count = len(party)
        return cls(
            party.astype(np.int32),
            at.astype(np.int32),
            store.astype(np.int16),
            channel.astype(np.int8),
            np.zeros(count, dtype=np.uint8),
            np.full(count, columns.MISSING, dtype=np.int16),
        )

    def __len__(self) -> int:
        return len(self.party)

    def take(self, index: Array) -> Heads:
        """Return some of the heads, by position or by truth."""
        return Heads(
            self.party[index],
            self.at[index],
            self.store[index],
            self.channel[index],
            self.flags[index],
            self.offer[index],
        )

    def part(self, low: int, high: int) -> Heads:
        """Return the heads from one position up to another."""
        return Heads(**{name: each[low:high] for name, each in vars(self).items()})

    def plus(self, other: Heads) -> Heads:
        """Return these heads and others."""
        mine, theirs = vars(self), vars(other)
        return Heads(
            **{name: np.concatenate([mine[name], theirs[name]]) for name in mine}
        )

    def has(self, flag: int) -> Array:
        """Return which heads carry a flag."""
        return (self.flags & flag) > 0

    def sort_by_customer(self) -> Heads:
        """Return the heads by customer and time."""
        return self.take(np.lexsort((self.at, self.party)))

    def sort_by_time(self) -> Heads:
        """Return the heads by time: their position is then the order's number."""
        return self.take(np.argsort(self.at, kind="stable"))


def basket_sizes(rng: np.random.Generator, is_anonymous: Array) -> Array:
    """Draw how many lines a basket has: mostly few, seldom very many."""
    middle = np.where(is_anonymous, ANONYMOUS_BASKET[0], BASKET[0])
    width = np.where(is_anonymous, ANONYMOUS_BASKET[1], BASKET[1])
    drawn = np.exp(middle + width * rng.standard_normal(len(is_anonymous)))
    return np.minimum(1 + drawn.astype(np.int64), MOST_LINES)


class Demand:
    """Draws the heads of a company's orders."""

    def __init__(
        self, settings: Settings, clock: Clock, people: People, places: Places
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        ramp = np.linspace(ONLINE_AT_FIRST, ONLINE_AT_LAST, settings.days)
        in_store, online = (1 - ramp) * clock.store, ramp * clock.web
        trend = 1 + GROWTH_IN_BASKETS * np.arange(settings.days) / YEAR
        self.going_on = (in_store + online) * trend
        self.online_share = online / (in_store + online)

    def draw(self) -> Heads:
        """Return the heads of all orders but those that campaigns add, by customer."""
        rng = self.settings.stream("sizes")
        probe = 200_000
        mean = float(basket_sizes(rng, np.zeros(probe, dtype=bool)).mean())
        mean_anonymous = float(basket_sizes(rng, np.ones(probe, dtype=bool)).mean())
        lines = self.settings.lines * self.settings.customers * self.settings.years
        lines /= LINES_A_SALE
        known = self._known(lines * (1 - ANONYMOUS_SHARE) / mean)
        known = self._deterred(known)
        anonymous = self._anonymous(round(lines * ANONYMOUS_SHARE / mean_anonymous))
        return self._suited(anonymous.plus(known))

    def _known(self, wanted: float) -> Heads:
        """Draw orders of customers: each at its own rate, from coming to going."""
        people, days = self.people, self.settings.days
        rng = self.settings.stream("orders")
        cumulated = np.concatenate([[0.0], np.cumsum(self.going_on)])
        edges = np.arange(days + 1) * DAY
        begin = np.interp(np.maximum(people.registered, 0), edges, cumulated)
        end = np.interp(np.maximum(people.gone, 0), edges, cumulated)
        exposure = np.maximum(end - begin, 0) * people.rate
        is_new = (people.registered >= 0) & (people.rate > 0)
        # Most who register while we look do so at their first purchase.
        first = np.flatnonzero(is_new & (chance(rng, 0.8, people.count)))
        # What later rules take away is drawn on top.
        wanted = max(wanted * 1.04 - len(first), 1)
        orders = rng.poisson(exposure * wanted / exposure.sum())
        party = np.repeat(np.arange(people.count, dtype=np.int32), orders)
        passed = begin[party] + rng.random(len(party)) * (end - begin)[party]
        day = np.minimum(np.searchsorted(cumulated, passed, side="right") - 1, days - 1)
        del passed
        keep = ~people.migrates[party] | (day < days - YEAR // 2)
        keep |= chance(rng, MIGRATED_RATE, len(party))
        party, day = party[keep], day[keep]
        channel = self._channels(rng, party, day)
        at = self._times(rng, day, channel)
        store = self._stores(rng, party, day, channel)
        day_first = people.registered[first] // DAY
        shut = self.clock.is_closed[day_first]
        start = Heads.of(
            first,
            people.registered[first],
            np.where(
                shut, -1, self.places.open_store(people.home_store[first], day_first)
            ),
            np.where(shut, WEB, TILL),
        )
        heads = start.plus(Heads.of(party, at, store, channel))
        early = heads.at < people.registered[heads.party]
        heads.at[early] = people.registered[heads.party[early]] + 600
        return self._marked(rng, heads).sort_by_customer()

    def _channels(self, rng: np.random.Generator, party: Array, day: Array) -> Array:
        """Draw channels by what a customer likes and what the day is like."""
        share = np.clip(self.online_share[day], 0.01, 0.999)
        liking = np.log(share / (1 - share)) + self.people.online[party]
        is_online = chance(rng, 1 / (1 + np.exp(-1.15 * liking)), len(day))
        is_online |= self.clock.is_closed[day]
        app = np.linspace(0.25, 0.5, self.settings.days)[day]
        drawn = rng.random(len(day))
        is_app = drawn < PHONE_SHARE + app
        kind = np.where(drawn < PHONE_SHARE, PHONE, np.where(is_app, APP, WEB))
        return np.where(is_online, kind, TILL)

    def _times(self, rng: np.random.Generator, day: Array, channel: Array) -> Array:
        """Draw the second at which each order is made."""
        second = self.clock.in_store(rng, day)
        web = np.flatnonzero((channel == WEB) | (channel == APP))
        second[web] = self.clock.web_hours.draw(rng, len(web))
        phone = np.flatnonzero(channel == PHONE)
        second[phone] = self.clock.office_hours.draw(rng, len(phone))
        return day * DAY + second

    def _stores(
        self, rng: np.random.Generator, party: Array, day: Array, channel: Array
    ) -> Array:
        """Return the home store mostly, another sometimes, none online."""
        count, weight = self.places.count, self.places.weight
        other = rng.choice(count, len(party), p=weight / weight.sum())
        stays = chance(rng, 0.85, len(party))
        store = np.where(stays, self.people.home_store[party], other)
        return np.where(channel == TILL, self.places.open_store(store, day), -1)

    def _anonymous(self, wanted: int) -> Heads:
        """Draw till sales to nobody in particular."""
        rng = self.settings.stream("anonymous")
        weight = self.clock.store / self.clock.store.sum()
        day = np.repeat(np.arange(self.settings.days), rng.multinomial(wanted, weight))
        share = self.places.weight / self.places.weight.sum()
        store = rng.choice(self.places.count, len(day), p=share)
        till = np.full(len(day), TILL)
        party = np.full(len(day), -1)
        # A few cards that no extract ever describes, in the days delivered one by one.
        recent = np.flatnonzero(day >= self.settings.first_daily)
        unknown = rng.choice(
            recent, min(max(len(recent) // 500, 2), len(recent)), replace=False
        )
        party[unknown] = self.people.described + rng.integers(
            0, self.people.count - self.people.described, len(unknown)
        )
        return Heads.of(
            party,
            self._times(rng, day, till),
            self.places.open_store(store, day),
            till,
        )

    def _marked(self, rng: np.random.Generator, heads: Heads) -> Heads:
        """Mark what is sent out late, and what is cancelled."""
        day = heads.at // DAY
        is_sent = heads.channel != TILL
        risk = np.where(self.clock.is_peak[day], 0.17, 0.06)
        is_late = is_sent & (chance(rng, risk, len(heads)))
        cancelled = is_sent & ~is_late & (chance(rng, 0.02, len(heads)))
        heads.flags |= (is_late * LATE + cancelled * CANCELLED).astype(np.uint8)
        return heads

    def _deterred(self, heads: Heads) -> Heads:
        """Take away orders that follow upon a late one."""
        rng = self.settings.stream("deterred")
        late_at = np.where(heads.has(LATE), heads.at, -1).astype(np.int64)
        # Customers stand apart by more than all time: a running maximum stays theirs.
        span = self.settings.days * DAY + 1
        offset = heads.party.astype(np.int64) * 2 * span
        running = np.maximum.accumulate(np.where(late_at >= 0, late_at + offset, 0))
        before = np.concatenate([[0], running[:-1]]) - offset
        since = heads.at - before
        is_near = (before >= 0) & (since > 0) & (since <= LATE_DAYS * DAY)
        is_near &= heads.at != self.people.registered[heads.party]
        lost = is_near & (chance(rng, LATE_DETERS, len(heads)))
        return heads.take(~lost)

    def _suited(self, heads: Heads) -> Heads:
        """Put shirts and ties into baskets: 3.8 times as many ties with a shirt.

        Heads come by customer and time, the anonymous first. A tie also follows a
        shirt within 30 days; a shirt does not follow a tie more than by chance.
        """
        rng = self.settings.stream("pairs")
        count = len(heads)
        shirt = chance(rng, SHIRT_SHARE, count)
        same = (heads.party[1:] == heads.party[:-1]) & (heads.party[1:] >= 0)
        near = (heads.at[1:].astype(np.int64) - heads.at[:-1]) <= FOLLOW_DAYS * DAY
        follows = np.zeros(count, dtype=bool)
        follows[1:] = same & near & shirt[:-1] & (chance(rng, TIE_FOLLOWS, count - 1))
        with_shirt = LIFT * TIE_SHARE
        # The share in all baskets stays what it should be, with those that follow.
        followed = float((follows & ~shirt).mean())
        without = (TIE_SHARE - SHIRT_SHARE * with_shirt - followed) / (1 - SHIRT_SHARE)
        without /= 1 - followed
        tie = chance(rng, np.where(shirt, with_shirt, without), count)
        tie |= follows & ~shirt
        heads.flags |= (shirt * SHIRT + tie * TIE).astype(np.uint8)
        return heads
