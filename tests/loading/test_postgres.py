"""Tables of a real PostgreSQL server, loaded as files are."""

import sys
import textwrap
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from loading_shop import orders_csv
from postgres_for_tests import READER_PASSWORD, running_postgres
from test_interrupted_loads import KILLER, run

from acrm.loading import postgres_input
from acrm.loading.load import load as load_batch
from acrm.loading.options import Options, Silent
from acrm.loading.results import LoadRefusedError, Status
from acrm.loading.watermarks import last_watermarks
from acrm.project import Project

pytestmark = pytest.mark.slow

ORDERS = (
    "create table orders (order_id bigint primary key, customer_id integer, "
    "amount numeric(10,2), ordered_at timestamptz, channel text, is_gift boolean)"
)
OTHERS = (
    "create table customers (customer_id int, full_name text, born_on date, "
    "score float8);;create table stores (store_id int, city text, opened_on date)"
)
EVENT_TIME = "event_time: ordered_at"


def long_ago():
    return datetime(2020, 1, 1)


@pytest.fixture(scope="module")
def server():
    with running_postgres() as server:
        yield server


@pytest.fixture
def db(server):
    """The database ``shop``, with nothing in it but a table of orders."""
    server.empty()
    server.sql(ORDERS)
    return server


def orders(db, *rows):
    """Insert orders: numbers, or numbers with the moment they were placed."""
    for row in rows:
        number, moment = row if isinstance(row, tuple) else (row, "2026-01-01 10:00Z")
        moment = "null" if moment is None else f"'{moment}'"
        db.sql(
            f"insert into orders values ({number}, 7, 12.50, {moment}, 'web', false)"
        )


def says(shop, **postgres):
    """Put ``postgres`` into the contract of orders."""
    text = shop.contract.read_text()
    pairs = ", ".join(f"{key}: {value}" for key, value in postgres.items())
    line = f"{EVENT_TIME}\n            postgres: {{{pairs}}}"
    shop.contract.write_text(text.replace(EVENT_TIME, line))


def load(shop, db, *options, **url):
    return shop.load(db.url(**url), "--table", "orders", *options)


def ids(shop):
    """The ids of all committed rows, batch after batch."""
    if not shop.log():
        return []
    rows = shop.rows("orders", "_loaded_at, order_id")
    return [number for _, number in sorted(rows)]


# What is read


def test_all_tables_of_the_contract_are_loaded_in_one_batch(shop, db):
    orders(db, 1, 2)
    db.sql(
        "create table customers (customer_id int, full_name text, born_on date, "
        "score float8);;insert into customers values (1, 'Ann', '1990-05-01', 1.5);;"
        "create view stores as select 1 as store_id, 'Köln' as city, "
        "date '2020-01-01' as opened_on"
    )
    ran = shop.load(db.url())
    assert ran.code == 0, ran.err
    assert shop.log("table_name, source_file, rows_loaded") == [
        ("customers", "postgresql:public.customers", 1),
        ("orders", "postgresql:public.orders", 2),
        ("stores", "postgresql:public.stores", 1),
    ]
    assert len({row[0] for row in shop.log("batch_id")}) == 1
    assert shop.rows("stores", "city") == [("Köln",)]
    assert shop.rows("orders", "_source_file, _row_number") == [
        ("postgresql:public.orders", 1),
        ("postgresql:public.orders", 2),
    ]


TYPES = [
    # the column on the server, a value, the promised type, what is loaded
    ("numeric", "12345678901234567.25", "decimal(20,2)", "12345678901234567.25"),
    ("numeric", "3.1000", "decimal(10,2)", "3.10"),
    ("numeric(30,0)", "12", "bigint", "12"),
    ("real", "0.1234567", "decimal(10,7)", "0.1234567"),
    ("real", "0.1", "decimal(10,2)", "0.10"),
    ("float8", "0.30000000000000004", "double", "0.30000000000000004"),
    ("smallint", "7", "integer", "7"),
    ("int4", "7", "varchar", "7"),
    ("timestamptz", "2026-07-01 10:00:00.123456+02", "timestamp", "08:00:00.123456"),
    ("timestamp", "2026-07-01 10:00", "timestamp", "2026-07-01 10:00:00"),
    ("date", "2026-07-01", "date", "2026-07-01"),
    ("boolean", "true", "boolean", "true"),
    ("mood", "sad", "varchar", "sad"),
    ("uuid", "0b9d9f4c-6f0c-4b7e-9d0a-1f2e3d4c5b6a", "varchar", "0b9d9f4c-6f0c-4b"),
    ("jsonb", '{"a": [1, null]}', "varchar", '{"a": [1, null]}'),
    ("char(5)", "ab", "varchar", "ab"),
    ("text", "10:00 Köln ✓", "varchar", "10:00 Köln ✓"),
    ("text", "17", "integer", "17"),
    ("positive", "5", "integer", "5"),
    ("int[]", "{1,2}", "varchar", "{1,2}"),
]


