"""Moves of customers between states, and what they will make of the base.

A state is anything a customer has one of at a time: a tier, a stage, a main product.
People who are not customers yet or any more are in the state ``none``; without it,
those who left would be missing from every share.

When not to use it: a forecast by moves takes the last state as all that matters. Where
moves hang on how long somebody has been there, split the states by tenure first. A new
definition of a state is no move: compare states of one version only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from acrm.errors import InputError
from acrm.mining.comparison import share_interval
from acrm.mining.frames import (
    Floats,
    Integers,
    floats,
    need_between,
    need_columns,
    refuse,
)

NONE = "none"
DRAWS = 2000
LEVEL = 0.95


def transitions(moves: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Count customers from each state to each, with intervals of the shares.

    Parameters
    ----------
    moves : DataFrame of shape (n_customers, >= 2)
        ``state_from`` and ``state_to``, null for ``none``; if there, ``value_from`` and
        ``value_to``, each customer's value in either period (null is 0), and
        ``customers``, where a row stands for so many that were counted before.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    DataFrame of shape (n_states ** 2, 8), ordered by its first columns
        ``state_from``, ``state_to``, ``customers``, ``share`` (of all in
        ``state_from``; nan if nobody was), ``lo``, ``hi`` (Wilson's, for each move
        alone), ``value_from``, ``value_to`` (sums). Moves that nobody made are there
        too, with their interval; nobody moves from ``none`` to ``none``.

    Raises
    ------
    InputError
        If a column is missing or ``level`` is not between 0 and 1.
    """
    need_columns(moves, ["state_from", "state_to"], "transitions")
    need_between("level", level, 0, 1, "transitions")
    ready = pd.DataFrame(
        {
            "state_from": moves["state_from"].astype(object).fillna(NONE),
            "state_to": moves["state_to"].astype(object).fillna(NONE),
        }
    )
    for name in ("value_from", "value_to"):
        ready[name] = 0.0
        if name in moves.columns:
            ready[name] = np.nan_to_num(floats(moves, name, "transitions"))
    ready["customers"] = moves["customers"] if "customers" in moves.columns else 1
    ready = ready[(ready["state_from"] != NONE) | (ready["state_to"] != NONE)]
    pair = ["state_from", "state_to"]
    counted = ready.groupby(pair).agg(
        customers=("customers", "sum"),
        value_from=("value_from", "sum"),
        value_to=("value_to", "sum"),
    )
    states = sorted(set(ready["state_from"]) | set(ready["state_to"]), key=str)
    grid = pd.MultiIndex.from_product([states, states], names=pair)
    grid = grid[[one != (NONE, NONE) for one in grid]]
    table = counted.reindex(grid, fill_value=0).reset_index()
    count = table["customers"].to_numpy(np.float64)
    start = table.groupby("state_from")["customers"].transform("sum")
    total = start.to_numpy(np.float64)
    share = np.divide(count, total, out=np.full(len(count), np.nan), where=total > 0)
    low, high = share_interval(count, total, level)
    return table.assign(share=share, lo=low, hi=high)[
        [*pair, "customers", "share", "lo", "hi", "value_from", "value_to"]
    ]


