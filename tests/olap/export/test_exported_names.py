"""Names that need quotes, and columns of tables that a fact looks up, in exports."""

from __future__ import annotations

import ast

import pytest
import yaml
from cubes_for_tests import cubes_of, rows_of

from acrm_olap.export import atoti_script, cube_view, metricflow_files, view_files

TABLES = '''
create schema "Old Shop";
create table "Old Shop"."Store.Sales" as from (values
    (1, 11, date '2025-01-05', 10.00::decimal(9, 2), 'x', 7),
    (2, 11, date '2025-01-06', 20.00, 'y', 8),
    (3, 12, date '2025-02-05', 40.00, 'y', 7),
    (4, 13, date '2025-02-06', 80.00, 'y', 7)
) t("Line.Id", "Store No.", "the.day", "v1.2", "kind ""a""", till);
create table "The.Stores" as from (values
    (11, 'Kent', 'Dover'), (12, 'Kent', 'Salem'), (13, 'Essex', 'Salem')
) t("Store No.", "the.county", "the.town");
create table "The Tills" as from (values
    (7, 'EUR', 1, 'front', 2), (8, 'EUR', 2, 'back', 1)
) t("till.no", "money", "turn", "place", "room");
create table rooms as from (values (1, 'Hall'), (2, 'Yard')) t("room.no", room);
create table days as
select day::date as "a.day", year(day) as the_year
from range(date '2025-01-01', date '2025-03-01', interval 1 day) t(day);
'''
STORE = """
dimension: store
table: '"The.Stores"'
key: '"Store No."'
levels:
  county: '"the.county"'
  town: {key: ['"the.county"', '"the.town"']}
hierarchies:
  places: [county, town]
"""
DAY = """
dimension: day
table: days
key: '"a.day"'
calendar: {date: '"a.day"'}
levels: {year: {key: the_year, period: year}, day: {key: '"a.day"', period: day}}
"""
ROOM = """
dimension: room
table: rooms
key: '"room.no"'
levels: {room: room}
"""
SALES = """
cube: sales
fact: 'Old Shop."Store.Sales"'
key: '"Line.Id"'
joins:
  - {table: The Tills, on: {till: '"till.no"'}}
dimensions:
  day: {key: '"the.day"', complete: true}
  store: {key: '"Store No."', complete: true}
  room: {key: The Tills.room}
  kind: {levels: {kind: KIND}}
  place: {levels: {place: The Tills.place}}
measures:
  net: {sum: '"v1.2"', unit: "@The Tills.money"}
  half: {sum: '"v1.2" / 2'}
  fair: {sum: '"v1.2"', filter: '"The Tills"."turn" = 1'}
  final: {last: '"v1.2"', by: The Tills.turn}
""".replace("KIND", '\'"kind ""a"""\'')


@pytest.fixture(scope="module")
def cubes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    return cubes_of(folder, TABLES, STORE, DAY, ROOM, SALES)


@pytest.fixture(scope="module")
def bound(cubes):
    return cubes.engine.cubes


@pytest.fixture(scope="module")
def ask(cubes):
    """Ask the tables by plain SQL."""
    return lambda sql: cubes.engine.database.connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    "level", ["store_town", "kind", "place", "room_room", "day_year"]
)
def test_a_view_answers_as_the_cube_does(cubes, bound, ask, level):
    view = cube_view(bound["sales"])
    found = ask(
        f"""
        select {level}, store_county, sum(net), sum(half), sum(fair)
        from ({view.sql()}) group by all order by all
        """
    )
    path = level.replace("_", ".")
    answer = cubes["sales"].query(["net", "half", "fair"], [path, "store.county"])
    assert found == sorted(rows_of(answer))
    assert view.left_out == ()
    (final,) = ask(f'select arg_max(final, "The Tills.turn") from ({view.sql()})')
    assert final == (20,)


def test_columns_of_a_view_are_called_as_they_are(bound, ask):
    view = cube_view(bound["sales"])
    names = [row[0] for row in ask(f"describe {view.sql()}")]
    assert names == [column.name for column in view.columns]
    assert names[0] == "Line.Id"
    files, _ = view_files(bound, lambda _: ["integer"] * len(names))
    assert "{{ ref('Store.Sales').include" in files["cube_sales.sql"]
    assert "{{ ref('The Tills').include" in files["cube_sales.sql"]


def test_metricflow_gets_expressions_and_names_that_it_takes(bound):
    exported = metricflow_files(bound)
    (model,) = yaml.safe_load(exported.files["cube_sales.yml"])["semantic_models"]
    assert model["model"] == "ref('Store.Sales')"
    assert {each["name"]: each["expr"] for each in model["entities"]} == {
        "sales": '"Line.Id"', "day": '"the.day"', "store": '"Store No."',
    }  # fmt: skip
    assert {each["name"]: each["expr"] for each in model["dimensions"]} == {
        "day_time": '"the.day"', "kind": '"kind ""a"""',
    }  # fmt: skip
    assert {each["name"]: each["expr"] for each in model["measures"]} == {
        "sales_net": '"v1.2"',
        "sales_half": '(CAST("v1.2" AS DOUBLE) / CAST(NULLIF(2, 0) AS DOUBLE))',
    }
    (store,) = yaml.safe_load(exported.files["dimension_store.yml"])["semantic_models"]
    assert {each["name"]: each["expr"] for each in store["dimensions"]} == {
        "county": '"the.county"', "town_key0": '"the.county"',
        "town_key1": '"the.town"',
    }  # fmt: skip
    told = [each.what for each in exported.left_out]
    assert told[:2] == ["dimension room", "level place.place"]


def test_the_script_for_atoti_loads_what_it_names(bound, ask):
    script = atoti_script(bound["sales"], "x.duckdb")
    calls = [each for each in ast.walk(ast.parse(script)) if isinstance(each, ast.Call)]
    read = {
        ast.literal_eval(each.keywords[0].value): ast.literal_eval(each.args[0].args[0])
        for each in calls
        if ast.unparse(each.func) == "session.read_arrow"
    }
    found = {
        name: {row[0] for row in ask(f"describe {sql}")} for name, sql in read.items()
    }
    assert found == {
        "sales": {"Line.Id", "the.day", "Store No.", 'kind "a"', "v1.2", "half_value"},
        "store": {"Store No.", "the.county", "the.town"},
        "day": {"a.day", "the_year"},
    }
    assert "fact.join(d_store, fact['Store No.'] == d_store['Store No.'])" in script
    assert "'town': d_store['the.town']" in script
    assert "m['net'] = tt.agg.sum(fact['v1.2'])" in script
    assert "#   dimension room: its key stands in a table" in script
    assert "#   level place.place: it stands in a further table." in script
