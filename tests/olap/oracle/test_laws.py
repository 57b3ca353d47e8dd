"""Laws that answers keep, over random stars and queries."""

from __future__ import annotations

import random
from dataclasses import replace

import duckdb
import oracle_random as making
import pytest
from cubes_for_tests import definitions_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_oracle import equal, same

from acrm_olap.errors import CubeError
from acrm_olap.planning import Rights
from acrm_olap.query import Cut, Query
from acrm_olap.running import Database, Engine

ADDITIVE = ["net", "pieces", "lines", "web_net", "mall_lines", "gross", "weight"]
FLAT = [level for level in making.LEVELS if level != "employee.reports"]
LAW = settings(
    max_examples=20, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
measure = st.sampled_from(ADDITIVE)
levels = st.lists(st.sampled_from(FLAT), min_size=1, max_size=3, unique=True)
seeds = st.integers(0, 2**32)
versions = st.sampled_from(["was", "is", "2023-09-30"])


@pytest.fixture(scope="module", params=range(3))
def engine(request, tmp_path_factory):
    rng = random.Random(request.param)  # noqa: S311
    complete, documents = making.documents(rng)
    connection = duckdb.connect()
    making.fill(connection, rng, complete)
    folder = tmp_path_factory.mktemp("laws")
    return Engine(Database(connection, "memory"), definitions_in(folder, *documents))


def cut_of(seed):
    return making.cut(random.Random(seed), FLAT)  # noqa: S311


def asked(name, rows, seed, as_of):
    return Query(
        "sales", (name,), tuple(rows), cuts=(cut_of(seed),), as_of=as_of,
        missing="empty",
    )  # fmt: skip


def added(rows, name):
    return sum(row[name] for row in rows if row[name] is not None)


@LAW
@given(measure, levels, seeds, versions)
def test_parts_add_up_to_the_total(engine, name, rows, seed, as_of):
    query = asked(name, rows, seed, as_of)
    parts = engine.ask(query).to_dicts()
    (total,) = engine.ask(replace(query, rows=())).to_dicts()
    assert equal(added(parts, name), total[name] or 0)


@LAW
@given(measure, levels, seeds, versions)
def test_to_drill_down_and_roll_up_again_gives_the_start(
    engine, name, rows, seed, as_of
):
    *coarse, finest = rows
    start = asked(name, coarse, seed, as_of)
    down = start.drill_down(finest)
    assert down.roll_up() == start
    before = engine.ask(start).to_dicts()
    found = {}
    for row in engine.ask(down).to_dicts():
        key = tuple(str(row.get(f"{each}.key", row[each])) for each in coarse)
        found.setdefault(key, []).append(row)
    for row in before:
        key = tuple(str(row.get(f"{each}.key", row[each])) for each in coarse)
        assert equal(added(found.get(key, []), name), row[name] or 0)


@LAW
@given(measure, st.sampled_from(FLAT), levels, versions)
def test_a_slice_is_the_same_before_and_after_rolling_up(
    engine, name, level, others, as_of
):
    rows = [level, *(each for each in others if each != level)]
    whole = engine.ask(Query("sales", (name,), tuple(rows), as_of=as_of)).to_dicts()
    by_level = engine.ask(Query("sales", (name,), (level,), as_of=as_of)).to_dicts()
    for row in by_level[:4]:
        key = row.get(f"{level}.key", row[level])
        bound = engine.cubes["sales"].level(level)
        member = key
        if isinstance(key, list):
            kinds = [int if "INT" in kind else str for kind in bound.types]
            member = tuple(
                None if part is None else kind(part)
                for kind, part in zip(kinds, key, strict=True)
            )
        if isinstance(member, tuple) and None in member:
            continue
        sliced = Query("sales", (name,), (), as_of=as_of).slice(level, member)
        (one,) = engine.ask(sliced).to_dicts()
        assert equal(one[name], row[name])
        inside = [
            each for each in whole if each.get(f"{level}.key", each[level]) == key
        ]
        assert equal(added(inside, name), row[name] or 0)


@LAW
@given(seeds)
def test_a_pivot_changes_no_cell(engine, seed):
    query = making.query(random.Random(seed))  # noqa: S311
    beside = any(name.endswith(tuple(making.AXIS)) for name in query.measures)
    if query.top or query.limit or query.offset or beside or "rank" in str(query):
        return
    turned = query.pivot()
    try:
        answers = [engine.ask(each).to_dicts() for each in (query, turned)]
    except CubeError:
        return
    if query.subtotals:
        return
    one, other = (sorted(map(by_name, rows)) for rows in answers)
    assert one == other


def by_name(row):
    cells = [
        f"{key}={round(value, 9) if isinstance(value, float) else value}"
        for key, value in row.items()
    ]
    return str(sorted(cells))


@LAW
@given(seeds, seeds)
def test_the_order_of_rows_changes_no_answer(engine, seed, other):
    query = making.query(random.Random(seed))  # noqa: S311
    try:
        before = engine.ask(query).to_dicts()
    except CubeError:
        return
    connection = engine.database.connection
    for fact in ("fct_sales", "fct_stock"):
        connection.execute(
            f"create or replace table {fact} as select * from {fact}"
            f" order by hash(rowid, {other})"
        )
    assert same(engine.ask(query).to_dicts(), before)


@LAW
@given(seeds, st.sampled_from(making.REGIONS))
def test_a_role_sees_what_it_may_and_no_more(engine, seed, region):
    """An answer under rights is that over a fact that has no other rows."""
    query = making.query(random.Random(seed))  # noqa: S311
    if query.cube != "sales" or any(".p" in name for name in query.measures):
        return
    rights = Rights(filters=(Cut("customer.region", "in", (region,)),))
    query = replace(query, open_periods="whole", empty="skip")
    try:
        found = engine.ask(query, rights).to_dicts()
        lines = Query(
            "sales", ("lines",), cuts=query.cuts, as_of=query.as_of, missing="empty"
        )
        seen = engine.ask(lines, rights).value()
        own = Query("sales", ("lines",), as_of="was")
        most = engine.ask(
            replace(own, cuts=(Cut("customer.region", "in", (region,)),))
        ).value()
    except CubeError:
        return
    assert seen <= most
    for row in found:
        if row.get("lines") is not None and not query.having:
            assert row["lines"] <= most


@LAW
@given(seeds, st.integers(1, 7))
def test_pages_put_together_are_the_whole(engine, seed, size):
    query = replace(
        making.query(random.Random(seed)),  # noqa: S311
        limit=None, offset=0,
    )  # fmt: skip
    try:
        whole = engine.ask(query).to_dicts()
    except CubeError:
        return
    if len(whole) > 40:
        return
    pages = []
    for offset in range(0, len(whole) + 1, size):
        page = replace(query, limit=size, offset=offset)
        pages += engine.ask(page).to_dicts()
    assert same(pages, whole)
