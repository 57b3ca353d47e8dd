"""What changed since the last publication of a nightly run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version as package_version
from pathlib import Path

import acrm
from acrm.disk import write_atomically
from acrm.errors import StorageError
from acrm.loading.batch_log import committed_ids
from acrm.project import Project
from acrm.publication import read_switches

_PATHS = {
    "model-paths": "models",
    "seed-paths": "seeds",
    "macro-paths": "macros",
    "snapshot-paths": "snapshots",
    "test-paths": "tests",
}
# What the views of cubes are made of.
_CUBES = ("olap/cubes", "olap/dimensions")
_FILES = ("dbt_project.yml", "profiles.yml", "packages.yml")


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
        batches=_checksum(name.encode() for name in sorted(committed_ids(project))),
        project=_checksum(_parts(project, options)),
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
    return ""


def remember_basis(project: Project, version: int, basis: Basis) -> None:
    """Note what a version rests on.

    Raises
    ------
    StorageError
        If the disk takes no more.
    """
    text = json.dumps({"version": version, **asdict(basis)}, indent=2) + "\n"
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


def _parts(project: Project, options: tuple[str, ...]) -> Iterator[bytes]:
    yield from (option.encode() for option in options)
    yield from (package_version(name).encode() for name in ("dbt-core", "duckdb"))
    for path in _project_files(project):
        yield path.relative_to(project.root).as_posix().encode()
        yield path.read_bytes()
    for path in sorted(Path(acrm.__file__).parent.rglob("*.py")):
        yield path.read_bytes()


def _project_files(project: Project) -> list[Path]:
    import yaml

    files = [project.root / name for name in _FILES]
    text = files[0].read_text(encoding="utf-8")
    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError:
        settings = None
    if not isinstance(settings, dict):
        settings = {}  # the build says what is wrong with it
    for key, default in _PATHS.items():
        for folder in settings.get(key, [default]):
            files += (project.root / folder).rglob("*")
    for folder in _CUBES:
        files += (project.root / folder).rglob("*")
    return sorted(
        path for path in files if path.is_file() and "__pycache__" not in path.parts
    )


def _checksum(parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode())
        digest.update(part)
    return digest.hexdigest()
