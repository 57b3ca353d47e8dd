"""A server of its own process: what stops, what waits, what ends."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest

PATIENCE = 30
FOREVER = {"cube": "heavy", "measures": ["amount"], "rows": ["bucket.bucket"]}


def with_olap(environment):
    python = environment["PYTHONPATH"]
    return {**environment, "PYTHONPATH": f"{python}{os.pathsep}{python}/../olap"}


@contextmanager
def served(star, python_environment, *more):
    """The command, and where it listens."""
    command = [
        *(sys.executable, "-m", "acrm", "serve", "--port", "0", "--memory", "500MB"),
        *("--database", str(star[0]), "--definitions", str(star[1]), *more),
    ]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=with_olap(python_environment)
    )
    lines: queue.Queue[str] = queue.Queue()

    def read():
        for line in process.stderr:
            lines.put(line)
        lines.put("")

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            line = lines.get(timeout=PATIENCE)
            assert line, "the server ended before it served"
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        yield int(found[1]), process
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stderr.close()


@pytest.fixture
def server(star, python_environment):
    with served(star, python_environment, "--running", "2") as (port, process):
        yield f"http://127.0.0.1:{port}", process


def until(url, **wanted):
    """Look at the server until it is so; return how long that took."""
    started = time.monotonic()
    while True:
        health = httpx.get(f"{url}/health").json()
        if all(health[name] == value for name, value in wanted.items()):
            return time.monotonic() - started
        assert time.monotonic() < started + PATIENCE, health


def half_a_request(url, body):
    """Ask, and return the connection without waiting for the answer."""
    port = int(url.rpartition(":")[2])
    connection = socket.create_connection(("127.0.0.1", port))
    text = body.encode()
    connection.sendall(
        b"POST /query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json"
        b"\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
    )
    return connection


def test_a_question_stops_when_its_client_goes_away(server):
    url, _ = server
    both = [half_a_request(url, json.dumps({**FOREVER, "limit": n})) for n in (1, 2)]
    until(url, running=2)
    waits = half_a_request(url, json.dumps({**FOREVER, "limit": 3}))
    until(url, running=2, waiting=1)
    waits.close()
    assert until(url, running=2, waiting=0) < 5
    for each in both:
        each.close()
    assert until(url, running=0) < 5
    assert httpx.get(f"{url}/cubes/sales/query?measures=net").status_code == 200


def test_what_waits_for_an_equal_question_does_not_stop_with_it(server):
    url, _ = server
    first = half_a_request(url, json.dumps(FOREVER))
    until(url, running=1)
    second = half_a_request(url, json.dumps(FOREVER))
    until(url, running=2)
    first.close()
    assert until(url, running=1) < 5
    second.close()
    assert until(url, running=0) < 5


def test_a_question_stops_when_its_time_is_over(star, python_environment):
    with served(star, python_environment, "--seconds", "0.5") as (port, _):
        url = f"http://127.0.0.1:{port}"
        started = time.monotonic()
        found = httpx.post(f"{url}/query", json=FOREVER, timeout=PATIENCE)
        assert time.monotonic() - started < 5
        assert found.status_code == 504
        assert found.json()["what"] == "The query took longer than 0.5 seconds."
        until(url, running=0)


def test_a_hundred_questions_at_once_are_all_answered(server):
    url, process = server

    async def ask_all():
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=url, timeout=PATIENCE * 2, limits=limits
        ) as client:
            return await asyncio.gather(
                *(
                    client.post(
                        "/query",
                        json={
                            "cube": "sales", "measures": ["net", "customers"],
                            "rows": ["date.day", "product.product"],
                            "calculated": {f"x{n}": "net"}, "subtotals": True,
                        },
                    )
                    for n in range(100)
                )
            )  # fmt: skip

    answers = asyncio.run(ask_all())
    assert {each.status_code for each in answers} == {200}
    assert len({each.text.partition('"cells"')[2] for each in answers}) == 1
    resident = most_memory(process.pid)
    assert resident < 900_000, f"{resident:,} kB"


def most_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123
        (line,) = [each for each in status if each.startswith("VmHWM")]
    return int(line.split()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(server, number):
    url, process = server
    assert httpx.get(f"{url}/health").status_code == 200
    process.send_signal(number)
    assert process.wait(timeout=PATIENCE) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_it_ends_while_a_question_runs(star, python_environment):
    with served(star, python_environment, "--seconds", "2") as (port, process):
        url = f"http://127.0.0.1:{port}"
        asked = half_a_request(url, json.dumps(FOREVER))
        until(url, running=1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
        asked.close()


def test_a_body_that_is_too_large_is_refused(make_client):
    client = make_client(body_bytes=1000)
    body = {"cube": "sales", "measures": ["net"], "having": "n" * 2000}
    assert client.post("/query", body).status_code == 413

    async def parts():
        yield b'{"cube": "sales", "measures": ["'
        yield b"n" * 2000

    found = client.runner.run(
        client.http.post(
            "/query", content=parts(), headers={"Content-Type": "application/json"}
        )
    )
    assert found.status_code == 413
    assert found.json()["error"] == "too_large"


def test_an_answer_that_is_too_large_is_refused(make_client):
    client = make_client(cells=100)
    found = client.ask(measures=["net"], rows=["date.day"])
    assert found.status_code == 413
    assert "more than 100 cells" in found.json()["what"]
    assert client.ask(measures=["net"], rows=["date.day"], limit=100).status_code == 200


def test_a_port_that_is_taken_is_one_message(star, python_environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "acrm", "serve", "--port", port),
                *("--database", str(star[0]), "--definitions", str(star[1])),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=with_olap(python_environment),
        )
    assert ended.returncode == 2
    assert "Cannot listen on 127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.stderr
