"""Where the next build file comes from, once the last one has become a version.

Best is a clone of what readers see, where the file system can make one in no time. Else
it is a copy of that, so that a build does what came since and no more: `acrm run` makes
it once readers have their version, other builds when they begin. Where the disk has no
room for it, an old version that nobody needs any more becomes the build file again: its
incremental models remember how far they came, and the next build makes up for the rest.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from acrm.building.database import check_database
from acrm.building.record import BuildRecord, mark_of, read_record, write_record
from acrm.disk import sync
from acrm.errors import InputError
from acrm.project import Project
from acrm.publication.compaction import compacting_path, log_of
from acrm.publication.file_copy import clone, copy_file
from acrm.publication.parquet import TableListener
from acrm.publication.versions import DATABASE_NAME, Version, find_version

_WRITABLE = 0o644
# What has to be free to lay a copy beside the build file, in sizes of it: the next
# build needs some of it as well.
_ROOM = 1.5

# Nobody may have the file open: a lease tells of every open file, copies and second
# connections of one process included; a lock also of readers on other machines. Closing
# a file drops the locks that this process has on it, so another process asks.
_ASK = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


def is_open_anywhere(path: Path) -> bool:
    """Whether a process, this one included, may have a file open.

    Also true where the operating system cannot tell.
    """
    asked = subprocess.run(  # noqa: S603 -- our own program, and a path
        [sys.executable, "-I", "-S", "-c", _ASK, str(path)],
        capture_output=True,
        check=False,
    )
    return asked.returncode != 0


def staged_version(project: Project) -> Path:
    """Return the folder in which a version is made ready."""
    return project.tmp / "publish" / "version"


def take_back(project: Project) -> None:
    """Undo what a publication that was cut off did to the build file's name."""
    staged = staged_version(project) / DATABASE_NAME
    if staged.exists() and not project.database.exists():
        _put_in_place(project, staged)
    for unfinished in (compacting_path(project.database), _copying_path(project)):
        unfinished.unlink(missing_ok=True)
        log_of(unfinished).unlink(missing_ok=True)


def lay_out_clone(project: Project, version: Version) -> bool:
    """Make a clone of a version the next build file.

    Returns
    -------
    bool
        False if there is a build file, or the file system makes no clones.
    """
    if project.database.exists():
        return False
    return _lay_out_copy(project, version, clone)


def lay_out_old(
    project: Project, folder: Path, version: Version, current: Version
) -> bool:
    """Make the file of a version that nobody needs any more the next build file.

    Parameters
    ----------
    project : Project
        Whose build file.
    folder : Path
        Where the version is now: no reader finds it there.
    version : Version
        Its manifest.
    current : Version
        What readers see; a full rebuild after the old version would be lost.

    Returns
    -------
    bool
        False if there is a build file, or the old one cannot become one.
    """
    database = folder / DATABASE_NAME
    if (
        project.database.exists()
        or not version.generation
        or version.generation != current.generation
        or database.stat().st_dev != project.database.parent.stat().st_dev
    ):
        return False
    database.chmod(_WRITABLE)
    if is_open_anywhere(database):
        return False
    write_record(project.database, _standby(version, database, complete=False))
    _put_in_place(project, database)
    return True


def prepare(
    project: Project,
    *,
    whole: bool,
    full: bool,
    listener: TableListener | None = None,
) -> None:
    """See to it that a build has a file to begin with; the caller holds the lock.

    Parameters
    ----------
    project : Project
        Whose build file.
    whole : bool
        Whether all will be built. A part is built on what readers see, and not on an
        older version; so is the whole, where there is room for a copy.
    full : bool
        Whether all models will be rebuilt: then an old file is of no use.
    listener : callable, optional
        Told how much of a file is copied.

    Raises
    ------
    InputError
        If the published file cannot be read, or the disk is in the way.
    """
    current = _current_or_none(project)
    if current is None or not current.generation or (whole and full):
        return
    check_database(project.database)
    if _is_unfinished_mining(project):
        project.database.unlink(missing_ok=True)
    if project.database.exists() and not (
        _is_empty(project.database) or (not whole and _is_behind(project, current))
    ):
        catch_up(project, listener)
        return
    _require_opens(current)
    _copy_current(project, current, listener)


