"""The call centre: cases, interactions and satisfaction, period by period."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import CANCELLED, LATE, TILL, Heads
from acrm.example.outbox import Outbox
from acrm.example.people import People, party_ids
from acrm.example.places import Places
from acrm.example.reactions import order_ids
from acrm.example.reasons import REASONS
from acrm.example.selling import Sold
from acrm.example.settings import DAY, Array, Settings, chance
from acrm.example.states import delivered_states, known_at

SYSTEM = "example_call_centre"
TOPICS = list(REASONS["topic"])
DELIVERY, BACK, PRODUCT = 0, 1, 2
COMPLAINTS = list(REASONS["complaint"])
PRIORITIES = ["low", "normal", "high"]
STATUS = ["open", "answered", "resolved", "closed", "reopened"]
CHANNELS = ["call_inbound", "call_outbound", "chat", "email_service"]
OUTBOUND = 1
INDICATORS = ["nps", "csat", "ces"]
NPS = 0
DETRACTOR, UNHAPPY = 6, 2
MILESTONES = ("opened", "assigned", "answered", "resolved", "reopened", "closed")
CALLS_A_YEAR = 0.35
ANSWERED_AFTER_ORDER = 0.035
REPEAT_DAYS = 90
HOUR = 3_600


def bought_again(heads: Heads) -> Array:
    """Return which orders are followed by another of the customer within 90 days."""
    order = np.argsort(heads.party, kind="stable")
    party, at = heads.party[order], heads.at[order]
    again = np.zeros(len(heads), dtype=bool)
    is_soon = (party[1:] == party[:-1]) & (party[1:] >= 0)
    is_soon &= (at[1:] - at[:-1]) <= REPEAT_DAYS * DAY
    again[order[:-1]] = is_soon
    return again


class Service:
    """Delivers what the call centre knows."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        people: People,
        places: Places,
        catalogue: Catalogue,
        heads: Heads,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        self.catalogue = catalogue
        self.again = bought_again(heads)
        self.cases = 0
        self.interactions = 0
        self.answers = 0

    def serve(self, sold: Sold, outbox: Outbox) -> None:
        """Deliver cases about a period's orders, calls and answers."""
        rng = self.settings.stream("service", sold.number)
        place, steps = self._cases(rng, sold, outbox)
        self._calls(rng, sold, place, steps, outbox)
        self._answers(rng, sold, place, steps, outbox)
        self.cases += len(place)

    def _cases(
        self, rng: np.random.Generator, sold: Sold, outbox: Outbox
    ) -> tuple[Array, Array]:
        heads, lives = sold.heads, sold.lives
        late = heads.has(LATE)
        known = (heads.party >= 0) & (heads.party < self.people.described)
        share = np.where(late, 0.3, np.where(heads.has(CANCELLED), 0.12, 0.008))
        share = np.where(lives.returned >= 0, share + 0.05, share)
        share = np.where(heads.channel == TILL, share * 0.4, share)
        place = np.flatnonzero(known & (chance(rng, share, len(heads))))
        count = len(place)
        about_late = late[place]
        begin = np.where(
            about_late,
            (lives.promised[place] + 1) * DAY,
            sold.at[place] // DAY * DAY + DAY * rng.integers(1, 15, count),
        )
        opened = begin + self.clock.office_hours.draw(rng, count)
        assigned = opened + rng.integers(300, 8 * HOUR, count)
        answered = assigned + rng.integers(600, 30 * HOUR, count)
        resolved = answered + (rng.gamma(1.3, 1.6, count) * DAY).astype(np.int64) + HOUR
        # A few are never resolved.
        open_ = chance(rng, 0.03, count)
        reopens = ~open_ & (chance(rng, 0.08, count))
        reopened = np.where(reopens, resolved + rng.integers(HOUR, 3 * DAY, count), -1)
        closed = np.maximum(resolved, reopened) + rng.integers(DAY, 5 * DAY, count)
        none = np.full(count, columns.MISSING)
        steps = np.stack(
            [
                opened,
                assigned,
                answered,
                np.where(open_, none, resolved),
                reopened,
                np.where(open_, none, closed),
            ],
            axis=1,
        )
        returned = lives.returned[place] >= 0
        topic = np.where(
            about_late, DELIVERY, np.where(returned, BACK, rng.integers(2, 5, count))
        )
        agent = self.places.agent(
            rng, np.minimum(opened // DAY, self.settings.days - 1)
        )
        first_line = np.searchsorted(sold.lines["order"], sold.low + place)
        facts = {
            "case": self.cases + np.arange(count),
            "party": heads.party[place],
            "order": sold.low + place,
            "topic": topic,
            "product": sold.lines["product"][first_line],
            "agent": agent,
            "store": heads.store[place],
            "channel": rng.choice([0, 2, 3], count, p=[0.5, 0.2, 0.3]),
            "priority": np.where(
                about_late, 1 + (chance(rng, 0.4, count)), rng.integers(0, 2, count)
            ),
        }
        self._send_cases(steps, facts, outbox)
        self.case_channel, self.case_topic, self.case_agent = (
            facts["channel"],
            topic,
            agent,
        )
        return place, steps

    def _send_cases(
        self, steps: Array, facts: dict[str, Array], outbox: Outbox
    ) -> None:
        clock = self.clock
        place, changed = delivered_states(steps, self.settings.first_daily)
        order = np.argsort(changed, kind="stable")
        place, changed = place[order], changed[order]
        known = dict(zip(MILESTONES, known_at(steps, place, changed), strict=True))
        shown = {name: values[place] for name, values in facts.items()}
        status = np.select(
            [
                known["closed"] >= 0,
                known["reopened"] >= 0,
                known["resolved"] >= 0,
                known["answered"] >= 0,
            ],
            [3, 4, 2, 1],
            0,
        )
        outbox.send(
            SYSTEM,
            "cases",
            {
                "case_id": columns.code("CS", shown["case"], 8),
                "party_id": party_ids(shown["party"]),
                "order_id": order_ids(shown["order"]),
                "product_id": self.catalogue.ids(shown["product"]),
                "employee_id": self.places.staff_ids(
                    np.where(known["assigned"] >= 0, shown["agent"], columns.MISSING)
                ),
                "store_id": self.places.ids(shown["store"]),
                "channel_code": columns.pick(CHANNELS, shown["channel"]),
                "topic_code": columns.pick(TOPICS, shown["topic"]),
                "priority": columns.pick(PRIORITIES, shown["priority"]),
                "status": columns.pick(STATUS, status),
                "opened_at": clock.moment(known["opened"]),
                "assigned_at": clock.moment(known["assigned"]),
                "first_answered_at": clock.moment(known["answered"]),
                "resolved_at": clock.moment(known["resolved"]),
                "closed_at": clock.moment(known["closed"]),
                "reopened_at": clock.moment(known["reopened"]),
                "changed_at": clock.moment(changed),
            },
            changed // DAY,
        )

    def _calls(
        self,
        rng: np.random.Generator,
        sold: Sold,
        place: Array,
        steps: Array,
        outbox: Outbox,
    ) -> None:
        """Deliver calls about each case, in and out, and calls about anything else."""
        length = sold.end_day - sold.first_day
        count = rng.poisson(CALLS_A_YEAR * self.settings.customers * length / 365)
        day = rng.integers(sold.first_day, sold.end_day, count)
        heads = sold.heads
        about = rng.integers(0, len(heads), count) if len(heads) else np.zeros(0, int)
        names_order = (chance(rng, 0.4, count)) & (sold.at[about] < day * DAY)
        is_known = (heads.party[about] >= 0) & (
            heads.party[about] < self.people.described
        )
        is_known &= chance(rng, 0.8, count)
        cases = len(place)
        number = self.cases + np.arange(cases)
        none = np.full(count, columns.MISSING)
        calls_back = np.flatnonzero(chance(rng, 0.6, cases))
        party = heads.party[place]
        topic = rng.choice(5, count, p=[0.3, 0.2, 0.25, 0.1, 0.15])
        at = day * DAY + self.clock.office_hours.draw(rng, count)
        channel = rng.choice([0, 2, 3], count, p=[0.6, 0.25, 0.15])
        rows = {
            "at": (at, steps[:, 0], steps[calls_back, 2]),
            "party": (
                np.where(is_known, heads.party[about], -1),
                party,
                party[calls_back],
            ),
            "case": (none, number, number[calls_back]),
            "order": (
                np.where(names_order & is_known, sold.low + about, -1),
                sold.low + place,
                sold.low + place[calls_back],
            ),
            "agent": (
                self.places.agent(rng, day),
                self.case_agent,
                self.case_agent[calls_back],
            ),
            "channel": (channel, self.case_channel, np.full(len(calls_back), OUTBOUND)),
            "topic": (topic, self.case_topic, self.case_topic[calls_back]),
            "abandoned": (
                chance(rng, 0.07, count),
                np.zeros(cases, bool),
                np.zeros(len(calls_back), bool),
            ),
        }
        calls = {name: np.concatenate(each) for name, each in rows.items()}
        order = np.argsort(calls["at"], kind="stable")
        self._send_calls(
            rng, {name: each[order] for name, each in calls.items()}, outbox
        )

    def _send_calls(
        self, rng: np.random.Generator, calls: dict[str, Array], outbox: Outbox
    ) -> None:
        count = len(calls["at"])
        gone = calls["abandoned"]
        wait = np.where(
            calls["channel"] == OUTBOUND, 0, rng.exponential(95, count)
        ).astype(int)
        wait = np.where(gone, wait + 60, wait)
        handle = np.where(gone, 0, rng.lognormal(5.5, 0.6, count)).astype(np.int64)
        product = rng.choice(np.flatnonzero(self.catalogue.launched < 0), count)
        product = np.where(calls["topic"] == PRODUCT, product, columns.MISSING)
        outbox.send(
            SYSTEM,
            "interactions",
            {
                "interaction_id": columns.code(
                    "I", self.interactions + np.arange(count), 9
                ),
                "party_id": party_ids(calls["party"]),
                "case_id": columns.code("CS", calls["case"], 8),
                "order_id": order_ids(calls["order"]),
                "employee_id": self.places.staff_ids(
                    np.where(gone, -1, calls["agent"])
                ),
                "direction": columns.pick(
                    ["inbound", "outbound"], (calls["channel"] == OUTBOUND).astype(int)
                ),
                "channel_code": columns.pick(CHANNELS, calls["channel"]),
                "topic_code": columns.pick(TOPICS, calls["topic"]),
                "product_id": self.catalogue.ids(product),
                "started_at": self.clock.moment(calls["at"]),
                "wait_seconds": columns.whole(wait),
                "handle_seconds": columns.whole(handle),
                "transfer_count": columns.whole(
                    np.where(gone, 0, rng.poisson(0.25, count))
                ),
                "is_abandoned": columns.flag(gone),
            },
            calls["at"] // DAY,
        )
        self.interactions += count

    def _answers(
        self,
        rng: np.random.Generator,
        sold: Sold,
        place: Array,
        steps: Array,
        outbox: Outbox,
    ) -> None:
        """Deliver answers: late orders please less, and the pleased buy again."""
        heads = sold.heads
        known = (heads.party >= 0) & (heads.party < self.people.described)
        about = np.flatnonzero(known & (chance(rng, ANSWERED_AFTER_ORDER, len(heads))))
        solved = np.flatnonzero((steps[:, 3] >= 0) & (chance(rng, 0.3, len(place))))
        order = np.concatenate([about, place[solved]])
        count = len(order)
        case = np.concatenate([np.full(len(about), -1), self.cases + solved])
        start = np.where(sold.lives.delivered >= 0, sold.lives.delivered, sold.at)
        since = np.concatenate([start[about], steps[solved, 3]])
        at = (since // DAY + rng.integers(1, 8, count)) * DAY
        at = at + self.clock.web_hours.draw(rng, count)
        again = self.again[sold.low + order]
        pleased = rng.normal(0.55, 0.9, count) + np.where(again, 0.35, -0.25)
        pleased -= np.where(heads.has(LATE)[order], 1.3, 0.0)
        pleased -= np.where(case >= 0, 0.3, 0.0)
        indicator = np.where(
            case >= 0, 1 + rng.integers(0, 2, count), rng.integers(0, 2, count)
        )
        of_ten = np.clip(np.round(7.4 + 1.7 * pleased), 0, 10)
        of_five = np.clip(np.round(3.6 + 0.85 * pleased), 1, 5)
        score = np.where(indicator == NPS, of_ten, of_five).astype(np.int64)
        unhappy = score <= np.where(indicator == NPS, DETRACTOR, UNHAPPY)
        why = np.where(heads.has(LATE)[order], 0, rng.integers(1, 4, count))
        agent = np.concatenate([np.full(len(about), -1), self.case_agent[solved]])
        employee = np.where(case >= 0, agent, sold.employee[order])
        outbox.send(
            SYSTEM,
            "satisfaction",
            {
                "answer_id": columns.code("A", self.answers + np.arange(count), 8),
                "party_id": party_ids(heads.party[order]),
                "interaction_id": columns.constant(None, count),
                "case_id": columns.code("CS", case, 8),
                "order_id": order_ids(sold.low + order),
                "store_id": self.places.ids(heads.store[order]),
                "employee_id": self.places.staff_ids(employee),
                "channel_code": columns.pick(
                    ["email", "sms"],
                    (chance(rng, 0.3, count)).astype(int),
                ),
                "indicator": columns.pick(INDICATORS, indicator),
                "score": columns.whole(score),
                "reason_code": columns.pick(
                    COMPLAINTS, np.where(unhappy, why, columns.MISSING)
                ),
                "answered_at": self.clock.moment(at),
            },
            at // DAY,
        )
        self.answers += count
