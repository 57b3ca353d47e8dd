"""A star whose every table and column needs quotes is asked as any other."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from acrm_olap import connect
from acrm_olap.errors import CubeError, DefinitionError
from acrm_olap.expressions import name_parts, parse, quoted_name, written_name

TABLES = '''
    create schema "Old Shop";
    create table "Old Shop"."Store Sales" as
    from (values
        (1, date '2025-01-05', 10.00::decimal(9, 2), 'EUR', 'A "1"', 1),
        (1, date '2025-02-05', 20.00, 'EUR', 'b.2', 2),
        (2, date '2025-02-06', 40.00, 'EUR', 'b.2', 3),
        (3, date '2024-02-06', 80.00, 'EUR', 'A "1"', 4)
    ) t("Store No.", "the date", "Net Amount", "Währung", "select", "Line Id");
    create table "Filialen 2" as
    from (values
        (1, 10, 'Köln', timestamp '1900-01-01', timestamp '2025-02-01', false),
        (2, 10, 'Bonn', timestamp '2025-02-01', timestamp '9999-12-31', true),
        (3, 20, 'Ulm', timestamp '1900-01-01', timestamp '9999-12-31', true)
    ) t("Key", "Durable ""Id""", "The City", "From", "To", "Is Current");
    create table "order" as
    from (values (1, 'North'), (2, 'North'), (3, 'South')) t("group", "Große Region");
    create table "Time.Table" as
    select day::date as "a day", year(day) as "the year",
        strftime(day, '%Y-%m') as "the.month"
    from range(date '2024-01-01', date '2026-01-01', interval 1 day) t(day);
