"""What the CRM says of parties: every state of each, tiers, households."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from acrm.example import columns, names, places
from acrm.example.clock import Clock
from acrm.example.demand import Heads
from acrm.example.dirt import Dirt
from acrm.example.outbox import Outbox
from acrm.example.people import HEAD, MALE, People, party_ids
from acrm.example.settings import DAY, YEAR, Array, Settings, chance

SYSTEM = "example_crm"
TIERS = ["none", "bronze", "silver", "gold"]
THRESHOLDS = [3, 8, 18]
QUARTER_MONTHS = (1, 4, 7, 10)
CHUNK = 200_000
INCOMES = ["low", "middle", "high"]
ROLES = ["head", "partner", "child", "other"]
# Who has told e-mail, phone, street, birthday, income.
KNOWN = (0.88, 0.7, 0.93, 0.66, 0.3)
BACK_DATED_SHARE = 0.3
LATE_PARTY_SHARE = 0.15


class Tiers:
    """Loyalty tiers: set anew every quarter by the orders of a year.

    Attributes
    ----------
    days : array of int
        From which day each column of `tier` holds; the first from ever.
    tier : array of int
        By quarter and party.
    """

    def __init__(
        self, settings: Settings, clock: Clock, people: People, heads: Heads
    ) -> None:
        self.settings = settings
        rng = settings.stream("tiers")
        begins = [
            day
            for day, date in enumerate(clock.days)
            if date.day == 1 and date.month in QUARTER_MONTHS and day > 0
        ]
        self.days = np.array([0, *begins])
        has_card = chance(rng, 0.82, people.count)
        self.has_card = has_card
        tier = np.zeros((len(self.days), people.count), dtype=np.int8)
        usual = people.rate * settings.lines / 4.5 * (people.registered < 0)
        usual *= people.gone > 0
        tier[0] = np.where(has_card, np.digitize(usual, THRESHOLDS), 0)
        for number, day in enumerate(self.days[1:].tolist(), 1):
            low, high = np.searchsorted(heads.at, [max(day - YEAR, 0) * DAY, day * DAY])
            party = heads.party[low:high]
            orders = np.bincount(party[party >= 0], minlength=people.count)
            year = orders * YEAR / min(day, YEAR)
            settled = np.digitize(np.maximum(year, 0), THRESHOLDS)
            # In the first year the tier of before counts on.
            known = settled if day >= YEAR else np.maximum(settled, tier[0])
            tier[number] = np.where(has_card, known, 0)
        self.tier = tier

    def at(self, party: Array, day: Array) -> Array:
        """Return the tier of parties on days."""
        column = np.searchsorted(self.days, np.maximum(day, 0), side="right") - 1
        return self.tier[column, party].astype(np.int64)


class Registry:
    """Delivers parties and households."""

    def __init__(
        self, settings: Settings, clock: Clock, people: People, tiers: Tiers, dirt: Dirt
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.people = people
        self.tiers = tiers
        self.dirt = dirt
        rng = settings.stream("registry")
        count = people.described
        changes = chance(rng, 0.07 * settings.years, count)
        low = np.maximum(people.registered[:count], 0) + DAY
        end = settings.days * DAY
        at = low + (rng.random(count) * np.maximum(end - low, 1)).astype(np.int64)
        self.new_mail = np.where(changes & (at < end), at, columns.MISSING)
        drawn = rng.random((6, count))
        self.has_mail = drawn[0] < KNOWN[0]
        self.has_phone = drawn[1] < KNOWN[1]
        self.has_street = drawn[2] < KNOWN[2]
        self.has_birthday = drawn[3] < KNOWN[3]
        self.has_income = drawn[4] < KNOWN[4]
        self.income = np.digitize(drawn[5], [0.3, 0.8])

    def send(self, outbox: Outbox) -> None:
        """Deliver every state of every party."""
        people, count = self.people, self.people.described
        party = [np.arange(count)]
        at = [people.registered[:count]]
        for number, day in enumerate(self.tiers.days[1:].tolist(), 1):
            before, after = self.tiers.tier[number - 1 : number + 1, :count]
            who = np.flatnonzero(
                (before != after) & (people.registered[:count] < day * DAY)
            )
            party.append(who)
            at.append(np.full(len(who), day * DAY + 3 * 3_600))
        for moment in (people.moved[:count], self.new_mail):
            who = np.flatnonzero(moment >= 0)
            party.append(who)
            at.append(moment[who])
        who, when = np.concatenate(party), np.concatenate(at)
        order = np.lexsort((when, who))
        who, when = who[order], when[order]
        again = (who[1:] == who[:-1]) & (when[1:] == when[:-1])
        keep = np.concatenate([[True], ~again])
        who, when = who[keep], when[keep]
        due = self._due(who, when)
        for begin in range(0, len(who), CHUNK):
            piece = slice(begin, begin + CHUNK)
            self._send_states(outbox, who[piece], when[piece], due[piece])
        self._send_households(outbox)

    def _due(self, who: Array, when: Array) -> Array:
        """Return when states are delivered: some moves are told long afterwards."""
        rng = self.settings.stream("told late")
        first, last = self.settings.first_daily, self.settings.days - 1
        day = np.maximum(when // DAY, 0)
        is_move = when == self.people.moved[who]
        told = day + rng.integers(10, 90, len(who))
        is_late = is_move & (chance(rng, BACK_DATED_SHARE, len(who)))
        is_late &= (told >= first) & (told <= last)
        self.dirt.count("back-dated change", SYSTEM, "parties", is_late.sum())
        is_new = when == self.people.registered[who]
        described = day + rng.integers(2, 6, len(who))
        is_unknown = is_new & (chance(rng, LATE_PARTY_SHARE, len(who)))
        is_unknown &= (day >= first) & (described <= last)
        self.dirt.count("party described late", SYSTEM, "parties", is_unknown.sum())
        due: Array = np.where(is_late, told, np.where(is_unknown, described, day))
        return due

    def _send_states(self, outbox: Outbox, who: Array, when: Array, due: Array) -> None:
        people, clock = self.people, self.clock
        moved = (people.moved[who] >= 0) & (when >= people.moved[who])
        region = np.where(moved, people.new_region[who], people.region[who])
        city = np.where(moved, people.new_city[who], people.city[who])
        renewed = (self.new_mail[who] >= 0) & (when >= self.new_mail[who])
        firm = people.is_firm[who]
        male = people.gender[who] == MALE
        first_number = people.first_name[who] + np.where(male, len(names.WOMEN), 0)
        twin = people.twin_of[who] >= 0
        firsts = names.WOMEN + names.MEN
        wrong = [
            names.typing_error(name, n % 3) for n, name in enumerate(names.FAMILIES)
        ]
        families = names.FAMILIES + wrong
        is_wrong = twin & (who % 4 != 0)
        family = people.family[who] + np.where(is_wrong, len(names.FAMILIES), 0)
        person = np.where(firm, columns.MISSING, first_number)
        family_known = np.where(firm, columns.MISSING, family)
        mail = columns.join(
            columns.pick(names.plain(firsts), first_number),
            columns.pick(names.plain(families), family),
            columns.code("", who % 10_000, 4),
            between=".",
        )
        hosts = ["@mail.example.com", "@post.example.net", "@inbox.example.org"]
        host = columns.pick(hosts, (who + renewed + twin) % len(hosts))
        number = 1_000_000 + (who * 7_919 + renewed) % 9_000_000
        firm_name = columns.join(
            columns.pick(names.FIRMS, np.where(firm, people.first_name[who] % 10, -1)),
            columns.pick(names.FAMILIES, people.family[who]),
            between=" ",
        )
        tier = self.tiers.at(who, when // DAY)
        home = people.house[who] + np.where(moved, 3, 0)
        street = np.where(self.has_street[who], people.street[who], columns.MISSING)
        outbox.send(
            SYSTEM,
            "parties",
            {
                "party_id": party_ids(who),
                "party_type": columns.pick(["person", "business"], firm.astype(int)),
                "first_name": columns.pick(firsts, person),
                "last_name": columns.pick(families, family_known),
                "company_name": firm_name,
                "email": self._known(columns.join(mail, host), self.has_mail[who]),
                "phone": self._known(
                    columns.join("+35191", columns.code("", number, 7)),
                    self.has_phone[who],
                ),
                "street": columns.join(
                    columns.pick(names.STREETS, street),
                    columns.whole(home).cast(pa.large_string()),
                    between=" ",
                ),
                "postcode": columns.join(
                    columns.code("", 1000 + city * 131 + people.street[who], 4),
                    columns.code("", home, 3),
                    between="-",
                ),
                "city": columns.pick(places.CITIES, city),
                "region": columns.pick(places.NAMES, region),
                "country": columns.pick(places.COUNTRY, region),
                "language": columns.pick(places.LANGUAGE, people.region[who]),
                "birth_date": columns.dates(
                    people.birth_day[who], missing=firm | ~self.has_birthday[who]
                ),
                "gender": columns.pick(
                    ["female", "male"],
                    np.where(firm, columns.MISSING, people.gender[who]),
                ),
                "income_band": columns.pick(
                    INCOMES,
                    np.where(self.has_income[who] & ~firm, self.income[who], -1),
                ),
                "loyalty_tier": columns.pick(TIERS, tier),
                "loyalty_card_id": columns.code(
                    "L", np.where(self.tiers.has_card[who], who * 3 + 1, -1), 9
                ),
                "household_id": household_ids(people.household[who]),
                "is_test": columns.flag(people.is_test[who]),
                "is_employee": columns.flag(people.is_employee[who]),
                "registered_at": clock.moment(people.registered[who]),
                "changed_at": clock.moment(when),
            },
            due,
        )

    @staticmethod
    def _known(texts: columns.Column, known: Array) -> columns.Column:
        return pc.if_else(columns.flag(known), texts, None)

    def _send_households(self, outbox: Outbox) -> None:
        """Deliver who lives with whom; who moves away leaves, the head excepted."""
        people, count = self.people, self.people.described
        member = np.flatnonzero(people.household[:count] >= 0)
        role = people.role[member]
        start = people.registered[member]
        leaves = np.flatnonzero((people.moved[member] >= 0) & (role != HEAD))
        who = np.concatenate([member, member[leaves]])
        at = np.concatenate([start, people.moved[member[leaves]]])
        until = np.full(len(who), columns.MISSING)
        until[len(member) :] = people.moved[member[leaves]] // DAY
        order = np.argsort(at, kind="stable")
        who, at, until = who[order], at[order], until[order]
        outbox.send(
            SYSTEM,
            "household_members",
            {
                "household_id": household_ids(people.household[who]),
                "party_id": party_ids(who),
                "role": columns.pick(ROLES, people.role[who]),
                "valid_from": self.clock.date(people.registered[who] // DAY),
                "valid_to": self.clock.date(until),
                "changed_at": self.clock.moment(at),
            },
            np.maximum(at // DAY, 0),
        )


def household_ids(household: Array) -> columns.Column:
    """Return the ids of households; null below nought."""
    return columns.code("H", household, 7)
