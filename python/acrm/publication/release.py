"""Audit the build file, copy it under a new version, and switch readers to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path

from acrm.building.dbt import Dbt, Listener
from acrm.building.outcome import Outcome
from acrm.building.record import read_record
from acrm.building.run import Selection, build, check
from acrm.disk import sync, sync_tree
from acrm.errors import InputError
from acrm.lock import writer_lock
from acrm.project import Project
from acrm.publication import copying
from acrm.publication.audit import audit_reconciliation, data_through
from acrm.publication.rollback import user_name
from acrm.publication.upkeep import (
    clean_up,
    current_or_none,
    disk_errors,
    prune,
    readers_see,
)
from acrm.publication.versions import (
    DATABASE_NAME,
    MANIFEST_NAME,
    Switch,
    Version,
    switch,
    version_name,
    version_numbers,
    versions_folder,
)

DEFAULT_KEEP = 5

_TABLE_KINDS = frozenset({"model", "seed", "snapshot"})


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
    """

    version: Version
    outcome: Outcome
    removed: tuple[int, ...]


def publish(
    project: Project,
    *,
    target: str = "",
    keep: int = DEFAULT_KEEP,
    listener: Listener | None = None,
    on_table: copying.TableListener | None = None,
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
        Told of each test that ends, and of each table that is copied.

    Raises
    ------
    InputError
        If there is no whole build, or the disk is in the way.
    RunError
        If the audit does not pass. Readers keep what they have.
    """
    with writer_lock(project, "acrm publish"):
        clean_up(project)
        _require_keep(keep)
        require_whole_build(project)
        dbt = Dbt(project, target)
        built_at = _built_at(project)
        outcome = check(dbt, listener=listener)
        return publish_checked(
            project, dbt, outcome, built_at=built_at, keep=keep, on_table=on_table
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
    on_table: copying.TableListener | None = None,
) -> tuple[Outcome, Published | None]:
    """Build, test, and publish what passes, under one lock.

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
        Told of each node that ends, and of each table that is copied.

    Returns
    -------
    tuple of (Outcome, Published or None)

    Raises
    ------
    InputError
        If dbt cannot start, or the disk is in the way.
    RunError
        If a model or test fails. Readers keep what they have.
    """
    selection = selection or Selection()
    with writer_lock(project, "acrm build"):
        clean_up(project)
        _require_keep(keep)
        dbt = Dbt(project, target, variables)
        outcome = build(project, dbt, selection, listener=listener)
        outcome.require_pass("The build", readers=readers_see(project))
        if not publishes or not selection.is_whole:
            return outcome, None
        published = publish_checked(
            project,
            dbt,
            outcome,
            built_at=_built_at(project),
            keep=keep,
            on_table=on_table,
        )
        return outcome, published


def publish_checked(
    project: Project,
    dbt: Dbt,
    outcome: Outcome,
    *,
    built_at: str,
    keep: int = DEFAULT_KEEP,
    on_table: copying.TableListener | None = None,
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
    keep : int, default 5
        How many versions to keep.
    on_table : callable, optional
        Told of each table that is copied.
    """
    readers = readers_see(project)
    outcome.require_pass("The audit", readers=readers)
    version = _stage(project, dbt, outcome, built_at, readers, on_table)
    with disk_errors(project, f"publish version {version.number}"):
        version = _put_in_place(project, version)
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
        removed = prune(project, keep)
        clean_up(project)
    return Published(version, outcome, removed)


def require_whole_build(project: Project) -> None:
    """Raise unless the build file exists and its last build ran to its end."""
    if not project.database.exists():
        raise InputError(
            "There is no build to publish.",
            where=f"{project.database} does not exist",
            hint="Run `acrm build`.",
        )
    record = read_record(project.database)
    if record is None or record.complete:
        return
    how = {
        "running": "did not end: it was interrupted",
        "fail": "failed",
        "pass": "built a part of a warehouse that was never built whole",
    }[record.status]
    raise InputError(
        f"The last build {how}, so the build file may not be published.",
        where=f"{project.database}, run of {record.started_at}",
        hint=f"Run `acrm build`. {readers_see(project)}",
    )


def _stage(
    project: Project,
    dbt: Dbt,
    outcome: Outcome,
    built_at: str,
    readers: str,
    on_table: copying.TableListener | None,
) -> Version:
    """Make the whole version in a folder that no reader looks into."""
    staged = project.tmp / "publish" / "version"
    number = _next_number(project)
    with disk_errors(project, f"copy version {number}"):
        staged.mkdir(parents=True)
        spill = project.tmp / "publish" / "spill"
        with copying.opened(project.database, spill) as connection:
            relations = copying.find_relations(connection, _relations_of(dbt))
            if not relations.publish:
                raise InputError(
                    "The build file holds no table of this project.",
                    where=f"{project.database}, schema main",
                    hint=f"Load extracts, then run `acrm build`. {readers}",
                )
            agreed = audit_reconciliation(
                connection, relations.publish, readers=readers
            )
            entries = copying.copy_tables(
                connection, relations.publish, staged, on_table
            )
            through = data_through(connection, relations.publish)
        database = staged / DATABASE_NAME
        copying.require_readable(database, entries)
        record = read_record(project.database)
        version = Version(
            number=number,
            folder=staged,
            published_at=_now(),
            built_at=built_at,
            run_id=record.run_id if record else "",
            tables=entries,
            database_bytes=database.stat().st_size,
            database_sha256=_sha256(database),
            data_through=through,
            audit={
                "run_id": outcome.run_id,
                "tests_passed": outcome.tests_passed,
                "tests_warned": [node.name for node in outcome.warned],
                "totals_reconciled": agreed,
            },
            left_out=relations.left_out,
            dbt_version=package_version("dbt-core"),
            duckdb_version=package_version("duckdb"),
        )
        manifest = json.dumps(version.to_json(), indent=2) + "\n"
        (staged / MANIFEST_NAME).write_text(manifest, encoding="utf-8")
    return version


def _put_in_place(project: Project, version: Version) -> Version:
    """Make the staged files read-only and durable, and give the folder its name."""
    for path in version.folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    sync_tree(version.folder)
    folder = versions_folder(project)
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / version_name(version.number)
    version.folder.rename(final)
    sync(folder)
    return replace(version, folder=final)


def _relations_of(dbt: Dbt) -> frozenset[str]:
    """Return the names that the project's models build in schema main."""
    return frozenset(
        node.alias
        for node in dbt.manifest().nodes.values()
        if str(node.resource_type) in _TABLE_KINDS
        and node.schema == "main"
        and node.config.materialized != "ephemeral"
    )


def _next_number(project: Project) -> int:
    """Count on from every version there ever was, so that no number comes twice."""
    from acrm.publication.versions import read_switches

    known = [each.to_version for each in read_switches(project)]
    return max([0, *known, *version_numbers(project)]) + 1


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
