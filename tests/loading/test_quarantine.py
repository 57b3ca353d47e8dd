"""Single rows that break their contract: set apart with a reason, never lost."""

import json

import pytest
from loading_shop import ORDERS_HEADER, order_row, orders_csv

BAD_VALUES = [
    ({"order_id": ""}, "missing_value", "order_id", "is empty, but the contract"),
    ({"order_id": "1.5"}, "wrong_type", "order_id", "'1.5' is no bigint"),
    ({"order_id": "1e3"}, "wrong_type", "order_id", "'1e3'"),
    ({"order_id": "1_000"}, "wrong_type", "order_id", "'1_000'"),
    ({"order_id": "9" * 19}, "wrong_type", "order_id", "whole number in range"),
    ({"customer_id": "2147483648"}, "wrong_type", "customer_id", "is no integer"),
    ({"amount": "1.234"}, "wrong_type", "amount", "2 after the point"),
    ({"amount": "123456789.00"}, "wrong_type", "amount", "8 digits before"),
    ({"amount": "nan"}, "wrong_type", "amount", "'nan'"),
    ({"amount": "Infinity"}, "wrong_type", "amount", "'Infinity'"),
    ({"amount": "."}, "wrong_type", "amount", "'.'"),
    ({"amount": "-0.01"}, "out_of_range", "amount", "less than the minimum 0"),
    ({"amount": "10000.01"}, "out_of_range", "amount", "more than the maximum 10000"),
    ({"ordered_at": ""}, "missing_value", "ordered_at", "is empty"),
    ({"ordered_at": "2017-02-30"}, "bad_date", "ordered_at", "moment that exists"),
    ({"ordered_at": "infinity"}, "bad_date", "ordered_at", "'infinity'"),
    ({"ordered_at": "1899-12-31"}, "bad_date", "ordered_at", "1900 to 2200"),
    ({"ordered_at": "2201-01-01"}, "bad_date", "ordered_at", "1900 to 2200"),
    ({"ordered_at": "01/02/2017"}, "bad_date", "ordered_at", "YYYY-MM-DD"),
    ({"ordered_at": "2017-01-01 24:00:00"}, "bad_date", "ordered_at", "24:00"),
    ({"channel": "fax"}, "not_allowed", "channel", "'fax' is none of shop, web"),
    ({"channel": "we\0b"}, "wrong_type", "channel", "without a NUL"),
    ({"is_gift": "maybe"}, "wrong_type", "is_gift", "true, false, yes, no, 1 or 0"),
    ({"channel": "x" * 200}, "not_allowed", "channel", "'" + "x" * 79 + "…'"),
    ({"channel": 'a"b" [/] {x}'}, "not_allowed", "channel", 'a"b" [/] {x}'),
]


@pytest.mark.parametrize(("changes", "code", "column", "words"), BAD_VALUES)
def test_a_broken_value_sets_its_row_apart(shop, changes, code, column, words):
    ran = shop.load(shop.file("orders.csv", orders_csv(**changes)))
    assert ran.code == 2
    ((number, found_code, found_column, reason, row_json),) = shop.quarantined(
        columns="_row_number, reason_code, column_name, reason, row_json"
    )
    assert (number, found_code, found_column) == (2, code, column)
    assert reason.startswith(f"{column}: ")
    assert words in reason
    row = json.loads(row_json)
    assert row[column] == changes[column]
    assert list(row) == ORDERS_HEADER.strip().split(",")
    assert shop.rows("orders", "_row_number") == [(1,), (3,), (4,), (5,)]


def test_the_first_broken_rule_in_column_order_is_the_reason(shop):
    shop.load(shop.file("orders.csv", orders_csv(amount="x", order_id="y")))
    assert shop.quarantined(columns="column_name") == [("order_id",)]


def test_an_empty_value_breaks_no_rule_but_required(shop):
    text = orders_csv(customer_id="", amount="", channel="", is_gift="")
    assert shop.load(shop.file("orders.csv", text)).code == 0
    values = shop.rows("orders", "customer_id, amount, channel, is_gift")
    assert values[1] == (None, None, None, None)


