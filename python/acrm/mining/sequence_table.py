"""Rules of what is bought within days after what, and whether they held later.

Of all days on which a customer bought anything, those with the antecedent are looked
at: how many have the consequent 1 to 30 days later, against how many of all. What is
never in one basket is found as well. A database counts the days; what is said of the
counts is here.

When not to use it: a rule is no cause. Who buys often has much of everything before and
after, but so in the base as well; seasons and courses of promotions make sequences that
no customer chose.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from acrm.mining import affinity
from acrm.mining.affinity_table import (
    CODES,
    FOLLOWS,
    GROUP,
    METRIC,
    ORDER,
    PAIR_LENGTH,
    SURE,
    no_rules,
    with_order,
)
from acrm.mining.frames import need_columns
from acrm.mining.parts import together
from acrm.mining.score_table import share_that_held

MODEL = "sequence"
PAIR = CODES[:2]
WINDOWS = {"current": "", "past": "early_", "later": "late_"}
DAYS = [f"{window}{name}" for window in WINDOWS.values() for name in FOLLOWS[:2]]
MEASURES = [
    "antecedent_days", "consequent_days", "followed_days", "any_days", "support",
    "lift", "p_adjusted",
]  # fmt: skip
RULE = ["antecedent_code", "consequent_code"]
COLUMNS = [*GROUP, "cutoff_date", "is_current", *RULE, *MEASURES, *ORDER, "later_lift"]


def rules_across_days(
    items: pd.DataFrame,
    follows: pd.DataFrame,
    windows: pd.DataFrame,
    *,
    support: float,
    confidence: float,
) -> pd.DataFrame:
    """Find what follows what, in each id space and level at both cut-offs.

    Parameters
    ----------
    items : DataFrame of shape (n_items, >= 3)
        ``item_code``, ``id_space``, ``level``.
    follows : DataFrame of shape (n_pairs, 10)
        As for :func:`acrm.mining.affinity_table.with_order`, and ``watched_days`` and
        ``followed_days`` up to the past cut-off (``early_``) and after it (``late_``).
        Each ordered pair of enough support must be there, both ways round, and each
        item with the code 0, any purchase, before it.
    windows : DataFrame of shape (n_id_spaces, >= 3)
        ``id_space``, ``current_day`` and ``past_day``, its cut-offs.
    support : float
        The least share of all days of purchase that have the antecedent and are
        followed by the consequent.
    confidence : float
        The least share of the antecedent's days that are followed.

    Returns
    -------
    DataFrame of shape (n_rules, 22)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current``, ``antecedent_code``,
        ``consequent_code``; ``antecedent_days``, days with the antecedent;
        ``consequent_days``, days of any purchase that the consequent follows;
        ``followed_days``, those with the antecedent; ``any_days`` of any purchase;
        ``support``; ``lift``, how many times as often it follows as after any purchase;
        ``p_adjusted`` of a lift of 1, for all rules of enough support; what
        :func:`acrm.mining.affinity_table.with_order` says (null at the past cut-off);
        ``later_lift`` after the past one (nan for the current one, and where nothing
        was bought). Of rules with a lift above 1 and an adjusted p below 0.05.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(items, ["item_code", *GROUP], "rules_across_days")
    need_columns(follows, [*PAIR, *FOLLOWS, *DAYS], "rules_across_days")
    need_columns(windows, ["id_space", "current_day", "past_day"], "rules_across_days")
    days = windows.set_index("id_space")
    of_any = follows["first_code"] == 0
    base = follows.loc[of_any, ["second_code", *DAYS]]
    pairs = follows[~of_any].merge(base, on="second_code", suffixes=("", "_any"))
    pairs = pairs.merge(
        items[["item_code", *GROUP]], left_on="second_code", right_on="item_code"
    )
    tables = [no_rules(items, windows, RULE, COLUMNS)]
    for key, group in pairs.sort_values(PAIR).groupby(GROUP, sort=True):
        named = dict(zip(GROUP, key, strict=True))
        for window in ("current", "past"):
            found = _sure(group, WINDOWS[window], support, confidence)
            if window == "current":
                found = with_order(found, follows).assign(later_lift=np.nan)
            cutoff = days.loc[key[0], f"{window}_day"]
            tables.append(
                found.assign(
                    cutoff_date=cutoff, is_current=window == "current", **named
                )
            )
    return together([one.reindex(columns=COLUMNS) for one in tables])


def _sure(
    pairs: pd.DataFrame, window: str, support: float, confidence: float
) -> pd.DataFrame:
    """Rules of one group that are surely more than chance in a window."""
    watched, followed = (f"{window}{name}" for name in FOLLOWS[:2])
    total = int(pairs[f"{watched}_any"].max())
    rules = pd.DataFrame(
        {
            "antecedent_code": pairs["first_code"].astype("Int64"),
            "consequent_code": pairs["second_code"].astype("Int64"),
            "length": PAIR_LENGTH,
            "antecedent_baskets": pairs[watched],
            "consequent_baskets": pairs[f"{followed}_any"],
            "baskets": pairs[followed],
            "later_lift": _lift(pairs, WINDOWS["later"]),
        }
    )
    rules = rules[
        (rules["baskets"] > 0) & (rules["baskets"] / max(total, 1) >= support)
    ]
    rules = affinity.measured(rules, total)
    rules["p_adjusted"] = affinity.adjusted(rules["p_value"].to_numpy(np.float64))
    sure = (rules["lift"] > 1) & (rules["p_adjusted"] < SURE)
    rules = rules[sure & (rules["confidence"] >= confidence)]
    names = dict(zip(["antecedent_baskets", "consequent_baskets", "baskets"], MEASURES,
                     strict=False))  # fmt: skip
    return rules.rename(columns=names).assign(any_days=total).reset_index(drop=True)


def _lift(pairs: pd.DataFrame, window: str) -> pd.Series:
    """How many times as often as after any purchase; nan where nothing was bought."""
    watched, followed = (f"{window}{name}" for name in FOLLOWS[:2])
    expected = pairs[watched] * pairs[f"{followed}_any"]
    lift: pd.Series = (
        pairs[followed] * pairs[f"{watched}_any"] / expected.where(expected > 0)
    )
    return lift


def judge_sequences(rules: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the rules went on to hold.

    Parameters
    ----------
    rules : DataFrame of shape (n_rules, >= 5)
        ``id_space``, ``level``, ``cutoff_date``, ``is_current`` and ``later_lift``, of
        :func:`rules_across_days`.

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
    wanted = [*GROUP, "cutoff_date", "is_current", "later_lift"]
    need_columns(rules, wanted, "judge_sequences")
    judged = rules[~rules["is_current"].astype(bool) & rules["later_lift"].notna()]
    held = judged.assign(part=judged["level"], held=judged["later_lift"] > 1)
    return share_that_held(held, MODEL, METRIC, "rules")
