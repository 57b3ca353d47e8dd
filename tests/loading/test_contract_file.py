"""What a contract may say, and how a mistake in it is told."""

import pytest
from loading_shop import orders_csv

from acrm.errors import InputError
from acrm.loading.contract_file import load_system
from acrm.loading.contracts import DataType

MISTAKES = {
    "no YAML": ("version: 2", "version: [2", ["not valid YAML", "line"]),
    "key twice": ("version: 2", "version: 2\nversion: 3", ["given twice", "line 2"]),
    "other source": ("- name: shop\n", "- name: shpo\n", ["no source of that name"]),
    "no tables": ("    tables:\n", "    tabels:\n", ["has no list 'tables'"]),
    "no columns": (
        "        columns:\n          - {name: store_id",
        "        colums:\n          - {name: store_id",
        ["table 'stores' has no list 'columns'"],
    ),
    "no type": (
        "{name: score, data_type: double}",
        "{name: score}",
        ["Column 'score' of table 'customers' has no data_type", "Allowed: bigint"],
    ),
    "unknown type": (
        "data_type: double",
        "data_type: doubel",
        ["data_type 'doubel'", "Did you mean 'double'"],
    ),
    "wide decimal": ("decimal(10,2)", "decimal(39,2)", ["'decimal(39,2)'", "p <= 38"]),
    "scale over precision": ("decimal(10,2)", "decimal(2,10)", ["'decimal(2,10)'"]),
    "unknown key column": (
        "key: [order_id]",
        "key: [ordr_id]",
        ["key of table 'orders' names an unknown column 'ordr_id'", "'order_id'"],
    ),
    "key twice in key": ("key: [order_id]", "key: [order_id, order_id]", ["twice"]),
    "unknown event time": (
        "event_time: ordered_at",
        "event_time: orderd_at",
        ["event_time of table 'orders'", "Did you mean 'ordered_at'"],
    ),
    "event time is no moment": (
        "event_time: ordered_at",
        "event_time: amount",
        ["'amount', which is no date"],
    ),
    "unknown table meta": (
        "event_time:",
        "event_tme:",
        ["'event_tme'", "'event_time'"],
    ),
    "unknown column meta": (
        "required: true",
        "requierd: true",
        ["Did you mean 'required'"],
    ),
    "unknown source meta": ("ignored_files:", "ignore_files:", ["'ignored_files'"]),
    "unknown csv key": ("delimiter:", "separator:", ["'separator' in csv of table"]),
    "long delimiter": ('delimiter: ";"', 'delimiter: ";;"', ["csv delimiter", "';;'"]),
    "unknown encoding": ("latin-1", "latin-99", ["'latin-99', which is no text"]),
    "bytes encoding": ("latin-1", "base64", ["'base64', which is no text"]),
    "nulls of numbers": ('["", NA]', "[0]", ["null_values of table 'stores'"]),
    "share over one": ("share: 0.5", "share: 50", ["is 50", "0 to 1"]),
    "share of words": ("share: 0.5", "share: half", ["is 'half'"]),
    "postgres of words": (
        "event_time: ordered_at\n",
        "postgres: yes please\n",
        ["postgres of table 'orders' is 'yes please'", "or false"],
    ),
    "unknown postgres key": (
        "event_time: ordered_at\n",
        "postgres: {tabel: orders}\n",
        ["'tabel' in postgres of table 'orders'", "Did you mean 'table'"],
    ),
    "table of three parts": (
        "event_time: ordered_at\n",
        "postgres: {table: a.b.c}\n",
        ["postgres table of table 'orders' is 'a.b.c'"],
    ),
    "unknown mode": (
        "event_time: ordered_at\n",
        "postgres: {mode: snapshots}\n",
        ["mode of table 'orders' is 'snapshots'", "Did you mean 'snapshot'"],
    ),
    "mode without watermark": (
        "event_time: ordered_at\n",
        "postgres: {mode: watermark}\n",
        ["is watermark without one"],
    ),
    "snapshot with watermark": (
        "event_time: ordered_at\n",
        "postgres: {mode: snapshot, watermark: order_id, overlap: 1}\n",
        ["is snapshot beside one"],
    ),
    "unknown watermark": (
        "event_time: ordered_at\n",
        "postgres: {watermark: orderd_at, overlap: 1 hour}\n",
        ["unknown column 'orderd_at'", "'ordered_at'"],
    ),
    "watermark of text": (
        "event_time: ordered_at\n",
        "postgres: {watermark: channel, overlap: 1 hour}\n",
        ["'channel', which is varchar"],
    ),
    "no overlap": (
        "event_time: ordered_at\n",
        "postgres: {watermark: ordered_at}\n",
        ["overlap of table 'orders' is missing", "1 hour"],
    ),
    "overlap of a number": (
        "event_time: ordered_at\n",
        "postgres: {watermark: ordered_at, overlap: 60}\n",
        ["is 60", "seconds"],
    ),
    "overlap of unknown unit": (
        "event_time: ordered_at\n",
        "postgres: {watermark: ordered_at, overlap: 1 month}\n",
        ["'1 month'", "weeks"],
    ),
    "overlap of time for a number": (
        "event_time: ordered_at\n",
        "postgres: {watermark: order_id, overlap: 1 hour}\n",
        ["'1 hour'", "1000"],
    ),
    "overlap alone": (
        "event_time: ordered_at\n",
        "postgres: {overlap: 1 hour}\n",
        ["without a watermark"],
    ),
    "meta outside config": (
        "{name: customer_id, data_type: integer}",
        "{name: customer_id, data_type: integer, meta: {required: true}}",
        ["stands outside config", "no effect"],
    ),
    "flag of words": (
        "optional: true",
        "optional: maybe",
        ["optional of column 'note'"],
    ),
    "bound of another type": ("{min: 0,", "{min: zero,", ["min of column 'amount'"]),
    "bound of a text": (
        "{allowed: [shop, web]}",
        "{allowed: [shop, yes]}",
        ["allowed of column 'channel'", "True", "in quotes"],
    ),
    "allowed is no list": ("[shop, web]", "shop", ["is no list of values"]),
    "format of a number": (
        "{name: score, data_type: double}",
        '{name: score, data_type: double, config: {meta: {format: "%d"}}}',
        ["format of column 'score'", "date or timestamp"],
    ),
    "format without directives": ('"%d/%m/%Y"', '"DD/MM/YYYY"', ["'DD/MM/YYYY'"]),
    "unknown directive": ('"%d/%m/%Y"', '"%d/%m/%Q"', ["'%d/%m/%Q'"]),
    "column twice": (
        "name: full_name",
        "name: Customer_ID",
        ["'Customer_ID' is given"],
    ),
    "table twice": (
        "- name: stores",
        "- name: orders",
        ["table 'orders' is given twice"],
    ),
    "table leads out": ("- name: stores", "- name: ../stores", ["'../stores'"]),
    "own column": ("name: full_name", "name: _batch_id", ["kept for the loader"]),
    "ignored without reason": (
        "reason: known, and not needed",
        "reason:",
        ["ignored without a reason"],
    ),
    "files of numbers": ('["customers*", "kunden*"]', "[1]", ["files of table"]),
    "config is a list": (
        "config:\n          meta:\n            csv",
        "config: [1]\n#",
        ["config or meta of table 'stores' is no mapping"],
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_its_file_and_what_is_allowed(shop, case):
    old, new, words = MISTAKES[case]
    text = shop.contract.read_text()
    assert old in text
    shop.contract.write_text(text.replace(old, new, 1))
    ran = shop.load(shop.file("orders.csv", orders_csv()))
    assert ran.code == 2
    assert f"{shop.contract}, line " in ran.err
    for word in words:
        assert word in ran.err
    assert not shop.project.home.exists()


def test_a_mistake_is_told_with_its_line(shop):
    text = shop.contract.read_text()
    shop.contract.write_text(text.replace("event_time: ordered_at", "event_time: x"))
    line = text[: text.index("event_time:")].count("\n") + 1
    with pytest.raises(InputError) as told:
        load_system(shop.project, "shop")
    assert told.value.where == f"{shop.contract}, line {line}"


def test_a_file_that_is_no_text_is_told(shop):
    shop.contract.write_bytes(b"\xff\xff")
    assert "cannot be read" in shop.load(shop.root).err


def test_a_contract_is_read_whole(shop):
    system = load_system(shop.project, "shop")
    assert system.table_names == ("orders", "customers", "stores")
    orders = system.table("orders")
    assert orders.files == ("orders.*", "orders_*.*", "orders-*.*")
    assert orders.columns[2].data_type == DataType("decimal", 10, 2)
    assert orders.csv.delimiter is None
    assert system.table("stores").csv.null_values == ("", "NA")


def test_the_fingerprint_changes_with_the_contract_and_not_with_its_prose(shop):
    before = load_system(shop.project, "shop").table("orders").sha256
    text = shop.contract.read_text()
    shop.contract.write_text(text.replace("One row an order.", "Orders."))
    assert load_system(shop.project, "shop").table("orders").sha256 == before
    shop.contract.write_text(text.replace("max: 10000", "max: 20000"))
    assert load_system(shop.project, "shop").table("orders").sha256 != before
