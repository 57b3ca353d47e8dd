"""Maximum likelihood with standard errors, and notice of what has no maximum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from acrm.mining.frames import Floats, Integers
from acrm.mining.outcome import Status

LOWEST, HIGHEST = 1e-4, 1e4  # of a parameter, in its own scale
STEP = 1e-4  # of a logarithm, for the second derivatives
NEWTON_STEPS = 20
CONVERGED = 1e-6  # log-likelihood that a further step would gain
VAGUE = 4.0  # standard error of a logarithm: a factor of 50 either way

Likelihood = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Fit:
    """Positive parameters estimated by maximum likelihood.

    Attributes
    ----------
    model : str
        Name of the model.
    status, reason : Status, str
        What the estimates are worth, and why; the reason of ``ok`` is empty.
    names : tuple of str
        Names of the parameters.
    estimates, standard_errors : ndarray of shape (n_parameters,)
        nan with ``insufficient_data``; standard errors are nan also where the
        likelihood does not curve down and of estimates at an end of their range.
    covariance : ndarray of shape (n_parameters, n_parameters)
        Inverse of the observed information.
    log_likelihood : float
        At the estimates.
    customers : int
        How many customers were looked at.
    """

    model: str
    status: Status
    reason: str
    names: tuple[str, ...]
    estimates: Floats
    standard_errors: Floats
    covariance: Floats
    log_likelihood: float
    customers: int

    @property
    def is_estimated(self) -> bool:
        """Whether there are estimates at all."""
        return self.status is not Status.INSUFFICIENT_DATA

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: what a table of model versions stores.

        Returns
        -------
        DataFrame of shape (n_parameters, 8)
            ``model``, ``parameter``, ``estimate``, ``standard_error``,
            ``log_likelihood``, ``customers``, ``status``, ``reason``.
        """
        return pd.DataFrame(
            {
                "model": self.model,
                "parameter": self.names,
                "estimate": self.estimates,
                "standard_error": self.standard_errors,
                "log_likelihood": self.log_likelihood,
                "customers": self.customers,
                "status": str(self.status),
                "reason": self.reason,
            }
        )


def nothing_to_fit(
    model: str, names: tuple[str, ...], customers: int, reason: str
) -> Fit:
    """Return a fit that says why nothing was estimated."""
    size = len(names)
    return Fit(
        model=model,
        status=Status.INSUFFICIENT_DATA,
        reason=reason,
        names=names,
        estimates=np.full(size, np.nan),
        standard_errors=np.full(size, np.nan),
        covariance=np.full((size, size), np.nan),
        log_likelihood=float("nan"),
        customers=customers,
    )


def maximise(
    model: str,
    scales: dict[str, float],
    likelihood: Likelihood,
    customers: int,
) -> Fit:
    """Maximise a likelihood over positive parameters.

    The search runs on logarithms of the parameters, by L-BFGS-B from their scales and
    then by Newton steps, whose last predicted gain is the proof of convergence.

    Parameters
    ----------
    model : str
        Name of the model.
    scales : dict of str to float
        Each parameter with its order of magnitude; estimates are sought between
        0.0001 and 10,000 times it.
    likelihood : callable
        Takes the parameters, returns the log-likelihood and its gradient.
    customers : int
        Number of customers, by which the likelihood is divided for the search.

    Returns
    -------
    Fit
        ``boundary`` if an estimate lies at an end of its range, or the data leave a
        combination of the parameters open (the likelihood does not curve down, or a
        standard error is a factor of 50 either way).
    """
    names = tuple(scales)
    scale = np.array(list(scales.values()))
    ends = np.log(LOWEST), np.log(HIGHEST)

    def objective(logs: Floats) -> tuple[float, Floats]:
        parameters = scale * np.exp(logs)
        value, gradient = likelihood(parameters)
        return -value / customers, -gradient * parameters / customers

    found = optimize.minimize(
        objective,
        np.zeros(len(names)),
        jac=True,
        method="L-BFGS-B",
        bounds=[ends] * len(names),
        options={"maxiter": 1000, "maxfun": 2000, "ftol": 1e-13, "gtol": 1e-8},
    )
    point, gain = _polish(objective, np.asarray(found.x), ends, customers)
    covariance, errors = _spread(point.curvature * customers, point.free)
    status, reason = _judge(names, point.logs, ends, errors, gain)
    parameters = scale * np.exp(point.logs)
    return Fit(
        model=model,
        status=status,
        reason=reason,
        names=names,
        estimates=parameters,
        standard_errors=errors * parameters,
        covariance=covariance * np.outer(parameters, parameters),
        log_likelihood=-point.value * customers,
        customers=customers,
    )


