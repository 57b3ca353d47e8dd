"""Months of customers after corrections: by hand, and as a build of all gives them."""

from __future__ import annotations

import shutil

import pytest
from company import Company
from comparing import differences
from deliveries import write
from warehouse import Warehouse

pytestmark = pytest.mark.slow


def line(order: str, party: str, day: str, net: float = 10, **others) -> dict:
    """Return an order line under its key, which a correction has again."""
    return {
        "order_id": order,
        "line_number": 1,
        "party_id": party,
        "ordered_at": f"{day} 12:00:00",
        "product_id": "X",
        "line_type": "sale",
        "gross_amount": net,
        "net_amount": net,
        "tax_amount": 0,
        "cost_amount": 4,
    } | others


USD = {"offer_id": "USD"}
UNKNOWN = {"cost_amount": None}
BACK = {"line_type": "return", "quantity": -1}

FIRST = [
    # until when there are lines
    line("Z1", "Z", "2024-06-10"),
    # a month in the middle loses its only line, to a month before another's first
    line("A1", "A", "2024-01-05"),
    line("A2", "A", "2024-03-05", 20),
    line("A3", "A", "2024-05-05"),
    line("B1", "B", "2024-04-05"),
    # the first month goes
    line("C1", "C", "2024-01-05"),
    line("C2", "C", "2024-04-05"),
    # one currency again, and no longer one
    line("D1", "D", "2024-01-05"),
    line("D2", "D", "2024-03-05", **USD),
    line("D3", "D", "2024-05-05"),
    line("E1", "E", "2024-01-05"),
    line("E2", "E", "2024-03-05"),
    # a margin becomes unknown, another known
    line("F1", "F", "2024-03-05"),
    line("F2", "F", "2024-03-06"),
    line("F3", "F", "2024-05-05", **UNKNOWN),
    # all goes
    line("G1", "G", "2024-02-05"),
    # was active long ago, and was never, before sales come
    line("I1", "I", "2022-01-05"),
    line("J1", "J", "2022-01-05", -10, **BACK),
    # is corrected, and then taken away
    line("L1", "L", "2024-01-05"),
    line("L2", "L", "2024-03-05"),
    line("L3", "L", "2024-03-06", 7),
    # two lines of an order, of which one becomes a return
    line("K1", "K", "2024-02-05"),
    line("K1", "K", "2024-02-05", line_number=2),
    line("K2", "K", "2024-04-05"),
]
CONTACT = {"cell_id": "T", "status": "sent"}
CONTACTS = [
    # in months that are none of a customer's yet: before the first, after the last
    CONTACT | {"contact_id": "B1", "party_id": "B", "assigned_on": "2024-03-10"},
    CONTACT | {"contact_id": "A1", "party_id": "A", "assigned_on": "2024-07-10"},
]
SECOND = [
    line("A2", "B", "2024-02-05", 20),
    line("C1", "C", "2024-02-07"),
    line("D2", "D", "2024-03-05"),
    line("E2", "E", "2024-03-05", **USD),
    line("F2", "F", "2024-03-06", **UNKNOWN),
    line("F3", "F", "2024-05-05"),
    line("G1", "H", "2024-02-05"),
    line("I2", "I", "2024-05-05"),
    line("J2", "J", "2024-05-05"),
    line("L2", "L", "2024-03-05", 5),
    line("K1", "K", "2024-02-05", -3, line_number=2, **BACK),
]
# The as-of day goes into July, in the same night.
THIRD = [
    line("Z2", "Z", "2024-07-31"),
    line("A1", "A", "2024-01-05", 12),
    line("L2", "M", "2024-03-05", 5),
    line("C1", "C", "2024-04-09"),
]
# It goes back.
FOURTH = [line("Z2", "Z", "2024-06-20"), line("E1", "E", "2024-02-05")]

MONTHS = "fct_customer_month"


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """What a customer's months are after each of four nights; and where they differ
    from what all lines give."""
    folder = tmp_path_factory.mktemp("months")
    copy = Company.create(folder / "project")
    # the shop sells in euro alone
    model = (
        copy.folder / "models/staging/example_shop/stg_example_shop__order_lines.sql"
    )
    text = model.read_text()
    assert "'EUR' as currency_code" in text
    model.write_text(
        text.replace(
            "'EUR' as", "case offer_id when 'USD' then 'USD' else 'EUR' end as"
        )
    )
    nightly = Warehouse.of(copy.folder)
    found, wrong = [], []
    for night, lines in enumerate((FIRST, SECOND, THIRD, FOURTH)):
        delivery = {"example_shop": {"order_lines": lines}}
        if not night:
            delivery["example_marketing"] = {"contacts": CONTACTS}
        nightly.load(write(delivery, folder / f"night_{night}"))
        nightly.build_part(f"+{MONTHS}")
        rows = nightly.ask(f"from {MONTHS}")
        shown = nightly.ask(f"select column_name from (describe {MONTHS})")
        names = [name for (name,) in shown]
        found.append([dict(zip(names, row, strict=True)) for row in rows])
        if night:
            whole = Warehouse.of(copy.folder, f"whole_{night}.duckdb")
            shutil.copy(nightly.database, whole.database)
            whole.build_part(MONTHS, full=True)
            wrong.append(differences(nightly.database, whole.database))
    return found, wrong


