"""Repeat buying without a contract: the Pareto/NBD model.

Assumptions: while active, a customer orders at random at an own constant rate (gamma
distributed over customers: r, alpha) and leaves at random at an own constant rate
(gamma distributed: s, beta), at any time, whether ordering or not; the two rates are
independent.

When not to use it: seasonal buying or contracts. Where :mod:`acrm.mining.bg_nbd` fits
as well, it is several times faster; this model also sees the silence of customers
without a repeat order.

The paper's two Gauss hypergeometric functions, one for alpha above beta and one for
below, whose difference loses its digits, are here the one integral they come from: over
the unseen time t of leaving, between last order and end,

    integral of s (alpha + t) ^ -(r + x) (beta + t) ^ -(s + 1) dt.

What is added up is positive, and on the scale of log(min(alpha, beta) + t) it is
smooth: 48 nodes of Gauss-Legendre give nine digits. The same nodes give the gradient.

References
----------
.. [1] Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your
   customers: who are they and what will they do next? Management Science 33(1), 1-24.
.. [2] Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model
   and related expressions. brucehardie.com/notes/009.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import special

from acrm.mining.fitting import Fit, maximise, nothing_to_fit
from acrm.mining.frames import Floats
from acrm.mining.predicting import Survival, predict_orders, scores_of
from acrm.mining.summaries import read_groups, too_thin

MODEL = "pareto_nbd"
NAMES = ("r", "alpha", "s", "beta")
NODES = 48
FADED = 40.0  # a factor e ** -40 of the start is nothing in floating point
ROWS = 4_000  # groups at a time, so that memory does not grow with them
UNIT_NODES, UNIT_WEIGHTS = np.polynomial.legendre.leggauss(NODES)


def fit(groups: pd.DataFrame) -> Fit:
    """Estimate r, alpha, s and beta by maximum likelihood.

    Parameters
    ----------
    groups : DataFrame of shape (n_groups, 3 or 4)
        ``x`` (repeat orders), ``t_x`` (first to last order), ``T`` (first order to the
        end) and ``customers`` (how many; 1 without the column).

    Returns
    -------
    Fit
        alpha and beta are in the unit of time of ``T``; r and s are pure numbers.

    Raises
    ------
    InputError
        If a column is missing or a row is impossible (say, ``t_x > T``).
    """
    x, t_x, t_end, customers = read_groups(groups, "pareto_nbd.fit")
    count = int(customers.sum())
    if reason := too_thin(x, t_end, customers):
        return nothing_to_fit(MODEL, NAMES, count, reason)

    def likelihood(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = 0.0, np.zeros(4)
        for rows in _chunks(len(x)):
            part, slope = _log_likelihood(parameters, x[rows], t_x[rows], t_end[rows])
            value += float(customers[rows] @ part)
            gradient += slope @ customers[rows]
        return value, gradient

    middle = float(customers @ t_end) / count
    scales = {"r": 1.0, "alpha": middle, "s": 1.0, "beta": middle}
    return maximise(MODEL, scales, likelihood, count)


def _chunks(size: int) -> Iterator[slice]:
    for start in range(0, size, ROWS):
        yield slice(start, start + ROWS)


def _unseen(
    estimates: Floats, x: Floats, t_x: Floats, t_end: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return times of leaving unseen, as log(alpha + t) and log(beta + t), and density.

    Both are of shape (2, n, nodes) and (n, nodes); the density is a logarithm and has
    the weights of the nodes in it. Last comes the log of its sum (n,). Beyond the time
    where either factor has faded nothing is left to add.
    """
    r, alpha, s, beta = estimates
    shape, nearest = r + x, min(alpha, beta)
    with np.errstate(over="ignore"):
        fades = (alpha + t_x) * np.exp(FADED / np.maximum(shape - 1, 0.01)) - alpha
        gone = (beta + t_x) * np.exp(np.minimum(FADED / s, 700)) - beta
    stop = np.maximum(np.minimum(t_end, np.minimum(fades, gone)), t_x)
    length = np.log(nearest + stop) - np.log(nearest + t_x)
    steps = length[:, None] * (UNIT_NODES + 1) / 2
    near = np.log(nearest + t_x)[:, None] + steps
    far = np.log(np.exp(near) + abs(alpha - beta))
    logs = np.stack([near, far] if alpha < beta else [far, near])
    with np.errstate(divide="ignore"):
        width = np.log(length / 2)[:, None] + np.log(s * UNIT_WEIGHTS)
    density = width + near - shape[:, None] * logs[0] - (s + 1) * logs[1]
    most = density.max(axis=1)
    base = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        total = base + np.log(np.exp(density - base[:, None]).sum(axis=1))
    return logs, density, total


