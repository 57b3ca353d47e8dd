"""One call of dbt in this process: environment, log, errors, and the file let go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from acrm.building.database import check_database, explain_database_error
from acrm.building.interrupts import stoppable
from acrm.errors import InputError
from acrm.project import (
    DATABASE_VARIABLE,
    WAREHOUSE_VARIABLE,
    Project,
    memory_limit,
)


@dataclass(frozen=True)
class Step:
    """One node that has just ended, for whoever shows progress.

    Parameters
    ----------
    name, kind, status : str
        As in :class:`acrm.building.Node`.
    done, total : int
        How many nodes have ended, of how many.
    seconds : float
        How long it ran.
    """

    name: str
    kind: str
    status: str
    done: int
    total: int
    seconds: float = 0.0


Listener = Callable[[Step], None]


@dataclass
class Dbt:
    """dbt for one project, target and set of variables; the project is parsed once.

    Parameters
    ----------
    project : Project
        Where the dbt project and the build file are.
    target : str, optional
        The target of ``profiles.yml``; its default one if empty.
    variables : str, optional
        YAML or JSON, as of ``dbt --vars``.
    """

    project: Project
    target: str = ""
    variables: str = ""
    _manifest: Any = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """The log that dbt writes."""
        return self.project.root / "logs" / "dbt.log"

    @property
    def target_path(self) -> Path:
        """Folder for what dbt writes beside the build file."""
        return self.project.root / "target"

    def manifest(self) -> Any:
        """Parse the project, once, and return dbt's ``Manifest``.

        Raises
        ------
        InputError
            If the project, its profile or its target cannot be read.
        """
        if self._manifest is None:
            self._check_yaml()
            with self._environment():
                # what follows writes target/manifest.json, which takes as long again
                parsed = self._invoke(["parse", "--no-write-json"], ())
                self._manifest = parsed.result
                self._check_target()
        return self._manifest

    def variable(self, name: str, default: Any = None) -> Any:
        """Return a variable as dbt has it: of the command line, else of the project."""
        import yaml

        self.manifest()  # which tells what is wrong with either
        given = yaml.safe_load(self.variables or "{}")
        if name in given:
            return given[name]
        text = (self.project.root / "dbt_project.yml").read_text(encoding="utf-8")
        settings = yaml.safe_load(text)
        shared = settings.get("vars") or {}
        own = shared.get(settings.get("name"))
        if isinstance(own, dict) and name in own:
            return own[name]
        return shared.get(name, default)

    def check_writable(self) -> None:
        """Raise unless the build file can be opened for writing."""
        check_database(self.project.database)

    def run(self, arguments: Sequence[str], listener: Listener | None = None) -> Any:
        """Run one dbt command and return its result; the build file is closed after.

        Parameters
        ----------
        arguments : sequence of str
            The command and its own options.
        listener : callable, optional
            Called with each :class:`Step`, from dbt's worker threads.

        Returns
        -------
        object
            What dbt returns for the command, also when nodes failed.

        Raises
        ------
        InputError
            If dbt stopped before it ran its nodes, or the build file is in the way.
        """
        memory_limit()
        self.manifest()
        callbacks = (_callback(listener),) if listener else ()
        with self._environment():
            self.check_writable()
            try:
                with stoppable():
                    return self._invoke(arguments, callbacks).result
            finally:
                _close_database()

    def _invoke(self, arguments: Sequence[str], callbacks: Sequence[Any]) -> Any:
        from dbt.cli.main import dbtRunner

        command = [
            "--log-level=none",
            "--log-level-file=info",
            f"--log-path={self.log.parent}",
            "--no-use-colors",
            "--no-send-anonymous-usage-stats",
            *arguments,
            f"--project-dir={self.project.root}",
            f"--profiles-dir={self._profiles()}",
            f"--target-path={self.target_path}",
            *([f"--target={self.target}"] if self.target else []),
            *([f"--vars={self.variables}"] if self.variables else []),
        ]
        runner = dbtRunner(manifest=self._manifest, callbacks=list(callbacks))
        _make_no_event_loops()
        _make_no_events_of_queries()
        try:
            answer = runner.invoke(command)
        finally:
            _close_log()
        if answer.exception is None:
            return answer
        if not isinstance(answer.exception, Exception):
            raise answer.exception
        raise self._explain(arguments[0], str(answer.exception)) from answer.exception

    def _explain(self, command: str, message: str) -> InputError:
        known = explain_database_error(message, self.project.database)
        if known is not None:
            return known
        text = "\n    ".join(line for line in message.splitlines() if line.strip())
        return InputError(
            f"dbt {command} stopped before it ran anything.",
            where=text,
            hint=f"Mend what dbt names; the whole story is in {self.log}.",
        )

    def _profiles(self) -> Path:
        given = os.environ.get("DBT_PROFILES_DIR")
        if given:
            return Path(given).absolute()
        beside = self.project.root / "profiles.yml"
        if not beside.is_file():
            raise InputError(
                "The dbt project has no profile.",
                where=f"{beside} does not exist",
                hint="Restore it, or set DBT_PROFILES_DIR to the folder that has one.",
            )
        return self.project.root

    def _check_yaml(self) -> None:
        """Name the file or option, which dbt does not do for these two."""
        import yaml

        path = self.project.root / "dbt_project.yml"
        for where, text in (
            (str(path), path.read_text(encoding="utf-8")),
            ("--vars", self.variables or "{}"),
        ):
            try:
                value = yaml.safe_load(text)
            except yaml.YAMLError as error:
                raise InputError(
                    f"{where} is not valid YAML.",
                    where=" ".join(str(error).split()),
                    hint="Mend it, then try again.",
                ) from error
            if not isinstance(value, dict):
                raise InputError(
                    f"{where} is not a mapping of names to values.",
                    where=text[:80],
                    hint="Write it as {name: value}.",
                )

    def _check_target(self) -> None:
        """Only what dbt builds into the file that we publish can be published."""
        from dbt.config.runtime import load_profile
        from dbt.config.utils import parse_cli_yaml_string

        variables = parse_cli_yaml_string(self.variables or "{}", "vars")
        profile = load_profile(
            str(self.project.root), variables, None, self.target or None
        )
        credentials: Any = profile.credentials
        if credentials.type != "duckdb":
            raise InputError(
                f"Target {profile.target_name!r} is of type"
                f" {credentials.type!r}, not DuckDB.",
                where=str(self._profiles() / "profiles.yml"),
                hint="Build it with dbt itself; only a DuckDB file can be published.",
            )
        path = Path(credentials.path).absolute()
        if path != self.project.database:
            raise InputError(
                f"Target {profile.target_name!r} builds {path},"
                f" but {self.project.database} would be published.",
                where=str(self._profiles() / "profiles.yml"),
                hint=f"Write its path as env_var('{DATABASE_VARIABLE}', …), or set"
                f" {DATABASE_VARIABLE} to {path}.",
            )

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """Work in the project's folder, with absolute paths for dbt to read."""
        wanted = {
            DATABASE_VARIABLE: str(self.project.database),
            WAREHOUSE_VARIABLE: str(self.project.home),
        }
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            with chdir(self.project.root):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name)
                else:
                    os.environ[name] = value


