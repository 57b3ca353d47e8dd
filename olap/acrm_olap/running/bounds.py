"""How long statements may run, and what stops them before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrm_olap.errors import CubeError, MeaningError, QueryStoppedError, TooLargeError

if TYPE_CHECKING:
    import duckdb

STEP_SECONDS = 0.01


@dataclass(frozen=True)
class Bounds:
    """What statements of a thread are held to.

    Parameters
    ----------
    seconds : float or None
        How long they may take together.
    until : float or None
        When that is over, by the monotonic clock.
    stop : Event or None
        Stops them when set.
    """

    seconds: float | None = None
    until: float | None = None
    stop: threading.Event | None = None

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return self.until is not None and time.monotonic() > self.until

    @property
    def is_over(self) -> bool:
        """Whether nothing may run any more."""
        return self.is_late or (self.stop is not None and self.stop.is_set())

    def reason(self) -> QueryStoppedError:
        """Return why nothing may run any more."""
        if self.is_late and self.seconds is not None:
            return QueryStoppedError(
                f"The query took longer than {self.seconds:g} seconds.",
                hint="Cut it, or ask for fewer levels at once.",
            )
        return QueryStoppedError("The query was stopped.")

    def check(self) -> None:
        """Refuse to go on where nothing may run any more."""
        if self.is_over:
            raise self.reason()


_NONE = Bounds()
_bounds: ContextVar[Bounds] = ContextVar("bounds", default=_NONE)


def bounds() -> Bounds:
    """Return what holds for this thread."""
    return _bounds.get()


@contextmanager
def bounded(
    seconds: float | None = None, stop: threading.Event | None = None
) -> Iterator[Bounds]:
    """Hold all statements of a block to a time and an event.

    Parameters
    ----------
    seconds : float, optional
        How long they may take together; as before, if not given.
    stop : Event, optional
        Stops them when set; as before, if not given.
    """
    outer = _bounds.get()
    found = outer
    if seconds is not None or stop is not None:
        until = outer.until
        if seconds is not None:
            until = time.monotonic() + seconds
            if outer.until is not None and outer.until <= until:
                seconds, until = outer.seconds, outer.until
        else:
            seconds = outer.seconds
        found = Bounds(seconds, until, stop or outer.stop)
    token = _bounds.set(found)
    try:
        yield found
    finally:
        _bounds.reset(token)


@contextmanager
def running(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run a statement within bounds, and say what went wrong in one message.

    Raises
    ------
    QueryStoppedError
        If it took too long, or was stopped.
    TooLargeError
        If it needs more memory than there is.
    CubeError
        If the database cannot answer it.
    """
    import duckdb

    held = bounds()
    held.check()
    done = threading.Event()
    watching = threading.Thread(target=_watch, args=(cursor, held, done), daemon=True)
    if held is not _NONE:
        watching.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise held.reason() from error
    except duckdb.OutOfMemoryException as error:
        raise TooLargeError(
            "The query needs more memory than it may have.",
            where=_first_line(error),
            hint="Cut it, or ask for fewer levels at once.",
        ) from error
    except (duckdb.DataError, duckdb.NotSupportedError) as error:
        raise MeaningError(
            "A number of the answer cannot be computed.",
            where=_first_line(error),
            hint="A sum or product may be too large for its type; cast the column to a"
            " double in the definition, or ask for less.",
        ) from error
    except (duckdb.Error, UnicodeEncodeError) as error:
        raise CubeError(
            "The database could not answer the query.",
            where=_first_line(error),
            hint="Numbers or texts of the query may be too large, or no text at all.",
        ) from error
    finally:
        done.set()
        if held is not _NONE:
            watching.join()


def _watch(
    cursor: duckdb.DuckDBPyConnection, held: Bounds, done: threading.Event
) -> None:
    # An interrupt before the statement has begun is lost, so it is repeated.
    while not done.wait(STEP_SECONDS):
        if held.is_over:
            cursor.interrupt()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
