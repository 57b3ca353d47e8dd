"""Before and after every request: its size, host and headers, a line in the log."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from acrm_olap.server.problems import Problem, problem
from acrm_olap.server.settings import Settings, is_loopback

log = logging.getLogger("acrm.serve")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
CLOSED_BY_CLIENT = 499


class Guard:
    """The outermost part of the server.

    Parameters
    ----------
    app : callable
        What it guards.
    settings : Settings
        Its limits.
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        # Where other origins are allowed, a page of theirs may read the answers.
        self.headers = [
            each
            for each in HEADERS
            if not (settings.allow_origin and each[0].startswith(b"cross-origin"))
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = CLOSED_BY_CLIENT

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *self.headers]
            await send(message)

        try:
            refused = self._refused(scope)
            if refused is not None:
                await _answer(sending, *refused)
                return
            await self.app(scope, self._counted(receive), sending)
        finally:
            took = (time.perf_counter() - started) * 1000
            log.info(
                "%s %s %s %s %.1f ms", _client(scope), scope["method"],
                json.dumps(scope["path"])[1:-1], status, took,
            )  # fmt: skip

    def _refused(self, scope: Scope) -> tuple[int, Problem] | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if self.settings.tokens is None and not is_loopback(_name_of(host)):
            # A page of another site, whose name was pointed to this machine.
            return 403, problem(
                "forbidden", "This machine alone is served.", where="header Host",
                hint="Ask http://127.0.0.1, or start the server with --tokens.",
            )  # fmt: skip
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and not self._is_welcome(origin, host):
            return 403, problem(
                "forbidden", "Pages of this origin may not ask.", where="header Origin",
                hint="Start the server with --allow-origin ORIGIN.",
            )  # fmt: skip
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self.settings.body_bytes:
            return 413, self._too_large()
        return None

    def _is_welcome(self, origin: str, host: str) -> bool:
        return (
            origin in self.settings.allow_origin or origin.partition("://")[2] == host
        )

    def _too_large(self) -> Problem:
        most = self.settings.body_bytes
        return problem(
            "too_large", "The request is too large.",
            hint=f"At most {most:,} bytes are read; cut a level above, or use a set.",
        )  # fmt: skip

    def _counted(self, receive: Receive) -> Receive:
        taken = 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.settings.body_bytes:
                raise HTTPException(413)
            return message

        return receiving


def _name_of(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.partition(":")[0]


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"


async def _answer(send: Send, status: int, found: Problem) -> None:
    body = json.dumps(found.model_dump(), ensure_ascii=False).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
