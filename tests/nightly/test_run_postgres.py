"""Tables of a real PostgreSQL server, loaded and published as folders are."""

import pytest
from postgres_for_tests import READER_PASSWORD, running_postgres

pytestmark = pytest.mark.slow

SALES = (
    "create table sales (line_number bigint, customer_key bigint, order_date date, "
    "amount numeric(18,2));;"
    "insert into sales select n, n % 7, date '2026-01-01' + n % 30, 1.25 "
    "from generate_series(100, 105) n"
)


@pytest.fixture(scope="module")
def db():
    with running_postgres() as server:
        server.empty()
        server.sql(SALES)
        yield server


def is_secret_in(shop, *texts):
    """Whether the password stands in any text, or any byte of the warehouse home."""
    everything = [text.encode() for text in texts]
    everything += [
        path.read_bytes() for path in shop.project.home.rglob("*") if path.is_file()
    ]
    return any(READER_PASSWORD[:64].encode() in each for each in everything)


def test_a_database_is_published_with_the_files_and_then_has_nothing_new(shop, db):
    shop.deliver("sales_1.csv", rows=4)
    first = shop.run(db.url(), "--system", "shop", code=0)
    assert "published version 1" in first.out
    assert shop.totals() == (10, "12.50", "12.50")
    loaded = {
        (step["file"], step["rows"]) for step in shop.last_log() if step.get("file")
    }
    assert loaded == {("shop/sales_1.csv", 4), ("postgresql:public.sales", 6)}
    (start, *_) = shop.last_log()
    assert start["paths"] == [str(shop.landing), f"database shop on {db.folder}"]

    second = shop.run(db.url(), "--system", "shop", "--json", code=0)
    assert '"outcome": "nothing_new"' in second.out
    assert not is_secret_in(shop, first.out, first.err, second.out, second.err)


def test_a_server_that_lets_nobody_in_does_not_stop_the_files(shop, db):
    shop.deliver("sales_1.csv", rows=4)
    wrong = db.url(password=f"{READER_PASSWORD}!")
    ended = shop.run(wrong, "--system", "shop", code=2)
    assert "Refused: The server refused the user name or the password" in ended.err
    assert "published version 1" in ended.out
    assert shop.totals() == (4, "5.00", "5.00")
    assert not is_secret_in(shop, ended.out, ended.err)


URL = f"postgresql://reader:{READER_PASSWORD[:64]}@nowhere.invalid/shop"
WRONG_CALLS = {
    "no system": ((URL,), "A database needs --system."),
    "system": (("--system", URL), "--system names a pack, and this is a URL."),
    "watch": (
        (URL, "--system", "shop", "--watch"),
        "Folders can be watched, and this is a database.",
    ),
    "another kind": (
        (URL.replace("postgresql", "mysql"),),
        "This URL is none of a PostgreSQL database.",
    ),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_wrong_call_is_told_and_quotes_no_password(shop, name):
    options, message = WRONG_CALLS[name]
    shop.deliver("sales_1.csv", rows=4)
    ended = shop.run(*options, "--json", code=2)
    assert message in ended.err
    assert not is_secret_in(shop, ended.out, ended.err)