def changed_rows(current: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """Test for each state whether its moves differ from those of the period before.

    Parameters
    ----------
    current, previous : DataFrame
        From :func:`transitions`.

    Returns
    -------
    DataFrame of shape (n_states, 4), ordered by ``state_from``
        ``state_from``; ``customers`` in it now and ``customers_previous``; ``p_value``
        of Pearson's chi-square over the moves anybody made (nan where one period has
        nobody, or all moved to the same state).

    Raises
    ------
    InputError
        If a column is missing.
    """
    key = ["state_from", "state_to"]
    for frame in (current, previous):
        need_columns(frame, [*key, "customers"], "changed_rows")
    both = current[[*key, "customers"]].merge(
        previous[[*key, "customers"]], how="outer", on=key, suffixes=("", "_previous")
    )
    both = both.fillna({"customers": 0, "customers_previous": 0})
    rows = []
    for state, part in both.groupby("state_from"):
        counts = part[["customers", "customers_previous"]].to_numpy(np.float64).T
        counts = counts[:, counts.sum(axis=0) > 0]
        sums = counts.sum(axis=1)
        p = float("nan")
        if counts.shape[1] > 1 and (sums > 0).all():
            p = float(stats.chi2_contingency(counts, correction=False).pvalue)
        rows.append((state, int(sums[0]), int(sums[1]), p))
    columns = ["state_from", "customers", "customers_previous", "p_value"]
    return pd.DataFrame(rows, columns=columns)


def forecast_stock(
    moves: pd.DataFrame,
    opening: pd.DataFrame,
    periods: int = 1,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 1,
) -> pd.DataFrame:
    """Forecast how many customers each state will have.

    Customers move by the shares of ``moves``, each by chance; as many newcomers as
    ``moves`` counts from ``none`` join each period. Intervals are by seeded simulation:
    shares are drawn from their posterior (Dirichlet with half a customer before), then
    customers by multinomials and newcomers by Poisson.

    Parameters
    ----------
    moves : DataFrame
        From :func:`transitions`.
    opening : DataFrame of shape (n_states, 2)
        ``state`` and ``customers`` at the start; the state ``none`` is left out.
    periods : int, default 1
        Of the length that ``moves`` has.
    level : float, default 0.95
        Of the intervals.
    draws : int, default 2000
        Of the simulation.
    seed : int, default 1
        The same seed gives the same intervals.

    Returns
    -------
    DataFrame of shape (periods * n_states, 5)
        ``period`` (1 is the next), ``state`` (``none`` counts those who have left
        since the start), ``expected``, ``lo``, ``hi``.

    Raises
    ------
    InputError
        If a column is missing, a state of the opening comes twice or has no moves to
        learn from, its customers are null or negative, or a setting is out of range.
    """
    need_columns(moves, ["state_from", "state_to", "customers"], "forecast_stock")
    need_columns(opening, ["state", "customers"], "forecast_stock")
    need_between("level", level, 0, 1, "forecast_stock")
    if periods < 1 or draws < 1:
        raise InputError(
            f"forecast_stock: {periods} periods, {draws} draws; 1 or more."
        )
    there = opening[opening["state"] != NONE]
    at_start = floats(there, "customers", "forecast_stock")
    twice = there["state"].duplicated().to_numpy()
    refuse(twice, "a state comes twice", "forecast_stock")
    refuse(~(at_start >= 0), "customers is null or negative", "forecast_stock")
    table = moves.pivot_table(
        index="state_from", columns="state_to", values="customers", aggfunc="sum"
    )
    states = [state for state in table.columns if state != NONE]
    everyone = [*states, NONE]
    table = table.reindex(index=everyone, columns=everyone).fillna(0)
    counts = table.loc[states].to_numpy(np.float64)
    newcomers = table.loc[NONE, states].to_numpy(np.float64)
    start = pd.Series(at_start, index=there["state"])
    known = [s for s, n in zip(states, counts.sum(axis=1), strict=True) if n > 0]
    missing = sorted(set(start[start > 0].index) - set(known), key=str)
    if missing:
        raise InputError(
            f"forecast_stock: nobody moved from state {missing[0]!r} before.",
            hint=f"moves are known from: {', '.join(map(str, known)) or 'no state'}",
        )
    stock = np.append(start.reindex(states).fillna(0).to_numpy(np.float64), 0.0)
    expected = _expected(counts, newcomers, stock, periods)
    drawn = _drawn(counts, newcomers, stock, periods, draws, seed)
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {
            "period": np.repeat(np.arange(1, periods + 1), len(everyone)),
            "state": everyone * periods,
            "expected": expected.ravel(),
            "lo": ends[0].ravel(),
            "hi": ends[1].ravel(),
        }
    )


def _expected(counts: Floats, newcomers: Floats, stock: Floats, periods: int) -> Floats:
    rows = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, rows, out=np.zeros_like(counts), where=rows > 0)
    path = []
    for _ in range(periods):
        moved = stock[:-1] @ shares
        stock = moved + np.append(newcomers, stock[-1])
        path.append(stock)
    return np.array(path)


def _drawn(
    counts: Floats,
    newcomers: Floats,
    stock: Floats,
    periods: int,
    draws: int,
    seed: int,
) -> Floats:
    """Stocks of shape (draws, periods, n_states + 1)."""
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, periods, len(stock)))
    begin = np.tile(np.rint(stock).astype(np.int64), (draws, 1))
    # only moves that somebody made can be made, with half a customer more each
    weights = np.where(counts > 0, counts + 0.5, 0.0)
    gammas = rng.gamma(weights, size=(draws, *weights.shape))
    totals = gammas.sum(axis=2, keepdims=True)
    shares = np.divide(gammas, totals, out=np.zeros_like(gammas), where=totals > 0)
    # rounding can leave a hair too much; rows that nobody is in lead to none
    shares[..., -1] += np.maximum(1 - shares.sum(axis=2), 0.0)
    shares /= shares.sum(axis=2, keepdims=True)
    joining = rng.gamma(newcomers + 0.5 * (newcomers > 0), size=(draws, len(newcomers)))
    for period in range(periods):
        new = np.zeros_like(begin)
        for state in range(len(counts)):
            new += rng.multinomial(begin[:, state], shares[:, state])
        new[:, :-1] += rng.poisson(joining)
        new[:, -1] += begin[:, -1]
        drawn[:, period] = begin = new
    return drawn


