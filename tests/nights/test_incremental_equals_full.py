"""Thirty-one nights of an example company, out of order: incremental equals full."""

from __future__ import annotations

import os
import random
from pathlib import Path

import duckdb
import pytest
from company import Company
from warehouse import Warehouse, silent

from acrm.example import Settings, make_company

pytestmark = pytest.mark.slow

NIGHTS = int(os.environ.get("ACRM_NIGHTS", "31"))
# one row a run, so never the same in two files
OF_RUNS = {"ctl_run", "ctl_run_node"}


def tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    rows = connection.execute(
        """
        select table_name from information_schema.tables
        where table_catalog = ? and table_schema = 'main'
        order by table_name
        """,
        [catalog],
    ).fetchall()
    return [name for (name,) in rows if name not in OF_RUNS]


def differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Count the rows that only one of two files has, by table; a row is all columns."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as night (read_only)")
        connection.execute(f"attach '{other}' as whole (read_only)")
        names = tables(connection, "night")
        assert names == tables(connection, "whole")
        found = {}
        for name in names:
            counts = [
                connection.execute(
                    f"select count(*) from (from {a}.main.{name}"
                    f" except all from {b}.main.{name})"
                ).fetchall()[0][0]
                for a, b in (("night", "whole"), ("whole", "night"))
            ]
            if any(counts):
                found[name] = (counts[0], counts[1])
        return found


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

    whole.build()
    assert nightly.ask("select count(*) from fct_sales_line") > lines_before
    assert differences(nightly.database, whole.database) == {}
