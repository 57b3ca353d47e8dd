"""Dates and moments that a past build is as known on."""

from datetime import datetime

import pytest

from acrm.errors import InputError
from acrm.past import parse_instant


@pytest.mark.parametrize(
    ("text", "until", "stamp"),
    [
        ("2025-12-05", "2025-12-05T23:59:59.999999", "2025-12-05"),
        ("2025-12-05T06:00", "2025-12-05T06:00:00", "2025-12-05T060000"),
        (" 2025-12-05 06:00:01 ", "2025-12-05T06:00:01", "2025-12-05T060001"),
        ("2025-12-05T06:00:01.5", "2025-12-05T06:00:01.5", "2025-12-05T060001_500000"),
        ("2025-12-05T06:00Z", "2025-12-05T06:00:00", "2025-12-05T060000"),
        ("2025-12-05T00:30+01:00", "2025-12-04T23:30:00", "2025-12-04T233000"),
    ],
)
def test_a_date_is_known_to_its_end_and_a_moment_is_in_utc(text, until, stamp):
    instant = parse_instant(text)
    assert instant.until == datetime.fromisoformat(until)
    assert instant.stamp == stamp
    assert instant.is_day == (len(text) == 10)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2025", "20251205", "2025-W49-5", "05.12.2025"),
        *("2025-02-30", "2025-12-05T24:30", "2025-12-05T06", "2025-12-05'"),
        *("0001-01-01T00:00+14:00", "2025-12-05T06:00:00.1234567"),
    ],
)
def test_what_is_neither_is_refused_with_what_is_allowed(text):
    with pytest.raises(InputError) as refused:
        parse_instant(text)
    assert f"{text!r} is no date and no timestamp." in str(refused.value)
    assert "--as-known-on" in refused.value.where
    assert "2025-12-05T06:00" in refused.value.hint
