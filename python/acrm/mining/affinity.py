"""Association rules: what is bought with what, how surely, and in which order.

A rule says that baskets with the antecedent, a set of items, also hold the consequent,
one item. All rules above the thresholds are found, none is sampled.

When not to use it: a rule is no cause. Promotions and bundles make pairs; popular items
make rules of high confidence and a lift of 1; a rule counted in few baskets is mostly
chance, which ``p_adjusted`` and ``expected_baskets`` tell.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from acrm.errors import InputError
from acrm.mining.frames import Floats, Integers
from acrm.mining.itemsets import ItemSets, frequent_itemsets
from acrm.mining.outcome import Status

RULE = ["antecedent", "consequent", "length"]
MEASURES = [
    "antecedent_baskets", "consequent_baskets", "baskets", "expected_baskets",
    "support", "confidence", "reverse_confidence", "lift", "leverage", "zhang",
    "p_value", "p_adjusted", "direction",
]  # fmt: skip


def association_rules(
    lines: pd.DataFrame,
    min_support: float,
    min_confidence: float,
    max_length: int | None = None,
) -> pd.DataFrame:
    """Find all rules with one item as the consequent.

    Parameters
    ----------
    lines : DataFrame of shape (n_lines, >= 2)
        ``basket_id`` and ``item``; an item twice in a basket counts once.
    min_support : float
        Share of all baskets that hold antecedent and consequent, above 0.
    min_confidence : float
        Share of the antecedent's baskets that hold the consequent, 0 to 1.
    max_length : int, optional
        Items of antecedent and consequent together: 2 for pairs, 3 for triples.

    Returns
    -------
    DataFrame of shape (n_rules, 16), best lift first
        ``antecedent`` (tuple of items in their order), ``consequent``, ``length`` (of
        both); ``antecedent_baskets``, ``consequent_baskets``, ``baskets`` (with
        both), ``expected_baskets`` (with both, were they independent); ``support``;
        ``confidence``, which within a basket is the attach rate;
        ``reverse_confidence``, of the antecedent given the consequent; ``lift``;
        ``leverage`` (support above independence); ``zhang`` (-1 to 1) [1]_; ``p_value``
        of Pearson's chi-square without correction, 1 degree of freedom; ``p_adjusted``
        for all rules of enough support, by Benjamini and Hochberg [2]_;
        ``direction``: ``forward`` if the antecedent brings the consequent more surely
        than the other way round, ``backward``, or ``none``.

        ``attrs["status"]`` and ``attrs["reason"]`` say why there are none, where no two
        items can be compared.

    Raises
    ------
    InputError
        If a column is missing, a basket is null, or a setting is out of range.

    Notes
    -----
    The chi-square is unreliable where ``expected_baskets`` is below 5. Adjusting counts
    every rule of enough support as a test, also those below ``min_confidence``: leaving
    those out first would make the others look surer than they are.

    References
    ----------
    .. [1] Yan, X., Zhang, C. and Zhang, S. (2009). Confidence metrics for association
       rule mining. Applied Artificial Intelligence 23(8), 713-737.
    .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
       Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    _need_share(min_confidence, "association_rules")
    return rules_of(frequent_itemsets(lines, min_support, max_length), min_confidence)


def rules_of(found: ItemSets, min_confidence: float) -> pd.DataFrame:
    """Find all rules with one item as the consequent among sets that were counted.

    Parameters
    ----------
    found : ItemSets
        Of :func:`acrm.mining.itemsets.frequent_itemsets`, or of
        :func:`acrm.mining.itemsets.itemsets_of_counts` where a database has counted.
    min_confidence : float
        Share of the antecedent's baskets that hold the consequent, 0 to 1.

    Returns
    -------
    DataFrame of shape (n_rules, 16), best lift first
        As :func:`association_rules`.

    Raises
    ------
    InputError
        If ``min_confidence`` is out of range.
    """
    _need_share(min_confidence, "rules_of")
    rules = _candidates(found)
    rules = measured(rules, found.baskets)
    rules["p_adjusted"] = adjusted(rules["p_value"].to_numpy(np.float64))
    rules = rules[rules["confidence"] >= min_confidence]
    rules = _named(rules, found)
    rules = rules.sort_values(
        ["lift", "baskets", "length", "antecedent", "consequent"],
        ascending=[False, False, True, True, True],
        ignore_index=True,
    )[[*RULE, *MEASURES]]
    enough = found.baskets > 1 and len(found.items) > 1
    rules.attrs["status"] = str(Status.OK if enough else Status.INSUFFICIENT_DATA)
    rules.attrs["reason"] = (
        ""
        if enough
        else f"{found.baskets} baskets with {len(found.items)} frequent items"
    )
    return rules