def test_a_key_stands_once_in_a_file_and_the_first_row_stays(shop):
    text = (
        ORDERS_HEADER
        + order_row(1)
        + order_row(2)
        + order_row(1, order_id="1.0", ordered_at="2026-01-02T10:00:00Z")
        + order_row(1, amount="99")
        + order_row(3)
    )
    assert shop.load(shop.file("orders.csv", text)).code == 2
    found = shop.quarantined(columns="_row_number, reason_code, reason, row_json")
    assert [row[:3] for row in found] == [
        (3, "repeated_row", "the same as row 1"),
        (4, "duplicate_key", "key (order_id '1') already stands in row 1"),
    ]
    assert json.loads(found[0][3])["order_id"] == "1.0"
    assert shop.rows("orders", "order_id, amount::varchar, _row_number") == [
        (1, "12.50", 1),
        (2, "12.50", 2),
        (3, "12.50", 5),
    ]


def test_a_broken_row_does_not_take_the_place_of_a_good_one(shop):
    text = ORDERS_HEADER + order_row(1, amount="x") + order_row(1) + order_row(2)
    shop.load(shop.file("orders.csv", text))
    assert shop.quarantined() == [(1, "wrong_type")]
    assert shop.rows("orders", "_row_number") == [(2,), (3,)]


def test_rows_without_a_key_may_repeat(shop):
    text = "customer_id,full_name,born_on,score\n" + "1,a,01/01/2000,1\n" * 3
    assert shop.load(shop.file("customers.csv", text)).code == 0
    assert len(shop.rows("customers")) == 3


def test_a_key_is_never_empty(shop):
    text = shop.contract.read_text().replace(
        "order_id, data_type: bigint, config: {meta: {required: true}}",
        "order_id, data_type: bigint",
    )
    shop.contract.write_text(text)
    shop.load(shop.file("orders.csv", orders_csv(order_id="")))
    (reason,) = shop.quarantined(columns="reason_code, reason")
    assert reason == ("missing_value", "order_id: is empty, but it is in the key")


MALFORMED = [
    ("2,7\n", "has 2 fields where the header has 6"),
    (order_row(2).strip() + ",more\n", "has 7 fields where the header has 6"),
    (order_row(2, channel='"web'), "goes on after a closing quote"),
    (order_row(2, channel='"we"b'), "goes on after a closing quote"),
    (order_row(2, channel="x" * (17 << 20)), "is longer than 16 MiB"),
]


@pytest.mark.parametrize(
    ("line", "words"), MALFORMED, ids=["short", "long", "quote", "quote 2", "huge"]
)
def test_a_malformed_row_costs_only_itself(shop, line, words):
    rows = [order_row(number) for number in range(3, 8)]
    rows[2] = order_row(5, channel='"web"')
    text = ORDERS_HEADER + order_row(1) + line + "".join(rows)
    assert shop.load(shop.file("orders.csv", text)).code == 2
    ((number, code, reason, row),) = shop.quarantined(
        columns="_row_number, reason_code, reason, row_json"
    )
    assert (number, code) == (2, "malformed_row")
    assert words in reason
    assert json.loads(row)["_line"] == line.rstrip("\n")[: (16 << 20) + 1]
    assert shop.rows("orders", "order_id") == [(1,), (3,), (4,), (5,), (6,), (7,)]


def test_a_quote_that_never_ends_does_not_swallow_the_rows_after_it(shop):
    rows = [order_row(at) for at in range(1, 9)]
    rows[2] = order_row(3, channel='"web')
    rows[7] = order_row(8, channel='"web').rstrip("\n")
    assert shop.load(shop.file("orders.csv", ORDERS_HEADER + "".join(rows))).code == 2
    assert [row[0] for row in shop.quarantined()] == [3, 8]
    assert len(shop.rows("orders")) == 6


def test_rows_after_a_quote_that_swallowed_the_end_of_the_file_are_read(shop):
    rows = [order_row(at) for at in range(1, 9)]
    rows[5] = order_row(6, channel='"web')
    assert shop.load(shop.file("orders.csv", ORDERS_HEADER + "".join(rows))).code == 2
    assert shop.quarantined() == [(6, "malformed_row")]
    assert shop.rows("orders", "order_id")[-2:] == [(7,), (8,)]


