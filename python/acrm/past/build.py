"""Build the warehouse as known on a past date, into a file of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.building.dbt import Dbt, Listener
from acrm.building.fingerprint import fingerprint_of
from acrm.building.outcome import Outcome
from acrm.building.run import build
from acrm.disk import sync
from acrm.errors import InputError, StorageError
from acrm.lock import writer_lock
from acrm.past.file import (
    Known,
    Origin,
    default_path,
    folder_of_past_files,
    read_past_file,
    what_was_known,
    write_note,
)
from acrm.past.instant import Instant
from acrm.project import Project
from acrm.publication import build_file, cube_views
from acrm.publication.audit import audit_reconciliation
from acrm.publication.staging import KNOWN_ON, relations_of

if TYPE_CHECKING:
    pass

_COMMAND = "acrm build --as-known-on"


@dataclass(frozen=True)
class _PastProject(Project):
    """The project with another build file, and a lock that no nightly run waits for.

    Parameters
    ----------
    file : Path
        The build file.
    """

    file: Path

    @property
    def database(self) -> Path:
        return self.file

    @property
    def lock_file(self) -> Path:
        return folder_of_past_files(self) / "acrm.lock"


class _PastDbt(Dbt):
    """dbt with a log and a target folder that a nightly run meanwhile does not use."""

    @property
    def log(self) -> Path:
        return self.project.root / "logs" / "as_known_on" / "dbt.log"

    @property
    def target_path(self) -> Path:
        return self.project.root / "target" / "as_known_on"


@dataclass(frozen=True)
class PastBuild:
    """A file that holds the warehouse as known on a past date.

    Parameters
    ----------
    instant : Instant
        Which date.
    path : Path
        The file.
    known : Known
        What it was built from.
    outcome : Outcome or None
        The dbt run; None if the file stood already.
    """

    instant: Instant
    path: Path
    known: Known
    outcome: Outcome | None


def build_as_known_on(
    project: Project,
    instant: Instant,
    *,
    to: Path | None = None,
    full: bool = False,
    target: str = "",
    variables: str = "",
    listener: Listener | None = None,
) -> PastBuild:
    """Build and test all from the batches that were loaded by an instant.

    It takes no lock that loading, building or publishing takes, and changes nothing
    that they use. The file appears when every test has passed, or not at all.

    Parameters
    ----------
    project : Project
        What to build.
    instant : Instant
        As known on when.
    to : Path, optional
        The file; one in ``as_known_on/`` of the warehouse home by default.
    full : bool, default False
        Build it also if a file stands of the same instant, by the same code, from the
        same batches.
    target, variables : str, optional
        As of dbt.
    listener : callable, optional
        Told of each node that ends.

    Raises
    ------
    InputError
        If nothing was known then, dbt cannot start, a definition of a cube cannot be
        used, or the file cannot be put there.
    RunError
        If a model or test fails.
    """
    known = what_was_known(project, instant)
    path = (to or default_path(project, instant)).absolute()
    _require_place(project, path, is_default=to is None)
    origin = Origin(fingerprint_of(project), target, variables)
    past = _PastProject(project.root, project.home, _unfinished(path) / path.name)
    with writer_lock(past, _COMMAND):
        standing = read_past_file(path) if path.exists() else None
        if path.exists() and standing is None:
            raise _occupied(path)
        if (
            standing
            and not full
            and (standing.known, standing.origin)
            == (
                known,
                origin,
            )
        ):
            return PastBuild(instant, path, known, None)
        views = cube_views.Views(project)
        views.check()
        with _emptied(past.database.parent):
            dbt = _PastDbt(past, target, _with_instant(variables, instant))
            outcome = build(past, dbt, listener=listener)
            readers = (
                f"No file was left. Built with dbt itself it stays: set ACRM_DATABASE"
                f" to a new file, and {KNOWN_ON} in --vars. Readers are not concerned."
            )
            outcome.require_pass(f"The build as known on {instant}", readers=readers)
            known = _finish(past, dbt, origin, views, readers)
            _put_in_place(past.database, path)
    return PastBuild(instant, path, known, outcome)


def _finish(
    past: _PastProject,
    dbt: Dbt,
    origin: Origin,
    views: cube_views.Views,
    readers: str,
) -> Known:
    """Audit the file as a publication does, and let it say what it holds."""
    spill = past.database.parent / "spill"
    with build_file.opened(past.database, spill) as connection:
        names = build_file.find_relations(connection, relations_of(dbt)).publish
        audit_reconciliation(connection, names, readers=readers)
        build_file.make_tables_of_views(connection, names)
        known = write_note(connection, origin)
        connection.execute("checkpoint")
    cube_views.put_in(past.database, spill, views.planned, names)
    return known


def _put_in_place(built: Path, path: Path) -> None:
    sync(built)
    # what is left of writing to the file before must not be applied to this one
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    built.replace(path)
    sync(path.parent)


def _unfinished(path: Path) -> Path:
    """Return the folder to build in: views in the file keep its name in their SQL."""
    return path.with_name(f".{path.name}.unfinished")


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Work in a new folder, which goes in the end, whatever a killed build left."""
    import duckdb

    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(
            "The file cannot be written.",
            where=f"{folder.parent}: {str(error).strip().splitlines()[0]}",
            hint="Make space or give the right to write, then try again.",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_place(project: Project, path: Path, *, is_default: bool) -> None:
    """Raise unless a file may be put there, and make the default folder."""
    try:
        folder_of_past_files(project).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "The folder of past builds cannot be made.",
            where=f"{error.filename}: {error.strerror}",
            hint="Change its permissions, or set ACRM_WAREHOUSE to a folder of yours.",
        ) from error
    if is_default:
        return
    allowed = "Give --to a new file, such as known.duckdb, in a folder that exists."
    real = path.resolve()
    if real == project.database.resolve():
        raise InputError(
            "A past build never goes into the build file.",
            where=str(path),
            hint=allowed,
        )
    if real.is_relative_to(project.published.resolve()):
        raise InputError(
            "A past build is never published.", where=str(path), hint=allowed
        )
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(
            "The file to build cannot be there.",
            where=f"{path} is a folder"
            if path.is_dir()
            else f"no folder {path.parent}",
            hint=allowed,
        )


def _occupied(path: Path) -> InputError:
    return InputError(
        "There is another file in the place of the past build.",
        where=f"{path}, which no such build left, or which is open for writing",
        hint="Move it, close what writes to it, or give --to another file.",
    )


def _with_instant(variables: str, instant: Instant) -> str:
    """Add the instant to the variables for dbt."""
    import yaml

    try:
        given = yaml.safe_load(variables or "{}")
    except yaml.YAMLError:
        return variables  # dbt's caller tells what is wrong with it
    if not isinstance(given, dict):
        return variables
    if KNOWN_ON in given:
        raise InputError(
            f"The instant is given twice, as option and as variable {KNOWN_ON}.",
            where=f"--vars {variables}",
            hint="Leave it out of --vars.",
        )
    until = instant.until.isoformat(sep=" ", timespec="microseconds")
    return yaml.safe_dump(
        {**given, KNOWN_ON: until}, default_flow_style=True, width=10**6
    ).strip()
