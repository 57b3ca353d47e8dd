"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from acrm.errors import InputError
from acrm.project import Project


@contextmanager
def writer_lock(project: Project, purpose: str) -> Iterator[None]:
    """Hold the warehouse home for writing, or say who holds it.

    The operating system drops the lock when its process ends, however it ends,
    so a killed run never leaves a lock behind.

    Parameters
    ----------
    project : Project
        Whose home to lock.
    purpose : str
        What the lock is for; shown to whoever finds it taken.

    Raises
    ------
    InputError
        If another process holds the lock, or the home cannot be written.
    """
    try:
        project.home.mkdir(parents=True, exist_ok=True)
        opened = project.lock_file.open("a+", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "The warehouse home cannot be written.",
            where=f"{error.filename}: {error.strerror}",
            hint="Change its permissions, or set ACRM_WAREHOUSE to a folder of yours.",
        ) from error
    with opened as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise InputError(
                "The warehouse is being written by another run.",
                where=f"{project.lock_file}, held by {holder}",
                hint="Wait for that run to end, then try again. Readers need no lock.",
            ) from None
        try:
            handle.truncate(0)
            handle.write(f"{purpose} (process {os.getpid()})")
            handle.flush()
        except OSError as error:
            raise InputError(
                "The warehouse home cannot be written.",
                where=f"{project.lock_file}: {error.strerror}",
                hint="Free some space, then try again.",
            ) from error
        yield