def test_every_type_arrives_as_the_contract_promises(shop, db):
    columns = ", ".join(f"c{at} {each[0]}" for at, each in enumerate(TYPES))
    values = ", ".join(f"'{each[1]}'" for each in TYPES)
    nulls = ", ".join("null" for _ in TYPES)
    db.sql(
        "create type mood as enum ('sad', 'ok');;create domain positive as int "
        f"check (value > 0);;create table things ({columns});;"
        f"insert into things values ({values}), ({nulls});;"
        "drop type if exists mood_of_none"
    )
    promised = "".join(
        f'          - {{name: c{at}, data_type: "{each[2]}"}}\n'
        for at, each in enumerate(TYPES)
    )
    head, _, _ = shop.contract.read_text().partition("      - name: orders")
    shop.contract.write_text(
        f"{head}      - name: things\n        columns:\n{promised}"
    )
    ran = shop.load(db.url())
    assert ran.code == 0, ran.err
    first, second = shop.rows("things")
    for at, (kind, _, data_type, expected) in enumerate(TYPES):
        loaded = str(first[at]).lower() if kind == "boolean" else str(first[at])
        assert expected in loaded, (kind, data_type)
        assert second[at] is None
        if kind in ("char(5)", "mood", "jsonb"):
            assert loaded == expected


def test_values_that_no_table_of_ours_can_hold_go_to_quarantine(shop, db):
    orders(db, 1, 2, 3, (4, "infinity"), (5, "-infinity"))
    db.sql("update orders set amount = 'NaN' where order_id = 3")
    ran = load(shop, db)
    assert ran.code == 2
    assert ids(shop) == [1, 2]
    assert sorted(shop.quarantined(columns="reason_code, reason, row_json"))[0][1:] == (
        "ordered_at: '-infinity' is no timestamp: it has to be a moment that exists, "
        "written YYYY-MM-DD HH:MM:SS, of the years 1900 to 2200",
        '{"order_id":"5","customer_id":"7","amount":"12.50",'
        '"ordered_at":"-infinity","channel":"web","is_gift":"false"}',
    )
    assert sorted(code for _, code in shop.quarantined()) == [
        "bad_date",
        "bad_date",
        "wrong_type",
    ]


def test_dates_without_an_end_are_told_as_such(shop, db):
    db.sql(
        "create table stores (store_id int, city text, opened_on date);;"
        "insert into stores values (1, 'A', 'infinity'), (2, 'B', '-infinity'), "
        "(3, 'C', '2020-02-29'), (4, 'D', '2020-02-29')"
    )
    shop.load(db.url(), "--table", "stores")
    assert shop.rows("stores", "store_id") == [(3,), (4,)]
    reasons = [reason for (reason,) in shop.quarantined("stores", "reason")]
    assert [reason.split("'")[1] for reason in reasons] == ["infinity", "-infinity"]


def test_keys_are_checked_as_in_files(shop, db):
    db.sql("alter table orders drop constraint orders_pkey")
    orders(db, 1, 2, 2)
    assert load(shop, db).code == 2
    assert ids(shop) == [1, 2]
    assert shop.quarantined() == [(3, "repeated_row")]


def test_columns_that_the_contract_does_not_name_are_never_read(shop, db):
    orders(db, 1)
    db.sql(
        "alter table orders add column salary int;;revoke all on orders from reader;;"
        "grant select (order_id, customer_id, amount, ordered_at, channel, is_gift) "
        "on orders to reader"
    )
    assert load(shop, db).code == 0
    assert ids(shop) == [1]


