"""Rules of what is bought with what, at several levels, and whether they held later.

A rule says that those who buy the antecedent, one item or two, buy the consequent, in
the same basket and within 30 days after. It is judged by baskets that came after those
it was found in. A database counts the baskets; what is said of the counts is here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from acrm.mining import affinity, comparison, itemsets, sequence
from acrm.mining.frames import need_columns
from acrm.mining.parts import no_rows, together
from acrm.mining.score_table import share_that_held

MODEL, METRIC = "affinity", "share_of_rules_still_above_1"
SURE = 0.05  # adjusted p
PAIR_LENGTH = 2
GROUP = ["id_space", "level"]
WINDOWS = ["current", "past", "later"]
BASKETS = [f"{window}_baskets" for window in WINDOWS]
CODES = ["first_code", "second_code", "third_code"]
MEASURES = [
    "antecedent_baskets", "consequent_baskets", "baskets", "support", "confidence",
    "reverse_confidence", "lift", "leverage", "zhang", "p_adjusted",
]  # fmt: skip
RULE = ["length", "antecedent_code", "also_antecedent_code", "consequent_code"]
FOLLOWS = ["watched_days", "followed_days", "earlier_customers", "same_day_customers"]
ORDER = [
    "antecedent_first", "consequent_first", "same_day", "p_value", "followed_rate",
    "preceded_rate", "base_rate", "direction",
]  # fmt: skip
COLUMNS = [*GROUP, "cutoff_date", "is_current", *RULE, *MEASURES, *ORDER, "later_lift"]


def sure_rules(counts: pd.DataFrame, baskets: int, confidence: float) -> pd.DataFrame:
    """Find what is bought together more often than chance.

    Parameters
    ----------
    counts : DataFrame of shape (n_sets, 4)
        ``baskets`` with each frequent item, pair and triple, whose codes are in
        ``first_code``, ``second_code`` and ``third_code``, null beyond its length.
    baskets : int
        How many there are.
    confidence : float
        As of :func:`acrm.mining.affinity.rules_of`.

    Returns
    -------
    DataFrame of shape (n_rules, 14), best lift first
        ``length``, ``antecedent_code``, ``also_antecedent_code`` (null of a pair),
        ``consequent_code``, and measures of :func:`acrm.mining.affinity.rules_of`, of
        rules whose lift is above 1 and whose adjusted p is below 0.05. Of two
        antecedents only if they say more than either alone: the lower end of the 95 %
        interval of their confidence is above the confidence of both.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.
    """
    need_columns(counts, [*CODES, "baskets"], "sure_rules")
    found = itemsets.itemsets_of_counts(counts[[*CODES, "baskets"]], baskets)
    rules = affinity.rules_of(found, 0.0)
    antecedents = rules["antecedent"]
    rules["antecedent_code"] = antecedents.str[0].astype("Int64")
    rules["also_antecedent_code"] = antecedents.str[1].astype("Int64")
    rules["consequent_code"] = rules["consequent"].astype("Int64")
    keep = (rules["lift"] > 1) & (rules["p_adjusted"] < SURE)
    keep &= (rules["confidence"] >= confidence) & _says_more(rules)
    return rules.loc[keep, [*RULE, *MEASURES]].reset_index(drop=True)


def _says_more(rules: pd.DataFrame) -> pd.Series:
    """Whether two antecedents draw the consequent surely more than each alone."""
    alone = rules[rules["length"] == PAIR_LENGTH].set_index(
        ["antecedent_code", "consequent_code"]
    )["confidence"]
    low, _ = comparison.share_interval(rules["baskets"], rules["antecedent_baskets"])
    more = pd.Series(data=True, index=rules.index)
    for code in ("antecedent_code", "also_antecedent_code"):
        parts = pd.MultiIndex.from_frame(rules[[code, "consequent_code"]])
        of_part = alone.reindex(parts).to_numpy(np.float64)
        more &= (rules["length"] == PAIR_LENGTH) | (low > of_part)
    return more


def with_order(rules: pd.DataFrame, follows: pd.DataFrame) -> pd.DataFrame:
    """Say of each pair which of the two comes first.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, 14)
        From :func:`sure_rules`.
    follows : DataFrame of shape (n_pairs, 6)
        Of ordered pairs, ``first_code`` and ``second_code``: ``watched_days``,
        purchases of the first, one a customer and day, that are old enough;
        ``followed_days``, those with the second within the days after;
        ``earlier_customers`` whose first purchase of the first came within the days
        before that of the second, and ``same_day_customers``. The code 0 as the first
        stands for any purchase.

    Returns
    -------
    DataFrame of shape (n_rules, 22), indexed as ``rules``
        And ``antecedent_first``, ``consequent_first`` and ``same_day``, customers by
        the first purchase of each, with ``p_value`` of the two orders being equally
        likely; ``followed_rate``, the share of purchases of the antecedent with the
        consequent within the days after, ``preceded_rate``, the same the other way
        round, and ``base_rate``, the same of any purchase; ``direction``: ``forward``
        if the consequent follows the antecedent more often than the other way round,
        ``backward``, or ``none``. All null of rules with two antecedents.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(follows, [*CODES[:2], *FOLLOWS], "with_order")
    counted = follows.set_index(CODES[:2])[FOLLOWS].astype(np.float64)
    first = rules["antecedent_code"].where(rules["length"] == PAIR_LENGTH)
    second = rules["consequent_code"]
    anything = pd.Series(0, index=rules.index, dtype="Int64").where(first.notna())
    forth, back, base = (
        counted.reindex(pd.MultiIndex.from_arrays(pair)).set_axis(rules.index)
        for pair in ((first, second), (second, first), (anything, second))
    )
    after, before, any_after = (
        one["followed_days"] / one["watched_days"].where(one["watched_days"] > 0)
        for one in (forth, back, base)
    )
    ways = forth["earlier_customers"], back["earlier_customers"]
    known = first.notna().to_numpy()
    p_value = np.full(len(rules), np.nan)
    p_value[known] = sequence.equally_likely(
        *(one[known].to_numpy(np.int64) for one in ways)
    )
    led = after.fillna(0) - before.fillna(0)
    return rules.assign(
        antecedent_first=ways[0],
        consequent_first=ways[1],
        same_day=forth["same_day_customers"],
        p_value=p_value,
        followed_rate=after,
        preceded_rate=before,
        base_rate=any_after,
        direction=pd.Series(
            np.select([led > 0, led < 0], ["forward", "backward"], "none"), rules.index
        ).where(known),
    )


