"""Forecasts of parts and totals made to add up.

References
----------
.. [1] Wickramasuriya, S. L., Athanasopoulos, G. and Hyndman, R. J. (2019). Optimal
   forecast reconciliation for hierarchical and grouped time series through trace
   minimization. Journal of the American Statistical Association 114, 804-819.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from acrm.errors import InputError
from acrm.mining.frames import Floats, need_columns, refuse


def summing_matrix(
    parts: pd.DataFrame, levels: list[list[str]]
) -> tuple[list[str], Floats]:
    """Say which parts each total holds.

    Parameters
    ----------
    parts : DataFrame of shape (n_parts, n_keys)
        One row a most detailed series, with the columns that totals are by.
    levels : list of list of str
        Columns of each level of totals; ``[]`` is the total of all.

    Returns
    -------
    names : list of str
        Of all series: totals first, in the order of ``levels``, then the parts;
        ``total``, or ``column=value`` joined by ``, ``.
    matrix : ndarray of shape (n_series, n_parts)
        1 where the series holds the part.

    Raises
    ------
    InputError
        If a column is missing, a key is null, or two parts have the same keys.
    """
    for columns in levels:
        need_columns(parts, columns, "summing_matrix")
    refuse(parts.isna().any(axis=1).to_numpy(), "a key is null", "summing_matrix")
    refuse(
        parts.duplicated().to_numpy(), "two parts have the same keys", "summing_matrix"
    )
    names: list[str] = []
    rows = []
    for columns in [*levels, list(parts.columns)]:
        label = ["total"] * len(parts)
        if columns:
            label = [
                ", ".join(f"{c}={v}" for c, v in zip(columns, row, strict=True))
                for row in parts[columns].itertuples(index=False, name=None)
            ]
        place, found = pd.factorize(np.array(label, dtype=object))
        names += found.tolist()
        rows.append(np.eye(len(found))[:, place])
    return names, np.concatenate(rows)


def reconcile(
    forecasts: npt.ArrayLike, summing: npt.ArrayLike, variances: npt.ArrayLike
) -> Floats:
    """Change forecasts as little as their errors allow so that parts add up to totals.

    MinT with a diagonal of variances: a series that was forecast well is moved less.
    With infinite variances of all totals it is bottom-up.

    Parameters
    ----------
    forecasts : array-like of shape (horizon, n_series)
        Of all series, each made by itself.
    summing : array-like of shape (n_series, n_parts)
        From :func:`summing_matrix`; the last ``n_parts`` rows are the parts.
    variances : array-like of shape (n_series,)
        Of the errors of each series one step ahead. Where one is 0, the smallest above
        0 counts.

    Returns
    -------
    ndarray of shape (horizon, n_series)
        Parts can come out below 0 where the totals want it.

    Raises
    ------
    InputError
        If the shapes do not fit, a forecast is null, a variance is negative or null,
        or that of a part is infinite.
    """
    wanted = np.atleast_2d(np.asarray(forecasts, dtype=np.float64))
    matrix = np.asarray(summing, dtype=np.float64)
    spread = np.asarray(variances, dtype=np.float64)
    series, parts = matrix.shape
    if wanted.shape[1] != series or len(spread) != series:
        raise InputError(
            f"reconcile: {wanted.shape[1]} forecasts and {len(spread)} variances for "
            f"{series} series."
        )
    if not np.isfinite(wanted).all() or not (spread >= 0).all():
        raise InputError("reconcile: a forecast or variance is null or negative.")
    if not np.array_equal(matrix[series - parts :], np.eye(parts)):
        raise InputError("reconcile: the last rows of summing are not the parts.")
    totals = series - parts
    if not np.isfinite(spread[totals:]).all():
        raise InputError("reconcile: the variance of a part is infinite.")
    if not totals:
        return wanted
    positive = spread[(spread > 0) & np.isfinite(spread)]
    spread = np.where(spread > 0, spread, positive.min() if len(positive) else 1.0)
    # totals with infinite variance say nothing: they are added up
    known = np.flatnonzero(np.isfinite(spread[:totals]))
    gap = wanted[:, known] - wanted[:, totals:] @ matrix[known].T
    below = spread[totals:]
    weights = (matrix[known] * below) @ matrix[known].T + np.diag(spread[known])
    moved = (
        wanted[:, totals:] + np.linalg.solve(weights, gap.T).T @ matrix[known] * below
    )
    reconciled: Floats = moved @ matrix.T
    return reconciled
