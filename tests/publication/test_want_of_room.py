"""A build or publication without room on the disk or in memory ends in one message."""

from __future__ import annotations

import errno
from typing import Any

import duckdb
import pytest

from acrm.publication import current_version, release

FULL = OSError(errno.ENOSPC, "No space left on device")
MEMORY = duckdb.OutOfMemoryException("failed to allocate data")


@pytest.mark.parametrize("command", ["build", "publish"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, "The disk is full."),
        (duckdb.TransactionException(f"commit: {FULL}"), "The disk is full."),
        (MEMORY, "The build needs more memory than it may take."),
    ],
)
def test_what_is_wanting_is_told(published, acrm, monkeypatch, command, error, said):
    def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(release, "require_present", fails)
    if command == "publish":
        monkeypatch.setattr(release, "require_whole_build", lambda _: None)
    ended = acrm(command)
    assert ended.code == 2
    assert f"Error: {said}" in ended.stderr
    assert f"`acrm {command}` again" in ended.stderr
    assert "Readers see version 1." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert current_version(published).number == 1
