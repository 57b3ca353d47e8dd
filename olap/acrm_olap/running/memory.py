"""What was found out about a published version, kept for the next process.

A version never changes, so what was proved of its tables once need not be proved by
every command again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from acrm.disk import write_atomically

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

    def get(self, name: str) -> Any:
        """Return a fact; None if it is not known."""
        return self._facts.get(name)

    def keep(self, name: str, fact: Any) -> None:
        """Keep a fact, which JSON can write."""
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
