"""What a good delivery becomes."""

import gzip
import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from loading_shop import ORDERS_HEADER, order_row, orders_csv

TYPED = "order_id, customer_id, amount, ordered_at, channel, is_gift, note"
FIRST = (1, 7, Decimal("12.50"), datetime(2026, 1, 2, 10), "web", False, None)
AS_RECORDS = [
    dict(zip(ORDERS_HEADER.strip().split(","), line.split(","), strict=True))
    for line in orders_csv().splitlines()[1:]
]


def json_lines():
    return "".join(json.dumps(record) + "\n" for record in AS_RECORDS)


def zstd(text):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(text.encode())
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv", orders_csv()),
        ("orders.tsv", orders_csv().replace(",", "\t")),
        ("orders.txt", orders_csv()),
        ("orders_2026.csv.gz", gzip.compress(orders_csv().encode())),
        ("orders-2026.csv.zst", zstd(orders_csv())),
        ("orders.csv", orders_csv().replace("\n", "\r\n")),
        ("orders.csv", orders_csv().replace("\n", "\r")),
        ("orders.csv", orders_csv().rstrip("\n")),
        ("orders.csv", orders_csv().replace("web", '"web"')),
        ("orders.csv", b"\xef\xbb\xbf" + orders_csv().encode()),
        ("orders.csv", orders_csv().encode("utf-16")),
        ("orders.csv", b"\xfe\xff" + orders_csv().encode("utf-16-be")),
        ("orders.jsonl", json_lines()),
        ("orders.json", json_lines().replace("\n", "\n\n")),
        ("orders.ndjson.gz", gzip.compress(json_lines().encode())),
        ("orders.jsonl.zst", zstd(json_lines())),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_every_format_gives_the_same_typed_rows(shop, name, content):
    ran = shop.load(shop.file(name, content))
    assert ran.code == 0, ran.err
    rows = shop.rows("orders", TYPED)
    assert len(rows) == 5
    assert rows[0] == FIRST
    assert shop.rows("orders", "_row_number") == [(at,) for at in range(1, 6)]


def test_parquet_gives_the_same_typed_rows(shop):
    path = shop.parquet(
        "orders.parquet",
        "select i as order_id, 7.0::double as customer_id, 12.5::double as amount, "
        "(timestamp '2026-01-01 10:00' + i * interval 1 day)::timestamp_ns as "
        "ordered_at, 'web' as channel, 0 as is_gift from range(1, 6) t(i)",
    )
    assert shop.load(path).code == 0
    assert shop.rows("orders", TYPED)[0] == FIRST


def test_the_columns_of_the_raw_zone_are_the_contract_and_where_a_row_came_from(shop):
    shop.load(shop.file("orders.csv", orders_csv()))
    (file,) = shop.project.raw.glob("shop/orders/*/*.parquet")
    types = [row[:2] for row in duckdb.sql(f"describe from '{file}'").fetchall()]
    assert types == [
        ("order_id", "BIGINT"),
        ("customer_id", "INTEGER"),
        ("amount", "DECIMAL(10,2)"),
        ("ordered_at", "TIMESTAMP"),
        ("channel", "VARCHAR"),
        ("is_gift", "BOOLEAN"),
        ("note", "VARCHAR"),
        ("_loaded_at", "TIMESTAMP"),
        ("_extracted_at", "TIMESTAMP"),
        ("_batch_id", "VARCHAR"),
        ("_source_file", "VARCHAR"),
        ("_row_number", "BIGINT"),
    ]
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_batch_log_says_what_was_delivered(shop):
    path = shop.file("orders.csv", orders_csv(rows=4, amount="x"))
    shop.load(path, "--batch", "b1", "--extracted-at", "2026-02-01T05:00:00+01:00")
    (row,) = shop.log(
        "batch_id, system, table_name, source_file, file_bytes, length(file_sha256), "
        "rows_read, rows_loaded, rows_quarantined, event_from, event_to, "
        "extracted_at, length(contract_sha256), loaded_at > extracted_at"
    )
    assert row == (
        *("b1", "shop", "orders", "orders.csv", path.stat().st_size, 64, 4, 3, 1),
        *(datetime(2026, 1, 2, 10), datetime(2026, 1, 5, 10)),
        *(datetime(2026, 2, 1, 4), 64, True),
    )
    (log,) = shop.project.batches.glob("*")
    assert log.name == "b1.parquet"
    types = [row[1] for row in duckdb.sql(f"describe from '{log}'").fetchall()]
    assert types == ["VARCHAR"] * 4 + ["BIGINT", "VARCHAR"] + ["BIGINT"] * 3 + [
        "TIMESTAMP"
    ] * 4 + ["VARCHAR", "BIGINT"]


