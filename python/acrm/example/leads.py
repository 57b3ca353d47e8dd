"""Leads: from the first word to a sale, or to none."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import TILL, Heads
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.places import Places
from acrm.example.reactions import order_ids
from acrm.example.settings import DAY, Array, Settings, chance
from acrm.example.states import delivered_states, known_at

SOURCES = ["web_form", "fair", "referral", "store", "phone", "partner"]
SHARE_OF_SOURCE = np.array([0.38, 0.08, 0.14, 0.18, 0.14, 0.08])
CONVERTS = np.array([0.16, 0.12, 0.38, 0.34, 0.27, 0.18])
PACE = np.array([1.0, 2.2, 0.6, 0.5, 0.8, 1.8])
CHANNEL = [
    "web_shop",
    "field_sales",
    "email_service",
    "assisted_tablet",
    "call_inbound",
]
CHANNEL += ["field_sales"]
REFERRAL, STORE = 2, 3
WHY_LOST = ["LOST_PRICE", "LOST_COMPETITOR", "LOST_NO_ANSWER", "LOST_NO_NEED"]
LEADS_A_YEAR = 0.05
MILESTONES = ("created", "contacted", "qualified", "offered", "converted", "lost")


def send_leads(
    settings: Settings,
    clock: Clock,
    people: People,
    places: Places,
    catalogue: Catalogue,
    heads: Heads,
    outbox: Outbox,
) -> None:
    """Deliver leads; those that convert end in an order that is there."""
    rng = settings.stream("leads")
    count = max(round(LEADS_A_YEAR * settings.customers * settings.years), 40)
    source = rng.choice(len(SOURCES), count, p=SHARE_OF_SOURCE)
    converts = chance(rng, CONVERTS[source], count)
    lag = (
        rng.gamma(1.2, 1.6, (4, count))
        * PACE[source]
        * np.array([[0.4], [1.5], [2.5], [4]])
    )
    lags = (lag * DAY).astype(np.int64) + 900
    reach = np.where(converts, 3, rng.choice(4, count, p=[0.18, 0.35, 0.27, 0.2]))
    # A lead that converts ends in an order of a known customer; it begins before.
    low = int(np.searchsorted(heads.at, 20 * DAY))
    known = low + np.flatnonzero(heads.party[low:] >= 0)
    order = np.sort(rng.choice(known, count))
    described = heads.party[order] < people.described
    converts &= described
    ends = heads.at[order].astype(np.int64)
    total = lags.sum(axis=0)
    begin = (rng.random(count) * (settings.days - 1) * DAY).astype(np.int64)
    created = np.where(converts, np.maximum(ends - total, 600), begin)
    steps = [created]
    passed = created
    for number in range(3):
        passed = passed + lags[number]
        passed = np.where(converts, np.minimum(passed, ends - 3 + number), passed)
        steps.append(np.where(reach > number, passed, columns.MISSING))
    last = np.stack(steps).max(axis=0)
    quits = ~converts & (chance(rng, 0.85, count))
    lost = np.where(quits, last + lags[3] + 2 * DAY, columns.MISSING)
    steps += [np.where(converts, ends, columns.MISSING), lost]
    table = np.stack(steps, axis=1)
    somebody = rng.integers(0, people.described, count)
    knows = chance(rng, 0.45, count)
    party = np.where(converts, heads.party[order], np.where(knows, somebody, -1))
    in_store = (source == STORE) | (converts & (heads.channel[order] == TILL))
    day = np.minimum(created // DAY, settings.days - 1)
    always = places.substitute[rng.integers(0, places.count, count)]
    store = np.where(in_store, always, columns.MISSING)
    seller = np.where(in_store, places.seller(rng, always, day), places.agent(rng, day))
    why = rng.choice(len(WHY_LOST), count, p=[0.3, 0.15, 0.35, 0.2])
    friend = np.where(source == REFERRAL, rng.integers(0, people.described, count), -1)
    product = np.where(
        chance(rng, 0.7, count),
        rng.choice(np.flatnonzero(catalogue.launched < 0), count),
        columns.MISSING,
    )
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(created, kind="stable")] = np.arange(count)
    _send(
        settings,
        clock,
        table,
        outbox,
        {
            "lead": rank,
            "party": party,
            "source": source,
            "product": product,
            "seller": seller,
            "store": store,
            "friend": friend,
            "order": order,
            "why": why,
        },
        (catalogue, places),
    )


def _send(
    settings: Settings,
    clock: Clock,
    steps: Array,
    outbox: Outbox,
    facts: dict[str, Array],
    owners: tuple[Catalogue, Places],
) -> None:
    catalogue, places = owners
    place, changed = delivered_states(steps, settings.first_daily)
    order = np.argsort(changed, kind="stable")
    place, changed = place[order], changed[order]
    known = dict(zip(MILESTONES, known_at(steps, place, changed), strict=True))
    shown = {name: values[place] for name, values in facts.items()}
    is_contacted = known["contacted"] >= 0
    outbox.send(
        "example_crm",
        "leads",
        {
            "lead_id": columns.code("D", shown["lead"], 7),
            "party_id": party_ids(shown["party"]),
            "source": columns.pick(SOURCES, shown["source"]),
            "cell_id": columns.constant(None, len(place)),
            "product_id": catalogue.ids(shown["product"]),
            "employee_id": places.staff_ids(
                np.where(is_contacted, shown["seller"], columns.MISSING)
            ),
            "store_id": places.ids(shown["store"]),
            "channel_code": columns.pick(CHANNEL, shown["source"]),
            "referred_by_party_id": party_ids(shown["friend"]),
            "created_at": clock.moment(known["created"]),
            "contacted_at": clock.moment(known["contacted"]),
            "qualified_at": clock.moment(known["qualified"]),
            "offered_at": clock.moment(known["offered"]),
            "converted_at": clock.moment(known["converted"]),
            "lost_at": clock.moment(known["lost"]),
            "lost_reason_code": columns.pick(
                WHY_LOST, np.where(known["lost"] >= 0, shown["why"], columns.MISSING)
            ),
            "order_id": order_ids(
                np.where(known["converted"] >= 0, shown["order"], columns.MISSING)
            ),
            "changed_at": clock.moment(changed),
        },
        changed // DAY,
    )
