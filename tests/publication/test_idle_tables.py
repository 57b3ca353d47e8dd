"""A table without a row, into which none comes, is left out of a night."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from acrm.publication.sparing import _File, _move_on, _Tree

FACTS = ("fct_visit", "fct_order", "fct_cost")
VISITS, PARTIES = ("traffic", "visits"), ("crm", "parties")


def node(kind: str, materialized: str, parents: list[str], **more: Any):
    config = SimpleNamespace(materialized=materialized, meta=more.pop("meta", {}))
    return SimpleNamespace(
        resource_type=kind,
        language="sql",
        schema="main" if more.get("name", "").startswith(("fct", "dim")) else "other",
        alias=more.get("name"),
        config=config,
        depends_on=SimpleNamespace(nodes=parents),
        **more,
    )


def tree(*, empty: bool = True, news: tuple[tuple[str, str], ...] = ()) -> _Tree:
    """Visits and customers of a night; what has news has another batch than before."""
    models = {
        "int_visits": ("view", ["source.visits"], {"constant": True}),
        "int_orders": ("view", [], {"constant": True}),  # no pack delivers any
        "int_clock": ("view", [], {}),
        "dim_customer": ("table", ["source.parties"], {}),
        "fct_visit": ("incremental", ["int_visits", "dim_customer"], {}),
        "fct_order": ("incremental", ["int_orders", "dim_customer"], {}),
        "fct_tick": ("incremental", ["int_clock", "dim_customer"], {}),
        "fct_cost": ("incremental", ["fct_visit"], {}),
    }
    nodes = {
        f"model.{name}": node(
            "model",
            materialized,
            [each if "." in each else f"model.{each}" for each in parents],
            name=name,
            meta=meta,
        )
        for name, (materialized, parents, meta) in models.items()
    }
    nodes["test.keys"] = node(
        "test", "test", ["model.fct_visit", "model.dim_customer"],
        attached_node="model.fct_visit",
    )  # fmt: skip
    nodes["test.story"] = node(
        "test", "test", ["model.fct_visit", "model.dim_customer"]
    )
    sources = {
        f"source.{name}": SimpleNamespace(source_name=system, name=name, loader="acrm")
        for system, name in (VISITS, PARTIES)
    }
    tables = frozenset(("main", name) for name in models if name[:3] in {"fct", "dim"})
    known = _File(
        batches={VISITS: {"first"}, PARTIES: {"first"}},
        tables=tables,
        empty=tables if empty else frozenset(),
        views={},
        passed=frozenset({"test.keys", "test.story"}),
    )
    present = {
        table: {"first", "second"} if table in news else {"first"}
        for table in (VISITS, PARTIES)
    }
    return _Tree(SimpleNamespace(nodes=nodes, sources=sources), known, present)


@pytest.mark.parametrize(
    ("of", "left"),
    [
        # dimensions may have news: there is no row that could point elsewhere
        (tree(news=(PARTIES,)), {*FACTS, "keys"}),
        (
            tree(),
            {"fct_visit", "fct_order", "fct_cost", "dim_customer", "keys", "story"},
        ),
        (tree(news=(VISITS,)), {"fct_order", "dim_customer"}),
        (tree(empty=False, news=(PARTIES,)), set()),
    ],
)
def test_what_is_left(of, left):
    found = {uid for uid in of._manifest.nodes if of.is_left(uid)}
    assert {uid.partition(".")[2] for uid in found} == left


def test_what_is_left_has_seen_all_loads_so_far():
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.model_state as from (values"
            " ('fct_visit', timestamp '2024-01-01'),"
            " ('fct_sale', timestamp '2024-03-01'),"
            " ('fct_behind', timestamp '2024-02-01')) t(model, loaded_through)"
        )
        visit = node("model", "incremental", [], name="fct_visit")
        channel = node("model", "table", [], name="dim_channel")
        _move_on(connection, [visit, channel])
        found = dict(connection.sql("from intermediate.model_state").fetchall())
    assert {model: seen.month for model, seen in found.items()} == {
        "fct_visit": 3,
        "fct_sale": 3,
        "fct_behind": 2,
    }
