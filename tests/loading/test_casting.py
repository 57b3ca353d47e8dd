"""Each kind of value against each promised type: exact, or broken."""

import duckdb
import pytest

from acrm.loading.casting import Family, can_fit, typed
from acrm.loading.contracts import Column, parse_data_type
from acrm.loading.sql_text import literal


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


def cast(connection, value, family, type_name, time_format=None):
    column = Column("c", parse_data_type(type_name), time_format=time_format)
    assert can_fit(family, column)
    found = typed("v", family, column)
    sql = f"select ({found})::varchar, typeof({found}) from (select {value} as v)"
    ((text, kind),) = connection.execute(sql).fetchall()
    assert kind.lower() == type_name
    return text


TEXTS = [
    ("bigint", "12", "12"),
    ("bigint", " +12.00 ", "12"),
    ("bigint", "-9223372036854775808", "-9223372036854775808"),
    ("bigint", "9007199254740993.0", "9007199254740993"),
    ("bigint", "12.5", None),
    ("bigint", "0x1F", None),
    ("bigint", "", None),
    ("bigint", "١٢", None),
    ("integer", "2147483648", None),
    ("double", "1e-3", "0.001"),
    ("double", "1e999", None),
    ("double", "nan", None),
    ("double", "1,5", None),
    ("decimal(12,2)", "12345678901.1", None),
    ("decimal(12,2)", "1234567890.10", "1234567890.10"),
    ("decimal(12,2)", "1.5000000", "1.50"),
    ("decimal(12,2)", ".5", "0.50"),
    ("decimal(12,2)", "5.", "5.00"),
    ("decimal(12,2)", "-0", "0.00"),
    ("decimal(12,2)", "0.30000000000000004", "0.30"),
    ("decimal(12,2)", "1.7763568394002505e-15", "0.00"),
    ("decimal(12,2)", "1.5e2", "150.00"),
    ("decimal(12,2)", "0.301", None),
    ("decimal(12,2)", "0.3000001", None),
    ("decimal(12,2)", "1e40", None),
    ("decimal(38,0)", "9" * 38, "9" * 38),
    ("decimal(38,0)", "0.5", None),
    ("boolean", "TRUE", "true"),
    ("boolean", " yes ", "true"),
    ("boolean", "0", "false"),
    ("boolean", "t", None),
    ("date", "2020-02-29", "2020-02-29"),
    ("date", "2020-02-29 00:00:00", "2020-02-29"),
    ("date", "2020-02-29 00:00:01", None),
    ("date", "2019-02-29", None),
    ("date", "20-02-29", None),
    ("date", "2200-12-31", "2200-12-31"),
    ("date", "1899-12-31", None),
    ("timestamp", "2020-02-29", "2020-02-29 00:00:00"),
    ("timestamp", " 2020-02-29T10:11 ", "2020-02-29 10:11:00"),
    ("timestamp", "2020-02-29 10:11:12.1234567", "2020-02-29 10:11:12.123456"),
    ("timestamp", "2020-02-29T10:11:12Z", "2020-02-29 10:11:12"),
    ("timestamp", "2020-02-29 10:11:12 +05:30", "2020-02-29 04:41:12"),
    ("timestamp", "2020-02-29 10:11:12-0500", "2020-02-29 15:11:12"),
    ("timestamp", "2020-02-29 10:60", None),
    ("timestamp", "-infinity", None),
    ("timestamp", "epoch", None),
    ("varchar", " as it is ", " as it is "),
    ("varchar", "", ""),
]


@pytest.mark.parametrize(("type_name", "text", "expected"), TEXTS)
def test_text(connection, type_name, text, expected):
    assert cast(connection, literal(text), Family.TEXT, type_name) == expected


