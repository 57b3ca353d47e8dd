"""Make a version of an audited build file: all of it in a folder no reader looks into.

What may fail comes first: until the file is stripped it can still be published.
"""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path

from acrm.building.dbt import Dbt
from acrm.building.outcome import Outcome
from acrm.building.record import BuildRecord, read_record, write_record
from acrm.building.run import is_state
from acrm.disk import sync, sync_tree
from acrm.errors import InputError
from acrm.project import Project
from acrm.publication import build_file, compaction, cube_views
from acrm.publication.audit import audit_reconciliation, data_through
from acrm.publication.file_copy import copy_file
from acrm.publication.parquet import (
    SETTING,
    TableListener,
    tables_with_copies,
    write_copies,
)
from acrm.publication.standby import staged_version
from acrm.publication.upkeep import current_or_none, readers_see
from acrm.publication.versions import (
    MANIFEST_NAME,
    Version,
    read_switches,
    read_version,
    version_name,
    version_numbers,
    versions_folder,
)

_TABLE_KINDS = frozenset({"model", "seed", "snapshot"})
# The tag of models that `acrm cube aggregates` makes.
_AGGREGATES = "aggregates"
# The variable that shows the raw zone as it was known on a past date.
KNOWN_ON = "as_known_on"


def stage(
    project: Project,
    dbt: Dbt,
    outcome: Outcome,
    *,
    number: int,
    built_at: str,
    generation: str,
    views: cube_views.Views,
    on_table: TableListener | None,
) -> Version:
    """Make all of a version but its DuckDB file, and make the build file ready for it.

    Parameters
    ----------
    project : Project
        Whose build file; the caller holds the lock.
    dbt : Dbt
        Knows which relations the project builds.
    outcome : Outcome
        The audit that it passed.
    number : int
        Of the new version.
    built_at : str
        When the build started.
    generation : str
        Of the build file.
    views : Views
        Of the cubes, for the file.
    on_table : callable, optional
        Told of each table.

    Returns
    -------
    Version
        In the folder of :func:`staged_version`.
    """
    staged = staged_version(project)
    record = read_record(project.database)
    staged.mkdir(parents=True)
    spill = project.tmp / "publish" / "spill"
    with build_file.opened(project.database, spill) as connection:
        relations = build_file.find_relations(connection, relations_of(dbt))
        if not relations.publish:
            raise InputError(
                "The build file holds no table of this project.",
                where=f"{project.database}, schema main",
                hint=f"Load extracts, then run `acrm build`. {readers_see(project)}",
            )
        agreed = audit_reconciliation(
            connection, relations.publish, readers=readers_see(project)
        )
        through = data_through(connection, relations.publish)
        build_file.make_tables_of_views(connection, relations.publish)
        standing, missing = cube_views.keep_standing(connection, views)
        code = build_file.code_hash(connection)
        before = _shareable(project)
        is_continued = before and before.generation == f"{generation}:{code}"
        entries = write_copies(
            connection,
            relations.publish,
            wanted_copies(dbt) & set(relations.publish),
            staged,
            before,
            on_table,
            build_file.changed_days(connection) if is_continued else None,
        )
        _note_publishing(project, record, built_at, generation)
        build_file.strip(connection, {*relations.publish, *standing}, _state_of(dbt))
        file_bytes = project.database.stat().st_size
        reason = compaction.reason_to_compact(connection, file_bytes)
    if reason and compaction.has_space(project, file_bytes):
        compaction.compact(project, on_table)
        missing = views.planned  # since it leaves no view
    cube_views.put_in(project.database, spill, missing, relations.publish, views.code)
    build_file.require_readable(project.database, entries)
    version = Version(
        number=number,
        folder=staged,
        published_at=_now(),
        built_at=built_at,
        run_id=record.run_id if record else "",
        tables=entries,
        database_bytes=project.database.stat().st_size,
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
        generation=f"{generation}:{code}",
        code=views.code,
    )
    manifest = json.dumps(version.to_json(), indent=2) + "\n"
    (staged / MANIFEST_NAME).write_text(manifest, encoding="utf-8")
    return version


def _note_publishing(
    project: Project, record: BuildRecord | None, built_at: str, generation: str
) -> None:
    """Note that the file cannot be tested any more: what tests ask of goes now."""
    write_record(
        project.database,
        BuildRecord(
            run_id=record.run_id if record else "",
            started_at=built_at,
            status="publishing",
            complete=False,
            generation=generation,
            stripped=True,
        ),
    )


def put_in_place(project: Project, version: Version) -> Version:
    """Move the build file in, make all durable, and give the folder its name.

    Parameters
    ----------
    project : Project
        Whose versions.
    version : Version
        From :func:`stage`.

    Returns
    -------
    Version
        Where it is now.
    """
    _move_build_file(project, version.database)
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


def _move_build_file(project: Project, target: Path) -> None:
    """Rename the build file; on another file system copy it, and it stays."""
    try:
        project.database.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_file(project.database, target)


def _shareable(project: Project) -> Version | None:
    """Return the version whose Parquet files the next one may share."""
    number = current_or_none(project)
    if number is None:
        return None
    version = read_version(project, number)
    same = version.duckdb_version == package_version("duckdb")
    return version if same else None


def wanted_copies(dbt: Dbt) -> frozenset[str]:
    """Return the tables that the project wants a Parquet copy of.

    Aggregates of cubes have none unless they are named: only cubes read them, from the
    DuckDB file, and a night changes most rows of one that is by month.
    """
    setting = dbt.variable(SETTING, "all")
    wanted = tables_with_copies(setting, relations_of(dbt))
    return wanted - _aggregates_of(dbt) if setting == "all" else wanted


def _aggregates_of(dbt: Dbt) -> frozenset[str]:
    return frozenset(
        node.alias
        for node in dbt.manifest().nodes.values()
        if _AGGREGATES in (node.tags or ())
    )


def require_present(dbt: Dbt) -> None:
    """Raise if the project is set to a past date, which is never published."""
    given = dbt.variable(KNOWN_ON)
    if given:
        raise InputError(
            "What is known on a past date is not published, nor built into the build"
            " file.",
            where=f"variable {KNOWN_ON}: {given}",
            hint="Leave the variable empty, and run `acrm build --as-known-on"
            f" {given}`, which builds a file of its own.",
        )


def _state_of(dbt: Dbt) -> set[tuple[str, str]]:
    """Return what incremental models outside the marts, and the macros, remember."""
    return {cube_views.KNOWN, *build_file.STATE_TABLES} | {
        (node.schema, node.alias)
        for node in dbt.manifest().nodes.values()
        if str(node.resource_type) == "model" and is_state(node)
    }


def relations_of(dbt: Dbt) -> frozenset[str]:
    """Return the names that the project's models build in schema main."""
    return frozenset(
        node.alias
        for node in dbt.manifest().nodes.values()
        if str(node.resource_type) in _TABLE_KINDS
        and node.schema == "main"
        and node.config.materialized != "ephemeral"
    )


def next_number(project: Project) -> int:
    """Count on from every version there ever was, so that no number comes twice."""
    known = [each.to_version for each in read_switches(project)]
    return max([0, *known, *version_numbers(project)]) + 1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