def test_a_table_is_found_under_the_name_that_the_contract_gives(shop, db):
    orders(db, 1)
    db.sql(
        'create schema "Sales";;grant usage on schema "Sales" to reader;;'
        'alter table orders set schema "Sales";;'
        'alter table "Sales".orders rename to "Order"'
    )
    says(shop, table="Sales.Order")
    ran = load(shop, db)
    db.sql('drop schema "Sales" cascade')
    assert ran.code == 0, ran.err
    assert shop.rows("orders", "_source_file") == [("postgresql:Sales.Order",)]


def test_text_of_another_encoding_arrives_as_utf_8(shop, db):
    for name, encoding in (("latin", "LATIN1"), ("raw", "SQL_ASCII")):
        db.sql(
            f"create database {name} encoding '{encoding}' template template0",
            database="postgres",
        )
        db.sql(f"{ORDERS};;grant select on orders to reader", database=name)
    letter = "convert_from('\\xe9'::bytea, 'LATIN1')"
    row = f"1, 7, 1, '2026-01-01', 'web', false, {letter}"
    for name in ("latin", "raw"):
        db.sql("alter table orders add column note text", database=name)
    db.sql(f"insert into orders values ({row})", database="latin")
    assert load(shop, db, database="latin").code == 0
    assert shop.rows("orders", "note") == [("é",)]
    # in a database without an encoding, bytes are whatever somebody put there
    db.sql(
        "insert into orders values (1, 7, 1, '2026-01-01', 'web', false, E'\\xe9')",
        database="raw",
    )
    ran = load(shop, db, database="raw")
    assert ran.code == 2
    assert 'invalid byte sequence for encoding "UTF8": 0xe9' in ran.err


def test_all_tables_are_read_as_of_one_moment(shop, db, monkeypatch):
    orders(db, 1)
    db.sql(OTHERS)
    written = postgres_input._write

    def meanwhile(*arguments):
        written(*arguments)
        db.sql("insert into stores values (1, 'too late', '2020-01-01')")

    monkeypatch.setattr(postgres_input, "_write", meanwhile)
    assert shop.load(db.url()).code == 0
    assert dict(shop.log("table_name, rows_read")) == {
        "orders": 1,
        "customers": 0,
        "stores": 0,
    }


def test_a_check_writes_nothing(shop, db):
    orders(db, 1, 2)
    ran = load(shop, db, "--check")
    assert ran.code == 0
    assert "Checked only" in ran.out
    assert not shop.project.home.exists()


def test_a_batch_may_have_an_id_of_its_own(shop, db):
    orders(db, 1)
    assert load(shop, db, "--batch", "night-1").code == 0
    assert shop.log("batch_id") == [("night-1",)]
    assert load(shop, db, "--batch", "night-1").code == 0
    orders(db, 2)
    ran = load(shop, db, "--batch", "night-1")
    assert ran.code == 2
    assert "'night-1' is committed already" in ran.err
    assert ids(shop) == [1]


# Snapshots


def test_an_unchanged_snapshot_adds_nothing_in_whatever_order_it_comes(shop, db):
    orders(db, 1, 2, 3)
    assert load(shop, db).code == 0
    before = shop.files_at_home()
    # the row moves to the end of the table
    db.sql("update orders set amount = amount where order_id = 1")
    ran = load(shop, db)
    assert ran.code == 0
    assert "nothing new since batch" in ran.out
    assert shop.files_at_home() == before


def test_a_repeated_row_more_or_less_is_a_change(shop, db):
    db.sql("alter table orders drop constraint orders_pkey")
    text = shop.contract.read_text()
    shop.contract.write_text(text.replace("            key: [order_id]\n", ""))
    for rows in ([1], [1, 1], [1, 1, 2, 2], [1, 1, 3, 3]):
        db.sql("delete from orders")
        orders(db, *rows)
        ran = load(shop, db, "--json")
        assert ran.json["files"][0]["rows_loaded"] == len(rows)


def test_a_snapshot_that_comes_back_to_what_it_was_is_loaded_again(shop, db):
    orders(db, 1)
    for amount in ("12.50", "99", "12.50"):
        db.sql(f"update orders set amount = {amount}")
        assert load(shop, db).code == 0
    loaded = sorted(shop.rows("orders", "_loaded_at, amount"))
    assert [str(amount) for _, amount in loaded] == ["12.50", "99.00", "12.50"]


# Watermarks


@pytest.fixture
def watermarked(shop, db):
    says(shop, watermark="ordered_at", overlap="1 hour")
    orders(db, (1, "2026-01-01 10:00Z"), (2, "2026-01-02 10:00Z"))
    assert load(shop, db).code == 0
    assert ids(shop) == [1, 2]
    return shop


