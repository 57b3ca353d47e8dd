from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pyarrow as pa
import pytest

NET = "3300.00"
QUESTION = {"measures": ["net", "lines"], "rows": ["product.class", "date.year"]}


def test_what_is_here_and_how_it_does(client):
    start = client.get("/").json()
    assert start["cubes"] == ["heavy", "sales", "stock", "both"]
    assert start["links"]["query"] == "/query"
    health = client.get("/health").json()
    assert (health["status"], health["source"]) == ("ok", "star.duckdb")


def test_a_cube_tells_what_a_question_may_name(client):
    cube = client.get("/cubes/sales").json()
    date, customer, *_ = cube["dimensions"]
    assert (date["first"], date["last"]) == ("2023-01-15", "2025-03-24")
    assert customer["history"]
    assert customer["hierarchies"][0]["levels"] == [
        "customer.region", "customer.customer",
    ]  # fmt: skip
    measures = {each["name"]: each for each in cube["measures"]}
    assert measures["net"]["unit"] == "EUR"
    assert measures["net"]["adds_up"] == "additive"
    assert measures["customers"]["adds_up"] == "non-additive"
    assert cube["sets"][0]["members"] == ["store"]
    stock = client.get("/cubes/stock").json()["measures"]
    assert stock[0]["adds_up"] == "semi-additive"
    assert stock[0]["over"] == {"date": "closing"}


def test_an_answer_has_its_numbers_as_texts_and_says_what_was_read(client):
    found = client.ask(measures=["net", "per_line"]).json()
    assert found["cells"] == [[NET, 5.5]]
    assert found["source"]["name"] == "star.duckdb"
    assert found["source"]["served_by"] == "facts"
    assert found["fields"][0] == {
        "name": "net", "kind": "measure", "type": "decimal128(38, 2)",
        "caption": "Net", "unit": "EUR", "format": "#,##0.00",
    }  # fmt: skip


def test_an_equal_question_is_answered_from_the_cache(client):
    first = client.ask(**QUESTION).json()
    again = client.ask(**QUESTION).json()
    assert again["cells"] == first["cells"]
    assert first["source"]["served_by"] == "facts"
    assert again["source"]["served_by"] == "cache"


def test_all_forms_have_the_same_cells(client):
    cells = client.cells(**QUESTION)
    text = client.post("/query?format=csv", {"cube": "sales", **QUESTION}).text
    heading, *rows = csv.reader(io.StringIO(text))
    assert heading == ["product.class", "date.year", "net", "lines"]
    assert rows == [["" if c is None else str(c) for c in row] for row in cells]
    arrow = client.post(
        "/query", {"cube": "sales", **QUESTION},
        headers={"Accept": "application/vnd.apache.arrow.stream"},
    )  # fmt: skip
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert [Decimal(row[2]) for row in cells] == table.column("net").to_pylist()
    assert b"served_by" in table.schema.metadata[b"acrm"]


def test_cuts_and_drilldowns_ask_the_same_as_json(client):
    by_url = client.get(
        "/cubes/sales/query?measures=net|lines&drilldown=customer:region|date:year"
        "&cut=date:2024..|!channel:web|product.product:2;4|customer.customer:~A%"
        "&order=-net&limit=2"
    )
    by_json = client.cells(
        measures=["net", "lines"], rows=["customer.region", "date.year"],
        where={
            "date": {"from": "2024"}, "channel": {"not": ["web"]},
            "product.product": [2, 4], "customer.customer": {"matches": "A%"},
        },
        order=["-net"], limit=2,
    )  # fmt: skip
    assert by_url.json()["cells"] == by_json
    assert by_json


def test_the_rows_behind_a_cell_are_paged(client):
    url = "/cubes/sales/facts?cut=date:2024-03&columns=line_id|product.class&limit=10"
    page = client.get(url).json()
    assert page["next_offset"] == 10
    rest = client.get(f"{url}00&offset=10").json()
    assert rest["next_offset"] is None
    (lines,) = client.cells(measures=["lines"], where={"date": "2024-03"})
    assert len(page["cells"]) == 10
    assert len(page["cells"]) + len(rest["cells"]) == lines[0]
    assert not {c[0] for c in page["cells"]} & {c[0] for c in rest["cells"]}


def test_members_are_searched_cut_and_paged(client):
    url = "/cubes/sales/members"
    found = client.get(f"{url}/product.product?search=r&cut=product.class:Dairy")
    assert [each["label"] for each in found.json()["members"]] == ["Brie"]
    first = client.get(f"{url}/date.month?limit=2&cut=date.year:2024").json()
    assert [each["key"] for each in first["members"]] == ["2024-01", "2024-02"]
    assert first["next_offset"] == 2


