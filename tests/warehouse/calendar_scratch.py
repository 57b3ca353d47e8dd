"""A dbt project with the calendar and its neighbours, and nothing else.

Models, seeds, macros and tests are the real ones; the only stand-in is the range of
days that the data needs, so that the calendar is tested without any system.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

ROOT = Path(__file__).parents[2]
SUNDAY = 7

PARTS = [
    "macros",
    "tests/dbt/generic",
    "tests/dbt/core/assert_holidays_cover_the_calendar.sql",
    "models/intermediate/calendar",
    *(
        f"models/marts/core/{name}.{kind}"
        for name in ("dim_date", "dim_time_of_day", "dim_channel")
        for kind in ("sql", "yml")
    ),
    *(
        f"seeds/{name}.{kind}"
        for name in ("holiday", "channel")
        for kind in ("csv", "yml")
    ),
]

RETAIL = {
    "calendar_from": "2000-01-01",
    "calendar_to": "2035-12-31",
    "fiscal_year_start_month": 2,
    "fiscal_week_start_day": SUNDAY,
}
ISO = RETAIL | {"fiscal_year_start_month": 1, "fiscal_week_start_day": 1}
# A fiscal year of neither: it begins on the Saturday nearest to 1 October.
OCTOBER = RETAIL | {"fiscal_year_start_month": 10, "fiscal_week_start_day": 6}


@dataclass(frozen=True)
class Row:
    """One row, its columns as attributes."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True)
class Scratch:
    """A dbt project with the calendar and nothing else."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, first: str = "null", last: str = "null") -> Scratch:
        for part in PARTS:
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
        for hook in ("on-run-start", "on-run-end"):
            project.pop(hook, None)
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
        shutil.copy(ROOT / "profiles.yml", folder)
        (folder / "models/intermediate/int_business_date_range.sql").write_text(
            f"select {first}::date as first_business_date,"
            f" {last}::date as last_business_date"
        )
        return cls(folder)

    def dbt(
        self, command: str, variables: dict[str, Any], *extra: str
    ) -> dbtRunnerResult:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.setenv("ACRM_DATABASE", str(self.folder / "calendar.duckdb"))
            result = dbtRunner().invoke(
                [
                    command,
                    *("--quiet", "--log-level-file", "none"),
                    *("--project-dir", str(self.folder)),
                    *("--profiles-dir", str(self.folder)),
                    *("--vars", json.dumps(variables)),
                    *extra,
                ]
            )
        # dbt keeps its connection; reading needs it closed
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager.close_all_connections()
        return result

    def build_without_tests(self, variables: dict[str, Any]) -> None:
        tests = ("test", "unit_test")
        skipped = [f"--exclude-resource-type={kind}" for kind in tests]
        built = self.dbt("build", variables, *skipped)
        assert built.success, messages(built)

    def rows(self, table: str, order_by: str) -> list[Row]:
        with duckdb.connect(
            self.folder / "calendar.duckdb", read_only=True
        ) as database:
            cursor = database.execute(f"select * from {table} order by {order_by}")
            names = [column[0] for column in cursor.description]
            return [
                Row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()
            ]

    def days(self) -> list[Row]:
        return [
            row
            for row in self.rows("dim_date", "date_key")
            if row.member_type == "date"
        ]


def messages(result: dbtRunnerResult) -> str:
    """Say what dbt has to say: its own error, or that of every node."""
    if result.exception:
        return str(result.exception)
    return "\n".join(str(one.message) for one in result.result.results)
