"""What campaigns send, what comes back, and what they cost."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.campaigns import EMAIL_CHANNEL, MAIL_CHANNEL, Campaign, Campaigns
from acrm.example.catalogue import DEPARTMENTS, Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import ADDED, CHANNELS, Heads
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.settings import DAY, HOUR_OF_MAIL, Array, Settings, chance

SYSTEM = "example_marketing"
SENT, HELD_OUT, BOUNCED = range(3)
STATUS = ["sent", "held_out", "bounced"]
OPEN, CLICK, REDEMPTION, PURCHASE, UNSUBSCRIBE = range(5)
TYPES = ["open", "click", "redemption", "purchase", "unsubscribe"]
PERCENT = {"regular": 10, "A/A": 5, "win-back": 20, "effective": 15}
REDEEMS = {"regular": 0.14, "A/A": 0.1, "win-back": 0.3, "effective": 0.3}
COST = {EMAIL_CHANNEL: 21, MAIL_CHANNEL: 6_200}  # hundredths of a cent
KINDS_OF_COST = {
    EMAIL_CHANNEL: ["creative", "agency"],
    MAIL_CHANNEL: ["creative", "print", "postage"],
}


class Reactions:
    """Contacts and responses of one company.

    Attributes
    ----------
    order, contact, cell_of, type_of, number : array of int
        Responses that are purchases, by order number: their value is told once the
        basket is filled.
    percent, department : dict of int
        Of each offer: what it takes off, and what it is good for (-1: anything).
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        catalogue: Catalogue,
        people: People,
        campaigns: Campaigns,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.catalogue = catalogue
        self.people = people
        self.campaigns = campaigns.campaigns
        self.unsubscribed = campaigns.unsubscribed
        self.universal = np.flatnonzero(campaigns.is_universal)
        self.cells = [
            f"{one.id}-{cell[0].upper()}"
            for one in self.campaigns
            for cell in one.cells
        ]
        self.cells.append("U-0")
        self.first_cell = np.concatenate(
            [[0], np.cumsum([len(one.cells) for one in self.campaigns])]
        )
        with_offer = [one for one in self.campaigns if one.offer >= 0]
        self.percent = {one.offer: PERCENT[one.kind] for one in with_offer}
        self.department = {
            one.offer: one.offer % len(DEPARTMENTS)
            if one.kind == "regular" and one.offer % 4
            else columns.MISSING
            for one in with_offer
        }
        self.responses = 0
        self.contacts = 0
        self._purchases: list[Array] = []

    def react(self, heads: Heads, outbox: Outbox) -> None:
        """Let customers answer; redeemed offers are put on the heads.

        Parameters
        ----------
        heads : Heads
            All orders, by time.
        outbox : Outbox
            Takes all but the purchases.
        """
        self._send_universal(outbox)
        for number, campaign in enumerate(self.campaigns):
            rng = self.settings.stream("reactions", number)
            first = int(self.first_cell[number])
            status, at = self._send_contacts(rng, campaign, first, outbox)
            self._send_online(rng, campaign, first, status, at, outbox)
            self._note_purchases(rng, campaign, first, heads)
            self.contacts += len(campaign.party)
        noted = np.concatenate(self._purchases, axis=1)
        noted = noted[:, np.argsort(noted[0], kind="stable")]
        self.order, self.contact, self.cell_of, self.type_of = noted

    def _send_universal(self, outbox: Outbox) -> None:
        """Nobody of the universal control group is ever contacted."""
        who = self.universal
        day = np.maximum(self.people.registered[who] // DAY, 0)
        self._send(
            outbox,
            np.arange(len(who)),
            np.full(len(who), len(self.cells) - 1),
            who,
            EMAIL_CHANNEL,
            np.full(len(who), columns.MISSING),
            day,
            np.full(len(who), columns.MISSING),
            np.full(len(who), HELD_OUT),
        )
        self.contacts = len(who)

    def _send_contacts(
        self, rng: np.random.Generator, campaign: Campaign, first: int, outbox: Outbox
    ) -> tuple[Array, Array]:
        count = len(campaign.party)
        share = 0.02 if campaign.channel == EMAIL_CHANNEL else 0.01
        bounces = chance(rng, share, count)
        status = np.where(campaign.treated, np.where(bounces, BOUNCED, SENT), HELD_OUT)
        at = campaign.day * DAY + HOUR_OF_MAIL + rng.integers(0, 3 * 3_600, count)
        at = np.where(status == HELD_OUT, columns.MISSING, at)
        self._send(
            outbox,
            self.contacts + np.arange(count),
            first + campaign.cell,
            campaign.party,
            campaign.channel,
            np.where(campaign.treated, campaign.offer, columns.MISSING),
            np.full(count, campaign.day),
            at,
            status,
        )
        return status, at

    def _send(
        self,
        outbox: Outbox,
        number: Array,
        cell: Array,
        party: Array,
        channel: str,
        offer: Array,
        day: Array,
        at: Array,
        status: Array,
    ) -> None:
        cost = np.where(status == HELD_OUT, 0, COST[channel])
        outbox.send(
            SYSTEM,
            "contacts",
            {
                "contact_id": self.contact_ids(number),
                "cell_id": columns.pick(self.cells, cell),
                "party_id": party_ids(party),
                "channel_code": columns.constant(channel, len(party)),
                "offer_id": columns.code("F", offer, 4),
                "assigned_on": self.clock.date(day),
                "contacted_at": self.clock.moment(at),
                "status": columns.pick(STATUS, status),
                "cost_amount": columns.money(cost, 10, 4),
            },
            day,
        )

    def _send_online(
        self,
        rng: np.random.Generator,
        campaign: Campaign,
        first: int,
        status: Array,
        at: Array,
        outbox: Outbox,
    ) -> None:
        """Deliver who opened, clicked and unsubscribed."""
        if campaign.channel != EMAIL_CHANNEL:
            return
        opens = np.flatnonzero((status == SENT) & (chance(rng, 0.31, len(status))))
        opened = at[opens] + rng.lognormal(9.4, 1.6, len(opens)).astype(np.int64) % (
            20 * DAY
        )
        clicks = np.flatnonzero(chance(rng, 0.19, len(opens)))
        clicked = opened[clicks] + rng.integers(5, 600, len(clicks))
        left = [each for each in self.unsubscribed if each[0] == campaign.id]
        who, left_at = (left[0][1], left[0][2]) if left else (opens[:0], opens[:0])
        leaving = np.searchsorted(campaign.party, who)
        index = np.concatenate([opens, opens[clicks], leaving])
        when = np.concatenate([opened, clicked, left_at])
        kind = np.repeat(
            [OPEN, CLICK, UNSUBSCRIBE], [len(opens), len(clicks), len(leaving)]
        )
        order = np.argsort(when, kind="stable")
        index, when, kind = index[order], when[order], kind[order]
        none = np.full(len(index), columns.MISSING)
        self.send_responses(
            outbox,
            cell=first + campaign.cell[index],
            contact=self.contacts + index,
            party=campaign.party[index],
            kind=kind,
            channel=columns.constant(EMAIL_CHANNEL, len(index)),
            order=none,
            at=when,
            value=none,
        )

    def send_responses(
        self,
        outbox: Outbox,
        *,
        cell: Array,
        contact: Array,
        party: Array,
        kind: Array,
        channel: columns.Column,
        order: Array,
        at: Array,
        value: Array,
    ) -> None:
        """Deliver responses; value is in cents, below nought where there is none."""
        count = len(at)
        number = self.responses + np.arange(count)
        self.responses += count
        outbox.send(
            SYSTEM,
            "responses",
            {
                "response_id": columns.code("Q", number, 9),
                "cell_id": columns.pick(self.cells, cell),
                "contact_id": self.contact_ids(contact),
                "party_id": party_ids(party),
                "response_type": columns.pick(TYPES, kind),
                "channel_code": channel,
                "product_id": columns.constant(None, count),
                "order_id": order_ids(order),
                "responded_at": self.clock.moment(at),
                "value_amount": columns.money(value, missing=value < 0),
            },
            at // DAY,
        )

    def _note_purchases(
        self, rng: np.random.Generator, campaign: Campaign, first: int, heads: Heads
    ) -> None:
        """Note the first order of each treated customer in the campaign's window."""
        low, high = np.searchsorted(
            heads.at,
            [(campaign.day + 1) * DAY, (campaign.day + 1 + campaign.window) * DAY],
        )
        place = np.full(int(heads.party.max()) + 1, columns.MISSING, dtype=np.int64)
        place[campaign.party[campaign.treated]] = np.flatnonzero(campaign.treated)
        party = heads.party[low:high]
        contact = np.where(party >= 0, place[party], columns.MISSING)
        index, where = np.unique(contact, return_index=True)
        order = low + where[index >= 0]
        index = index[index >= 0]
        share = np.where(heads.flags[order] & ADDED, 0.8, REDEEMS[campaign.kind])
        may = (campaign.offer >= 0) & (heads.offer[order] < 0)
        redeems = may & (chance(rng, share, len(order)))
        heads.offer[order[redeems]] = campaign.offer
        says = redeems | (chance(rng, 0.5, len(order)))
        kind = np.where(redeems, REDEMPTION, PURCHASE)[says]
        index, order = index[says], order[says]
        self._purchases.append(
            np.stack([order, self.contacts + index, first + campaign.cell[index], kind])
        )

    def send_purchases(
        self, outbox: Outbox, low: int, high: int, heads: Heads, value: Array
    ) -> None:
        """Deliver the responses that are orders of a period.

        Parameters
        ----------
        outbox : Outbox
            Takes the rows.
        low, high : int
            The period's order numbers.
        heads : Heads
            The heads of these orders.
        value : array of int
            Their net amounts in cents.
        """
        begin, end = np.searchsorted(self.order, [low, high])
        order = self.order[begin:end]
        place = order - low
        self.send_responses(
            outbox,
            cell=self.cell_of[begin:end],
            contact=self.contact[begin:end],
            party=heads.party[place],
            kind=self.type_of[begin:end],
            channel=columns.pick(CHANNELS, heads.channel[place]),
            order=order,
            at=heads.at[place].astype(np.int64),
            value=value[place],
        )

    @staticmethod
    def contact_ids(number: Array) -> columns.Column:
        """Return the ids of contacts; null below nought."""
        return columns.code("K", number, 9)


def order_ids(number: Array) -> columns.Column:
    """Return the ids of orders; null below nought."""
    return columns.code("O", number, 9)
