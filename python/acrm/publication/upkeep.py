"""What every publication keeps in order: old versions, leftovers, a full disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from acrm.disk import empty_folder
from acrm.errors import InputError, StorageError
from acrm.loading.engine import storage_error
from acrm.project import Project
from acrm.publication.standby import lay_out_clone, lay_out_old, take_back
from acrm.publication.versions import (
    Version,
    current_number,
    read_version,
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
    """Delete all but the last versions, and lay out the next build file.

    The version that readers see stays. A version first leaves the folder of versions in
    one step, so that a version in there is always whole and no new reader finds one
    that goes. The youngest of them that nobody has open becomes the build file: it has
    the least to catch up with.
    """
    current = current_or_none(project)
    if current is not None:
        lay_out_clone(project, read_version(project, current))
    removed = []
    for number in reversed(version_numbers(project)[:-keep]):
        if number == current:
            continue
        version = version_or_none(project, number)
        grave = project.tmp / f"removed-{version_name(number)}"
        (versions_folder(project) / version_name(number)).rename(grave)
        if version is not None and current is not None:
            lay_out_old(project, grave, version, read_version(project, current))
        shutil.rmtree(grave)
        removed.append(number)
    return tuple(sorted(removed))


def clean_up(project: Project) -> None:
    """Remove what a run that was killed left behind; the caller holds the lock."""
    take_back(project)
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
            hint="Make space or give the right to write, then `acrm build`."
            f" {readers_see(project)}",
        ) from error
    except BaseException:
        _try_to_clean_up(project)
        raise


@contextmanager
def storage_told(project: Project, then: str) -> Iterator[None]:
    """Turn a full disk and its like into a message, whatever met it.

    Parameters
    ----------
    project : Project
        Where was written.
    then : str
        What to do once there is room, such as "run again".
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        known = storage_error(error, project.home)
        if known is None:
            raise
        if isinstance(error, duckdb.OutOfMemoryException):
            raise InputError(
                "The build needs more memory than it may take.",
                where=str(error).strip().splitlines()[0],
                hint=f"Give more with ACRM_MEMORY, then {then}. {readers_see(project)}",
            ) from error
        raise StorageError(
            known.what,
            where=f"{project.home}: {str(error).strip().splitlines()[0]}",
            hint=f"Make room or give the right to write, then {then}."
            f" {readers_see(project)}",
        ) from error


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


def version_or_none(project: Project, number: int) -> Version | None:
    """Return a version, None if its manifest is broken."""
    try:
        return read_version(project, number)
    except InputError:
        return None
