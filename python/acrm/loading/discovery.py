"""Which files a delivery holds, and to which table each belongs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from acrm.errors import InputError
from acrm.loading.contracts import System, Table, fixed_characters, most_specific
from acrm.loading.formats import (
    READABLE,
    FileKind,
    is_unreadable_data,
    kind_of,
    may_be_prose,
)
from acrm.loading.sources import delivered_columns
from acrm.loading.wording import did_you_mean, listed

# `orders.csv.done` beside orders.csv: whoever delivers says that it is whole.
DELIVERED_SUFFIX = ".done"


@dataclass(frozen=True)
class DataFile:
    """A delivered file and its table.

    Parameters
    ----------
    path : Path
        Where it lies.
    source_file : str
        Its name, within the delivered folder.
    kind : FileKind
        How it is written.
    table : Table
        Its contract.
    note : str
        How the table was found, where that was not by name.
    place : str
        What messages call it, where that is not its path.
    """

    path: Path
    source_file: str
    kind: FileKind
    table: Table
    note: str = ""
    place: str = ""

    @property
    def where(self) -> str:
        """What messages call it."""
        return self.place or str(self.path)


@dataclass
class Delivery:
    """All that a path holds.

    Parameters
    ----------
    files : list of DataFile
        Files to load.
    ignored : list of (str, str)
        Other files, with the reason why they are passed over.
    problems : list of InputError
        One a file that cannot be placed.
    """

    files: list[DataFile] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    problems: list[InputError] = field(default_factory=list)


class NothingDeliveredError(InputError):
    """A folder that can be read and holds no data file."""


def discover(
    path: Path,
    system: System,
    table_name: str | None = None,
    takes: Callable[[Path], bool] | None = None,
) -> Delivery:
    """Find the data files under a path and their tables.

    Parameters
    ----------
    path : Path
        A file or a folder; folders are searched to the bottom.
    system : System
        Whose tables may take the files.
    table_name : str, optional
        The table of a single file, whatever its name.
    takes : callable, optional
        Says of a file whether to look at it at all.

    Returns
    -------
    Delivery
        With files in the order of their names.

    Raises
    ------
    NothingDeliveredError
        If the path is a folder without a data file, or a file not to be looked at.
    InputError
        If the path cannot be read.
    """
    table = _forced(path, system, table_name)
    delivery = Delivery()
    if path.is_dir():
        for file in filter(takes, _walk(path, delivery)):
            _place(delivery, system, file, file.relative_to(path).as_posix(), None)
        if not delivery.files and not delivery.problems:
            raise NothingDeliveredError(
                "The folder holds no data file.",
                where=str(path),
                hint=f"Files that can be read: {READABLE}."
                + "".join(
                    f"\n    {name}: {why}" for name, why in delivery.ignored[:10]
                ),
            )
        return delivery
    if not path.exists():
        raise InputError(
            "There is no such file or folder.", where=str(path), hint=_beside(path)
        )
    if not path.is_file():
        raise InputError("This is neither a file nor a folder.", where=str(path))
    if takes is not None and not takes(path):
        raise NothingDeliveredError("The file is not to be looked at.", where=str(path))
    _place(delivery, system, path, path.name, table)
    if delivery.ignored:
        _, why = delivery.ignored[0]
        raise InputError(
            f"There is nothing to load: {why}.",
            where=str(path),
            hint=f"To load it all the same, name its table with --table. Tables: "
            f"{listed(system.table_names)}.",
        )
    return delivery


def _forced(path: Path, system: System, table_name: str | None) -> Table | None:
    if table_name is None:
        return None
    table = named_table(system, table_name)
    if path.is_dir():
        raise InputError(
            "--table goes with a single file, and this is a folder.",
            where=str(path),
            hint=f"Give the path of one file, or name the folder '{table_name}'.",
        )
    return table


def named_table(system: System, name: str) -> Table:
    """Return the table that ``--table`` names.

    Raises
    ------
    InputError
        If the system has none of that name.
    """
    table = system.table(name)
    if table is None:
        raise InputError(
            f"System '{system.name}' has no table '{name}'.",
            where="--table",
            hint=f"{did_you_mean(name, system.table_names)}"
            f"Its tables are: {listed(system.table_names)}.",
        )
    return table


def _beside(path: Path) -> str:
    """Return a hint with near names in the folder that was meant."""
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either."
    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        names = []
    return f"{did_you_mean(path.name, names)}Check the path."


def _walk(folder: Path, delivery: Delivery) -> list[Path]:
    found: list[Path] = []

    def unreadable(error: OSError) -> None:
        raise InputError(
            f"A folder cannot be read: {error.strerror}.", where=str(error.filename)
        )

    for at, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(at)
        for name in list(folders):
            place = (here / name).relative_to(folder).as_posix() + "/"
            if name.startswith("."):
                folders.remove(name)
                delivery.ignored.append((place, "hidden"))
            elif (here / name).is_symlink():
                delivery.ignored.append((place, "a link to a folder, not followed"))
        found += [here / name for name in files]
    return sorted(found)


def _place(
    delivery: Delivery,
    system: System,
    path: Path,
    source_file: str,
    table: Table | None,
) -> None:
    """Put one file where it belongs: to load, to ignore, or among the problems."""
    if table is None and (why := _ignored(path, system)):
        delivery.ignored.append((source_file, why))
        return
    kind = kind_of(path.name)
    try:
        if not path.is_file():
            raise InputError("This is no regular file.", where=str(path))
        note = ""
        if table is None:
            table = _by_name(path, source_file, system)
        if kind is None:
            if table is None and not is_unreadable_data(path.name):
                delivery.ignored.append((source_file, "no data file"))
                return
            raise InputError(
                "Files with this ending cannot be read.",
                where=str(path),
                hint=f"Deliver it as one of: {READABLE}.",
            )
        if table is None:
            table, note = _by_columns(path, kind, system)
        if table is None:
            if may_be_prose(path.name):
                delivery.ignored.append((source_file, "text that no table takes"))
                return
            raise _unplaced(path, system)
    except InputError as error:
        delivery.problems.append(error)
        return
    except OSError as error:
        delivery.problems.append(
            InputError(f"The file cannot be read: {error.strerror}.", where=str(path))
        )
        return
    delivery.files.append(DataFile(path, source_file, kind, table, note))


def _ignored(path: Path, system: System) -> str:
    """Return why a file is passed over whatever it holds, or nothing."""
    if path.name.startswith((".", "_")):
        return "hidden"
    if path.name.endswith(DELIVERED_SUFFIX):
        return "says that a file is delivered whole"
    for each in system.ignored:
        if most_specific(each.files, path.name) is not None:
            return f"ignored by the contract: {each.reason}"
    return ""


def _by_name(path: Path, source_file: str, system: System) -> Table | None:
    """Return the table by its globs, or else by the name of a folder above."""
    found = [
        (fixed_characters(glob), table)
        for table in system.tables
        if (glob := table.glob_for(path.name)) is not None
    ]
    if found:
        most = max(characters for characters, _ in found)
        best = [table for characters, table in found if characters == most]
        if len(best) > 1:
            raise InputError(
                "More than one table takes this file: "
                f"{listed(table.name for table in best)}.",
                where=str(path),
                hint=f"Make `files` of these tables in {system.path} differ, or load "
                "the file alone with --table.",
            )
        return best[0]
    depth = source_file.count("/") + 1
    for folder in list(path.absolute().parents)[:depth]:
        if (table := system.table(folder.name)) is not None:
            return table
    return None


def _by_columns(path: Path, kind: FileKind, system: System) -> tuple[Table | None, str]:
    """Return the one table whose contract has exactly the file's columns."""
    found = [
        table
        for table in system.tables
        if table.takes(set(delivered_columns(path, kind, table)))
    ]
    if len(found) != 1:
        return None, ""
    return found[0], f"table {found[0].name} by its columns"


def _unplaced(path: Path, system: System) -> InputError:
    stem = path.name.split(".", maxsplit=1)[0]
    return InputError(
        f"No table of system '{system.name}' takes this file.",
        where=str(path),
        hint=f"{did_you_mean(stem, system.table_names)}"
        f"Tables and their files: "
        + "; ".join(f"{each.name} ({listed(each.files)})" for each in system.tables)
        + ". Rename the file, name its table with --table, or add its name to `files` "
        f"or `ignored_files` in {system.path}.",
    )
