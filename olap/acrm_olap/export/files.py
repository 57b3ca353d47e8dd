"""Write exported files into a folder, in the place of those of an export before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from acrm.disk import write_atomically
from acrm_olap.errors import DefinitionError

HEADER = "Written by acrm from the definitions of the cubes: change those, not this."


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files, and remove those of an export before that are gone.

    Parameters
    ----------
    folder : Path
        Made if it does not exist. Files that somebody else wrote stay.
    files : mapping of str to str
        Contents by name; each has the header.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    DefinitionError
        If a file of that name was written by somebody else.
    """
    if folder.exists() and not folder.is_dir():
        raise DefinitionError(
            "The export goes into a folder.",
            where=str(folder),
            hint="Give a folder; it is made if it does not exist.",
        )
    for name in files:
        path = folder / name
        if path.exists() and not is_ours(path):
            raise DefinitionError(
                "A file of that name is there, and no export wrote it.",
                where=str(path),
                hint="Give another folder, or move the file.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_atomically(folder / name, content.encode())
    for path in folder.iterdir():
        if path.name not in files and path.is_file() and is_ours(path):
            path.unlink()
    return [folder / name for name in files]


def is_ours(path: Path) -> bool:
    """Whether an export wrote a file."""
    with path.open("rb") as file:
        return HEADER.encode() in file.read(400)


def behind(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Return names of files that differ, are missing, or should be gone.

    Parameters
    ----------
    folder : Path
        Where an export went.
    files : mapping of str to str
        What it would write now.
    """
    late = [
        name
        for name, content in files.items()
        if not (folder / name).is_file()
        or (folder / name).read_text(encoding="utf-8") != content
    ]
    if folder.is_dir():
        late += [
            path.name
            for path in folder.iterdir()
            if path.name not in files and path.is_file() and is_ours(path)
        ]
    return sorted(late)
