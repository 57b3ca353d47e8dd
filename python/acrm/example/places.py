"""Regions, cities, stores with their zones and sensors, and who works there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.outbox import INITIAL, Outbox
from acrm.example.settings import DAY, Array, Settings, chance

# region: country, language, weight, cities
REGIONS: dict[str, tuple[str, str, float, list[str]]] = {
    "Lisboa": ("Portugal", "pt", 26, ["Lisboa", "Cascais", "Almada", "Sintra"]),
    "Norte": ("Portugal", "pt", 24, ["Porto", "Braga", "Guimarães", "Gaia"]),
    "Centro": ("Portugal", "pt", 13, ["Coimbra", "Aveiro", "Viseu"]),
    "Alentejo": ("Portugal", "pt", 5, ["Évora", "Beja"]),
    "Algarve": ("Portugal", "pt", 7, ["Faro", "Portimão"]),
    "Galicia": ("Spain", "es", 8, ["Vigo", "A Coruña"]),
    "Madrid": ("Spain", "es", 11, ["Madrid", "Alcalá"]),
    "Andalucía": ("Spain", "es", 6, ["Sevilla", "Huelva", "Málaga"]),
}
NAMES = list(REGIONS)
COUNTRY = [REGIONS[name][0] for name in NAMES]
LANGUAGE = [REGIONS[name][1] for name in NAMES]
WEIGHT = np.array([REGIONS[name][2] for name in NAMES]) / 100
CITIES = [city for name in NAMES for city in REGIONS[name][3]]
CITY_REGION = np.repeat(np.arange(len(NAMES)), [len(REGIONS[n][3]) for n in NAMES])
FIRST_CITY = np.searchsorted(CITY_REGION, np.arange(len(NAMES)))
CITY_COUNT = np.bincount(CITY_REGION)
FORMATS = ["flagship", "standard", "outlet"]
SIZES = ["S", "M", "L"]
LARGE = 2
FEW = 4
ZONES = ["Entrance", "Women", "Men", "Kids and shoes", "Home"]
FLOORS = ["0", "0", "1", "1", "2"]
FIXTURES = ["door", "rail", "rail", "wall", "table"]
ZONES_OF_SIZE = np.array([3, 4, 5])
POSITIONS_OF_SIZE = np.array([6, 9, 14])
SHOP_ROLES = ["store_manager", "seller", "stylist", "cashier"]
MANAGER, AGENT, LEAD = 0, 4, 5
ROLES = [*SHOP_ROLES, "agent", "team_lead"]
TEAMS = ["Sales", "Style advice", "Checkout", "Service mornings", "Service evenings"]
UNITS = ["Stores Portugal", "Stores Spain", "Call centre", "Stores Iberia"]
CALL_CENTRE = 2
TEAM_OF_ROLE = np.array([0, 0, 1, 2, 3, 3])


def draw_city(rng: np.random.Generator, region: Array) -> Array:
    """Draw a city of each region."""
    return FIRST_CITY[region] + rng.integers(0, CITY_COUNT[region])


class Places:
    """Stores and staff of one company.

    Attributes
    ----------
    region, city, size : array of int
        Of each store.
    opened, closed : array of int
        First day of trade, and first day without.
    substitute : array of int
        The store where people go while it is shut: one that is always open.
    dead_store, dead_from : int
        The store whose second door stops counting, and the day on which it does.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        rng = settings.stream("places")
        count = settings.stores
        self.count = count
        regions = len(NAMES)
        base = np.argsort(-WEIGHT, kind="stable")[np.arange(min(count, regions))]
        more = rng.choice(regions, count - len(base), p=WEIGHT / WEIGHT.sum())
        self.region = np.concatenate([base, more])
        self.city = draw_city(rng, self.region)
        # The first store of a region stands in its capital.
        self.city[: len(base)] = FIRST_CITY[base]
        self.size = rng.choice(3, count, p=[0.35, 0.45, 0.2])
        self.size[0] = LARGE
        self.format = np.where(
            self.size == LARGE, 0, np.where(chance(rng, 0.2, count), 2, 1)
        )
        self.opened = -rng.integers(400, 6000, count)
        self.closed = np.full(count, settings.days + 10**6)
        if count > FEW:
            self.opened[count - 1] = settings.days // 3
            self.closed[count - 2] = settings.days - settings.days // 4
        self.substitute = np.array([self._open_near(store) for store in range(count)])
        self.weight = np.array([0.6, 1.0, 1.9])[self.size]
        self.zones = ZONES_OF_SIZE[self.size]
        self.dead_store = 0
        self.dead_from = settings.days - 45
        self._hire(rng)

    def _open_near(self, store: int) -> int:
        always = np.flatnonzero((self.opened < 0) & (self.closed > self.settings.days))
        near = always[self.region[always] == self.region[store]]
        return int((near if len(near) else always)[0])

    def open_store(self, store: Array, day: Array) -> Array:
        """Return stores, with those that are shut replaced by their substitute."""
        shut = (day < self.opened[store]) | (day >= self.closed[store])
        return np.where(shut, self.substitute[store], store)

    def _hire(self, rng: np.random.Generator) -> None:
        """Fill positions: some change hands, once, on one of the company's days."""
        shop = POSITIONS_OF_SIZE[self.size]
        agents = max(6, self.settings.customers // 4000)
        self.first_position = np.concatenate([[0], np.cumsum(shop)])
        self.positions_of_store = shop
        self.agents_from = int(shop.sum())
        self.agents = agents
        store = np.repeat(np.arange(self.count), shop)
        rank = np.arange(self.agents_from) - self.first_position[store]
        role = np.where(rank == 0, MANAGER, rng.choice([1, 1, 2, 3], self.agents_from))
        agent_role = np.where(np.arange(agents) % 8 == 0, LEAD, AGENT)
        self.position_store = np.concatenate([store, np.full(agents, -1)])
        self.position_role = np.concatenate([role, agent_role])
        positions = self.agents_from + agents
        self.positions = positions
        changes = chance(rng, 0.3, positions)
        self.handed_over = np.where(
            changes, rng.integers(30, self.settings.days, positions), 10**6
        )
        self.hired = -rng.integers(30, 3000, positions)
        opened = np.where(store >= 0, self.opened[store], 0)
        self.hired[: self.agents_from] = np.where(
            opened >= 0, opened - 14, np.maximum(self.hired[: self.agents_from], opened)
        )

    def employee(self, position: Array, day: Array) -> Array:
        """Return who holds positions on days: the holder, or the one who follows."""
        follows = day >= self.handed_over[position]
        return np.where(follows, self.positions + position, position)

    def seller(self, rng: np.random.Generator, store: Array, day: Array) -> Array:
        """Draw somebody who works in each store on a day."""
        rank = rng.integers(0, self.positions_of_store[store])
        return self.employee(self.first_position[store] + rank, day)

    def agent(self, rng: np.random.Generator, day: Array) -> Array:
        """Draw somebody of the call centre."""
        drawn = rng.integers(0, self.agents, len(day))
        return self.employee(self.agents_from + drawn, day)

    def ids(self, store: Array) -> pa.Array:
        """Return the ids of stores; null below nought."""
        return columns.code("S", store, 3)

    def staff_ids(self, employee: Array) -> pa.Array:
        """Return the ids of employees; null below nought."""
        return columns.code("E", employee, 5)

    def send(self, outbox: Outbox) -> None:
        """Deliver stores, zones and employees."""
        self._send_stores(outbox)
        self._send_employees(outbox)

    def _send_stores(self, outbox: Outbox) -> None:
        count, days = self.count, self.settings.days
        every = np.arange(count)
        closing = np.flatnonzero(self.closed < days)
        # Districts are drawn anew on one day, half-way.
        middle = days // 2
        moved = np.flatnonzero(self.opened < middle)
        store = np.concatenate([every, moved, closing])
        day = np.concatenate(
            [
                np.where(self.opened < 0, self.opened, self.opened - 30),
                np.full(len(moved), middle),
                self.closed[closing] - 20,
            ]
        )
        order = np.lexsort((day, store))
        store, day = store[order], day[order]
        country = np.array([COUNTRY.index(name) for name in COUNTRY])[
            self.region[store]
        ]
        district = np.where(day >= middle, store % 3 + 3, store % 3)
        closed = np.where(day >= self.closed[store] - 20, self.closed[store], -1)
        outbox.send(
            "example_shop",
            "stores",
            {
                "store_id": self.ids(store),
                "store_name": columns.join(
                    "Example ",
                    columns.pick(CITIES, self.city[store]),
                    " ",
                    columns.code("", store, 3),
                ),
                "format": columns.pick(FORMATS, self.format[store]),
                "size_band": columns.pick(SIZES, self.size[store]),
                "city": columns.pick(CITIES, self.city[store]),
                "district": columns.join(
                    columns.pick(NAMES, self.region[store]),
                    " ",
                    columns.code("", district + 1, 1),
                ),
                "region": columns.pick(NAMES, self.region[store]),
                "country": columns.pick(COUNTRY, country),
                "opened_on": self.clock.date(self.opened[store]),
                "closed_on": self.clock.date(closed),
                "changed_at": self.clock.moment(day * DAY + 5 * 3600),
            },
            np.maximum(day, 0),
        )
        owner = np.repeat(every, self.zones)
        zone = np.arange(len(owner)) - np.repeat(
            np.cumsum(self.zones) - self.zones, self.zones
        )
        start = np.where(self.opened < 0, self.opened, self.opened - 30)[owner]
        outbox.send(
            "example_shop",
            "store_zones",
            {
                "store_id": self.ids(owner),
                "zone_id": self.zone_ids(owner, zone),
                "floor": columns.pick(FLOORS, zone),
                "zone_name": columns.pick(ZONES, zone),
                "fixture": columns.pick(
                    FIXTURES, np.where(owner % 7 == LARGE, -1, zone)
                ),
                "changed_at": self.clock.moment(start * DAY + 5 * 3600),
            },
            np.maximum(start, 0),
        )

    def zone_ids(self, store: Array, zone: Array) -> pa.Array:
        """Return the ids of zones, unique in the company."""
        return columns.join(self.ids(store), columns.code("-Z", zone + 1, 1))

    def _send_employees(self, outbox: Outbox) -> None:
        position = np.arange(self.positions)
        changing = np.flatnonzero(self.handed_over < self.settings.days)
        # Sellers of every sixth position join the style advice, half-way.
        middle = self.settings.days // 2
        moving = np.flatnonzero(
            (self.position_role == 1)
            & (position % 6 == 1)
            & (self.handed_over > middle)
            & (self.hired < middle)
        )
        who = np.concatenate([position, changing, changing + self.positions, moving])
        at = np.concatenate(
            [
                self.hired,
                self.handed_over[changing],
                self.handed_over[changing],
                np.full(len(moving), middle),
            ]
        )
        order = np.lexsort((at, who))
        who, at = who[order], at[order]
        place = who % self.positions
        is_second = who >= self.positions
        role = self.position_role[place]
        is_moved = ~is_second & np.isin(place, moving) & (at >= middle)
        store = self.position_store[place]
        spain = np.array([name == "Spain" for name in COUNTRY])
        unit = np.where(store < 0, CALL_CENTRE, spain[self.region[store]].astype(int))
        left = np.where(
            ~is_second & (at >= self.handed_over[place]), self.handed_over[place], -1
        )
        late_team = (role >= AGENT) & (place % 2 == 1)
        team = np.where(is_moved, 1, TEAM_OF_ROLE[role] + late_team)
        outbox.send(
            "example_crm",
            "employees",
            {
                "employee_id": self.staff_ids(who),
                "role": columns.pick(ROLES, np.where(is_moved, 2, role)),
                "team": columns.pick(TEAMS, team),
                "unit": columns.pick(UNITS, unit),
                "store_id": self.ids(store),
                "hired_on": self.clock.date(
                    np.where(is_second, self.handed_over[place], self.hired[place])
                ),
                "left_on": self.clock.date(left),
                "changed_at": self.clock.moment(at * DAY + 7 * 3600),
            },
            np.maximum(at, 0) if len(at) else INITIAL,
        )