PARTS = ["new", "reacquired", "lost", "up", "down", "price", "volume"]


def revenue_bridge(lines: pd.DataFrame) -> pd.DataFrame:
    """Split the change of revenue between two periods into parts that add up.

    Parameters
    ----------
    lines : DataFrame of shape (n, >= 7)
        One row a customer and item, summed by period: ``customer_id``, ``item``;
        ``quantity_before``, ``quantity_after``; ``cents_before``, ``cents_after``
        (whole cents; 0 where nothing was bought); ``bought_earlier`` (bool: the
        customer also bought before the first of the two periods).

    Returns
    -------
    DataFrame of shape (7, 3)
        ``part``, ``cents`` (their sum is the change, exactly), ``customers`` who are in
        it. Customers with lines only in the later period are ``new`` or, if they bought
        earlier, ``reacquired``; with lines only in the former they are ``lost``. Of
        those who stayed, items taken up are ``up`` and items given up ``down``; for
        items in both periods, ``volume`` is what the change of quantity would have
        brought at the former price, rounded to a cent a row, and ``price`` the rest.

    Raises
    ------
    InputError
        If a column is missing, amounts are no whole cents, a row comes twice, or
        ``bought_earlier`` is null or differs within a customer.
    """
    amounts = ["cents_before", "cents_after"]
    quantities = ["quantity_before", "quantity_after"]
    key = ["customer_id", "item"]
    need_columns(
        lines, [*key, *quantities, *amounts, "bought_earlier"], "revenue_bridge"
    )
    twice = lines.duplicated(key).to_numpy()
    refuse(twice, "customer and item come twice", "revenue_bridge")
    unknown = lines["bought_earlier"].isna().to_numpy()
    refuse(unknown, "bought_earlier is null", "revenue_bridge")
    before, after = (_cents(lines, name) for name in amounts)
    old, new = (floats(lines, name, "revenue_bridge") for name in quantities)
    refuse(np.isnan(old) | np.isnan(new), "a quantity is null", "revenue_bridge")
    customer = lines["customer_id"].to_numpy()
    frame = pd.DataFrame(
        {
            "customer_id": customer,
            "had": (before != 0) | (old != 0),
            "has": (after != 0) | (new != 0),
            "earlier": lines["bought_earlier"].to_numpy(dtype=bool),
        }
    )
    by_customer = frame.groupby("customer_id", dropna=False)
    uneven = (by_customer["earlier"].transform("nunique") > 1).to_numpy()
    refuse(uneven, "bought_earlier differs within a customer", "revenue_bridge")
    was = by_customer["had"].transform("any").to_numpy()
    is_ = by_customer["has"].transform("any").to_numpy()
    earlier = frame["earlier"].to_numpy()
    both = frame["had"].to_numpy() & frame["has"].to_numpy()
    priced = both & (old > 0) & (new > 0)
    at_old_price = before.copy()
    ratio = np.divide(new, old, out=np.ones(len(old)), where=priced)
    at_old_price[priced] = np.rint(before[priced] * ratio[priced]).astype(np.int64)
    change = after - before
    part = np.select(
        [~was & earlier, ~was, ~is_, ~both & frame["has"], ~both],
        ["reacquired", "new", "lost", "up", "down"], "volume",
    )  # fmt: skip
    price = np.where(priced, after - at_old_price, 0)
    pieces = pd.concat(
        [
            pd.DataFrame({"part": part, "cents": change - price, "customer": customer}),
            pd.DataFrame({"part": "price", "cents": price, "customer": customer}),
        ]
    )
    pieces = pieces[pieces["cents"] != 0]
    table = pieces.groupby("part").agg(
        cents=("cents", "sum"), customers=("customer", "nunique")
    )
    return table.reindex(PARTS, fill_value=0).rename_axis("part").reset_index()


def _cents(lines: pd.DataFrame, name: str) -> Integers:
    values = lines[name]
    if not pd.api.types.is_integer_dtype(values) or values.isna().any():
        raise InputError(
            f"revenue_bridge: column {name!r} is {values.dtype}.",
            hint="give whole cents, without nulls, so that the parts add up exactly",
        )
    cents: Integers = values.to_numpy(np.int64)
    return cents
