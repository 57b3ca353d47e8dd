"""The script for Atoti is Python that says what the cube says."""

from __future__ import annotations

import ast

import pytest

from acrm_olap.errors import MeaningError
from acrm_olap.export import atoti_script


@pytest.fixture(scope="module")
def script(bound):
    return atoti_script(bound["sales"], "/data/star.duckdb")


@pytest.fixture(scope="module")
def assigned(script):
    """What is assigned, by the source of its target."""
    return {
        ast.unparse(node.targets[0]): ast.unparse(node.value)
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Assign)
    }


def test_it_compiles(script):
    compile(script, "sales.py", "exec")


def test_tables_are_read_and_joined(script, assigned):
    assert assigned["DATABASE"] == "'/data/star.duckdb'"
    assert "where (NOT is_test)" in script
    joined = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "fact.join"
    ]
    assert joined == [
        "fact.join(d_date, fact['ordered_key'] == d_date['date_key'])",
        "fact.join(d_shipped, fact['shipped_key'] == d_shipped['date_key'])",
        "fact.join(d_customer, fact['customer_key'] == d_customer['customer_key'])",
        "fact.join(d_employee, fact['employee_key'] == d_employee['employee_key'])",
    ]


def test_hierarchies_have_their_levels(assigned):
    assert assigned["h['customer', 'geography']"] == (
        "{'region': d_customer['region'], 'customer': d_customer['customer_id']}"
    )
    assert assigned["h['shipped', 'calendar']"].startswith("{'year': d_shipped")
    assert assigned["h['channel', 'channel']"] == "{'channel': fact['channel']}"


def test_measures_aggregate_and_ratios_divide_sums(assigned):
    assert assigned["m['net']"] == "tt.agg.sum(fact['amount'])"
    assert assigned["m['net'].description"] == "'What was paid.'"
    assert assigned["m['customers']"] == "tt.agg.count_distinct(fact['customer_id'])"
    assert assigned["m['high']"] == "tt.agg.quantile(fact['amount'], q=0.9)"
    assert assigned["m['per_line']"] == (
        "tt.where(m['lines'] != 0, m['net'] / m['lines'])"
    )
    assert assigned["m['twice']"] == ("tt.where(m['lines'] > 2, m['per_line'] * 2, 0)")


def test_a_measure_stands_after_those_that_it_is_made_of(assigned):
    order = list(assigned)
    assert order.index("m['per_line']") < order.index("m['twice']")


@pytest.mark.parametrize(
    "what",
    [
        "measure final: Atoti has no last of rows.",
        "measure roughly: Atoti has no approx_count_distinct of rows.",
        "measure growth: it goes through time or the axes: net.growth.",
        "measure of_final: it is made of final, which is left out.",
        "dimension segment: it is joined by dated spans.",
        "parent-child hierarchy employee.reports",
        "level employee.unit: it stands in a further table.",
        "named set sea",
    ],
)
def test_what_cannot_be_said_is_a_comment(script, what):
    assert f"#   {what}" in script


def test_snapshots_are_not_added_up(bound):
    script = atoti_script(bound["stock"], "x.duckdb")
    assert "m['closing']" not in script
    assert "#   measure closing: its rule over date is closing" in script


def test_a_cube_made_of_cubes_is_refused_with_its_parts(bound):
    with pytest.raises(MeaningError, match="made of other cubes") as refused:
        atoti_script(bound["turnover"], "x.duckdb")
    assert "sales, stock" in refused.value.hint


def test_a_cube_writes_its_script(cubes, star, tmp_path):
    path = tmp_path / "sales.py"
    script = cubes["sales"].to_atoti(path)
    assert path.read_text() == script
    assert str(star[0]) in script