def test_only_rows_beyond_the_watermark_less_its_overlap_are_read(watermarked, db):
    orders(db, (3, "2026-01-03 10:00Z"))
    # committed late, one within the overlap, one before it
    orders(db, (4, "2026-01-02 09:00Z"), (5, "2026-01-02 08:59:59Z"))
    ran = load(watermarked, db)
    assert "ordered_at from 2026-01-02 09:00:00 on" in ran.out
    assert ids(watermarked) == [1, 2, 2, 3, 4]


def test_rows_that_only_the_overlap_brings_again_add_nothing(watermarked, db):
    before = watermarked.files_at_home()
    ran = load(watermarked, db)
    assert "nothing new" in ran.out
    assert watermarked.files_at_home() == before


def test_a_change_within_the_overlap_is_loaded(watermarked, db):
    for amount in ("1", "2", "1"):
        db.sql(f"update orders set amount = {amount} where order_id = 2")
        assert load(watermarked, db).code == 0
    assert ids(watermarked) == [1, 2, 2, 2, 2]


def test_deletes_and_rows_that_move_back_are_not_seen(watermarked, db):
    db.sql("delete from orders where order_id = 1")
    db.sql("update orders set ordered_at = '2020-01-01', amount = 5 where order_id = 2")
    assert "nothing new" in load(watermarked, db).out
    assert ids(watermarked) == [1, 2]


def test_rows_without_a_watermark_are_always_read(watermarked, db):
    orders(db, (3, None))
    assert load(watermarked, db).code == 2  # the contract requires the moment
    assert watermarked.quarantined() == [(2, "missing_value")]


def test_a_row_dated_in_the_future_hides_none_that_come_before_it(watermarked, db):
    orders(db, (3, "2199-01-01"))
    assert load(watermarked, db).code == 0
    orders(db, (4, "2026-01-03 10:00Z"))
    assert load(watermarked, db).code == 0
    assert ids(watermarked) == [1, 2, 2, 3, 2, 3, 4]


def test_another_database_is_read_from_its_beginning(watermarked, db):
    db.sql("create database other", database="postgres")
    db.sql(
        f"{ORDERS};;grant select on orders to reader;;insert into orders values "
        "(1, 7, 9, '2020-01-01', 'web', false)",
        database="other",
    )
    ran = load(watermarked, db, database="other")
    assert "the whole table" in ran.out
    assert ids(watermarked) == [1, 2, 1]


def test_another_watermark_begins_anew(watermarked, db):
    text = watermarked.contract.read_text()
    text = text.replace("watermark: ordered_at", "watermark: order_id")
    watermarked.contract.write_text(text.replace("overlap: 1 hour", "overlap: 1"))
    orders(db, (3, "2020-01-01"))
    assert "the whole table" in load(watermarked, db).out
    orders(db, (5, "2020-01-01"), (6, "2020-01-01"))
    assert "order_id from 2 on" in load(watermarked, db).out
    assert ids(watermarked) == [1, 2, 1, 2, 3, 2, 3, 5, 6]


def test_a_snapshot_in_between_is_the_last_delivery(watermarked, db):
    by_watermark = watermarked.contract.read_text()
    whole = by_watermark.replace(
        "{watermark: ordered_at, overlap: 1 hour}", "{mode: snapshot}"
    )
    watermarked.contract.write_text(whole)
    db.sql("update orders set amount = 1 where order_id = 2")
    assert load(watermarked, db).code == 0
    # what the watermark saw last has come back, and is news to the snapshot
    watermarked.contract.write_text(by_watermark)
    db.sql("update orders set amount = 12.50 where order_id = 2")
    assert load(watermarked, db).code == 0
    assert ids(watermarked) == [1, 2, 1, 2, 2]


def test_a_checked_or_refused_load_moves_no_watermark(watermarked, db):
    orders(db, (3, "2026-01-03 10:00Z"))
    assert load(watermarked, db, "--check").code == 0
    db.sql("create table customers (customer_id int);;create table stores (a int)")
    assert watermarked.load(db.url()).code == 2
    assert load(watermarked, db).code == 0
    assert ids(watermarked) == [1, 2, 2, 3]


APART = Options(sets_refused_apart=True)


