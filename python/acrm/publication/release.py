"""Audit the build file, make it a version, and switch readers to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from acrm.building.dbt import Dbt, Listener
from acrm.building.outcome import Outcome
from acrm.building.record import generation_of, read_record, record_path
from acrm.building.run import Selection, build, check
from acrm.errors import InputError
from acrm.lock import writer_lock
from acrm.project import Project
from acrm.publication import build_file
from acrm.publication.cube_views import Views
from acrm.publication.mining_due import mining_is_due, mining_nodes
from acrm.publication.parquet import TableListener
from acrm.publication.rollback import user_name
from acrm.publication.sparing import code_of, find_spared, remember_origin
from acrm.publication.staging import (
    next_number,
    put_in_place,
    require_present,
    stage,
    wanted_copies,
)
from acrm.publication.standby import keep_as_standby, prepare
from acrm.publication.upkeep import (
    clean_up,
    current_or_none,
    disk_errors,
    prune,
    readers_see,
    version_or_none,
)
from acrm.publication.versions import (
    Switch,
    Version,
    switch,
)

DEFAULT_KEEP = 5


@dataclass(frozen=True)
class Published:
    """What a publication did.

    Parameters
    ----------
    version : Version
        The new version.
    outcome : Outcome
        The dbt run that it passed.
    removed : tuple of int
        Old versions that were deleted.
    awaits_mining : bool
        Whether a month has turned and mining is still that of the month before: to be
        done by :func:`mine_and_publish`.
    """

    version: Version
    outcome: Outcome
    removed: tuple[int, ...]
    awaits_mining: bool = False


def publish(
    project: Project,
    *,
    target: str = "",
    keep: int = DEFAULT_KEEP,
    listener: Listener | None = None,
    on_table: TableListener | None = None,
) -> Published:
    """Run all data tests on the build file, and publish it if they pass.

    Parameters
    ----------
    project : Project
        What to publish, and where.
    target : str, optional
        The dbt target that built it.
    keep : int, default 5
        How many versions to keep, the new one among them.
    listener, on_table : callable, optional
        Told of each test that ends, and of each table that is published.

    Raises
    ------
    InputError
        If there is no whole build, a definition of a cube cannot be used, or the disk
        is in the way.
    RunError
        If the audit does not pass. Readers keep what they have.
    """
    with writer_lock(project, "acrm publish"):
        clean_up(project)
        _require_keep(keep)
        require_whole_build(project)
        dbt = Dbt(project, target)
        wanted_copies(dbt)  # a mistake is told before the work, not after
        views = Views(project)
        views.check()
        require_present(dbt)
        built_at = _built_at(project)
        generation = _generation(project)
        with build_file.opened(project.database, project.tmp) as connection:
            build_file.forget_tests(connection)
        outcome = check(dbt, listener=listener)
        return publish_checked(
            project,
            dbt,
            outcome,
            built_at=built_at,
            generation=generation,
            views=views,
            keep=keep,
            on_table=on_table,
        )


def build_and_publish(
    project: Project,
    selection: Selection | None = None,
    *,
    target: str = "",
    variables: str = "",
    publishes: bool = True,
    keep: int = DEFAULT_KEEP,
    listener: Listener | None = None,
    on_table: TableListener | None = None,
) -> tuple[Outcome, Published | None]:
    """Build, test, and publish what passes, under one lock.

    On a night on which a month turns, readers have its numbers without waiting for
    mining, which may take long: ask the result whether it ``awaits_mining``.

    Parameters
    ----------
    project : Project
        What to build, and where.
    selection : Selection, optional
        A part of it; a part is not published.
    target, variables : str, optional
        As of dbt.
    publishes : bool, default True
        Whether to publish a whole build.
    keep : int, default 5
        How many versions to keep.
    listener, on_table : callable, optional
        Told of each node that ends, and of each table that is published.

    Returns
    -------
    tuple of (Outcome, Published or None)

    Raises
    ------
    InputError
        If dbt cannot start, a definition of a cube cannot be used, or the disk is in
        the way.
    RunError
        If a model or test fails. Readers keep what they have.
    """
    return _build_and_publish(
        project,
        selection or Selection(),
        target=target,
        variables=variables,
        publishes=publishes,
        mines=False,
        keep=keep,
        listener=listener,
        on_table=on_table,
    )


def mine_and_publish(
    project: Project,
    *,
    target: str = "",
    variables: str = "",
    keep: int = DEFAULT_KEEP,
    listener: Listener | None = None,
    on_table: TableListener | None = None,
) -> tuple[Outcome, Published]:
    """Build on what readers see, mining included, and publish it, under one lock.

    Parameters
    ----------
    project, target, variables, keep, listener, on_table
        As of :func:`build_and_publish`.

    Returns
    -------
    tuple of (Outcome, Published)

    Raises
    ------
    InputError, RunError
        As of :func:`build_and_publish`. Readers keep what they have.
    """
    outcome, published = _build_and_publish(
        project,
        Selection(),
        target=target,
        variables=variables,
        publishes=True,
        mines=True,
        keep=keep,
        listener=listener,
        on_table=on_table,
    )
    if published is None:
        raise LookupError(project.database)
    return outcome, published


def _build_and_publish(
    project: Project,
    selection: Selection,
    *,
    target: str,
    variables: str,
    publishes: bool,
    mines: bool,
    keep: int,
    listener: Listener | None,
    on_table: TableListener | None,
) -> tuple[Outcome, Published | None]:
    with writer_lock(project, "acrm build"):
        clean_up(project)
        _require_keep(keep)
        dbt = Dbt(project, target, variables)
        wanted_copies(dbt)  # a mistake is told before the work, not after
        is_to_publish = publishes and selection.is_whole
        code = code_of(project, dbt)
        views = Views(project, code)
        if is_to_publish and _published_code(project) != code:
            views.check()
        require_present(dbt)
        with disk_errors(project, "lay out the build file"):
            prepare(
                project,
                whole=selection.is_whole,
                full=selection.full,
                listener=on_table,
            )
        spared = find_spared(
            project, dbt, selection, code, mining_waits=is_to_publish and not mines
        )
        outcome = build(
            project, dbt, selection, spared=spared, mines=mines, listener=listener
        )
        outcome.require_pass("The build", readers=readers_see(project))
        if not is_to_publish:
            return outcome, None
        has_waited = bool(spared & mining_nodes(dbt.manifest()))
        awaits_mining = has_waited and mining_is_due(project)
        remember_origin(project, code)
        published = publish_checked(
            project,
            dbt,
            outcome,
            built_at=_built_at(project),
            views=views,
            keep=keep,
            on_table=on_table,
        )
        return outcome, replace(published, awaits_mining=awaits_mining)


def publish_checked(
    project: Project,
    dbt: Dbt,
    outcome: Outcome,
    *,
    built_at: str,
    generation: str = "",
    views: Views,
    keep: int = DEFAULT_KEEP,
    on_table: TableListener | None = None,
) -> Published:
    """Publish a build file whose tests ran just now; the caller holds the lock.

    Parameters
    ----------
    project : Project
        What to publish, and where.
    dbt : Dbt
        Knows which relations the project builds.
    outcome : Outcome
        The run with the data tests.
    built_at : str
        When the build started.
    generation : str, optional
        Of the build file, if the tests wrote to it.
    views : sequence of CubeView, optional
        Of the cubes, from before the build.
    keep : int, default 5
        How many versions to keep.
    on_table : callable, optional
        Told of each table that is published.
    """
    readers = readers_see(project)
    outcome.require_pass("The audit", readers=readers)
    number = next_number(project)
    with disk_errors(project, f"publish version {number}"):
        version = stage(
            project,
            dbt,
            outcome,
            number=number,
            built_at=built_at,
            generation=generation or _generation(project),
            views=views,
            on_table=on_table,
        )
        version = put_in_place(project, version)
        switch(
            project,
            Switch(
                at=version.published_at,
                kind="publish",
                from_version=current_or_none(project),
                to_version=version.number,
                by=user_name(),
            ),
        )
    with disk_errors(project, "remove what is not needed any more"):
        record_path(project.database).unlink(missing_ok=True)
        if project.database.exists():
            keep_as_standby(project, version)
        removed = prune(project, keep)
        clean_up(project)
    return Published(version, outcome, removed)


def _published_code(project: Project) -> str:
    """Return by which code readers' version was built; empty if nobody knows."""
    number = current_or_none(project)
    version = None if number is None else version_or_none(project, number)
    return version.code if version else ""


