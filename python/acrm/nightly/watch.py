"""Run whenever something has landed, until asked to end.

Folders are looked into at an interval; nothing else is needed of the system. A file
counts as delivered when its size and time are the same in two looks, or at once when a
marker that is no older says so: ``orders.csv.done`` beside orders.csv, or ``_SUCCESS``
in its folder.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from acrm.errors import AcrmError, InputError
from acrm.loading.discovery import DELIVERED_SUFFIX
from acrm.loading.postgres_url import PostgresUrl
from acrm.nightly.landing import tidy
from acrm.nightly.run import Listener, Plan, Unheard, run
from acrm.nightly.summary import Summary
from acrm.project import Project

FOLDER_MARKER = "_SUCCESS"
_LONGEST_WAIT = 300.0

Signature = tuple[int, int]


@dataclass(frozen=True)
class Watch:
    """How to watch.

    Parameters
    ----------
    every : float
        Seconds between two looks.
    needs_marker : bool, default False
        Take only files that a marker says are whole.
    """

    every: float = 10.0
    needs_marker: bool = False


@dataclass(frozen=True)
class Look:
    """What lay in the landing folders at one moment.

    Parameters
    ----------
    files : dict of Path to (int, int)
        Size and time of change, in nanoseconds, of each file.
    """

    files: dict[Path, Signature]

    def is_marked(self, path: Path) -> bool:
        """Whether a marker that is no older than the file says that it is whole."""
        changed = self.files[path][1]
        markers = (
            path.with_name(path.name + DELIVERED_SUFFIX),
            path.with_name(FOLDER_MARKER),
        )
        return any(
            self.files[marker][1] >= changed
            for marker in markers
            if marker in self.files
        )


def look(paths: tuple[Path, ...]) -> Look:
    """Look at all files below some paths; what cannot be read is not there yet."""
    files: dict[Path, Signature] = {}
    for path in paths:
        given = tidy(path)
        for file in [given] if given.is_file() else _below(given):
            try:
                found = file.stat()
            except OSError:
                continue  # moved away between the listing and the look
            files[file] = (found.st_size, found.st_mtime_ns)
    return Look(files)


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(at) / name for name in names)


def delivered(now: Look, before: Look, *, needs_marker: bool) -> dict[Path, Signature]:
    """Return the files that are whole.

    Parameters
    ----------
    now, before : Look
        Two looks, one interval apart.
    needs_marker : bool
        Whether a file that lies still is not enough.
    """
    return {
        path: signature
        for path, signature in now.files.items()
        if not _is_marker(path)
        and (
            now.is_marked(path)
            or (not needs_marker and before.files.get(path) == signature)
        )
    }


def _folders(plan: Plan) -> tuple[Path, ...]:
    for path in plan.paths:
        if isinstance(path, PostgresUrl):
            raise InputError(
                "Folders can be watched, and this is a database.",
                where=str(path),
                hint="Have a scheduler start acrm run for it, without --watch.",
            )
    return tuple(path for path in plan.paths if isinstance(path, Path))


def _unheard() -> AbstractContextManager[Listener]:
    return nullcontext(Unheard())


def watch(
    project: Project,
    plan: Plan,
    how: Watch,
    *,
    on_run: Callable[[Summary], None],
    on_error: Callable[[AcrmError], None],
    showing: Callable[[], AbstractContextManager[Listener]] = _unheard,
) -> None:
    """Run when something was delivered, and go on after failures.

    The first run comes at once: it publishes what was loaded and not published when
    the last watch ended. A file is tried once, and again when it changes; a run that
    a lock, a disk or the project kept from its work is tried again, after twice as
    long each time, at most five minutes.

    Ends after the step in hand on SIGTERM or SIGINT; a second SIGINT ends the step.

    Parameters
    ----------
    project : Project
        What to run.
    plan : Plan
        From where, and how.
    how : Watch
        How to watch.
    on_run : callable
        Told what each run came to.
    on_error : callable
        Told why a run could not begin; once, as long as it is the same.
    showing : callable, optional
        Returns a context with the one who is told how the next run goes on.

    Raises
    ------
    InputError
        If the plan names a database, where nothing says that something came.
    """
    folders = _folders(plan)
    with _asked_to_end() as over:
        plan = replace(plan, stops=over.is_set)
        taken: dict[Path, Signature] = {}
        before = Look({})
        retry = _Retry(how.every)
        told = ""
        while not over.is_set():
            now = look(folders)
            ready = {
                path: signature
                for path, signature in delivered(
                    now, before, needs_marker=how.needs_marker
                ).items()
                if taken.get(path) != signature
            }
            before = now
            if retry.is_due(came=bool(ready)):
                try:
                    with showing() as listener:
                        summary = run(
                            project, replace(plan, takes=ready.__contains__), listener
                        )
                except AcrmError as error:
                    retry.failed()
                    if str(error) != told:
                        on_error(error)
                    told = str(error)
                else:
                    told = ""
                    on_run(summary)
                    if summary.is_owed:
                        retry.failed()
                    else:
                        retry.worked()
                        taken.update(ready)
            over.wait(how.every)


class _Retry:
    """When to run: something came, or a run is owed, but not too soon after failing."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._failures = 0
        self._is_owed = True
        self._not_before = 0.0

    def is_due(self, *, came: bool) -> bool:
        return (came or self._is_owed) and time.monotonic() >= self._not_before

    def failed(self) -> None:
        """Wait twice as long as the last time; what failed is still to be done."""
        self._is_owed = True
        wait = min(self._every * 2**self._failures, _LONGEST_WAIT)
        self._failures += 1
        self._not_before = time.monotonic() + wait

    def worked(self) -> None:
        self._is_owed = False
        self._failures = 0


def _is_marker(path: Path) -> bool:
    return path.name == FOLDER_MARKER or path.name.endswith(DELIVERED_SUFFIX)


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM and SIGINT set."""
    over = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if over.is_set() and number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        over.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, on_signal) for number in numbers]
    try:
        yield over
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
