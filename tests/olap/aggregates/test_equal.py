"""An aggregate table changes no answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from acrm_olap.errors import MeaningError
from acrm_olap.planning import ALL, Rights
from acrm_olap.query import cuts_of, make_query
from acrm_olap.running.explain import explain

MERGED = [
    "net", "pieces", "doubled", "lines", "priced", "web_net", "web_lines", "mean",
    "least", "most", "opening_price", "closing_price", "per_line", "share_web",
]  # fmt: skip
COUNTED = ["customers", "baskets", "web_baskets", "about_baskets"]
TIMES = ["", ".prior", ".prior_year", ".year_to_date", ".moving_3", ".growth_year"]
LEVELS = [
    "date.year", "date.quarter", "date.month", "date.week", "date.day",
    "customer.region", "customer.town", "customer.customer", "product.area",
    "product.category", "product.product", "product.shelf", "employee.employee",
    "employee.reports", "channel", "currency",
]  # fmt: skip
CUTS = [
    ("date", "2024"), ("date", "2024-Q2"), ("date", "2024-03"),
    ("date", ("2023-05", "2024-06")), ("date", ("2024-02-10", "2024-03")),
    ("date", ["2023-W40", "2024-W02"]), ("date", "2030"), ("date.quarter", [(2024, 1)]),
    ("date.year", {"not": 2023}), ("customer.region", "North"),
    ("customer.region", {"not": ["South"]}), ("customer.region", None),
    ("product.area", "Food"), ("product.category", ["C1", "C3"]),
    ("product.area", {"not": "Home"}), ("employee.reports", 2), ("channel", "web"),
    ("channel", None), ("currency", "EUR"),
]  # fmt: skip


@st.composite
def questions(draw):
    """A query of the cube ``sales``."""
    axes = draw(st.lists(st.sampled_from(LEVELS), max_size=3, unique=True))
    names = draw(
        st.lists(st.sampled_from(MERGED + COUNTED), min_size=1, max_size=4, unique=True)
    )
    times = draw(st.sampled_from(TIMES)) if draw(st.booleans()) else ""
    measures = [*names, *(f"{names[0]}{times}" for _ in range(1) if times)]
    across = draw(st.integers(0, len(axes)))
    cuts = draw(st.lists(st.sampled_from(CUTS), max_size=2, unique_by=lambda c: c[0]))
    return make_query(
        "sales", measures, axes[across:], axes[:across], dict(cuts),
        as_of=draw(st.sampled_from(["was", "was", "is", "2024-01-01"])),
        subtotals=draw(st.booleans()),
        empty=draw(st.sampled_from(["skip", "skip", "show"])), missing="empty",
    )  # fmt: skip


@st.composite
def rights(draw):
    """What a caller may see: all, or rows of some members."""
    cuts = draw(st.lists(st.sampled_from(CUTS), max_size=2, unique_by=lambda c: c[0]))
    return Rights(cuts_of(dict(cuts)) if cuts else ())


def ask(engine, query, seen=ALL):
    """The answer, or what is said of a query that has none."""
    try:
        return engine.ask(query, seen)
    except MeaningError as error:
        return str(error)


def rows(result):
    return result.table.to_pylist()


def assert_same(here, there):
    """Two answers are equal; doubles but for the order in which they were added up."""
    if isinstance(here, str) or isinstance(there, str):
        assert here == there
        return
    assert here.table.schema == there.table.schema
    assert len(here) == len(there)
    for one, other in zip(rows(here), rows(there), strict=True):
        for name, value in one.items():
            if isinstance(value, float):
                assert math.isclose(value, other[name], rel_tol=1e-12), name
            else:
                assert value == other[name], name


@settings(
    max_examples=100, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(query=questions(), seen=st.just(ALL) | rights())
def test_an_aggregate_changes_no_answer(facts, aggregated, query, seen):
    assert_same(ask(facts, query, seen), ask(aggregated, query, seen))


@pytest.mark.parametrize(
    "seen",
    [
        {"channel": "web"},
        {"product.area": "Food"},
        {"date": "2024"},
        {"customer.region": "North"},
    ],
)
def test_an_aggregate_shows_no_rows_that_a_caller_may_not_see(facts, aggregated, seen):
    held = Rights(cuts_of(seen))
    query = make_query("sales", ["lines"], ["date.quarter"], subtotals=True)
    found = ask(aggregated, query, held)
    assert found.source.aggregates == ("agg_sales__month",)
    cut = make_query("sales", ["lines"], ["date.quarter"], where=seen, subtotals=True)
    assert rows(found) == rows(ask(facts, cut))
    assert rows(found) != rows(ask(facts, query))


@settings(max_examples=30, deadline=None)
@given(query=questions())
def test_where_aggregates_answer_no_fact_is_read(aggregated, query):
    try:
        source = explain(aggregated, query)
    except MeaningError:
        assume(False)
    assume(source.chosen)
    assert "fct_sales" not in source.to_dict()["tables"]


STOCK = ["stock", "opening_stock", "mean_stock", "counted", "stock.prior_year"]


@pytest.mark.parametrize("subtotals", [False, True])
@pytest.mark.parametrize(
    "axes",
    [["date.month"], ["date.year", "date.month"], ["date.quarter", "product.area"],
     ["product.category", "date.day"]],
)  # fmt: skip
def test_a_snapshot_is_closed_from_an_aggregate_of_days(
    facts, aggregated, axes, subtotals
):
    query = make_query("stock", STOCK, axes, where={"date": "2024"},
                       subtotals=subtotals)  # fmt: skip
    found = ask(aggregated, query)
    assert found.source.aggregates == ("agg_stock__category",)
    assert_same(ask(facts, query), found)


def test_facts_are_drilled_across_by_their_aggregates(facts, aggregated):
    query = make_query("both", ["sales.pieces", "stock", "turn"],
                       ["date.year", "product.category"], subtotals=True)  # fmt: skip
    found = ask(aggregated, query)
    assert found.source.served_by == "aggregates"
    assert found.source.aggregates == ("agg_sales__day", "agg_stock__category")
    assert_same(ask(facts, query), found)


def test_amounts_of_different_currencies_are_refused_as_of_the_fact(facts, aggregated):
    mixed = make_query("sales", ["value"], ["date.year"])
    assert ask(facts, mixed) == ask(aggregated, mixed)
    assert "would add up EUR, USD" in ask(aggregated, mixed)
    parted = make_query("sales", ["value"], ["currency", "date.year"])
    found = ask(aggregated, parted)
    assert found.source.served_by == "aggregates"
    assert found.units == {"value": "EUR, USD"}
    assert_same(ask(facts, parted), found)


def test_each_number_is_read_from_the_smallest_table_that_has_it(facts, aggregated):
    query = make_query("sales", ["net", "customers", "baskets"], ["date.month"],
                       ["channel"], subtotals=True)  # fmt: skip
    found = ask(aggregated, query)
    assert found.source.aggregates == (
        "agg_sales__month", "agg_sales__who", "agg_sales__who__baskets",
    )  # fmt: skip
    assert_same(ask(facts, query), found)