def test_a_contract_says_delimiter_encoding_nulls_and_formats(shop):
    stores = 'store_id;city;opened_on\n1;Málaga;2020-02-29\n2;NA;NA\n3;"a;b";\n'
    shop.file("stores.csv", stores.encode("latin-1"))
    shop.file(
        "kunden.csv", "score,born_on,customer_id,full_name\n1e3,29/02/2020,1.0, Ann \n"
    )
    assert shop.load(shop.delivery).code == 0
    assert shop.rows("stores", "store_id, city, opened_on") == [
        (1, "Málaga", date(2020, 2, 29)),
        (2, None, None),
        (3, "a;b", None),
    ]
    assert shop.rows("customers", "customer_id, full_name, born_on, score") == [
        (1, " Ann ", date(2020, 2, 29), 1000.0)
    ]


def test_a_folder_is_searched_to_the_bottom_and_a_folder_may_be_a_table(shop):
    shop.file("2026/orders_a.csv", orders_csv(rows=2))
    shop.file("orders/part-0.csv", orders_csv(rows=3))
    shop.file("orders/deep/part-0.csv", orders_csv(rows=4))
    shop.file("README.md", "read me")
    shop.file(".hidden.csv", "x")
    shop.file("promotions.csv", "x")
    ran = shop.load(shop.delivery)
    assert ran.code == 0, ran.err
    assert "ignored README.md: no data file" in ran.out
    assert "ignored .hidden.csv: hidden" in ran.out
    assert "promotions.csv: ignored by the contract: known, and not needed" in ran.out
    assert shop.rows("orders", "distinct _source_file, 0 as _row_number") == [
        ("2026/orders_a.csv", 0),
        ("orders/deep/part-0.csv", 0),
        ("orders/part-0.csv", 0),
    ]


def test_a_folder_of_parts_may_be_given_by_itself(shop):
    path = shop.file("orders/part-0.csv", orders_csv(rows=3))
    assert shop.load(path.parent).code == 0
    assert len(shop.rows("orders")) == 3


def test_a_file_of_another_name_is_known_by_its_columns(shop):
    ran = shop.load(shop.file("export_17.csv", orders_csv()))
    assert ran.code == 0
    assert "table orders by its columns" in ran.out


def test_an_option_names_the_table_of_a_single_file(shop):
    assert shop.load(shop.file("x.csv", orders_csv()), "--table", "orders").code == 0
    assert len(shop.rows("orders")) == 5


def test_glob_characters_in_paths_are_only_characters(shop, monkeypatch):
    monkeypatch.setenv("ACRM_WAREHOUSE", str(shop.root / "home [a]*?"))
    shop.file("[1] orders*?/orders'.csv", orders_csv())
    shop.file("[1] orders*?/orders.jsonl", json_lines().replace("web", "shop"))
    ran = shop.load(shop.delivery, "--json")
    assert ran.code == 0, ran.err
    assert [file["rows_loaded"] for file in ran.json["files"]] == [5, 5]
    again = shop.load(shop.delivery, "--json")
    assert again.json["status"] == "nothing_new"


def test_a_file_without_rows_is_a_delivery(shop):
    ran = shop.load(shop.file("orders.csv", ORDERS_HEADER))
    assert ran.code == 0
    assert "no rows, only a header" in ran.out
    assert shop.log("rows_read, rows_loaded") == [(0, 0)]
    path = shop.parquet(
        "customers.parquet",
        "select 1::bigint as customer_id, '' as full_name, current_date as born_on, "
        "0.5::double as score where false",
    )
    assert shop.load(path).code == 0
    assert list(shop.project.raw.rglob("*.parquet")) == []


def test_the_same_content_is_loaded_once(shop):
    path = shop.file("orders.csv", orders_csv())
    assert shop.load(path, "--batch", "first").code == 0
    before = shop.files_at_home()
    again = shop.load(path)
    assert again.code == 0
    assert "already loaded in batch first on 20" in again.out
    assert "Nothing new" in again.out
    renamed = shop.load(shop.file("orders_2.csv", orders_csv()))
    assert "already loaded in batch first" in renamed.out
    assert shop.files_at_home() == before


