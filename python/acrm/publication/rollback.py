"""Give readers an earlier version back."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from acrm.errors import InputError
from acrm.lock import writer_lock
from acrm.project import Project
from acrm.publication.versions import (
    Switch,
    current_number,
    nothing_published,
    read_version,
    switch,
    version_numbers,
)


def roll_back(project: Project, number: int | None = None, reason: str = "") -> Switch:
    """Point readers to another version that is kept, in one step.

    Parameters
    ----------
    project : Project
        Whose versions.
    number : int, optional
        Which; the one before the current one by default.
    reason : str, optional
        Why, for ``acrm versions``.

    Returns
    -------
    Switch
        From which version to which.

    Raises
    ------
    InputError
        If there is no such version, or it is the current one already.
    """
    with writer_lock(project, "acrm rollback"):
        numbers = version_numbers(project)
        if not numbers:
            raise nothing_published(project)
        current = _current_or_lost(project)
        if number is None:
            number = _before(current, numbers)
        read_version(project, number)
        if number == current:
            raise InputError(
                f"Readers are on version {number} already.",
                hint=f"Versions that are kept: {', '.join(map(str, numbers))}.",
            )
        event = Switch(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            kind="rollback",
            from_version=current,
            to_version=number,
            by=user_name(),
            reason=reason,
        )
        switch(project, event)
        return event


def user_name() -> str:
    """Return who runs this, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _current_or_lost(project: Project) -> int | None:
    """Return the current version; a link to nowhere is what a rollback mends."""
    try:
        return current_number(project)
    except InputError:
        return None


def _before(current: int | None, numbers: list[int]) -> int:
    earlier = [each for each in numbers if current is None or each < current]
    if not earlier:
        raise InputError(
            f"There is no version before version {current}.",
            hint=f"Versions that are kept: {', '.join(map(str, numbers))}.",
        )
    return earlier[-1]
