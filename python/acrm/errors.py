"""What can go wrong, by who can mend it.

::

    AcrmError               everything this package raises on purpose
    ├── InputError          what was given is not usable         exit code 2
    │   └── StorageError    the disk: full, read-only, no rights
    └── RunError            a run failed on what it found        exit code 1

An error says what was given, where, what is allowed, and what to do next.
"""

from __future__ import annotations


class AcrmError(Exception):
    """Anything a user should read as one message, without a traceback.

    Parameters
    ----------
    what : str
        One sentence: what is wrong, with the value that was given.
    where : str, optional
        File, row, column, table or setting that it is about.
    hint : str, optional
        What is allowed, and what to do next.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Return the whole message, one part a line."""
        parts = [self.what]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.hint:
            parts.append(f"  to do: {self.hint}")
        return "\n".join(parts)


class InputError(AcrmError):
    """A path, option, file, contract or setting that cannot be used as given."""


class StorageError(InputError):
    """A disk that is full or may not be written; nothing else can go on either."""


class RunError(AcrmError):
    """A build or an audit that ran and did not pass."""

    exit_code = 1
