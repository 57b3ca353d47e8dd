"""Run questions in threads: few at once, each within its time, none for nobody.

A question is stopped when its time is over or its client goes away, whether it waits
or runs. An answer is counted until it was sent, so that slow readers take a bounded
part of the memory.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from acrm_olap.errors import QueryStoppedError
from acrm_olap.running.bounds import bounded
from acrm_olap.server.problems import busy
from acrm_olap.server.settings import Settings

T = TypeVar("T")
Gone = Callable[[], Awaitable[None]]


async def first_of(*futures: asyncio.Future[Any]) -> None:
    """Wait until one of several is done."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


class Workers:
    """The threads of a server.

    Parameters
    ----------
    settings : Settings
        Its limits.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pool = ThreadPoolExecutor(settings.running, thread_name_prefix="acrm-ask")
        self.slots = asyncio.Semaphore(settings.running)
        self.answers = asyncio.Semaphore(settings.open_answers)
        self.waiting = 0
        self.running = 0

    async def run(self, work: Callable[[], T], gone: Gone) -> T:
        """Return what a function returns, run in a thread.

        Parameters
        ----------
        work : callable
            What is done; its statements are stopped when it has to end.
        gone : callable
            Returns when the client has gone away.

        Raises
        ------
        HttpError
            If too many wait.
        QueryStoppedError
            If it took too long, or the client went away.
        """
        leaving = asyncio.ensure_future(gone())
        try:
            await self._enter(self.slots, leaving)
            try:
                return await self._run(work, leaving)
            finally:
                self.slots.release()
        finally:
            leaving.cancel()

    async def hold_answer(self, gone: Gone) -> None:
        """Take the place of an answer in memory; ``release_answer`` gives it back."""
        leaving = asyncio.ensure_future(gone())
        try:
            await self._enter(self.answers, leaving)
        finally:
            leaving.cancel()

    def release_answer(self) -> None:
        """Give the place of an answer back."""
        self.answers.release()

    async def _enter(
        self, places: asyncio.Semaphore, leaving: asyncio.Future[None]
    ) -> None:
        if places.locked() and self.waiting >= self.settings.waiting:
            raise busy(self.waiting)
        self.waiting += 1
        entering: asyncio.Future[Any] = asyncio.ensure_future(places.acquire())
        try:
            await first_of(entering, leaving)
        except asyncio.CancelledError:
            self._turn_back(entering, places)
            raise
        finally:
            self.waiting -= 1
        if leaving.done():
            self._turn_back(entering, places)
            raise QueryStoppedError("The query was stopped.")

    @staticmethod
    def _turn_back(entering: asyncio.Future[Any], places: asyncio.Semaphore) -> None:
        if entering.done():
            places.release()
        else:
            entering.cancel()

    async def _run(self, work: Callable[[], T], leaving: asyncio.Future[None]) -> T:
        stop = threading.Event()

        def within() -> T:
            with bounded(self.settings.seconds, stop):
                return work()

        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self.pool, context.run, within)
        self.running += 1
        try:
            await first_of(done, leaving)
            if not done.done():
                stop.set()
            # The place is given up only when the thread is free again.
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({done})
            raise
        finally:
            self.running -= 1

    def close(self) -> None:
        """Wait for what runs, and end the threads."""
        self.pool.shutdown(cancel_futures=True)
