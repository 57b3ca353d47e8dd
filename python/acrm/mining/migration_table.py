"""Moves between states of several schemes and quarters, the next stock, and its record.

A database counts who moved; what follows from the counts is here. The forecast lets
customers move as they did in the quarter before, and is judged by how far it was off
the stocks that came, beside the forecast that nothing changes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from acrm.mining import comparison, migration
from acrm.mining.comparison import Comparison
from acrm.mining.frames import Floats, need_columns
from acrm.mining.migration import NONE
from acrm.mining.outcome import Status
from acrm.mining.parts import no_rows
from acrm.mining.score_table import EVALUATION, judged_row

MODEL, METRIC = "migration", "stock_error"
PART = ["id_space", "scheme", "currency_code"]
PERIOD = ["definition_version", "period_from", "period_to"]
PAIR = ["state_from", "state_to"]
AMOUNTS = ["value_from", "value_to"]
COUNTS = [*PART, *PERIOD, *PAIR, "customers", *AMOUNTS]
MOVES = [
    *COUNTS, "share", "share_lo", "share_hi", "p_value", "expected_next",
    "value_at_risk",
]  # fmt: skip
STOCKS = [*PART, "as_of", "state", "customers", "expected", "lo", "hi", "status",
          "reason"]  # fmt: skip
JUDGED, DRAWS = 4, 500


def moves_of_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Measure moves of each scheme and quarter.

    Parameters
    ----------
    counts : DataFrame of shape (n_moves, 11)
        ``id_space``, ``scheme``, ``currency_code``, ``definition_version``,
        ``period_from``, ``period_to``, ``state_from``, ``state_to``, ``customers``, and
        what they brought in a quarter, ``value_from`` before and ``value_to`` after.

    Returns
    -------
    DataFrame of shape (n, 17)
        Each move that somebody made in any quarter, in every quarter, with its
        ``share`` of all in ``state_from`` and the interval ``share_lo`` to
        ``share_hi``, as of :func:`acrm.mining.migration.transitions`; ``p_value`` of
        the moves from that state being as in the quarter before (nan without one);
        ``expected_next``, how many will make it in the next quarter if customers go on
        to move so; and ``value_at_risk``, what these will bring less than before: by
        what those who made it brought less.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(counts, COUNTS, "moves_of_counts")
    tables = []
    for key, group in counts.groupby(PART, sort=True):
        made = pd.MultiIndex.from_frame(group[PAIR])
        nobody = group[PAIR].drop_duplicates()
        nobody = nobody.assign(customers=0, value_from=0.0, value_to=0.0)
        before = None
        for period, rows in group.groupby(PERIOD[::-1], sort=True):
            told = rows[[*PAIR, "customers", *AMOUNTS]].astype(
                dict.fromkeys(AMOUNTS, float)
            )
            table = migration.transitions(pd.concat([told, nobody]))
            names = dict(zip([*PART, *PERIOD[::-1]], (*key, *period), strict=True))
            # of a quarter that does not follow at once there is none before
            follows = before is not None and before[0] == names["period_from"]
            tested = pd.Series(dtype=np.float64)
            if before is not None and follows:
                changed = migration.changed_rows(table, before[1])
                tested = changed.set_index("state_from")["p_value"]
            before = names["period_to"], table
            table = table[pd.MultiIndex.from_frame(table[PAIR]).isin(made)]
            tables.append(_with_next(table, tested).assign(**names))
    if not tables:
        return no_rows(MOVES, counts[COUNTS])
    return pd.concat(tables, ignore_index=True)[MOVES]


def _with_next(table: pd.DataFrame, tested: pd.Series) -> pd.DataFrame:
    stock = table.groupby("state_to")["customers"].sum()
    now = stock.reindex(table["state_from"]).fillna(0).to_numpy(np.float64)
    joins = (table["state_from"] == NONE).to_numpy()
    made = table["customers"].to_numpy(np.float64)
    share = table["share"].to_numpy(np.float64)
    expected = np.where(joins, made, now * np.nan_to_num(share))
    less = (table["value_from"] - table["value_to"]).to_numpy(np.float64)
    each = np.divide(less, made, out=np.zeros(len(made)), where=made > 0)
    return table.rename(columns={"lo": "share_lo", "hi": "share_hi"}).assign(
        p_value=tested.reindex(table["state_from"]).to_numpy(np.float64),
        expected_next=expected,
        value_at_risk=expected * np.maximum(each, 0.0),
    )


def forecast_stocks(counts: pd.DataFrame) -> pd.DataFrame:
    """Forecast the customers of each state at the end of the next quarter.

    Parameters
    ----------
    counts : DataFrame of shape (n_moves, 11)
        As for :func:`moves_of_counts`.

    Returns
    -------
    DataFrame of shape (n_states, 11)
        ``id_space``, ``scheme``, ``currency_code``, ``as_of`` (the end of the last
        quarter), ``state``, ``customers`` then, ``expected`` with ``lo`` and ``hi`` as
        of :func:`acrm.mining.migration.forecast_stock`, ``status``, ``reason``. In the
        state ``none`` are those who will have left.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(counts, COUNTS, "forecast_stocks")
    tables = []
    for key, group in counts.groupby(PART, sort=True):
        newest = list(_quarters(group))[-1]
        now = newest.groupby("state_to")["customers"].sum().drop(NONE, errors="ignore")
        table = _forecast(newest, now)
        names = dict(zip(PART, key, strict=True))
        as_of = newest["period_to"].iloc[0]
        tables.append(table.assign(**names, as_of=as_of))
    if not tables:
        like = counts[PART].assign(as_of=counts["period_to"])
        return no_rows(STOCKS, like, {"state", "status", "reason"})
    return pd.concat(tables, ignore_index=True)[STOCKS]


