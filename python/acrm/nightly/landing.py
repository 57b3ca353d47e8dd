"""Where each system's extracts land."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acrm.errors import InputError
from acrm.loading.contract_file import pack_names
from acrm.loading.formats import READABLE, kind_of
from acrm.loading.postgres_url import PostgresUrl, refuse_url_as_system
from acrm.loading.wording import did_you_mean, listed
from acrm.project import Project


@dataclass(frozen=True)
class Landing:
    """A folder, one file, or a database, of one system.

    Parameters
    ----------
    system : str
        The pack whose contracts hold.
    source : Path or PostgresUrl
        The folder, or where the database is.
    """

    system: str
    source: Path | PostgresUrl


def find_landings(
    project: Project, paths: Sequence[Path | PostgresUrl], system: str = ""
) -> tuple[list[Landing], list[InputError]]:
    """Find the landing folder of each system.

    A path belongs to the named system, or to the one that it is named after; else
    each of its folders is that of the system that it is named after. Names that
    begin with ``.`` or ``_`` are passed over. A database needs the named system.

    Parameters
    ----------
    project : Project
        Whose packs.
    paths : sequence of Path or PostgresUrl
        Folders as given, and databases.
    system : str, optional
        The system of all of them.

    Returns
    -------
    tuple of (list of Landing, list of InputError)
        In the order of paths and names; and what no system takes.
    """
    packs = pack_names(project)
    refuse_url_as_system(system)
    if system and system not in packs:
        raise InputError(
            f"There is no pack '{system}'.",
            where="--system",
            hint=f"{did_you_mean(system, packs)}The packs are: {listed(packs)}.",
        )
    landings: list[Landing] = []
    problems: list[InputError] = []
    for path in paths:
        if isinstance(path, PostgresUrl):
            if system:
                landings.append(Landing(system, path))
            else:
                problems.append(
                    InputError(
                        "A database needs --system.",
                        where=str(path),
                        hint="Say whose it is: acrm run URL --system NAME.",
                    )
                )
            continue
        given = tidy(path)
        if not given.exists():
            problems.append(
                InputError("There is no such file or folder.", where=str(path))
            )
        elif system:
            landings.append(Landing(system, given))
        elif not given.is_dir():
            problems.append(
                InputError(
                    "A single file needs --system.",
                    where=str(path),
                    hint="Say whose it is, or give a folder with a folder a system.",
                )
            )
        elif given.name in packs:
            landings.append(Landing(given.name, given))
        else:
            _look_into(given, packs, landings, problems)
    return landings, problems


def tidy(path: Path) -> Path:
    """Return a path from the root, without ``..``, and with links as they are."""
    return Path(os.path.normpath(path.absolute()))


def _look_into(
    folder: Path,
    packs: list[str],
    landings: list[Landing],
    problems: list[InputError],
) -> None:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        problems.append(
            InputError(
                f"The folder cannot be read: {error.strerror}.", where=str(folder)
            )
        )
        return
    found = False
    for path in inside:
        if path.name.startswith((".", "_")):
            continue
        if path.is_dir() and path.name in packs:
            landings.append(Landing(path.name, path))
            found = True
        elif path.is_dir():
            problems.append(
                InputError(
                    f"There is no pack '{path.name}'.",
                    where=str(path),
                    hint=f"{did_you_mean(path.name, packs)}The packs are:"
                    f" {listed(packs)}. A folder that is none of them begins with '_'.",
                )
            )
            found = True
        elif kind_of(path.name) is not None:
            problems.append(
                InputError(
                    "This file lies in no system's folder.",
                    where=str(path),
                    hint=f"Move it to the folder of its system: {listed(packs)};"
                    " or name the system with --system.",
                )
            )
            found = True
    if not found:
        problems.append(
            InputError(
                "The folder holds no system's folder.",
                where=str(folder),
                hint=f"Put the extracts of each system into a folder named after its"
                f" pack ({listed(packs)}), or name it with --system. Files that can be"
                f" read: {READABLE}.",
            )
        )
