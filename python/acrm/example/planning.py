"""What marketing says of its campaigns: cells, offers and their products, costs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from acrm.example import columns
from acrm.example.campaigns import MAIL_CHANNEL, Campaign
from acrm.example.catalogue import DEPARTMENTS
from acrm.example.outbox import Outbox
from acrm.example.reactions import COST, KINDS_OF_COST, SYSTEM, Reactions
from acrm.example.settings import DAY, HOUR_OF_MAIL

PREPARED = 14


def _text(values: list[str | None]) -> columns.Column:
    return pa.array(values, pa.large_string())


def send_plans(reactions: Reactions, outbox: Outbox) -> None:
    """Deliver cells, offers, products of offers, and costs."""
    _send_cells(reactions, outbox)
    _send_offers(reactions, outbox)
    _send_costs(reactions, outbox)


def _send_cells(reactions: Reactions, outbox: Outbox) -> None:
    clock = reactions.clock
    rows: list[tuple[Campaign | None, str, bool]] = [
        (one, cell, cell == one.cells[-1])
        for one in reactions.campaigns
        for cell in one.cells
    ]
    rows.append((None, "universal control", True))
    day = np.array([one.day if one else 0 for one, _, _ in rows])
    length = np.array(
        [one.window if one else reactions.settings.days + 365 for one, _, _ in rows]
    )
    programme = {"regular": "Newsletter", "A/A": "Loyalty mail", "win-back": "Win-back"}
    told = np.where(
        [one is None for one, _, _ in rows], 0, np.maximum(day - PREPARED, 0)
    )
    is_control = [control for _, _, control in rows]
    outbox.send(
        SYSTEM,
        "cells",
        {
            "cell_id": _text(list(reactions.cells)),
            "programme": _text(
                [
                    programme.get(one.kind, "Loyalty mail") if one else "Measurement"
                    for one, _, _ in rows
                ]
            ),
            "campaign_id": _text([one.id if one else "U" for one, _, _ in rows]),
            "campaign_name": _text(
                [one.name if one else "Universal control" for one, _, _ in rows]
            ),
            "wave": _text([f"{one.id}-1" if one else "U-1" for one, _, _ in rows]),
            "cell_name": _text([cell for _, cell, _ in rows]),
            "objective": _text(
                [one.objective if one else "retain" for one, _, _ in rows]
            ),
            "treatment_code": _text(
                [
                    "none"
                    if control or one is None
                    else f"{one.channel}-{cell[0].lower()}"
                    for one, cell, control in rows
                ]
            ),
            "control_type": _text(
                [
                    "universal" if one is None else "campaign" if control else "none"
                    for one, _, control in rows
                ]
            ),
            "is_control": columns.flag(np.array(is_control)),
            "channel_code": _text(
                [one.channel if one else "email" for one, _, _ in rows]
            ),
            "offer_id": columns.code(
                "F",
                np.array(
                    [
                        one.offer if one and not control else -1
                        for one, _, control in rows
                    ]
                ),
                4,
            ),
            "starts_on": clock.date(day),
            "ends_on": clock.date(day + length),
            "changed_at": clock.moment(told * DAY + HOUR_OF_MAIL),
        },
        told,
    )


def _send_offers(reactions: Reactions, outbox: Outbox) -> None:
    clock, catalogue = reactions.clock, reactions.catalogue
    offered = [one for one in reactions.campaigns if one.offer >= 0]
    number = np.array([one.offer for one in offered])
    percent = np.array([reactions.percent[one.offer] for one in offered])
    department = np.array([reactions.department[one.offer] for one in offered])
    day = np.array([one.day for one in offered])
    window = np.array([one.window for one in offered])
    told = np.maximum(day - PREPARED, 0)
    goods = [DEPARTMENTS[one] if one >= 0 else "everything" for one in department]
    outbox.send(
        SYSTEM,
        "offers",
        {
            "offer_id": columns.code("F", number, 4),
            "offer_name": _text(
                [f"{p} % on {g}" for p, g in zip(percent, goods, strict=True)]
            ),
            "offer_type": _text(
                [
                    "coupon" if one.channel == MAIL_CHANNEL else "discount"
                    for one in offered
                ]
            ),
            "benefit": _text([f"{p} % off one article" for p in percent]),
            "discount_percent": columns.whole(percent),
            "valid_from": clock.date(day),
            "valid_to": clock.date(day + window),
            "changed_at": clock.moment(told * DAY + HOUR_OF_MAIL),
        },
        told,
    )
    limited = np.flatnonzero(department >= 0)
    # Only what is sold by then.
    is_there = [catalogue.launched <= since for since in told[limited]]
    products = [
        np.flatnonzero((catalogue.department == one) & there)
        for one, there in zip(department[limited], is_there, strict=True)
    ]
    counts = [len(each) for each in products]
    product = np.concatenate([*products, np.zeros(0, dtype=np.int64)])
    outbox.send(
        SYSTEM,
        "offer_products",
        {
            "offer_id": columns.code("F", np.repeat(number[limited], counts), 4),
            "product_id": catalogue.ids(product),
        },
        np.repeat(told[limited], counts),
    )


def _send_costs(reactions: Reactions, outbox: Outbox) -> None:
    rng = reactions.settings.stream("costs")
    rows: list[tuple[int, int, str, int, int]] = []
    for number, campaign in enumerate(reactions.campaigns):
        for cell in range(campaign.control):
            reached = int((campaign.cell == cell).sum())
            row = int(reactions.first_cell[number]) + cell
            for place, kind in enumerate(KINDS_OF_COST[campaign.channel]):
                fixed = int(rng.integers(20_000, 90_000))
                share = COST[campaign.channel] * reached // 100 // 2
                spent = fixed if kind in ("creative", "agency") else share
                shown = reached if place else -1
                day = max(campaign.day - (7 if kind == "creative" else 0), 0)
                rows.append((row, day, kind, spent, shown))
    cells, days, kinds, spends, shows = zip(*rows, strict=True)
    due = np.array(days)
    outbox.send(
        SYSTEM,
        "costs",
        {
            "cost_id": columns.code("M", np.arange(len(rows)), 6),
            "cell_id": columns.pick(reactions.cells, np.array(cells)),
            "cost_date": reactions.clock.date(due),
            "cost_type": _text(list(kinds)),
            "spend_amount": columns.money(np.array(spends)),
            "impressions": columns.whole(np.array(shows)),
        },
        due,
    )
