from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served_star import write_database

from acrm.errors import InputError
from acrm_olap.errors import CubeError
from acrm_olap.server.access import hash_of, new_token
from acrm_olap.server.settings import Settings
from acrm_olap.server.warehouse import Warehouse

NORTH, CHIEF, YEAR = "token of the north", "token of the chief", "token of a year"
ROLES = """
roles:
  north:
    filters: {customer.region: North}
    hidden: [sales.cost]
    cubes: [sales]
  year:
    filters: {date.year: 2024, product.class: {not: [Bread]}}
    cubes: [sales]
  chief: {}
tokens:
"""


def write_tokens(path, *pairs, roles=ROLES):
    lines = [f"  - {{sha256: {hash_of(t)}, role: {role}}}\n" for t, role in pairs]
    path.write_text(roles + "".join(lines))
    return path


@pytest.fixture
def tokens(tmp_path):
    return write_tokens(
        tmp_path / "tokens.yml", (NORTH, "north"), (CHIEF, "chief"), (YEAR, "year")
    )


@pytest.fixture
def client(make_client, tokens):
    return make_client(tokens=tokens)


def test_without_a_token_nothing_is_told(client):
    for url in ("/", "/cubes", "/cubes/sales", "/cubes/sales/query?measures=net"):
        for token in ("", "guessed", "\xe9"):
            found = client.runner.run(
                client.http.get(
                    url, headers={"Authorization": f"Bearer {token}".encode("latin-1")}
                )
            )
            assert found.status_code == 401
            assert found.headers["WWW-Authenticate"] == "Bearer"
            assert "sales" not in found.text
    assert client.get("/health").json()["status"] == "ok"


def test_the_file_has_no_token_and_a_token_is_long():
    token = new_token()
    assert re.fullmatch(r"acrm_[\w-]{43}", token)
    assert token not in hash_of(token)


def test_a_hidden_measure_and_a_hidden_cube_show_nowhere(client):
    asks = [
        client.get(url, NORTH)
        for url in (
            "/", "/cubes", "/cubes/sales", "/cubes/stoc", "/cubes/sales/facts",
            "/cubes/sales/facts?columns=cst",
            "/cubes/sales/query?measures=cst", "/cubes/sales/query?measures=lines.prir",
            "/cubes/sales/explain?measures=margin|margin.growth&drilldown=date:year",
            "/cubes/sales/query?measures=margin.running_total",
            "/cubes/sales/query?measures=margin.moving_avg_3&drilldown=date:month",
            "/cubes/sales/query?measures=net&having=cst>1",
            "/cubes/sales/query?measures=net&order=cst", "/openapi.json", "/health",
        )
    ]  # fmt: skip
    asks.append(client.ask(NORTH, measures=["x"], calculated={"x": "cst * 2"}))
    for found in asks:
        said = found.text.replace("cst", "")
        assert not re.search(r"\bcost\b|stock|pieces|heavy|\bboth\b", said), found.url
    assert client.cells(NORTH, measures=["margin"])  # what it is made of stays


def test_a_hidden_measure_is_as_one_that_is_not_there(client):
    for ask in (
        lambda name: client.ask(NORTH, measures=[name]),
        lambda name: client.ask(NORTH, measures=["net"], having=f"{name} > 1"),
        lambda name: client.ask(NORTH, measures=["net"], order=[name]),
        lambda name: client.ask(NORTH, measures=[name], calculated={name: "lines"}),
        lambda name: client.get(f"/cubes/sales/facts?columns={name}", NORTH),
        lambda name: client.get(f"/cubes/sales/query?measures={name}.rank", NORTH),
        lambda name: client.get(f"/cubes/{name}", NORTH),
    ):
        hidden, unknown = ask("cost"), ask("kost")
        assert hidden.status_code == unknown.status_code
        texts = [re.sub('"seconds": [^}]*', "", each.text).lower()
                 for each in (hidden, unknown)]  # fmt: skip
        assert texts[0].replace("cost", "kost") == texts[1]


