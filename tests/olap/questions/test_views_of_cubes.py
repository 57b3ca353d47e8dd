"""The views of our cubes: what the comment of a column says gives the measure."""

from __future__ import annotations

import re

import duckdb
import pytest
from company import ROOT

from acrm_olap.export.planned import planned_views

VIEWS = {view.name: view for view in planned_views(ROOT)}
WRITTEN = re.compile(r"\w+\((?:distinct )?[^()]*\)")


@pytest.fixture(scope="module")
def views(example_stars):
    with duckdb.connect() as connection:
        file = example_stars.warehouse.database
        connection.execute(f"attach '{file}' as stars (read_only)")
        connection.execute("use stars")
        for view in VIEWS.values():
            connection.execute(f"create temp view {view.name} as {view.sql()}")
        yield connection


@pytest.mark.parametrize("name", VIEWS)
def test_the_aggregate_of_a_comment_gives_the_measure(cubes, views, name):
    cube = cubes[name.removeprefix("cube_")]
    about = {column.name: column.about for column in VIEWS[name].columns}
    bound = cubes.engine.cubes[cube.name]
    asked = {
        title: written[0]
        for title, each in bound.measures.items()
        if not each.is_calculated
        and not each.measure.over
        and (written := WRITTEN.match(about[title]))
    }
    if not asked:
        assert cube.name == "targets"
        return
    # mining outputs are of a company, which several systems may share
    level = "company" if "company" in bound.uses else "source_system"
    theirs = views.execute(
        f"select {level}, {', '.join(asked.values())} from {name}"
        f" group by {level} order by {level}"
    ).fetchall()
    mine = cube.query(list(asked), level).to_dicts()
    assert len(mine) == len(theirs) > 0
    for cell, row in zip(mine, theirs, strict=True):
        assert list(cell.values())[-len(asked) :] == [
            value if value is None else pytest.approx(value) for value in row[1:]
        ]
