"""What is gained by going from the best score to the worst, rows counted any times.

A bootstrap draws rows with replacement: each row counts as often as it was drawn. Rows
are sorted once, and each draw adds up counts in that order, which takes a fraction of
the time that sorting the drawn rows takes.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from acrm.mining.frames import Floats

Counts = npt.NDArray[np.float64]


class Gains:
    """Rows by falling score.

    Parameters
    ----------
    observed : ndarray of shape (n,)
        0 or 1, or an amount.
    score : ndarray of shape (n,)
        Higher is better.
    """

    def __init__(self, observed: Floats, score: Floats) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._observed = observed[self._order]
        ordered = score[self._order]
        is_first = np.empty(len(ordered), bool)
        is_first[:1] = True
        np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
        self._firsts = np.flatnonzero(is_first)

    def of(self, counts: Counts) -> tuple[Floats, Floats]:
        """Return how many rows each score has, and what they hold, from the best on.

        Parameters
        ----------
        counts : ndarray of shape (n,)
            How often each row counts, in the order of the rows that were given.

        Returns
        -------
        rows, held : ndarray of shape (n_scores,)
            Sums of the counts, and of the observed times the counts.
        """
        drawn = counts[self._order]
        if len(drawn) == len(self._firsts):
            return drawn, drawn * self._observed
        return (
            np.add.reduceat(drawn, self._firsts),
            np.add.reduceat(drawn * self._observed, self._firsts),
        )


def mean_place(rows: Floats, held: Floats) -> float:
    """Return where a unit of what is held stands on average: 1 best, -1 worst.

    Parameters
    ----------
    rows, held : ndarray of shape (n_scores,)
        Of :meth:`Gains.of`. Rows of one score stand at the middle of their places.

    Returns
    -------
    float
        nan where nothing is held.
    """
    n, total = rows.sum(), held.sum()
    if not total > 0:
        return math.nan
    before = np.cumsum(rows) - rows
    return float(held @ (n - 2 * before - rows) / (total * n))


def captured(rows: Floats, held: Floats, chosen: float) -> float:
    """Return the share of what is held that the first rows hold.

    Parameters
    ----------
    rows, held : ndarray of shape (n_scores,)
        Of :meth:`Gains.of`.
    chosen : float
        How many rows. Where the limit falls within a score, its rows are counted in
        proportion.

    Returns
    -------
    float
        nan where nothing is held.
    """
    total = held.sum()
    if not total > 0:
        return math.nan
    through = np.cumsum(rows)
    limit = int(np.searchsorted(through, chosen))
    part = (chosen - (through[limit] - rows[limit])) / rows[limit]
    return float((held[:limit].sum() + part * held[limit]) / total)
