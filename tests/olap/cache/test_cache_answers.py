from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrm_olap import Cut, Query, Rights
from acrm_olap.definitions import read_definitions
from acrm_olap.errors import QueryStoppedError, UnknownNameError
from acrm_olap.query import make_query
from acrm_olap.results import Result, Source
from acrm_olap.running import Engine, open_database
from acrm_olap.running.bounds import bounded
from acrm_olap.running.cache import (
    BYTES_OF_AN_ENTRY,
    Cache,
    Key,
    canonical,
    canonical_rights,
)
from acrm_olap.running.database import Identity

CUBE = """
cube: sales
fact: fct_sales
dimensions:
  shop: {levels: {shop: shop}}
measures:
  net: {sum: amount}
"""


class Filled:
    """A table of a size, and nothing else of one."""

    def __init__(self, size: int) -> None:
        self.nbytes = size
        self.num_rows = 1


def result(size: int = 0, name: str = "") -> Result:
    source = Source(name, None, {}, (), (), "facts", (), 0.0)
    return Result(Filled(size), None, None, "", {}, source, {})  # type: ignore[arg-type]


def key(name: object, path) -> Key:
    file = Identity.of(path)
    assert file is not None
    return Key("d", file, name, ())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    return path


@pytest.fixture
def engine(tmp_path):
    path = tmp_path / "star.duckdb"
    write(path, 3)
    folder = tmp_path / "olap"
    folder.mkdir()
    (folder / "sales.yml").write_text(CUBE)
    made = Engine(open_database(path), read_definitions([folder]), cache=Cache())
    yield made
    made.database.close()


def write(path, rows):
    fresh = path.with_suffix(".fresh")
    with duckdb.connect(str(fresh)) as connection:
        connection.execute(
            "create table fct_sales as select 'a' as shop, i::int as amount"
            f" from range(1, {rows + 1}) as rows(i)"
        )
    fresh.replace(path)


NET = make_query("sales", "net", "shop.shop")


def test_an_equal_question_is_answered_from_memory(engine):
    first = engine.ask(NET)
    assert first.source.served_by == "facts"
    for _ in range(20):
        again = engine.ask(make_query("sales", "net", "shop.shop"))
        assert again.source.served_by == "cache"
        assert again.table is first.table


def test_an_answer_is_not_that_of_other_rights(engine):
    assert engine.ask(NET).value() == 6
    held = Rights((Cut("shop.shop", "in", ("b",)),))
    assert len(engine.ask(NET, held)) == 0
    hidden = Rights(hidden=frozenset({"sales.net"}))
    with pytest.raises(UnknownNameError):
        engine.ask(NET, hidden)
    assert engine.ask(NET).value() == 6


def test_a_file_that_was_replaced_is_not_answered_for(engine, tmp_path):
    engine.ask(NET)
    write(tmp_path / "star.duckdb", 4)
    assert engine.ask(NET).source.served_by == "facts"
    new = Engine(
        open_database(tmp_path / "star.duckdb"),
        engine.definitions,
        cache=engine.cache,
    )
    found = new.ask(NET)
    assert (found.value(), found.source.served_by) == (10, "facts")
    new.database.close()


def test_a_failure_is_not_kept(file):
    cache = Cache()
    asked = []

    def fail():
        asked.append(1)
        raise UnknownNameError("measure", "x", [])

    for _ in range(2):
        with pytest.raises(UnknownNameError):
            cache.answer(key("q", file), fail)
    assert len(asked) == 2
    assert cache.counts().entries == 0


def test_what_is_not_asked_for_longest_goes_first(file):
    cache = Cache(3 * BYTES_OF_AN_ENTRY)
    for name in ("a", "b", "c", "a", "d"):
        cache.answer(key(name, file), result)
    assert {name: again(cache, name, file) for name in ("a", "c", "d")} == {
        "a": True, "c": True, "d": True,
    }  # fmt: skip
    assert not again(cache, "b", file)


def again(cache, name, file):
    return cache.answer(key(name, file), result)[1]


def test_an_answer_that_is_larger_than_all_of_it_sweeps_nothing(file):
    cache = Cache(3 * BYTES_OF_AN_ENTRY)
    cache.answer(key("a", file), result)
    cache.answer(key("b", file), lambda: result(4 * BYTES_OF_AN_ENTRY))
    assert again(cache, "a", file)
    assert not again(cache, "b", file)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 6 * BYTES_OF_AN_ENTRY)), max_size=60
    )
)
def test_it_never_holds_more_than_it_may(tmp_path_factory, asked):
    path = tmp_path_factory.getbasetemp() / "held"
    path.write_text("x")
    most = 5 * BYTES_OF_AN_ENTRY
    cache = Cache(most)
    for name, size in asked:
        found, _ = cache.answer(
            key(name, path), lambda size=size, name=name: result(size, str(name))
        )
        assert found.source.name == str(name)
        assert cache.counts().bytes <= most
    kept = cache.counts()
    assert kept.entries * BYTES_OF_AN_ENTRY <= kept.bytes <= most
    file = Identity.of(path)
    assert file is not None
    cache.forget(file)
    assert (cache.counts().entries, cache.counts().bytes) == (0, 0)


