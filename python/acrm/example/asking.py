"""What people ask for, whether it is there, and what they are offered instead."""

from __future__ import annotations

from collections import Counter

import numpy as np

from acrm.example import columns
from acrm.example.baskets import SALE
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import PHONE, TILL
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.places import Places
from acrm.example.reactions import order_ids
from acrm.example.selling import Sold
from acrm.example.settings import DAY, Array, Settings, chance

SYSTEM = "example_traffic"
ENQUIRIES_A_YEAR = 0.4
OUT_OF_STOCK, OFFERED = 0.35, 0.55
# The share that buys: in stock; sold out, with an alternative offered; without one.
SELLS = np.array([0.40, 0.27, 0.07])
IN_STOCK, WITH, WITHOUT = range(3)
CHANNELS = ["assisted_tablet", "chat", "call_inbound", "email_service"]
TABLET, CHAT, CALL = 0, 1, 2
TOPICS = ["ENQ_STOCK", "ENQ_SIZE", "ENQ_ADVICE", "ENQ_PRICE"]
HOUR = 3_600


class Asking:
    """Delivers enquiries and stock-outs.

    Attributes
    ----------
    asked, sold : Counter
        Enquiries, and those that end in a sale, by in stock, with and without offer.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        people: People,
        places: Places,
        catalogue: Catalogue,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        self.catalogue = catalogue
        self.number = 0
        self.asked: Counter[int] = Counter()
        self.sold: Counter[int] = Counter()
        begins = np.searchsorted(
            catalogue.subclass, np.arange(len(catalogue.subclass_names))
        )
        self.first_of_subclass = begins
        self.size_of_subclass = np.bincount(catalogue.subclass)

    def ask(self, sold: Sold, outbox: Outbox) -> None:
        """Deliver the enquiries of a period, and the stock-outs that they met."""
        rng = self.settings.stream("enquiries", sold.number)
        length = sold.end_day - sold.first_day
        count = int(
            rng.poisson(ENQUIRIES_A_YEAR * self.settings.customers * length / 365)
        )
        lines = np.flatnonzero(
            (sold.lines["kind"] == SALE) & (sold.lines["product"] >= 0)
        )
        count = min(count, len(lines))
        if not count:
            return
        # Every enquiry begins from a line that was sold; unsold ones forget the order.
        line = rng.choice(lines, count, replace=False)
        place = sold.lines["order"][line] - sold.low
        product = sold.lines["product"][line]
        other = self._like(rng, product, sold.at[place] // DAY)
        # Where there is nothing like it, nothing can be offered.
        offers = chance(rng, OFFERED, count) & (other != product)
        is_out = chance(rng, OUT_OF_STOCK, count)
        case = np.where(is_out, np.where(offers, WITH, WITHOUT), IN_STOCK)
        sells = chance(rng, SELLS[case], count)
        for one in (IN_STOCK, WITH, WITHOUT):
            self.asked[one] += int((case == one).sum())
            self.sold[one] += int(((case == one) & sells).sum())
        channel = sold.heads.channel[place]
        unsold_day = rng.integers(sold.first_day, sold.end_day, count)
        way = rng.choice(4, count, p=[0.5, 0.2, 0.2, 0.1])
        way = np.where(self.clock.is_closed[unsold_day] & (way == TABLET), CHAT, way)
        way = np.where(
            sells,
            np.where(channel == TILL, TABLET, np.where(channel == PHONE, CALL, CHAT)),
            way,
        )
        at_counter = self.clock.in_store(rng, unsold_day)
        elsewhere = self.clock.office_hours.draw(rng, count)
        unsold_at = unsold_day * DAY + np.where(way == TABLET, at_counter, elsewhere)
        # Before the order, and not before the period: files of days before are written.
        before = np.maximum(
            sold.at[place] - rng.integers(200, 2 * HOUR, count), sold.first_day * DAY
        )
        at = np.where(sells, before, unsold_at)
        day = at // DAY
        some_store = self.places.open_store(
            rng.integers(0, self.places.count, count), day
        )
        store = np.where(sells, sold.heads.store[place], some_store)
        store = np.where(way == TABLET, store, columns.MISSING)
        seller = self.places.seller(rng, np.maximum(store, 0), day)
        employee = np.where(store >= 0, seller, self.places.agent(rng, day))
        party = np.where(
            sells,
            sold.heads.party[place],
            np.where(
                chance(rng, 0.45, count),
                rng.integers(0, self.people.described, count),
                -1,
            ),
        )
        party = np.where(party >= self.people.described, columns.MISSING, party)
        accepts = (case == WITH) & sells
        asked_for = np.where(accepts, other, product)
        alternative = np.where(accepts, product, np.where(case == WITH, other, -1))
        answered = sells | (case != IN_STOCK) | (chance(rng, 0.93, count))
        order = np.argsort(at, kind="stable")
        rows = {
            "at": at,
            "party": party,
            "channel": way,
            "store": store,
            "employee": employee,
            "product": asked_for,
            "case": case,
            "answered": answered,
            "alternative": alternative,
            "accepts": accepts,
            "order": np.where(sells, sold.low + place, columns.MISSING),
        }
        rows = {name: each[order] for name, each in rows.items()}
        rows["number"] = self.number + np.arange(count)
        rows["topic"] = rng.choice(4, count, p=[0.5, 0.2, 0.2, 0.1])
        self.number += count
        self._send(rows, outbox)
        self._send_stock_outs(rng, sold, rows, outbox)

    def _like(self, rng: np.random.Generator, product: Array, day: Array) -> Array:
        """Return another product of the same subclass; the same, if there is none."""
        group = self.catalogue.subclass[product]
        first, size = self.first_of_subclass[group], self.size_of_subclass[group]
        step = 1 + (rng.random(len(product)) * np.maximum(size - 1, 0)).astype(np.int64)
        other = first + (product - first + step) % size
        # What is not sold yet is nothing to ask for.
        is_there = self.catalogue.launched[other] <= day
        found: Array = np.where(is_there, other, product)
        return found

    def _send(self, rows: dict[str, Array], outbox: Outbox) -> None:
        case = rows["case"]
        none = np.full(len(case), columns.MISSING)
        outbox.send(
            SYSTEM,
            "enquiries",
            {
                "enquiry_id": columns.code("Y", rows["number"], 8),
                "asked_at": self.clock.moment(rows["at"]),
                "party_id": party_ids(rows["party"]),
                "visitor_id": columns.code("B", none, 10),
                "channel_code": columns.pick(CHANNELS, rows["channel"]),
                "store_id": self.places.ids(rows["store"]),
                "employee_id": self.places.staff_ids(rows["employee"]),
                "topic_code": columns.pick(TOPICS, rows["topic"]),
                "product_id": self.catalogue.ids(rows["product"]),
                "is_in_stock": columns.flag(case == IN_STOCK, ~rows["answered"]),
                "is_answered": columns.flag(rows["answered"]),
                "is_alternative_offered": columns.flag(case == WITH),
                "alternative_product_id": self.catalogue.ids(rows["alternative"]),
                "is_alternative_accepted": columns.flag(rows["accepts"], case != WITH),
                "order_id": order_ids(rows["order"]),
            },
            rows["at"] // DAY,
        )

    def _send_stock_outs(
        self,
        rng: np.random.Generator,
        sold: Sold,
        rows: dict[str, Array],
        outbox: Outbox,
    ) -> None:
        """Deliver when what was asked for was sold out, in the store of the enquiry."""
        met = np.flatnonzero((rows["case"] != IN_STOCK) & (rows["store"] >= 0))
        _, first = np.unique(
            np.stack([rows["product"][met], rows["store"][met]]),
            axis=1,
            return_index=True,
        )
        met = met[np.sort(first)]
        count = len(met)
        asked = rows["at"][met]
        since = np.maximum(
            asked - rng.integers(HOUR, 5 * DAY, count),
            sold.first_day * DAY + rng.integers(0, 6 * HOUR, count),
        )
        until = asked + rng.integers(HOUR, 6 * DAY, count)
        is_over = until < self.settings.first_daily * DAY
        begins_early = since < self.settings.first_daily * DAY
        ends_later = np.flatnonzero(~is_over)
        # Told when it begins; told again when it is over, unless both are history.
        who = np.concatenate([np.arange(count), ends_later])
        ended = np.concatenate([is_over & begins_early, np.ones(len(ends_later), bool)])
        at = np.concatenate([since, until[ends_later]])
        same = ~ended & (since[who] // DAY == until[who] // DAY)
        who, ended, at = who[~same], ended[~same], at[~same]
        outbox.send(
            "example_shop",
            "stock_outs",
            {
                "product_id": self.catalogue.ids(rows["product"][met][who]),
                "store_id": self.places.ids(rows["store"][met][who]),
                "out_from": self.clock.moment(since[who]),
                "out_to": self.clock.moment(
                    np.where(ended, until[who], columns.MISSING)
                ),
            },
            at // DAY,
        )
