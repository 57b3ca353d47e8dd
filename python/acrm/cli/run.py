"""``acrm run``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.cli.publishing import Keep, Target

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from acrm.building.dbt import Step
    from acrm.cli.progress import Reporter
    from acrm.errors import AcrmError
    from acrm.loading.results import FileResult
    from acrm.nightly import Plan, Summary
    from acrm.project import Project

_EVERY = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def run_command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Landing folders: of a system by name, or with a folder a system; or "
            "postgresql://user@host:port/database with --system.",
        ),
    ],
    system: Annotated[
        str, typer.Option(help="The system of all sources, whatever their names.")
    ] = "",
    always: Annotated[
        bool, typer.Option("--always", help="Build also where nothing changed.")
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Rebuild incremental models from all raw data."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: run whenever something landed.")
    ] = False,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="How often to look: 10s, 5m, 1h.")
    ] = "10s",
    markers: Annotated[
        bool,
        typer.Option(
            "--markers",
            help="Watch: take only files with a marker, FILE.done or _SUCCESS.",
        ),
    ] = False,
    variables: Annotated[
        str, typer.Option("--vars", help="dbt variables as YAML.")
    ] = "",
    target: Target = "",
    memory: Annotated[
        str, typer.Option(help="Memory a load may use before spilling to disk.")
    ] = "4GB",
    keep: Keep = 5,
    keep_logs: Annotated[
        int, typer.Option("--keep-logs", help="Logs of runs to keep.")
    ] = 100,
    json_output: Annotated[
        bool,
        typer.Option("--json", help="Print the summary as JSON; messages to stderr."),
    ] = False,
) -> None:
    """Load what landed, build, audit and publish: what a scheduler starts at night.

    One run holds the warehouse from start to end. Files that cannot be used are
    refused, and the others go on. Where nothing came and nothing changed since the
    last publication, nothing is built. The log is warehouse/logs/run-NUMBER.jsonl.
    A password is best left out of a URL: PGPASSWORD and ~/.pgpass are read.

    Where a month has turned, readers have its numbers before mining begins, and mining
    as a version of its own.

    Exit code 0: published, or nothing new. 1: a build or audit did not pass; readers
    keep what they have. 2: something could not be used as given, such as a refused
    file, and the others are published; or the run could not begin or go on.
    """
    from acrm.loading.postgres_url import hide_argument, looks_like_url, postgres_url
    from acrm.nightly import Plan
    from acrm.project import find_project

    for source in sources:
        hide_argument(source)
    project = find_project()
    plan = Plan(
        paths=tuple(
            postgres_url(source) if looks_like_url(source) else Path(source)
            for source in sources
        ),
        system=system,
        always=always,
        full=full,
        target=target,
        variables=variables,
        memory=memory,
        keep=keep,
        keep_logs=keep_logs,
    )
    seconds = _seconds(every)
    if watch:
        _watch(project, plan, seconds, markers=markers, json_output=json_output)
    else:
        _run_once(project, plan, json_output=json_output)


def _run_once(project: Project, plan: Plan, *, json_output: bool) -> None:
    from acrm.nightly import run

    with RunProgress() as shown:
        summary = run(project, plan, shown)
    _print(summary, json_output=json_output)
    raise typer.Exit(summary.exit_code)


def _watch(
    project: Project, plan: Plan, seconds: float, *, markers: bool, json_output: bool
) -> None:
    from acrm.console import err
    from acrm.nightly import Watch, watch

    err().print(
        f"Watching {', '.join(map(str, plan.paths))} every {seconds:g} s."
        " End with Ctrl-C.",
        markup=False,
    )
    watch(
        project,
        plan,
        Watch(seconds, needs_marker=markers),
        on_run=lambda summary: _print(summary, json_output=json_output),
        on_error=_print_error,
        showing=RunProgress,
    )
    err().print("Ended: nothing is left half done.")


def _seconds(text: str) -> float:
    from acrm.errors import InputError

    match = _EVERY.fullmatch(text.strip())
    seconds = float(match["count"]) * _SECONDS[match["unit"]] if match else 0.0
    if not seconds:
        raise InputError(
            f"{text!r} is no time between two looks.",
            where="--every",
            hint="Write a number above 0 and s, m or h, such as 10s.",
        )
    return seconds


class RunProgress:
    """Progress of loading, then of building: bars on a terminal, elsewhere lines."""

    def __init__(self) -> None:
        from contextlib import ExitStack

        from acrm.cli.load import LoadProgress

        self._stack = ExitStack()
        self._load = LoadProgress()
        self._build: Reporter | None = None

    def __enter__(self) -> RunProgress:
        self._stack.enter_context(self._load)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def begin(self, name: str, number: int, total: int) -> None:
        """Begin a file."""
        self._load.begin(name, number, total)

    def report(self, share: float) -> None:
        """Move the file's bar."""
        self._load.report(share)

    def end(self, result: FileResult) -> None:
        """Tell what became of a file."""
        self._load.end(result)

    def build(self) -> None:
        """Take the bars of loading away, and show those of building."""
        from acrm.cli.progress import reporting

        self._stack.close()
        self._build = self._stack.enter_context(reporting())

    def node(self, step: Step) -> None:
        """Show a model or test that has ended."""
        if self._build is not None:
            self._build.node(step)

    def table(self, name: str, done: int, total: int) -> None:
        """Show a table that is ready."""
        if self._build is not None:
            self._build.table(name, done, total)