def test_equal_questions_at_the_same_time_are_asked_once(file):
    cache = Cache()
    asked = []
    together = threading.Barrier(8)
    go_on = threading.Event()

    def slow():
        asked.append(1)
        go_on.wait(10)
        return result()

    def ask(_):
        together.wait(10)
        return cache.answer(key("q", file), slow)

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(ask, range(8))
        while cache.counts().waits < 7:
            assert len(asked) <= 1
        go_on.set()
        found = list(answers)
    assert len(asked) == 1
    assert sum(not again for _, again in found) == 1


def test_who_waits_for_a_failure_asks_for_himself(file):
    cache = Cache()
    begun, go_on = threading.Event(), threading.Event()

    def fail():
        begun.set()
        go_on.wait(10)
        raise QueryStoppedError("its client went away")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.answer, key("q", file), fail)
        assert begun.wait(10)
        second = pool.submit(cache.answer, key("q", file), result)
        while not cache.counts().waits:
            assert not second.done()
        go_on.set()
        with pytest.raises(QueryStoppedError):
            first.result(10)
        assert second.result(10)[1] is False
    assert again(cache, "q", file)


def test_who_waits_is_held_to_his_own_time(file):
    cache = Cache()
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        begun.set()
        go_on.wait(10)
        return result()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cache.answer, key("q", file), slow)
        assert begun.wait(10)
        with bounded(0.05), pytest.raises(QueryStoppedError):
            cache.answer(key("q", file), result)
        go_on.set()
        assert first.result(10)[1] is False


def test_many_threads_get_the_answers_they_asked_for(file):
    cache = Cache(4 * BYTES_OF_AN_ENTRY)

    def ask(n):
        name = str(n % 7)
        found, _ = cache.answer(key(name, file), lambda: result(n % 3, name))
        return found.source.name == name

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(3000)))
    counts = cache.counts()
    assert counts.bytes <= cache.most_bytes
    assert counts.hits + counts.misses + counts.waits >= 3000


CUTS = st.lists(
    st.builds(
        Cut,
        st.sampled_from(["a.a", "b.b"]),
        st.sampled_from(["in", "not in"]),
        st.lists(
            st.sampled_from([1, True, "1", Decimal(1), 1.0, None, date(2024, 1, 1)]),
            max_size=3,
        ).map(tuple),
    ),
    max_size=3,
)


@given(CUTS, st.randoms(use_true_random=False))
def test_in_which_order_cuts_stand_is_one(cuts, random):
    query = Query("c", ("m",), cuts=tuple(cuts))
    other = list(cuts)
    random.shuffle(other)
    turned = tuple(
        replace(cut, values=tuple(random.sample(cut.values, len(cut.values))))
        for cut in other
    )
    assert canonical(query) == canonical(replace(query, cuts=turned))
    rights, same = Rights(query.cuts), Rights(turned)
    assert canonical_rights(rights) == canonical_rights(same)


@given(CUTS, CUTS)
def test_questions_that_differ_have_keys_that_differ(cuts, others):
    def said(every):
        return {
            (cut.level, cut.operator, frozenset((type(v), v) for v in cut.values))
            for cut in every
        }

    first, second = (
        canonical(Query("c", ("m",), cuts=tuple(x))) for x in (cuts, others)
    )
    assert (first == second) == (said(cuts) == said(others))


@pytest.mark.parametrize(
    "change",
    [
        {"cube": "d"}, {"measures": ("n",)}, {"rows": ("a.a",)}, {"columns": ("a.a",)},
        {"as_of": "is"}, {"subtotals": True}, {"calculated": (("x", "m"),)},
        {"having": "m > 1"}, {"order": ("-m",)}, {"limit": 1}, {"offset": 1},
        {"empty": "show"}, {"open_periods": "whole"},
        {"part_periods": "hide"}, {"missing": "empty"},
        {"cuts": (Cut("a.a", "in", (1,)),)},
    ],
)  # fmt: skip
def test_every_field_of_a_question_is_in_its_key(change):
    query = Query("c", ("m",))
    assert canonical(replace(query, **change)) != canonical(query)


def test_a_changed_definition_has_another_fingerprint(engine, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "sales.yml").write_text(CUBE.replace("amount", "amount * 2"))
    new = Engine(engine.database, read_definitions([folder]), cache=engine.cache)
    assert engine.ask(NET).value() == 6
    found = new.ask(NET)
    assert (found.value(), found.source.served_by) == (12, "facts")
