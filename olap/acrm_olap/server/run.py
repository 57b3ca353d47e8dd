"""Serve until it is told to end."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from types import FrameType

from acrm.errors import InputError
from acrm_olap.server.app import create_app
from acrm_olap.server.settings import Settings
from acrm_olap.server.warehouse import Warehouse

MOST_SECONDS_TO_END = 10
BACKLOG = 2048


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; what runs then may end first.

    Parameters
    ----------
    settings : Settings
        What is served, and to whom.

    Raises
    ------
    AcrmError
        If it cannot begin.
    """
    import uvicorn

    _log_to_stderr()
    # The server takes these over while it runs, lets what runs end, and raises them
    # again: that is an end as it should be.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    listening = _listen(settings.host, settings.port)
    try:
        warehouse = Warehouse(settings)
    except BaseException:
        listening.close()
        raise
    logging.getLogger("acrm.serve").info(
        "serving %s on %s", warehouse.state.source_name, _address(listening)
    )
    config = uvicorn.Config(
        create_app(warehouse),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, min(MOST_SECONDS_TO_END,
                                             int(settings.seconds))),
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[listening])


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Who comes while the cubes are opened waits, and is not turned away.
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"Cannot listen on {host}, port {port}.",
            where=str(error),
            hint="Give another --port, or 0 for a free one.",
        ) from error
    listening.set_inheritable(True)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name in ("acrm.serve", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if name == "acrm.serve" else logging.WARNING)
