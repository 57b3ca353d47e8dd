"""What was found out about a published version, kept for the next process.

A version never changes, so what was proved of its tables once need not be proved by
every command again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from acrm.disk import write_atomically
from acrm_olap.running.bounds import STEP_SECONDS, bounds

Found = TypeVar("Found")
KEPT_VERSIONS = 20


class Memory:
    """Facts by name, in memory and, for a published version, in a file.

    Parameters
    ----------
    path : Path, optional
        The file; without one, facts last as long as the process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._facts: dict[str, Any] = _read(path) if path else {}
        self._lock = threading.RLock()

    def once(self, key: Sequence[str], find: Callable[[], Found]) -> Found:
        """Return what was found before, or find it now; one thread at a time.

        Parameters
        ----------
        key : sequence of str
            What tells the fact from others.
        find : callable
            Finds it; JSON can write what it returns.
        """
        name = json.dumps(key)
        # Who waits for another to find something is held to his own time.
        while not self._lock.acquire(timeout=STEP_SECONDS):
            bounds().check()
        try:
            found: Found | None = self._facts.get(name)
            if found is None:
                found = find()
                self._keep(name, found)
            return found
        finally:
            self._lock.release()

    def _keep(self, name: str, fact: Any) -> None:
        self._facts[name] = fact
        if self.path is None:
            return
        # A home that may only be read is no reason to refuse an answer.
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            known = _read(self.path) | self._facts
            write_atomically(self.path, json.dumps(known, indent=1).encode())
            _forget_old(self.path.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("*.json"))[:-KEPT_VERSIONS]:
        old.unlink(missing_ok=True)