def require_whole_build(project: Project) -> None:
    """Raise unless the build file exists and its last build ran to its end."""
    if not project.database.exists():
        raise InputError(
            "There is no build to publish.",
            where=f"{project.database} does not exist",
            hint="Run `acrm build`.",
        )
    record = read_record(project.database)
    if record is None:
        return
    if record.complete and record.status == "pass":
        return
    if record.status == "standby":
        raise InputError(
            "There is nothing to publish: no build since the last publication.",
            where=f"{project.database}, which waits for the next build",
            hint=f"Run `acrm build`. {readers_see(project)}",
        )
    how = {
        "publishing": "was being published, which was interrupted",
        "running": "did not end: it was interrupted",
        "fail": "failed",
        "pass": "built a part of a warehouse that was never built whole",
    }[record.status]
    raise InputError(
        f"The last build {how}, so the build file may not be published.",
        where=f"{project.database}, run of {record.started_at}",
        hint=f"Run `acrm build`. {readers_see(project)}",
    )


def _generation(project: Project) -> str:
    return generation_of(project.database, read_record(project.database))


def _built_at(project: Project) -> str:
    record = read_record(project.database)
    if record is not None:
        return record.started_at
    changed = project.database.stat().st_mtime
    return datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")


def _require_keep(keep: int) -> None:
    if keep < 1:
        raise InputError(
            f"Cannot keep {keep} versions.", hint="Give a number of 1 or more."
        )
