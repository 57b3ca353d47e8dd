"""Campaigns: who is assigned to which cell, and what three of them are known to do.

Campaign X raises the share that buys within 30 days by 5 points over its control
group, W the share of lapsed customers that buys within 60 days by 6 points, and N does
nothing. Assignment is at random. The effect is planted by giving an order to exactly
that share of the treated, among those who would not have bought: the expected
difference is the true one, whatever the base rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.consents import EMAIL, POST, Consents
from acrm.example.demand import ADDED, TILL, WEB, Heads
from acrm.example.people import People
from acrm.example.places import Places
from acrm.example.settings import DAY, HOUR_OF_MAIL, YEAR, Array, Settings, chance

EMAIL_CHANNEL, MAIL_CHANNEL = "email", "direct_mail"
UNIVERSAL_SHARE = 0.02
REGULAR_SHARE, REGULAR_CONTROL, REGULAR_EVERY = 0.3, 0.1, 30
CONTROL_SHARE, WIN_BACK_CONTROL = 0.2, 0.3
X_EFFECT, W_EFFECT = 0.05, 0.06
LARGE = 10_000


@dataclass
class Campaign:
    """A campaign and its audience; the last cell is the control group."""

    id: str
    name: str
    objective: str
    channel: str
    day: int
    window: int
    cells: list[str]
    offer: int
    effect: float
    kind: str
    party: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    cell: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    rates: tuple[float, float] = (0.0, 0.0)

    @property
    def control(self) -> int:
        """The number of the control cell."""
        return len(self.cells) - 1

    @property
    def treated(self) -> Array:
        """Which of the audience are not in the control group."""
        treated: Array = self.cell != self.control
        return treated


def lapse_days(settings: Settings) -> int:
    """Return after how many days without a purchase a customer has lapsed."""
    return min(180, (settings.days - 80) // 2)


class Campaigns:
    """All campaigns of one company."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        people: People,
        places: Places,
        consents: Consents,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.places = places
        self.consents = consents
        rng = settings.stream("universal control")
        self.is_universal = chance(rng, UNIVERSAL_SHARE, people.described)
        self.unsubscribed: list[tuple[str, Array, Array]] = []
        self.campaigns = sorted(self._planned(), key=lambda one: one.day)

    def _planned(self) -> list[Campaign]:
        days = self.settings.days
        plan = [
            Campaign(
                id=f"C{number:03}",
                name=f"News {self.settings.date_of(day):%B %Y}",
                objective="grow" if number % 3 else "retain",
                channel=EMAIL_CHANNEL,
                day=day,
                window=21,
                cells=["A", "B", "control"],
                offer=number - 1 if number % 2 else columns.MISSING,
                effect=0.0,
                kind="regular",
            )
            for number, day in enumerate(
                range(25 + (days - 30) % REGULAR_EVERY, days, REGULAR_EVERY), 1
            )
        ]
        first = len(plan)
        x, n, w = days - 75, days - 118, days - 78
        mail = ["mailing", "control"]
        plan += [
            Campaign(
                "N",
                "Spring letter",
                "retain",
                MAIL_CHANNEL,
                n,
                30,
                mail,
                first,
                0.0,
                "A/A",
            ),
            Campaign(
                "W",
                "Come back",
                "win_back",
                MAIL_CHANNEL,
                w,
                60,
                mail,
                first + 1,
                W_EFFECT,
                "win-back",
            ),
            Campaign(
                "X",
                "Autumn mailing",
                "grow",
                MAIL_CHANNEL,
                x,
                30,
                mail,
                first + 2,
                X_EFFECT,
                "effective",
            ),
        ]
        return plan

    def _audience(self, campaign: Campaign, heads: Heads, taken: Array) -> Array:
        """Return who may be assigned."""
        people, day = self.people, campaign.day
        count = people.described
        bought = np.zeros((2, people.count), dtype=bool)
        lapse = lapse_days(self.settings) if campaign.kind == "win-back" else YEAR
        before = heads.at < day * DAY
        recent = before & (heads.at >= (day - lapse) * DAY)
        bought[0, heads.party[recent & (heads.party >= 0)]] = True
        bought[1, heads.party[before & (heads.party >= 0)]] = True
        may = ~self.is_universal & ~people.is_test[:count] & ~people.is_employee[:count]
        may &= people.registered[:count] < (day - 14) * DAY
        kind = EMAIL if campaign.channel == EMAIL_CHANNEL else POST
        allows = self.consents.allows(kind, day * DAY)
        if campaign.kind == "win-back":
            may &= ~bought[0, :count] & bought[1, :count]
        elif campaign.kind == "regular":
            may &= allows
        else:
            may &= bought[0, :count] & ~taken
        return np.flatnonzero(may)

    def plan(self, heads: Heads) -> Heads:
        """Assign audiences, and return the heads with the orders that effects add.

        Parameters
        ----------
        heads : Heads
            All other orders.
        """
        settings = self.settings
        taken = np.zeros(self.people.described, dtype=bool)
        for number, campaign in enumerate(self.campaigns):
            rng = settings.stream("campaign", number)
            audience = self._audience(campaign, heads, taken)
            share = 0.95 if settings.customers < LARGE else 0.6
            share = REGULAR_SHARE if campaign.kind == "regular" else share
            size = round(share * len(audience))
            campaign.party = np.sort(rng.choice(audience, size, replace=False))
            control = CONTROL_SHARE
            control = REGULAR_CONTROL if campaign.kind == "regular" else control
            control = WIN_BACK_CONTROL if campaign.kind == "win-back" else control
            held = round(control * size)
            cell = np.arange(size) % campaign.control
            cell[:held] = campaign.control
            campaign.cell = rng.permutation(cell)
            if campaign.effect:
                heads = heads.plus(self._added(rng, campaign, heads))
                taken[campaign.party] = True
            if campaign.channel == EMAIL_CHANNEL:
                self._unsubscribe(rng, campaign)
        for campaign in self.campaigns:
            campaign.rates = self._rates(campaign, heads)
        return heads

    def bought_within(self, campaign: Campaign, heads: Heads) -> Array:
        """Return who of the audience buys in the days after the assignment."""
        since = (campaign.day + 1) * DAY
        until = (campaign.day + 1 + campaign.window) * DAY
        inside = (heads.at >= since) & (heads.at < until) & (heads.party >= 0)
        bought = np.zeros(self.people.count, dtype=bool)
        bought[heads.party[inside]] = True
        return bought[campaign.party]

    def _rates(self, campaign: Campaign, heads: Heads) -> tuple[float, float]:
        bought, treated = self.bought_within(campaign, heads), campaign.treated
        if treated.all() or not treated.any():
            return (0.0, 0.0)
        return float(bought[treated].mean()), float(bought[~treated].mean())

    def _added(
        self, rng: np.random.Generator, campaign: Campaign, heads: Heads
    ) -> Heads:
        """Return the orders that exactly the planted share of the treated add."""
        bought, treated = self.bought_within(campaign, heads), campaign.treated
        wanted = round(campaign.effect * int(treated.sum()))
        others = campaign.party[treated & ~bought]
        who = np.sort(rng.choice(others, min(wanted, len(others)), replace=False))
        # Away from the ends of the window, so that no way to count its days loses one.
        day = campaign.day + rng.integers(3, campaign.window - 2, len(who))
        online = (chance(rng, 0.4, len(who))) | self.clock.is_closed[day]
        second = np.where(
            online,
            self.clock.web_hours.draw(rng, len(who)),
            self.clock.in_store(rng, day),
        )
        store = self.places.open_store(self.people.home_store[who], day)
        added = Heads.of(
            who,
            day * DAY + second,
            np.where(online, -1, store),
            np.where(online, WEB, TILL),
        )
        added.flags |= ADDED
        return added

    def _unsubscribe(self, rng: np.random.Generator, campaign: Campaign) -> None:
        """Let a few of the treated withdraw their consent to e-mail."""
        treated = campaign.party[campaign.treated]
        leaving = np.sort(rng.choice(treated, len(treated) // 300, replace=False))
        at = (
            campaign.day * DAY + HOUR_OF_MAIL + rng.integers(600, 3 * DAY, len(leaving))
        )
        self.consents.withdraw(EMAIL, leaving, at)
        self.unsubscribed.append((campaign.id, leaving, at))