def _log_likelihood(
    estimates: Floats, x: Floats, t_x: Floats, t_end: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood of each group (n,), and its gradient (4, n)."""
    r, alpha, s, beta = estimates
    shape = r + x
    log_a, log_b = np.log(alpha + t_end), np.log(beta + t_end)
    stayed = -shape * log_a - s * log_b
    (from_a, from_b), density, left = _unseen(estimates, x, t_x, t_end)
    both = np.logaddexp(stayed, left)
    value = special.gammaln(shape) - special.gammaln(r)
    value += r * np.log(alpha) + s * np.log(beta) + both

    here = np.exp(stayed - both)
    share = np.exp(density - both[:, None])
    gone = share.sum(axis=1)
    d_r = special.psi(shape) - special.psi(r) + np.log(alpha)
    d_r -= here * log_a + np.einsum("ij,ij->i", share, from_a)
    d_alpha = r / alpha - shape * (
        here / (alpha + t_end) + (share * np.exp(-from_a)).sum(axis=1)
    )
    d_s = np.log(beta) - here * log_b + gone / s
    d_s -= np.einsum("ij,ij->i", share, from_b)
    d_beta = s / beta - s * here / (beta + t_end)
    d_beta -= (s + 1) * (share * np.exp(-from_b)).sum(axis=1)
    return value, np.array([d_r, d_alpha, d_s, d_beta])


def predict(
    fit: Fit, customers: pd.DataFrame, horizon: float, level: float = 0.8
) -> pd.DataFrame:
    """Predict the orders of each customer in ``(T, T + horizon]``.

    Given the parameters, the distribution of the number of orders is known, and
    intervals are its quantiles: nothing is simulated. The uncertainty of the parameters
    is not in them; with some thousand customers it is small beside chance.

    Parameters
    ----------
    fit : Fit
        From :func:`fit`. With ``insufficient_data`` every score is nan.
    customers : DataFrame of shape (n_customers, >= 3)
        ``x``, ``t_x`` and ``T``.
    horizon : float
        In the unit of ``T``.
    level : float, default 0.8
        Probability that an interval is to hold, half of the rest on either side.

    Returns
    -------
    DataFrame of shape (n_customers, 7), indexed as ``customers``
        ``p_alive``; ``p_order``, of at least one order; ``expected_orders``;
        ``orders_lo`` and ``orders_hi``, whole orders; ``status`` and ``reason`` of the
        fit.

    Raises
    ------
    InputError
        If a setting is out of range or a row is impossible.
    """

    def score(x: Floats, t_x: Floats, t_end: Floats) -> dict[str, Floats]:
        parts = [
            _score(fit.estimates, x[rows], t_x[rows], t_end[rows], horizon, level)
            for rows in _chunks(len(x))
        ]
        return {
            name: np.concatenate([part[name] for part in parts]) for name in parts[0]
        }

    return predict_orders(fit, customers, horizon, level, score)


def _score(
    estimates: Floats,
    x: Floats,
    t_x: Floats,
    t_end: Floats,
    horizon: float,
    level: float,
) -> dict[str, Floats]:
    alive = p_alive(estimates, x, t_x, t_end)
    orders = alive * expected_if_alive(estimates, x, t_end, horizon)
    at_least = survival(estimates, alive, x, t_end, horizon)
    return scores_of(alive, orders, at_least, level)


def p_alive(estimates: Floats, x: Floats, t_x: Floats, t_end: Floats) -> Floats:
    """Return the probability of not having left by T, an integral over unseen times."""
    r, alpha, s, beta = estimates
    stayed = -(r + x) * np.log(alpha + t_end) - s * np.log(beta + t_end)
    alive: Floats = special.expit(stayed - _unseen(estimates, x, t_x, t_end)[2])
    return alive


def survival(
    estimates: Floats, alive: Floats, x: Floats, t_end: Floats, horizon: float
) -> Survival:
    """Return the function k to P(N >= k) of orders in a horizon, both (n,).

    ``alive`` is from :func:`p_alive`.
    """
    r, alpha, s, beta = estimates
    shape = r + x
    # time until leaving, on the scale of log(beta + t_end + time)
    reach = np.log1p(horizon / (beta + t_end))
    steps = reach[:, None] * (UNIT_NODES + 1) / 2
    time = (beta + t_end)[:, None] * np.expm1(steps)
    weight = s * np.exp(-s * steps) * reach[:, None] * UNIT_WEIGHTS / 2
    share = time / ((alpha + t_end)[:, None] + time)
    stays, whole = np.exp(-s * reach), horizon / (alpha + t_end + horizon)

    def at_least(k: Floats) -> Floats:
        some = special.betainc(k[:, None], shape[:, None], share)
        left = (weight * some).sum(axis=1)
        chance: Floats = alive * (stays * special.betainc(k, shape, whole) + left)
        return chance

    return at_least


def expected(
    estimates: Floats, x: Floats, t_x: Floats, t_end: Floats, horizon: float
) -> Floats:
    """Return the expected orders in a horizon, of shape (n,)."""
    alive = p_alive(estimates, x, t_x, t_end)
    return alive * expected_if_alive(estimates, x, t_end, horizon)


def expected_if_alive(
    estimates: Floats, x: Floats, t_end: Floats, horizon: float
) -> Floats:
    """Return the expected orders in a horizon of those active at T, of shape (n,)."""
    r, alpha, s, beta = estimates
    reach = np.log1p(horizon / (beta + t_end))
    time = (beta + t_end) * reach * special.exprel(-(s - 1) * reach)
    orders: Floats = (r + x) / (alpha + t_end) * time
    return orders