def test_only_the_new_files_of_a_folder_are_loaded(shop):
    shop.file("orders_1.csv", orders_csv())
    shop.load(shop.delivery)
    shop.file("orders_2.csv", orders_csv(rows=3))
    shop.file("orders_3.csv", orders_csv(rows=3))
    ran = shop.load(shop.delivery)
    assert ran.code == 0
    assert "same content as orders_2.csv" in ran.out
    assert shop.log("source_file, rows_loaded") == [
        ("orders_1.csv", 5),
        ("orders_2.csv", 3),
    ]
    assert len(shop.rows("orders")) == 8


def test_a_batch_id_of_ones_own_is_used_once(shop):
    path = shop.file("orders.csv", orders_csv())
    assert shop.load(path, "--batch", "day-1").code == 0
    assert shop.load(path, "--batch", "day-1").code == 0
    other = shop.load(shop.file("orders_2.csv", orders_csv(3)), "--batch", "day-1")
    assert other.code == 2
    assert "'day-1' is committed already, with other content" in other.err
    assert shop.log("batch_id, rows_read") == [("day-1", 5)]


def test_check_says_what_would_happen_and_writes_nothing(shop):
    shop.file("orders.csv", orders_csv(amount="lots"))
    shop.file("stores.csv", "store_id;city;opened_on\n1;x;2020-01-01\n")
    ran = shop.load(shop.delivery, "--check")
    assert ran.code == 2
    assert "wrong_type 1" in ran.out
    assert "nothing was written" in ran.out
    assert "20.00% of the rows of orders would go to quarantine" in ran.err
    assert not shop.project.home.exists()


def test_check_shows_the_good_files_beside_the_refused(shop):
    shop.file("orders.csv", orders_csv())
    shop.file("stores.csv", "store_id;town\n")
    ran = shop.load(shop.delivery, "--check")
    assert ran.code == 2
    assert "orders.csv" in ran.out
    assert "misses city, opened_on" in ran.err
    assert not shop.project.home.exists()


def test_json_is_alone_on_stdout(shop):
    shop.file("orders.csv", orders_csv(amount="lots"))
    ran = shop.load(shop.delivery, "--json")
    assert ran.code == 2
    assert ran.json["status"] == "over_tolerance"
    assert ran.json["files"][0]["reasons"] == {"wrong_type": 1}
    assert ran.json["over_tolerance"] == [
        {"table": "orders", "share": 0.2, "allowed": 0.0}
    ]
    assert "acrm build" in ran.err
    shop.file("orders.csv", "order_id\n")
    refused = shop.load(shop.delivery, "--json")
    assert refused.code == 2
    assert refused.json["status"] == "refused"
    assert refused.json["batch_id"] is None
    assert "orders.csv" in refused.json["problems"][0]["where"]


def test_rows_within_the_tolerance_are_no_failure(shop):
    text = "customer_id,full_name,born_on,score\n1,a,01/01/2000,1\n2,b,32/01/2000,2\n"
    ran = shop.load(shop.file("customers.csv", text))
    assert ran.code == 0
    assert "bad_date 1" in ran.out
    assert len(shop.rows("customers")) == len(shop.quarantined("customers")) == 1


def test_rows_above_the_tolerance_are_a_failure_but_the_rest_is_loaded(shop):
    ran = shop.load(shop.file("orders.csv", orders_csv(amount="lots")))
    assert ran.code == 2
    assert "20.00% of the rows of orders went to quarantine" in ran.err
    assert "max_quarantined_share" in ran.err
    assert "quarantine/shop/orders/" in ran.err
    assert len(shop.rows("orders")) == 4
    assert shop.quarantined() == [(2, "wrong_type")]


def test_nothing_is_told_between_files_of_one_key(shop):
    shop.file("orders_1.csv", ORDERS_HEADER + order_row(1))
    shop.file("orders_2.csv", ORDERS_HEADER + order_row(1, amount=3))
    assert shop.load(shop.delivery).code == 0
    assert len(shop.rows("orders")) == 2


def test_help_shows_examples(shop):
    ran = shop.load("x", "--help")
    assert ran.code == 0
    assert "Examples" in ran.out
    assert "--extracted-at" in ran.out