VALUES = [
    ("bigint", Family.FLOAT, "12.0::double", "12"),
    ("bigint", Family.FLOAT, "12.5::float", None),
    ("bigint", Family.FLOAT, "'nan'::double", None),
    ("bigint", Family.FLOAT, "1e30::double", None),
    ("bigint", Family.DECIMAL, "12.00::decimal(10,2)", "12"),
    ("bigint", Family.DECIMAL, "12.01::decimal(10,2)", None),
    ("bigint", Family.INTEGER, "18446744073709551615::ubigint", None),
    ("integer", Family.INTEGER, "2147483648::bigint", None),
    ("double", Family.FLOAT, "'inf'::double", None),
    ("double", Family.INTEGER, "3::tinyint", "3.0"),
    ("double", Family.DECIMAL, "0.1::decimal(3,1)", "0.1"),
    ("decimal(12,2)", Family.FLOAT, "1.776e-15::double", "0.00"),
    ("decimal(12,2)", Family.FLOAT, "-1.776e-15::double", "0.00"),
    ("decimal(12,2)", Family.FLOAT, "0.1 + 0.2::double", "0.30"),
    ("decimal(12,2)", Family.FLOAT, "1234567890.12::double", "1234567890.12"),
    ("decimal(12,2)", Family.FLOAT, "0.125::double", None),
    ("decimal(12,2)", Family.FLOAT, "'nan'::double", None),
    ("decimal(12,2)", Family.FLOAT, "'-inf'::double", None),
    ("decimal(12,2)", Family.FLOAT, "1e10::double", None),
    ("decimal(12,2)", Family.INTEGER, "9999999999::bigint", "9999999999.00"),
    ("decimal(12,2)", Family.INTEGER, "10000000000::bigint", None),
    ("decimal(12,2)", Family.DECIMAL, "1.230::decimal(38,3)", "1.23"),
    ("decimal(12,2)", Family.DECIMAL, "1.231::decimal(38,3)", None),
    ("decimal(38,10)", Family.DECIMAL, "1.23::decimal(38,2)", "1.2300000000"),
    ("boolean", Family.INTEGER, "1::bigint", "true"),
    ("boolean", Family.INTEGER, "2::bigint", None),
    ("boolean", Family.FLOAT, "0.0::double", "false"),
    ("boolean", Family.BOOLEAN, "true", "true"),
    ("date", Family.DATE, "date '2020-01-01'", "2020-01-01"),
    ("date", Family.DATE, "'infinity'::date", None),
    ("date", Family.DATE, "date '5877642-06-25 (BC)'", None),
    ("date", Family.TIMESTAMP_NS, "timestamp_ns '2020-01-01'", "2020-01-01"),
    ("date", Family.TIMESTAMP, "timestamp '2020-01-01 10:00'", None),
    ("timestamp", Family.DATE, "date '2020-01-01'", "2020-01-01 00:00:00"),
    ("timestamp", Family.TIMESTAMP, "'infinity'::timestamp", None),
    ("timestamp", Family.TIMESTAMP, "timestamp '2201-01-01'", None),
    (
        *(
            "timestamp",
            Family.TIMESTAMP_NS,
            "timestamp_ns '2020-01-01 00:00:00.1234567'",
        ),
        "2020-01-01 00:00:00.123456",
    ),
    (
        *(
            "timestamp",
            Family.TIMESTAMP_NS,
            "timestamp_ns '1960-12-31 23:59:59.9999999'",
        ),
        "1960-12-31 23:59:59.999999",
    ),
    ("timestamp", Family.TIMESTAMP_NS, "'infinity'::timestamp_ns", None),
    ("timestamp", Family.TIMESTAMP_NS, "null::timestamp_ns", None),
    (
        *("timestamp", Family.TIMESTAMP, "timestamptz '2020-01-01 00:00:00+02'"),
        "2019-12-31 22:00:00",
    ),
    ("varchar", Family.INTEGER, "12::bigint", "12"),
    ("varchar", Family.DECIMAL, "1.50::decimal(5,2)", "1.50"),
    ("timestamp", Family.NOTHING, "null", None),
]


@pytest.mark.parametrize(("type_name", "family", "value", "expected"), VALUES)
def test_values(connection, type_name, family, value, expected):
    assert cast(connection, value, family, type_name) == expected


@pytest.mark.parametrize(
    ("type_name", "family", "value", "time_format", "expected"),
    [
        ("date", Family.TEXT, "'31/12/2020'", "%d/%m/%Y", "2020-12-31"),
        ("date", Family.TEXT, "'30/02/2020'", "%d/%m/%Y", None),
        ("date", Family.TEXT, "'2020-12-31'", "%d/%m/%Y", None),
        ("date", Family.TEXT, "'01/01/1800'", "%d/%m/%Y", None),
        ("date", Family.INTEGER, "20201231::bigint", "%Y%m%d", "2020-12-31"),
        ("date", Family.INTEGER, "20201331::bigint", "%Y%m%d", None),
        (
            *("timestamp", Family.TEXT, "'1.2.2020 23:05 +0100'", "%d.%m.%Y %H:%M %z"),
            "2020-02-01 22:05:00",
        ),
    ],
)
def test_formats(connection, type_name, family, value, time_format, expected):
    assert cast(connection, value, family, type_name, time_format) == expected


@pytest.mark.parametrize(
    ("type_name", "family"),
    [
        ("bigint", Family.TIMESTAMP),
        ("bigint", Family.BOOLEAN),
        ("date", Family.INTEGER),
        ("varchar", Family.FLOAT),
        ("varchar", Family.DATE),
        ("boolean", Family.DATE),
        *((name, Family.OTHER) for name in ("bigint", "varchar", "decimal(5,2)")),
    ],
)
def test_what_can_never_fit(type_name, family):
    assert not can_fit(family, Column("c", parse_data_type(type_name)))
