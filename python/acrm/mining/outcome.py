"""The status of a fit or a score: what it is worth, and why."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a result is worth.

    ``ok``: use it. ``boundary``: the best estimate lies at the end of what is
    possible, so the model does not describe these customers; publish the baseline.
    ``not_converged``: no maximum was found; publish the baseline.
    ``insufficient_data``: nothing was estimated, and scores are null.
    """

    OK = "ok"
    BOUNDARY = "boundary"
    NOT_CONVERGED = "not_converged"
    INSUFFICIENT_DATA = "insufficient_data"
