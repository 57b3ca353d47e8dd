"""Every form of a query turns into every other, and says the same."""

from __future__ import annotations

import string
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

from hypothesis import given, settings
from hypothesis import strategies as st

from acrm_olap.query import (
    Cut,
    Query,
    Top,
    canonical,
    from_dict,
    from_json,
    from_line,
    from_pairs,
    from_url,
    to_dict,
    to_json,
    to_line,
    to_url,
)

words = st.sampled_from(
    ["net", "margin_pct", "net.prior_year", "by", "where", "Null", "order", "and", "is"]
)
names = st.one_of(
    words,
    st.text(string.ascii_lowercase + "._", min_size=1, max_size=8),
    st.text(min_size=1, max_size=6),
)
texts = st.one_of(
    st.sampled_from(
        ["North", "Fruit & Veg", "null", "NULL", "", "a..b", "..", ".", "it's", '"',
         "a|b", "1,2", "2025-01", "[x]", "()", "\\", "%", "+", "a;b", "x:y", "@top",
         " ", "true", "and", "!", "'\"", "two\nlines"]
    ),
    st.text(max_size=8),
)  # fmt: skip
single = st.one_of(
    texts,
    st.integers(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(),
    st.dates(date(1900, 1, 1)),
    st.datetimes(datetime(1900, 1, 1)),
)
member = st.one_of(single, st.tuples(single, st.one_of(st.none(), single)))


@st.composite
def cuts(draw):
    operator = draw(
        st.sampled_from(
            ["in", "not in", "range", "not range", "matches", "is null", "is not null"]
        )
    )
    level = draw(names)
    if operator.endswith("range"):
        end = st.one_of(st.none(), member)
        return Cut(level, operator, (draw(end), draw(end)))
    if operator == "matches":
        return Cut(level, operator, (draw(texts),))
    if operator.startswith("is"):
        return Cut(level, operator)
    members = st.lists(st.one_of(st.none(), member), max_size=3)
    return Cut(level, operator, tuple(draw(members)))


@st.composite
def queries(draw):
    levels = draw(st.lists(names, max_size=4, unique=True))
    down = draw(st.integers(0, len(levels)))
    return Query(
        draw(names),
        tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True))),
        tuple(levels[:down]),
        tuple(levels[down:]),
        tuple(draw(st.lists(cuts(), max_size=3))),
        as_of=draw(st.sampled_from(["was", "is", "2025-03-01"])),
        subtotals=draw(st.booleans()),
        calculated=tuple(
            (name, draw(st.text(max_size=8)))
            for name in draw(st.lists(names, max_size=2, unique=True))
        ),
        having=draw(st.one_of(st.just(""), st.text(max_size=8))),
        top=draw(
            st.none() | st.builds(Top, st.integers(1, 99), names, st.booleans())
        ),
        order=tuple(draw(st.lists(st.builds("{}{}".format, st.sampled_from(["", "-"]),
                                            names), max_size=2))),
        limit=draw(st.none() | st.integers(1, 10**6)),
        offset=draw(st.integers(0, 10**6)),
        empty=draw(st.sampled_from(["skip", "show"])),
        open_periods=draw(st.sampled_from(["hide", "same_days", "whole"])),
        part_periods=draw(st.sampled_from(["note", "hide"])),
        missing=draw(st.sampled_from(["refuse", "empty"])),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(queries())
def test_each_form_says_the_same_query(query):
    plain = canonical(query)
    assert canonical(from_dict(to_dict(query))) == plain
    assert canonical(from_json(to_json(query))) == plain
    assert from_line(to_line(query)) == plain
    assert from_url(to_url(query)) == plain
    pairs = parse_qsl(to_url(query, cube=False), keep_blank_values=True)
    assert from_pairs(pairs, cube=query.cube) == plain


@settings(max_examples=40, deadline=None)
@given(queries())
def test_each_form_turns_into_each_other(query):
    line = to_line(query)
    assert to_line(from_url(to_url(from_line(line)))) == line
    assert to_line(from_json(to_json(from_line(line)))) == line
    assert to_url(from_dict(to_dict(from_url(to_url(query))))) == to_url(query)


def test_json_keeps_the_digits_of_decimals_and_the_kind_of_numbers():
    read = from_json(
        '{"cube": "c", "measures": "m", "where": {"a": 0.10, "b": 7, "c": true}}'
    )
    assert [cut.values[0] for cut in read.cuts] == [Decimal("0.10"), 7, True]
    assert str(read.cuts[0].values[0]) == "0.10"