'''
FILES = {
    "dimensions/store.yml": '''
        dimension: store
        table: Filialen 2
        key: Key
        joins:
          - {table: order, on: {Key: group}, complete: true}
        history:
          durable_key: '"Durable ""Id"""'
          valid_from: From
          valid_to: To
          current: Is Current
        levels:
          region: order.Große Region
          city: {key: '"Durable ""Id"""', label: The City, order: [The City, From]}
        hierarchies:
          place: [region, city]
        special: '"The City" = ''nowhere'' '
    ''',
    "dimensions/date.yml": """
        dimension: date
        table: '"Time.Table"'
        key: a day
        calendar: {date: a day}
        levels:
          year: {key: the year, period: year}
          month: {key: '"the.month"', period: month}
          day: {key: a day, period: day}
        hierarchies:
          calendar: [year, month, day]
    """,
    "cubes/sales.yml": """
        cube: sales
        caption: Alte Verkäufe
        fact: Old Shop.Store Sales
        key: Line Id
        time: date
        where: '"Net Amount" > 0'
        dimensions:
          date: {key: the date, complete: true}
          store: {key: '"Store No."', complete: true}
          kind: {levels: {kind: select}}
          currency: {levels: {currency: Währung}}
        measures:
          net: {sum: '"Net Amount"', unit: "@Währung"}
          half: {sum: '"Net Amount" / 2'}
          small: {sum: Währung_amount, filter: '"select" = ''b.2'''}
          stores: {count_distinct: '"Store No."'}
          last_net: {last: '"Net Amount"', by: the date}
          per_store: {expression: net / stores}
        aggregates:
          by_month: {levels: [date.month, store.region, currency], measures: [net]}
    """,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("foreign")
    with duckdb.connect(str(path / "shop.duckdb")) as connection:
        connection.execute(TABLES)
    for name, text in FILES.items():
        file = path / "olap" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shown = text.replace("Währung_amount", "'\"Net Amount\"'")
        file.write_text(shown.replace("\n        ", "\n").strip() + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def sales(folder):
    with connect(folder / "shop.duckdb", folder / "olap") as cubes:
        yield cubes["sales"]


def cells(answer):
    return [(*labels, *values) for labels, values, _ in answer.cells()]


def test_cells_are_those_of_the_sql_that_a_person_would_write(folder, sales):
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as connection:
        expected = connection.execute("""
            select "Große Region", "the year", sum("Net Amount"), sum("Net Amount") / 2,
                sum("Net Amount") filter ("select" = 'b.2'),
                count(distinct "Store No."),
                arg_max("Net Amount", "the date")
            from "Old Shop"."Store Sales"
            join "order" on "group" = "Store No."
            join "Time.Table" on "a day" = "the date"
            group by all
            order by all
        """).fetchall()
    answer = sales.query(
        ["net", "half", "small", "stores", "last_net"], ["store.region", "date.year"]
    )
    assert cells(answer) == expected
    assert answer.units["net"] == "EUR"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("was", [("Bonn", 40), ("Köln", 30), ("Ulm", 80)]),
        ("is", [("Bonn", 70), ("Ulm", 80)]),
        ("2025-01-31", [("Köln", 70), ("Ulm", 80)]),
    ],
)
def test_versions_of_members_are_found(sales, as_of, expected):
    by_name = {}
    answer = sales.query("net", "store.city", as_of=as_of)
    for label, value in cells(answer):
        by_name[label] = by_name.get(label, 0) + value
    if as_of == "was":
        # One member, with the label of one of its versions.
        assert sum(by_name.values()) == 150
        return
    assert sorted(by_name.items()) == expected


def test_cuts_time_and_rows_behind_a_cell(sales):
    answer = sales.query(
        ["net", "net.prior_year", "per_store"], "date.month",
        where={"kind": ["b.2", 'A "1"'], "store.region": "North", "date": "2025"},
    )  # fmt: skip
    assert cells(answer) == [
        ("2025-01", Decimal("10.00"), None, 10.0),
        ("2025-02", Decimal("60.00"), None, 30.0),
    ]
    rows = sales.facts({"date": "2025-02"}, ["Line Id", "store.city", "select"])
    assert rows.to_pylist() == [
        {"Line Id": 2, "store.city": 10, "select": "b.2"},
        {"Line Id": 3, "store.city": 10, "select": "b.2"},
    ]
    assert [each.label for each in sales.members("store.city")] == ["Bonn", "Ulm"]


def test_an_aggregate_of_it_answers_as_the_fact(folder, sales):
    from acrm_olap.aggregates.build import select_of

    file = folder / "copy.duckdb"
    file.write_bytes((folder / "shop.duckdb").read_bytes())
    with duckdb.connect(str(file)) as connection:
        for table in sales._engine.aggregates["sales"]:
            query = select_of(table).sql("duckdb")
            connection.execute(f"create table {table.name} as {query}")
    with connect(file, folder / "olap") as cubes:
        answer = cubes["sales"].query("net", ["store.region", "date.year"])
        assert answer.source.served_by == "aggregates"
        assert cells(answer) == cells(sales.query("net", ["store.region", "date.year"]))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("net", ("net",)),
        ("a.b", ("a", "b")),
        ("Store Sales.the year", ("Store Sales", "the year")),
        ('"v1.2"."x ""y"""', ("v1.2", 'x "y"')),
        ("Größe 2", ("Größe 2",)),
        ('" x "', (" x ",)),
    ],
)
def test_a_name_is_its_parts_and_back(text, parts):
    assert name_parts(text) == parts
    assert written_name(*parts) == text
    assert name_parts(quoted_name(text)) == parts


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", '"a', '"a"b', 'a"b', '""'])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ValueError, match="is no name"):
        name_parts(text)


def test_a_name_in_quotes_is_no_word_of_the_language():
    node = parse('"and" + "Store Sales"."the year" * größe')
    assert [each.text for each in (node.operands[0], *node.operands[1].operands)] == [
        "and", "Store Sales.the year", "größe",
    ]  # fmt: skip
    with pytest.raises(CubeError, match="without its closing quote"):
        parse('"Store Sales')
    with pytest.raises(CubeError) as caught:
        parse("Net Amount / 2")
    assert "double quotes" in caught.value.hint


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("key: Kee", "Did you mean 'Key'?"),
        ("key: a.b.c", "'a.b.c' has 3 parts"),
        ("key: '\"Key'", "is no name"),
    ],
)
def test_a_wrong_name_is_refused_with_the_file(folder, tmp_path, given, said):
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shown = text.replace("Währung_amount", "'\"Net Amount\"'")
        shown = shown.replace("key: Key", given)
        file.write_text(shown.replace("\n        ", "\n").strip() + "\n", "utf-8")
    with (
        pytest.raises(DefinitionError) as caught,
        connect(folder / "shop.duckdb", tmp_path),
    ):
        pass
    assert said in f"{caught.value}"
    assert "store.yml" in caught.value.where