class _Point(NamedTuple):
    """What the search knows of one set of parameters."""

    logs: Floats
    value: float
    gradient: Floats
    free: Integers
    curvature: Floats


def _look(objective: Likelihood, logs: Floats, ends: tuple[float, float]) -> _Point:
    value, gradient = objective(logs)
    free = _free(logs, gradient, ends)
    return _Point(logs, value, gradient, free, _curvature(objective, logs))


def _curvature(objective: Likelihood, logs: Floats) -> Floats:
    """Second derivatives, by central differences of the gradient."""
    rows = []
    for one in np.eye(len(logs)) * STEP:
        rows.append((objective(logs + one)[1] - objective(logs - one)[1]) / (2 * STEP))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _free(logs: Floats, gradient: Floats, ends: tuple[float, float]) -> Integers:
    """Parameters that are not held by an end of their range."""
    low = (logs <= ends[0] + STEP) & (gradient > 0)
    high = (logs >= ends[1] - STEP) & (gradient < 0)
    return np.flatnonzero(~(low | high))


def _polish(
    objective: Likelihood, logs: Floats, ends: tuple[float, float], customers: int
) -> tuple[_Point, float]:
    """Newton steps inside the range; the log-likelihood that one more would gain."""
    point = _look(objective, logs, ends)
    gain = np.inf
    for _ in range(NEWTON_STEPS):
        free = point.free
        if not len(free):
            return point, 0.0
        # as if it curved down everywhere, so that every step is uphill
        values, vectors = np.linalg.eigh(point.curvature[np.ix_(free, free)])
        values = np.maximum(np.abs(values), 1e-10)
        slope = vectors.T @ point.gradient[free]
        gain = float(slope @ (slope / values)) / 2 * customers
        if gain < CONVERGED:
            break
        step = np.zeros_like(point.logs)
        step[free] = -vectors @ (slope / values)
        step *= min(1.0, 1.0 / np.abs(step).max())
        for halving in range(30):
            trial = np.clip(point.logs + step / 2**halving, *ends)
            if objective(trial)[0] < point.value:
                point = _look(objective, trial, ends)
                break
        else:
            break  # no step gains what the last one promised: the judge will say so
    return point, gain


def _spread(information: Floats, free: Integers) -> tuple[Floats, Floats]:
    """Covariance and standard errors of the logarithms, nan where there are none."""
    covariance = np.full_like(information, np.nan)
    if len(free):
        values, vectors = np.linalg.eigh(information[np.ix_(free, free)])
        if values.min() > 0:
            covariance[np.ix_(free, free)] = (vectors / values) @ vectors.T
    return covariance, np.sqrt(np.diag(covariance))


def _judge(
    names: tuple[str, ...],
    logs: Floats,
    ends: tuple[float, float],
    errors: Floats,
    gain: float,
) -> tuple[Status, str]:
    at_low = [name for name, at in zip(names, logs, strict=True) if at < ends[0] + 0.01]
    at_high = [
        name for name, at in zip(names, logs, strict=True) if at > ends[1] - 0.01
    ]
    if at_low or at_high:
        parts = [f"{name} runs to 0" for name in at_low]
        parts += [f"{name} grows without end" for name in at_high]
        return Status.BOUNDARY, " and ".join(parts)
    if np.isnan(errors).any():
        return Status.BOUNDARY, "the likelihood has no single maximum"
    if gain > CONVERGED:
        return Status.NOT_CONVERGED, f"a further step would gain {gain:.2g}"
    vague = [name for name, error in zip(names, errors, strict=True) if error > VAGUE]
    if vague:
        return Status.BOUNDARY, f"the data leave {' and '.join(vague)} open"
    return Status.OK, ""
