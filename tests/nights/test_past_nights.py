"""A past night, built again later, is what was published that night, row for row."""

from __future__ import annotations

import shutil

import pytest
from company import Company
from comparing import differences
from warehouse import Warehouse, silent

from acrm.building.dbt import Dbt
from acrm.example import Settings, make_company
from acrm.loading.batch_log import read_log

pytestmark = pytest.mark.slow


def test_each_night_can_be_shown_again_as_it_was_known_then(tmp_path):
    extracts = tmp_path / "company"
    make_company(Settings(500, 203, 11, daily=2, lines=10.0), extracts, silent)
    nightly = Warehouse.of(Company.create(tmp_path / "project").folder)
    nightly.load(extracts / "initial")
    nightly.build()
    published = {}
    for day in (*sorted((extracts / "daily").iterdir(), reverse=True), None):
        known = read_log(nightly.project)[-1].loaded_at
        published[known] = tmp_path / f"{len(published)}.duckdb"
        shutil.copy(nightly.database, published[known])
        if day is not None:
            nightly.load(day)
            nightly.build_night()

    *earlier, last = published
    assert len(earlier) == 2
    # a later night corrects and adds: the numbers of that day are no longer these
    for known in earlier:
        changed = differences(published[known], published[last])
        assert {"fct_sales_line", "fct_visit", "dim_customer"} <= changed.keys()

    for known in earlier:
        past = Warehouse.of(
            nightly.project.root, f"known_{earlier.index(known)}.duckdb"
        )
        past.dbt = Dbt(nightly.project, variables=f"{{as_known_on: '{known}'}}")
        past.build()
        assert differences(past.database, published[known]) == {}
