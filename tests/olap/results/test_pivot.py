"""An answer as a grid: headers in order, totals marked, holes told apart."""

from __future__ import annotations

import pytest

from acrm_olap import State
from acrm_olap.errors import TooLargeError
from acrm_olap.results import pivot
from acrm_olap.results.pivot import make_pivot


def texts(found):
    return [[cell.text for cell in row] for row in found.cells]


def test_rows_columns_and_totals_are_in_their_places(sales):
    found = sales.query("net", "customer.region", "date.year", subtotals=True).pivot()
    assert [header.labels for header in found.rows] == [
        ("North",), ("South",), ("Total",),
    ]  # fmt: skip
    assert [header.labels for header in found.columns] == [
        ("2024",), ("2025",), ("Total",),
    ]  # fmt: skip
    assert texts(found) == [
        ["246.00", "154.00", "400.00"],
        ["236.00", "319.00", "555.00"],
        ["482.00", "473.00", "955.00"],
    ]
    assert [[cell.total for cell in row] for row in found.cells] == [
        [False, False, True], [False, False, True], [True, True, True],
    ]  # fmt: skip


def test_columns_are_in_order_where_the_first_row_lacks_one(visits):
    found = visits.query("visits", "store.region", "date.month").pivot()
    assert [header.labels[0] for header in found.columns] == [
        "2024-01", "2024-02", "2025-01", "2025-12",
    ]  # fmt: skip
    assert [header.labels[0] for header in found.rows] == [
        "<b>South</b>", "North", "(none)",
    ]  # fmt: skip


def test_columns_are_in_order_where_rows_are_ordered_by_a_measure(sales):
    found = sales.query(
        "net", "product.product", "date.year", order=["-net"]
    ).pivot()  # fmt: skip
    assert [header.labels[0] for header in found.columns] == ["2024", "2025"]


def test_a_total_of_a_level_stands_after_its_members(sales):
    found = sales.query(
        "net", ["product.department", "product.product"], subtotals=True
    ).pivot()
    labels = [header.labels for header in found.rows]
    assert labels[:3] == [("Bakery", "Bread"), ("Bakery", "Total"), ("Dairy", "Cheese")]
    assert labels[-1] == ("Total", "")
    assert [header.rolled for header in found.rows][-2:] == [1, 2]


def test_without_levels_there_is_one_cell(sales):
    found = sales.query(["net", "lines"]).pivot()
    assert texts(found) == [["955.00", "240"]]
    assert found.rows[0].labels == found.columns[0].labels == ()


def test_levels_across_alone_make_one_row(sales):
    found = sales.query("lines", columns="date.year").pivot()
    assert texts(found) == [["122", "118"]]


def test_an_answer_without_cells_is_an_empty_grid(sales):
    found = sales.query("net", "customer.region", where={"date": "1999"}).pivot()
    assert found.rows == ()
    assert found.cells == ()


def test_members_with_the_same_label_have_their_keys_beside_it(sales):
    engine_labels = sales.query("net", "date.quarter").pivot().rows
    assert engine_labels[0].labels == ("2024-Q1",)


def test_why_a_cell_has_nothing_is_told(visits):
    answer = visits.query(
        ["visits", "spent", "per_visit"], "store.region", "date.month"
    )
    found = answer.pivot()
    south, north, unknown = found.cells
    # January 2024 of the south: no rows. January 2025: rows, all of them null.
    assert [cell.state for cell in south[:3]] == [State.EMPTY] * 3
    assert [cell.state for cell in south[6:9]] == [
        State.NULL, State.NULL, State.UNDEFINED,
    ]  # fmt: skip
    # February 2024 of the north: nothing was spent over no visits.
    assert [cell.text for cell in north[3:6]] == ["0", "0.00", "n/a"]
    assert north[5].state is State.UNDEFINED
    assert [cell.text for cell in unknown[9:]] == ["5", "1.00", "0.20"]


def test_empty_members_that_are_shown_are_empty_not_null(visits):
    answer = visits.query(
        ["visits"], "store.region", "date.year", where={"date": "2024"}, empty="show"
    )
    states = dict(
        zip(answer.table["store.region"].to_pylist(), answer.states(), strict=True)
    )
    assert states["North"] == (State.VALUE,)
    assert states["<b>South</b>"] == (State.EMPTY,)


def test_a_period_without_one_before_it_has_nothing_to_compare_with(visits):
    answer = visits.query(
        ["visits", "visits.prior_year", "visits.growth_year"], "date.year",
    )  # fmt: skip
    first, second = answer.states()
    assert first == (State.VALUE, State.EMPTY, State.EMPTY)
    assert second == (State.VALUE,) * 3


def test_cells_that_a_page_or_a_condition_leaves_out_are_not_called_empty(visits):
    found = visits.query(
        "visits", "store.region", "date.year", having="visits > 1"
    ).pivot()
    assert State.HIDDEN in {cell.state for row in found.cells for cell in row}
    found = visits.query("visits", "store.region", "date.year", limit=2).pivot()
    assert State.EMPTY not in {cell.state for row in found.cells for cell in row}


def test_a_grid_that_is_far_larger_than_its_answer_is_refused(sales, monkeypatch):
    monkeypatch.setattr(pivot, "MOST_CELLS", 100)
    answer = sales.query("net", "date.day", "customer.customer")
    with pytest.raises(TooLargeError, match="240 rows and 3 columns"):
        answer.pivot()
    assert "showing 20 of 240 rows" in answer.to_text(most=20)


@pytest.mark.parametrize("subtotals", [False, True])
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (["product.product"], ["date.quarter"]),
        (["product.department", "product.product"], ["customer.region", "date.year"]),
        ([], ["date.month", "channel.channel"]),
        (["customer.customer", "date.day"], []),
        (["date.month"], ["customer.region", "customer.customer"]),
    ],
)
def test_each_cell_stands_in_the_grid_once(sales, rows, columns, subtotals):
    answer = sales.query(["net", "lines"], rows, columns, subtotals=subtotals)
    for down in (None, [*columns], [*rows, *columns]):
        found = make_pivot(answer, down=down)
        filled = [cell for row in found.cells for cell in row if cell.value is not None]
        assert len(filled) == 2 * len(answer)
        values = [value for _, both, _ in answer.cells() for value in both]
        assert sum(cell.value for cell in filled) == sum(values)
        assert len(set(found.rows)) == len(found.rows)
        assert len(set(found.columns)) == len(found.columns)


def test_periods_are_in_order_down_and_across(sales):
    for found in (
        sales.query("net", "date.month", "customer.customer").pivot().rows,
        sales.query("net", "customer.customer", "date.month").pivot().columns,
        make_pivot(
            sales.query("net", ["customer.customer", "date.month"]), down=["date.month"]
        ).rows,
    ):
        labels = [header.labels[0] for header in found]
        assert labels == sorted(labels)
        assert len(labels) == 24