def _forecast(moves: pd.DataFrame, now: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame({"state": now.index, "customers": now.to_numpy()})
    if now.sum() < comparison.MIN_ROWS:
        few = f"{now.sum()} customers; at least {comparison.MIN_ROWS} are needed"
        return table.assign(
            expected=np.nan, lo=np.nan, hi=np.nan,
            status=str(Status.INSUFFICIENT_DATA), reason=few,
        )  # fmt: skip
    new = sorted(set(now.index) - set(moves["state_from"]))
    stays = pd.DataFrame(
        {"state_from": new, "state_to": new, "customers": now[new].to_numpy()}
    )
    reason = f"nobody was in {', '.join(new)} before: taken to stay" if new else ""
    told = migration.forecast_stock(
        pd.concat([moves[[*PAIR, "customers"]], stays]), table
    )
    told = told.merge(table, how="left", on="state").fillna({"customers": 0})
    return told.drop(columns="period").assign(status=str(Status.OK), reason=reason)


def judge_stocks(counts: pd.DataFrame) -> pd.DataFrame:
    """Say how far forecasts of stocks were off, beside the forecast of no change.

    Parameters
    ----------
    counts : DataFrame of shape (n_moves, 11)
        As for :func:`moves_of_counts`; the newest four quarters with one before are
        judged.

    Returns
    -------
    DataFrame of shape (n_judged, 16)
        As :func:`acrm.mining.score_table.evaluate_scores`: ``stock_error`` is the sum
        over states of how far the forecast was off, over all customers. Its interval
        and that of the gain are by drawing the moves that came again, seeded.

    Raises
    ------
    InputError
        If a column is missing.
    """
    need_columns(counts, COUNTS, "judge_stocks")
    rows: list[dict[str, Any]] = []
    for (id_space, scheme, currency), group in counts.groupby(PART, sort=True):
        quarters = list(_quarters(group))
        pairs = [
            (one, other)
            for one, other in itertools.pairwise(quarters)
            if one["period_to"].iloc[0] == other["period_from"].iloc[0]
        ]
        for before, after in pairs[-JUDGED:]:
            compared = _compared(before, after)
            reason = ""
            if compared.n < comparison.MIN_ROWS:
                reason = f"{compared.n} customers; at least {comparison.MIN_ROWS} "
                reason += "are needed"
            rows.append(
                {
                    "model": MODEL,
                    "id_space": id_space,
                    "part": f"{scheme} {currency}",
                    "cutoff_date": after["period_from"].iloc[0],
                    **judged_row(METRIC, compared, reason, is_primary=True),
                }
            )
    return pd.DataFrame(rows, columns=EVALUATION)


def _quarters(group: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, rows in group.groupby("period_to", sort=True):
        yield rows


def _matrix(moves: pd.DataFrame, states: list[str]) -> Floats:
    """Count customers from each state to each; the last one is none."""
    table = moves.pivot_table(
        index="state_from", columns="state_to", values="customers", aggfunc="sum"
    )
    full: Floats = table.reindex(index=states, columns=states).to_numpy(np.float64)
    return np.nan_to_num(full)


def _compared(before: pd.DataFrame, after: pd.DataFrame) -> Comparison:
    every = pd.concat([before, after])
    states = sorted((set(every["state_from"]) | set(every["state_to"])) - {NONE})
    one, other = (_matrix(moves, [*states, NONE]) for moves in (before, after))
    opening = other[:-1].sum(axis=1)
    rows = one[:-1].sum(axis=1, keepdims=True)
    # a state that nobody was in before is taken to keep who is in it
    stays = np.eye(len(states), len(states) + 1)
    shares = np.divide(one[:-1], rows, out=stays, where=rows > 0)
    foretold = (opening @ shares)[:-1] + one[-1, :-1]
    rng = np.random.default_rng(1)
    drawn = np.zeros((DRAWS, len(states)))
    for row in other[:-1]:
        if row.sum():
            drawn += rng.multinomial(int(row.sum()), row / row.sum(), DRAWS)[:, :-1]
    drawn += rng.poisson(other[-1, :-1], (DRAWS, len(states)))
    came = np.vstack([other.sum(axis=0)[:-1], drawn])
    total = np.maximum(came.sum(axis=1), 1.0)
    model, none = (
        np.abs(came - told).sum(axis=1) / total for told in (foretold, opening)
    )
    gain = none - model
    ends = [0.025, 0.975]
    low, high = np.quantile(model[1:], ends)
    gain_low, gain_high = np.quantile(gain[1:], ends)
    return Comparison(
        float(model[0]), float(low), float(high), float(none[0]), float(gain[0]),
        float(gain_low), float(gain_high), int(came[0].sum()),
    )  # fmt: skip
