"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from acrm.building import Outcome as BuildOutcome
from acrm.errors import AcrmError, RunError
from acrm.loading.results import LoadResult
from acrm.publication import Published, Version

# The step that comes when readers have the version: nobody waits for it.
NEXT = "next build file"
# On the night on which a month turns: readers have its numbers by then.
MINING = "mining"


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
    mined : Published or None
        The version after it, with mining of the month that has turned.
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
    mined: Published | None = None
    stopped: bool = False
    log_failure: str = ""

    @property
    def outcome(self) -> Outcome:
        """What readers have now."""
        if self.published is not None:
            return Outcome.PUBLISHED
        if isinstance(self.error, RunError):
            return Outcome.FAILED
        if self.error is not None:
            return Outcome.NOT_RUN
        return Outcome.STOPPED if self.stopped else Outcome.NOTHING_NEW

    @property
    def exit_code(self) -> int:
        """0 all well, 1 a build or audit did not pass, 2 something was not usable."""
        if self.error is not None:
            return self.error.exit_code
        over_tolerance = any(each.over_tolerance for each in self.loads)
        return 2 if self.problems or over_tolerance else 0

    @property
    def is_owed(self) -> bool:
        """Whether a lock, the disk or the project kept it from its end: try again."""
        return self.error is not None and not isinstance(self.error, RunError)

    @property
    def mining(self) -> str:
        """What became of mining: ``none`` where no month turned, or how it ended."""
        if self.mined is not None:
            return "published"
        if self.published is None or not self.published.awaits_mining:
            return "none"
        return "failed" if self.error is not None else "stopped"

    @property
    def version(self) -> Version | None:
        """The last version that it published."""
        last = self.mined or self.published
        return last.version if last else None

    @property
    def seconds_to_readers(self) -> float:
        """How long readers waited for the numbers: all steps but what comes after."""
        after = sum(self.seconds.get(step, 0.0) for step in (MINING, NEXT))
        return self.seconds["all"] - after

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
        version = self.version
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
            "mining": self.mining,
            "log": str(self.log),
            "log_failure": self.log_failure,
        }


def _message(error: AcrmError) -> dict[str, str]:
    return {"what": error.what, "where": error.where, "hint": error.hint}
