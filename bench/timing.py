"""Time two ways of doing a thing in turn, and tell their ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes, in seconds of wall time."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def medians(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run all ways in turn, ``rounds`` times after one warm-up, and take medians.

    Parameters
    ----------
    ways : dict of str to callable
        What to time, by name.
    rounds : int
        Counted runs of each.

    Returns
    -------
    dict of str to float
        Median seconds of each way.
    """
    for work in ways.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(times) for name, times in taken.items()}
