"""Plans, and customers who subscribe, change, cancel and come back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.settings import DAY, Array, Settings, chance

SYSTEM = "example_crm"
# name, family, rank, months of contract, elite, price and price from half-way (cents)
PLANS = [
    ("Style box small", "style_box", 1, 0, False, 1_900, 2_100),
    ("Style box medium", "style_box", 2, 3, False, 3_400, 3_400),
    ("Style box large", "style_box", 3, 6, False, 5_900, 6_400),
    ("Style box studio", "style_box", 4, 12, True, 9_900, 9_900),
    ("Care basic", "care", 1, 0, False, 490, 490),
    ("Care plus", "care", 2, 12, False, 990, 1_190),
    ("Care complete", "care", 3, 12, True, 1_990, 1_990),
]
POPULARITY = np.array([0.26, 0.18, 0.08, 0.03, 0.25, 0.14, 0.06])
FAMILY = np.array([0, 0, 0, 0, 1, 1, 1])
FIRST_OF_FAMILY, SIZE_OF_FAMILY = np.array([0, 4]), np.array([4, 3])
SHARE = 0.08
START, CHANGE, CANCEL, REACTIVATE = range(4)
TYPES = ["start", "change", "cancel", "reactivate"]
WHY = ["CHURN_PRICE", "CHURN_UNUSED", "CHURN_SERVICE", "CHURN_COMPETITOR"]
CHANNELS = ["web_shop", "mobile_app", "call_inbound", "store_till"]


def plan_ids(plan: Array) -> columns.Column:
    """Return the ids of plans; null below nought."""
    return columns.code("PL", np.where(plan >= 0, plan + 1, columns.MISSING), 2)


def send_subscriptions(
    settings: Settings, clock: Clock, people: People, outbox: Outbox
) -> None:
    """Deliver plans and the events of subscriptions."""
    middle = settings.days // 2
    _send_plans(settings, clock, middle, outbox)
    rng = settings.stream("subscriptions")
    may = np.flatnonzero(~people.is_test[: people.described])
    count = round(SHARE * len(may))
    party = np.sort(rng.choice(may, count, replace=False))
    end = settings.days * DAY
    low = np.maximum(people.registered[party], -300 * DAY)
    start = low + (rng.random(count) * np.maximum(end - low, 1)).astype(np.int64)
    plan = rng.choice(len(PLANS), count, p=POPULARITY)

    def later(since: Array, mean_days: float, share: float) -> Array:
        lag = DAY + (rng.exponential(mean_days, count) * DAY).astype(np.int64)
        happens = (since >= 0) | (since < columns.MISSING)
        happens &= chance(rng, share, count)
        return np.where(happens, since + lag, end)

    changed = later(start, 150, 0.4)
    changed_again = np.where(changed < end, later(changed, 150, 0.35), end)
    latest = np.where(
        changed_again < end, changed_again, np.where(changed < end, changed, start)
    )
    cancelled = later(latest, 260, 0.62)
    back = np.where(cancelled < end, later(cancelled + 20 * DAY, 50, 0.22), end)
    gone = np.where(back < end, later(back, 200, 0.5), end)
    second = _other_plan(rng, plan)
    third = _other_plan(rng, second)
    held = np.where(changed_again < end, third, np.where(changed < end, second, plan))
    none = np.full(count, columns.MISSING)
    # Who comes back takes the smallest plan of the family.
    smallest = FIRST_OF_FAMILY[FAMILY[plan]]
    events = [
        (start, START, none, plan),
        (changed, CHANGE, plan, second),
        (changed_again, CHANGE, second, third),
        (cancelled, CANCEL, held, none),
        (back, REACTIVATE, none, smallest),
        (gone, CANCEL, smallest, none),
    ]
    at = np.concatenate([each[0] for each in events])
    kind = np.repeat([each[1] for each in events], count)
    before = np.concatenate([each[2] for each in events])
    after = np.concatenate([each[3] for each in events])
    subscription = np.tile(np.arange(count), len(events))
    order = np.lexsort((subscription, at))
    order = order[at[order] < end]
    at, kind, before, after = at[order], kind[order], before[order], after[order]
    subscription = subscription[order]
    prices = np.array([[plan[5], plan[6]] for plan in PLANS])
    price = prices[np.maximum(after, 0), (at >= middle * DAY).astype(int)]
    rng = settings.stream("subscription events")
    why = rng.choice(len(WHY), len(at), p=[0.35, 0.4, 0.1, 0.15])
    outbox.send(
        SYSTEM,
        "subscription_events",
        {
            "event_id": columns.code("V", np.arange(len(at)), 8),
            "subscription_id": columns.code("SB", subscription, 7),
            "party_id": party_ids(party[subscription]),
            "event_type": columns.pick(TYPES, kind),
            "from_plan_id": plan_ids(before),
            "to_plan_id": plan_ids(after),
            "mrr_amount": columns.money(np.where(after >= 0, price, 0), 10),
            "reason_code": columns.pick(
                WHY, np.where(kind == CANCEL, why, columns.MISSING)
            ),
            "channel_code": columns.pick(
                CHANNELS, rng.choice(4, len(at), p=[0.5, 0.25, 0.15, 0.1])
            ),
            "occurred_at": clock.moment(at),
        },
        np.maximum(at // DAY, 0),
    )


def _other_plan(rng: np.random.Generator, plan: Array) -> Array:
    """Return another plan of the same family."""
    first, size = FIRST_OF_FAMILY[FAMILY[plan]], SIZE_OF_FAMILY[FAMILY[plan]]
    step = 1 + rng.integers(0, size - 1)
    other: Array = first + (plan - first + step) % size
    return other


def _send_plans(settings: Settings, clock: Clock, middle: int, outbox: Outbox) -> None:
    repriced = np.array(
        [number for number, plan in enumerate(PLANS) if plan[5] != plan[6]]
    )
    plan = np.concatenate([np.arange(len(PLANS)), repriced])
    day = np.concatenate([np.full(len(PLANS), -800), np.full(len(repriced), middle)])
    order = np.lexsort((day, plan))
    plan, day = plan[order], day[order]
    rows = [PLANS[number] for number in plan]
    price = [
        row[6] if since == middle else row[5]
        for row, since in zip(rows, day, strict=True)
    ]
    outbox.send(
        SYSTEM,
        "plans",
        {
            "plan_id": plan_ids(plan),
            "plan_name": pa.array([row[0] for row in rows]),
            "plan_family": pa.array([row[1] for row in rows]),
            "plan_rank": columns.whole(np.array([row[2] for row in rows])),
            "contract_months": columns.whole(np.array([row[3] for row in rows])),
            "is_elite": columns.flag(np.array([row[4] for row in rows])),
            "monthly_price": columns.money(np.array(price), 10),
            "changed_at": clock.moment(day * DAY),
        },
        np.minimum(np.maximum(day, 0), settings.days),
    )
