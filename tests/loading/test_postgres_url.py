"""URLs of databases: what is accepted, what is added, and what is never shown."""

import os
import socket
import sys
from pathlib import Path

import pytest
from test_interrupted_loads import run

from acrm.cli.app import main
from acrm.errors import InputError
from acrm.loading.postgres_url import looks_like_url, postgres_url

SECRET = "hunter2"  # noqa: S105 -- looked for in what is shown


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("postgresql://me@db.example:5433/shop", "database shop on db.example:5433"),
        ("postgres://me:hunter2@db.example/shop", "database shop on db.example"),
        ("postgresql://[::1]:5432/shop?sslmode=require", "database shop on [::1]:5432"),
        ("postgresql://a:1,b:2/shop", "database shop on a:1,b:2"),
        ("postgresql:///shop?host=/run/postgresql", "database shop on /run/postgresql"),
        ("postgresql://?service=night", "the host of service night"),
        ("postgresql://", "the host of PGHOST, PGSERVICE or the default"),
        ("postgresql://me:a%40b%2Fhunter2@h/d", "database d on h"),
    ],
)
def test_a_url_is_called_by_its_host_and_database(url, label):
    read = postgres_url(url)
    assert read.label == label
    assert repr(read) == f"PostgresUrl({label!r})"
    assert read.uri.startswith(url)
    assert "client_encoding=UTF8" in read.uri


def test_what_the_user_says_is_not_overruled(monkeypatch):
    said = postgres_url("postgresql://h/d?connect_timeout=3").uri
    assert said.count("connect_timeout") == 1
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert "connect_timeout" not in postgres_url("postgresql://h/d").uri


AMBIGUOUS = [
    "postgresql://me:hun@ter2hunter2@h/d",
    "postgresql://me:hunter2/x@h/d",
    "postgresql://me:1/hunter2@h/d",
    "postgresql://me:12?hunter2@h/d",
    "postgresql://me:1?a=hunter2@h/d",
    "postgresql://me:#hunter2@h/d",
    "postgresql://me:hunter2%zz@h/d",
    "postgresql://me:hunter2 @h/d",
    "postgresql://h:hunter2/d",
    "postgresql://me:hunter2@h/d?password",
    "postgresql:/me:hunter2@h/d",
    "postgresql:me:hunter2@h/d",
    "mysql://me:hunter2@h/d",
    "PostgreSQL://me:hunter2@h/d",
    "postgresq://me:hunter2@h/d",
]


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_a_url_that_cannot_be_read_is_not_quoted(url, shop):
    assert looks_like_url(url)
    with pytest.raises(InputError) as refused:
        postgres_url(url)
    assert SECRET not in str(refused.value)
    assert "postgresql://user@host:port/database" in str(refused.value)
    ran = shop.load(url)
    assert ran.code == 2
    assert SECRET not in ran.out + ran.err
    shop.assert_untouched()


@pytest.mark.parametrize("path", ["orders.csv", "/a/b:c", "a:b", "C:\\x", "./p://x"])
def test_a_path_is_no_url(path):
    assert not looks_like_url(path)
    assert not looks_like_url(Path(path))


def test_every_form_of_a_secret_is_masked(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "from the environment")
    url = postgres_url("postgresql://me:a%40b@h/d?sslpassword=k%2Fey")
    shown = url.without_secrets("a%40b a@b k%2Fey k/ey from the environment")
    assert shown == "*** *** *** *** ***"


CALLS = [
    ["load", "here", "postgresql://me:hunter2@h/d", "--system", "shop"],
    ["load", "here", "postgresql://me:p@hunter2@h/d", "--system", "shop"],
    ["load", "here", "mysql://h/d?password=hunter2&x=1", "--system", "shop"],
    ["load", "here", "--system", "shop", "--sytsem=postgresql://me:hunter2@h/d"],
    ["load", "here", "--system", "shop", "--batch", "postgresql://me:hunter2@h/d"],
    ["status", "postgresql://me:hunter2@h/d"],
]


@pytest.mark.parametrize("arguments", CALLS)
def test_a_wrong_call_does_not_quote_a_password(shop, arguments, monkeypatch, capfd):
    shop.delivery.mkdir()
    monkeypatch.setattr(sys, "argv", ["acrm", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfd.readouterr()
    assert ended.value.code == 2
    assert "rror" in err
    assert SECRET not in out + err


def test_a_draft_is_not_made_from_a_database():
    program = "import sys; from acrm.cli.app import main; sys.argv[0] = 'acrm'; main()"
    ran = run(program, "draft", "postgresql://me:hunter2@h/d", "--system", "shop2")
    assert ran.returncode == 2
    assert "from sample files, not from a database" in ran.stderr
    assert SECRET not in ran.stdout + ran.stderr


def test_a_url_in_the_place_of_a_system_is_not_quoted(shop):
    ran = shop.load(shop.delivery, system=f"postgresql://me:{SECRET}@h/d")
    assert ran.code == 2
    assert "--system names a pack" in ran.err
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize(
    ("host", "words"),
    [("nowhere.invalid", "host of the database is not known"), ("{port}", "No server")],
)
def test_a_host_without_a_server_is_told(shop, host, words):
    pytest.importorskip("adbc_driver_postgresql")
    with socket.socket() as taken:
        # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        host = host.replace("{port}", f"127.0.0.1:{taken.getsockname()[1]}")
        ran = shop.load(f"postgresql://me:{SECRET}@{host}/d")
    assert ran.code == 2
    assert words in ran.err
    assert host in ran.err
    assert SECRET not in ran.out + ran.err
    shop.assert_untouched()