def of(rows: list[dict], customer: str, *columns: str) -> list[tuple]:
    """Return some columns of a customer's months in their order."""
    return [
        (f"{row['month_start']:%Y-%m}", *(row[column] for column in columns))
        for row in sorted(rows, key=lambda row: row["month_start"])
        if row["customer_id"] == f"example:{customer}"
    ]


def test_each_night_leaves_what_all_lines_give(nights):
    assert nights[1] == [{}, {}, {}]


def test_a_month_that_loses_its_lines_stays_and_one_before_the_first_comes(nights):
    before, after = nights[0][:2]
    columns = ("line_count", "net_amount", "contact_count", "month_number")
    assert of(before, "A", *columns)[1:4] == [
        ("2024-02", 0, 0, 0, 1),
        ("2024-03", 1, 20, 0, 2),
        ("2024-04", 0, 0, 0, 3),
    ]
    assert of(after, "A", *columns)[1:4] == [
        ("2024-02", 0, 0, 0, 1),
        ("2024-03", 0, 0, 0, 2),
        ("2024-04", 0, 0, 0, 3),
    ]
    assert of(before, "B", *columns)[:1] == [("2024-04", 1, 10, 0, 0)]
    assert of(after, "B", *columns)[:3] == [
        ("2024-02", 1, 20, 0, 0),
        ("2024-03", 0, 0, 1, 1),
        ("2024-04", 1, 10, 0, 2),
    ]


def test_a_life_begins_later_when_its_first_month_goes(nights):
    firsts = [of(rows, "C", "month_number", "new_count")[0] for rows in nights[0]]
    assert firsts[:3] == [("2024-01", 0, 1), ("2024-02", 0, 1), ("2024-04", 0, 1)]
    assert of(nights[0][1], "G") == []
    assert of(nights[0][1], "H", "line_count")[:1] == [("2024-02", 1)]


def test_currencies_are_those_of_the_life_so_far_and_of_the_month(nights):
    before, after, _, last = nights[0]
    columns = ("currency_code", "month_currency_code")
    assert of(before, "D", *columns) == [
        ("2024-01", "EUR", "EUR"),
        ("2024-02", "EUR", None),
        ("2024-03", "mixed", "USD"),
        ("2024-04", "mixed", None),
        ("2024-05", "mixed", "EUR"),
        ("2024-06", "mixed", None),
    ]
    assert [row[1] for row in of(after, "D", *columns)] == ["EUR"] * 6
    assert [row[1] for row in of(after, "E", *columns)] == ["EUR"] * 2 + ["mixed"] * 4
    assert [row[1:] for row in of(last, "E", *columns)][:3] == [
        ("EUR", "EUR"),
        ("mixed", "USD"),
        ("mixed", None),
    ]


def test_a_margin_is_unknown_in_the_months_of_lines_of_unknown_cost(nights):
    before, after = nights[0][:2]
    margins = [
        [
            dict(of(rows, "F", "margin_amount"))[month]
            for month in ("2024-03", "2024-05")
        ]
        for rows in (before, after)
    ]
    assert margins == [[12, None], [None, 6]]


def test_who_was_active_long_ago_comes_back_and_who_never_was_is_new(nights):
    columns = ("new_count", "reactivated_count")
    after = nights[0][1]
    assert ("2024-05", 0, 1) in of(after, "I", *columns)
    assert ("2024-05", 1, 0) in of(after, "J", *columns)


def test_orders_are_counted_by_their_sales(nights):
    columns = ("order_count", "line_count", "net_amount", "return_amount")
    before, after = (of(rows, "K", *columns)[0] for rows in nights[0][:2])
    assert before == ("2024-02", 1, 2, 20, 0)
    assert after == ("2024-02", 1, 2, 7, -3)


def test_what_a_month_comes_from_is_told_anew_when_its_newest_line_goes(nights):
    _, corrected, gone, _ = (
        {month: it for month, *it in of(rows, "L", "month_loaded_at", "loaded_at")}
        for rows in nights[0]
    )
    first = gone["2024-01"][0]
    assert corrected["2024-01"] == [first, first]
    assert corrected["2024-03"][0] > first
    assert corrected["2024-05"] == [None, corrected["2024-03"][0]]
    assert gone["2024-03"] == [first, first]
    assert gone["2024-05"] == [None, first]


def test_the_as_of_day_turns_in_the_night_of_a_correction_and_turns_back(nights):
    ends = [
        of(rows, "A", "is_complete_month", "contact_count")[-2:] for rows in nights[0]
    ]
    assert ends == [
        [("2024-05", True, 0), ("2024-06", False, 0)],
        [("2024-05", True, 0), ("2024-06", False, 0)],
        [("2024-06", True, 0), ("2024-07", True, 1)],
        [("2024-05", True, 0), ("2024-06", False, 0)],
    ]
    trailing = dict(of(nights[0][2], "A", "trailing_12_month_net_amount"))
    assert trailing["2024-07"] == 22