def test_a_clock_that_is_set_back_dates_no_batch_before_the_last(watermarked, db):
    """The last watermark is that of the latest batch, so it would be lost as well."""
    orders(db, (3, "2026-01-03 10:00Z"))
    loaded = load_batch(
        watermarked.project, db.url(), "shop", Options(table="orders"), clock=long_ago
    )
    ((before,), (after,)) = watermarked.log("loaded_at")
    assert loaded.loaded_at == after == before + timedelta(microseconds=1)
    marks = last_watermarks(watermarked.project, "shop").values()
    assert [each.value for each in marks] == ["2026-01-03T10:00:00"]
    assert [each.loaded_at for each in marks] == [after.isoformat()]


def test_a_table_that_is_refused_does_not_stop_the_others(watermarked, db):
    orders(db, (3, "2026-01-03 10:00Z"))
    db.sql(OTHERS.replace("store_id int, ", ""))
    result = load_batch(watermarked.project, db.url(), "shop", APART)
    (problem,) = result.problems
    assert "The table misses columns of its contract: store_id" in str(problem)
    assert "postgresql:public.stores" in str(problem)
    assert ids(watermarked) == [1, 2, 2, 3]
    assert watermarked.log("table_name, rows_loaded")[1:] == [
        ("customers", 0),
        ("orders", 2),
    ]
    with pytest.raises(LoadRefusedError):
        load_batch(watermarked.project, db.url(), "shop")


class Damaging(Silent):
    """Damages what was read of orders when it is about to be loaded."""

    def __init__(self, project):
        self.project = project
        self.extract = ""

    def begin(self, name, number, total):
        if name != "postgresql:public.orders":
            return
        if number > total / 2:
            (path,) = self.project.tmp.glob(f"load-*/{self.extract}")
            path.write_bytes(b"no Parquet")
        self.extract = f"extract-{number:05d}.parquet"


def test_a_table_that_is_refused_keeps_its_watermark(watermarked, db):
    orders(db, (3, "2026-01-03 10:00Z"))
    db.sql(OTHERS)
    db.sql("insert into customers values (1, 'Ann', '1990-05-01', 1.5)")
    damaging = Damaging(watermarked.project)
    result = load_batch(watermarked.project, db.url(), "shop", APART, damaging)
    (problem,) = result.problems
    assert "The file is not whole Parquet" in problem.what
    refused = [each.table for each in result.files if each.status is Status.REFUSED]
    assert refused == ["orders"]
    assert ids(watermarked) == [1, 2]
    assert watermarked.rows("customers", "customer_id") == [(1,)]
    assert not list(watermarked.project.raw.glob(f"*/orders/{result.batch_id}"))
    assert load(watermarked, db).code == 0
    assert ids(watermarked) == [1, 2, 2, 3]


def test_a_kill_at_any_moment_neither_skips_rows_nor_moves_the_watermark(
    watermarked, db
):
    orders(db, (3, "2026-01-03 10:00Z"))
    db.sql(OTHERS)
    killed = run(KILLER, watermarked.root, db.url(), 5)
    assert killed.returncode == 0, killed.stderr
    copies = list(watermarked.root.glob("after-*"))
    assert len(copies) >= 6
    seen = set()
    for copy in copies:
        mark = last_watermarks(Project(watermarked.root, copy), "shop")
        ((_, source),) = mark
        assert source == "postgresql:public.orders"
        (value,) = {each.value for each in mark.values()}
        batches = pq.read_table(copy / "batches", columns=["rows_loaded"])
        rows = sum(batches["rows_loaded"].to_pylist())
        seen.add((value, rows))
    assert seen <= {("2026-01-02T10:00:00", 2), ("2026-01-03T10:00:00", 4)}
    assert ("2026-01-02T10:00:00", 2) in seen


# What goes wrong


def test_a_file_and_a_table_of_the_same_contract_stand_side_by_side(shop, db):
    orders(db, 1)
    assert load(shop, db).code == 0
    assert shop.load(shop.file("orders.csv", orders_csv(rows=2))).code == 0
    # the file was the last delivery, so the table is one again
    assert load(shop, db).code == 0
    assert ids(shop) == [1, 1, 2, 1]


