"""Numbers are written as spreadsheets write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from acrm_olap.results.numbers import show_number


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (1234567, "#,##0", "1,234,567"),
        (Decimal("1234.5"), "#,##0.00", "1,234.50"),
        (Decimal("-1234.555"), "#,##0.00", "-1,234.56"),
        (Decimal("0.125"), "0.0%", "12.5%"),
        (0.1255, "0.0%", "12.6%"),
        (0, "#,##0", "0"),
        (Decimal("-0.001"), "0.00", "0.00"),
        (Decimal("0.5"), "#.##", ".5"),
        (Decimal("1.5"), "0.0#", "1.5"),
        (Decimal("1.25"), "0.0#", "1.25"),
        (7, "000", "007"),
        (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"M"', "1.2M"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (0, '0;-0;"none"0', "none0"),
        (5, '"EUR "#,##0.00', "EUR 5.00"),
        (5, "0 \\x", "5 x"),
        (5, "[Red]0", "5"),
        (Decimal("12345678901234567890123456789012345678"), "#,##0",
         "12,345,678,901,234,567,890,123,456,789,012,345,678"),
        (5, "no digits", "5"),
        (1234, "", "1,234"),
        (Decimal("1234.50"), "", "1,234.50"),
        (1234.5678901, "", "1,234.5679"),
        (0.00001234, "", "1.234e-05"),
        (float("nan"), "0.0", "nan"),
        (None, "0.0", ""),
        (True, "0.0", "True"),
        ("text", "0.0", "text"),
        (date(2025, 3, 1), "0", "2025-03-01"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_its_format_says(value, form, shown):
    assert show_number(value, form) == shown
