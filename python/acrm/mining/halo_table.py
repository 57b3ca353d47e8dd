"""Halos of items at several levels, at the current and the past cut-off, judged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acrm.mining.frames import need_columns
from acrm.mining.halo import HALO, halos
from acrm.mining.parts import no_rows, together
from acrm.mining.score_table import share_that_held

MODEL, METRIC = "halo", "share_of_halos_still_above_0"
SURE = 0.05  # adjusted p
PART = ["id_space", "level", "currency_code"]
SUMS = ["baskets", "all_baskets", "other_value", "other_squares", "weighed_value",
        "own_value"]  # fmt: skip
COUNTS = [*PART, "has_margin", "item_code", "stratum", "month_end", "is_known_past",
          *SUMS]  # fmt: skip
HALOS = [*PART, "cutoff_date", "is_current", "has_margin", "item_code", *HALO[1:],
         "later_halo"]  # fmt: skip
YEAR, QUARTER = 12, 3  # months


def halos_by_level(counts: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Find the halos of each id space, level and currency at both cut-offs.

    Parameters
    ----------
    counts : DataFrame of shape (n, 14)
        ``id_space``, ``level``, ``currency_code``, ``item_code`` (0 for all items),
        ``has_margin``; the ``stratum``, with its ``month_end`` and whether it
        ``is_known_past``; and the sums that :func:`acrm.mining.halo.halos` reads.
    windows : DataFrame of shape (n_id_spaces, >= 3)
        ``id_space``, ``current_day`` and ``past_day``, its cut-offs.

    Returns
    -------
    DataFrame of shape (n_halos, 15)
        The part, ``cutoff_date``, ``is_current``, ``has_margin``, ``item_code``, the
        columns of :func:`acrm.mining.halo.halos` of the twelve months up to the
        cut-off, and ``later_halo`` in the three months after the past one (nan for the
        current one, and where there were too few baskets).

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(counts, COUNTS, "halos_by_level")
    need_columns(windows, ["id_space", "current_day", "past_day"], "halos_by_level")
    days = windows.set_index("id_space")
    month = pd.to_datetime(counts["month_end"])
    tables = []
    for key, group in counts.groupby(PART, sort=True):
        current, past = (
            pd.Timestamp(days.loc[key[0], name]) for name in ("current_day", "past_day")
        )
        of_group = month[group.index]
        found = _found(group[of_group > current - pd.offsets.MonthEnd(YEAR)])
        rows = [found.assign(cutoff_date=current, is_current=True, later_halo=np.nan)]
        if not pd.isna(past):
            known = group["is_known_past"] & (of_group <= past)
            known &= of_group > past - pd.offsets.MonthEnd(YEAR)
            after = (of_group > past) & (
                of_group <= past + pd.offsets.MonthEnd(QUARTER)
            )
            found, later = _found(group[known]), _found(group[after])
            came = later.set_index("item")["halo"].reindex(found["item"])
            found = found.assign(later_halo=came.to_numpy())
            rows.append(found.assign(cutoff_date=past, is_current=False))
        names = dict(zip(PART, key, strict=True))
        basis = bool(group["has_margin"].all())
        tables += [table.assign(**names, has_margin=basis) for table in rows]
    named = [table.rename(columns={"item": "item_code"}) for table in tables]
    return together([_no_halos(counts), *named])[HALOS]


def _found(counts: pd.DataFrame) -> pd.DataFrame:
    """Halos of the items of some strata."""
    of_items = counts["item_code"] != 0
    items = counts[of_items].rename(columns={"item_code": "item"})
    return halos(items, counts[~of_items])


def _no_halos(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the columns without rows, of the right kinds."""
    like = counts[[*PART, "has_margin", "item_code"]].assign(
        cutoff_date=counts["month_end"], is_current=counts["has_margin"]
    )
    return no_rows(HALOS, like)


def judge_halos(found: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the sure halos was above 0 later.

    Parameters
    ----------
    found : DataFrame of shape (n_halos, >= 8)
        From :func:`halos_by_level`.

    Returns
    -------
    DataFrame of shape (n_groups, 16)
        As :func:`acrm.mining.score_table.evaluate_scores`, of metric
        ``share_of_halos_still_above_0`` against chance, 0.5, by the interval of the
        share: of items whose halo was surely above 0 and that were bought later.

    Raises
    ------
    InputError
        If a column is missing.
    """
    wanted = [*PART, "cutoff_date", "is_current", "halo", "p_adjusted", "later_halo"]
    need_columns(found, wanted, "judge_halos")
    judged = found[
        ~found["is_current"].astype(bool)
        & (found["halo"] > 0)
        & (found["p_adjusted"] < SURE)
        & found["later_halo"].notna()
    ]
    held = judged.assign(
        part=judged["level"] + " " + judged["currency_code"],
        held=judged["later_halo"] > 0,
    )
    return share_that_held(held, MODEL, METRIC, "halos")
