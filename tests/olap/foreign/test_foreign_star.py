"""A star that nobody built for cubes, by configuration alone: totals as of SQL."""

from __future__ import annotations

import pytest
from cubes_for_tests import cubes_of, rows_of

from acrm_olap import from_line
from acrm_olap.errors import MeaningError
from acrm_olap.export.views import view_files
from acrm_olap.running import open_database
from acrm_olap.running.checking import check

FRUIT = "picks_2023 join fruit using (fruit_id) join kinds using (kind_id)"
DAYS = "picks_2023 join days using (day_id)"
QUESTIONS = {
    "picks: boxes, amount, lines, pickers, least, most, mean, offered, profit": """
        select sum(boxes), sum(amount), count(fruit_id),
            count(distinct staff_id), min(amount), max(amount), avg(amount),
            sum(case when offer_id = 0 then 0 else amount end), sum(amount - cost)
        from picks_2023""",
    "picks: amount, pickers by fruit.family, fruit.sort": f"""
        select family, sort, sum(amount), count(distinct staff_id)
        from {FRUIT} group by all order by all""",
    "picks: pickers by fruit.family": f"""
        select family, count(distinct staff_id) from {FRUIT} group by all order by 1""",
    "picks: boxes by day.week": f"""
        select week_of_year, sum(boxes) from {DAYS} group by the_year, week_of_year
        order by the_year, week_of_year""",
    "picks: growth by day.quarter": f"""
        with q as (select quarter, sum(amount - cost) as profit from {DAYS}
            group by 1),
        p as (select *, coalesce(lag(profit) over (order by quarter), profit) as was
            from q)
        select quarter, ((profit - was) / was)::double from p order by 1""",
    "picks: amount by site.size": """
        select sqm, sum(amount) from picks_2023 join sites using (site_id)
        group by 1 order by 1 nulls last""",
    "picks: pickers, boxes by staff.boss_site": """
        select bs.site_name, count(distinct staff_id), sum(boxes)
        from picks_2023 join staff using (staff_id)
            left join staff as boss on boss.staff_id = staff.boss_id
            left join sites as bs on bs.site_id = boss.site_id
        group by 1 order by 1 nulls last""",
    "all_picks: boxes, pickers by day.year": """
        select the_year, sum(boxes), count(distinct staff_id)
        from (from picks_2023 union all from picks_2024) join days using (day_id)
        group by 1 order by 1""",
    "all_picks: pickers": """
        select count(distinct staff_id)
        from (from picks_2023 union all from picks_2024)""",
    "depot: stock_profit, worth_per_cost by depot.country": """
        select depot_country, sum(worth - cost), (sum(worth) / sum(cost))::double
        from stock join depots using (depot_id) group by 1 order by 1""",
    "wages: paid, paid_staff by site.country": """
        select country, sum(paid), count(distinct staff_id)
        from wages left join staff using (staff_id) left join sites using (site_id)
        group by 1 order by 1 nulls last""",
    "wages: paid by day.quarter": """
        select quarter, sum(paid) from wages join days on the_date = pay_date
        group by 1 order by 1""",
    "fields: sqm, largest by country": """
        select country, sum(sqm), max(sqm) from sites group by 1 order by 1""",
    "both: amount, shipped, profit_per_shipped by fruit.family": f"""
        with p as (select family, sum(amount) as amount, sum(amount - cost) as profit
            from {FRUIT} group by 1),
        s as (select family, sum(shipped) as shipped from stock
            join fruit using (fruit_id) join kinds using (kind_id) group by 1)
        select family, amount, shipped, (profit / shipped)::double
        from p full join s using (family) order by 1""",
    "both: amount, shipped where depot.depot.country = Malta": """
        select (select sum(amount) from picks_2023), sum(shipped)
        from stock join depots using (depot_id) where depot_country = 'Malta'""",
}


def test_the_definitions_have_no_fault(orchard):
    file, folder = orchard
    database = open_database(file)
    try:
        assert [
            str(each.fault) for each in check([folder], database) if each.fault
        ] == []
    finally:
        database.close()


@pytest.mark.parametrize("line", QUESTIONS)
def test_an_answer_is_that_of_plain_sql(cubes, plain, line):
    found = rows_of(cubes[from_line(line).cube].ask(line))
    wanted = plain(QUESTIONS[line])
    assert len(found) == len(wanted) > 0
    for cells, others in zip(found, wanted, strict=True):
        for one, other in zip(cells, others, strict=True):
            ratio = isinstance(other, float)
            assert one == (pytest.approx(other, rel=1e-12) if ratio else other)


