"""Deliveries that cannot be used: one message each, exit code 2, nothing written."""

import gzip
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from loading_shop import ORDERS_HEADER, order_row, orders_csv

from acrm.lock import writer_lock

GOOD = orders_csv(rows=6)


def parquet_bytes(table):
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


ORDERS = {
    "order_id": [1, 2, 3],
    "customer_id": [7, 7, 7],
    "amount": [1.0, 2.0, 3.0],
    "ordered_at": ["2026-01-01", "2026-01-02", "2026-01-03"],
    "channel": ["web"] * 3,
    "is_gift": [False] * 3,
}
PARQUET = parquet_bytes(pa.table(ORDERS))


def without(column):
    return parquet_bytes(pa.table(ORDERS).drop_columns([column]))


def with_column(column, values):
    return parquet_bytes(pa.table(ORDERS | {column: values}))


BAD_FILES = {
    "empty": ("orders.csv", "", ["file is empty", "header"]),
    "empty packed": ("orders.csv.gz", gzip.compress(b""), ["file is empty"]),
    "empty json": ("orders.jsonl", "", ["file is empty"]),
    "blank json": ("orders.jsonl", "\n\n", ["file is empty"]),
    "missing column": (
        "orders.csv",
        "order_id,amount,ordered_at,channel,is_gift,custmer_id\n",
        [
            "misses customer_id",
            "has custmer_id",
            "'custmer_id' may be 'customer_id'",
            "_shop__sources.yml",
        ],
    ),
    "extra column": (
        "orders.csv",
        ORDERS_HEADER.strip() + ",colour\n",
        ["has colour, which the contract does not know"],
    ),
    "other case": (
        "orders.csv",
        ORDERS_HEADER.replace("amount", "Amount"),
        ["'Amount' may be 'amount'"],
    ),
    "column twice": (
        "orders.csv",
        ORDERS_HEADER.strip() + ",Amount\n",
        ["'Amount' twice", "beside 'amount'"],
    ),
    "unnamed column": (
        "orders.csv",
        ORDERS_HEADER.strip() + ",\n",
        ["column of the file has no name"],
    ),
    "other delimiter": (
        "orders.csv",
        GOOD.replace(",", ";"),
        ["misses order_id", 'csv: {delimiter: ";"}'],
    ),
    "broken header": ("orders.csv", '"order_id\n', ["header cannot be read"]),
    "missing column in Parquet": (
        "orders.parquet",
        without("amount"),
        ["misses amount"],
    ),
    "missing column in JSON": (
        "orders.jsonl",
        '{"order_id": 1}\n',
        ["misses customer_id"],
    ),
    "extra name in JSON": (
        "orders.jsonl",
        '{"order_id":1,"customer_id":1,"amount":1,"ordered_at":"2026-01-01",'
        '"channel":"web","is_gift":true}\n{"order_id":2,"hue":1}\n',
        ["has hue"],
    ),
    "JSON array": (
        "orders.json",
        '[{"order_id": 1}]',
        ["JSON array", "one object a line"],
    ),
    "truncated Parquet": ("orders.parquet", PARQUET[:-20], ["not whole Parquet"]),
    "short Parquet": ("orders.parquet", PARQUET[:3], ["not whole Parquet"]),
    "damaged Parquet": (
        "orders.parquet",
        PARQUET[:4] + b"\xff" * 120 + PARQUET[124:],
        ["cannot be read", "damaged"],
    ),
    "CSV named Parquet": ("orders.parquet", GOOD, ["not whole Parquet"]),
    "Parquet named CSV": ("orders.csv", PARQUET, ["orders.csv"]),
    "truncated gzip": (
        "orders.csv.gz",
        gzip.compress(GOOD.encode())[:-12],
        ["not whole gzip", "deliver it again"],
    ),
    "no gzip": ("orders.csv.gz", GOOD, ["not whole gzip"]),
    "damaged gzip": (
        "orders.jsonl.gz",
        gzip.compress(b"{}")[:12] + b"xxxxx",
        ["not whole gzip"],
    ),
    "no zstd": ("orders.csv.zst", GOOD, ["not whole zstd"]),
    "not UTF-8": (
        "orders.csv",
        GOOD.encode() + order_row(9, channel="é").encode("latin-1"),
        [
            "not utf-8 text",
            "byte 0xE9",
            f"offset {len(GOOD) + 30}",
            "line 8",
            "latin-1",
        ],
    ),
    "not UTF-8 JSON": (
        "orders.jsonl",
        b'{"order_id": "\xff"}\n',
        ["not utf-8 text", "line 1"],
    ),
    "list column": (
        "orders.parquet",
        with_column("amount", [[1.0]] * 3),
        ["not what it says", "amount holds", "DOUBLE[]", "decimal(10,2) is promised"],
    ),
    "moments for numbers": (
        "orders.parquet",
        with_column("order_id", pa.array([1, 2, 3], pa.timestamp("us"))),
        ["order_id holds timestamps (TIMESTAMP) where bigint is promised"],
    ),
    "numbers for moments": (
        "orders.parquet",
        with_column("ordered_at", [1, 2, 3]),
        ["ordered_at holds whole numbers (BIGINT) where timestamp is promised"],
    ),
    "floats for text": (
        "orders.parquet",
        with_column("channel", [1.0, 2.0, None]),
        ["channel holds floating-point numbers (DOUBLE) where varchar is promised"],
    ),
    "mostly wrong": (
        "orders.csv",
        ORDERS_HEADER
        + order_row(1)
        + "".join(order_row(at, amount="12;5") for at in (2, 3, 4)),
        ["3 of 4 rows amount is no decimal(10,2)", "first is row 2 with '12;5'"],
    ),
    "mostly wrong in Parquet": (
        "orders.parquet",
        with_column("ordered_at", ["2026-01-01", "soon", "later"]),
        ["2 of 3 rows ordered_at is no timestamp", "first is row 2 with 'soon'"],
    ),
    "mostly malformed": (
        "orders.csv",
        ORDERS_HEADER + order_row(1) + "2\n3\n",
        [
            "2 of 3 rows cannot be read",
            "first is row 2: it has 1 field where the header",
        ],
    ),
    "unknown data file": (
        "ordres_x.csv",
        "a,b\n1,2\n",
        ["No table of system 'shop' takes this file", "Did you mean 'orders'"],
    ),
    "unknown Parquet": ("x.parquet", parquet_bytes(pa.table({"a": [1]})), ["No table"]),
    "unreadable kind": ("orders.xlsx", "x", ["this ending cannot be read", ".parquet"]),
    "unreadable unknown": ("anything.zip", "x", ["this ending cannot be read"]),
    "packed Parquet": ("orders.parquet.gz", "x", ["this ending cannot be read"]),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_whole(shop, case):
    name, content, words = BAD_FILES[case]
    path = shop.file(name, content)
    ran = shop.load(path)
    assert ran.code == 2
    assert str(path) in ran.err
    for word in words:
        assert word in ran.err
    shop.assert_untouched()


def test_a_missing_path_names_what_is_beside_it(shop):
    path = shop.file("orders.csv", GOOD)
    ran = shop.load(path.with_name("order.csv"))
    assert ran.code == 2
    assert "no such file or folder" in ran.err
    assert "Did you mean 'orders.csv'" in ran.err
    ran = shop.load(shop.root / "nowhere" / "x.csv")
    assert "nowhere does not exist either" in ran.err
    shop.assert_untouched()


def test_a_folder_without_data_is_refused(shop):
    shop.file("README.md", "read me")
    ran = shop.load(shop.delivery)
    assert ran.code == 2
    assert "holds no data file" in ran.err
    assert "README.md: no data file" in ran.err


def test_a_folder_named_like_a_file_is_a_folder(shop):
    (shop.delivery / "orders.csv").mkdir(parents=True)
    ran = shop.load(shop.delivery / "orders.csv")
    assert ran.code == 2
    assert "holds no data file" in ran.err


def test_a_pipe_is_no_file(shop):
    shop.delivery.mkdir()
    os.mkfifo(shop.delivery / "orders.csv")
    for path in (shop.delivery, shop.delivery / "orders.csv"):
        ran = shop.load(path)
        assert ran.code == 2
        assert "orders.csv" in ran.err


def test_an_ignored_file_by_itself_is_refused_with_the_reason(shop):
    ran = shop.load(shop.file("promotions.csv", "x"))
    assert ran.code == 2
    assert "known, and not needed" in ran.err


def test_all_problems_of_all_files_are_told_and_nothing_is_loaded(shop):
    shop.file("orders_1.csv", GOOD)
    shop.file("orders_2.csv", "order_id\n")
    shop.file("orders_3.parquet", "x")
    shop.file("stores.csv", "")
    shop.file("mystery.json", '{"a": 1}')
    ran = shop.load(shop.delivery)
    assert ran.code == 2
    assert "4 problems; nothing was loaded" in ran.err
    for name in ("orders_2.csv", "orders_3.parquet", "stores.csv", "mystery.json"):
        assert f"{shop.delivery}/{name}" in ran.err
    shop.assert_untouched()


def test_two_tables_that_take_one_file_are_told(shop):
    text = shop.contract.read_text().replace('"kunden*"', '"orders*.*"')
    shop.contract.write_text(text.replace("key: [order_id]", 'files: ["orders*.*"]'))
    ran = shop.load(shop.file("orders.csv", GOOD))
    assert ran.code == 2
    assert "More than one table takes this file: orders, customers" in ran.err


def test_an_unknown_pack_names_the_packs(shop):
    ran = shop.load(shop.file("orders.csv", GOOD), system="shopp")
    assert ran.code == 2
    assert "no pack 'shopp'" in ran.err
    assert "Did you mean 'shop'" in ran.err
    assert "models/staging/README.md" in ran.err
    assert "no pack '../shop'" in shop.load(shop.root, system="../shop").err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--table", "order"], ["no table 'order'", "Did you mean 'orders'"]),
        (["--extracted-at", "yesterday"], ["'yesterday' is no moment"]),
        (["--extracted-at", "2999-01-01"], ["cannot have been extracted at 2999"]),
        (["--batch", "../../etc"], ["batch id '../../etc' cannot be used"]),
        (["--batch", ""], ["batch id '' cannot be used"]),
        (["--batch", "a/b"], ["cannot be used"]),
        (["--memory", "lots"], ["memory limit 'lots' is no size"]),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(shop, options, words):
    ran = shop.load(shop.file("orders.csv", GOOD), *options)
    assert ran.code == 2
    for word in words:
        assert word in ran.err
    shop.assert_untouched()


def test_a_table_is_not_named_for_a_folder(shop):
    shop.file("orders.csv", GOOD)
    ran = shop.load(shop.delivery, "--table", "orders")
    assert ran.code == 2
    assert "--table goes with a single file" in ran.err


def test_a_second_writer_is_told_who_writes(shop):
    path = shop.file("orders.csv", GOOD)
    with writer_lock(shop.project, "acrm build"):
        ran = shop.load(path)
        assert ran.code == 2
        assert "held by acrm build" in ran.err
        assert shop.load(path, "--check").code == 0
    assert shop.load(path).code == 0


def test_a_damaged_batch_log_is_told(shop):
    path = shop.file("orders.csv", GOOD)
    shop.load(path, "--batch", "one")
    (shop.project.batches / "one.parquet").write_text("x")
    ran = shop.load(path)
    assert ran.code == 2
    assert "batch log cannot be read" in ran.err
    assert "one.parquet" in ran.err