def _print(summary: Summary, *, json_output: bool) -> None:
    import json
    from dataclasses import replace

    from acrm.cli.load import print_files, print_over_tolerance
    from acrm.cli.publishing import show_published, show_warnings
    from acrm.console import err, out

    if json_output:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False, indent=2))
    console = err() if json_output else out()
    for load in summary.loads:
        came = [each for each in load.files if each.status.value != "already_loaded"]
        if came:
            print_files(replace(load, files=came), console)
    if summary.built is not None and not json_output:
        console.print(f"Built {summary.built.counts()}.", markup=False)
    if summary.built is not None:
        show_warnings(summary.built)
    if summary.mined is not None:
        show_warnings(summary.mined.outcome)
    for published in (summary.published, summary.mined):
        if published is not None and not json_output:
            show_published(published)
    for load in summary.loads:
        print_over_tolerance(load)
    for problem in summary.problems:
        _print_error(problem, head="Refused:")
    if summary.error is not None:
        _print_error(summary.error)
    _print_end(summary, console)


def _print_end(summary: Summary, console: Console) -> None:
    """Say in one line what the run came to, and where its log is."""
    from acrm.nightly import Outcome

    version = summary.published.version.number if summary.published else None
    mined = summary.mined.version.number if summary.mined else None
    mining = {
        "published": f", then version {mined} with mining of the last month",
        "failed": "; mining of the last month was not done, the next run tries again",
        "stopped": "; mining of the last month is left to the next run",
        "none": "",
    }[summary.mining]
    came_to = {
        Outcome.PUBLISHED: f"published version {version}",
        Outcome.NOTHING_NEW: "nothing new, nothing published",
        Outcome.FAILED: "failed, readers keep what they have",
        Outcome.NOT_RUN: "did not come to its end, readers keep what they have",
        Outcome.STOPPED: "ended early, as asked; the next run goes on",
    }[summary.outcome]
    steps = ", ".join(
        f"{name} {seconds:.1f} s"
        for name, seconds in summary.seconds.items()
        if name != "all"
    )
    console.print(
        f"Run {summary.number}: {came_to}, in {summary.seconds_to_readers:.1f} s"
        f"{f' ({steps})' if steps else ''}{mining}. Log: {summary.log}",
        markup=False,
    )
    if summary.log_failure:
        console.print(f"The log is not whole: {summary.log_failure}.", markup=False)


def _print_error(error: AcrmError, head: str = "Error:") -> None:
    from rich.text import Text

    from acrm.console import err

    # A message may quote square brackets; they are no markup.
    err().print(Text.assemble((head, "bold red"), f" {error}"))
