"""What a load did, or would do, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from acrm.errors import InputError
from acrm.words import counted


class Status(Enum):
    """What became of a file."""

    LOADED = "loaded"
    WOULD_LOAD = "would_load"
    ALREADY_LOADED = "already_loaded"
    SAME_CONTENT = "same_content"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileResult:
    """What became of one delivered file.

    Parameters
    ----------
    source_file : str
        Its name within the delivery.
    table : str
        Its table.
    status : Status
        What became of it.
    rows_read, rows_loaded, rows_quarantined : int
        The first is always the sum of the others.
    reasons : dict of str to int
        Quarantined rows by reason code.
    example : str
        The first of them, and what is wrong with it.
    note : str
        What else a reader should know.
    """

    source_file: str
    table: str
    status: Status
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    example: str = ""
    note: str = ""


@dataclass(frozen=True)
class OverTolerance:
    """A table of which more rows broke the contract than it allows.

    Parameters
    ----------
    table : str
        The table.
    share, allowed : float
        Share of rows in quarantine, and what the contract allows.
    """

    table: str
    share: float
    allowed: float


@dataclass
class LoadResult:
    """What one load did.

    Parameters
    ----------
    system : str
        The source system.
    batch_id : str or None
        The batch that was committed, if one was.
    checked_only : bool
        Whether nothing was to be written.
    files : list of FileResult
        One a data file.
    ignored : list of (str, str)
        Other files, with the reason.
    problems : list of InputError
        Why files were refused; with any of them, nothing is loaded.
    over_tolerance : list of OverTolerance
        Tables with too many rows in quarantine.
    """

    system: str
    batch_id: str | None = None
    checked_only: bool = False
    loaded_at: datetime | None = None
    files: list[FileResult] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    problems: list[InputError] = field(default_factory=list)
    over_tolerance: list[OverTolerance] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether any file brought something that was not there."""
        return any(
            each.status in (Status.LOADED, Status.WOULD_LOAD) for each in self.files
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the result for machines."""
        return {
            "system": self.system,
            "batch_id": self.batch_id,
            "loaded_at": self.loaded_at.isoformat() + "Z" if self.loaded_at else None,
            "checked_only": self.checked_only,
            "status": self._status,
            "files": [
                {
                    "file": each.source_file,
                    "table": each.table,
                    "status": each.status.value,
                    "rows_read": each.rows_read,
                    "rows_loaded": each.rows_loaded,
                    "rows_quarantined": each.rows_quarantined,
                    "reasons": each.reasons,
                    "example": each.example,
                    "note": each.note,
                }
                for each in self.files
            ],
            "ignored": [{"file": name, "reason": why} for name, why in self.ignored],
            "problems": [
                {"what": each.what, "where": each.where, "hint": each.hint}
                for each in self.problems
            ],
            "over_tolerance": [
                {"table": each.table, "share": each.share, "allowed": each.allowed}
                for each in self.over_tolerance
            ],
        }

    @property
    def _status(self) -> str:
        if self.problems:
            return "refused"
        if self.over_tolerance:
            return "over_tolerance"
        if not self.is_new:
            return "nothing_new"
        return "checked" if self.checked_only else "loaded"


class LoadRefusedError(InputError):
    """A delivery of which at least one file cannot be used; nothing was loaded.

    Parameters
    ----------
    result : LoadResult
        With all problems of all files.
    """

    def __init__(self, result: LoadResult) -> None:
        self.result = result
        problems = result.problems
        if len(problems) == 1:
            only = problems[0]
            what = f"{only.what} Nothing was loaded."
            super().__init__(what, where=only.where, hint=only.hint)
            return
        listing = "\n".join(
            f"{number}. {problem}" for number, problem in enumerate(problems, start=1)
        )
        super().__init__(
            f"{counted(len(problems), 'problem')}; nothing was loaded.\n{listing}"
        )
