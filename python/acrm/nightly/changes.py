"""What changed since the last publication of a nightly run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from acrm.building.fingerprint import checksum, fingerprint_of
from acrm.disk import write_atomically
from acrm.errors import StorageError
from acrm.loading.batch_log import committed_ids
from acrm.project import Project
from acrm.publication import read_switches


@dataclass(frozen=True)
class Basis:
    """All that a published version rests on.

    Parameters
    ----------
    batches : str
        Checksum of which batches are committed.
    project : str
        Checksum of the dbt project, of this package and of the options.
    """

    batches: str
    project: str


def present_basis(project: Project, *options: str) -> Basis:
    """Return what a version would rest on that is built now.

    Parameters
    ----------
    project : Project
        What would be built.
    *options : str
        Target and variables of dbt.
    """
    return Basis(
        batches=checksum(name.encode() for name in sorted(committed_ids(project))),
        project=fingerprint_of(project, *options),
    )


def what_changed(project: Project, basis: Basis) -> str:
    """Return why to build and publish; empty if nothing changed.

    Parameters
    ----------
    project : Project
        Whose publications.
    basis : Basis
        As it is now.
    """
    last = max(
        (each.to_version for each in read_switches(project) if each.kind == "publish"),
        default=None,
    )
    if last is None:
        return "nothing is published yet"
    try:
        known = json.loads(_path(project).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("version") != last:
        return f"version {last} was not published by acrm run"
    if known.get("batches") != basis.batches:
        return "batches were loaded"
    if known.get("project") != basis.project:
        return "the project or its options changed"
    if known.get("awaits_mining"):
        return "mining of the last month is to be done"
    return ""


def remember_basis(
    project: Project, version: int, basis: Basis, *, awaits_mining: bool = False
) -> None:
    """Note what a version rests on.

    Parameters
    ----------
    project : Project
        Whose publications.
    version : int
        Its number.
    basis : Basis
        As it was when its build began.
    awaits_mining : bool, default False
        Whether a month has turned, and its mining is still to be done.

    Raises
    ------
    StorageError
        If the disk takes no more.
    """
    known = {"version": version, **asdict(basis), "awaits_mining": awaits_mining}
    text = json.dumps(known, indent=2) + "\n"
    try:
        write_atomically(_path(project), text.encode())
    except OSError as error:
        raise StorageError(
            f"Version {version} is published, but not what it rests on.",
            where=f"{_path(project)}: {error.strerror}",
            hint="Make space or give the right to write. The next run builds again.",
        ) from error


def _path(project: Project) -> Path:
    return project.logs / "published.json"
