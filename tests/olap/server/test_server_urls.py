"""What a query writes as its URL, the server answers as it answers the query."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acrm_olap.query import Cut, Query, Top, canonical, to_dict, to_url

MEMBERS = {
    "customer.region": st.sampled_from(["North", "South", None]),
    "customer.customer": st.sampled_from(["A", "B"]),
    "product.class": st.sampled_from(["Dairy", "Bread", ""]),
    "product.product": st.sampled_from([1, "2", 3]),
    "channel.channel": st.sampled_from(["web", "store", "@shops"]),
    "date.quarter": st.sampled_from([(2024, 1), (2024, "2")]),
    "date": st.sampled_from(["2024", "2024-Q1", "2024-03", "2023-02-01"]),
}
LEVELS = ["customer.region", "product.class", "channel", "date.year", "date.quarter"]


@st.composite
def cuts(draw):
    level = draw(st.sampled_from(sorted(MEMBERS)))
    member = MEMBERS[level]
    kinds = ["in", "not in", "range", "matches", "is null", "is not null"]
    operator = draw(st.sampled_from(kinds if level != "date" else ["in", "range"]))
    if operator == "range":
        ends = member.filter(lambda value: value != "@shops")
        return Cut(level, operator, (draw(ends), draw(st.none() | ends)))
    if operator == "matches":
        if level not in {"customer.region", "product.class"}:
            level = "customer.region"
        return Cut(level, operator, (draw(st.sampled_from(["N%", "%, |;", "%r%"])),))
    if operator.startswith("is"):
        return Cut(level, operator)
    return Cut(level, operator, tuple(draw(st.lists(member, min_size=1, max_size=3))))


@st.composite
def queries(draw):
    levels = draw(st.lists(st.sampled_from(LEVELS), max_size=3, unique=True))
    down = draw(st.integers(0, len(levels)))
    measures = draw(
        st.lists(st.sampled_from(["net", "lines", "ratio", "net.share_of_total"]),
                 min_size=1, max_size=3, unique=True)
    )  # fmt: skip
    return Query(
        "sales", tuple(measures), tuple(levels[:down]), tuple(levels[down:]),
        tuple(draw(st.lists(cuts(), max_size=2))),
        as_of=draw(st.sampled_from(["was", "is", "2024-02-29"])),
        subtotals=draw(st.booleans()),
        calculated=(("ratio", "net / lines"),),
        having=draw(st.sampled_from(["", "net > 100", "net / lines <= 5.5"])),
        top=draw(st.none() | st.builds(Top, st.integers(1, 3), st.just("net"),
                                       st.booleans())) if down else None,
        order=tuple(draw(st.sampled_from([(), ("-net",), ("lines", "-net")]))),
        limit=draw(st.none() | st.integers(1, 9)),
        offset=draw(st.integers(0, 2)),
        empty=draw(st.sampled_from(["skip", "show"])),
        open_periods=draw(st.sampled_from(["hide", "whole"])),
    )  # fmt: skip


def test_the_url_of_a_query_is_answered_as_the_query(client):
    answered = set()

    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    @given(queries())
    def holds(query):
        query = canonical(query)
        by_url = client.get(f"/cubes/sales/query?{to_url(query)}")
        by_json = client.post("/query", to_dict(query))
        assert by_url.status_code == by_json.status_code, by_url.text
        assert by_url.json().get("cells") == by_json.json().get("cells")
        assert by_url.json().get("what") == by_json.json().get("what")
        answered.add(by_url.status_code)

    holds()
    assert 200 in answered


def test_members_and_rows_are_cut_in_the_same_words(client):
    url = "/cubes/sales"
    found = client.get(f'{url}/members/product.product?cut=product.class:"Dairy"')
    assert [each["label"] for each in found.json()["members"]] == ["Brie", "Milk"]
    rows = client.get(
        f"{url}/facts?cut=date:2024-03&cut=channel:web&columns=line_id,product:class"
    ).json()
    assert [each["name"] for each in rows["fields"]] == ["line_id", "product.class"]
    cell = {"date": "2024-03", "channel": "web"}
    (lines,) = client.cells(measures=["lines"], where=cell)
    assert len(rows["cells"]) == lines[0]


def test_a_url_may_be_as_long_as_its_query(client):
    """A set of a thousand members, and names in quotes."""
    query = Query(
        "sales", ("lines",), cuts=(Cut("product.product", "in", (*range(2000),)),),
        missing="empty",
    )  # fmt: skip
    assert client.get(f"/cubes/sales/query?{to_url(query)}").json()["cells"] == [[600]]
