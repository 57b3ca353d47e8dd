"""A copy of the project with a warehouse of its own, driven by its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[1]
EXTRACTS = Path(__file__).parent / "extracts"
PARTS = [
    "analyses",
    "dbt_project.yml",
    "macros",
    "models",
    "olap/cubes",
    "olap/dimensions",
    "profiles.yml",
    "seeds",
    "selectors.yml",
    "tests/dbt",
]


@dataclass(frozen=True)
class Company:
    """One project folder, with its warehouse home and its build file inside."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Company:
        for part in PARTS:
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        return cls(folder)

    def run(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; fail with all it said on another exit code."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ACRM_", "DBT_"))
        }
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT / "python"), str(ROOT / "olap")]
        )
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, (
            f"{' '.join(command)}: exit code {done.returncode}, not {code}\n"
            f"{done.stdout}\n{done.stderr}"
        )
        return done

    def acrm(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "acrm", *command, code=code)

    def dbt(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "dbt.cli.main", *command, code=code)

    @property
    def published(self) -> Path:
        return self.folder / "warehouse" / "published" / "current" / "acrm.duckdb"

    def ask(self, sql: str, database: Path | None = None) -> list[tuple[Any, ...]]:
        """Ask the published version, or another file, as any tool would."""
        with duckdb.connect(str(database or self.published), read_only=True) as reader:
            return reader.execute(sql).fetchall()
