"""Products: what is sold, at which price, and since when."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from acrm.example import columns
from acrm.example.clock import Clock
from acrm.example.outbox import Outbox
from acrm.example.settings import DAY, Array, Settings, chance

# department: class: (subclasses, price in EUR, popularity, share that comes back)
RANGE: dict[str, dict[str, tuple[list[str], float, float, float]]] = {
    "Women": {
        "Dresses": (["Day dresses", "Evening dresses"], 59, 9, 0.24),
        "Blouses": (["Cotton blouses", "Silk blouses"], 39, 8, 0.17),
        "Knitwear women": (["Jumpers women", "Cardigans"], 49, 7, 0.14),
        "Jeans women": (["Slim jeans", "Wide jeans"], 55, 7, 0.22),
        "Coats women": (["Wool coats", "Rain coats"], 129, 3, 0.2),
    },
    "Men": {
        "Shirts": (["Dress shirts", "Casual shirts"], 45, 0, 0.12),
        "Ties": (["Silk ties", "Knitted ties"], 29, 0, 0.04),
        "Trousers men": (["Chinos", "Jeans men"], 55, 6, 0.16),
        "Knitwear men": (["Jumpers men", "Polo shirts"], 45, 6, 0.11),
        "Suits": (["Business suits", "Blazers"], 199, 2, 0.15),
    },
    "Kids": {
        "Baby": (["Bodysuits", "Baby sets"], 15, 5, 0.06),
        "Girls": (["Girls tops", "Girls skirts"], 19, 5, 0.1),
        "Boys": (["Boys tops", "Boys trousers"], 19, 5, 0.09),
    },
    "Shoes": {
        "Trainers": (["Running shoes", "City trainers"], 69, 5, 0.2),
        "Leather shoes": (["Boots", "Loafers"], 99, 3, 0.19),
    },
    "Accessories": {
        "Bags": (["Handbags", "Rucksacks"], 59, 4, 0.08),
        "Jewellery": (["Necklaces", "Watches"], 35, 4, 0.05),
        "Scarves": (["Wool scarves", "Summer scarves"], 22, 5, 0.05),
    },
    "Home": {
        "Bedding": (["Duvet covers", "Pillows"], 39, 6, 0.05),
        "Kitchen": (["Tableware", "Glasses", "Cookware"], 18, 8, 0.03),
        "Lighting": (["Table lamps", "Ceiling lamps"], 69, 2, 0.06),
        "Decoration": (["Candles", "Vases", "Cushions"], 14, 9, 0.03),
    },
}
DEPARTMENTS = list(RANGE)
# How much of a department is asked for in each month, against its own average.
SEASONS = {
    "Women": [1.0, 0.9, 1.0, 1.1, 1.1, 1.1, 1.1, 0.9, 1.1, 1.0, 1.0, 0.9],
    "Men": [1.0, 0.9, 1.0, 1.0, 1.0, 1.1, 1.0, 0.9, 1.0, 1.0, 1.1, 1.1],
    "Kids": [0.9, 0.8, 0.9, 1.0, 1.0, 1.0, 0.9, 1.3, 1.3, 1.0, 1.0, 1.1],
    "Shoes": [1.0, 0.9, 1.1, 1.1, 1.1, 1.0, 1.0, 1.0, 1.2, 1.1, 1.0, 0.8],
    "Accessories": [0.8, 1.0, 0.9, 0.9, 1.0, 1.0, 1.0, 0.9, 0.9, 0.9, 1.1, 1.5],
    "Home": [1.1, 1.0, 1.0, 0.9, 0.9, 0.8, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4],
}
BRANDS = ["Example", "Exemplar", "Luso", "Norte", "Atelier Sul", "Maré", "Basalto"]
BRANDS += ["Oak & Linen", "Farol", "Casa Clara"]
MAKERS = ["Example Sourcing", "Exemplar Design", "Luso Moda", "Fiação do Norte"]
MAKERS += ["Atelier Sul", "Maré Atlântica", "Basalto Casa", "Oak & Linen", "Farol"]
MAKERS += ["Casa Clara"]
OWN_BRANDS = 2
STYLES = ["Aveiro", "Douro", "Tejo", "Sado", "Minho", "Lima", "Coa", "Zêzere", "Mira"]
STYLES += ["Ave", "Vouga", "Mondego", "Guadiana", "Nabão", "Alva", "Paiva", "Tua"]
GHOSTS = 3
LAUNCH_DAYS = 60
NEVER = 10**6


class Catalogue:
    """The products of one company; the last few are never described by an extract.

    Attributes
    ----------
    department, article_class, subclass : array of int
        Where a product stands.
    price, later_price : array of int
        List price in cents, before and from `repriced_on`.
    cost : array of int
        Standard cost in hundredths of a cent.
    launched, fading : array of int
        Days from which it is sold, and from which it is phased out.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        rng = settings.stream("catalogue")
        classes = [(d, c) for d in DEPARTMENTS for c in RANGE[d]]
        self.class_names = [c for _, c in classes]
        self.class_department = np.array([DEPARTMENTS.index(d) for d, _ in classes])
        facts = [RANGE[d][c] for d, c in classes]
        self.subclass_names = [name for fact in facts for name in fact[0]]
        subclass_class = np.repeat(np.arange(len(facts)), [len(f[0]) for f in facts])
        self.first_subclass = np.searchsorted(subclass_class, np.arange(len(facts)))
        self.return_share = np.array([fact[3] for fact in facts])
        count = settings.products
        self.count = count
        share = np.array([max(fact[2], 3.0) for fact in facts])[subclass_class]
        self.subclass = np.sort(
            np.concatenate(
                [
                    np.arange(len(subclass_class)),
                    rng.choice(
                        len(subclass_class),
                        count - len(subclass_class),
                        p=share / share.sum(),
                    ),
                ]
            )
        )
        self.article_class = subclass_class[self.subclass]
        self.department = self.class_department[self.article_class]
        base = np.array([fact[1] for fact in facts])[self.article_class]
        euros = np.maximum(3, np.round(base * rng.lognormal(0, 0.45, count)))
        self.price = (euros * 100 - 5).astype(np.int64)
        self.band = np.digitize(euros / base, [0.8, 1.3])
        self.cost = np.round(self.price * rng.uniform(0.3, 0.45, count) * 100).astype(
            int
        )
        self.brand = np.minimum(rng.geometric(0.28, count) - 1, len(BRANDS) - 1)
        popularity = np.array([fact[2] for fact in facts], dtype=float)[
            self.article_class
        ]
        self.is_set_apart = popularity == 0
        heavy = np.minimum(rng.pareto(1.5, count), 20) + 0.15
        self.popularity = popularity * heavy
        self.pair_weight = heavy
        self._set_lives(rng)
        self.shirts = self._of_class("Shirts")
        self.ties = self._of_class("Ties")

    def _of_class(self, name: str) -> Array:
        return np.flatnonzero(self.article_class == self.class_names.index(name))

    def _set_lives(self, rng: np.random.Generator) -> None:
        """Draw when products are launched, repriced and phased out."""
        days, count = self.settings.days, self.count
        mondays = np.flatnonzero(self.clock.weekday == 0)
        self.launched = -rng.integers(LAUNCH_DAYS + 1, 1500, count)
        new = np.flatnonzero((chance(rng, 0.25, count)) & ~self.is_set_apart)
        self.launched[new] = rng.choice(mondays, len(new))
        # A few are launched in the days delivered one by one.
        recent = mondays[mondays >= max(self.settings.first_daily, 1)]
        late = new[: min(len(new), 4)] if len(recent) else new[:0]
        self.launched[late] = rng.choice(recent, len(late)) if len(late) else 0
        self.late_launches = late
        self.fading = np.full(count, NEVER)
        old = np.flatnonzero((self.launched < 0) & (chance(rng, 0.15, count)))
        self.fading[old] = rng.integers(30, days, len(old))
        self.repriced = np.full(count, NEVER)
        moved = np.flatnonzero((self.launched < 0) & (chance(rng, 0.35, count)))
        self.repriced[moved] = rng.integers(30, days, len(moved))
        change = rng.choice([0.9, 1.05, 1.08, 1.12], count)
        self.later_price = (np.round(self.price * change / 100) * 100 - 5).astype(
            np.int64
        )
        self.moved_class = np.full(count, NEVER)
        again = np.flatnonzero((self.launched < 0) & (chance(rng, 0.02, count)))
        self.moved_class[again] = rng.integers(60, days, len(again))

    def weights(self, week: int) -> Array:
        """Return how much each product is asked for in a week."""
        days = np.flatnonzero(self.clock.week == week)
        first, last = int(days[0]), int(days[-1])
        season = np.array(
            [SEASONS[name][self.clock.month[first] - 1] for name in DEPARTMENTS]
        )
        weight = self.popularity * season[self.department]
        weight = np.where(self.launched > first, 0.0, weight)
        is_new = (self.launched >= 0) & (first - self.launched < LAUNCH_DAYS)
        weight = np.where(is_new, weight * 1.8, weight)
        asked: Array = np.where(self.fading <= last, weight * 0.35, weight)
        return asked

    def price_at(self, product: Array, day: Array) -> Array:
        """Return list prices in cents."""
        is_later = day >= self.repriced[product]
        price: Array = np.where(
            is_later, self.later_price[product], self.price[product]
        )
        return price

    def ids(self, product: Array) -> pa.Array:
        """Return the ids of products; null below nought."""
        return columns.code("X", product, 6)

    @property
    def ghosts(self) -> Array:
        """Products that lines name and no extract ever describes."""
        return 900_000 + np.arange(GHOSTS)

    def send(self, outbox: Outbox, late: int) -> None:
        """Deliver every state of every product.

        Parameters
        ----------
        outbox : Outbox
            Takes the rows.
        late : int
            How many days late the first states of some products are delivered.
        """
        every = np.arange(self.count)
        starts = self.launched.astype(np.int64)
        state = [(every, starts)]
        for at in (self.repriced, self.fading, self.moved_class, starts + LAUNCH_DAYS):
            known = np.flatnonzero(
                (at < self.settings.days) & (at > starts) & (at >= 0)
            )
            state.append((known, at[known]))
        product = np.concatenate([one for one, _ in state])
        day = np.concatenate([at for _, at in state])
        rows = np.unique(np.stack([product, day], axis=1), axis=0)
        product, day = rows[:, 0], rows[:, 1]
        is_new = (day - self.launched[product] < LAUNCH_DAYS) & (
            self.launched[product] >= 0
        )
        life = np.where(day >= self.fading[product], 2, np.where(is_new, 0, 1))
        moved = day >= self.moved_class[product]
        # A product that moves goes to the first subclass of the class above it.
        target = np.maximum(self.article_class - 1, 0)
        subclass = np.where(
            moved, self.first_subclass[target][product], self.subclass[product]
        )
        owner = np.where(moved, target[product], self.article_class[product])
        brand = self.brand[product]
        group = np.where(product % 5 > 1, self.subclass[product], columns.MISSING)
        due = np.where(day < 0, 0, day)
        due = np.where(np.isin(product, self.late_launches), due + late, due)
        outbox.send(
            "example_shop",
            "products",
            {
                "product_id": self.ids(product),
                "product_name": columns.join(
                    columns.pick(self.subclass_names, self.subclass[product]),
                    columns.pick(STYLES, product % len(STYLES)),
                    columns.code("", product, 4),
                    between=" ",
                ),
                "subclass": columns.pick(self.subclass_names, subclass),
                "class": columns.pick(self.class_names, owner),
                "department": columns.pick(DEPARTMENTS, self.class_department[owner]),
                "brand": columns.pick(BRANDS, brand),
                "manufacturer": columns.pick(MAKERS, brand),
                "brand_type": columns.pick(
                    ["own", "national"], (brand >= OWN_BRANDS).astype(int)
                ),
                "price_band": columns.pick(["low", "mid", "high"], self.band[product]),
                "list_price": columns.money(self.price_at(product, day), 10),
                "standard_cost": columns.money(self.cost[product], 10, 4),
                "lifecycle": columns.pick(["launch", "regular", "phase_out"], life),
                "substitute_group": columns.code("G", group, 3),
                "launched_on": self.clock.date(self.launched[product]),
                "changed_at": self.clock.moment(day * DAY + 6 * 3600),
            },
            due,
        )
