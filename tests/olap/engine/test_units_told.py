"""Only the units of what a caller sees are named."""

from __future__ import annotations

import pytest
from cubes_for_tests import cubes_of, held_to

from acrm_olap.errors import MeaningError

FILE = """\
cube: sales
fact: sales
dimensions:
  region: {levels: {region: region}}
  currency: {levels: {currency: cur}}
measures:
  net: {sum: net, unit: "@cur"}
  cost: {sum: cost, unit: "@cur"}
  margin: {expression: net - cost, unit: "@cur"}
  lines: {count: "*"}
"""
TABLES = """
create table sales as from (values
    ('North', 'EUR', 10, 4), ('North', 'EUR', 20, 9),
    ('South', 'USD', 40, 30), ('East', 'CHF', 80, 70),
    ('East', 'EUR', 5, 1), ('West', null, 7, 2)
) t(region, cur, net, cost)
"""


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    return cubes_of(tmp_path_factory.mktemp("definitions"), TABLES, FILE)["sales"]


@pytest.mark.parametrize(
    ("rows", "where", "unit"),
    [
        ((), {"region": "North"}, "EUR"),
        ((), {"currency": "USD"}, "USD"),
        ("region", {"region": ["North", "South"]}, "EUR, USD"),
        (["region", "currency"], {"region": "East"}, "CHF, EUR"),
        ("region", {"region": "West"}, ""),
        ("currency", None, "CHF, EUR, USD"),
    ],
)
def test_units_are_those_of_the_cells(sales, rows, where, unit):
    answer = sales.query(["net", "margin", "lines"], rows, where=where)
    assert answer.units == {"net": unit, "margin": unit, "lines": ""}


def test_a_message_names_only_what_would_be_added_up(sales):
    with pytest.raises(MeaningError, match="'net' would add up CHF, EUR, USD"):
        sales.query("net")
    with pytest.raises(MeaningError, match=r"'net' would add up CHF, EUR\."):
        sales.query("net", where={"region": ["East", "North"]})


def test_a_role_is_not_told_of_units_that_it_does_not_see(sales):
    south = held_to(sales, {"region": ["South"]})
    assert south.query("net").units == {"net": "USD"}
    with pytest.raises(MeaningError, match=r"would add up EUR, USD\."):
        held_to(sales, {"region": ["South", "North"]}).query("net")
