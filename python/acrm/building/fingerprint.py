"""One checksum of all that decides what dbt builds, besides the raw zone."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version as package_version
from importlib.util import find_spec
from pathlib import Path

from acrm.project import Project

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
_ENV_VAR = re.compile(r"""env_var\(\s*['"](\w+)['"]""")
_OWN = ("acrm", "acrm_olap")
_PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb")


def fingerprint_of(project: Project, *options: str) -> str:
    """Return a checksum of the dbt project, of this package and of the options.

    Parameters
    ----------
    project : Project
        What would be built.
    *options : str
        Target and variables of dbt, and what else decides.
    """
    return checksum(_parts(project, options))


def environment_of(project: Project) -> dict[str, str | None]:
    """Return what dbt asks of the environment: variables of its files, and a profile.

    Parameters
    ----------
    project : Project
        Whose files.
    """
    names: set[str] = set()
    for path in _project_files(project):
        text = path.read_bytes().decode(errors="replace")
        names.update(_ENV_VAR.findall(text))
    found = {name: os.environ.get(name) for name in sorted(names)}
    elsewhere = os.environ.get("DBT_PROFILES_DIR")
    if elsewhere:
        profile = Path(elsewhere, "profiles.yml")
        found["profile"] = profile.read_text(encoding="utf-8", errors="replace")
    return found


def checksum(parts: Iterable[bytes]) -> str:
    """Return one checksum of several parts, which tells where one ends."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode())
        digest.update(part)
    return digest.hexdigest()


def _parts(project: Project, options: tuple[str, ...]) -> Iterator[bytes]:
    yield from (option.encode() for option in options)
    yield from (package_version(name).encode() for name in _PACKAGES)
    for path in _project_files(project):
        yield path.relative_to(project.root).as_posix().encode()
        yield path.read_bytes()
    for package in _OWN:
        found = find_spec(package)
        if found is None or not found.origin:
            raise ModuleNotFoundError(package)
        for path in sorted(Path(found.origin).parent.rglob("*.py")):
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
