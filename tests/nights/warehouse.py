"""A build file of models over the raw zone of a copy of the project, without tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from acrm.building.dbt import Dbt
from acrm.building.outcome import read_outcome
from acrm.loading.load import load
from acrm.project import DATABASE_VARIABLE, Project


def silent(_what: str, _done: int, _total: int) -> None:
    """Take note of progress and say nothing."""


@dataclass
class Warehouse:
    """One build file; several may stand over one raw zone."""

    project: Project
    database: Path
    dbt: Dbt

    @classmethod
    def of(cls, folder: Path, name: str = "acrm.duckdb") -> Warehouse:
        project = Project(root=folder, home=folder / "warehouse")
        return cls(project, folder / "target" / name, Dbt(project))

    def load(self, folder: Path) -> None:
        """Load what every system has delivered into its folder below this one."""
        for system in sorted(path for path in folder.iterdir() if path.is_dir()):
            load(self.project, system, system.name)

    def build(self, *, mining: bool = False) -> None:
        """Run all models from the whole raw zone; their tests run elsewhere."""
        without = () if mining else ("--exclude", "tag:mining")
        self._run(["seed"], ["run", "--full-refresh", *without])

    def build_part(self, select: str, *, full: bool = False) -> None:
        """Run some models as they stand; or, `full`, anew from the whole raw zone."""
        without = ("--exclude-resource-type", "test", "unit_test")
        anew = ("--full-refresh",) if full else ()
        self._run(["build", "--select", select, *without, *anew])

    def build_night(self) -> None:
        """Run what a night changes: all but views, which stand already, and mining."""
        self._run(["run", "--exclude", "config.materialized:view", "tag:mining"])

    def _run(self, *commands: list[str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(DATABASE_VARIABLE, str(self.database))
            for command in commands:
                outcome = read_outcome(self.dbt.run(command), self.project.root)
                outcome.require_pass("The build", readers="")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as reader:
            return reader.execute(sql).fetchall()