def rules_by_level(
    items: pd.DataFrame,
    item_sets: pd.DataFrame,
    follows: pd.DataFrame,
    windows: pd.DataFrame,
    *,
    support: float,
    triple_support: float,
    confidence: float,
) -> pd.DataFrame:
    """Find the rules of each id space and level at the current and the past cut-off.

    Parameters
    ----------
    items : DataFrame of shape (n_items, 9)
        ``item_code``, ``id_space``, ``level``; baskets with it in the windows up to the
        current cut-off, up to the past one, and after that: ``current_baskets``,
        ``past_baskets``, ``later_baskets``; all baskets there were: ``current_total``,
        ``past_total``, ``later_total``.
    item_sets : DataFrame of shape (n_sets, 6)
        The same of pairs and triples: ``first_code``, ``second_code``, ``third_code``
        (null of a pair) and the baskets. Each that is frequent must be there; of those
        that are not, each whose part of a frequent one it is.
    follows : DataFrame
        As for :func:`with_order`.
    windows : DataFrame of shape (n_id_spaces, >= 3)
        ``id_space``, and its cut-offs: ``current_day`` and ``past_day`` (null where
        there is none yet).
    support, triple_support : float
        The least share of baskets of items and pairs, and of triples.
    confidence : float
        As of :func:`sure_rules`.

    Returns
    -------
    DataFrame of shape (n_rules, 27)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current``, the columns of
        :func:`with_order` (its own are null for the past cut-off), and ``later_lift``,
        in the baskets that came after the past cut-off (nan for the current one, and
        where nothing was bought).

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.
    """
    totals = [f"{window}_total" for window in WINDOWS]
    need_columns(items, ["item_code", *GROUP, *BASKETS, *totals], "rules_by_level")
    need_columns(item_sets, [*CODES, *BASKETS], "rules_by_level")
    need_columns(windows, ["id_space", "current_day", "past_day"], "rules_by_level")
    triple_support = max(support, triple_support)
    days = windows.set_index("id_space")
    level_of = items.set_index("item_code")[GROUP]
    spaces = level_of.reindex(item_sets["first_code"]).set_axis(item_sets.index)
    tables = [no_rules(items, windows, RULE, COLUMNS)]
    for key, of_level in items.groupby(GROUP, sort=True):
        in_level = (spaces[GROUP] == list(key)).all(axis=1)
        counts = pd.concat(
            [of_level.rename(columns={"item_code": "first_code"}), item_sets[in_level]]
        )[[*CODES, *BASKETS]]
        counts[CODES] = counts[CODES].astype("Int64")
        later = _Later(counts, int(of_level["later_total"].iloc[0]))
        for window in WINDOWS[:2]:
            total = int(of_level[f"{window}_total"].iloc[0])
            least = np.where(counts["third_code"].isna(), support, triple_support)
            enough = counts[f"{window}_baskets"].to_numpy() / max(total, 1) >= least
            frequent = counts[enough].rename(columns={f"{window}_baskets": "baskets"})
            found = sure_rules(frequent[[*CODES, "baskets"]], total, confidence)
            if window == "current":
                found = with_order(found, follows).assign(later_lift=np.nan)
            else:
                found["later_lift"] = later.lifts(found)
            space, level = key
            found = found.assign(id_space=space, level=level)
            tables.append(
                found.assign(
                    cutoff_date=days.loc[space, f"{window}_day"],
                    is_current=window == "current",
                )
            )
    return together(tables)[COLUMNS]


