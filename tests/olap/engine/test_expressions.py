"""The cubes' own language: read, typed, and worked out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cubes_for_tests import cubes_of

from acrm_olap.errors import CubeError, ExpressionError
from acrm_olap.expressions import Type, names, parse, type_of

TABLES = "create table fct as from (values (1, 4.00), (2, 6.00)) as rows(id, amount)"
CUBE = """
cube: sales
fact: fct
dimensions: {kind: {levels: {kind: id}}}
measures: {net: {sum: amount}, lines: {count: "*"}, last: {max: amount}}
"""


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    return cubes_of(tmp_path_factory.mktemp("cubes"), TABLES, CUBE)["sales"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("net / lines", 5.0),
        ("1 - 2 - 3", -4),
        ("8 / 4 / 2", 1.0),
        ("2 + 3 * 4", 14),
        ("-(2 - 5)", 3),
        ("--2", 2),
        ("net / 0", None),
        ("net / (lines - 2)", None),
        ("0 / 0", None),
        ("null + 1", None),
        ("coalesce(net / 0, -1)", -1),
        ("if(net > 3 and not lines = 3, 1, 0)", 1),
        ("if(null = null, 1, 0)", 0),
        ("if(net in (1, 10), 1, 0)", 1),
        ("if(net not in (1, null), 1, 0)", 0),
        ("sqrt(-1)", None),
        ("ln(0)", None),
        ("round(net / 3, 2)", 3.33),
        ("nullif(net, 10)", None),
        ("least(3, lines, null)", 2),
        (".5 * 4", Decimal(2)),
    ],
)
def test_expressions_have_their_value(sales, text, value):
    found = sales.query(["net", "x"], calculated={"x": text}).value("x")
    assert found is value if value is None else found == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("net +", 6, "Found the end"),
        ("net @ 2", 5, "The sign '@' means nothing"),
        ("'open", 1, "without its closing quote"),
        ("(net", 5, "expected ')'"),
        ("net net", 5, "expected an operator"),
        ("net in ()", 5, "no members"),
        ("net not 3", 9, "expected 'in'"),
        ("( " * 70 + "1" + ")" * 70, 121, "Nested too deeply"),
    ],
)
def test_a_fault_is_shown_at_its_place(text, position, problem):
    with pytest.raises(ExpressionError, match="at position") as refused:
        parse(text)
    assert problem in refused.value.what
    assert f"position {position} " in refused.value.what
    assert refused.value.where.endswith("^")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("net + 'a'", "needs a number, not a text"),
        ("net and true", "needs a flag, not a number"),
        ("if(net, 1, 2)", "needs a flag"),
        ("coalesce(net, 'none')", "puts a text beside a number"),
        ("nett / 2", "Did you mean 'net'"),
        ("summ(net)", "No function 'summ'"),
        ("round(net, lines)", "whole places"),
        ("round(net, 1.5)", "whole places"),
        ("round(net, 1, 2)", "needs 1 or 2"),
        ("net > 1", "not a number"),
        ("x" * 5000, "At most 4,000"),
    ],
)
def test_parts_that_do_not_fit_are_refused(sales, text, problem):
    with pytest.raises(CubeError) as refused:
        sales.query("x", calculated={"x": text})
    assert problem in str(refused.value)


def test_dates_are_compared_with_dates():
    def kind(_name):
        return Type.DATE

    assert type_of(parse("day > '2025-01-31'"), "", kind) is Type.FLAG
    with pytest.raises(ExpressionError, match="'soon' is no date"):
        type_of(parse("day > 'soon'"), "day > 'soon'", kind)


def test_names_are_told_once_in_their_order():
    assert names(parse("b.prior + a * b.prior")) == ["b.prior", "a"]


def test_a_number_that_is_too_large_is_said(tmp_path):
    tables = "create table fct as from (values (1, 9e36::decimal(38,0))) t(id, amount)"
    sales = cubes_of(tmp_path, tables, CUBE)["sales"]
    with pytest.raises(CubeError, match="cannot be computed"):
        sales.query("x", calculated={"x": "net * net"})