def _callback(listener: Listener) -> Callable[[Any], None]:
    done = total = 0
    one_by_one = Lock()

    def on_event(event: Any) -> None:
        with one_by_one:
            tell(event)

    def tell(event: Any) -> None:
        nonlocal done, total
        if event.info.name == "ConcurrencyLine":
            total = event.data.node_count
        elif event.info.name == "NodeFinished":
            node = event.data.node_info
            if node.resource_type == "operation":
                return
            done += 1
            listener(
                Step(
                    node.node_name,
                    node.resource_type,
                    node.node_status,
                    done,
                    total,
                    event.data.run_result.execution_time,
                )
            )

    return on_event


def _make_no_event_loops() -> None:
    """Keep dbt-duckdb from making a loop a thread for Python models, and leaving it.

    Ours do nothing asynchronous, and a loop that nobody closes keeps its sockets.
    """
    from dbt.adapters.duckdb import environments

    vars(environments)["_ensure_event_loop"] = lambda: None


def _make_no_events_of_queries() -> None:
    """Keep dbt from making three events of each of some thousand queries of a build.

    They are of level debug, of which nobody hears, and are dear to make.
    """
    from dbt.adapters.sql import connections
    from dbt_common.events.functions import fire_event

    def fire_heard(event: Any, *arguments: Any, **options: Any) -> None:
        if event is not None:
            fire_event(event, *arguments, **options)

    names = vars(connections)
    names["fire_event"] = fire_heard
    for event in ("ConnectionUsed", "SQLQuery", "SQLQueryStatus"):
        names[event] = lambda **_: None


def _close_log() -> None:
    """Close the log file, which dbt leaves to the end of the process."""
    from dbt_common.events.event_manager_client import (
        cleanup_event_logger,
        get_event_manager,
    )

    for each in get_event_manager().loggers:
        if each._python_logger is not None:
            for handler in list(each._python_logger.handlers):
                each._python_logger.removeHandler(handler)
                handler.close()
    cleanup_event_logger()


def _close_database() -> None:
    """Close the file that dbt-duckdb keeps open, so that others can read it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager as Manager

    if Manager._ENV is not None:
        Manager._ENV.close()
        Manager.close_all_connections()