@pytest.fixture(scope="module")
def worlds(star, tmp_path_factory):
    """Servers of filtered callers, and of files that have their rows alone."""
    import asyncio

    from served_star import Client, settings_for

    folder = tmp_path_factory.mktemp("worlds")
    tokens = write_tokens(folder / "tokens.yml", (NORTH, "north"), (YEAR, "year"))
    north = write_database(
        folder / "north.duckdb",
        "delete from fct_sales where customer_key is null or customer_key not in"
        " (select customer_key from dim_customer where region = 'North')",
    )
    year = write_database(
        folder / "year.duckdb",
        "delete from fct_sales where year(date_key) <> 2024 or product_key = 3",
    )
    with asyncio.Runner() as runner:

        def client(database, **more):
            return Client(runner, Warehouse(settings_for(database, star[1], **more)))

        made = client(star[0], tokens=tokens), client(north), client(year)
        yield made[0], {NORTH: made[1], YEAR: made[2]}
        for each in made:
            each.close()


MEASURES = [
    "net", "lines", "customers", "per_line", "net.share_of_total", "net.rank",
    "net.running_total",
]  # fmt: skip
THROUGH_TIME = ["net.prior", "net.prior_year", "net.year_to_date", "net.moving_3"]
LEVELS = ["product.class", "channel.channel", "date.year", "product.product"]
CUTS = [
    {}, {"customer.region": ["North", "South"]},
    {"customer.region": {"not": ["North"]}},
    {"customer.region": {"from": "A", "to": "Z"}}, {"customer.region": None},
    {"customer.region": {"matches": "%"}}, {"date": {"from": "2023"}},
    {"date": ["2023", "2024", "2025"]}, {"date": "2023-Q2"}, {"date.year": 2025},
    {"product.class": {"not": ["Dairy"]}}, {"product.class": ["Bread", "Dairy"]},
    {"customer": ["A", "B"]},
]  # fmt: skip
QUESTIONS = st.fixed_dictionaries(
    {
        "measures": st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3,
                             unique=True),
        "rows": st.lists(st.sampled_from(LEVELS), min_size=1, max_size=2, unique=True),
        "where": st.sampled_from(CUTS),
        "as_of": st.sampled_from(["was", "is", "2024-01-01", "2025-01-01"]),
        "subtotals": st.booleans(),
        "missing": st.just("empty"),
    }
)  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(token=st.sampled_from([NORTH, YEAR]), question=QUESTIONS)
def test_a_filter_gives_what_a_file_of_those_rows_alone_gives(worlds, token, question):
    held, alone = worlds
    # Running totals over a filtered axis, and versions of filtered members, are the
    # same: the filter is at the fact, before anything else.
    mine = held.ask(token, **question)
    whole = alone[token].ask(**question)
    assert mine.status_code == whole.status_code, (mine.text, whole.text)
    if mine.status_code == 200:
        assert mine.json()["cells"] == whole.json()["cells"]


@pytest.mark.parametrize("name", THROUGH_TIME)
@pytest.mark.parametrize("token", [NORTH, YEAR])
def test_going_through_time_does_not_lead_out_of_a_filter(worlds, token, name):
    held, alone = worlds
    question = {"measures": ["net", name], "rows": ["date.year", "date.quarter"]}
    if name == "net.moving_3":
        question["rows"] = ["date.month"]
    mine = held.cells(token, **question)
    whole = {tuple(map(str, row[:-2])): row for row in
             alone[token].cells(**question)}  # fmt: skip
    for row in mine:
        seen = whole.get(tuple(map(str, row[:-2])))
        # A period that is over may end after the last row that the caller sees.
        assert seen is None or seen[-2] in {None, row[-2]}
    total = sum(float(row[1 if len(question["rows"]) == 1 else 2]) for row in mine)
    (everything,) = alone[token].cells(measures=["net"])
    assert total == float(everything[0])
    if token == YEAR and "prior_year" in name:
        assert all(row[3] is None for row in mine)


@pytest.mark.parametrize("token", [NORTH, YEAR])
def test_rows_and_members_keep_to_a_filter(worlds, token):
    held, alone = worlds
    (lines,) = alone[token].cells(measures=["lines"])
    for more in ("", "&as_of=is", "&as_of=2025-01-01",
                 "&cut=customer.region:North;South;|date:2023..2025" if token == YEAR
                 else "&cut=date:2023..2025"):  # fmt: skip
        rows = held.get(
            f"/cubes/sales/facts?limit=10000&columns=line_id{more}", token
        ).json()["cells"]
        assert len(rows) <= lines[0]
    rows = held.get("/cubes/sales/facts?limit=10000&columns=line_id", token).json()
    mine = alone[token].get("/cubes/sales/facts?limit=10000&columns=line_id").json()
    assert rows["cells"] == mine["cells"]
    if token == NORTH:
        found = held.get("/cubes/sales/members/customer.region", token).json()
        assert [each["key"] for each in found["members"]] == ["North"]
    shown = held.cells(token, measures=["net"], rows=["customer.region"], empty="show")
    assert token == YEAR or [row[0] for row in shown] == ["North"]


