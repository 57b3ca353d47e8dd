"""What becomes of orders: paid, picked, sent, delivered, cancelled, returned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acrm.example import columns
from acrm.example.baskets import RETURN, SALE, Lines, chosen
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import CANCELLED, LATE, TILL, Heads
from acrm.example.settings import DAY, Array, chance

CARD, CASH, INVOICE, WALLET = range(4)
PAYMENTS = ["card", "cash", "invoice", "wallet"]
PROMISED = 4
WHY_LATE = ["LATE_CARRIER", "LATE_STOCK", "LATE_WEATHER", "LATE_ADDRESS", "CANCELLED"]
WHY_BACK = ["RET_SIZE", "RET_LIKE", "RET_QUALITY", "RET_LATE", "RET_CANCELLED"]
STOCK, WITHDRAWN = 1, 4
TOO_LATE, ANNULLED = 3, 4
HOUR = 3_600


@dataclass
class Lives:
    """The milestones of orders, in seconds since the first midnight; -1 for never."""

    payment: Array
    paid: Array
    picked: Array
    shipped: Array
    promised: Array
    delivered: Array
    cancelled: Array
    returned: Array
    abnormal: Array
    shipping_cost: Array


def live(rng: np.random.Generator, heads: Heads) -> Lives:
    """Draw what becomes of orders, but for what comes back."""
    count = len(heads)
    at = heads.at.astype(np.int64)
    day = at // DAY
    till, late, cancelled = heads.channel == TILL, heads.has(LATE), heads.has(CANCELLED)
    payment = np.where(
        till,
        rng.choice(4, count, p=[0.64, 0.25, 0.0, 0.11]),
        rng.choice(4, count, p=[0.58, 0.0, 0.07, 0.35]),
    )
    takes = rng.integers(2, PROMISED + 1, count)
    lateness = 1 + rng.geometric(0.33, count)
    takes = np.where(late, PROMISED + lateness, takes)
    delivered = (day + takes) * DAY + 9 * HOUR + rng.integers(0, 10 * HOUR, count)
    why = rng.choice(4, count, p=[0.45, 0.3, 0.15, 0.1])
    wait = np.where(late & (why == STOCK), (takes - 2) * DAY, 0)
    picked = at + wait + rng.integers(2 * HOUR, 26 * HOUR, count)
    shipped = picked + rng.integers(1 * HOUR, 9 * HOUR, count)
    delivered = np.maximum(delivered, shipped + 2 * HOUR)
    is_sent = ~till & ~cancelled
    none = np.full(count, columns.MISSING)
    ends = at + rng.integers(600, 2 * HOUR, count)
    paid = np.where(
        payment == INVOICE, delivered + rng.integers(2 * DAY, 20 * DAY, count), at
    )
    paid = np.where(cancelled & (payment == INVOICE), columns.MISSING, paid)
    abnormal = np.where(late, why, np.where(cancelled, WITHDRAWN, columns.MISSING))
    return Lives(
        payment=payment,
        paid=paid,
        picked=np.where(is_sent, picked, none),
        shipped=np.where(is_sent, shipped, none),
        promised=np.where(till, none, day + PROMISED),
        delivered=np.where(till, at, np.where(cancelled, none, delivered)),
        cancelled=np.where(cancelled, ends, none),
        returned=none.copy(),
        abnormal=abnormal,
        shipping_cost=np.where(is_sent, rng.integers(310, 890, count), 0),
    )


def send_back(
    rng: np.random.Generator,
    clock: Clock,
    catalogue: Catalogue,
    heads: Heads,
    lives: Lives,
    lines: Lines,
) -> Lines:
    """Draw what customers return, and when; an order comes back once, in one piece.

    Parameters
    ----------
    rng : Generator
        The period's numbers.
    clock, catalogue : Clock, Catalogue
        The company's.
    heads, lives, lines : Heads, Lives, Lines
        Orders with their lives and lines; `lives.returned` is filled in.
    """
    place = lines["place"]
    sent = heads.channel[place] != TILL
    share = catalogue.return_share[catalogue.article_class[lines["product"]]]
    share = np.where(sent, share * 1.25, share * 0.3)
    late, cancelled = heads.has(LATE)[place], heads.has(CANCELLED)[place]
    share = np.where(late, share * 1.5, share)
    # Nobody is known to bring back what nobody was known to buy.
    share = np.where(heads.party[place] < 0, share * 0.5, share)
    back = (lines["kind"] == SALE) & (chance(rng, share, len(place)))
    back |= cancelled
    index = np.flatnonzero(back)
    lag = 1 + np.minimum(rng.gamma(2.0, 4.5, len(heads)).astype(np.int64), 45)
    start = np.where(lives.delivered >= 0, lives.delivered, heads.at)
    day = start // DAY + lag
    inside = np.minimum(day, len(clock.weekday) - 1)
    till = heads.channel == TILL
    day = np.where(till & clock.is_closed[inside], day + 1, day)
    day_in = np.minimum(day, len(clock.weekday) - 1)
    second = np.where(
        till,
        clock.in_store(rng, day_in),
        clock.office_hours.draw(rng, len(heads)),
    )
    at = np.where(heads.has(CANCELLED), lives.cancelled, day * DAY + second)
    returns = chosen(lines, index)
    of = returns["place"]
    lives.returned[of] = np.where(heads.has(CANCELLED)[of], columns.MISSING, at[of])
    why = rng.choice(3, len(index), p=[0.5, 0.32, 0.18])
    why = np.where(late[index] & (chance(rng, 0.3, len(index))), TOO_LATE, why)
    returns["reason"] = np.where(cancelled[index], ANNULLED, why)
    returns["at"] = at[of]
    for name in ("quantity", "gross", "discount"):
        returns[name] = -returns[name]
    has_cost = returns["cost"] >= 0
    returns["cost_known"] = has_cost
    returns["cost"] = np.where(has_cost, -returns["cost"], 0)
    returns["kind"] = np.where(returns["kind"] == SALE, RETURN, returns["kind"])
    order = np.lexsort((returns["line"], returns["order"]))
    returns = chosen(returns, order)
    begins = np.searchsorted(returns["order"], returns["order"])
    returns["line"] = np.arange(len(index)) - begins + 1
    return returns