class _Later:
    """Baskets that came later, by the set of items that they hold."""

    def __init__(self, counts: pd.DataFrame, total: int) -> None:
        self.total = total
        self.baskets = {
            frozenset(code for code in row[:3] if not pd.isna(code)): row[3]
            for row in counts[[*CODES, "later_baskets"]].itertuples(index=False)
        }

    def lifts(self, rules: pd.DataFrame) -> list[float]:
        """Return the lift of each rule; nan where one side was not bought."""
        lifts = []
        for row in rules[RULE[1:]].itertuples(index=False):
            codes = {code for code in row if not pd.isna(code)}
            consequent = frozenset([row[2]])
            sides = [self.baskets[frozenset(codes - consequent)],
                     self.baskets[consequent]]  # fmt: skip
            expected = sides[0] * sides[1]
            both = self.baskets[frozenset(codes)]
            lifts.append(both * self.total / expected if expected else np.nan)
        return lifts


def no_rules(
    items: pd.DataFrame, windows: pd.DataFrame, codes: list[str], columns: list[str]
) -> pd.DataFrame:
    """Return the columns of rules without rows, of the right kinds.

    Parameters
    ----------
    items, windows : DataFrame
        As of :func:`rules_by_level`.
    codes : list of str
        Which columns are whole numbers that may be null.
    columns : list of str
        All of them, in their order.
    """
    like = (
        items[GROUP]
        .head(0)
        .assign(
            cutoff_date=windows["current_day"].head(0),
            is_current=pd.Series([], dtype=bool),
            **dict.fromkeys(codes, pd.array([], dtype="Int64")),
        )
    )
    return no_rows(columns, like, {"direction"})


def judge_rules(rules: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the rules went on to hold.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, >= 6)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current``, ``length`` and
        ``later_lift``, of :func:`rules_by_level`. Both directions of a pair have one
        lift, so that each counts half.

    Returns
    -------
    DataFrame of shape (n_groups, 16)
        As :func:`acrm.mining.score_table.evaluate_scores`, of metric
        ``share_of_rules_still_above_1`` against chance, 0.5: by the interval of the
        share. Rules of which nothing was bought later do not count.

    Raises
    ------
    InputError
        If a column is missing.
    """
    wanted = [*GROUP, "cutoff_date", "is_current", "length", "later_lift"]
    need_columns(rules, wanted, "judge_rules")
    # triples hang on their pairs, so that pairs alone are looked at
    judged = rules[
        ~rules["is_current"].astype(bool)
        & rules["later_lift"].notna()
        & (rules["length"] == PAIR_LENGTH)
    ]
    held = judged.assign(part=judged["level"], held=judged["later_lift"] > 1)
    # a pair and its reverse are one observation
    return share_that_held(held, MODEL, METRIC, "pairs", rows_each=2)
