"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from acrm.errors import InputError, StorageError
from acrm.project import Project

# Lock files that this process holds for a run of steps, and the thread that took each.
_HELD: dict[Path, int] = {}


@contextmanager
def writer_lock(
    project: Project, purpose: str, *, for_steps: bool = False
) -> Iterator[None]:
    """Hold the warehouse home for writing, or say who holds it, and since when.

    The operating system drops the lock when its process ends, however it ends,
    so a killed run never leaves a lock behind.

    Parameters
    ----------
    project : Project
        Whose home to lock.
    purpose : str
        What the lock is for; shown to whoever finds it taken.
    for_steps : bool, default False
        Let the steps that this thread runs in the block take the lock as well, so
        that a run of several steps holds it from start to end.

    Raises
    ------
    InputError
        If another process holds the lock, or the home cannot be written.
    """
    path = project.lock_file
    if _HELD.get(path) == threading.get_ident():
        yield
        return
    try:
        project.home.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise _unwritable(
            f"{error.filename}: {error.strerror}",
            "Change its permissions, or set ACRM_WAREHOUSE to a folder of yours.",
        ) from error
    with opened as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise InputError(
                "The warehouse is being written by another run.",
                where=f"{path}, held by {holder}",
                hint="Wait for that run to end, then try again. Readers need no lock.",
            ) from None
        try:
            since = datetime.now(UTC)
            handle.truncate(0)
            handle.write(
                f"{purpose} (process {os.getpid()}, since"
                f" {since:%Y-%m-%d %H:%M:%S} UTC)"
            )
            handle.flush()
        except OSError as error:
            raise _unwritable(
                f"{path}: {error.strerror}", "Free some space, then try again."
            ) from error
        if not for_steps:
            yield
            return
        _HELD[path] = threading.get_ident()
        try:
            yield
        finally:
            del _HELD[path]


def _unwritable(where: str, hint: str) -> StorageError:
    return StorageError("The warehouse home cannot be written.", where=where, hint=hint)
