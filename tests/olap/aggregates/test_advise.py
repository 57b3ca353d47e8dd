"""Aggregates are proposed from a log of queries, with size and gain."""

from __future__ import annotations

import json

import pytest
from star import FILES, build, engine_over, make_star, write_files

from acrm_olap.aggregates.advise import advise, read_log
from acrm_olap.errors import CubeError
from acrm_olap.query import make_query
from acrm_olap.running.query_log import QueryLog
from acrm_olap.running.sizes import FileSizes

SALES = FILES["cubes/sales.yml"]
BARE = FILES | {"cubes/sales.yml": SALES[: SALES.index("aggregates:")]}


@pytest.fixture
def logged(tmp_path):
    """An engine without aggregates that notes its queries, and the file of the log."""
    log = tmp_path / "queries.jsonl"
    engine = engine_over(make_star(), write_files(tmp_path / "d", BARE),
                         log=QueryLog(log))  # fmt: skip
    yield engine, log
    engine.log.close()


def ask(engine, measures, rows=(), times=1, **more):
    for _ in range(times):
        engine.ask(make_query("sales", measures, rows, **more))


def test_a_log_names_levels_and_measures_but_no_member(logged):
    engine, log = logged
    ask(engine, ["net", "per_line"], ["customer.region"],
        where={"date": "2024", "customer": "A"})  # fmt: skip
    ask(engine, ["net.prior_year"], ["date.month"], as_of="is",
        where={"customer.region": "North"})  # fmt: skip
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["asks"] for line in lines] == [
        [{"cube": "sales", "keys": [], "measures": ["lines", "net"],
          "levels": ["customer.customer", "customer.region", "date.year"]}],
        [{"cube": "sales", "keys": ["customer"], "measures": ["net"],
          "levels": ["date.month"]}],
    ]  # fmt: skip
    assert "North" not in log.read_text()
    assert {line["served_by"] for line in lines} == {"facts"}


def test_what_is_asked_most_is_proposed_and_then_answers(logged, tmp_path):
    engine, log = logged
    ask(engine, ["net", "mean"], ["product.area"], times=20)
    ask(engine, ["net"], ["product.category", "channel"], times=5)
    ask(engine, ["baskets"], ["product.area"], times=2)
    ask(engine, ["middle"], ["channel"], times=9)
    found = advise(engine.cube("sales"), read_log(log), FileSizes(engine))
    first = found[0]
    assert first.levels == ("channel.channel", "product.category")
    assert first.keys == ()
    assert set(first.measures) >= {"net", "mean"}
    assert "middle" not in first.measures
    assert first.fact_rows == 286
    assert first.rows < 143
    assert first.queries >= 25
    assert first.gain > 0.8
    text = BARE["cubes/sales.yml"] + "aggregates:\n" + "\n".join(
        each.yaml() for each in found
    ) + "\n"  # fmt: skip
    folder = write_files(tmp_path / "d", BARE | {"cubes/sales.yml": text})
    declared = engine_over(engine.database.connection, folder)
    build(engine.database.connection, declared)
    anew = engine_over(engine.database.connection, folder)
    for rows in (["product.area"], ["product.category", "channel"]):
        query = make_query("sales", ["net", "mean"], rows)
        assert anew.ask(query).source.served_by == "aggregates"


def test_nothing_is_proposed_that_saves_nothing(logged):
    engine, log = logged
    ask(engine, ["net"], ["date.day", "product.product"], times=3)
    ask(engine, ["middle"], ["channel"], times=3)
    assert not advise(engine.cube("sales"), read_log(log), FileSizes(engine))


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"asks": [{}]}', '{"asks": 1}',
     '{"served_by": "facts", "asks": [{"cube": "sales", "levels": "date", "keys": [],'
     ' "measures": []}]}'],
)  # fmt: skip
def test_a_line_that_is_none_of_a_log_is_refused(tmp_path, line):
    path = tmp_path / "log"
    path.write_text(f"\n{line}\n")
    with pytest.raises(CubeError, match=r"(?s)no noted query.*line 2"):
        read_log(path)


def test_a_log_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CubeError, match="cannot be read"):
        read_log(tmp_path / "none")
    with pytest.raises(CubeError, match="cannot be written"):
        QueryLog(tmp_path / "none" / "log")