BROKEN = {
    "missing table": (
        "alter table orders rename to order_lines",
        ["no table 'orders'", "public.order_lines", "postgres: {table: schema.table}"],
    ),
    "missing column": (
        "alter table orders rename channel to chanel",
        ["misses columns", "'chanel' may be 'channel'", "postgresql:public.orders"],
    ),
    "no column at all": (
        "drop table orders;;create table orders ()",
        ["misses columns of its contract: order_id"],
    ),
    "wrong type": (
        "alter table orders alter amount type date using '2026-01-01'",
        ["amount holds dates (date) where decimal(10,2) is promised", "public.orders"],
    ),
    "mostly wrong values": (
        "alter table orders alter amount type text using 'much'",
        ["in 2 of 2 rows amount is no decimal(10,2)", "'much'", "public.orders"],
    ),
    "no rights": ("revoke all on orders from reader", ["may not read it", "denied"]),
    "view that fails": (
        "alter table orders rename to o;;create view orders as select order_id, "
        "customer_id, amount / (order_id - 2) as amount, ordered_at, channel, is_gift "
        "from o",
        ["cannot answer: division by zero"],
    ),
    "connection lost": (
        "alter table orders rename to o;;create view orders as select n as order_id, "
        "7 as customer_id, 1 as amount, now() as ordered_at, 'web' as channel, "
        "case when n = 60000 then pg_terminate_backend(pg_backend_pid()) end "
        "as is_gift from generate_series(1, 80000) n",
        ["The database ended the reading: ", "Nothing was loaded"],
    ),
    "out of time": (
        "alter role reader set statement_timeout = '30ms';;alter table orders rename "
        "to o;;create view orders as select order_id, customer_id, amount, ordered_at, "
        "channel, pg_sleep(60) is null as is_gift from o",
        ["statement timeout"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_goes_wrong_is_one_clear_message_and_leaves_nothing(shop, db, name):
    statements, words = BROKEN[name]
    orders(db, 1, 2)
    db.sql(statements)
    ran = load(shop, db)
    db.sql("alter role reader reset all")
    assert ran.code == 2
    told = " ".join(ran.err.split())
    assert [word for word in words if word not in told] == []
    assert ran.err.count("Error:") == 1
    shop.assert_untouched()


def test_all_problems_of_all_tables_are_told_at_once(shop, db):
    db.sql("drop table orders;;create table stores (store_id int, town text)")
    ran = shop.load(db.url())
    assert ran.code == 2
    assert "3 problems; nothing was loaded" in ran.err
    for words in ("no table 'orders'", "no table 'customers'", "city, opened_on"):
        assert words in ran.err


def test_a_watermark_that_the_server_cannot_compare_is_told(shop, db):
    says(shop, watermark="ordered_at", overlap="1 hour")
    db.sql("alter table orders alter ordered_at type text")
    ran = load(shop, db)
    assert ran.code == 2
    assert "The watermark ordered_at is text on the server" in ran.err


def test_a_server_that_crashes_in_the_middle_is_told(shop, db, monkeypatch):
    db.sql(
        "drop table orders;;create view orders as select n as order_id, 7 as "
        "customer_id, 1 as amount, now() as ordered_at, repeat('x', 500) as channel, "
        "false as is_gift from generate_series(1, 60000) n"
    )
    write_batch = pq.ParquetWriter.write_batch
    crashed = []

    def then_crash(writer, batch):
        write_batch(writer, batch)
        if not crashed:
            crashed.append(batch.num_rows)
            db.crash()

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", then_crash)
    ran = load(shop, db)
    db.start()
    assert 0 < crashed[0] < 60_000
    assert ran.code == 2
    assert "The database ended the reading: " in ran.err
    shop.assert_untouched()


def test_a_system_that_no_database_has_says_so(shop, db):
    text = shop.contract.read_text()
    says_no = f"{EVENT_TIME}\n            postgres: false"
    shop.contract.write_text(text.replace(EVENT_TIME, says_no))
    ran = load(shop, db)
    assert ran.code == 2
    assert "postgres: false" in ran.err
    db.sql(OTHERS)
    assert shop.load(db.url()).code == 0
    assert {table for (table,) in shop.log("table_name")} == {"customers", "stores"}


def test_a_driver_that_is_not_installed_is_told(shop, db, monkeypatch):
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    ran = load(shop, db)
    assert ran.code == 2
    assert "pip install 'acrm[postgres]'" in ran.err


# Who may see what


def secret_in(shop, *texts):
    """Whether the password stands in any text, or any byte under the home."""
    everything = [text.encode() for text in texts]
    for path in shop.root.rglob("*"):
        everything.append(str(path).encode())
        if path.is_file():
            everything.append(path.read_bytes())
    return any(READER_PASSWORD[:64].encode() in each for each in everything)


def ways_to_give_a_password(db, folder):
    """Each way: the URL and the variables that libpq reads."""
    pgpass = folder / "pgpass"
    escaped = READER_PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    pgpass.write_text(f"*:*:shop:reader:{escaped}\n")
    pgpass.chmod(0o600)
    service = folder / "services"
    service.write_text(
        f"[night]\nhost={db.folder}\nuser=reader\ndbname=shop\n"
        f"password={READER_PASSWORD}\n"
    )
    bare = db.url(password="")
    return {
        "url": (db.url(), {}),
        "variable": (bare, {"PGPASSWORD": READER_PASSWORD}),
        "file": (bare, {"PGPASSFILE": str(pgpass)}),
        "service": (
            "postgresql://?service=night",
            {"PGSERVICEFILE": str(service)},
        ),
    }


@pytest.mark.parametrize("way", ["url", "variable", "file", "service"])
def test_a_password_is_found_and_shown_nowhere(
    shop, db, tmp_path_factory, monkeypatch, way
):
    orders(db, 1, (2, "infinity"))
    folder = tmp_path_factory.mktemp("secrets")
    url, variables = ways_to_give_a_password(db, folder)[way]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ran = shop.load(url, "--table", "orders", "--json")
    assert ran.code == 2, ran.err  # one row in quarantine
    assert ids(shop) == [1]
    assert not secret_in(shop, ran.out, ran.err)


WATCHED = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import acrm.loading.postgres_input as reading
    read = reading.read_table

    def shown(*arguments):
        print(Path("/proc/self/cmdline").read_bytes())
        return read(*arguments)

    import acrm.loading.batch_load
    acrm.loading.batch_load.read_table = shown
    sys.argv = ["acrm", "load", sys.argv[1], "--system", "shop", "--table", "orders"]
    from acrm.cli.app import main
    main()
    """
)


@pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="this system shows no command lines"
)
def test_a_running_load_does_not_show_its_password_to_others(shop, db):
    orders(db, 1)
    ran = run(WATCHED, db.url())
    assert ran.returncode == 0, ran.stderr
    assert "postgresql://reader:xxxxxxxx" in ran.stdout
    assert not secret_in(shop, ran.stdout, ran.stderr)
    assert ids(shop) == [1]


REFUSED = {
    "password": ({"password": READER_PASSWORD + "?"}, "refused the user name or the"),
    "no password": ({"password": ""}, "asks for a password"),
    "user": ({"user": "redaer"}, "refused the user name or the"),
    "database": ({"database": "shp"}, 'database "shp" does not exist'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_is_not_let_in_is_told_why(shop, db, name):
    url, words = REFUSED[name]
    ran = load(shop, db, **url)
    assert ran.code == 2
    assert words in ran.err
    assert str(db.folder) in ran.err
    assert not secret_in(shop, ran.out, ran.err)
    shop.assert_untouched()


READ = textwrap.dedent(
    """
    import resource, sys
    from dataclasses import replace
    from pathlib import Path
    from acrm.loading.contract_file import load_system
    from acrm.loading.contracts import Postgres
    from acrm.loading.postgres_input import find_table, read_table
    from acrm.loading.postgres_server import connected_to
    from acrm.loading.postgres_url import postgres_url
    from acrm.project import Project
    root, url = Path(sys.argv[1]), postgres_url(sys.argv[2])
    orders = load_system(Project(root, root), "shop").table("orders")
    for name in ("few", "many"):
        table = replace(orders, postgres=Postgres(name))
        with connected_to(url) as server:
            live = find_table(server, table, "")
            read_table(server, table, live, None, root / "read.parquet", id)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    """
)


def test_memory_of_reading_does_not_grow_with_the_table(shop, db):
    for name, rows in (("few", 30_000), ("many", 130_000)):
        db.sql(
            f"create view {name} as select n as order_id, 7 as customer_id, 1 as "
            "amount, timestamp '2026-01-01' as ordered_at, 'web' as channel, false as "
            "is_gift, repeat(md5(n::text), 20) as note "
            f"from generate_series(1, {rows}) n"
        )
    ran = run(READ, shop.root, db.url())
    assert ran.returncode == 0, ran.stderr
    few, many = map(int, ran.stdout.split())
    assert many - few < 35  # the notes alone grow by 64 MB
