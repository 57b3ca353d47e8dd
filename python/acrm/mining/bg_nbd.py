"""Repeat buying without a contract: the BG/NBD model.

Assumptions: while active, a customer orders at random at an own constant rate (gamma
distributed over customers: r, alpha); after each order the customer leaves for good
with an own probability (beta distributed: a, b); rates and probabilities are
independent.

When not to use it: seasonal buying, contracts, or one-time buyers in number. A customer
without a repeat order cannot have left in this model, so ``p_alive`` is 1 there however
long the silence; :mod:`acrm.mining.pareto_nbd` does not have this flaw.

References
----------
.. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers"
   the easy way: an alternative to the Pareto/NBD model. Marketing Science 24(2),
   275-284.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import linalg, special

from acrm.mining.fitting import Fit, maximise, nothing_to_fit
from acrm.mining.frames import Floats
from acrm.mining.predicting import Survival, predict_orders, scores_of
from acrm.mining.summaries import read_groups, too_thin

MODEL = "bg_nbd"
NAMES = ("r", "alpha", "a", "b")
NODES = 64


def fit(groups: pd.DataFrame) -> Fit:
    """Estimate r, alpha, a and b by maximum likelihood, equation 6 of [1]_.

    Parameters
    ----------
    groups : DataFrame of shape (n_groups, 3 or 4)
        ``x`` (repeat orders), ``t_x`` (first to last order), ``T`` (first order to the
        end) and ``customers`` (how many; 1 without the column), as
        :func:`acrm.mining.summaries.group_customers` returns them.

    Returns
    -------
    Fit
        alpha is in the unit of time of ``T``; the others are pure numbers.

    Raises
    ------
    InputError
        If a column is missing or a row is impossible (say, ``t_x > T``).

    References
    ----------
    .. [1] Fader, Hardie and Lee (2005), as in the head of this module.
    """
    x, t_x, t_end, customers = read_groups(groups, "bg_nbd.fit")
    count = int(customers.sum())
    if reason := too_thin(x, t_end, customers):
        return nothing_to_fit(MODEL, NAMES, count, reason)
    likelihood = _Likelihood(x, t_x, t_end, customers)
    middle = float(customers @ t_end) / count
    scales = {"r": 1.0, "alpha": middle, "a": 1.0, "b": 1.0}
    return maximise(MODEL, scales, likelihood, count)


class _Likelihood:
    """The log-likelihood and its gradient; gamma functions once for each x."""

    def __init__(
        self, x: Floats, t_x: Floats, t_end: Floats, customers: Floats
    ) -> None:
        self.x, self.t_end, self.customers = x, t_end, customers
        self.kinds, kind = np.unique(x, return_inverse=True)
        self.by_kind = np.bincount(kind, customers)
        # customers without a repeat order cannot have left
        self.again = np.flatnonzero(x > 0)
        self.kind_again = kind[self.again]
        self.x_again, self.t_x_again = x[self.again], t_x[self.again]
        self.before = np.maximum(self.kinds - 1, 0)

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        kinds, customers = self.kinds, self.customers
        shape = r + self.x
        log_end = np.log(alpha + self.t_end)
        # "left at the last order" against "still there", in logarithms
        silence = log_end[self.again] - np.log(alpha + self.t_x_again)
        shape_again = r + self.x_again
        odds = np.log(a) - np.log(b + self.before)
        gap = odds[self.kind_again] + shape_again * silence
        left = customers[self.again] * special.expit(gap)
        level = special.gammaln(r + kinds) - special.gammaln(r) + r * np.log(alpha)
        level += special.betaln(a, b + kinds) - special.betaln(a, b)
        value = self.by_kind @ level - customers @ (shape * log_end)
        value += customers[self.again] @ np.logaddexp(0.0, gap)

        left_by_kind = np.bincount(self.kind_again, left, len(kinds))
        d_r = self.by_kind @ (special.psi(r + kinds) - special.psi(r) + np.log(alpha))
        d_r += left @ silence - customers @ log_end
        rate_end = shape / (alpha + self.t_end)
        d_alpha = customers.sum() * r / alpha - customers @ rate_end
        d_alpha += left @ (
            rate_end[self.again] - shape_again / (alpha + self.t_x_again)
        )
        both = special.psi(a + b) - special.psi(a + b + kinds)
        d_a = self.by_kind @ both + left.sum() / a
        d_b = self.by_kind @ (both + special.psi(b + kinds) - special.psi(b))
        d_b -= left_by_kind @ (1 / (b + self.before))
        return float(value), np.array([d_r, d_alpha, d_a, d_b])


def predict(
    fit: Fit, customers: pd.DataFrame, horizon: float, level: float = 0.8
) -> pd.DataFrame:
    """Predict the orders of each customer in ``(T, T + horizon]``.

    Given the parameters, the distribution of the number N of orders is known exactly,
    and intervals are its quantiles: nothing is simulated. The uncertainty of the
    parameters is not in them; with some thousand customers it is small beside chance.

    With P(alive), u = horizon / (alpha + T + horizon) and independent posteriors of
    rate and leaving, P(N >= k) is P(alive) times E[(1 - p) ^ (k - 1)] times the regular
    incomplete beta function I_u(k, r + x).

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

    Notes
    -----
    The expectation is equation 10 of the paper, taken as an integral over p by
    Gauss-Jacobi with 64 nodes instead of a hypergeometric function: that one is
    undefined at a = 1 and at a + b = 1, the integral nowhere.
    """

    def score(x: Floats, t_x: Floats, t_end: Floats) -> dict[str, Floats]:
        alive = p_alive(fit.estimates, x, t_x, t_end)
        orders = alive * expected_if_alive(fit.estimates, x, t_end, horizon)
        at_least = survival(fit.estimates, alive, x, t_end, horizon)
        return scores_of(alive, orders, at_least, level)

    return predict_orders(fit, customers, horizon, level, score)


def survival(
    estimates: Floats, alive: Floats, x: Floats, t_end: Floats, horizon: float
) -> Survival:
    """Return the function k to P(N >= k) of orders in a horizon, both (n,).

    ``alive`` is from :func:`p_alive`.
    """
    r, alpha, a, b = estimates
    reach = horizon / (alpha + t_end + horizon)

    def at_least(k: Floats) -> Floats:
        stays = special.betaln(a, b + x + k - 1) - special.betaln(a, b + x)
        chance: Floats = special.betainc(k, r + x, reach) * np.exp(stays)
        return alive * chance

    return at_least


def expected(
    estimates: Floats, x: Floats, t_x: Floats, t_end: Floats, horizon: float
) -> Floats:
    """Return the expected orders in a horizon, of shape (n,)."""
    alive = p_alive(estimates, x, t_x, t_end)
    return alive * expected_if_alive(estimates, x, t_end, horizon)


def p_alive(estimates: Floats, x: Floats, t_x: Floats, t_end: Floats) -> Floats:
    """Return the probability of not having left by T: 1 without a repeat order."""
    r, alpha, a, b = estimates
    silence = np.log(alpha + t_end) - np.log(alpha + t_x)
    odds = np.log(a) - np.log(b + np.maximum(x - 1, 0)) + (r + x) * silence
    return np.where(x > 0, special.expit(-odds), 1.0)


def expected_if_alive(
    estimates: Floats, x: Floats, t_end: Floats, horizon: float
) -> Floats:
    """Return the expected orders in a horizon of those active at T, of shape (n,).

    With ahead = horizon / (alpha + T): E[(1 - (1 + p ahead) ^ -(r + x)) / p].
    """
    r, alpha, a, b = estimates
    ahead = horizon / (alpha + t_end)
    orders = np.empty(len(x))
    for kind in np.unique(x):
        rows = np.flatnonzero(x == kind)
        p, weight = beta_nodes(a, b + kind)
        gone = np.log1p(np.outer(ahead[rows], p))
        orders[rows] = -np.expm1(-(r + kind) * gone) @ (weight / p)
    return orders


@lru_cache(maxsize=4096)
def beta_nodes(a: float, b: float, count: int = NODES) -> tuple[Floats, Floats]:
    """Return Gauss nodes and weights of a beta distribution.

    Parameters
    ----------
    a, b : float
        Of the distribution, above 0.
    count : int, default 64
        Polynomials up to degree ``2 count - 1`` are averaged exactly.

    Returns
    -------
    nodes, weights : ndarray of shape (count,)
        Within (0, 1); the weights add up to 1.

    References
    ----------
    .. [1] Golub, G. H. and Welsch, J. H. (1969). Calculation of Gauss quadrature
       rules. Mathematics of Computation 23, 221-230.
    """
    n = np.arange(1, count)
    low, high, both = a - 1, b - 1, a + b - 2
    diagonal = np.empty(count)
    diagonal[0] = (low - high) / (both + 2)
    diagonal[1:] = (low**2 - high**2) / ((2 * n + both) * (2 * n + both + 2))
    beside = np.empty(count - 1)
    beside[0] = 4 * a * b / ((a + b) ** 2 * (a + b + 1))
    m = n[1:]
    beside[1:] = 4 * m * (m + low) * (m + high) * (m + both)
    beside[1:] /= (2 * m + both) ** 2 * ((2 * m + both) ** 2 - 1)
    # of a tridiagonal matrix, on one thread: threads cost more than 64 rows take
    values, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(beside))
    # rounding may put a node on 0, where what is averaged is only a limit
    nodes, weights = np.clip((values + 1) / 2, 1e-12, 1.0), vectors[0] ** 2
    for one in (nodes, weights):
        one.flags.writeable = False  # they are kept, and handed out again
    return nodes, weights
