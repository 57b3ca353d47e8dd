"""Fits with given parameters, and the likelihood that a fit looks at."""

from __future__ import annotations

import numpy as np

from acrm.mining.fitting import Fit, nothing_to_fit
from acrm.mining.outcome import Status


def known(model, estimates, status=Status.OK, reason=""):
    """A fit with given parameters."""
    size = len(estimates)
    nothing = np.full((size, size), np.nan)
    return Fit(
        model.MODEL, status, reason, model.NAMES, np.array(estimates), nothing[0],
        nothing, np.nan, 1000,
    )  # fmt: skip


def likelihood_of(model, data, monkeypatch):
    """The function of the parameters that the model maximises on the data."""
    seen = []

    def keep(name, scales, likelihood, count):
        seen.append(likelihood)
        return nothing_to_fit(name, tuple(scales), count, "only looked at")

    monkeypatch.setattr(model, "maximise", keep)
    model.fit(data)
    (likelihood,) = seen
    return likelihood


def slopes(likelihood, at):
    """The gradient by differences, to hold against the one that is returned."""
    return [
        (likelihood(at + one)[0] - likelihood(at - one)[0]) / 2e-5
        for one in np.eye(len(at)) * 1e-5
    ]
