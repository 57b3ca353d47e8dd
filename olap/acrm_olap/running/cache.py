"""Keep answers, bounded in bytes; equal questions at the same time are asked once.

An answer is found again only by all that it hangs on: the definitions, the file and
what it held, the question, and what the caller may see.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from acrm_olap.planning import Rights
from acrm_olap.query import Cut, Query
from acrm_olap.results import Result
from acrm_olap.running.bounds import STEP_SECONDS, bounds
from acrm_olap.running.database import Identity

DEFAULT_BYTES = 256 * 1024 * 1024
# A plan, its names, and the entry itself: measured 10 to 40 kB of small answers.
BYTES_OF_AN_ENTRY = 40_000


@dataclass(frozen=True)
class Key:
    """What an answer hangs on.

    Parameters
    ----------
    definitions : str
        Fingerprint of the definitions.
    file : Identity
        What was asked.
    question : hashable
        The query, with the type of each value: ``1`` and ``true`` are two members.
    rights : hashable
        What the caller may see.
    """

    definitions: str
    file: Identity
    question: Hashable
    rights: Hashable


@dataclass(frozen=True)
class Counts:
    """How a cache did.

    Parameters
    ----------
    hits, misses, waits : int
        Questions whose answer was there, was not, or was under way for another.
    entries, bytes : int
        What it holds.
    """

    hits: int
    misses: int
    waits: int
    entries: int
    bytes: int


@dataclass
class _Flight:
    """A question that is being answered."""

    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None


class Cache:
    """Answers of one process.

    Parameters
    ----------
    most_bytes : int
        What it may hold; the answers that were not asked for longest go first.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[Result, int]] = OrderedDict()
        self._flights: dict[Key, _Flight] = {}
        self._bytes = 0
        self._hits = self._misses = self._waits = 0

    def answer(self, key: Key, ask: Callable[[], Result]) -> tuple[Result, bool]:
        """Return an answer, and whether it was kept or found by another.

        Parameters
        ----------
        key : Key
            What it hangs on.
        ask : callable
            Finds it. If it fails, nothing is kept, and who waits asks for himself.

        Raises
        ------
        QueryStoppedError
            If the bounds of this thread are over before it is there.
        """
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if kept is not None:
                    self._kept.move_to_end(key)
                    self._hits += 1
                    return kept[0], True
                flight = self._flights.get(key)
                if flight is None:
                    mine = self._flights[key] = _Flight()
                    self._misses += 1
                    break
                self._waits += 1
            held = bounds()
            while not flight.done.wait(STEP_SECONDS):
                held.check()
            if flight.result is not None:
                return flight.result, True
        try:
            mine.result = ask()
            self._keep(key, mine.result)
            return mine.result, False
        finally:
            with self._lock:
                del self._flights[key]
            mine.done.set()

    def _keep(self, key: Key, result: Result) -> None:
        weight = weigh(result)
        if weight > self.most_bytes or not key.file.holds:
            return
        with self._lock:
            self._kept[key] = (result, weight)
            self._bytes += weight
            while self._bytes > self.most_bytes:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone

    def forget(self, file: Identity) -> None:
        """Let all answers of a file go that is not asked any more."""
        with self._lock:
            for key in [key for key in self._kept if key.file == file]:
                self._bytes -= self._kept.pop(key)[1]

    def counts(self) -> Counts:
        """Return how it did."""
        with self._lock:
            return Counts(
                self._hits, self._misses, self._waits, len(self._kept), self._bytes
            )


def weigh(result: Result) -> int:
    """Return about how many bytes an answer takes."""
    values = sum(len(str(each)) for each in result.values.values())
    # Members of cuts are in the query, its plan, the values and the key.
    text = len(result.sql) + 4 * values
    return int(result.table.nbytes) + text + BYTES_OF_AN_ENTRY


def canonical(query: Query) -> Hashable:
    """Return a question as equal questions have it: in which order cuts stand is one.

    Parameters
    ----------
    query : Query
        The question.
    """
    others = (
        query.cube, query.measures, query.rows, query.columns, query.as_of,
        query.subtotals, query.calculated, query.having,
        (query.top.count, query.top.by, query.top.least) if query.top else None,
        query.order, query.limit, query.offset, query.empty, query.open_periods,
        query.part_periods, query.missing,
    )  # fmt: skip
    return others, _cuts(query.cuts)


def canonical_rights(rights: Rights) -> Hashable:
    """Return what a caller may see as a part of a key."""
    return _cuts(rights.filters), rights.hidden


def _cuts(cuts: tuple[Cut, ...]) -> Hashable:
    return tuple(sorted({_cut(cut) for cut in cuts}))


def _cut(cut: Cut) -> tuple[str, str, str]:
    values = [_typed(value) for value in cut.values]
    if cut.operator in {"in", "not in"}:
        values = sorted(set(values))
    return cut.level, cut.operator, repr(values)


def _typed(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_typed, value))})"
    return f"{type(value).__module__}.{type(value).__qualname__} {value!r}"