def test_a_plan_shows_its_sql(client):
    found = client.post(
        "/explain", {"cube": "sales", "measures": ["net"], "where": {"channel": "web"}}
    ).json()
    assert "SUM" in found["sql"]
    assert found["tables"] == ["fct_sales"]
    assert list(found["values"].values()) == ["web"]


@pytest.mark.parametrize(
    ("url", "status", "error", "nearest"),
    [
        ("/cubes/sals", 404, "unknown_name", "sales"),
        ("/cubes/sals/query?measures=net", 404, "unknown_name", "sales"),
        ("/cubes/sales/members/product.clas", 404, "unknown_name", "product.class"),
        ("/cubes/sales/query?measures=nett", 400, "unknown_name", "net"),
        ("/cubes/sales/query?measures=net&cut=dat:2024", 400, "unknown_name", ""),
        ("/cubes/sales/query?measures=net&cut=date", 400, "form", ""),
        ("/cubes/sales/query?measures=net&cube=stock", 400, "meaning", ""),
        ("/cubes/sales/query?measures=net&cuts=date:2024", 422, "unreadable", "cut"),
        ("/cubes/sales/query?measures=net&as_of=is&as_of=is", 422, "twice", ""),
        ("/cubes/sales/query?measures=net&limit=0", 422, "unreadable", ""),
        ("/cubes/sales/query", 400, "meaning", ""),
        ("/cubes/sales/query?measures=net&cut=channel:wbe", 400, "unknown_name", "web"),
        ("/cubes/sales/facts?cut=channel:wbe", 400, "unknown_name", "web"),
        (
            "/cubes/sales/members/date.month?cut=date.year:2204",
            400,
            "unknown_name",
            "2024",
        ),
        ("/cubes/both/facts", 400, "meaning", ""),
        ("/cubes/stock/query?measures=pieces&as_of=then", 400, "meaning", ""),
        ("/nothing", 404, "not_found", ""),
        ("/query", 405, "method", ""),
    ],
)
def test_a_mistake_is_one_object(client, url, status, error, nearest):
    found = client.get(url)
    assert found.status_code == status
    body = found.json()
    assert set(body) == {"error", "what", "where", "hint", "nearest"}
    assert (body["error"], body["nearest"]) == (error, nearest)


def test_what_is_expected_to_be_missing_is_empty_and_notes_are_told(client):
    url = "/cubes/sales/query?measures=lines&cut=channel:wbe&missing=empty"
    assert client.get(url).json()["cells"] == [[0]]
    url = "/cubes/sales/query?measures=net|net.prior_year&drilldown=date:month"
    found = client.get(f"{url}&cut=date:2024-01|customer.region:~Z%25").json()
    assert found["notes"] == ["No member of 'customer.region' meets its cut."]
    (note,) = client.get(f"{url}&cut=date:2024-01").json()["notes"]
    assert note.endswith("older than the data, which begin on 2023-01-15.")
    hidden = client.get(f"{url}&cut=date:2024-01&part_periods=hide").json()
    assert "left empty" in hidden["notes"][0]


def test_what_cannot_be_read_is_refused(client):
    headers = {"Content-Type": "application/json"}
    for content in (b"[" * 100_000, b"{", b'{"cube": "sales"}', b"\xff"):
        found = client.post("/query", content=content, headers=headers)
        assert found.status_code in {400, 422}
        assert found.json()["what"]
    found = client.ask(measures=["net"], where={"channel": [{"a": 1}]})
    assert found.status_code == 400
    for more in ({"where": {"channel": "\ud800"}}, {"rows": ["\ud800"]}, {"\ud800": 1}):
        half = json.dumps({"cube": "sales", "measures": ["net"], **more})
        for url in ("/query", "/explain"):
            found = client.post(url, content=half, headers=headers)
            assert found.status_code == 422
            assert "half a sign" in found.json()["what"]


def test_numbers_that_json_would_round_are_texts():
    from acrm_olap.server.encode import exact

    assert exact(2**53) == "9007199254740992"
    assert exact(2**53 - 1) == 2**53 - 1
    assert exact(Decimal("1E+3")) == "1000"
    assert exact(float("inf")) == "Infinity"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "json"), ("text/csv", "csv"), ("text/html, */*;q=0.1", "json"),
        ("text/csv;q=0.2, application/json;q=0.9", "json"),
        ("application/vnd.apache.arrow.stream", "arrow"),
    ],
)  # fmt: skip
def test_the_accept_header_chooses_the_form(accept, form):
    from acrm_olap.server.asking import form_of

    assert form_of(accept) == form


def test_a_form_that_there_is_not_is_refused(client):
    found = client.post(
        "/query", {"cube": "sales", "measures": ["net"]},
        headers={"Accept": "image/png"},
    )  # fmt: skip
    assert found.status_code == 406
