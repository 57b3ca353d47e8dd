"""An example company and its stars, built once for all processes of a test run."""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from company import Company
from nights.warehouse import Warehouse, silent

from acrm.example import Settings, make_company
from acrm.project import DATABASE_VARIABLE

Row = dict[str, Any]


@dataclass(frozen=True)
class ExampleStars:
    """A built company, to be asked and not to be changed."""

    warehouse: Warehouse

    @classmethod
    def shared(cls, base: Path) -> ExampleStars:
        """Build them below a folder, unless another process of the run has."""
        folder = base / "example_stars"
        with (base / "example_stars.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            built = folder / "built"
            if not built.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                cls._build(folder)
                built.touch()
        return cls(Warehouse.of(folder / "project"))

    @staticmethod
    def _build(folder: Path) -> None:
        make_company(Settings(2_000, 400, 4, daily=1), folder / "made", silent)
        warehouse = Warehouse.of(Company.create(folder / "project").folder)
        warehouse.load(folder / "made" / "initial")
        warehouse.build(mining=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(DATABASE_VARIABLE, str(warehouse.database))
            warehouse.dbt.run(["compile", "--select", "path:analyses"])

    @property
    def analyses(self) -> Path:
        """Folder of the analyses, as dbt compiled them."""
        return self.warehouse.project.root / "target" / "compiled" / "acrm" / "analyses"

    def sql(self, text: str) -> list[Row]:
        """Ask by SQL."""
        with duckdb.connect(str(self.warehouse.database), read_only=True) as reader:
            answer = reader.execute(text)
            names = [column[0] for column in answer.description or []]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def question(self, number: str) -> list[Row]:
        """Ask the analysis of a question."""
        (path,) = self.analyses.glob(f"question_{number}_*.sql")
        rows = self.sql(path.read_text(encoding="utf-8"))
        assert rows, path.name
        return rows
