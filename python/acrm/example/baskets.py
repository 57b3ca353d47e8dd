"""What is in the baskets of a period: products, prices, discounts."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.catalogue import DEPARTMENTS, Catalogue
from acrm.example.clock import Clock
from acrm.example.demand import SHIRT, TIE, TILL, Heads, basket_sizes
from acrm.example.people import People
from acrm.example.reactions import Reactions
from acrm.example.settings import DAY, Array, chance

Lines = dict[str, Array]
SALE, RETURN, CHARGE = range(3)
VAT = 23
FREE_FROM = 5_000
POSTAGE = 490
# More would make every pair of a small department as close as shirts and ties.
STAYS = 0.2


def joined(pieces: list[Lines]) -> Lines:
    """Return lines one below the other."""
    return {name: np.concatenate([each[name] for each in pieces]) for name in pieces[0]}


def chosen(lines: Lines, index: Array) -> Lines:
    """Return some of the lines."""
    return {name: each[index] for name, each in lines.items()}


class Baskets:
    """Fills baskets."""

    def __init__(
        self, clock: Clock, people: People, catalogue: Catalogue, reactions: Reactions
    ) -> None:
        self.clock = clock
        self.people = people
        self.catalogue = catalogue
        most = max(reactions.percent, default=0) + 1
        self.offer_percent = np.array(
            [reactions.percent.get(n, 0) for n in range(most)]
        )
        self.offer_department = np.array(
            [reactions.department.get(n, columns.MISSING) for n in range(most)]
        )

    def fill(self, rng: np.random.Generator, heads: Heads, low: int) -> Lines:
        """Return the lines of orders, by order and line number.

        Parameters
        ----------
        rng : Generator
            The period's numbers.
        heads : Heads
            Orders, by time.
        low : int
            The number of the first.
        """
        size = basket_sizes(rng, heads.party < 0)
        size = np.maximum(size, heads.has(SHIRT).astype(int) + heads.has(TIE))
        count = int(size.sum())
        order = np.repeat(np.arange(len(heads)), size)
        begins = np.cumsum(size) - size
        rank = np.arange(count) - begins[order]
        day = heads.at.astype(np.int64)[order] // DAY
        product = self._products(rng, heads, order, rank, day)
        self._pair(rng, heads, begins, product)
        lines = self._priced(rng, heads, order, rank, day, product)
        lines["place"] = order
        lines["order"] = low + order
        lines["at"] = heads.at.astype(np.int64)[order]
        lines["line"] = rank + 1
        return self._with_postage(heads, lines)

    def _products(
        self,
        rng: np.random.Generator,
        heads: Heads,
        order: Array,
        rank: Array,
        day: Array,
    ) -> Array:
        """Draw products: departments hang together in a basket, weeks differ."""
        week = self.clock.week[day]
        count = len(DEPARTMENTS)
        general = rng.integers(0, count, len(heads))
        known = heads.party >= 0
        likes = known & (chance(rng, 0.5, len(heads)))
        favourite = self.people.favourite[np.maximum(heads.party, 0)]
        anchor = np.where(likes, favourite, columns.MISSING)
        offer = heads.offer.astype(np.int64)
        wanted = np.where(offer >= 0, self.offer_department[np.maximum(offer, 0)], -1)
        anchor = np.where(
            anchor < 0, np.where(general < count // 3, general, -1), anchor
        )
        stays = chance(rng, STAYS, len(order))
        department = np.where(stays, anchor[order], columns.MISSING)
        department = np.where(
            (rank == 0) & (wanted >= 0)[order], wanted[order], department
        )
        drawn = rng.random(len(order))
        product = np.zeros(len(order), dtype=np.int64)
        for one in np.unique(week).tolist():
            here = np.flatnonzero(week == one)
            weight = self.catalogue.weights(one)
            total = np.concatenate([[0.0], np.cumsum(weight)])
            ends = np.searchsorted(self.catalogue.department, np.arange(count + 1))
            lower, upper = total[ends[:-1]], total[ends[1:]]
            which = department[here]
            is_any = which < 0
            base = np.where(is_any, 0.0, lower[which])
            width = np.where(is_any, total[-1], upper[which] - lower[which])
            at = base + drawn[here] * width
            product[here] = np.searchsorted(total, at, side="right") - 1
        return np.minimum(product, self.catalogue.count - 1)

    def _pair(
        self, rng: np.random.Generator, heads: Heads, begins: Array, product: Array
    ) -> None:
        """Put the marked shirts and ties first into their baskets."""
        shirt, tie = heads.has(SHIRT), heads.has(TIE)
        for marked, offset, goods in (
            (shirt, np.zeros(len(heads), dtype=int), self.catalogue.shirts),
            (tie, shirt.astype(int), self.catalogue.ties),
        ):
            weight = self.catalogue.pair_weight[goods]
            drawn = rng.choice(goods, int(marked.sum()), p=weight / weight.sum())
            product[(begins + offset)[marked]] = drawn

    def _priced(
        self,
        rng: np.random.Generator,
        heads: Heads,
        order: Array,
        rank: Array,
        day: Array,
        product: Array,
    ) -> Lines:
        count = len(order)
        price = self.catalogue.price_at(product, day)
        many = np.where(
            self.catalogue.department[product] == len(DEPARTMENTS) - 1, 0.7, 0.9
        )
        quantity = rng.geometric(many)
        reduced = np.where(self.clock.is_sale[day], 0.55, 0.13)
        reduced = np.where(day >= self.catalogue.fading[product], 0.75, reduced)
        is_reduced = chance(rng, reduced, count)
        percent = np.where(is_reduced, rng.choice([10, 15, 20, 30, 40, 50], count), 0)
        staff = self.people.is_employee[np.maximum(heads.party, 0)] & (heads.party >= 0)
        percent = np.where(staff[order], np.maximum(percent, 20), percent)
        redeems = (rank == 0) & (heads.offer[order] >= 0)
        offer = np.where(redeems, heads.offer[order], columns.MISSING)
        of_offer = self.offer_percent[np.maximum(offer, 0)]
        percent = np.where(redeems, np.minimum(percent + of_offer, 60), percent)
        gross = quantity * price
        discount = (gross * percent + 50) // 100
        cost = (quantity * self.catalogue.cost[product] + 50) // 100
        return {
            "product": product,
            "offer": offer,
            "kind": np.full(count, SALE),
            "quantity": quantity,
            "price": price,
            "gross": gross,
            "discount": discount,
            "cost": np.where(chance(rng, 0.004, count), columns.MISSING, cost),
        }

    @staticmethod
    def _with_postage(heads: Heads, lines: Lines) -> Lines:
        """Charge postage on small orders that are sent."""
        net = np.bincount(
            lines["place"], lines["gross"] - lines["discount"], minlength=len(heads)
        )
        place = np.flatnonzero((heads.channel != TILL) & (net < FREE_FROM))
        count = len(place)
        size = np.bincount(lines["place"], minlength=len(heads))
        none = np.full(count, columns.MISSING)
        first = np.searchsorted(lines["place"], place)
        charges = {
            "product": none,
            "offer": none,
            "kind": np.full(count, CHARGE),
            "quantity": np.ones(count, dtype=np.int64),
            "price": np.full(count, POSTAGE),
            "gross": np.full(count, POSTAGE),
            "discount": np.zeros(count, dtype=np.int64),
            "cost": none,
            "place": place,
            "order": lines["order"][first],
            "at": lines["at"][first],
            "line": size[place] + 1,
        }
        every = joined([lines, charges])
        return chosen(every, np.lexsort((every["line"], every["place"])))
