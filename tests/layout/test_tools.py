"""Linters and types of the Python as tests.

sqlfluff takes as long as a third of all tests: `make lint` runs it, and so does CI.
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
    "mypy": ["-m", "mypy"],
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
