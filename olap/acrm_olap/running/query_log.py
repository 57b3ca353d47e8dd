"""A log of queries, one line of JSON each: what they ask of facts, and how long.

It names levels and measures, never members, so that it says nothing about anybody.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

from acrm_olap.aggregates.asks import asks_of
from acrm_olap.errors import CubeError
from acrm_olap.planning import Plan
from acrm_olap.results import Source


class QueryLog:
    """A file that gets a line for each query that was answered.

    Parameters
    ----------
    path : Path
        The file; it is made if it is not there, and added to if it is.

    Raises
    ------
    CubeError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._file = path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise CubeError(
                f"The log of queries cannot be written: {error.strerror}.",
                where=str(path),
                hint="Give a file in a folder that is there, and that may be written.",
            ) from error

    def note(self, plan: Plan, source: Source) -> None:
        """Add a line for a query that was answered."""
        line = {
            "asks": [ask.as_dict() for ask in asks_of(plan)],
            "served_by": source.served_by,
            "seconds": round(source.seconds, 6),
        }
        with self._lock:
            self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()
