"""The small project with a landing folder: what is loaded is what is published."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from acrm.cli.app import main
from acrm.journal import read_last_run
from acrm.project import Project

ROOT = Path(__file__).parents[2]
SMALL_PROJECT = ROOT / "tests" / "small_project"

NOT_NEEDED = [
    "ctl_quarantine.sql",
    "ctl_run.sql",
    "customer_sales.sql",
    "customer_sales.yml",
]
PARSED = "partial_parse.msgpack"
SOURCES = """
version: 2
sources:
  - name: shop
    schema: raw_shop
    loader: acrm
    tables:
      - name: sales
        config: {meta: {files: ["sales*.csv"], event_time: order_date}}
        columns:
          - {name: line_number, data_type: bigint, config: {meta: {required: true}}}
          - {name: customer_key, data_type: bigint}
          - {name: order_date, data_type: date}
          - {name: amount, data_type: "decimal(18,2)", config: {meta: {required: true}}}
"""
SALES = """
select line_number, customer_key, order_date, amount
from read_parquet('{{ env_var("ACRM_WAREHOUSE") }}/raw/shop/sales/*/*.parquet')
where _batch_id in (
    select batch_id from read_parquet('{{ env_var("ACRM_WAREHOUSE") }}/batches/*')
)
"""
HEADER = "line_number,customer_key,order_date,amount\n"


@dataclass(frozen=True)
class SmallCompany:
    """A project, its warehouse, and the folder in which its shop's files land."""

    project: Project
    landing: Path

    @classmethod
    def create(cls, folder: Path) -> SmallCompany:
        """Make it anew; what dbt remembers of the last one's project is kept."""
        root = folder / "project"
        parsed = root / "target" / PARSED
        remembered = parsed.read_bytes() if parsed.exists() else None
        for path in folder.iterdir():
            shutil.rmtree(path)
        shutil.copytree(SMALL_PROJECT, root)
        for name in NOT_NEEDED:
            (root / "models" / "marts" / name).unlink()
        pack = root / "models" / "staging" / "shop"
        pack.mkdir()
        (pack / "_shop__sources.yml").write_text(SOURCES)
        (pack / "stg_shop__sales.sql").write_text(SALES)
        (root / "models" / "staging" / "stg_shop__sales.sql").unlink()
        if remembered is not None:
            parsed.parent.mkdir()
            parsed.write_bytes(remembered)
        landing = folder / "landing"
        (landing / "shop").mkdir(parents=True)
        return cls(Project(root=root, home=folder / "warehouse"), landing)

    @property
    def environment(self) -> dict[str, str]:
        given = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ACRM_", "DBT_"))
        }
        return given | {
            "ACRM_PROJECT": str(self.project.root),
            "ACRM_WAREHOUSE": str(self.project.home),
            "PYTHONPATH": str(ROOT / "python"),
        }

    def deliver(
        self, name: str, rows: int = 10, amount: str = "1.25", first: int = 0
    ) -> Path:
        """Put a file into the landing folder, whole at once."""
        path = self.landing / "shop" / name
        hidden = path.with_name(f".{name}")
        lines = [
            f"{row},{row % 7},2026-01-{row % 30 + 1:02d},{amount}\n"
            for row in range(first, first + rows)
        ]
        hidden.write_text(HEADER + "".join(lines))
        hidden.rename(path)
        return path

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "acrm", "run", str(self.landing), *options]

    def last_log(self) -> list[dict[str, object]]:
        logged = read_last_run(self.project)
        assert logged is not None
        return list(logged.entries)

    @property
    def database(self) -> Path:
        return self.project.published / "current" / "acrm.duckdb"

    def totals(self) -> tuple[int, str, str] | None:
        """Rows and sums of a fact and its aggregate, as any tool reads them."""
        if not self.database.exists():
            return None
        with duckdb.connect(str(self.database), read_only=True) as reader:
            ((rows, amount),) = reader.execute(
                "select count(*), sum(amount)::varchar from fct_sales_line"
            ).fetchall()
            ((aggregated,),) = reader.execute(
                "select sum(amount)::varchar from agg_customer"
            ).fetchall()
        return rows, amount, aggregated


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Nights(SmallCompany):
    """The same, run through the command's own entry in this process."""

    capfd: pytest.CaptureFixture[str] = field(kw_only=True)
    monkeypatch: pytest.MonkeyPatch = field(kw_only=True)

    def run(self, *options: str, code: int) -> Ended:
        """Run ``acrm run`` on the landing folder; it has to end with a code."""
        for name in ("ACRM_DATABASE", "DBT_PROFILES_DIR"):
            self.monkeypatch.delenv(name, raising=False)
        for name in ("ACRM_PROJECT", "ACRM_WAREHOUSE"):
            self.monkeypatch.setenv(name, self.environment[name])
        arguments = ["acrm", "run", str(self.landing), *options]
        self.monkeypatch.setattr(sys, "argv", arguments)
        self.capfd.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        ended = Ended(int(exit_.value.code or 0), *self.capfd.readouterr())
        assert ended.code == code, ended.out + ended.err
        return ended

    def summary(self, *options: str, code: int = 0) -> dict[str, Any]:
        return json.loads(self.run("--json", *options, code=code).out)
