"""What is wrong with the extracts, on purpose, and how much of it there is."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from acrm.example import columns
from acrm.example.outbox import Finish, Outbox, as_text
from acrm.example.settings import Array, Settings, chance

LATE_SHARE, MOST_LATE = 0.008, 20
CORRECTED_SHARE, MOST_CORRECTED = 0.004, 10
UNKNOWN_SHARE = 0.001
BROKEN_SHARE, MOST_BROKEN = 0.004, 4
MENDED_AFTER = 2
AGAIN_EVERY, AGAIN_AFTER = 9, 2
# table: (system, key column, a column with allowed values, a number)
BROKEN_TABLES = {
    "order_lines": ("example_shop", "order_id", "line_type", "quantity"),
    "orders": ("example_shop", "order_id", "payment_method", "shipping_cost_amount"),
    "store_counts": ("example_traffic", "sensor_id", "", "entries"),
    "contacts": ("example_marketing", "contact_id", "status", "cost_amount"),
    "interactions": (
        "example_call_centre",
        "interaction_id",
        "direction",
        "wait_seconds",
    ),
}


class Dirt:
    """Spoils extracts, and keeps count."""

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        self.settings = settings
        self.outbox = outbox
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.unmended: list[pa.Table] = []
        for name in BROKEN_TABLES:
            outbox.finishers[name] = self._finisher(name)

    def count(self, what: str, system: str, table: str, rows: int) -> None:
        """Note how many rows something was done to."""
        self.counts[(what, system, table)] += int(rows)

    def due(self, rng: np.random.Generator, day: Array, order: Array) -> Array:
        """Return when lines are delivered: a few orders' up to 20 days late.

        Parameters
        ----------
        rng : Generator
            The period's numbers.
        day : array of int
            When each line happened.
        order : array of int
            Its order: lines of an order come together.
        """
        first, last = self.settings.first_daily, self.settings.days - 1
        _, inverse = np.unique(order, return_inverse=True)
        count = int(inverse.max(initial=-1)) + 1
        lag = np.where(
            chance(rng, LATE_SHARE, count), rng.integers(1, MOST_LATE + 1, count), 0
        )
        due = day + lag[inverse]
        is_late = (due > day) & (due >= first) & (due <= last)
        self.count("late row", "example_shop", "order_lines", is_late.sum())
        return np.where(is_late, due, day)

    def corrected(self, rng: np.random.Generator, day: Array, may: Array) -> Array:
        """Return when lines are delivered again with other amounts; -1 for never."""
        first, last = self.settings.first_daily, self.settings.days - 1
        at = np.maximum(day, first - 1) + rng.integers(1, MOST_CORRECTED + 1, len(day))
        is_corrected = may & (chance(rng, CORRECTED_SHARE, len(day)))
        is_corrected &= (at <= last) & (at - day <= MOST_CORRECTED)
        self.count("corrected row", "example_shop", "order_lines", is_corrected.sum())
        return np.where(is_corrected, at, columns.MISSING)

    def _finisher(self, name: str) -> Finish:
        return lambda day, table: self._broken(name, day, table)

    def _broken(self, name: str, day: int, table: pa.Table) -> pa.Table:
        """Break a few rows of a day's file; lines come once more, mended."""
        system, key, choice, number = BROKEN_TABLES[name]
        wanted = min(int(table.num_rows * BROKEN_SHARE), MOST_BROKEN)
        rng = self.settings.stream(f"broken {name}", day)
        eligible = np.arange(table.num_rows)
        if name == "order_lines":
            # Lines at tills may be corrected; these stand for themselves.
            is_web = pc.and_(
                pc.equal(table["channel_code"], "web_shop"),
                pc.equal(table["line_type"], "sale"),
            )
            eligible = np.flatnonzero(is_web.to_numpy(zero_copy_only=False))
        wanted = min(wanted, len(eligible))
        if not wanted:
            return table
        index = np.sort(rng.choice(eligible, wanted, replace=False))
        rows = table.take(pa.array(index))
        if name == "order_lines":
            rest = np.setdiff1d(np.arange(table.num_rows), index)
            kept = table.take(pa.array(rest))
            self._mend(day, rows)
        else:
            kept = table
        is_csv = self.outbox.extension == "csv"
        ways = [key] + ([choice] if choice else []) + ([number] if is_csv else [])
        if is_csv:
            kept, rows = as_text(kept), as_text(rows)
        pieces = [kept]
        for place in range(wanted):
            way = ways[(place + day) % len(ways)]
            row = rows.slice(place, 1)
            value = None if way == key else "unheard_of" if way == choice else "1O"
            column = pa.array([value], row.schema.field(way).type)
            pieces.append(row.set_column(row.schema.get_field_index(way), way, column))
            what = {key: "empty key", choice: "value not allowed"}.get(
                way, "letter in a number"
            )
            self.count(f"broken row: {what}", system, name, 1)
        return pa.concat_tables(pieces)

    def _mend(self, day: int, rows: pa.Table) -> None:
        later = day + MENDED_AFTER
        if later < self.settings.days:
            self.outbox.add_rows(later, ("example_shop", "order_lines"), rows)
            self.count(
                "broken row delivered again, whole",
                "example_shop",
                "order_lines",
                rows.num_rows,
            )
        else:
            self.unmended.append(rows)
            self.count(
                "broken row never mended", "example_shop", "order_lines", rows.num_rows
            )

    def send_again(self) -> None:
        """Deliver a few files a second time, under another name."""
        first, last = self.settings.first_daily, self.settings.days - 1
        for day in range(first + 1, last - AGAIN_AFTER + 1, AGAIN_EVERY):
            for system, name in (
                ("example_shop", "order_lines"),
                ("example_traffic", "store_counts"),
                ("example_marketing", "responses"),
            ):
                if self.outbox.send_again(day, day + AGAIN_AFTER, system, name):
                    self.count(
                        "file delivered again under another name", system, name, 1
                    )
