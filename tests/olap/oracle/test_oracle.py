"""Every answer equals that of a second, slow and obvious implementation.

``ACRM_CUBE_QUERIES`` asks for more queries, ``ACRM_CUBE_SEED`` for other ones.
"""

from __future__ import annotations

import math
import os
import random
from decimal import Decimal
from itertools import zip_longest

import duckdb
import oracle_random as making
import pytest
from cubes_for_tests import definitions_in
from oracle_cells import Oracle

from acrm_olap.errors import CubeError
from acrm_olap.running import Database, Engine

STARS = int(os.environ.get("ACRM_CUBE_STARS", "40"))
QUERIES = int(os.environ.get("ACRM_CUBE_QUERIES", "2000"))
SEED = int(os.environ.get("ACRM_CUBE_SEED", "7"))


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


def star(rng, folder):
    complete, documents = making.documents(rng)
    connection = duckdb.connect()
    making.fill(connection, rng, complete)
    database = Database(connection, "memory")
    engine = Engine(database, definitions_in(folder, *documents))
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
