"""One run: load what landed, build and audit what changed, publish what passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from acrm.building import Outcome, Selection
from acrm.building.dbt import Step
from acrm.errors import AcrmError, InputError, StorageError
from acrm.journal import DEFAULT_KEEP_LOGS, END, Journal, begin_journal
from acrm.loading.discovery import NothingDeliveredError
from acrm.loading.engine import DEFAULT_MEMORY
from acrm.loading.load import load
from acrm.loading.options import Listener as LoadListener
from acrm.loading.options import Options, Silent
from acrm.loading.postgres_url import PostgresUrl
from acrm.loading.results import FileResult, LoadResult
from acrm.lock import writer_lock
from acrm.nightly.ahead import ImportsDbt
from acrm.nightly.changes import Basis, present_basis, remember_basis, what_changed
from acrm.nightly.landing import Landing, find_landings
from acrm.nightly.summary import MINING, NEXT, Summary
from acrm.project import Project
from acrm.publication import Published, build_and_publish, mine_and_publish
from acrm.publication.release import DEFAULT_KEEP
from acrm.publication.standby import catch_up
from acrm.publication.upkeep import storage_told


class Listener(LoadListener, Protocol):
    """Whoever wants to know how a run goes on."""

    def build(self) -> None:
        """Take note that loading is over and building begins."""

    def node(self, step: Step) -> None:
        """Take note that a model or test has ended."""

    def table(self, name: str, done: int, total: int) -> None:
        """Take note that a table is ready to be published."""


class Unheard(Silent):
    """A listener that says nothing."""

    def build(self) -> None:
        """Say nothing."""

    def node(self, step: Step) -> None:
        """Say nothing."""

    def table(self, name: str, done: int, total: int) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Plan:
    """What to run.

    Parameters
    ----------
    paths : tuple of Path or PostgresUrl
        Landing folders, folders with one a system, or databases.
    system : str, optional
        The system of all of them.
    always : bool, default False
        Build and publish also where nothing changed.
    full : bool, default False
        Rebuild incremental models from all of the raw zone.
    target, variables : str, optional
        As of dbt.
    memory : str
        What a load may take.
    keep, keep_logs : int
        How many versions and logs to keep.
    takes : callable, optional
        Says of a file whether to look at it; all by default.
    stops : callable, optional
        Asked between steps whether to end.
    """

    paths: tuple[Path | PostgresUrl, ...]
    system: str = ""
    always: bool = False
    full: bool = False
    target: str = ""
    variables: str = ""
    memory: str = DEFAULT_MEMORY
    keep: int = DEFAULT_KEEP
    keep_logs: int = DEFAULT_KEEP_LOGS
    takes: Callable[[Path], bool] | None = None
    stops: Callable[[], bool] = field(default=lambda: False)


def run(project: Project, plan: Plan, listener: Listener | None = None) -> Summary:
    """Load, build, audit and publish under one lock.

    Files that cannot be used are refused, and the others go on. Where nothing came
    and nothing changed since the last publication, nothing is built.

    Parameters
    ----------
    project : Project
        What to run.
    plan : Plan
        From where, and how.
    listener : Listener, optional
        Is told how it goes on.

    Returns
    -------
    Summary
        Also of a run that failed: ask it for its exit code.

    Raises
    ------
    InputError
        If another run holds the lock, or the home cannot be written at all.
    """
    with writer_lock(project, "acrm run", for_steps=True):
        journal = begin_journal(
            project, plan.keep_logs, paths=[str(path) for path in plan.paths]
        )
        summary = Summary(journal.number, journal.path)
        started = time.monotonic()
        try:
            with storage_told(project, "run again"):
                _Run(project, plan, listener or Unheard(), journal, summary).all_steps()
        except AcrmError as error:
            summary.error = error
        except BaseException as error:
            journal.note(END, "interrupted", error=repr(error))
            raise
        finally:
            summary.seconds["all"] = _since(started)
        _note_end(journal, summary)
    return summary


class _Run:
    """One run under way."""

    def __init__(
        self,
        project: Project,
        plan: Plan,
        listener: Listener,
        journal: Journal,
        summary: Summary,
    ) -> None:
        self.project = project
        self.plan = plan
        self.listener = listener
        self.load_listener = ImportsDbt(listener)
        self.journal = journal
        self.summary = summary
        self.last_node = 0.0

    def all_steps(self) -> None:
        """Take one step after the other, as long as nobody says stop."""
        landings, problems = find_landings(
            self.project, self.plan.paths, self.plan.system
        )
        for problem in problems:
            self._refuse(problem)
        with self._timed("load"):
            try:
                for landing in landings:
                    if not self.summary.stopped:
                        self._load(landing)
            finally:
                self.load_listener.wait()
        if self._stops():
            return
        basis = present_basis(
            self.project, self.plan.target, self.plan.variables, str(self.plan.full)
        )
        self.summary.reason = what_changed(self.project, basis)
        if not self.summary.reason:
            if not self.plan.always:
                return
            self.summary.reason = "it was asked for"
        self._publish()
        if self.summary.published is None:
            return
        self._remember(self.summary.published, basis)
        if self.summary.published.awaits_mining and not self._stops():
            with self._timed(MINING):
                self._mine()
            self._remember(self.summary.mined, basis)

    def _load(self, landing: Landing) -> None:
        started = time.monotonic()
        options = Options(
            memory=self.plan.memory, sets_refused_apart=True, takes=self.plan.takes
        )
        try:
            result = load(
                self.project,
                landing.source,
                landing.system,
                options,
                self.load_listener,
            )
        except NothingDeliveredError:
            self.journal.note("load", "empty", system=landing.system)
            return
        except StorageError:
            raise
        except InputError as error:
            self._refuse(error, landing.system)
            return
        finally:
            self._stops()
        self.summary.loads.append(result)
        for file in result.files:
            self._note_file(result, file)
        for problem in result.problems:
            self._refuse(problem, landing.system)
        self.journal.note(
            "load",
            "loaded" if result.batch_id else "nothing_new",
            system=landing.system,
            rows=sum(each.rows_loaded for each in result.files),
            seconds=_since(started),
            batch=result.batch_id,
        )

    def _note_file(self, result: LoadResult, file: FileResult) -> None:
        self.journal.note(
            "load",
            file.status.value,
            system=result.system,
            table=file.table,
            rows=file.rows_loaded,
            file=file.source_file,
            quarantined=file.rows_quarantined,
        )

    def _refuse(self, problem: AcrmError, system: str | None = None) -> None:
        self.summary.problems.append(problem)
        self.journal.note(
            "load", "refused", system=system, what=problem.what, where=problem.where
        )

    def _publish(self) -> None:
        self.listener.build()
        self.journal.note("build", "started", reason=self.summary.reason)
        started = self.last_node = time.monotonic()
        try:
            built, published = build_and_publish(
                self.project,
                Selection(full=self.plan.full),
                target=self.plan.target,
                variables=self.plan.variables,
                keep=self.plan.keep,
                listener=self._node,
                on_table=self.listener.table,
            )
        finally:
            self.summary.seconds["build"] = round(self.last_node - started, 3)
            self.summary.seconds["publish"] = _since(self.last_node)
        self.summary.built = built
        self.summary.published = published
        self._note_build(built, self.summary.seconds["build"])
        if published is not None:
            self._note_version(published, self.summary.seconds["publish"])

    def _mine(self) -> None:
        """Do the mining of a month that has turned; readers have its numbers."""
        self.journal.note("build", "started", reason="a month has turned: mining")
        started = self.last_node = time.monotonic()
        built, self.summary.mined = mine_and_publish(
            self.project,
            target=self.plan.target,
            variables=self.plan.variables,
            keep=self.plan.keep,
            listener=self._node,
            on_table=self.listener.table,
        )
        self._note_build(built, round(self.last_node - started, 3))
        self._note_version(self.summary.mined, _since(self.last_node))

    def _note_build(self, built: Outcome, seconds: float) -> None:
        self.journal.note(
            "build",
            "warned" if built.warned else "passed",
            seconds=seconds,
            run_id=built.run_id,
            what=built.counts(),
        )

    def _note_version(self, published: Published, seconds: float) -> None:
        for entry in published.version.tables:
            self.journal.note("publish", "copied", table=entry.name, rows=entry.rows)
        self.journal.note(
            "publish",
            "published",
            rows=published.version.rows,
            seconds=seconds,
            version=published.version.number,
        )

    def _remember(self, published: Published | None, basis: Basis) -> None:
        """Note what readers have now, and let the next build begin with it."""
        if published is None:
            return
        remember_basis(
            self.project,
            published.version.number,
            basis,
            awaits_mining=published.awaits_mining,
        )
        started = time.monotonic()
        if catch_up(self.project, self.listener.table):
            seconds = _since(started)
            laid_out = self.summary.seconds.get(NEXT, 0.0)
            self.summary.seconds[NEXT] = round(laid_out + seconds, 3)
            self.journal.note("publish", "laid_out", seconds=seconds)

    def _node(self, step: Step) -> None:
        """Note a node of dbt; called from its threads, one at a time."""
        self.last_node = time.monotonic()
        self.journal.note(
            "build",
            step.status,
            table=step.name,
            seconds=round(step.seconds, 3),
            kind=step.kind,
        )
        if step.done == step.total:
            self.journal.note("build", "ended")  # what is left is to publish it
        self.listener.node(step)

    def _stops(self) -> bool:
        self.summary.stopped = self.summary.stopped or self.plan.stops()
        return self.summary.stopped

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.summary.seconds[step] = _since(started)


def _note_end(journal: Journal, summary: Summary) -> None:
    version = summary.version.number if summary.version else None
    journal.note(
        END,
        summary.outcome.value,
        rows=summary.rows_loaded,
        seconds=summary.seconds["all"],
        steps={name: spent for name, spent in summary.seconds.items() if name != "all"},
        exit_code=summary.exit_code,
        version=version,
        refused=len(summary.problems),
        error=summary.error.what if summary.error else None,
    )
    summary.log_failure = journal.failure


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
