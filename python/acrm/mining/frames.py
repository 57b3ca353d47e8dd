"""What every function checks of the frames it is given."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from acrm.errors import InputError
from acrm.words import near_names

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def need_columns(frame: pd.DataFrame, columns: Iterable[str], function: str) -> None:
    """Refuse a frame that lacks a column.

    Raises
    ------
    InputError
        Naming the first missing column, the nearest that is there, and all of them.
    """
    names = [str(name) for name in frame.columns]
    for column in columns:
        if column not in names:
            near = near_names(column, names, most=1)
            did_you_mean = f" Is it {near[0]!r}?" if near else ""
            raise InputError(
                f"{function}: the frame has no column {column!r}.{did_you_mean}",
                hint=f"it has: {', '.join(names) or 'no columns'}",
            )


def floats(frame: pd.DataFrame, column: str, function: str) -> Floats:
    """Return a column as floats, nulls as nan.

    Raises
    ------
    InputError
        If a value is no number, or is infinite.
    """
    try:
        values: Floats = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{function}: column {column!r} holds what is no number: {error}"
        ) from None
    if np.isinf(values).any():
        raise InputError(f"{function}: column {column!r} holds an infinite value.")
    return values


def dates(frame: pd.DataFrame, column: str, function: str) -> pd.Series:
    """Return a column of days or times as dates without a time, nulls as NaT.

    Raises
    ------
    InputError
        If a value is no date, or a number: pandas would count nanoseconds from 1970.
    """
    values = frame[column]
    if pd.api.types.is_numeric_dtype(values) and values.notna().any():
        raise InputError(f"{function}: column {column!r} holds numbers, not dates.")
    try:
        return pd.to_datetime(values).dt.normalize()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{function}: column {column!r} holds what is no date: {error}"
        ) from None


def need_between(name: str, value: float, low: float, high: float, where: str) -> None:
    """Refuse a setting outside an open interval.

    Raises
    ------
    InputError
        Naming the setting, its value and what is allowed.
    """
    if not low < value < high:
        raise InputError(
            f"{where}: {name} is {value}.",
            hint=f"{name} must be above {low} and below {high}",
        )


def need_at_least(name: str, value: int, least: int, where: str) -> None:
    """Refuse a setting below the least that makes sense.

    Raises
    ------
    InputError
        Naming the setting, its value and what is allowed.
    """
    if value < least:
        raise InputError(f"{where}: {name} is {value}, not {least} or more.")


def refuse(bad: Booleans, what: str, function: str) -> None:
    """Refuse a frame in which a rule is broken anywhere.

    Raises
    ------
    InputError
        Saying how many rows break it, and the first of them (counted from 0).
    """
    if bad.any():
        raise InputError(
            f"{function}: {what} in {int(bad.sum())} of {len(bad)} rows, "
            f"first in row {int(np.argmax(bad))}."
        )


def same_rows(function: str, *arrays: npt.ArrayLike) -> list[Floats]:
    """Return arrays of floats of one length, without nulls.

    Raises
    ------
    InputError
        If lengths differ or a value is null.
    """
    ready = [np.asarray(one, dtype=np.float64).ravel() for one in arrays]
    if len({len(one) for one in ready}) > 1:
        lengths = " and ".join(str(len(one)) for one in ready)
        raise InputError(f"{function}: the columns have {lengths} rows.")
    if any(np.isnan(one).any() for one in ready):
        raise InputError(f"{function}: a value is null.", hint="leave such rows out")
    return ready


def are_probabilities(values: Floats) -> bool:
    """Whether all values are within 0 to 1; none at all are."""
    return bool(((values >= 0) & (values <= 1)).all())


def need_probabilities(values: Floats, function: str) -> None:
    """Refuse values outside 0 to 1.

    Raises
    ------
    InputError
        Saying from where to where they run.
    """
    if not are_probabilities(values):
        raise InputError(
            f"{function}: probabilities run from {values.min():g} to {values.max():g}.",
            hint="they must be within 0 to 1",
        )


def binary_rows(
    function: str, observed: npt.ArrayLike, *others: npt.ArrayLike
) -> list[Floats]:
    """Return arrays as :func:`same_rows` does, the first of 0 and 1 alone.

    Raises
    ------
    InputError
        If lengths differ, a value is null, or the first holds anything else.
    """
    ready = same_rows(function, observed, *others)
    if not np.isin(ready[0], (0, 1)).all():
        raise InputError(f"{function}: observed holds values other than 0 and 1.")
    return ready
