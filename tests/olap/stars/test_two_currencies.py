"""Amounts of two currencies are refused, with the level that tells them apart."""

from __future__ import annotations

import duckdb
import pytest
from olap.stars.contracts import ROOT, make_empty

from acrm_olap import connect
from acrm_olap.errors import MeaningError


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    path = make_empty(tmp_path_factory.mktemp("two") / "e.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            insert into fct_sales_line by name from (values
                ('EUR', 10.00, 'piece', 1), ('USD', 20.00, 'litre', 2)
            ) t(currency_code, net_amount, unit_of_measure, quantity)
        """)
    with connect(path, ROOT / "olap") as cubes:
        yield cubes["sales"]


def test_the_message_names_the_level_to_cut(sales):
    with pytest.raises(MeaningError, match="'net' would add up EUR, USD") as raised:
        sales.query("net")
    assert "Cut 'currency.currency' to one of them" in str(raised.value)
    with pytest.raises(MeaningError, match="would add up litre, piece") as raised:
        sales.query("quantity")
    assert "Cut 'unit_of_measure.unit_of_measure'" in str(raised.value)


def test_one_of_them_or_each_by_itself_has_an_answer(sales):
    assert sales.query("net", where={"currency": "EUR"}).value() == 10
    assert [cell["net"] for cell in sales.query("net", "currency").to_dicts()] == [
        10, 20,
    ]  # fmt: skip
    assert sales.query("lines").value() == 2
