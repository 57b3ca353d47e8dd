"""The quick linter as a test.

mypy and sqlfluff take long on a new machine: `make lint` runs them, and so does CI.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from repository_files import ROOT

TOOLS = {
    "ruff": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "--diff", "."],
}


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_has_nothing_to_say(name):
    done = subprocess.run(
        [sys.executable, *TOOLS[name]],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name} found:\n{done.stdout}\n{done.stderr}"
