"""Orders to (x, t_x, T) per customer, and to groups of equal customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acrm.mining.frames import (
    Floats,
    dates,
    floats,
    need_between,
    need_columns,
    refuse,
)

DAYS_A_WEEK = 7.0
GROUP = ["x", "t_x", "T"]
MIN_CUSTOMERS, MIN_REPEATERS = 20, 10  # four parameters ask for some tens


def summarise_orders(
    orders: pd.DataFrame, as_of: pd.Timestamp, unit_days: float = DAYS_A_WEEK
) -> pd.DataFrame:
    """Sum up each customer's orders to what models of repeat buying need.

    Orders of one customer on one day are one order, worth their sum. Orders after
    ``as_of`` are left out, and so are customers whose first order is later.

    Parameters
    ----------
    orders : DataFrame of shape (n_orders, >= 2)
        ``customer_id``, ``order_date`` and, if there is one, ``amount`` (margin,
        in the currency of the mart).
    as_of : Timestamp
        Last day that is known.
    unit_days : float, default 7
        Days in a unit of time: all of ``t_x``, ``T`` and later horizons are in it.

    Returns
    -------
    DataFrame of shape (n_customers, 4 or 5), ordered by ``customer_id``
        ``customer_id``; ``x``, repeat order days; ``t_x``, first to last order;
        ``T``, first order to ``as_of``; and, with ``amount``, ``mean_value`` of a
        repeat order day (nan where there is none): the first order is left out, since
        it made the customer a member of the sample.

    Raises
    ------
    InputError
        If a column is missing, ``customer_id``, ``order_date`` or ``amount`` is null,
        ``order_date`` is no date, or ``unit_days`` is not above 0.
    """
    need_between("unit_days", unit_days, 0, np.inf, "summarise_orders")
    need_columns(orders, ["customer_id", "order_date"], "summarise_orders")
    null = (orders["customer_id"].isna() | orders["order_date"].isna()).to_numpy()
    refuse(null, "customer_id or order_date is null", "summarise_orders")
    has_amount = "amount" in orders.columns
    amount = np.zeros(len(orders))
    if has_amount:
        amount = floats(orders, "amount", "summarise_orders")
        refuse(np.isnan(amount), "amount is null", "summarise_orders")
    known = pd.DataFrame(
        {
            "customer_id": orders["customer_id"],
            "day": dates(orders, "order_date", "summarise_orders"),
            "amount": amount,
        }
    )
    known = known[known["day"] <= as_of.normalize()]
    days = known.groupby(["customer_id", "day"], as_index=False)["amount"].sum()
    by_customer = days.groupby("customer_id", as_index=False).agg(
        first=("day", "min"),
        last=("day", "max"),
        order_days=("day", "size"),
        total=("amount", "sum"),
    )
    summary = pd.DataFrame({"customer_id": by_customer["customer_id"]})
    summary["x"] = by_customer["order_days"] - 1
    between = by_customer["last"] - by_customer["first"]
    summary["t_x"] = between.dt.days / unit_days
    summary["T"] = (as_of.normalize() - by_customer["first"]).dt.days / unit_days
    if has_amount:
        # days come ordered by customer and day, as by_customer does
        first_value = days.drop_duplicates("customer_id")["amount"].to_numpy()
        repeats = summary["x"].to_numpy(dtype=np.float64)
        later = by_customer["total"].to_numpy() - first_value
        summary["mean_value"] = np.divide(
            later, repeats, out=np.full(len(later), np.nan), where=repeats > 0
        )
    return summary


def group_customers(summary: pd.DataFrame) -> pd.DataFrame:
    """Count customers with equal (x, t_x, T), so that a fit looks at each once.

    Parameters
    ----------
    summary : DataFrame of shape (n_customers, >= 3)
        ``x``, ``t_x`` and ``T``, as :func:`summarise_orders` returns them.

    Returns
    -------
    DataFrame of shape (n_groups, 4), ordered by its columns
        ``x``, ``t_x``, ``T`` and ``customers``.
    """
    need_columns(summary, GROUP, "group_customers")
    # a null is a group too, which a fit refuses: customers do not get lost on the way
    groups = summary.groupby(GROUP, as_index=False, dropna=False).size()
    return groups.rename(columns={"size": "customers"})


def read_groups(
    groups: pd.DataFrame, function: str
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return x, t_x, T and customers of each group as arrays, or refuse them.

    Without a column ``customers`` each row counts for one.

    Raises
    ------
    InputError
        If a value is null, x is no whole number of at least 0, a time is negative,
        ``t_x > T``, x and t_x disagree about repeats, or a count is negative.
    """
    need_columns(groups, GROUP, function)
    x, t_x, t_end = (floats(groups, name, function) for name in GROUP)
    customers = read_customers(groups, function)
    null = np.isnan(x) | np.isnan(t_x) | np.isnan(t_end) | np.isnan(customers)
    refuse(null, "x, t_x, T or customers is null", function)
    refuse((x < 0) | (x != np.floor(x)), "x is no whole number from 0", function)
    refuse(~((t_x >= 0) & (t_x <= t_end)), "t_x is not between 0 and T", function)
    refuse((x == 0) & (t_x > 0), "t_x is above 0 without a repeat order", function)
    refuse(customers < 0, "customers is negative", function)
    return x, t_x, t_end, customers


def read_customers(groups: pd.DataFrame, function: str) -> Floats:
    """Return how many customers each group stands for, 1 without a column."""
    if "customers" in groups.columns:
        return floats(groups, "customers", function)
    return np.ones(len(groups))


def too_thin(x: Floats, t_end: Floats, customers: Floats) -> str:
    """Return why a model of repeat buying cannot be fitted, or an empty string."""
    count, repeaters = int(customers.sum()), int(customers[x > 0].sum())
    if count < MIN_CUSTOMERS:
        return f"{count} customers; at least {MIN_CUSTOMERS} are needed"
    if repeaters < MIN_REPEATERS:
        return f"{repeaters} customers ordered again; {MIN_REPEATERS} are needed"
    if repeaters == count and len(np.unique(x[customers > 0])) == 1:
        return "every customer ordered equally often"
    if not t_end[customers > 0].max() > 0:
        return "no customer was watched for any time"
    return ""
