"""What loading promises to whoever loads every night: order, and the good files."""

import shutil
from datetime import datetime

import pyarrow.parquet as pq
from loading_shop import orders_csv

from acrm.loading.batch_log import read_log
from acrm.loading.load import load
from acrm.loading.options import Options
from acrm.lock import writer_lock

STORES = "store_id;city;opened_on\n1;x;2020-01-01\n"


def at(text):
    moment = datetime.fromisoformat(text)
    return lambda: moment


def test_a_batch_is_never_dated_before_one_that_was_committed_earlier(shop):
    """Models read what came after the last batch that they know."""
    moments = []
    for number, clock in enumerate(
        ["2026-03-29T02:30", "2026-03-29T01:00", "2026-03-29T01:00", "2026-03-29T03:00"]
    ):
        path = shop.file("orders.csv", orders_csv(rows=number + 1))
        loaded = load(shop.project, path, "shop", clock=at(clock))
        moments.append(loaded.loaded_at.isoformat())
    assert moments == [
        "2026-03-29T02:30:00",
        "2026-03-29T02:30:00.000001",
        "2026-03-29T02:30:00.000002",
        "2026-03-29T03:00:00",
    ]
    assert shop.log("loaded_at::varchar, extracted_at::varchar") == [
        (moment.replace("T", " "),) * 2 for moment in moments
    ]
    dated = shop.rows("orders", "distinct _batch_id, _loaded_at")
    assert sorted(dated) == sorted(shop.log("batch_id, loaded_at"))


def test_the_batches_of_all_systems_are_dated_in_one_order(shop):
    other = shop.root / "models" / "staging" / "till"
    shutil.copytree(shop.contract.parent, other)
    contract = other / "_shop__sources.yml"
    contract.rename(other / "_till__sources.yml")
    text = (
        (other / "_till__sources.yml").read_text().replace("name: shop", "name: till")
    )
    (other / "_till__sources.yml").write_text(text.replace("raw_shop", "raw_till"))
    path = shop.file("orders.csv", orders_csv())
    first = load(shop.project, path, "shop", clock=at("2026-03-29T02:30"))
    second = load(shop.project, path, "till", clock=at("2026-03-29T01:00"))
    assert first.loaded_at < second.loaded_at


def test_a_check_takes_no_lock_and_dates_nothing(shop):
    path = shop.file("orders.csv", orders_csv())
    with writer_lock(shop.project, "acrm build"):
        checked = load(
            shop.project, path, "shop", Options(check=True), clock=at("2026-03-29")
        )
    assert checked.is_new
    assert (checked.loaded_at, checked.batch_id) == (None, None)


def test_refused_files_may_be_set_apart_from_the_others(shop):
    shop.file("orders_1.csv", orders_csv(rows=3))
    shop.file("orders_2.csv", "order_id,what\n1,2\n")
    shop.file("orders_3.jsonl", '{"order_id": 1}\n' * 3)
    (shop.delivery / "orders_4.parquet").write_bytes(b"PAR1 and no more")
    options = Options(sets_refused_apart=True)
    loaded = load(shop.project, shop.delivery, "shop", options)
    assert {each.source_file: each.status.value for each in loaded.files} == {
        "orders_1.csv": "loaded",
        "orders_2.csv": "refused",
        "orders_3.jsonl": "refused",
        "orders_4.parquet": "refused",
    }
    assert len(loaded.problems) == 3
    assert shop.rows("orders", "distinct _source_file") == [("orders_1.csv",)]
    assert shop.log("source_file, batch_id") == [("orders_1.csv", loaded.batch_id)]
    assert [name for name in shop.files_at_home() if "orders/" in name] == [
        f"raw/shop/orders/{loaded.batch_id}",
        f"raw/shop/orders/{loaded.batch_id}/00001.parquet",
    ]
    again = load(shop.project, shop.delivery, "shop", options)
    assert again.batch_id is None
    assert len(shop.log()) == 1


def test_a_file_that_nobody_takes_is_not_looked_at(shop):
    shop.file("orders_1.csv", orders_csv(rows=3))
    shop.file("half.csv", "order_id,cust")
    shop.file("orders_1.csv.done", "")
    options = Options(takes=lambda path: path.name != "half.csv")
    loaded = load(shop.project, shop.delivery, "shop", options)
    assert [each.source_file for each in loaded.files] == ["orders_1.csv"]
    assert loaded.ignored == [
        ("orders_1.csv.done", "says that a file is delivered whole")
    ]


def test_rows_from_before_what_was_loaded_already_are_counted_as_late(shop):
    """orders_csv dates row n on the day after the nth of January."""
    load(shop.project, shop.file("orders_1.csv", orders_csv(rows=5)), "shop")
    load(shop.project, shop.file("orders_2.csv", orders_csv(rows=9)), "shop")
    load(shop.project, shop.file("stores.csv", STORES), "shop")
    assert shop.log("table_name, rows_loaded, rows_late") == [
        ("orders", 5, 0),
        ("orders", 9, 4),  # rows 1 to 4; row 5 is as late as the latest, not before it
        ("stores", 1, None),
    ]


def test_a_log_of_before_late_rows_were_counted_is_read(shop):
    load(shop.project, shop.file("orders_1.csv", orders_csv(rows=5)), "shop")
    (path,) = shop.project.batches.glob("*.parquet")
    pq.write_table(pq.read_table(path).drop_columns("rows_late"), path)
    assert [record.rows_late for record in read_log(shop.project)] == [None]
    load(shop.project, shop.file("orders_2.csv", orders_csv(rows=9)), "shop")
    assert [record.rows_late for record in read_log(shop.project)] == [None, 4]
