"""Value of an order: the Gamma-Gamma model.

Assumptions: the values of a customer's orders are gamma distributed around an own mean
(shape p, own rate nu); nu is gamma distributed over customers (shape q, rate gamma);
and value does not depend on how often a customer orders.

When not to use it: where frequent customers spend more or less per order (look at the
correlation first, :func:`correlation`), where margins are zero or negative, or where a
few accounts are worth more than all others: then q falls to 1 or below, and the mean of
all customers does not exist.

References
----------
.. [1] Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary
   value. brucehardie.com/notes/025.
.. [2] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using
   iso-value curves for customer base analysis. Journal of Marketing Research 42(4),
   415-430.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from acrm.mining.fitting import Fit, maximise, nothing_to_fit
from acrm.mining.frames import Floats, floats, need_between, need_columns, refuse
from acrm.mining.outcome import Status
from acrm.mining.summaries import MIN_REPEATERS, read_customers

MODEL = "gamma_gamma"
NAMES = ("p", "q", "gamma")


def fit(groups: pd.DataFrame) -> Fit:
    """Estimate p, q and gamma by maximum likelihood, equation 1a of [1]_.

    Parameters
    ----------
    groups : DataFrame of shape (n_groups, 2 or 3)
        ``x`` (orders averaged over), ``mean_value`` of them (in the currency of the
        mart) and ``customers`` (how many; 1 without the column). Rows with ``x`` 0 say
        nothing about value and are left out; those whose ``mean_value`` is not above 0
        are outside the model and are left out and counted in ``reason``.

    Returns
    -------
    Fit
        gamma is in the currency; p and q are pure numbers. ``boundary`` also if q is
        not above 1: then the mean over customers is infinite.

    Raises
    ------
    InputError
        If a column is missing, or a row with ``x`` above 0 has no value.

    References
    ----------
    .. [1] Fader and Hardie (2013), as in the head of this module.
    """
    x, mean, customers = _read(groups, "gamma_gamma.fit")
    usable = (x > 0) & (mean > 0) & (customers > 0)
    outside = int(customers[(x > 0) & ~(mean > 0)].sum())
    x, mean, customers = x[usable], mean[usable], customers[usable]
    count = int(customers.sum())
    left_out = f"{outside} customers of no positive value left out" if outside else ""
    if count < MIN_REPEATERS:
        reason = f"{count} customers with repeat orders of positive value; "
        reason += f"{MIN_REPEATERS} are needed"
        return nothing_to_fit(MODEL, NAMES, count, reason)
    if mean.min() == mean.max():
        return nothing_to_fit(MODEL, NAMES, count, "all mean values are equal")
    log_mean, log_x = np.log(mean), np.log(x)

    def likelihood(parameters: Floats) -> tuple[float, Floats]:
        p, q, gamma = parameters
        shape, total = p * x, gamma + x * mean
        log_total = np.log(total)
        one = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q)
        one += q * np.log(gamma) + (shape - 1) * log_mean + shape * log_x
        one -= (shape + q) * log_total
        psi = special.psi(shape + q)
        d_p = x * (psi - special.psi(shape) + log_mean + log_x - log_total)
        d_q = psi - special.psi(q) + np.log(gamma) - log_total
        d_gamma = q / gamma - (shape + q) / total
        slope = np.array([customers @ d_p, customers @ d_q, customers @ d_gamma])
        return float(customers @ one), slope

    middle = float(np.exp(customers @ log_mean / count))
    found = maximise(MODEL, {"p": 1.0, "q": 2.0, "gamma": middle}, likelihood, count)
    if found.status is Status.OK and found.estimates[1] <= 1:
        reason = f"q is {found.estimates[1]:.3g}: the mean over customers is infinite"
        return replace(found, status=Status.BOUNDARY, reason=reason)
    if found.status is Status.OK:
        return replace(found, reason=left_out)
    return found


def correlation(groups: pd.DataFrame) -> float:
    """Return the correlation of number and mean value of orders; it must be near 0.

    Parameters
    ----------
    groups : DataFrame of shape (n_groups, 2 or 3)
        As for :func:`fit`.

    Returns
    -------
    float
        Pearson's, over customers with ``x`` above 0; nan where either is constant.
    """
    x, mean, customers = _read(groups, "gamma_gamma.correlation")
    rows = (x > 0) & (customers > 0)
    if rows.sum() < 2 or np.ptp(x[rows]) == 0 or np.ptp(mean[rows]) == 0:  # noqa: PLR2004
        return float("nan")
    matrix = np.cov(x[rows], mean[rows], aweights=customers[rows])
    return float(matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1]))


def predict(fit: Fit, customers: pd.DataFrame, level: float = 0.8) -> pd.DataFrame:
    """Predict each customer's mean value of an order.

    Parameters
    ----------
    fit : Fit
        From :func:`fit`. With ``insufficient_data`` every score is nan.
    customers : DataFrame of shape (n_customers, >= 2)
        ``x`` and ``mean_value``; the value of a customer without repeat orders is the
        mean over customers.
    level : float, default 0.8
        Probability that an interval is to hold.

    Returns
    -------
    DataFrame of shape (n_customers, 5), indexed as ``customers``
        ``expected_value``, the mean of the customer's own mean, nan where it does not
        exist; ``value_lo`` and ``value_hi``, quantiles of that mean given the
        parameters; ``status`` and ``reason`` of the fit.

    Raises
    ------
    InputError
        As :func:`fit`, or if ``level`` is not between 0 and 1.
    """
    need_between("level", level, 0, 1, "gamma_gamma.predict")
    rows = customers.drop(columns="customers", errors="ignore")
    x, mean, _ = _read(rows, "gamma_gamma.predict")
    scaled, shape = _posterior(fit, x, mean)
    tail = (1 - level) / 2
    low = scaled / special.gammaincinv(shape, 1 - tail)
    high = scaled / special.gammaincinv(shape, tail)
    return pd.DataFrame(
        {
            "expected_value": _mean_of(scaled, shape),
            "value_lo": low,
            "value_hi": high,
            "status": str(fit.status),
            "reason": fit.reason,
        },
        index=customers.index,
    )


def expected(fit: Fit, customers: pd.DataFrame) -> Floats:
    """Return ``expected_value`` of :func:`predict` alone, whose intervals take long."""
    rows = customers.drop(columns="customers", errors="ignore")
    x, mean, _ = _read(rows, "gamma_gamma.expected")
    return _mean_of(*_posterior(fit, x, mean))


def _posterior(fit: Fit, x: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Return scale and shape of the inverse gamma of each customer's own mean."""
    if not fit.is_estimated:
        return np.full(len(x), np.nan), np.full(len(x), np.nan)
    p, q, gamma = fit.estimates
    # a mean at or below 0 cannot come from this model: nothing is said of it
    total = np.where(x > 0, np.where(mean > 0, x * mean, np.nan), 0.0) + gamma
    return p * total, p * x + q


def _mean_of(scaled: Floats, shape: Floats) -> Floats:
    out: Floats = np.full(len(shape), np.nan)
    np.divide(scaled, shape - 1, out=out, where=shape > 1)
    return out


def _read(groups: pd.DataFrame, function: str) -> tuple[Floats, Floats, Floats]:
    need_columns(groups, ["x", "mean_value"], function)
    x, mean = floats(groups, "x", function), floats(groups, "mean_value", function)
    customers = read_customers(groups, function)
    refuse(
        ~(x >= 0) | ~(customers >= 0), "x or customers is null or negative", function
    )
    refuse((x > 0) & np.isnan(mean), "mean_value is null though x is above 0", function)
    return x, np.where(x > 0, mean, 0.0), customers
