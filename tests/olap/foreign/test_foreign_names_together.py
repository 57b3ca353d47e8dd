"""Odd names, queries as tables, sets by a measure, depths and members not there."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cubes_for_tests import cubes_of, rows_of

from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.sql.keyed import Limits, Sizes

TABLES = """
create table "The Staff" as from (values
    (1, null, 'Ann', 'Head Office'), (2, 1, 'Ben', 'Head Office'),
    (3, 1, 'Cid', 'Plant'), (4, 2, 'Dot', 'Plant'), (5, 2, 'Eli', 'Plant')
) t("Staff No.", "Boss No.", "Full Name", "order");
create table "cells" as from (values
    (1, 2.0::decimal(9, 2), 'x'), (2, 4, 'y'), (4, 8, 'y'), (5, 16, 'y'), (3, 1, 'x'),
    (4, 8, 'y')
) t("Staff No.", "Net Pay", "group");
"""
STAFF = """
dimension: staff
table: (select * from "The Staff")
key: '"Staff No."'
levels:
  order: {key: order}
  staff: {key: '"Staff No."', label: Full Name}
hierarchies:
  reports: {level: staff, parent: '"Boss No."', by_depth: [head, lead]}
"""
WAGES = """
cube: wages
fact: (select *, "Net Pay" * 2 as "Twice ""as"" much" from cells)
dimensions:
  staff: {key: '"Staff No."', complete: true}
  group: {levels: {group: group}}
measures:
  pay: {sum: '"Net Pay"'}
  twice: {sum: '"Twice ""as"" much"'}
sets:
  best: {level: staff.lead, top: 1, by: pay}
"""


@pytest.fixture(params=["", "codes"])
def wages(tmp_path, request):
    cubes = cubes_of(tmp_path, TABLES, STAFF, WAGES)
    if request.param:
        engine = cubes.engine
        tables = dict.fromkeys(
            [cube.base.fact for cube in engine.cubes.values()], 1_000_000
        )
        tables[engine.cubes["wages"].uses["staff"].dimension.table] = 5
        limits = Limits(members=0, rows=0, rows_a_member=0)
        engine.sizes = Sizes(tables, engine.sizes.members, limits, engine.sizes.look_up)
        asked = cubes["wages"].question("pay", rows="staff.order")
        assert "_code" in engine.statement(engine.plan(asked)).sql()
    return cubes["wages"]


def test_queries_with_odd_names_are_grouped_and_cut(wages):
    answer = wages.query(["pay", "twice"], "staff.order")
    assert rows_of(answer) == [
        ("Head Office", Decimal(6), Decimal(12)), ("Plant", Decimal(33), Decimal(66)),
    ]  # fmt: skip
    where = {"staff.order": "Plant", "group": "x"}
    assert wages.query("pay", where=where).value() == 1
    with pytest.raises(UnknownNameError, match="Did you mean 'Plant'"):
        wages.query("pay", where={"staff.order": "Plnt"})


def test_levels_by_depth_are_cut_by_members_that_are_there(wages):
    # Under Ann, by who stands below her: Ann herself 2, Ben 4 + 8 + 8 + 16, Cid 1.
    assert rows_of(wages.query("pay", "staff.lead")) == [
        ("Ann", 2), ("Ben", 36), ("Cid", 1),
    ]  # fmt: skip
    assert wages.query("pay", where={"staff.lead": 2}).value() == 36
    assert wages.query("pay", where={"staff.reports": 2}).value() == 36
    with pytest.raises(UnknownNameError, match="has no member '4'"):
        wages.query("pay", where={"staff.lead": 4})
    assert wages.query("pay", where={"staff.lead": 4}, missing="empty").value() is None


def test_a_set_by_a_measure_stands_beside_members_that_are_looked_up(wages):
    assert wages.query("pay", where={"staff.lead": "@best"}).value() == 36
    both = {"staff.lead": ["@best", 3]}
    assert wages.query("pay", where=both).value() == 37
    assert wages.query("pay", where={"staff.lead": {"not": ["@best"]}}).value() == 3
    with pytest.raises(UnknownNameError, match="has no member '9'"):
        wages.query("pay", where={"staff.lead": ["@best", 9]})
    with pytest.raises(MeaningError, match="a query alone finds out"):
        wages.facts({"staff.lead": "@best"})


def test_rows_of_a_query_come_in_the_order_of_what_is_shown(wages):
    found = wages.facts({"staff.order": "Plant"}, columns=["staff.staff", "Net Pay"])
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (3, 1), (4, 8), (4, 8), (5, 16),
    ]  # fmt: skip
    assert wages.facts(limit=1).to_pylist() == [
        {'"Staff No."': 1, "Net Pay": Decimal(2), "group": "x",
         '"Twice ""as"" much"': Decimal(4)}
    ]  # fmt: skip


def test_a_cube_of_queries_is_described_with_its_trees_and_sets(wages):
    found = wages.describe()
    (staff,) = (each for each in found["dimensions"] if each["name"] == "staff")
    shown = [
        (h["name"], h["levels"], h["tree"], h["level"]) for h in staff["hierarchies"]
    ]
    assert shown == [
        ("reports", ["staff.reports"], True, "staff.staff"),
        ("reports_by_depth", ["staff.head", "staff.lead"], False, ""),
    ]
    (best,) = found["sets"]
    assert (best["rule"], best["members"]) == ("top 1 by pay", [])
