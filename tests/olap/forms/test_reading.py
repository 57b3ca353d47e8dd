"""What people write is read as they mean it, or refused with the place and a remedy."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from acrm_olap.definitions.model import Period
from acrm_olap.errors import CubeError, FormError
from acrm_olap.planning.members import period_of
from acrm_olap.query import (
    Cut,
    Query,
    Top,
    from_dict,
    from_json,
    from_line,
    from_url,
    read_url_cuts,
    to_dict,
    to_line,
    to_url,
)

LINE = (
    "sales: net, margin_pct by product.department, customer.region across date.year "
    "where customer.region = North|South and date = 2025-01..2025-12 "
    'and product.department != "Fruit & Veg" as is subtotals top 10 by net '
    'having "net > 100" order by -net limit 50 offset 10'
)
QUERY = Query(
    "sales",
    ("net", "margin_pct"),
    ("product.department", "customer.region"),
    ("date.year",),
    (
        Cut("customer.region", "in", ("North", "South")),
        Cut("date", "range", ("2025-01", "2025-12")),
        Cut("product.department", "not in", ("Fruit & Veg",)),
    ),
    as_of="is",
    subtotals=True,
    top=Top(10, "net"),
    having="net > 100",
    order=("-net",),
    limit=50,
    offset=10,
)


def test_a_line_says_a_query():
    assert from_line(LINE) == QUERY
    assert to_line(QUERY) == LINE


def test_clauses_come_in_any_order_and_over_several_lines():
    read = from_line("sales: net\n  limit 3\n  where date = 2025\n  by store.store")
    assert read == Query(
        "sales", ("net",), ("store.store",),
        cuts=(Cut("date", "in", ("2025",)),), limit=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a.b = 7", Cut("a.b", "in", ("7",))),
        ("a.b = null", Cut("a.b", "in", (None,))),
        ('a.b = "null"', Cut("a.b", "in", ("null",))),
        ("a.b = 'it''s'", Cut("a.b", "in", ("it's",))),
        ("a.b = @top|x", Cut("a.b", "in", ("@top", "x"))),
        ("a.b = ()", Cut("a.b", "in", ())),
        ("a.b = 2025-01..", Cut("a.b", "range", ("2025-01", None))),
        ("a.b = ..2025-12", Cut("a.b", "range", (None, "2025-12"))),
        ("a.b >= 5", Cut("a.b", "range", ("5", None))),
        ("a.b <= 5", Cut("a.b", "range", (None, "5"))),
        ("a.b != 1..2", Cut("a.b", "not range", ("1", "2"))),
        ("a.b is null", Cut("a.b", "is null")),
        ("a.b IS NOT NULL", Cut("a.b", "is not null")),
        ('a.b like "Sm%"', Cut("a.b", "matches", ("Sm%",))),
        ("a.b = [2024, 1]..[2024, 3]",
         Cut("a.b", "range", (("2024", "1"), ("2024", "3")))),
    ],
)  # fmt: skip
def test_a_cut_is_read_as_it_is_meant(text, cut):
    assert from_line(f"sales: net where {text} and c = d").cuts == (
        cut, Cut("c", "in", ("d",)),
    )  # fmt: skip


def test_a_url_speaks_of_cuts_and_drilldowns():
    read = from_url(
        "?measures=net&cut=date:2024|product.product:3;4|!customer.region:North"
        "|date.quarter:2024,1..2024,3&drilldown=customer:region|date@fiscal:month"
        "&order=net:desc&top=10+by+net&calculated=x:net+/+2&format=csv",
        cube="sales",
        also=["format"],
    )
    assert read == Query(
        "sales", ("net",), ("customer.region", "date.fiscal.month"),
        cuts=(
            Cut("date", "in", ("2024",)),
            Cut("product.product", "in", ("3", "4")),
            Cut("customer.region", "not in", ("North",)),
            Cut("date.quarter", "range", (("2024", "1"), ("2024", "3"))),
        ),
        order=("-net",), top=Top(10, "net"), calculated=(("x", "net / 2"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a.b:North America", Cut("a.b", "in", ("North America",))),
        ("a.b: North ; South", Cut("a.b", "in", ("North", "South"))),
        ("a.b:it's", Cut("a.b", "in", ("it's",))),
        ("a.b:'it''s; so'", Cut("a.b", "in", ("it's; so",))),
        (r"a.b:Smith\, J\.\|", Cut("a.b", "in", ("Smith, J.|",))),
        (r"a.b:\ x\ ", Cut("a.b", "in", (" x ",))),
        ("a.b:", Cut("a.b", "in", (None,))),
        ("a.b:;x", Cut("a.b", "in", (None, "x"))),
        ("a.b:null", Cut("a.b", "in", (None,))),
        (r"a.b:\null", Cut("a.b", "in", ("null",))),
        ("a.b:''", Cut("a.b", "in", ("",))),
        ("a.b:()", Cut("a.b", "in", ())),
        ("a.b:(x)", Cut("a.b", "in", ("(x)",))),
        ("a.b:[1, 2];3,4", Cut("a.b", "in", (("1", "2"), ("3", "4")))),
        ("a.b:@top;x:y", Cut("a.b", "in", ("@top", "x:y"))),
        ("!a.b:1..", Cut("a.b", "not range", ("1", None))),
        ("a.b:..x y", Cut("a.b", "range", (None, "x y"))),
        ("a.b:~New Y%, ..;", Cut("a.b", "matches", ("New Y%, ..;",))),
        ("a.b:~'x|%'", Cut("a.b", "matches", ("x|%",))),
        ('"a.b":x', Cut("a.b", "in", ("x",))),
    ],
)
def test_a_cut_of_a_url_is_read_as_it_is_meant(text, cut):
    assert read_url_cuts([f"{text}|c:d", "", "e:f"]) == (
        cut, Cut("c", "in", ("d",)), Cut("e", "in", ("f",)),
    )  # fmt: skip


def test_names_of_a_url_are_parted_by_commas_or_bars():
    read = from_url(
        "cube=s&measures=net|lines,cost&rows=date:year|a.b,c@d:e&order=-net|a.b:desc"
        "&columns=&cut="
    )
    assert read == Query(
        "s", ("net", "lines", "cost"), ("date.year", "a.b", "c.d.e"),
        order=("-net", "-a.b"),
    )  # fmt: skip


def test_a_dictionary_is_plain():
    assert to_dict(QUERY) == {
        "cube": "sales",
        "measures": ["net", "margin_pct"],
        "rows": ["product.department", "customer.region"],
        "columns": ["date.year"],
        "where": {
            "customer.region": ["North", "South"],
            "date": {"from": "2025-01", "to": "2025-12"},
            "product.department": {"not": ["Fruit & Veg"]},
        },
        "as_of": "is",
        "subtotals": True,
        "having": "net > 100",
        "top": {"count": 10, "by": "net"},
        "order": ["-net"],
        "limit": 50,
        "offset": 10,
    }
    assert from_dict(to_dict(QUERY)) == QUERY


def test_two_cuts_of_a_level_are_a_list():
    query = from_line("s: net where date = 2025 and date != 2025-03")
    assert to_dict(query)["where"] == [{"date": "2025"}, {"date": {"not": ["2025-03"]}}]


@pytest.mark.parametrize(
    ("text", "what", "position"),
    [
        ("", "The name of a cube is expected here.", 1),
        ("sales", "A colon is expected after the cube.", 6),
        ("sales: net buy date.year", "'buy' is no clause", 12),
        ("sales: net by date.year whree x = 1", "Did you mean 'where'?", 25),
        ("sales: net by a.b c.d", "'c.d' is no clause", 19),
        ("sales: net where a.b = North East", "'East' is no clause", 30),
        ("sales: net where a.b ~ 1", "'~ 1' is no sign of a cut", 22),
        ("sales: net where a.b = ", "A member is expected here.", 24),
        ("sales: net where a.b = 'x", "The quote is not closed.", 24),
        ("sales: net top many by net", "How many are wanted is a whole number.", 16),
        ("sales: net limit 3 limit 4", "'limit' is given twice.", 20),
        ("sales: net having net > 3", "A condition of cells stands in quotes.", 19),
        ("sales: net where a.b is nul", "Did you mean 'null'?", 25),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_where(text, what, position):
    with pytest.raises(FormError) as caught:
        from_line(text)
    assert what in caught.value.what
    head, shown, mark = caught.value.where.splitlines()
    assert head == f"the query, position {position}"
    assert mark.index("^") - 9 == position - 1
    assert shown.strip() == text[: position + 23].strip()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([], "A query is an object, not a list."),
        ({"cube": "s"}, "The field 'measures' is missing."),
        ({"cube": "s", "measures": "n", "row": []}, "Did you mean 'rows'?"),
        ({"cube": "s", "measures": [1]}, "The field 'measures' is a list."),
        ({"cube": 1, "measures": "n"}, "The field 'cube' is a number."),
        ({"cube": "s", "measures": "n", "limit": "5"}, "The field 'limit' is a text."),
        ({"cube": "s", "measures": "n", "limit": True}, "'limit' is true or false."),
        ({"cube": "s", "measures": "n", "subtotals": 1}, "'subtotals' is a number."),
        ({"cube": "s", "measures": "n", "top": {"n": 1}}, "field of top 'n'"),
        ({"cube": "s", "measures": "n", "top": {"count": 1}}, "'top' is an object."),
        ({"cube": "s", "measures": "n", "where": 3}, "A cut cannot be 3."),
        ({"cube": "s", "measures": "n", "where": {"a": [{}]}}, "A member of 'a'"),
        ({"cube": "s", "measures": "n", "where": {"a": {"form": 1}}}, "by form"),
        ({"cube": "s", "measures": "n", "where": {"a": {"not": {}}}}, "not nothing"),
    ],
)
def test_a_dictionary_that_is_no_query_is_refused(given, what):
    with pytest.raises(CubeError) as caught:
        from_dict(given)
    assert what in caught.value.what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "The query is no JSON"),
        ('{"cube": "s", "cube": "t"}', "'cube' is given twice"),
        ('{"cube": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused(text, what):
    with pytest.raises(FormError, match=what):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cube=s&measure=net", "Did you mean 'measures'?"),
        ("measures=net", "No cube is named."),
        ("cube=s", "The query asks for no measure."),
        ("cube=s&cube=t&measures=net", "'cube' is given twice."),
        ("cube=s&measures=net&top=1+by+a&bottom=1+by+a", "given twice."),
        ("cube=s&measures=net&cut=date", "A colon is expected"),
        ('cube=s&measures=net&cut=date:"2024" x', "More follows"),
        ("cube=s&measures=net&cut=date:1..2..3", "More follows"),
        ("cube=s&measures=net&cut=!a.b:~x%25", "A pattern cannot be turned round."),
        ("cube=s&measures=net&cut=a.b:x\\", "A backslash stands at the end."),
        ("cube=s&measures=net&cut=a.b:'x", "The quote is not closed."),
        ("cube=s&measures=net,,x", "A measure is expected here."),
        ("cube=s&measures=net&cut=date@fiscal:2024", "does not say its level"),
        ("cube=s&measures=net&limit=x", "limit is a whole number."),
        ("cube=s&measures=net&limit=0", "limit is 0."),
        ("cube=s&measures=net&subtotals=maybe", "'subtotals' is 'maybe'."),
        ("cube=s&measures=net&order=net:up", "'up' is no order."),
    ],
)
def test_a_url_that_cannot_be_read_is_refused(text, what):
    with pytest.raises(CubeError) as caught:
        from_url(text)
    assert what in caught.value.what


def test_the_url_of_a_query_is_short():
    assert to_url(QUERY.roll_up().pivot(), cube=False) == (
        "measures=net%2Cmargin_pct&rows=date.year&columns=product.department"
        "&cut=customer.region%3ANorth%3BSouth%7Cdate%3A2025-01..2025-12"
        "%7C%21product.department%3A%22Fruit+%26+Veg%22"
        "&as_of=is&subtotals=true&having=net+%3E+100&top=10+by+net&order=-net"
        "&limit=50&offset=10"
    )


def test_an_instant_as_a_text_is_the_day_that_it_is_in():
    """Written forms have instants as texts; they mean what the instant meant."""
    instant = datetime(2025, 3, 1, 10, 30)
    for written in (instant, str(instant), instant.isoformat()):
        assert period_of(written, "date") == (
            date(2025, 3, 1), date(2025, 3, 1), Period.DAY,
        )  # fmt: skip
    with pytest.raises(CubeError, match="is no period"):
        period_of("10:30 soon", "date")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"calculated": (("x", "1"), ("x", "2"))}, "'x' is asked for twice"),
        ({"cuts": (Cut("a", "in", ("b",)),), "limit": 0}, "limit is 0"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(given, what):
    with pytest.raises(CubeError, match=what):
        Query("sales", ("net",), **given)


def test_a_pattern_is_one_text():
    with pytest.raises(CubeError, match="matched with 2 texts"):
        Cut("a", "matches", ("b%", "c%"))