@pytest.mark.parametrize("hierarchy", ["reports", "closed"])
def test_members_count_with_all_that_is_under_them(cubes, plain, hierarchy):
    """By a column with the boss, and by a table of who is under whom."""
    answer = cubes["wages"].query(["paid", "paid_staff"], f"staff.{hierarchy}")
    found = {row[-1]: row[1:3] for row in
             ((*r.values(),) for r in answer.to_dicts())}  # fmt: skip
    wanted = plain("""
        select boss, sum(paid), count(distinct wages.staff_id)
        from wages join under using (staff_id) group by 1""")
    assert {key: found[key] for key, *_ in wanted} == {
        key: tuple(rest) for key, *rest in wanted
    }
    # Who is not among the staff, number 9, is under nobody, and in the total.
    assert found[None] == (0.75, 1)
    assert cubes["wages"].query("paid").value() == 56


def test_levels_by_depth_part_every_row_once(cubes):
    answer = cubes["wages"].query(
        ["paid", "paid.share_of_parent"], ["staff.head", "staff.lead"], subtotals=True
    )
    # Ada 18.5; under her Ben with Dan, Eve and Flo 8 + 4 + 5.25 + 5.25, and Cleo with
    # the other Dan 7 + 1.25; Gus has nobody over or under him.
    assert [row[:3] for row in rows_of(answer)] == [
        ("Ada Oak", "Ada Oak", 18.5),
        ("Ada Oak", "Ben Elm", 22.5),
        ("Ada Oak", "Cleo Ash", 8.25),
        ("Ada Oak", None, 49.25),
        ("Gus Bay", "Gus Bay", 6),
        ("Gus Bay", None, 6),
        (None, None, 0.75),
        (None, None, 0.75),
        (None, None, 56),
    ]
    assert rows_of(answer)[1][3] == pytest.approx(22.5 / 49.25)


def test_levels_by_depth_are_drilled_into_and_cut(cubes):
    wages = cubes["wages"]
    hands = wages.query("paid", "staff.hand", where={"staff.lead": 2}, order="-paid")
    assert rows_of(hands) == [("Eve Fir", 10.5), ("Ben Elm", 8), ("Dan Yew", 4)]
    first = wages.query("paid", "staff.lead", top=(1, "paid"))
    assert rows_of(first) == [("Ben Elm", 22.5)]
    above = wages.members("staff.hand", {"staff.lead": 2})
    assert [(each.key, each.parents) for each in above] == [
        (2, {"head": 1, "lead": 2}),
        (4, {"head": 1, "lead": 2}),
        (5, {"head": 1, "lead": 2}),
    ]
    # The dimension alone still stands for its own members.
    assert wages.query("paid", where={"staff": 5}).value() == 5.25


def test_members_that_are_none_of_their_own_are_in_no_list_and_in_every_total(cubes):
    picks = cubes["picks"]
    assert [each.label for each in picks.members("site.county")] == ["Essex", "Kent"]
    towns = [each.key for each in picks.members("site.town")]
    assert towns == [
        ("Essex", "Salem"), ("Kent", "Dover"), ("Kent", "Salem"), ("Malta", "Valletta"),
    ]  # fmt: skip
    places = ["site.country", "site.county", "site.town"]
    answer = picks.query("boxes", places, where={"site.country": ["Malta", "Monaco"]})
    assert [row[:3] for row in rows_of(answer)] == [
        ("Malta", "Malta", "Malta"),
        ("Malta", "Malta", "Valletta"),
        ("Monaco", "Monaco", "Monaco"),
    ]
    every = picks.query("boxes", places)
    assert sum(row[3] for row in rows_of(every)) == picks.query("boxes").value()


@pytest.mark.parametrize(
    ("cube", "measure", "quarters"), [("depot", "shipped", 4), ("wages", "paid", 3)]
)
def test_the_last_period_is_over_if_the_definition_says_so(
    cubes, cube, measure, quarters
):
    """Stock ends on 27 December, and wages are of the first day of a quarter."""
    rows = rows_of(cubes[cube].query([measure, f"{measure}.growth"], "day.quarter"))
    assert [row[0] for row in rows] == ["Q1", "Q2", "Q3", "Q4"][:quarters]
    assert [row[2] is None for row in rows] == [True] + [False] * (quarters - 1)


def test_a_level_that_one_fact_has_parts_that_fact_alone(cubes):
    both = cubes["both"]
    assert len(rows_of(both.query("shipped", "depot.depot"))) == 3
    with pytest.raises(MeaningError, match=r"no level 'depot\.depot'"):
        both.query(["amount", "shipped"], "depot.depot")
    with pytest.raises(MeaningError, match=r"cut 'depot\.depot\.country' to cut that"):
        both.query(["amount", "shipped"], where={"depot.country": "Malta"})


def test_rows_behind_a_cell_of_a_query_come_in_the_order_of_what_they_show(cubes):
    rows = cubes["all_picks"].facts({"day": "2024-Q1"}, limit=3)
    again = cubes["all_picks"].facts({"day": "2024-Q1"}, limit=1, offset=2)
    assert rows.num_rows == 3
    assert rows.slice(2, 1) == again
    assert rows.to_pylist() == sorted(
        rows.to_pylist(), key=lambda row: tuple(row.values())
    )


