"""Which states of a record that passes milestones are delivered, and when."""

from __future__ import annotations

import numpy as np

from acrm.example import columns
from acrm.example.settings import DAY, Array


def delivered_states(steps: Array, first_daily: int) -> tuple[Array, Array]:
    """Return which records are delivered, and as of when.

    The initial extract shows the state of its last moment; each later milestone is a
    row of its day.

    Parameters
    ----------
    steps : array of int, shape (records, milestones)
        When each milestone was passed, in seconds; -1 for never.
    first_daily : int
        The first day that is delivered as a day.

    Returns
    -------
    tuple of array
        Positions of records, and the moments of their states.
    """
    first = first_daily * DAY
    past = np.where(steps < first, steps, columns.MISSING).max(axis=1, initial=-1)
    begun = np.flatnonzero(past >= 0)
    found = [(begun, past[begun])]
    still = np.flatnonzero(steps.max(axis=1, initial=-1) >= first)
    if len(still):
        passed = np.sort(steps[still], axis=1)
        is_new = passed >= first
        is_new[:, 1:] &= passed[:, 1:] != passed[:, :-1]
        row, step = np.nonzero(is_new)
        found.append((still[row], passed[row, step]))
    return (
        np.concatenate([each for each, _ in found]),
        np.concatenate([each for _, each in found]),
    )


def known_at(steps: Array, place: Array, moment: Array) -> list[Array]:
    """Return milestones of records as they were known at a moment; -1 for unknown."""
    shown = steps[place]
    is_known = (shown >= 0) & (shown <= moment[:, None])
    return list(np.where(is_known, shown, columns.MISSING).T)
