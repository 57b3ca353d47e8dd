"""Every answer equals that of a second, slow and obvious implementation.

``ACRM_CUBE_QUERIES`` asks for more queries, ``ACRM_CUBE_SEED`` for other ones.
"""

from __future__ import annotations

import math
import os
import random
import re
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest

import duckdb
import oracle_random as making
import pytest
from cubes_for_tests import definitions_in
from oracle_cells import Oracle

from acrm_olap.errors import CubeError
from acrm_olap.running import Database, Engine
from acrm_olap.running.whole_days import with_days
from acrm_olap.sql.keyed import Limits

STARS = int(os.environ.get("ACRM_CUBE_STARS", "40"))
QUERIES = int(os.environ.get("ACRM_CUBE_QUERIES", "2000"))
SEED = int(os.environ.get("ACRM_CUBE_SEED", "7"))
# As they are; codes wherever they can be; keys of some dimensions and codes of others.
LIMITS = [
    Limits(),
    Limits(members=0, rows=0, rows_a_member=0),
    Limits(groups=40, rows=0, rows_a_member=0),
]


@pytest.mark.parametrize("number", range(STARS))
def test_random_queries_are_answered_as_by_the_oracle(number, tmp_path):
    rng = random.Random(SEED * 1000 + number)  # noqa: S311 -- no secret
    engine, oracle = star(rng, tmp_path)
    refused = 0
    for _ in range(QUERIES // STARS):
        query = making.query(rng)
        try:
            found = engine.ask(query).to_dicts()
        except CubeError:
            refused += 1
            continue
        expected = oracle.answer(query)
        assert same(found, expected), explain(query, found, expected)
    assert refused < QUERIES // STARS * 0.5


def test_random_queries_reach_every_way_of_asking(tmp_path):
    reached = set()
    for number in range(STARS_TO_REACH_ALL):
        rng = random.Random(SEED * 1000 + number)  # noqa: S311 -- no secret
        engine, _ = star(rng, tmp_path / str(number))
        for _ in range(40):
            with suppress(CubeError):
                reached |= ways_of(engine, engine.plan(making.query(rng)))
    assert reached == WAYS


WAYS = {
    "by code", "by key", "by code and key", "by code without a member",
    "periods looked up", "periods asked", "sums apart", "by day",
}  # fmt: skip
STARS_TO_REACH_ALL = 5


def ways_of(engine, plan):
    """Which of the ways of asking that are there for speed a plan is written in."""
    sql = engine.statement(plan).sql()
    found = set()
    if "AS _code" in sql:
        found.add("by code")
        if "LEFT JOIN codes_" in sql:
            found.add("by code without a member")
    if re.search(r'fact\."\w+" AS k_', sql):
        found |= {"by key", "by code and key"} if "by code" in found else {"by key"}
    if plan.time is not None:
        found.add("periods looked up" if "UNNEST(" in sql else "periods asked")
    if re.search(r"SUM\([^()]*\)(?: FILTER\([^()]*\))? [-+] SUM\(", sql):
        found.add("sums apart")
    if with_days(plan, engine.knowledge).cuts != plan.cuts:
        found.add("by day")
    return found


def star(rng, folder):
    complete, documents = making.documents(rng)
    connection = duckdb.connect()
    making.fill(connection, rng, complete)
    database = Database(connection, "memory")
    engine = Engine(database, definitions_in(folder, *documents))
    engine.sizes = replace(
        engine.sizes,
        limits=rng.choice(LIMITS),
        look_up=rng.choice([engine.sizes.look_up, engine.sizes.look_up, None]),
    )
    return engine, Oracle(connection, engine.cubes)


def same(found, expected):
    return len(found) == len(expected) and all(
        one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
        for one, other in zip(found, expected, strict=True)
    )


def equal(one, other):
    if one is None or other is None:
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, Decimal | int) and isinstance(other, Decimal | int):
        return one == other
    return type(one) is type(other) and one == other


def explain(query, found, expected):
    """Show the query, and the first rows that differ."""
    lines = [repr(query), f"{len(found)} rows, the oracle has {len(expected)}"]
    for n, (one, other) in enumerate(zip_longest(found, expected)):
        if one is None or other is None or not same([one], [other]):
            lines += [f"row {n}:   {one}", f"oracle: {other}"]
    return "\n".join(lines[:8])
