"""The log of each run: a file of JSON lines, one a step, written as it happens.

A run that was killed has a log without an ``end``. Files are counted, not dated, so
that their order does not hang on the clock.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acrm.errors import InputError, StorageError
from acrm.project import Project

DEFAULT_KEEP_LOGS = 100
END = "end"

_NAME = re.compile(r"run-(\d+)\.jsonl")
_NAMED_FIRST = ("system", "table", "rows", "seconds", "outcome")


@dataclass
class Journal:
    """The log of a run under way.

    Parameters
    ----------
    number : int
        Of the run, counted from 1.
    path : Path
        The file.
    """

    number: int
    path: Path
    _failure: str = field(default="", repr=False)

    @property
    def failure(self) -> str:
        """Why the log is not whole; empty if it is."""
        return self._failure

    def note(self, step: str, outcome: str, **more: Any) -> None:
        """Add a step; a disk that takes no more ends the log, but not the run.

        Parameters
        ----------
        step : str
            Its name: ``start``, ``load``, ``build``, ``publish``, ``end``.
        outcome : str
            How it ended.
        **more
            ``system``, ``table``, ``rows``, ``seconds``, and what else is to be known.
        """
        if self._failure:
            return
        try:
            self.write(step, outcome, more)
        except OSError as error:
            self._failure = error.strerror or str(error)

    def write(self, step: str, outcome: str, more: Mapping[str, Any]) -> None:
        """Add a step, or raise if the disk takes no more."""
        given = {**more, "outcome": outcome}
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "step": step,
            **{name: given.pop(name, None) for name in _NAMED_FIRST},
            **given,
        }
        line = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
        # one write a line: a kill leaves whole lines, and at most the last cut off
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def begin_journal(
    project: Project, keep: int = DEFAULT_KEEP_LOGS, **more: Any
) -> Journal:
    """Begin the log of a run, and remove old ones; the caller holds the lock.

    Parameters
    ----------
    project : Project
        Whose home to write to.
    keep : int, default 100
        How many logs to keep, this one among them.
    **more
        What to say of the start.

    Raises
    ------
    StorageError
        If the log cannot be written.
    """
    if keep < 1:
        raise InputError(
            f"Cannot keep {keep} logs.", hint="Give a number of 1 or more."
        )
    try:
        project.logs.mkdir(parents=True, exist_ok=True)
        before = sorted(_logs(project))
        number = before[-1] + 1 if before else 1
        journal = Journal(number, _path(project, number))
        journal.write("start", "started", {"process": os.getpid(), **more})
        for old in before[: max(0, len(before) - keep + 1)]:
            _path(project, old).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            "The log of the run cannot be written.",
            where=f"{project.logs}: {error.strerror}",
            hint="Make space or give the right to write, then try again.",
        ) from error
    return journal


@dataclass(frozen=True)
class LoggedRun:
    """A run as its log tells it.

    Parameters
    ----------
    number : int
        Of the run.
    entries : tuple of dict
        The steps, in the order in which they ended.
    """

    number: int
    entries: tuple[dict[str, Any], ...]

    @property
    def end(self) -> dict[str, Any] | None:
        """The last entry of a run that came to its end."""
        last = self.entries[-1] if self.entries else {}
        return last if last.get("step") == END else None

    @property
    def started_at(self) -> str:
        """When it started (UTC, ISO 8601); empty if not even that was written."""
        return str(self.entries[0]["time"]) if self.entries else ""


def read_last_run(project: Project) -> LoggedRun | None:
    """Read the log of the last run; None if there was none."""
    numbers = sorted(_logs(project))
    if not numbers:
        return None
    path = _path(project, numbers[-1])
    return LoggedRun(numbers[-1], tuple(_entries(path)))


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return  # cut off by a full disk or a kill; nothing stands after it


def _logs(project: Project) -> Iterator[int]:
    for path in project.logs.glob("run-*.jsonl"):
        if match := _NAME.fullmatch(path.name):
            yield int(match[1])


def _path(project: Project, number: int) -> Path:
    return project.logs / f"run-{number:06d}.jsonl"
