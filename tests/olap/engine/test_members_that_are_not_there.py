"""A member that is misspelt is refused with the nearest; it is no empty answer."""

from __future__ import annotations

import duckdb
import pytest
from cubes_for_tests import cubes_of, held_to

from acrm_olap import connect
from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.query import Cut

FILES = {
    "date.yml": "dimension: date\ntable: days\nkey: day\ncalendar: {date: day}\n"
    "levels:\n  year: {key: y, period: year}\n"
    "  quarter: {key: [y, q], period: quarter}\n  day: {key: day, period: day}\n"
    "hierarchies: {calendar: [year, quarter, day]}\n",
    "person.yml": "dimension: person\ntable: people\nkey: k\n"
    "history: {durable_key: id, valid_from: f, valid_to: t}\n"
    "levels: {region: region, person: {key: id, label: name}}\n"
    "hierarchies: {home: [region, person]}\n",
    "staff.yml": "dimension: staff\ntable: staff\nkey: id\n"
    "levels: {staff: {key: id, label: name}}\n"
    "hierarchies: {line: [staff], reports: {level: staff, parent: boss}}\n",
    "sales.yml": "cube: sales\nfact: sales\ntime: date\n"
    "dimensions: {date: day, person: {key: k}, staff: {key: s},\n"
    "  channel: {levels: {channel: ch}}}\n"
    "measures: {net: {sum: net}}\n"
    "sets: {shops: {level: channel.channel, members: [store, kiosk]}}\n",
    "plan.yml": "cube: plan\nfact: plan\n"
    "dimensions: {channel: {levels: {channel: ch}}, version: {levels: {version: v}}}\n"
    "measures: {planned: {sum: net}}\n",
    "both.yml": "virtual_cube: both\ncubes: [sales, plan]\n"
    "measures: {gap: {expression: net - planned}}\n",
}
TABLES = """
    create table days as select d::date as day, year(d) as y, quarter(d) as q
    from range(date '2024-01-01', date '2026-01-01', interval 1 day) t(d);
    create table people as from (values
        (1, 'A', 'Ann', 'North', date '1900-01-01', date '2024-06-01'),
        (2, 'A', 'Ann', 'East', date '2024-06-01', date '9999-12-31'),
        (3, 'B', 'Bob', 'South', date '1900-01-01', date '9999-12-31'),
        (4, 'C', 'Cyd', null, date '1900-01-01', date '9999-12-31')
    ) p(k, id, name, region, f, t);
    create table staff as from (values (1, 'Eva', null), (2, 'Finn', 1), (3, 'Gus', 2))
        s(id, name, boss);
    create table sales as from (values
        (date '2024-02-01', 1, 2, 'web', 10), (date '2024-08-01', 2, 3, 'store', 20),
        (date '2025-02-01', 3, 1, 'web', 40), (date '2025-02-02', 4, 1, 'web', 80)
    ) s(day, k, s, ch, net);
    create table plan as from (values ('web', 'first', 7), ('post', 'second', 9))
        p(ch, v, net);
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("members")
    with duckdb.connect(str(folder / "sales.duckdb")) as connection:
        connection.execute(TABLES)
        connection.execute(
            "create table many as select 'c' || i as name, i as net"
            " from range(5000) t(i)"
        )
    (folder / "many.yml").write_text(
        "cube: many\nfact: many\ndimensions: {name: {levels: {name: name}}}\n"
        "measures: {net: {sum: net}}\n"
    )
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def cubes(files):
    with connect(files / "sales.duckdb", files) as cubes:
        yield cubes


@pytest.mark.parametrize(
    ("where", "given", "near"),
    [
        ({"person.region": "Nroth"}, "Nroth", "North"),
        ({"person.region": ["North", "Eats", "South"]}, "Eats", "East"),
        ({"person.region": {"not": ["Suoth"]}}, "Suoth", "South"),
        ({"person": "D"}, "D", ""),
        ({"channel": "wbe"}, "wbe", "web"),
        ({"channel": ["@shops", "wbe"]}, "wbe", "web"),
        ({"staff.reports": 9}, "9", ""),
        ({"date.year": 2042}, "2042", "2025"),
        ({"date.quarter": [[2024, 1], [2024, 5]]}, "2024, 5", "2024, 4"),
    ],
)
def test_a_misspelt_member_is_refused_with_the_nearest(cubes, where, given, near):
    sales = cubes["sales"]
    for ask in (
        lambda: sales.query("net", where=where),
        lambda: sales.explain(sales.question("net", where=where)),
        lambda: sales.facts(where),
    ):
        with pytest.raises(UnknownNameError) as caught:
            ask()
        assert f"has no member '{given}'." in caught.value.what
        assert caught.value.nearest == near
        assert "missing='empty'" in caught.value.hint


def test_it_is_empty_if_the_query_says_so(cubes):
    sales = cubes["sales"]
    where = {"person.region": ["Nroth", "South"]}
    assert sales.query("net", where=where, missing="empty").value() == 40
    assert sales.facts(where, missing="empty").num_rows == 1
    assert sales.members("person", {"person.region": "X"}, missing="empty") == []
    with pytest.raises(UnknownNameError, match="has no member 'X'"):
        sales.members("person", {"person.region": "X"})
    with pytest.raises(MeaningError, match="missing is 'no'"):
        sales.facts(where, missing="no")


@pytest.mark.parametrize(
    ("where", "net"),
    [
        ({"person.region": "East"}, 20),
        # East is no region of 1 January, but a region there is.
        ({"person.region": [None, "South"]}, 120),
        ({"staff.reports": 2}, 30),
        ({"date": "2025"}, 120),
        ({"date.quarter": [[2025, 1]]}, 120),
        ({"channel": "@shops"}, 20),
        ({"channel": []}, None),
    ],
)
def test_members_that_are_there_are_found(cubes, where, net):
    for _ in range(2):
        assert cubes["sales"].query("net", where=where).value() == net


def test_a_member_of_another_version_is_no_mistake(cubes):
    answer = cubes["sales"].query("net", where={"person.region": "North"}, as_of="is")
    assert answer.value() is None


@pytest.mark.parametrize(
    "where",
    [
        {"person.region": {"matches": "Z%"}},
        {"person.region": ("V", "Z")},
        {"date": "2031"},
        {"date": ("2031-01", None)},
        {"channel": {"matches": "x%"}},
    ],
)
def test_a_pattern_or_range_of_nothing_is_told(cubes, where):
    (level,) = where
    answer = cubes["sales"].query("net", where=where)
    assert answer.value() is None
    assert answer.notes == (f"No member of '{level}' meets its cut.",)
    assert answer.notes[0] in answer.to_text()


def test_a_pattern_or_range_of_something_is_not(cubes):
    for where in ({"person.region": {"matches": "N%"}}, {"date": ("2024-02", None)}):
        assert cubes["sales"].query("net", where=where).notes == ()


def test_a_member_that_one_of_several_cubes_has_is_there(cubes):
    both = cubes["both"]
    answer = both.query(["net", "planned"], where={"channel": ["post", "store"]})
    assert answer.to_dicts() == [{"net": 20, "planned": 9}]
    for where in ({"channel": ["post", "store", "x"]}, {"plan.version": "thrid"}):
        with pytest.raises(UnknownNameError, match="has no member"):
            both.query(["net", "planned"], where=where)


def test_cubes_that_have_a_level_in_other_types_are_each_asked_in_their_own(tmp_path):
    month = "dimensions: {month: {levels: {month: month}}}\n"
    both = cubes_of(
        tmp_path,
        """
        create table sales as from (values (1, 10), (2, 20)) s(month, net);
        create table plan as from (values
            ('1', 5), ('7', 25), ('rest', 9)
        ) p(month, net)
        """,
        f"cube: sales\nfact: sales\n{month}measures: {{net: {{sum: net}}}}\n",
        f"cube: plan\nfact: plan\n{month}measures: {{planned: {{sum: net}}}}\n",
        "virtual_cube: both\ncubes: [sales, plan]\n",
    )["both"]
    for missing in ("refuse", "empty"):
        answer = both.query(
            ["net", "planned"], where={"month": [2, 7]}, missing=missing
        )
        assert answer.to_dicts() == [{"net": 20, "planned": 25}]
    with pytest.raises(UnknownNameError, match="has no member '9'"):
        both.query(["net", "planned"], where={"month": [7, 9]})


def test_of_many_members_the_nearest_are_named(cubes):
    names = [f"c{n}" for n in range(2000)]
    assert cubes["many"].query("net", where={"name": names}).value() == sum(range(2000))
    with pytest.raises(UnknownNameError) as caught:
        cubes["many"].query("net", where={"name": [*names, "c4990x"]})
    assert caught.value.nearest == "c4990"
    assert caught.value.hint.count(",") == 4


def test_a_member_that_a_role_may_not_see_is_told_of_like_one_that_is_not(cubes):
    sales = cubes["sales"]
    held = held_to(sales, {"person.region": ["North", "South"]})

    def said(member, **more):
        with pytest.raises(UnknownNameError) as caught:
            held.query("net", where={"person.region": member}, **more)
        return caught.value.what.replace(member, "X").split("Did")[0], caught.value.hint

    sales.query("net", where={"person.region": "East"})
    assert said("East") == said("Nowhere")
    assert "East" not in said("Nowhere")[1]
    with pytest.raises(UnknownNameError, match="has no member 'C'"):
        held.query("net", where={"person": "C"})
    # Ann, who is seen as of the North, is of the East now: that may be named.
    answer = held.query("net", where={"person.region": "East"}, as_of="is")
    assert answer.value() == 10
    # Of a column of the fact, only what is in rows that are seen.
    with pytest.raises(UnknownNameError) as caught:
        held.query("net", where={"channel": "store"})
    assert caught.value.hint.startswith("There are: web.")


def test_a_query_that_was_refused_is_so_over_http_and_on_the_command_line(files):
    import json

    from typer.testing import CliRunner

    from acrm.cli.app import app

    arguments = ["cube", "query", "sales", "--measures", "net", "--where",
                 "person.region = Nroth", "--definitions", str(files),
                 "--database", str(files / "sales.duckdb")]  # fmt: skip
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, UnknownNameError)  # exit code 2, one message
    done = CliRunner().invoke(app, [*arguments, "--missing", "empty", "--json"])
    assert json.loads(done.stdout)["cells"] == [{"net": None}]


def test_named_sets_are_the_definitions_own(cubes):
    assert cubes["sales"].query("net", where=Cut("channel", "in", ("@shops",))).value()
