"""What must hold for any rows: formats agree, and no row is lost."""

import csv
import io
import json
import random
import shutil
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acrm.errors import InputError
from acrm.loading.contracts import CsvDialect
from acrm.loading.csv_input import csv_header, stage_csv
from acrm.loading.formats import kind_of
from acrm.loading.load import load
from acrm.loading.options import Options
from acrm.loading.plain_csv import plain_csv_sql, scan_plain
from acrm.project import Project

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
) | st.sampled_from([" ", '"', '""', "a,b", "\n", "\r\n", "\r", "é", "NULL", "#", "'"])
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | TEXTS,
        st.none() | st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2),
        st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31)),
        st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31)),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
TYPES = {
    "customer_id": "bigint",
    "full_name": "varchar",
    "amount": "decimal(7,2)",
    "born_on": "date",
    "seen_at": "timestamp",
    "score": "double",
    "is_new": "boolean",
}


def contract(types):
    columns = ", ".join(
        f"{{name: {name}, data_type: '{data_type}'}}"
        for name, data_type in types.items()
    )
    return f"sources: [{{name: any, tables: [{{name: rows, columns: [{columns}]}}]}}]"


def as_text(value):
    if isinstance(value, float):
        return repr(value)
    return None if value is None else str(value)


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(TYPES)
        writer.writerows([as_text(value) for value in row] for row in rows)


def write_json(path, rows):
    def plain(value):
        return value if isinstance(value, bool | int | float | None) else str(value)

    lines = [
        json.dumps({k: plain(v) for k, v in zip(TYPES, row, strict=True)}) + "\n"
        for row in rows
    ]
    path.write_text("".join(lines))


def write_parquet(path, rows):
    columns = dict(zip(TYPES, zip(*rows, strict=True), strict=True))
    pq.write_table(pa.table(columns), path)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        (root / "models" / "staging" / "any").mkdir(parents=True)
        (root / "models/staging/any/_any__sources.yml").write_text(contract(TYPES))
        yield root


def loaded(root, path, **options):
    home = root / "warehouse"
    shutil.rmtree(home, ignore_errors=True)
    result = load(Project(root, home), path, "any", Options(table="rows", **options))
    zones = {
        zone: [str(file) for file in (home / zone).rglob("*.parquet")]
        for zone in ("raw", "quarantine")
    }
    return result, zones


@settings(max_examples=20, deadline=None)
@given(rows=ROWS)
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("rows.csv", write_csv),
        ("rows.jsonl", write_json),
        ("rows.parquet", write_parquet),
    ],
)
def test_every_format_gives_back_the_rows_that_were_written(folder, name, write, rows):
    path = folder / name
    write(path, rows)
    result, zones = loaded(folder, path)
    assert result.files[0].rows_read == result.files[0].rows_loaded == len(rows)
    assert zones["quarantine"] == []
    names = ", ".join(TYPES)
    found = duckdb.sql(f"select {names} from read_parquet({zones['raw']})").fetchall()
    assert found == rows


MESS = st.lists(
    st.sampled_from(
        [*'ab1," ', "\n", "\n", "\r\n", "1,x\n", '2,"y"\n', '3,"a\nb"\n', "é", ",,\n"]
    ),
    max_size=40,
).map("".join)
MESSY = contract({"k": "bigint", "v": "varchar"})


@settings(max_examples=40, deadline=None)
@given(mess=MESS)
def test_no_row_is_lost_whatever_the_text(tmp_path_factory, mess):
    root = tmp_path_factory.mktemp("mess")
    (root / "models" / "staging" / "any").mkdir(parents=True)
    (root / "models/staging/any/_any__sources.yml").write_text(MESSY)
    path = root / "rows.csv"
    path.write_text("k,v\n" + mess, newline="")
    try:
        result, zones = loaded(root, path)
    except InputError:
        assert not list((root / "warehouse").rglob("*.parquet"))
        return
    file = result.files[0]
    assert file.rows_read == file.rows_loaded + file.rows_quarantined
    numbers = [
        row[0]
        for files in zones.values()
        if files
        for row in duckdb.sql(
            f"select _row_number from read_parquet({files})"
        ).fetchall()
    ]
    assert sorted(numbers) == list(range(1, file.rows_read + 1))
    assert letters(mess) == letters(
        values(zones["quarantine"], "row_json") + values(zones["raw"], "v")
    )


def values(files, column):
    if not files:
        return ""
    rows = duckdb.sql(f"select {column} from read_parquet({files})").fetchall()
    return "".join(row[0] or "" for row in rows)


def letters(text):
    """Count the letters that stand in no name of a column."""
    return {letter: text.count(letter) for letter in "bxyé"}


def careful_rows(path, kind, dialect, parked):
    stage_csv(path, kind, dialect, parked, lambda _: None)
    rows = pq.read_table(parked).to_pylist()
    assert all(row["_fault_code"] is None for row in rows)
    return [(row["_row_number"], row["k"], row["v"]) for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_where_the_scan_lets_a_file_pass_both_readers_agree(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311
    kind, dialect = kind_of("x.csv"), CsvDialect()
    path, parked = tmp_path / "x.csv", tmp_path / "parked.parquet"
    pieces = ["x,y\n", '"q",z\n', '"a,b",c\n', '"a""b",\n', ",\n", '"two\nlines",d\n']
    passed = 0
    with duckdb.connect() as connection:
        for _ in range(250):
            alphabet = rng.choice(['ab,"\n ', 'a,"\n', "ab1,\n", "é,\n\"a#\t'"])
            mess = rng.choice([0.0, 0.0, 0.3])
            body = "".join(
                rng.choice(alphabet) if rng.random() < mess else rng.choice(pieces)
                for _ in range(rng.randint(0, 12))
            )
            ends = rng.choice(["\n", "\r\n"])
            path.write_bytes(("k,v\n" + body).replace("\n", ends).encode())
            columns = csv_header(path, kind, dialect)
            plain = scan_plain(path, kind, dialect, len(columns))
            if plain is None:
                continue
            sql = plain_csv_sql(path, kind, dialect, columns, plain)
            try:
                fast = connection.execute(sql).fetchall()
            except duckdb.Error:
                continue
            if len(fast) != plain.rows:
                continue
            passed += 1
            assert fast == careful_rows(path, kind, dialect, parked)
    assert passed > 50


def test_the_scan_follows_quotes_over_its_chunks(tmp_path):
    path = tmp_path / "x.csv"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    rows = [(str(at), "line\n" * (at % 50) + "end") for at in range(40_000)]
    writer.writerow(("k", "v"))
    writer.writerows(rows)
    path.write_text(buffer.getvalue(), newline="")
    assert path.stat().st_size > 4 << 20
    kind, dialect = kind_of("x.csv"), CsvDialect()
    plain = scan_plain(path, kind, dialect, 2)
    assert plain is not None
    assert plain.rows == len(rows)
    assert plain.breaks_in_quotes
    sql = plain_csv_sql(path, kind, dialect, ["k", "v"], plain)
    found = duckdb.sql(sql).fetchall()
    assert found == [(at, *row) for at, row in enumerate(rows, start=1)]
