"""Visits to web shop and app: those that end in an order, and the many others."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.campaigns import EMAIL_CHANNEL
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import APP, WEB
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.places import Places
from acrm.example.reactions import Reactions, order_ids
from acrm.example.selling import Sold
from acrm.example.settings import DAY, Array, Settings, chance

SYSTEM = "example_traffic"
VISITS_AN_ORDER = 6.0
KNOWN_SHARE, ASSISTED_SHARE, REFUSING_SHARE = 0.3, 0.03, 0.12
SOURCES = ["direct", "search", "social", "email", "display", "referral"]
SHARE_OF_SOURCE = [0.3, 0.34, 0.14, 0.1, 0.08, 0.04]
EMAIL = 3
DEVICES = ["desktop", "phone", "tablet", "app"]
IN_APP = 3
CHANNELS = ["web_shop", "mobile_app", "assisted_tablet"]
ASSISTED = 2
STEPS = ["landing", "search", "category", "product", "cart", "checkout", "payment"]
STEPS += ["confirmation"]
LANDING, SEARCH, CATEGORY, PRODUCT, CART, CHECKOUT, PAYMENT, CONFIRMATION = range(8)
# How far a visit without an order gets: no further, cart, checkout, payment.
REACH = [0.84, 0.1, 0.04, 0.02]
MOST_STEPS = 25
COMES_BACK = 0.35

Visits = dict[str, Array]


class Web:
    """Delivers visitors, visits and their steps."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        people: People,
        places: Places,
        catalogue: Catalogue,
        reactions: Reactions,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        self.catalogue = catalogue
        self.reactions = reactions
        self.visits = 0
        # Two devices a party come first in the numbers of visitors; guests follow.
        self.met = np.zeros(2 * people.described, dtype=bool)
        self.nameless = 0
        self.first_new = len(self.met)

    def browse(self, sold: Sold, outbox: Outbox) -> None:
        """Deliver the visits of a period."""
        if sold.end_day <= self.settings.tracked_from:
            return
        rng = self.settings.stream("visits", sold.number)
        visits = self._visits(rng, sold)
        length = self._lengths(rng, visits)
        steps = self._steps(rng, sold, visits, length)
        self._visitors(rng, visits, outbox)
        order = np.argsort(visits["at"], kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = self.visits + np.arange(len(order))
        self._send_visits({name: each[order] for name, each in visits.items()}, outbox)
        self._send_steps(rng, visits, rank, steps, outbox)
        self.visits += len(order)

    def _visits(self, rng: np.random.Generator, sold: Sold) -> Visits:
        """Draw who comes when; the first visits end in the period's orders."""
        heads = sold.heads
        first = self.settings.tracked_from
        online = (heads.channel == WEB) | (heads.channel == APP)
        described = (heads.party >= 0) & (heads.party < self.people.described)
        buying = np.flatnonzero(online & described & (sold.at >= first * DAY))
        others = rng.poisson(VISITS_AN_ORDER * max(len(buying), 1))
        days = np.arange(max(first, sold.first_day), sold.end_day)
        weight = self.clock.web[days] / self.clock.web[days].sum()
        day = np.repeat(days, rng.multinomial(others, weight))
        at = day * DAY + self.clock.web_hours.draw(rng, others)
        assisted = (chance(rng, ASSISTED_SHARE, others)) & ~self.clock.is_closed[day]
        at = np.where(assisted, day * DAY + self.clock.in_store(rng, day), at)
        app = chance(rng, 0.4, others)
        channel = np.where(assisted, ASSISTED, app.astype(int))
        customers = heads.party[described]
        known = (chance(rng, KNOWN_SHARE, others)) & ~assisted & (len(customers) > 0)
        who = (
            customers[rng.integers(0, max(len(customers), 1), others)]
            if len(customers)
            else 0
        )
        none = np.full(len(buying), columns.MISSING)
        store = self.places.substitute[rng.integers(0, self.places.count, others)]
        visits = {
            "order": np.concatenate(
                [sold.low + buying, np.full(others, columns.MISSING)]
            ),
            "place": np.concatenate([buying, np.full(others, columns.MISSING)]),
            "party": np.concatenate([heads.party[buying], np.where(known, who, -1)]),
            "at": np.concatenate([sold.at[buying], at]),
            "channel": np.concatenate(
                [(heads.channel[buying] == APP).astype(int), channel]
            ),
            "store": np.concatenate([none, np.where(assisted, store, -1)]),
            "employee": np.concatenate(
                [none, np.where(assisted, self.places.seller(rng, store, day), -1)]
            ),
        }
        count = len(visits["at"])
        is_app = visits["channel"] == 1
        device = rng.choice(3, count, p=[0.42, 0.5, 0.08])
        device = np.where(
            is_app, IN_APP, np.where(visits["channel"] == ASSISTED, 2, device)
        )
        visits["device"] = device
        visits["source"] = np.where(is_app, 0, rng.choice(6, count, p=SHARE_OF_SOURCE))
        visits["source"] = np.where(visits["channel"] == ASSISTED, 0, visits["source"])
        visits["cell"] = self._cells(visits)
        self._name_visitors(rng, visits)
        return visits

    def _cells(self, visits: Visits) -> Array:
        """Return the cell that an e-mail visit comes from: the latest that runs."""
        cell = np.full(len(visits["at"]), columns.MISSING)
        by_mail = np.flatnonzero((visits["source"] == EMAIL) & (visits["party"] >= 0))
        if not len(by_mail):
            return cell
        day, party = visits["at"][by_mail] // DAY, visits["party"][by_mail]
        for number, campaign in enumerate(self.reactions.campaigns):
            until = campaign.day + campaign.window
            if (
                campaign.channel != EMAIL_CHANNEL
                or until < day.min()
                or campaign.day > day.max()
            ):
                continue
            of_party = np.full(self.people.count, columns.MISSING)
            treated = campaign.treated
            of_party[campaign.party[treated]] = campaign.cell[treated]
            hit = (day > campaign.day) & (day <= until) & (of_party[party] >= 0)
            cell[by_mail[hit]] = (
                self.reactions.first_cell[number] + of_party[party[hit]]
            )
        return cell

    def _name_visitors(self, rng: np.random.Generator, visits: Visits) -> None:
        """Give each visit the number of its visitor, or none where it refuses."""
        count = len(visits["at"])
        party = visits["party"]
        second = chance(rng, 0.3, count) * self.people.described
        fresh = np.flatnonzero(party < 0)
        self.first_new = 2 * self.people.described + self.nameless
        again = chance(rng, COMES_BACK, len(fresh))
        number = np.empty(len(fresh), dtype=np.int64)
        number[~again] = self.nameless + np.arange(int((~again).sum()))
        self.nameless += int((~again).sum())
        low = max(0, self.nameless - 20_000 - 4 * count)
        number[again] = rng.integers(low, max(self.nameless, 1), int(again.sum()))
        visitor = np.where(party >= 0, party + second, 0).astype(np.int64)
        visitor[fresh] = 2 * self.people.described + number
        refuses = (chance(rng, REFUSING_SHARE, count)) & (party < 0)
        # A number that was given away is described, so only a guest may refuse.
        refuses[fresh[~again]] = False
        visits["visitor"] = np.where(refuses, columns.MISSING, visitor)

    def _lengths(self, rng: np.random.Generator, visits: Visits) -> tuple[Array, Array]:
        """Draw how many pages a visit browses, and how many last steps it makes."""
        count = len(visits["at"])
        buys = visits["order"] >= 0
        bounces = ~buys & (chance(rng, 0.36, count))
        browsed = np.minimum(rng.geometric(0.28, count), MOST_STEPS - 5)
        browsed = np.where(bounces, 0, browsed)
        ends = np.where(buys, 4, np.where(bounces, 0, rng.choice(4, count, p=REACH)))
        return browsed, ends

    def _steps(
        self,
        rng: np.random.Generator,
        sold: Sold,
        visits: Visits,
        length: tuple[Array, Array],
    ) -> Visits:
        """Draw the steps of each visit; what is bought is looked at before."""
        browsed, ends = length
        size = 1 + browsed + ends
        visit = np.repeat(np.arange(len(size)), size)
        count = len(visit)
        number = np.arange(count) - np.repeat(np.cumsum(size) - size, size)
        kind = rng.choice([SEARCH, CATEGORY, PRODUCT], count, p=[0.2, 0.33, 0.47])
        tail = number - 1 - browsed[visit]
        kind = np.where(tail >= 0, CART + tail, np.where(number == 0, LANDING, kind))
        # The last page before the cart is the product's.
        kind = np.where((tail == -1) & (ends[visit] > 0) & (number > 0), PRODUCT, kind)
        seconds = np.minimum(rng.lognormal(3.1, 0.9, count), 1_500).astype(np.int64) + 1
        passed = np.cumsum(seconds) - seconds
        begins = np.cumsum(size) - size
        passed = passed - passed[begins][visit]
        total = np.bincount(visit, seconds, minlength=len(size)).astype(np.int64)
        buys = visits["order"] >= 0
        # An order is made when its confirmation is shown.
        shown = passed[np.cumsum(size) - 1]
        visits["at"] = np.where(buys, visits["at"] - shown, visits["at"])
        visits["end"] = visits["at"] + total
        weight = np.cumsum(self.catalogue.weights(int(self.clock.week[sold.first_day])))
        drawn = np.searchsorted(weight, rng.random(count) * weight[-1], side="right")
        product = np.minimum(drawn, self.catalogue.count - 1)
        first_line = np.searchsorted(
            sold.lines["order"], np.maximum(visits["order"], 0)
        )
        first_line = np.minimum(first_line, len(sold.lines["order"]) - 1)
        bought = sold.lines["product"][first_line]
        product = np.where(
            (buys[visit]) & (tail >= -1) & (tail <= 0), bought[visit], product
        )
        has_product = (kind == PRODUCT) | (kind == CART)
        return {
            "visit": visit,
            "number": number + 1,
            "kind": kind,
            "seconds": seconds,
            "at": visits["at"][visit] + passed,
            "product": np.where(has_product, product, columns.MISSING),
        }

    def _visitors(
        self, rng: np.random.Generator, visits: Visits, outbox: Outbox
    ) -> None:
        """Deliver visitors when they are first met, and when they become known."""
        order = np.argsort(visits["at"], kind="stable")
        visitor = visits["visitor"][order]
        number, first = np.unique(visitor, return_index=True)
        place = order[first]
        named = (number >= 0) & (number < len(self.met))
        # Numbers of guests are given out in order: those from here on are new.
        new = number >= self.first_new
        new[named] = ~self.met[number[named]]
        self.met[number[named]] = True
        number, place = number[new], place[new]
        seen = visits["at"][place]
        party = visits["party"][place]
        known = np.where(
            party >= 0, seen + rng.integers(20, 300, len(seen)), columns.MISSING
        )
        known = np.minimum(known, visits["end"][place])
        became = np.flatnonzero(party >= 0)
        who = np.concatenate([np.arange(len(number)), became])
        at = np.concatenate([seen, known[became]])
        is_known = np.concatenate(
            [np.zeros(len(number), bool), np.ones(len(became), bool)]
        )
        returning = number[who] % 3 == 0
        outbox.send(
            SYSTEM,
            "visitors",
            {
                "visitor_id": visitor_ids(number[who]),
                "party_id": party_ids(np.where(is_known, party[who], columns.MISSING)),
                "device_class": columns.pick(DEVICES, visits["device"][place][who]),
                "entry_source": columns.pick(SOURCES, visits["source"][place][who]),
                "visitor_type": columns.pick(
                    ["new", "returning"], returning.astype(int)
                ),
                "has_consented": columns.flag(np.ones(len(who), dtype=bool)),
                "first_seen_at": self.clock.moment(seen[who]),
                "became_known_at": self.clock.moment(
                    np.where(is_known, known[who], columns.MISSING)
                ),
                "changed_at": self.clock.moment(at),
            },
            visits["end"][place][who] // DAY,
        )

    def _send_visits(self, visits: Visits, outbox: Outbox) -> None:
        count = len(visits["at"])
        outbox.send(
            SYSTEM,
            "visits",
            {
                "visit_id": visit_ids(self.visits + np.arange(count)),
                "visitor_id": visitor_ids(visits["visitor"]),
                "party_id": party_ids(visits["party"]),
                "channel_code": columns.pick(CHANNELS, visits["channel"]),
                "store_id": self.places.ids(visits["store"]),
                "employee_id": self.places.staff_ids(visits["employee"]),
                "cell_id": columns.pick(self.reactions.cells, visits["cell"]),
                "entry_source": columns.pick(SOURCES, visits["source"]),
                "device_class": columns.pick(DEVICES, visits["device"]),
                "started_at": self.clock.moment(visits["at"]),
                "ended_at": self.clock.moment(visits["end"]),
                "order_id": order_ids(visits["order"]),
            },
            visits["end"] // DAY,
        )

    def _send_steps(
        self,
        rng: np.random.Generator,
        visits: Visits,
        rank: Array,
        steps: Visits,
        outbox: Outbox,
    ) -> None:
        visit = rank[steps["visit"]]
        due = (visits["end"] // DAY)[steps["visit"]]
        order = np.lexsort((steps["number"], visit))
        visit, due = visit[order], due[order]
        kind = steps["kind"][order]
        count = len(visit)
        text = np.where(
            kind == SEARCH,
            rng.integers(0, len(self.catalogue.subclass_names), count),
            -1,
        )
        found = np.where(chance(rng, 0.09, count), 0, rng.geometric(0.03, count))
        searched = [name.lower() for name in self.catalogue.subclass_names]
        sold_out = (kind == PRODUCT) & (chance(rng, 0.04, count))
        outbox.send(
            SYSTEM,
            "visit_steps",
            {
                "visit_id": visit_ids(visit),
                "step_number": columns.whole(steps["number"][order]),
                "step_at": self.clock.moment(steps["at"][order]),
                "step_type": columns.pick(STEPS, kind),
                "product_id": self.catalogue.ids(steps["product"][order]),
                "search_text": columns.pick(searched, text),
                "search_result_count": columns.whole(
                    np.where(kind == SEARCH, found, -1)
                ),
                "is_stock_out": columns.flag(sold_out),
                "seconds": columns.whole(steps["seconds"][order]),
            },
            due,
        )


def visit_ids(visit: Array) -> columns.Column:
    """Return the ids of visits; null below nought."""
    return columns.code("W", visit, 10)


def visitor_ids(visitor: Array) -> columns.Column:
    """Return the ids of visitors; null below nought."""
    return columns.code("B", visitor, 10)
