"""How to load, and who is told how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from acrm.errors import InputError
from acrm.loading.batch_log import check_batch_id
from acrm.loading.engine import DEFAULT_MEMORY
from acrm.loading.results import FileResult
from acrm.project import check_memory

_CLOCK_SKEW = timedelta(hours=1)


class Listener(Protocol):
    """Whoever wants to know how a load goes on."""

    def begin(self, name: str, number: int, total: int) -> None:
        """Take note that a file is begun."""

    def report(self, share: float) -> None:
        """Take note of the share, 0 to 1, that is done of the present step."""

    def end(self, result: FileResult) -> None:
        """Take note that the file is done."""


class Silent:
    """A listener that says nothing."""

    def begin(self, name: str, number: int, total: int) -> None:
        """Say nothing."""

    def report(self, share: float) -> None:
        """Say nothing."""

    def end(self, result: FileResult) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Options:
    """How to load.

    Parameters
    ----------
    table : str, optional
        The table of a single file, whatever its name.
    check : bool, default False
        Say what would happen, and write nothing.
    extracted_at : datetime, optional
        When the files left their system, in UTC and without a zone; the moment of
        the load by default.
    batch_id : str, optional
        An id of one's own.
    memory : str
        What the load may take, such as ``4GB``; beyond it, it spills to disk.
    sets_refused_apart : bool, default False
        Load the other files and tables although one is refused.
    takes : callable, optional
        Says of a file whether to look at it at all; all by default. Tables of a
        database are always looked at.
    """

    table: str | None = None
    check: bool = False
    extracted_at: datetime | None = None
    batch_id: str | None = None
    memory: str = DEFAULT_MEMORY
    sets_refused_apart: bool = False
    takes: Callable[[Path], bool] | None = None


def check_options(options: Options, now: datetime) -> None:
    """Refuse options that cannot be used.

    Raises
    ------
    InputError
        Naming the option.
    """
    check_memory(options.memory, "--memory")
    if options.batch_id is not None:
        check_batch_id(options.batch_id)
    if options.extracted_at is not None and options.extracted_at > now + _CLOCK_SKEW:
        raise InputError(
            f"The files cannot have been extracted at {options.extracted_at} (UTC): "
            f"it is {now:%Y-%m-%d %H:%M} now.",
            where="--extracted-at",
            hint="Give a moment in the past, in UTC or with its offset.",
        )
