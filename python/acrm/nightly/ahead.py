"""What a build will need, got ready while a load still runs."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from threading import Thread

from acrm.loading.options import Listener
from acrm.loading.results import FileResult

DBT = "dbt.cli.main"


class ImportsDbt:
    """A load's listener that has dbt imported beside it, and passes on what it hears.

    The import takes a second of Python, in which DuckDB reads on. It begins with the
    first file, so that a run that finds nothing new does without.

    Parameters
    ----------
    listener : Listener
        Who hears all of it.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.thread: Thread | None = None

    def begin(self, name: str, number: int, total: int) -> None:
        """Import dbt, if that has not begun yet."""
        if self.thread is None:
            self.thread = Thread(target=_import_dbt, name="import dbt")
            self.thread.start()
        self.listener.begin(name, number, total)

    def report(self, share: float) -> None:
        """Pass it on."""
        self.listener.report(share)

    def end(self, result: FileResult) -> None:
        """Pass it on."""
        self.listener.end(result)

    def wait(self) -> None:
        """Let the import come to its end, which Python cannot leave in the middle."""
        if self.thread is not None:
            self.thread.join()


def _import_dbt() -> None:
    # whoever needs it imports it again, and says what is wrong with it
    with suppress(ImportError):
        import_module(DBT)
