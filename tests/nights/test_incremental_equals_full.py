"""Thirty-one nights of an example company, out of order: incremental equals full."""

from __future__ import annotations

import os
import random

import pytest
from company import Company
from comparing import differences
from warehouse import Warehouse, silent

from acrm.example import Settings, make_company

pytestmark = pytest.mark.slow

NIGHTS = int(os.environ.get("ACRM_NIGHTS", "31"))


def test_nights_out_of_order_give_what_a_full_build_gives(tmp_path):
    extracts = tmp_path / "company"
    make_company(
        Settings(500, NIGHTS + 200, 11, daily=NIGHTS, lines=30.0),
        extracts,
        silent,
    )
    copy = Company.create(tmp_path / "project")
    nightly = Warehouse.of(copy.folder)
    whole = Warehouse.of(copy.folder, "whole.duckdb")
    days = sorted((extracts / "daily").iterdir())
    assert len(days) == NIGHTS
    random.Random(5).shuffle(days)  # noqa: S311

    nightly.load(extracts / "initial")
    nightly.build()
    lines_before = nightly.ask("select count(*) from fct_sales_line")
    for day in days:
        nightly.load(day)
        nightly.build_night()

    # months were kept by differences, not all done whole
    assert nightly.ask("""
        select count(*) from intermediate.changed_day
        where model = 'agg_sales__month' and date_key is not null and not is_rekeyed
    """) > [(0,)]

    whole.build()
    assert nightly.ask("select count(*) from fct_sales_line") > lines_before
    assert differences(nightly.database, whole.database) == {}