def test_answers_of_one_role_are_not_those_of_another(client):
    question = {"measures": ["net"], "rows": ["date.year"]}
    north, chief = client.cells(NORTH, **question), client.cells(CHIEF, **question)
    assert north != chief
    again = client.ask(NORTH, **question).json()
    assert again["source"]["served_by"] == "cache"
    assert again["cells"] == north


def test_a_token_that_is_taken_away_is_none_at_once(client, tokens):
    assert client.get("/cubes", NORTH).status_code == 200
    write_tokens(tokens, (CHIEF, "chief"))
    assert client.warehouse.refresh()
    assert client.get("/cubes", NORTH).status_code == 401
    assert client.get("/cubes", CHIEF).status_code == 200


def test_a_file_of_tokens_that_is_spoiled_leaves_the_old_one(client, tokens):
    tokens.write_text("roles: [")
    assert not client.warehouse.refresh()
    assert client.get("/cubes", NORTH).status_code == 200
    health = client.get("/health").json()
    assert (health["status"], health["faults"]) == ("fault", [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "roles"),
        ("roles: {a: {}}\ntokens: [{sha256: abc, role: a}]", "no SHA-256"),
        (f"roles: {{north: {{}}}}\ntokens: [{{sha256: {'a' * 64}, role: nort}}]",
         "Did you mean 'north'"),
        ("roles: {a: {hidden: [sales.cst]}}", "Did you mean 'sales.cost'"),
        ("roles: {a: {cubes: [sals]}}", "Did you mean 'sales'"),
        ("roles: {a: {cubes: [both]}}", "made of 'sales'"),
        ("roles: {a: {filters: {customer.regio: North}}}", "customer.region"),
        ("roles: {a: {filters: {date.year: north}}}", "no member"),
        ("roles: {a: {filter: {customer.region: North}}}", "filter"),
    ],
)  # fmt: skip
def test_a_role_that_would_see_more_than_was_meant_is_refused(
    star, tmp_path, text, said
):
    path = tmp_path / "tokens.yml"
    path.write_text(text)
    with pytest.raises((InputError, CubeError)) as error:
        Warehouse(Settings((star[1],), str(star[0]), tokens=path))
    assert said in str(error.value)
    assert str(path) in error.value.where


def test_a_cube_that_cannot_be_filtered_is_not_shown(make_client, tmp_path):
    roles = "roles: {a: {filters: {customer.region: North}}}\ntokens:\n"
    path = write_tokens(tmp_path / "t.yml", ("t", "a"), roles=roles)
    client = make_client(tokens=path)
    assert client.get("/", "t").json()["cubes"] == ["sales"]


def test_another_address_needs_tokens():
    with pytest.raises(InputError, match="Without tokens"):
        Settings((), host="0.0.0.0")  # noqa: S104 -- refused


def test_pages_of_other_sites_may_not_ask(make_client):
    open_ = make_client()
    assert open_.get("http://evil.example/cubes").status_code == 403
    found = open_.runner.run(
        open_.http.get("/cubes", headers={"Origin": "https://evil.example"})
    )
    assert found.status_code == 403
    allowed = make_client(allow_origin=("https://good.example",))
    found = allowed.runner.run(
        allowed.http.get("/cubes", headers={"Origin": "https://good.example"})
    )
    assert found.headers["access-control-allow-origin"] == "https://good.example"
    assert found.headers["x-content-type-options"] == "nosniff"


def test_the_log_has_no_token(client, caplog):
    with caplog.at_level("INFO", "acrm.serve"):
        client.get("/cubes?token=secret", NORTH)
    assert "/cubes" in caplog.text
    assert NORTH not in caplog.text
    assert "secret" not in caplog.text
    assert json.dumps(NORTH) not in caplog.text
