"""Sales period by period: order lines, orders and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from acrm.example import columns
from acrm.example.baskets import (
    CHARGE,
    SALE,
    VAT,
    Baskets,
    Lines,
    chosen,
    joined,
)
from acrm.example.catalogue import DEPARTMENTS, Catalogue
from acrm.example.clock import DECEMBER, Clock
from acrm.example.demand import CHANNELS, PHONE, TILL, Heads
from acrm.example.dirt import UNKNOWN_SHARE, Dirt
from acrm.example.lifecycle import PAYMENTS, WHY_BACK, WHY_LATE, Lives, live, send_back
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.places import NAMES, Places
from acrm.example.reactions import Reactions, order_ids
from acrm.example.registry import TIERS, Tiers
from acrm.example.settings import DAY, Array, Settings, chance
from acrm.example.states import delivered_states, known_at

SYSTEM = "example_shop"
KINDS = ["sale", "return", "charge"]
MILESTONES = (
    "ordered",
    "paid",
    "picked",
    "shipped",
    "delivered",
    "cancelled",
    "returned",
)
PAYMENT_FEE = np.array([12, 3, 10, 18])  # parts of a thousand


@dataclass
class Sold:
    """A period's orders with all that is known of them, for the other systems."""

    number: int
    first_day: int
    end_day: int
    low: int
    heads: Heads
    lines: Lines
    lives: Lives
    employee: Array
    net: Array

    @property
    def at(self) -> Array:
        """When each order was made, in seconds."""
        return self.heads.at.astype(np.int64)


