"""What customers allow: grants at registration, withdrawals, new grants."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.settings import DAY, YEAR, Array, Settings, chance

CHANNELS = ["email", "sms", "phone", "post"]
PURPOSES = ["marketing", "profiling"]
# channel, purpose, share that grants at registration, share that withdraws in a year
KINDS = [
    (0, 0, 0.74, 0.09),
    (1, 0, 0.36, 0.12),
    (2, 0, 0.22, 0.10),
    (3, 0, 0.80, 0.03),
    (0, 1, 0.52, 0.07),
]
EMAIL, SMS, PHONE, POST = range(4)
GRANTED, WITHDRAWN = 0, 1
CONSENT, INTEREST = 0, 1
SOURCES = ["web_form", "store", "call", "opt_out_file"]
WEB_FORM, STORE = 0, 1
FOREVER = 2**40
REGRANTS = 0.12


class Consents:
    """The consent events of one company.

    Attributes
    ----------
    until : array of int
        By kind and party: when the first grant ends, in seconds; -1 where none was.
    """

    def __init__(self, settings: Settings, clock: Clock, people: People) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        rng = settings.stream("consents")
        count = people.described
        self.until = np.full((len(KINDS), count), columns.MISSING, dtype=np.int64)
        self.again = np.full((len(KINDS), count), columns.MISSING, dtype=np.int64)
        start = people.registered[:count]
        end = settings.days * DAY
        for kind, (_, _, share, leaving) in enumerate(KINDS):
            grants = chance(rng, share, count)
            lasts = rng.exponential(YEAR * DAY / leaving, count).astype(np.int64)
            until = start + 3_600 + lasts
            until = np.where(until < end, until, FOREVER)
            self.until[kind] = np.where(grants, until, columns.MISSING)
            back = grants & (until < end) & (chance(rng, REGRANTS, count))
            at = until + rng.integers(30 * DAY, 300 * DAY, count)
            self.again[kind] = np.where(back & (at < end), at, columns.MISSING)

    def allows(self, kind: int, at: int) -> Array:
        """Return which parties allow a kind of contact at a moment."""
        until, again = self.until[kind], self.again[kind]
        start = self.people.registered[: self.people.described]
        is_first = (start < at) & (until > at)
        allowed: Array = is_first | ((again != columns.MISSING) & (again < at))
        return allowed

    def withdraw(self, kind: int, party: Array, at: Array) -> None:
        """Let parties withdraw earlier than they would have."""
        earlier = at < self.until[kind][party]
        who = party[earlier]
        self.until[kind][who] = at[earlier]
        self.again[kind][who] = columns.MISSING

    def send(self, outbox: Outbox) -> None:
        """Deliver all events in the order of time."""
        rng = self.settings.stream("consent events")
        count = self.people.described
        end = self.settings.days * DAY
        pieces: list[tuple[Array, ...]] = []
        for kind in range(len(KINDS)):
            for state, since in (
                (GRANTED, self.people.registered[:count]),
                (WITHDRAWN, self.until[kind]),
                (GRANTED, self.again[kind]),
            ):
                is_known = self.until[kind] != columns.MISSING
                is_known &= (since != columns.MISSING) & (since < end)
                who = np.flatnonzero(is_known)
                pieces.append(
                    (who, np.full(len(who), kind), np.full(len(who), state), since[who])
                )
        party, kinds, status, at = (
            np.concatenate(each) for each in zip(*pieces, strict=True)
        )
        order = np.argsort(at, kind="stable")
        party, kinds, status, at = party[order], kinds[order], status[order], at[order]
        channel = np.array([each[0] for each in KINDS])[kinds]
        purpose = np.array([each[1] for each in KINDS])[kinds]
        basis = np.where((channel == POST) & (status == GRANTED), INTEREST, CONSENT)
        at_store = chance(rng, 0.45, len(party))
        given = np.where(at_store, STORE, WEB_FORM)
        taken = rng.choice(4, len(party), p=[0.6, 0.1, 0.2, 0.1])
        outbox.send(
            "example_crm",
            "consents",
            {
                "consent_event_id": columns.code("N", np.arange(len(party)), 9),
                "party_id": party_ids(party),
                "channel": columns.pick(CHANNELS, channel),
                "purpose": columns.pick(PURPOSES, purpose),
                "status": columns.pick(["granted", "withdrawn"], status),
                "legal_basis": columns.pick(["consent", "legitimate_interest"], basis),
                "source": columns.pick(
                    SOURCES, np.where(status == GRANTED, given, taken)
                ),
                "occurred_at": self.clock.moment(at),
            },
            np.maximum(at // DAY, 0),
        )
