from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from served_star import settings_for

import acrm_olap.server
from acrm.cli import app as front
from acrm_olap.server.access import hash_of, read_access
from acrm_olap.server.app import ROUTES
from acrm_olap.server.asking import Sent
from acrm_olap.server.warehouse import Warehouse
from acrm_olap.server.work import Workers

PAGE = Path(acrm_olap.server.__file__).with_name("README.md").read_text()


@pytest.fixture
def serve(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["acrm", "serve", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            front.main()
        return ended.value.code or 0, capsys.readouterr()

    return run


def test_a_new_token_is_shown_once_with_the_line_for_the_file(serve, tmp_path):
    code, printed = serve("--new-token", "north")
    assert code == 0
    token, line = printed.out.splitlines()
    path = tmp_path / "tokens.yml"
    path.write_text(f"roles: {{north: {{}}}}\ntokens:\n{line}\n")
    (found,) = read_access(path).tokens
    assert (found.sha256, found.role) == (hash_of(token), "north")
    assert token not in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "Without tokens"),  # noqa: S104 -- refused
        (("--seconds", "0"), "seconds is 0"),
        (("--memory", "much"), "no size"),
        (("--allow-origin", "example.com"), "no origin"),
        (("--new-token", "a: b"), "no name of a role"),
        (("--version", "1", "--database", "x"), "another file"),
        (("--tokens", "nowhere.yml"), "cannot be read"),
        (("--database", "nowhere.duckdb"), "no such file"),
        (("--definitions", "nowhere"), "does not exist"),
    ],
)
def test_a_mistake_is_one_message(serve, star, arguments, said):
    given = ["--port", "0"]
    for name, value in (("--database", star[0]), ("--definitions", star[1])):
        if name not in arguments and "--version" not in arguments:
            given += [name, value]
    code, printed = serve(*given, *arguments)
    assert code == 2
    assert said in printed.err
    assert "Traceback" not in printed.err


def test_queries_together_take_no_more_than_they_may(star):
    warehouse = Warehouse(settings_for(*star))
    ((limit,),) = warehouse.state.engine.database.rows(
        "select current_setting('memory_limit')"
    )
    warehouse.close()
    assert limit == "476.8 MiB"


def test_an_answer_that_is_not_taken_is_dropped(star):
    """A client that reads nothing gives its place back after the time of a request."""
    settings = settings_for(*star, seconds=0.05, open_answers=1)

    async def send():
        workers = Workers(settings)

        async def stays():
            await asyncio.Event().wait()

        async def never(_message):
            await asyncio.Event().wait()

        await workers.hold_answer(stays)
        assert workers.answers.locked()
        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        await Sent(iter([b"x"]), workers)(scope, stays, never)
        assert not workers.answers.locked()
        workers.close()

    asyncio.run(send())


def test_the_page_has_every_route():
    told = set(re.findall(r"`(?:GET|POST) (/[^`]*)`", PAGE))
    assert told == {"/", *ROUTES.values()}
