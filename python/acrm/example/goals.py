"""Targets: what each month should bring, near what it brings."""

from __future__ import annotations

import numpy as np

from acrm.example import columns, places
from acrm.example.catalogue import DEPARTMENTS
from acrm.example.clock import Clock
from acrm.example.outbox import Outbox
from acrm.example.registry import TIERS
from acrm.example.selling import Selling
from acrm.example.settings import Settings

BUDGET_SPREAD, FORECAST_SPREAD = 0.12, 0.05
FORECAST_MONTHS = 6


def send_targets(
    settings: Settings, clock: Clock, selling: Selling, outbox: Outbox
) -> None:
    """Deliver a budget of all months and a forecast of the last six.

    Targets are of customers who are known, by where they live, and near what they
    bought, returns taken off.
    """
    net, orders = selling.by_segment
    months = net.shape[0]
    first = clock.days[0]
    starts = [
        np.datetime64(f"{first.year}-{first.month:02}", "M") + number
        for number in range(months)
    ]
    for version, begin, spread in (
        ("budget", 0, BUDGET_SPREAD),
        ("forecast", max(0, months - FORECAST_MONTHS), FORECAST_SPREAD),
    ):
        rng = settings.stream(f"targets {version}")
        month, region, department, tier = (
            each.ravel() for each in np.indices((months - begin, *net.shape[1:]))
        )
        month = month + begin
        noise = 1.02 * np.exp(rng.normal(0, spread, len(month)))
        euros = np.maximum(net[month, region, department, tier], 0) / 100
        money = np.round(euros * noise / 10).astype(np.int64) * 10
        count = np.round(orders[month, region, department, tier] * noise).astype(
            np.int64
        )
        days = np.array(
            [start.astype("datetime64[D]").astype(np.int64) for start in starts]
        )
        outbox.send(
            "example_shop",
            "targets",
            {
                "plan_version": columns.constant(version, len(month)),
                "month_start": columns.dates(days[month]),
                "region": columns.pick(places.NAMES, region),
                "department": columns.pick(DEPARTMENTS, department),
                "loyalty_tier": columns.pick(TIERS, tier),
                "target_net_amount": columns.money(money * 100, 14),
                "target_order_count": columns.whole(count),
            },
        )
