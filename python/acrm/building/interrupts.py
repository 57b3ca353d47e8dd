"""Ctrl-C ends a dbt run, whatever its queries do.

On an interrupt dbt cancels the queries that run and waits for its threads. A query that
begins just after would be waited for to its end, which can be hours.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_POLL_SECONDS = 0.2


@contextmanager
def stoppable() -> Iterator[None]:
    """Cancel queries from the first interrupt on until the block has ended.

    Only the main thread gets interrupts; in another the block just runs. Whoever has
    a handler of their own decides themselves what an interrupt ends.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    over = threading.Event()

    def cancel() -> None:
        while not over.wait(_POLL_SECONDS):
            _cancel_queries()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=cancel, daemon=True).start()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)


def _cancel_queries() -> None:
    """Interrupt what every open connection of dbt's threads is doing."""
    from dbt.adapters.factory import FACTORY

    for adapter in list(FACTORY.adapters.values()):
        for connection in list(adapter.connections.thread_connections.values()):
            if connection.state == "open":
                connection.handle.cursor().interrupt()
