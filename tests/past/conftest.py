"""A project of one fact with the real macros over the raw zone of one shop."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from acrm.loading.load import load
from acrm.loading.options import Options
from acrm.project import Project

ROOT = Path(__file__).parents[2]
PACKS = """  packs:
    shop: {source_time_zone: UTC, business_time_zone: UTC, entities: []}
"""
TOO_MUCH = "  too_much: 1000  # an amount that makes a data test fail\n"
SOURCES = """
version: 2
sources:
  - name: shop
    schema: raw_shop
    loader: acrm
    tables:
      - name: sales
        config: {meta: {files: ["sales*.csv"], key: [line], event_time: day}}
        columns:
          - {name: line, data_type: bigint, config: {meta: {required: true}}}
          - {name: day, data_type: date}
          - {name: amount, data_type: "decimal(18,2)"}
"""
FACT = """
{{ config(
    materialized='incremental', incremental_strategy='by_record', unique_key='line',
    on_schema_change='fail',
) }}

select line, day, amount, _loaded_at as loaded_at
from {{ ref('stg_shop__sales') }}
qualify row_number() over (partition by line order by _loaded_at desc) = 1
"""
CONTRACT = """
version: 2
models:
  - name: fct_sales_line
    columns:
      - {name: line, data_type: bigint}
      - {name: day, data_type: date}
      - {name: amount, data_type: "decimal(18,2)"}
      - {name: loaded_at, data_type: timestamp}
"""
TEST = "select * from {{ ref('fct_sales_line') }} where amount >= {{ var('too_much') }}"


def create(root: Path) -> None:
    shutil.copytree(ROOT / "macros", root / "macros")
    shutil.copy(ROOT / "profiles.yml", root)
    settings = (ROOT / "dbt_project.yml").read_text()
    start = settings.index("  packs:\n")
    end = settings.index("  # The day that idle months")
    settings = settings[:start] + PACKS + TOO_MUCH + settings[end:]
    (root / "dbt_project.yml").write_text(settings)
    staging, control = root / "models/staging", root / "models/marts/control"
    shutil.copytree(ROOT / "tests/dbt/generic", root / "tests/dbt/generic")
    for folder in (staging / "shop", control, root / "seeds"):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "models/staging/_landing__sources.yml", staging)
    for name in ("ctl_run", "ctl_quarantine"):
        for ending in (".sql", ".yml"):
            shutil.copy(ROOT / f"models/marts/control/{name}{ending}", control)
    (staging / "shop/_shop__sources.yml").write_text(SOURCES)
    (staging / "shop/stg_shop__sales.sql").write_text(
        "select * from {{ source('shop', 'sales') }}"
    )
    (control.parent / "fct_sales_line.sql").write_text(FACT)
    (control.parent / "fct_sales_line.yml").write_text(CONTRACT)
    (root / "tests/dbt/assert_no_amount_is_too_much.sql").write_text(TEST)


@dataclass(frozen=True)
class Shop:
    """The project, its home, and deliveries at stated moments."""

    project: Project

    @property
    def folder(self) -> Path:
        """Where past builds stand."""
        return self.project.home / "as_known_on"

    def deliver(self, rows: str, at: str) -> None:
        """Load lines of ``line,day,amount`` as if the clock said so."""
        file = self.project.root / "sales.csv"
        file.write_text(f"line,day,amount\n{rows}")
        moment = datetime.fromisoformat(at)
        options = Options(extracted_at=moment)
        result = load(self.project, file, "shop", options, clock=lambda: moment)
        assert result.batch_id

    def ask(self, file: Path, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file), read_only=True) as reader:
            return reader.execute(sql).fetchall()


@pytest.fixture(scope="session")
def parsed_once(tmp_path_factory):
    """What dbt remembers of the project, in the one place where all tests have it."""
    return tmp_path_factory.mktemp("past")


@pytest.fixture
def small(parsed_once, monkeypatch):
    """The project, under the name by which the fixture ``acrm`` finds it."""
    root = parsed_once / "project"
    remembered = {
        path.relative_to(root): path.read_bytes()
        for path in root.glob("target/**/partial_parse.msgpack")
    }
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    create(root)
    for name, content in remembered.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    monkeypatch.setenv("ACRM_PROJECT", str(root))
    monkeypatch.delenv("ACRM_WAREHOUSE", raising=False)
    monkeypatch.delenv("ACRM_DATABASE", raising=False)
    return Project(root=root, home=root / "warehouse")


@pytest.fixture
def shop(small):
    """Two deliveries in the first days of December; the second corrects a line."""
    shop = Shop(small)
    shop.deliver("1,2025-11-30,10.00\n2,2025-11-30,x\n", "2025-12-01T23:59:59.999999")
    shop.deliver("1,2025-11-30,12.50\n3,2025-12-01,1.00\n", "2025-12-02T00:00:00")
    return shop
