"""Rules of what is bought with what, at several levels, and whether they held later.

A rule is a pair: those who buy the antecedent buy the consequent, in the same basket
and within days after. It is judged by baskets that came after those it was found in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import affinity, comparison, sequence
from acrm.mining.comparison import Comparison, Verdict
from acrm.mining.frames import need_columns
from acrm.mining.score_table import EVALUATION

MODEL, METRIC = "affinity", "share_of_rules_still_above_1"
CHANCE = 0.5  # of pairs that do not belong together, half have a lift above 1
SURE = 0.05  # adjusted p
GROUP = ["id_space", "level"]
LINES = ["basket_id", "item", "customer_id", "day"]
COUNTS = ["antecedent_baskets", "consequent_baskets", "baskets"]
RULES = [
    "antecedent", "consequent", "antecedent_baskets", "consequent_baskets", "baskets",
    "support", "confidence", "reverse_confidence", "lift", "leverage", "zhang",
    "p_adjusted",
]  # fmt: skip
ORDER = [
    "antecedent_first", "consequent_first", "same_day", "p_value", "followed_rate",
    "preceded_rate", "direction",
]  # fmt: skip
PAIR = ["antecedent", "consequent"]
_TEXTS = {*PAIR, "direction"}


def pair_rules(lines: pd.DataFrame, support: float, confidence: float) -> pd.DataFrame:
    """Find pairs that are bought together more often than chance.

    Parameters
    ----------
    lines : DataFrame of shape (n_lines, >= 2)
        ``basket_id`` and ``item``.
    support, confidence : float
        As of :func:`acrm.mining.affinity.association_rules`.

    Returns
    -------
    DataFrame of shape (n_rules, 12), best lift first
        Measures of :func:`acrm.mining.affinity.association_rules` of rules whose lift
        is above 1 and whose adjusted p is below 0.05.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.
    """
    rules = affinity.association_rules(lines, support, confidence, max_length=2)
    sure = (rules["lift"] > 1) & (rules["p_adjusted"] < SURE)
    rules = rules[sure].reset_index(drop=True)
    rules["antecedent"] = [one for (one,) in rules["antecedent"]]
    return rules[RULES]


def with_order(
    rules: pd.DataFrame,
    lines: pd.DataFrame,
    as_of: pd.Timestamp,
    window_days: int = 30,
) -> pd.DataFrame:
    """Say of each rule which of the two comes first.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, 12)
        From :func:`pair_rules`.
    lines : DataFrame of shape (n_lines, >= 4)
        ``basket_id``, ``item``, ``customer_id`` (null where nobody is known), ``day``.
    as_of : Timestamp
        Last day that is known.
    window_days : int, default 30
        Days within which the one follows the other.

    Returns
    -------
    DataFrame of shape (n_rules, 19), indexed as ``rules``
        And ``antecedent_first``, ``consequent_first`` and ``same_day``, customers by
        the first purchase of each, with ``p_value``, as of
        :func:`acrm.mining.sequence.order_in_time`; ``followed_rate``, the share of
        purchases of the antecedent with the consequent within the days after, and
        ``preceded_rate``, the same the other way round; ``direction``: ``forward`` if
        the consequent follows the antecedent more often than the other way round,
        ``backward``, or ``none``.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.
    """
    need_columns(lines, LINES, "with_order")
    pairs = rules[PAIR]
    turned = pairs.set_axis(PAIR[::-1], axis=1)[PAIR]
    # most rules have their reverse among them: each order is counted once
    asked = pd.concat([pairs, turned]).drop_duplicates(ignore_index=True)
    timed = sequence.order_in_time(lines, asked, window_days, as_of).set_index(PAIR)
    forth, back = (
        timed.reindex(pd.MultiIndex.from_frame(one)).set_axis(rules.index)
        for one in (pairs, turned)
    )
    after, before = forth["attach_rate"].fillna(0), back["attach_rate"].fillna(0)
    return rules.assign(
        antecedent_first=forth["antecedent_first"],
        consequent_first=forth["consequent_first"],
        same_day=forth["same_day"],
        p_value=forth["p_value"],
        followed_rate=forth["attach_rate"],
        preceded_rate=back["attach_rate"],
        direction=np.select(
            [after > before, after < before], ["forward", "backward"], "none"
        ),
    )


def later_lifts(rules: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Return the lift of each rule in other baskets, such as those that came later.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, >= 2)
        ``antecedent`` and ``consequent``.
    lines : DataFrame of shape (n_lines, >= 2)
        ``basket_id`` and ``item``.

    Returns
    -------
    Series of length n_rules, indexed as ``rules``
        nan where one of the two was not bought.
    """
    need_columns(rules, ["antecedent", "consequent"], "later_lifts")
    need_columns(lines, ["basket_id", "item"], "later_lifts")
    total = lines["basket_id"].nunique()
    asked = pd.unique(pd.concat([rules["antecedent"], rules["consequent"]]))
    known = lines[lines["item"].isin(asked)]
    by_item = {
        item: np.unique(baskets.to_numpy())
        for item, baskets in known.groupby("item")["basket_id"]
    }
    nothing = np.empty(0, known["basket_id"].to_numpy().dtype)
    lifts = []
    for one, other in zip(rules["antecedent"], rules["consequent"], strict=True):
        first, second = by_item.get(one, nothing), by_item.get(other, nothing)
        both = len(np.intersect1d(first, second, assume_unique=True))
        expected = len(first) * len(second)
        lifts.append(both * total / expected if expected else np.nan)
    return pd.Series(lifts, index=rules.index, dtype=np.float64)


