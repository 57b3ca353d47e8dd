"""What is true of the company: planted effects, true persons, totals, counts of dirt.

Nothing here is an extract. The files are what a measurement is held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from acrm.example import columns, places
from acrm.example.asking import IN_STOCK, SELLS, WITH, WITHOUT, Asking
from acrm.example.campaigns import Campaigns
from acrm.example.clock import Clock
from acrm.example.demand import (
    FOLLOW_DAYS,
    LATE,
    LIFT,
    SHIRT,
    TIE,
    TIE_FOLLOWS,
    TILL,
    Heads,
)
from acrm.example.dirt import Dirt
from acrm.example.people import People, party_ids
from acrm.example.places import Places
from acrm.example.selling import Selling
from acrm.example.settings import DAY, YEAR, Array, Settings

REPEAT_DAYS = 90
HALF_YEAR = YEAR // 2


class Truth:
    """Writes the files of the folder ``truth``."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        self.folder = folder
        self.settings = settings
        self.clock = clock
        folder.mkdir()

    def _write(self, name: str, table: Mapping[str, Any]) -> None:
        options = pa_csv.WriteOptions(quoting_style="needed", quoting_header="none")
        pa_csv.write_csv(pa.table(dict(table)), self.folder / f"{name}.csv", options)

    def plans(self, campaigns: Campaigns, people: People, stores: Places) -> None:
        """Write what was planted: effects of campaigns, people, a dead counter."""
        self._campaigns(campaigns)
        self._people(people)
        self._counter(stores)

    def sales(self, selling: Selling, dirt: Dirt) -> None:
        """Write the true totals, and how much is wrong on purpose."""
        self._totals(selling, dirt)
        self._dirt(dirt)

    def _campaigns(self, campaigns: Campaigns) -> None:
        """Write the true and the realised effect of each campaign."""
        every = campaigns.campaigns
        treated = [int(one.treated.sum()) for one in every]
        self._write(
            "campaigns",
            {
                "campaign_id": [one.id for one in every],
                "kind": [one.kind for one in every],
                "assigned_on": [self.settings.date_of(one.day) for one in every],
                "window_days": [one.window for one in every],
                "treated": treated,
                "controls": [
                    len(o.party) - n for o, n in zip(every, treated, strict=True)
                ],
                "true_effect": [one.effect for one in every],
                "treated_share": [round(one.rates[0], 6) for one in every],
                "control_share": [round(one.rates[1], 6) for one in every],
                "realised_effect": [
                    round(one.rates[0] - one.rates[1], 6) for one in every
                ],
            },
        )

    def _people(self, people: People) -> None:
        """Write who moved, who migrates down, and who is a duplicate of whom."""
        moved = np.flatnonzero(people.moved >= 0)
        moved = moved[np.argsort(people.moved[moved], kind="stable")]
        self._write(
            "moves",
            {
                "party_id": party_ids(moved),
                "moved_at": self.clock.moment(people.moved[moved]),
                "moved_on": self.clock.date(people.moved[moved] // DAY),
                "from_region": columns.pick(places.NAMES, people.region[moved]),
                "to_region": columns.pick(places.NAMES, people.new_region[moved]),
            },
        )
        self._write(
            "migrating_down", {"party_id": party_ids(np.flatnonzero(people.migrates))}
        )
        twins = np.flatnonzero(people.twin_of >= 0)
        self._write(
            "duplicates",
            {
                "party_id": party_ids(twins),
                "true_party_id": party_ids(people.twin_of[twins]),
            },
        )

    def _counter(self, stores: Places) -> None:
        """Write which counter died, and when."""
        store = np.array([stores.dead_store])
        day = np.array([stores.dead_from])
        self._write(
            "dead_counter",
            {
                "sensor_id": columns.join(stores.ids(store), "-D2"),
                "store_id": stores.ids(store),
                "died_on": self.clock.date(day),
                "last_row_on": self.clock.date(day + 2),
            },
        )

    def _totals(self, selling: Selling, dirt: Dirt) -> None:
        """Write the true totals of each business day, after all corrections."""
        totals = selling.day_totals.copy()
        for rows in dirt.unmended:
            for row, value in enumerate(_values(rows)):
                day = self._business_day(rows["ordered_at"])
                np.subtract.at(totals[row], day, value)
        every = np.arange(self.settings.days)
        self._write(
            "totals",
            {
                "business_date": self.clock.date(every),
                "line_count": totals[0],
                "quantity": totals[1],
                "gross_amount": columns.money(totals[2], 18),
                "net_amount": columns.money(totals[3], 18),
            },
        )

    def _business_day(self, moments: pa.ChunkedArray) -> Array:
        """Return the business days of moments in UTC."""
        utc = moments.cast(pa.timestamp("s")).to_numpy().astype(np.int64)
        midnights = np.arange(self.settings.days + 1) * DAY
        begins = self.clock.moment(midnights).cast(pa.int64()).to_numpy()
        day = np.searchsorted(begins, utc, side="right") - 1
        inside: Array = np.clip(day, 0, self.settings.days - 1)
        return inside

    def _dirt(self, dirt: Dirt) -> None:
        """Write what is wrong on purpose, and how much."""
        rows = sorted(dirt.counts.items())
        self._write(
            "dirt",
            {
                "what": [what for (what, _, _), _ in rows],
                "system": [system for (_, system, _), _ in rows],
                "table": [table for (_, _, table), _ in rows],
                "count": [count for _, count in rows],
            },
        )

    def effects(
        self, heads: Heads, again: Array, asking: Asking, people: People
    ) -> None:
        """Write every other planted truth, as planted and as it came out."""
        rows = [
            *_pairs(heads),
            *_late(self.settings, heads, again),
            *_alternatives(asking),
            *_migration(self.settings, heads, people),
        ]
        self._write(
            "effects",
            {
                "name": [row[0] for row in rows],
                "planted": [row[1] for row in rows],
                "realised": [round(row[2], 6) for row in rows],
                "what": [row[3] for row in rows],
            },
        )


def _values(rows: pa.Table) -> list[Array]:
    """Return line counts, quantities and cents of delivered lines."""
    cents = [
        np.round(rows[name].cast(pa.float64()).to_numpy() * 100).astype(np.int64)
        for name in ("gross_amount", "net_amount")
    ]
    quantity = np.round(rows["quantity"].cast(pa.float64()).to_numpy()).astype(np.int64)
    return [np.ones(rows.num_rows, dtype=np.int64), quantity, *cents]


Row = tuple[str, float | None, float, str]


def _pairs(heads: Heads) -> list[Row]:
    shirt, tie = heads.has(SHIRT), heads.has(TIE)
    both = float((shirt & tie).mean())
    share, tie_share = float(shirt.mean()), float(tie.mean())
    order = np.lexsort((heads.at, heads.party))
    party, at = heads.party[order], heads.at[order]
    shirt, tie = shirt[order], tie[order]
    near = (party[1:] == party[:-1]) & (party[1:] >= 0)
    near &= at[1:] - at[:-1] <= FOLLOW_DAYS * DAY
    tie_next = float(tie[1:][near & shirt[:-1]].mean())
    shirt_next = float(shirt[1:][near & tie[:-1]].mean())
    return [
        (
            "basket_lift",
            LIFT,
            both / (share * tie_share),
            "shirt and tie in one basket",
        ),
        (
            "confidence_shirt_tie",
            None,
            both / share,
            "baskets with a shirt that have a tie",
        ),
        (
            "confidence_tie_shirt",
            None,
            both / tie_share,
            "baskets with a tie that have a shirt",
        ),
        (
            "tie_follows_shirt",
            TIE_FOLLOWS,
            tie_next,
            "next order within 30 days has a tie; planted on top of the usual share",
        ),
        (
            "shirt_follows_tie",
            0.0,
            shirt_next,
            "next order within 30 days has a shirt; nothing planted on top",
        ),
    ]


def _late(settings: Settings, heads: Heads, again: Array) -> list[Row]:
    mature = heads.at < (settings.days - REPEAT_DAYS) * DAY
    sent = mature & (heads.channel != TILL) & (heads.party >= 0)
    late = heads.has(LATE)
    return [
        (
            "repeat_after_late",
            None,
            float(again[sent & late].mean()),
            "late orders followed by another within 90 days",
        ),
        (
            "repeat_after_on_time",
            None,
            float(again[sent & ~late].mean()),
            "other sent orders followed by another within 90 days",
        ),
    ]


def _alternatives(asking: Asking) -> list[Row]:
    names = {
        IN_STOCK: "enquiry_sells_in_stock",
        WITH: "enquiry_sells_with_alternative",
        WITHOUT: "enquiry_sells_without_alternative",
    }
    return [
        (
            name,
            float(SELLS[case]),
            asking.sold[case] / max(asking.asked[case], 1),
            "by order_id",
        )
        for case, name in names.items()
    ]


def _migration(settings: Settings, heads: Heads, people: People) -> list[Row]:
    known = heads.party >= 0
    edge = (settings.days - HALF_YEAR) * DAY
    rows: list[Row] = []
    for name, who in (("migrating", people.migrates), ("other", ~people.migrates)):
        own = known & who[np.maximum(heads.party, 0)]
        after = int((own & (heads.at >= edge)).sum())
        before = int(
            (own & (heads.at < edge) & (heads.at >= edge - HALF_YEAR * DAY)).sum()
        )
        rows.append(
            (
                f"{name}_orders_ratio",
                None,
                after / max(before, 1),
                "orders of the last half year per order of the half year before",
            )
        )
    return rows
