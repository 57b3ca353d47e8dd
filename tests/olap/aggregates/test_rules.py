"""Each rule by which an aggregate table does not answer, and what explain says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from star import FILES, build, engine_over, make_star, write_files

from acrm_olap.errors import DefinitionError
from acrm_olap.planning import Rights
from acrm_olap.query import Cut, make_query
from acrm_olap.running.explain import explain


def reasons(engine, *question, **more):
    """Why each table does not answer; nothing for those that do."""
    found = explain(engine, make_query(*question, **more))
    said = {each.table: each.reason for each in found.rejected}
    return said | {each.table: "" for each in found.chosen}


@pytest.mark.parametrize(
    ("question", "more", "table", "reason"),
    [
        (["sales", ["middle"], ["channel"]], {}, "agg_sales__month",
         "it does not keep 'middle'"),
        (["sales", ["net", "middle"], ["channel"]], {}, "agg_sales__month",
         "'middle' has to be read from the fact, and the rest is read in the same"
         " pass"),
        (["sales", ["net"], ["currency"]], {}, "agg_sales__month",
         "it is not grouped by 'currency'"),
        (["sales", ["net"], ["product.shelf"]], {}, "agg_sales__month",
         "it keeps no level that decides 'product.shelf'"),
        (["sales", ["net"], ["customer.region"]], {"as_of": "is"}, "agg_sales__month",
         "it keeps 'customer' as it was, not as of 'is'"),
        (["sales", ["net"], ["customer.region"]], {"as_of": "2024-01-01"},
         "agg_sales__month", "it keeps 'customer' as it was, not as of '2024-01-01'"),
        (["sales", ["net"], ["date.day"]], {}, "agg_sales__month",
         "it keeps no level that decides 'date.day'"),
        (["sales", ["net"], ["date.week"]], {}, "agg_sales__month",
         "it keeps no level that decides 'date.week'"),
        (["sales", ["net"]], {"where": {"date": "2024-02-10"}}, "agg_sales__month",
         "a cut of 'date' goes through members of 'date.month'"),
        (["sales", ["net"]], {"where": {"date": ("2024-01", "2024-02-10")}},
         "agg_sales__month", "a cut of 'date' goes through members of 'date.month'"),
        (["sales", ["net"]], {"where": {"date": "2024-W10"}}, "agg_sales__month",
         "a cut of 'date' goes through members of 'date.month'"),
        (["stock", ["stock"], ["date.month"]], {}, "agg_stock__monthly",
         "it keeps no days of 'date', which the query goes by"),
        (["sales", ["net.prior_year_comparable"], ["date.month"]],
         {"where": {"date": "2024"}}, "agg_sales__month",
         "it keeps no days of 'date', which the query goes by"),
        (["sales", ["net"], ["date.year"]], {}, "agg_sales__day",
         "it has no fewer rows than agg_sales__month"),
    ],
)  # fmt: skip
def test_a_rule_says_why_a_table_does_not_answer(
    aggregated, question, more, table, reason
):
    assert reasons(aggregated, *question, **more)[table] == reason


@pytest.mark.parametrize(
    ("question", "more"),
    [
        (["sales", ["net"], ["date.year", "date.quarter"]], {}),
        (["sales", ["net"], ["product.area"]], {"where": {"date": "2024-Q1"}}),
        (["sales", ["net"]], {"where": {"date": ("2024-01", "2024-06")}}),
        (["sales", ["net"]], {"where": {"date": ("2024-01-01", "2024-02-29")}}),
        (["sales", ["net"]], {"where": {"date": "2024", "product.area": "Food"}}),
        (["sales", ["net.prior", "net.year_to_date"], ["date.quarter"]], {}),
        (["sales", ["per_line", "share_web"], ["customer.region", "channel"]], {}),
    ],
)
def test_a_month_answers_by_what_it_decides(facts, aggregated, question, more):
    query = make_query(*question, **more)
    found = aggregated.ask(query)
    assert found.source.aggregates == ("agg_sales__month",)
    assert "fct_sales" not in found.source.tables
    assert found.table.equals(facts.ask(query).table)


def test_explain_says_it_in_lines(aggregated):
    query = make_query("sales", ["net"], ["customer.region"], as_of="is")
    said = str(explain(aggregated, query)).splitlines()
    begin = next(n for n, line in enumerate(said) if line.startswith("from"))
    assert [line[10:] for line in said[begin : begin + 6]] == [
        "aggregates",
        "sales: net from agg_sales__who",
        "sales: not from agg_sales__month: it keeps 'customer' as it was, not as of"
        " 'is'",
        "sales: not from agg_sales__day: it is not grouped by 'customer'",
        "sales: not from agg_sales__who__baskets: it does not keep 'net'",
        "sales: not from agg_sales__who__web_baskets: it does not keep 'net'",
    ]
    assert "tables    agg_sales__who, dim_customer" in said


def star(folder, files=None):
    """An own star that a test may change."""
    connection = make_star()
    return connection, engine_over(connection, write_files(folder, files))


def test_a_table_that_is_not_built_is_not_read(tmp_path):
    _, engine = star(tmp_path)
    query = make_query("sales", ["net"], ["channel"])
    assert reasons(engine, "sales", ["net"], ["channel"])["agg_sales__month"] == (
        "it is not built"
    )
    assert engine.ask(query).source.served_by == "facts"


def test_a_table_that_lacks_rows_of_its_fact_is_not_read(tmp_path):
    connection, engine = star(tmp_path)
    build(connection, engine)
    connection.execute("insert into fct_sales select * from fct_sales limit 2 offset 1")
    anew = engine_over(connection, tmp_path)
    assert reasons(anew, "sales", ["net"], ["channel"])["agg_sales__month"] == (
        "it is out of date: its row_count is 286, the fact's 288"
    )


def test_a_table_of_former_numbers_is_not_read(tmp_path):
    connection, engine = star(tmp_path)
    build(connection, engine)
    connection.execute("update fct_sales set pieces = pieces + 1 where line_id = 3")
    anew = engine_over(connection, tmp_path)
    reason = reasons(anew, "sales", ["net"], ["channel"])["agg_sales__month"]
    assert reason.startswith("it is out of date: its pieces is ")


def test_a_table_of_another_definition_is_not_read(tmp_path):
    connection, engine = star(tmp_path)
    build(connection, engine)
    changed = FILES["cubes/sales.yml"].replace("net: {sum: amount", "net: {sum: pieces")
    write_files(tmp_path, FILES | {"cubes/sales.yml": changed})
    anew = engine_over(connection, tmp_path)
    assert reasons(anew, "sales", ["net"], ["channel"])["agg_sales__month"] == (
        "it was built by another definition: build it anew"
    )


def test_a_level_is_not_rolled_up_where_the_data_deny_it(tmp_path):
    connection, engine = star(tmp_path)
    build(connection, engine)
    engine = engine_over(connection, tmp_path)
    area = ["sales", ["net"], ["product.area", "channel"]]
    assert not reasons(engine, *area)["agg_sales__month"]
    connection.execute("update dim_product set area = 'Home' where product_id = 'P1'")
    anew = engine_over(connection, tmp_path)
    assert reasons(anew, *area)["agg_sales__month"] == (
        "it keeps no level that decides 'product.area'"
    )
    query = make_query(*area)
    without = engine_over(connection, tmp_path, use_aggregates=False)
    assert anew.ask(query).table.equals(without.ask(query).table)


def test_a_calendar_whose_months_are_others_is_not_cut_by_ours(tmp_path):
    connection, engine = star(tmp_path)
    build(connection, engine)
    connection.execute(
        "update dim_date set month_key = '2024-03' where date_key = date '2024-02-29'"
    )
    anew = engine_over(connection, tmp_path)
    build(connection, anew)
    found = reasons(anew, "sales", ["net"], where={"date": "2024-02"})
    assert found["agg_sales__month"] == (
        "a cut of 'date' goes through members of 'date.month'"
    )


def test_two_cuts_of_days_are_held_by_one_level(tmp_path):
    connection, engine = star(tmp_path)
    both = FILES["cubes/sales.yml"].replace(
        "levels: [date.month,", "levels: [date.week, date.month,"
    )
    write_files(tmp_path, FILES | {"cubes/sales.yml": both})
    build(connection, engine_over(connection, tmp_path))
    engine = engine_over(connection, tmp_path)
    month, week = Cut("date", "in", ("2024-02",)), Cut("date", "in", ("2024-W08",))
    for cuts, reason in (
        ((month,), ""),
        ((week,), ""),
        ((month, week), "a cut of 'date' goes through members of 'date.month',"
         " 'date.week'"),
    ):  # fmt: skip
        query = replace(make_query("sales", ["net"], ["channel"]), cuts=cuts)
        found = explain(engine, query)
        said = {each.table: each.reason for each in (*found.chosen, *found.rejected)}
        assert said["agg_sales__month"] == reason
        without = engine_over(connection, tmp_path, use_aggregates=False)
        assert engine.ask(query).table.equals(without.ask(query).table)


@pytest.mark.parametrize(
    ("aggregate", "message", "hint"),
    [
        ("{levels: [date.month], measures: [middle]}", "'middle' is a median",
         "Leave it out"),
        ("{levels: [employee.reports], measures: [net]}", "counts members under",
         "Give 'employee.employee'"),
        ("{keys: [channel], measures: [net]}", "has no dimension 'channel' that it",
         "Those are: date, customer, product, employee."),
        ("{measures: [net]}", "is grouped by nothing", "Give `levels`"),
        ("{levels: [date.mouth], measures: [net]}", "no level 'date.mouth'. Did you"
         " mean 'date.month'?", "There are"),
        ("{levels: [date.month], measures: [nett]}", "no measure 'nett'. Did you mean"
         " 'net'?", "There are"),
    ],
)  # fmt: skip
def test_an_aggregate_that_cannot_be_is_refused_with_its_line(
    tmp_path, aggregate, message, hint
):
    text = FILES["cubes/sales.yml"] + f"  wrong: {aggregate}\n"
    with pytest.raises(DefinitionError) as caught:
        star(tmp_path, FILES | {"cubes/sales.yml": text})
    assert message in str(caught.value)
    assert hint in str(caught.value)
    line = len(text.splitlines())
    assert f"sales.yml, line {line}" in str(caught.value)


def test_rows_that_a_role_must_not_see_are_not_let_in_by_an_aggregate(tmp_path):
    connection, engine = star(tmp_path)
    connection.execute(
        "insert into fct_sales select * replace (999999 as product_key) from fct_sales"
        " limit 3"
    )
    build(connection, engine)
    engine = engine_over(connection, tmp_path)
    facts = engine_over(connection, tmp_path, use_aggregates=False)
    seen = Rights((Cut("product.area", "not in", ("Home",)),))
    query = make_query("sales", ["net"])
    assert engine.ask(query, seen).value() == facts.ask(query, seen).value()
    found = explain(engine, query, seen)
    said = {each.table: each.reason for each in (*found.chosen, *found.rejected)}
    assert "rows without a member" in said["agg_sales__month"]