def rules_by_level(
    lines: pd.DataFrame,
    cutoffs: pd.DataFrame,
    days: int,
    support: float,
    confidence: float,
) -> pd.DataFrame:
    """Find the rules of each id space and level at its cut-offs.

    Parameters
    ----------
    lines : DataFrame of shape (n_lines, >= 7)
        ``id_space``, ``level``, ``basket_id``, ``item``, ``customer_id``, ``day`` and
        ``recorded_on``, from which day on the line is known.
    cutoffs : DataFrame of shape (n_cutoffs, >= 6)
        ``id_space``, ``cutoff_date``, ``is_current``, ``is_mature``, ``label_from``,
        ``label_to``; of the mature ones the newest is used.
    days : int
        Up to the cut-off, whose baskets are counted.
    support, confidence : float
        As of :func:`pair_rules`.

    Returns
    -------
    DataFrame of shape (n_rules, 24)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current``, the columns of
        :func:`with_order` (its own are null for the past cut-off), and ``later_lift``
        from ``label_from`` to ``label_to`` (nan for the current cut-off).

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.
    """
    need_columns(lines, [*GROUP, *LINES, "recorded_on"], "rules_by_level")
    every = [*RULES, *ORDER]
    numbers = [name for name in every if name not in _TEXTS]
    tables = [
        lines[GROUP]
        .head(0)
        .assign(cutoff_date=cutoffs["cutoff_date"].head(0), is_current=False)
        .assign(**dict.fromkeys(every, pd.Series([], dtype=str)))
        .assign(**dict.fromkeys(numbers, np.empty(0)))
        .assign(later_lift=np.empty(0))
    ]
    day, recorded = (pd.to_datetime(lines[name]) for name in ("day", "recorded_on"))
    for (id_space, level), group in lines.groupby(GROUP, sort=True):
        own = cutoffs[cutoffs["id_space"] == id_space]
        mature = own[own["is_mature"]].nlargest(1, "cutoff_date")
        for row in pd.concat([own[own["is_current"]], mature]).itertuples():
            end: Any = pd.Timestamp(row.cutoff_date)
            known = (day <= end) & (recorded <= end)
            known &= day > end - pd.Timedelta(days=days)
            of_it = group[known[group.index]]
            found = pair_rules(of_it, support, confidence)
            if row.is_current:
                found = with_order(found, of_it, end).assign(later_lift=np.nan)
            else:
                window: Any = (pd.Timestamp(row.label_from), pd.Timestamp(row.label_to))
                later = group[day[group.index].between(*window)]
                found["later_lift"] = later_lifts(found, later)
            tables.append(
                found.assign(
                    id_space=id_space,
                    level=level,
                    cutoff_date=row.cutoff_date,
                    is_current=bool(row.is_current),
                )
            )
    columns = [*GROUP, "cutoff_date", "is_current", *every, "later_lift"]
    filled = [table for table in tables[1:] if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True)[columns]


def judge_rules(rules: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the rules went on to hold.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, >= 5)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current``, ``later_lift``, as
        :func:`rules_by_level` returns them. Both directions of a pair have one lift,
        so that each counts half.

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
    need_columns(rules, [*GROUP, "cutoff_date", "is_current", "later_lift"], "judge")
    judged = rules[~rules["is_current"].astype(bool) & rules["later_lift"].notna()]
    rows: list[dict[str, Any]] = []
    for (id_space, level, cutoff), group in judged.groupby(
        [*GROUP, "cutoff_date"], sort=True
    ):
        # a pair and its reverse are one observation
        pairs = len(group) / 2
        holds = float((group["later_lift"] > 1).sum()) / 2
        (low,), (high,) = comparison.share_interval([holds], [pairs])
        share = holds / pairs
        compared = Comparison(
            share, float(low), float(high), CHANCE, share - CHANCE,
            float(low) - CHANCE, float(high) - CHANCE, len(group),
        )  # fmt: skip
        few = pairs < comparison.MIN_OF_A_KIND
        verdict = Verdict.INSUFFICIENT_DATA if few else comparison.verdict(compared)
        rows.append(
            {
                "model": MODEL,
                "id_space": id_space,
                "part": level,
                "cutoff_date": cutoff,
                "metric": METRIC,
                "is_primary": True,
                **compared._asdict(),
                "verdict": str(verdict),
                "reason": f"{pairs:g} pairs; {comparison.MIN_OF_A_KIND} are needed"
                if few
                else "",
            }
        )
    return pd.DataFrame(rows, columns=EVALUATION)