def test_a_quoted_field_may_hold_line_ends_quotes_and_delimiters(shop):
    text = (
        "customer_id,full_name,born_on,score\n"
        '1,"two\r\nlines, and ""quotes""",01/01/2000,1\n\n2," x ",02/01/2000,2\n'
    )
    assert shop.load(shop.file("customers.csv", text)).code == 0
    assert shop.rows("customers", "full_name, _row_number") == [
        ('two\r\nlines, and "quotes"', 1),
        (" x ", 2),
    ]


def json_order(**changes):
    values = {
        "order_id": 1,
        "customer_id": 7,
        "amount": 12.5,
        "ordered_at": "2026-01-02",
        "channel": "web",
        "is_gift": True,
    }
    return json.dumps(values | changes)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ('{"order_id": 2', "malformed_row", "is no JSON"),
        ("[1, 2]", "malformed_row", "is no JSON object"),
        ('{"order_id": 2, "order_id": 3}', "malformed_row", "names a column twice"),
        (json_order(order_id=2, amount=float("nan")), "malformed_row", "holds NaN"),
        (
            json_order(order_id=2, channel=["web"]),
            "wrong_type",
            "channel: holds a list",
        ),
        (json_order(order_id=2, amount={"a": 1}), "wrong_type", "holds an object"),
        (json_order(order_id=2, channel="\ud800"), "malformed_row", "surrogate"),
        (json_order(order_id=2.5), "wrong_type", "'2.5' is no bigint"),
        (json_order(order_id=2, customer_id=""), "wrong_type", "'' is no integer"),
        (json_order(order_id=2, is_gift=2), "wrong_type", "'2' is no boolean"),
        ("[" * 100_000, "malformed_row", "nested too deeply"),
    ],
)
def test_a_line_that_is_no_object_of_plain_values_is_set_apart(shop, line, code, words):
    text = "\n".join([json_order(), line, json_order(order_id=3)])
    assert shop.load(shop.file("orders.jsonl", text)).code == 2
    ((number, found, reason),) = shop.quarantined(
        columns="_row_number, reason_code, reason"
    )
    assert (number, found) == (2, code)
    assert words in reason
    assert shop.rows("orders", "order_id") == [(1,), (3,)]


def test_a_name_left_out_of_a_json_line_is_no_value(shop):
    short = '{"order_id": 2, "ordered_at": "2026-01-02T03:04:05.5+02:00"}'
    assert shop.load(shop.file("orders.jsonl", f"{json_order()}\n{short}\n")).code == 0
    rows = shop.rows("orders", "amount, ordered_at::varchar")
    assert rows[1] == (None, "2026-01-02 01:04:05.5")


def test_rows_of_parquet_are_set_apart_too(shop):
    path = shop.parquet(
        "orders.parquet",
        "select i::bigint as order_id, "
        "case i when 2 then 1.5 when 3 then 'nan'::double else 7 end as customer_id, "
        "case i when 4 then 0.125 when 5 then 1.776e-15 "
        "else 1.005 - 0.005 end as amount, timestamptz '2026-01-01 02:00:00+02' as "
        "ordered_at, case when i = 6 then 'fax' else 'web' end as channel, null as "
        "is_gift from range(1, 10) t(i)",
    )
    assert shop.load(path).code == 2
    assert shop.quarantined(columns="_row_number, reason_code, column_name") == [
        (2, "wrong_type", "customer_id"),
        (3, "wrong_type", "customer_id"),
        (4, "wrong_type", "amount"),
        (6, "not_allowed", "channel"),
    ]
    rows = shop.rows("orders", "_row_number, amount::varchar, ordered_at::varchar")
    assert rows[0] == (1, "1.00", "2026-01-01 00:00:00")
    assert rows[1] == (5, "0.00", "2026-01-01 00:00:00")
    ((row_json,),) = {tuple(row) for row in shop.quarantined(columns="row_json")[:1]}
    assert json.loads(row_json)["customer_id"] == "1.5"
