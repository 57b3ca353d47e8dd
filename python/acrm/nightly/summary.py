"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from acrm.building import Outcome as BuildOutcome
from acrm.errors import AcrmError, RunError
from acrm.loading.results import LoadResult
from acrm.publication import Published

# The step that comes when readers have the version: nobody waits for it.
NEXT = "next build file"


class Outcome(Enum):
    """What readers have after a run."""

    PUBLISHED = "published"
    NOTHING_NEW = "nothing_new"
    FAILED = "failed"
    NOT_RUN = "not_run"
    STOPPED = "stopped"


@dataclass
class Summary:
    """One run, step by step.

    Parameters
    ----------
    number : int
        Of the run.
    log : Path
        Its log.
    loads : list of LoadResult
        One a landing folder that held a data file.
    problems : list of AcrmError
        What was refused, with file or folder.
    error : AcrmError or None
        Why the run did not come to a publication.
    reason : str
        Why there was something to build; empty if there was nothing.
    seconds : dict of str to float
        How long each step took.
    built : acrm.building.Outcome or None
        What dbt ran, if all of it passed.
    published : Published or None
        The new version.
    stopped : bool
        Whether it was asked to end before its last step.
    log_failure : str
        Why the log is not whole; empty if it is.
    """

    number: int
    log: Path
    loads: list[LoadResult] = field(default_factory=list)
    problems: list[AcrmError] = field(default_factory=list)
    error: AcrmError | None = None
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    built: BuildOutcome | None = None
    published: Published | None = None
    stopped: bool = False
    log_failure: str = ""

    @property
    def outcome(self) -> Outcome:
        """What readers have now."""
        if isinstance(self.error, RunError):
            return Outcome.FAILED
        if self.error is not None:
            return Outcome.NOT_RUN
        if self.published is not None:
            return Outcome.PUBLISHED
        return Outcome.STOPPED if self.stopped else Outcome.NOTHING_NEW

    @property
    def exit_code(self) -> int:
        """0 all well, 1 a build or audit did not pass, 2 something was not usable."""
        if self.error is not None:
            return self.error.exit_code
        over_tolerance = any(each.over_tolerance for each in self.loads)
        return 2 if self.problems or over_tolerance else 0

    @property
    def seconds_to_readers(self) -> float:
        """How long readers waited: all steps but that for the next run."""
        return self.seconds["all"] - self.seconds.get(NEXT, 0.0)

    @property
    def rows_loaded(self) -> int:
        """Rows that came into the raw zone."""
        return sum(
            file.rows_loaded
            for each in self.loads
            if each.batch_id
            for file in each.files
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the summary for machines."""
        version = self.published.version if self.published else None
        return {
            "run": self.number,
            "outcome": self.outcome.value,
            "exit_code": self.exit_code,
            "reason": self.reason,
            "seconds": self.seconds,
            "rows_loaded": self.rows_loaded,
            "loads": [each.as_dict() for each in self.loads],
            "problems": [_message(each) for each in self.problems],
            "error": _message(self.error) if self.error else None,
            "built": self.built.counts() if self.built else None,
            "warned": [node.name for node in self.built.warned] if self.built else [],
            "published": {
                "version": version.number,
                "tables": len(version.tables),
                "rows": version.rows,
                "bytes": version.bytes,
                "data_through": dict(version.data_through),
            }
            if version
            else None,
            "log": str(self.log),
            "log_failure": self.log_failure,
        }


def _message(error: AcrmError) -> dict[str, str]:
    return {"what": error.what, "where": error.where, "hint": error.hint}