class Selling:
    """Turns heads into deliveries, one period after the other.

    Attributes
    ----------
    day_lines, day_quantity, day_gross, day_net : array of int
        True totals by business day, after all corrections.
    by_segment : array of int
        Net cents and orders by month, region, department and tier.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        people: People,
        places: Places,
        catalogue: Catalogue,
        reactions: Reactions,
        tiers: Tiers,
        dirt: Dirt,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        self.catalogue = catalogue
        self.reactions = reactions
        self.tiers = tiers
        self.dirt = dirt
        self.baskets = Baskets(clock, people, catalogue, reactions)
        self.waiting: list[Lines] = []
        self.day_totals = np.zeros((4, settings.days), dtype=np.int64)
        months = int(clock.month_number[-1]) + 1
        shape = (months, len(NAMES), len(DEPARTMENTS), len(TIERS))
        self.by_segment = np.zeros((2, *shape), dtype=np.int64)

    def sell(
        self, number: int, days: tuple[int, int], low: int, heads: Heads, outbox: Outbox
    ) -> Sold:
        """Deliver the orders of a period, and the returns that fall into it.

        Parameters
        ----------
        number : int
            The period's number.
        days : tuple of int
            Its first day, and the one after its last.
        low : int
            The number of its first order.
        heads : Heads
            Its orders, by time.
        outbox : Outbox
            Takes the rows.
        """
        rng = self.settings.stream("selling", number)
        lines = self.baskets.fill(rng, heads, low)
        lives = live(rng, heads)
        returns = send_back(rng, self.clock, self.catalogue, heads, lives, lines)
        employee = self._employees(rng, heads)
        lines["reason"] = np.full(len(lines["at"]), columns.MISSING)
        lines["cost_known"] = lines["cost"] >= 0
        for some in (lines, returns):
            place = some.pop("place")
            for name in ("party", "store", "channel"):
                some[name] = getattr(heads, name)[place]
            some["employee"] = employee[place]
        own = np.bincount(
            lines["order"] - low,
            lines["gross"] - lines["discount"],
            minlength=len(heads),
        ).astype(np.int64)
        until = days[1] * DAY
        every = joined([lines, *self.waiting, returns])
        is_later = every["at"] >= until
        self.waiting = [chosen(every, np.flatnonzero(is_later))]
        now = np.flatnonzero(~is_later)
        now = now[np.argsort(every["at"][now], kind="stable")]
        self._send_lines(rng, chosen(every, now), outbox)
        self._send_orders(heads, lives, employee, own, low, outbox)
        self.reactions.send_purchases(outbox, low, low + len(heads), heads, own)
        return Sold(number, *days, low, heads, lines, lives, employee, own)

    def _employees(self, rng: np.random.Generator, heads: Heads) -> Array:
        day = heads.at.astype(np.int64) // DAY
        employee = np.full(len(heads), columns.MISSING)
        till = np.flatnonzero(heads.channel == TILL)
        employee[till] = self.places.seller(
            rng, heads.store[till].astype(int), day[till]
        )
        phone = np.flatnonzero(heads.channel == PHONE)
        employee[phone] = self.places.agent(rng, day[phone])
        return employee

    def _send_lines(
        self, rng: np.random.Generator, lines: Lines, outbox: Outbox
    ) -> None:
        day = lines["at"] // DAY
        due = self.dirt.due(rng, day, lines["order"])
        may = (lines["kind"] == SALE) & (lines["channel"] == TILL) & (due == day)
        again = self.dirt.corrected(rng, day, may)
        recent = np.flatnonzero(
            (day >= self.settings.first_daily) & (lines["kind"] == SALE)
        )
        unknown = recent[chance(rng, UNKNOWN_SHARE, len(recent))]
        ghosts = self.catalogue.ghosts
        lines["named"] = lines["product"].copy()
        lines["named"][unknown] = ghosts[unknown % len(ghosts)]
        self.dirt.count("product never described", SYSTEM, "order_lines", len(unknown))
        ghost = lines["party"] >= self.people.described
        self.dirt.count("party never described", SYSTEM, "order_lines", ghost.sum())
        outbox.send(SYSTEM, "order_lines", self._line_columns(lines), due)
        index = np.flatnonzero(again >= 0)
        if len(index):
            mended = chosen(lines, index)
            mended["discount"] = (
                mended["discount"] + (mended["gross"] - mended["discount"]) // 10
            )
            lines["discount"][index] = mended["discount"]
            outbox.send(SYSTEM, "order_lines", self._line_columns(mended), again[index])
        self._add_up(lines, day)

    def _line_columns(self, lines: Lines) -> dict[str, columns.Column]:
        # Postage of a cancelled order goes back too, and stays a charge.
        is_return = lines["reason"] >= 0
        net = lines["gross"] - lines["discount"]
        tax = np.sign(net) * ((np.abs(net) * VAT + (100 + VAT) // 2) // (100 + VAT))
        receipt = order_ids(lines["order"])
        if is_return.any():
            receipt = pc.if_else(
                columns.flag(is_return), columns.code("R", lines["order"], 9), receipt
            )
        return {
            "order_id": receipt,
            "line_number": columns.whole(lines["line"]),
            "ordered_at": self.clock.moment(lines["at"]),
            "party_id": party_ids(lines["party"]),
            "store_id": self.places.ids(lines["store"]),
            "channel_code": columns.pick(CHANNELS, lines["channel"]),
            "employee_id": self.places.staff_ids(lines["employee"]),
            "product_id": self.catalogue.ids(lines["named"]),
            "offer_id": columns.code("F", lines["offer"], 4),
            "line_type": columns.pick(KINDS, lines["kind"]),
            "original_order_id": order_ids(np.where(is_return, lines["order"], -1)),
            "return_reason_code": columns.pick(WHY_BACK, lines["reason"]),
            "quantity": columns.money(lines["quantity"] * 1000, 12, 3),
            "unit_price": columns.money(lines["price"]),
            "gross_amount": columns.money(lines["gross"]),
            "discount_amount": columns.money(lines["discount"]),
            "net_amount": columns.money(net),
            "tax_amount": columns.money(tax),
            "cost_amount": columns.money(lines["cost"], missing=~lines["cost_known"]),
        }

    def _add_up(self, lines: Lines, day: Array) -> None:
        """Add lines to the true totals and to what targets are set by."""
        net = lines["gross"] - lines["discount"]
        some = day < self.settings.days
        for row, value in enumerate(
            (np.ones(len(day)), lines["quantity"], lines["gross"], net)
        ):
            self.day_totals[row] += np.bincount(
                day[some], value[some], minlength=self.settings.days
            ).astype(np.int64)
        known = some & (lines["party"] >= 0) & (lines["party"] < self.people.described)
        known &= lines["kind"] != CHARGE
        index = np.flatnonzero(known & (lines["product"] >= 0))
        party = lines["party"][index]
        shape = self.by_segment.shape[1:]
        cell = np.ravel_multi_index(
            (
                self.clock.month_number[day[index]],
                self.people.region_at(party, lines["at"][index]),
                self.catalogue.department[lines["product"][index]],
                self.tiers.at(party, day[index]),
            ),
            shape,
        )
        size = int(np.prod(shape))
        money = np.bincount(cell, net[index], minlength=size)
        self.by_segment[0] += money.astype(np.int64).reshape(shape)
        pair = np.unique(
            np.stack([lines["order"][index], cell], axis=1)[net[index] > 0], axis=0
        )
        orders = np.bincount(pair[:, 1], minlength=size)
        self.by_segment[1] += orders.reshape(shape)

    def _send_orders(
        self,
        heads: Heads,
        lives: Lives,
        employee: Array,
        net: Array,
        low: int,
        outbox: Outbox,
    ) -> None:
        """Deliver each order's latest state, and day by day its changes."""
        at = heads.at.astype(np.int64)
        steps = np.stack(
            [at, *(getattr(lives, name) for name in MILESTONES[1:])], axis=1
        ).astype(np.int64)
        place, changed = delivered_states(steps, self.settings.first_daily)
        known = dict(zip(MILESTONES, known_at(steps, place, changed), strict=True))
        over = (known["delivered"] >= 0) | (known["cancelled"] >= 0)
        sent = known["shipped"] >= 0
        shipping = np.where(sent, lives.shipping_cost[place], 0)
        fee = net[place] * PAYMENT_FEE[lives.payment[place]] // 1000
        fee = np.where(known["paid"] >= 0, fee, 0)
        clock = self.clock
        percent = np.where(clock.month[at[place] // DAY] == DECEMBER, 14, 4)
        gift = (at[place] // 7 + place) % 100 < percent
        outbox.send(
            SYSTEM,
            "orders",
            {
                "order_id": order_ids(low + place),
                "party_id": party_ids(heads.party[place]),
                "store_id": self.places.ids(heads.store[place]),
                "channel_code": columns.pick(CHANNELS, heads.channel[place]),
                "employee_id": self.places.staff_ids(employee[place]),
                "payment_method": columns.pick(PAYMENTS, lives.payment[place]),
                "is_gift": columns.flag(gift),
                "ordered_at": clock.moment(at[place]),
                "paid_at": clock.moment(known["paid"]),
                "picked_at": clock.moment(known["picked"]),
                "shipped_at": clock.moment(known["shipped"]),
                "promised_on": clock.date(lives.promised[place]),
                "delivered_at": clock.moment(known["delivered"]),
                "cancelled_at": clock.moment(known["cancelled"]),
                "returned_at": clock.moment(known["returned"]),
                "abnormal_reason_code": columns.pick(
                    WHY_LATE, np.where(over, lives.abnormal[place], columns.MISSING)
                ),
                "shipping_cost_amount": columns.money(shipping, 10),
                "payment_cost_amount": columns.money(fee, 10),
                "changed_at": clock.moment(changed),
            },
            changed // DAY,
        )