def _need_share(min_confidence: float, function: str) -> None:
    if not 0 <= min_confidence <= 1:
        raise InputError(
            f"{function}: min_confidence is {min_confidence}.",
            hint="it must be from 0 to 1",
        )


def _candidates(found: ItemSets) -> pd.DataFrame:
    """Each frequent set with each of its items as the consequent, and their counts."""
    parts = []
    single = found.counts.get(1, np.empty(0, np.int64))
    for length, sets in found.sets.items():
        if length == 1:
            continue
        shorter = pd.DataFrame(found.sets[length - 1])
        shorter["antecedent_baskets"] = found.counts[length - 1]
        keys = list(range(length - 1))
        for place in range(length):
            antecedents = pd.DataFrame(np.delete(sets, place, axis=1))
            # every part of a frequent set is frequent, so each is found, once
            counted = antecedents.merge(shorter, how="left", on=keys, validate="m:1")
            parts.append(
                pd.DataFrame(
                    {
                        "length": length,
                        "set": np.arange(len(sets)),
                        "place": place,
                        "antecedent_baskets": counted["antecedent_baskets"].to_numpy(),
                        "consequent_baskets": single[sets[:, place]],
                        "baskets": found.counts[length],
                    }
                )
            )
    if parts:
        return pd.concat(parts, ignore_index=True)
    columns = ["length", "set", "place", *MEASURES[:3]]
    return pd.DataFrame({column: np.empty(0, np.int64) for column in columns})


def measured(rules: pd.DataFrame, baskets: int) -> pd.DataFrame:
    """Work out how strong rules are that were counted.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, >= 3)
        ``antecedent_baskets``, ``consequent_baskets`` and ``baskets`` (with both).
    baskets : int
        How many there are, or other occasions that are counted alike.

    Returns
    -------
    DataFrame of shape (n_rules, >= 13)
        And the other measures of :func:`association_rules` but ``p_adjusted``.
    """
    first, second, both = (rules[name].to_numpy(np.float64) for name in MEASURES[:3])
    n = float(max(baskets, 1))
    expected = first * second / n
    support, leverage = both / n, both / n - first / n * second / n
    confidence = both / first
    ratio = np.maximum(both * (n - first), first * (second - both)) / n**2
    reverse = both / second
    return rules.assign(
        expected_baskets=expected,
        support=support,
        confidence=confidence,
        reverse_confidence=reverse,
        lift=both * n / (first * second),
        leverage=leverage,
        zhang=np.divide(leverage, ratio, out=np.zeros(len(ratio)), where=ratio > 0),
        p_value=_chi_square(first, second, both, n),
        direction=np.select([first < second, first > second], _DIRECTIONS, "none"),
    )


_DIRECTIONS = ["forward", "backward"]  # confidence is higher from the rarer side


def _chi_square(first: Floats, second: Floats, both: Floats, n: float) -> Floats:
    """P of a table of two by two; 1 where a side is in all baskets."""
    spread = first * (n - first) * second * (n - second)
    square = np.divide(
        n * (n * both - first * second) ** 2,
        spread,
        out=np.zeros(len(spread)),
        where=spread > 0,
    )
    p: Floats = special.chdtrc(1.0, square)
    return p


def adjusted(p_values: Floats) -> Floats:
    """Adjust p-values for their number, by Benjamini and Hochberg.

    Parameters
    ----------
    p_values : ndarray of shape (n,)
        Of all tests that were made.

    Returns
    -------
    ndarray of shape (n,)
        The smallest rate of false discoveries at which each is one.
    """
    order = np.argsort(p_values)[::-1]
    ranks = len(p_values) - np.arange(len(p_values))
    stepped = np.minimum.accumulate(p_values[order] * len(p_values) / ranks)
    out = np.empty(len(p_values))
    out[order] = np.minimum(stepped, 1.0)
    return out


def _named(rules: pd.DataFrame, found: ItemSets) -> pd.DataFrame:
    """Put the items' names in."""
    antecedent: list[tuple[object, ...]] = []
    consequent: list[object] = []
    names = list(found.items)
    # positions are by frequency; names are shown in their own order
    rank: Integers = np.argsort(np.argsort(found.items.to_numpy(), kind="stable"))
    for length, row, place in zip(
        rules["length"], rules["set"], rules["place"], strict=True
    ):
        items = found.sets[length][row].tolist()
        consequent.append(names[items.pop(place)])
        antecedent.append(tuple(names[one] for one in sorted(items, key=rank.item)))
    return rules.assign(
        antecedent=pd.Series(antecedent, index=rules.index, dtype=object),
        consequent=pd.Series(consequent, index=rules.index, dtype=object),
    )
