"""Every cube by every level: no row is lost or doubled, and measures are plain sums."""

from __future__ import annotations

import pytest
from company import ROOT

from acrm_olap.definitions import read_definitions

CUBES = read_definitions([ROOT / "olap"]).cubes
PLAIN = {"sum", "count", "count_distinct", "avg", "min", "max"}


def counted(cube):
    """Return measures that count rows, whatever their unit."""
    return [
        name
        for name, each in cube.measures.items()
        if each.kind in {"sum", "count"}
        and (each.argument == "*" or each.argument.endswith("_count"))
        and not each.filter
        and not each.over
    ]


@pytest.mark.parametrize("seen", ["was", "is"])
@pytest.mark.parametrize("name", sorted(CUBES.keys() - {"targets"}))
def test_the_cells_of_every_level_add_up_to_all_rows(cubes, name, seen):
    cube = cubes[name]
    totals = {
        measure: cube.query(measure, as_of=seen).value()
        for measure in counted(CUBES[name])
    }
    measure, total = next(each for each in totals.items() if each[1])
    for level in cube.levels:
        cells = cube.query(measure, level, as_of=seen).to_dicts()
        assert sum(cell[measure] or 0 for cell in cells) == total, level


@pytest.mark.parametrize("name", CUBES)
def test_a_measure_is_what_plain_sql_on_the_fact_gives(cubes, sql, name):
    definition = CUBES[name]
    asked = {
        title: each
        for title, each in definition.measures.items()
        if each.kind in PLAIN and not each.over
    }
    if not asked:
        assert name == "targets"
        return
    columns = []
    for title, each in asked.items():
        distinct = "distinct " if each.kind == "count_distinct" else ""
        call = f"{each.kind.removesuffix('_distinct')}({distinct}{each.argument})"
        filtered = f" filter (where {each.filter})" if each.filter else ""
        columns.append(f'{call}{filtered} as "{title}"')
    where = f" where {definition.where}" if definition.where else ""
    # mining outputs are of a company, which several systems may share
    of_company = "company" in definition.dimensions
    level, column = ("company", "id_space") if of_company else ("source_system",) * 2
    theirs = sql(
        f"select {column}, {', '.join(columns)} from {definition.fact}{where}"
        f" group by {column} order by {column}"
    )
    mine = cubes[name].query(list(asked), level).to_dicts()
    assert len(mine) == len(theirs) > 0
    for cell, row in zip(mine, theirs, strict=True):
        assert cell[level] == row[column]
        for title in asked:
            known = row[title] if row[title] is None else pytest.approx(row[title])
            assert cell[title] == known, title


def test_one_version_of_a_plan_is_what_plain_sql_gives(ask, sql):
    theirs = sql("""
        select plan_version, sum(target_net_amount) as net from fct_target
        group by plan_version order by plan_version
    """)
    mine = ask("targets", "target_net", "plan_version")
    assert [tuple(row.values()) for row in mine] == [
        tuple(row.values()) for row in theirs
    ]