def test_what_was_read_is_told_by_the_tables_of_the_queries(cubes):
    answer = cubes["all_picks"].query("boxes", "staff.head")
    assert answer.source.tables == ("picks_2023", "picks_2024", "staff")
    told = str(cubes["all_picks"].explain(answer.query))
    assert "all_picks: staff, (select *, first_name" in told


def test_a_set_of_who_is_first_is_asked_before_what_is_cut_by_it(cubes, plain):
    (wanted,) = plain("""
        with best as (select fruit_id from stock group by 1
            order by sum(worth) desc limit 3)
        select sum(shipped), count(distinct fruit_id) from stock
        join days using (day_id) where fruit_id in (from best) and quarter = 'Q2'""")
    where = {"fruit.variety": "@best", "day": "2023-Q2"}
    stock = cubes["depot"]
    assert stock.query("shipped", where=where).value() == wanted[0]
    assert (
        len(rows_of(stock.query("shipped", "fruit.variety", where=where))) == wanted[1]
    )
    assert cubes["both"].query("shipped", where=where).value() == wanted[0]
    others = stock.query("shipped", where={"fruit.variety": {"not": ["@best"]}})
    every = stock.query("shipped", where={"fruit.variety": "@best"})
    assert others.value() + every.value() == stock.query("shipped").value()
    with pytest.raises(MeaningError, match=r"has members of 'fruit\.variety'"):
        stock.query("shipped", where={"fruit.kind": "@best"})
    with pytest.raises(MeaningError, match="top 3 by worth, which a query alone"):
        stock.members("fruit.variety", {"fruit.variety": "@best"})


def test_a_set_may_be_of_members_with_several_keys(cubes, plain):
    (wanted,) = plain("""
        select sum(shipped) from stock join sites using (site_id)
        where county = 'Kent' and town in ('Salem', 'Dover')""")
    stock = cubes["depot"]
    assert stock.query("shipped", where={"site.town": "@towns"}).value() == wanted[0]
    (least,) = plain("""
        select sum(shipped) from stock join sites using (site_id)
        group by county, town order by 1 limit 1""")
    assert stock.query("shipped", where={"site.town": "@least"}).value() == least[0]
    told = {each["name"]: each["rule"] for each in stock.describe()["sets"]}
    assert told == {
        "best": "top 3 by worth",
        "least": "bottom 1 by shipped",
        "towns": "",
    }


def test_a_table_may_have_the_name_of_what_statements_define(tmp_path):
    tables = """
    create table cells as from (values (1, 'a'), (2, 'b')) as t(id, name);
    create table labelled as from (values (1, 10), (2, 20), (null, 5)) as t(cell, v);
    """
    dimension = """
    dimension: cells
    table: (from cells)
    key: id
    levels: {cells: {key: id, label: name}, labels_0: name}
    """
    cube = """
    cube: labelled
    fact: labelled
    dimensions: {cells: cell}
    measures: {v: {sum: v}}
    """
    found = cubes_of(tmp_path, tables, dimension, cube)["labelled"]
    answer = found.query(["v", "v.rank"], ["cells.labels_0", "cells"], subtotals=True)
    assert [row[:3] for row in rows_of(answer)][-2:] == [
        (None, None, 5),
        (None, None, 35),
    ]
    assert answer.source.tables == ("cells", "labelled")


def test_the_unit_of_a_table_that_the_fact_looks_up_is_cut_by_its_level(tmp_path):
    tables = """
    create table monies as from (values (1, 'EUR'), (2, 'USD')) as t(id, code);
    create table sales as from (values (1, 10), (2, 20)) as t(money, v);
    """
    dimension = "dimension: money\ntable: monies\nkey: id\nlevels: {money: code}\n"
    cube = """
    cube: sales
    fact: sales
    joins: [{table: monies, on: {money: id}}]
    dimensions: {money: money}
    measures: {v: {sum: v, unit: "@monies.code"}}
    """
    found = cubes_of(tmp_path, tables, dimension, cube)["sales"]
    assert rows_of(found.query("v", "money")) == [("EUR", 10), ("USD", 20)]
    with pytest.raises(MeaningError, match=r"Cut 'money\.money' to one of them"):
        found.query("v")


def test_shares_among_members_under_members_say_what_they_are_of(cubes):
    answer = cubes["wages"].query("paid.share_of_parent", "staff.reports")
    assert any("levels by_depth are told apart" in each for each in answer.plan.notes)


def test_a_cube_of_queries_has_no_view(cubes):
    bound = {"all_picks": cubes.engine.cubes["all_picks"]}
    files, left_out = view_files(bound, lambda _: [])
    assert files == {}
    assert "is a query: make a model of it" in left_out[0].reason