def catch_up(project: Project, listener: TableListener | None = None) -> bool:
    """Make the next build file what readers see; the caller holds the lock.

    Parameters
    ----------
    project : Project
        Whose build file.
    listener : callable, optional
        Told how much of a file is copied.

    Returns
    -------
    bool
        Whether it was copied. Not if it is what readers see, holds a build of its own,
        or the disk has no room for both: then the next build makes up for the rest.
    """
    current = _current_or_none(project)
    if current is None or not current.generation:
        return False
    if project.database.exists() and not _is_behind(project, current):
        return False
    size = current.database.stat().st_size
    if shutil.disk_usage(project.database.parent).free < size * _ROOM:
        return False
    _copy_current(project, current, listener)
    return True


def _copy_current(
    project: Project, current: Version, listener: TableListener | None
) -> None:
    def copy(source: Path, target: Path) -> bool:
        def tell(done: int, total: int) -> None:
            if listener is not None:
                share = done * 10 // total
                listener(f"copied version {current.number} to build on", share, 10)

        copy_file(source, target, _every_tenth(tell))
        return True

    _lay_out_copy(project, current, copy)


def keep_as_standby(project: Project, version: Version) -> None:
    """Note that the build file is still there after it was copied to a version."""
    write_record(project.database, _standby(version, project.database, complete=True))


def _lay_out_copy(
    project: Project, version: Version, copy: Callable[[Path, Path], bool]
) -> bool:
    unfinished = _copying_path(project)
    unfinished.unlink(missing_ok=True)
    if not copy(version.database, unfinished):
        return False
    write_record(project.database, _standby(version, unfinished, complete=True))
    _put_in_place(project, unfinished)
    return True


def _put_in_place(project: Project, database: Path) -> None:
    """Give a file the name of the build file, without a log of another one."""
    database.chmod(_WRITABLE)
    log_of(project.database).unlink(missing_ok=True)
    try:
        database.replace(project.database)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        unfinished = _copying_path(project)
        unfinished.unlink(missing_ok=True)
        copy_file(database, unfinished)
        unfinished.replace(project.database)
    sync(project.database.parent)


def _standby(version: Version, database: Path, *, complete: bool) -> BuildRecord:
    return BuildRecord(
        run_id=version.run_id,
        started_at=version.built_at,
        status="standby",
        complete=complete,
        generation=version.generation.split(":")[0],
        mark=mark_of(database),
        stripped=True,
        version=version.number,
    )


def _is_behind(project: Project, current: Version) -> bool:
    """Whether the build file is an older version than readers see."""
    record = read_record(project.database)
    return (
        record is not None
        and record.status == "standby"
        and record.version != current.number
    )


def _is_unfinished_mining(project: Project) -> bool:
    """Whether mining on what readers have failed there, or was cut off."""
    record = read_record(project.database)
    return record is not None and record.mines and record.status in {"running", "fail"}


def _is_empty(database: Path) -> bool:
    """Whether a tool made the file by looking for it: it has no mart."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        ((tables,),) = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    return not tables


def _current_or_none(project: Project) -> Version | None:
    try:
        return find_version(project)
    except InputError:
        return None


def _require_opens(version: Version) -> None:
    import duckdb

    try:
        duckdb.connect(str(version.database), read_only=True).close()
    except duckdb.Error as error:
        raise InputError(
            f"Version {version.number}, which readers see, cannot be built on.",
            where=f"{version.database}: {str(error).splitlines()[0]}",
            hint="Go back to a version that can be read (`acrm rollback`), or build"
            " from the raw zone alone (`acrm build --full`).",
        ) from error


def _every_tenth(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    told = 0

    def listen(done: int, total: int) -> None:
        nonlocal told
        share = done * 10 // total
        if share > told:
            told = share
            tell(done, total)

    return listen


def _copying_path(project: Project) -> Path:
    return project.database.with_name(f"{project.database.name}.copying")
