"""Build the warehouse in its private file, and check what stands in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from acrm.building.database import explain_database_error
from acrm.building.dbt import Dbt, Listener
from acrm.building.examples import with_examples
from acrm.building.outcome import BUILT, Outcome, read_outcome
from acrm.building.record import (
    BuildRecord,
    generation_of,
    mark_of,
    new_generation,
    read_record,
    write_record,
)
from acrm.errors import InputError
from acrm.project import Project

_DATA_ONLY = ("--exclude-resource-type", "unit_test")
_WANTED = "wanted_by_this_build"
_ONLY_WANTED = ("--select", f"tag:{_WANTED}", "--indirect-selection", "empty")


@dataclass(frozen=True)
class Selection:
    """Which part of the project to build, in dbt's selection syntax; all if empty.

    Parameters
    ----------
    select, exclude : tuple of str
        As of ``dbt build --select`` and ``--exclude``.
    full : bool, default False
        Rebuild incremental models from all of the raw zone.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    full: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.select and not self.exclude

    def arguments(self) -> list[str]:
        """Return the options for dbt."""
        options: list[str] = []
        if self.select:
            options += ["--select", *self.select]
        if self.exclude:
            options += ["--exclude", *self.exclude]
        if self.full:
            options.append("--full-refresh")
        return options


def build(
    project: Project,
    dbt: Dbt,
    selection: Selection | None = None,
    *,
    spared: Collection[str] = (),
    mines: bool = False,
    listener: Listener | None = None,
) -> Outcome:
    """Run models, seeds and data tests into the build file; the caller holds the lock.

    Parameters
    ----------
    project : Project
        What to build, and where.
    dbt : Dbt
        The parsed project.
    selection : Selection, optional
        A part of it; everything by default.
    spared : collection of str, optional
        Unique ids of nodes of a whole build that stand as they would be built.
    mines : bool, default False
        Whether it is the build of mining on what readers have.
    listener : callable, optional
        Told of each node that ends.

    Returns
    -------
    Outcome
        Also if nodes failed: ask it with ``require_pass``.

    Raises
    ------
    InputError
        If dbt cannot start, or the selection meets nothing.
    """
    selection = selection or Selection()
    dbt.manifest()
    before = _record_before(project)
    running = BuildRecord(
        run_id="",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        status="running",
        complete=False,
        generation=(
            new_generation()
            if selection.full
            else generation_of(project.database, before)
        ),
        stripped=before is not None and before.stripped,
        mines=mines,
    )
    command = ["build", *_DATA_ONLY, *selection.arguments()]
    if selection.full or before is None:
        # Each query takes all cores and much memory; two side by side take twice that.
        command += ["--threads", "1"]

    dbt.check_writable()
    write_record(project.database, running)
    if running.stripped and not selection.is_whole:
        _restore(dbt, listener).require_pass(
            "What the part is built from", readers="Readers keep what they have."
        )
        running = replace(running, stripped=False)
        write_record(project.database, running)
    if spared:
        # told what to run: with what it leaves out, dbt leaves out the tests of that
        ran = _run_only(dbt, _all_but(dbt, spared), command, listener)
    else:
        ran = dbt.run(command, listener)
    outcome = with_examples(read_outcome(ran, project.root), project.database)

    if not outcome.nodes:
        if before is not None:
            write_record(project.database, before)
        raise _nothing_selected(dbt, selection)
    for node in outcome.failed:
        # The record stays at "running": this build did not come to its end.
        in_the_way = explain_database_error(node.message, project.database)
        if in_the_way is not None:
            raise in_the_way
    passed = not outcome.failed
    was_complete = selection.is_whole or (before is not None and before.complete)
    write_record(
        project.database,
        replace(
            running,
            run_id=outcome.run_id,
            status="pass" if passed else "fail",
            complete=passed and was_complete,
            failed=tuple(node.name for node in outcome.failed),
            mark=mark_of(project.database),
            stripped=running.stripped and not passed,
        ),
    )
    return outcome


def _all_but(dbt: Dbt, spared: Collection[str]) -> frozenset[str]:
    """Return what there is to build and test, but for some."""
    return frozenset(
        uid
        for uid, node in dbt.manifest().nodes.items()
        if uid not in spared and str(node.resource_type) in BUILT
    )


def _run_only(
    dbt: Dbt,
    wanted: Collection[str],
    command: Sequence[str],
    listener: Listener | None,
) -> Any:
    command = [*command, *_ONLY_WANTED]
    if (dbt.target_path / "manifest.json").exists():
        # of a project that has not changed since, and without that tag
        command.append("--no-write-json")
    with _tagged(dbt, wanted):
        ran = dbt.run(command, listener)
    ran.write(str(dbt.target_path / "run_results.json"))
    return ran


@contextmanager
def _tagged(dbt: Dbt, wanted: Collection[str]) -> Iterator[None]:
    """Tag what there is to build and test, while dbt selects by it.

    dbt holds each name that it is given against each node; a tag it looks up at once.
    """
    nodes = dbt.manifest().nodes
    tagged = [nodes[uid] for uid in wanted]
    for node in tagged:
        node.tags.append(_WANTED)
    try:
        yield
    finally:
        for node in tagged:
            node.tags.remove(_WANTED)


def is_state(node: Any) -> bool:
    """Whether what a dbt node built has to outlive a publication, outside the marts."""
    return str(node.config.materialized) == "incremental"


def check(dbt: Dbt, *, listener: Listener | None = None) -> Outcome:
    """Run all data tests on the build file as it is; the caller holds the lock.

    Parameters
    ----------
    dbt : Dbt
        The parsed project.
    listener : callable, optional
        Told of each test that ends.
    """
    ran = dbt.run(["test", *_DATA_ONLY], listener)
    return with_examples(read_outcome(ran, dbt.project.root), dbt.project.database)


def _restore(dbt: Dbt, listener: Listener | None) -> Outcome:
    """Build what a published file lacks, for models that are built from it."""
    names = sorted(
        node.name
        for node in dbt.manifest().nodes.values()
        if str(node.resource_type) in {"model", "seed", "snapshot"}
        and node.schema != "main"
        and not is_state(node)
    )
    if not names:
        return Outcome("", ())
    command = ["build", "--resource-type", "model", "seed", "--select", *names]
    return read_outcome(dbt.run(command, listener), dbt.project.root)


def _record_before(project: Project) -> BuildRecord | None:
    """Return the record of the file that is there; a broken one tells nothing."""
    if not project.database.exists():
        return None
    try:
        return read_record(project.database)
    except InputError:
        return None


def _nothing_selected(dbt: Dbt, selection: Selection) -> InputError:
    names = sorted(
        node.name
        for node in dbt.manifest().nodes.values()
        if str(node.resource_type) in {"model", "seed", "snapshot"}
    )
    given = " ".join(selection.select) or "the whole project"
    if selection.exclude:
        given += f" without {' '.join(selection.exclude)}"
    near = [
        match
        for word in selection.select
        for match in get_close_matches(word.strip("+@"), names, n=3)
    ]
    asked = f"Did you mean {', '.join(near)}? " if near else ""
    return InputError(
        f"Nothing to build: {given} meets no model, seed or test.",
        hint=f"{asked}The project has: {', '.join(names) or 'no model'}.",
    )
