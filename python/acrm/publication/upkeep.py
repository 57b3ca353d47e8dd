"""What every publication keeps in order: old versions, leftovers, a full disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from acrm.disk import empty_folder
from acrm.errors import InputError
from acrm.project import Project
from acrm.publication.versions import (
    current_number,
    version_name,
    version_numbers,
    versions_folder,
)


def readers_see(project: Project) -> str:
    """Say what readers have while nothing new is published."""
    number = current_or_none(project)
    if number is None:
        return "Nothing is published yet."
    return f"Readers see version {number}."


def prune(project: Project, keep: int) -> tuple[int, ...]:
    """Delete all but the last versions; never the one that readers see.

    A version first leaves the folder of versions in one step, so that a version
    in there is always whole.
    """
    current = current_or_none(project)
    removed = []
    for number in version_numbers(project)[:-keep]:
        if number == current:
            continue
        grave = project.tmp / f"removed-{version_name(number)}"
        (versions_folder(project) / version_name(number)).rename(grave)
        shutil.rmtree(grave)
        removed.append(number)
    return tuple(removed)


def clean_up(project: Project) -> None:
    """Remove what a run that was killed left behind; the caller holds the lock."""
    empty_folder(project.tmp)


@contextmanager
def disk_errors(project: Project, what: str) -> Iterator[None]:
    """Turn a disk that is full or read-only into one message, and leave no rest."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        _try_to_clean_up(project)
        raise InputError(
            f"Cannot {what}.",
            where=f"{project.home}: {str(error).strip().splitlines()[0]}",
            hint="Make space or give the right to write, then `acrm publish`."
            f" {readers_see(project)}",
        ) from error
    except BaseException:
        _try_to_clean_up(project)
        raise


def _try_to_clean_up(project: Project) -> None:
    """Clean up, but let the error that led here be the one that is told."""
    with suppress(OSError):  # the next writer removes what cannot be removed now
        clean_up(project)


def current_or_none(project: Project) -> int | None:
    """Return what readers see, None also if the link to it is broken."""
    try:
        return current_number(project)
    except InputError:
        return None
