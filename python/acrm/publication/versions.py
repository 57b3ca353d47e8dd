"""The published versions: which there are, which one readers see, and since when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from acrm.disk import sync, write_atomically
from acrm.errors import InputError
from acrm.project import Project

DATABASE_NAME = "acrm.duckdb"
MANIFEST_NAME = "manifest.json"
_DIGITS = 6


@dataclass(frozen=True)
class ParquetFile:
    """One file of the Parquet copy of a table.

    Parameters
    ----------
    name : str
        In the table's folder.
    rows, bytes : int
        Its size.
    content : str
        Equal for equal rows: what proves that the next version may share the file.
    """

    name: str
    rows: int
    bytes: int
    content: str


@dataclass(frozen=True)
class TableEntry:
    """One published table.

    Parameters
    ----------
    name : str
        The table.
    rows : int
        Its rows, equal in the DuckDB file and in Parquet.
    bytes : int
        Size of its Parquet files.
    files : tuple of ParquetFile
        Those files; none if the table has no Parquet copy.
    """

    name: str
    rows: int
    bytes: int
    files: tuple[ParquetFile, ...] = ()


@dataclass(frozen=True)
class Version:
    """One published version, as its manifest tells it.

    Parameters
    ----------
    number : int
        Counted from 1; never used twice.
    folder : Path
        Where it is.
    published_at : str
        When it was published (UTC, ISO 8601).
    built_at : str
        When the build that it holds started; batches loaded later are not in it.
    run_id : str
        The dbt run that built it; empty if dbt was run by hand.
    tables : tuple of TableEntry
        What it holds, by name.
    database_bytes : int
        Size of the DuckDB file.
    data_through : mapping of str to str
        Last business instant in the data of each source system.
    audit : mapping
        Which checks it passed.
    left_out : tuple of str
        Relations of the build file that no model of the project builds.
    dbt_version, duckdb_version : str
        What it was made with.
    generation : str
        Equal for versions that grew out of one another without a full rebuild, by the
        same code: the generation of the build file, and a hash of its models' code.
    code : str
        A checksum of all that decides what is built besides the raw zone; empty if the
        tests ran on what was built before.
    """

    number: int
    folder: Path
    published_at: str
    built_at: str
    run_id: str
    tables: tuple[TableEntry, ...]
    database_bytes: int
    data_through: Mapping[str, str]
    audit: Mapping[str, Any]
    left_out: tuple[str, ...]
    dbt_version: str
    duckdb_version: str
    generation: str = ""
    code: str = ""

    @property
    def database(self) -> Path:
        """Its DuckDB file."""
        return self.folder / DATABASE_NAME

    @property
    def rows(self) -> int:
        """Rows in all its tables."""
        return sum(table.rows for table in self.tables)

    @property
    def bytes(self) -> int:
        """Size of the DuckDB and the Parquet files."""
        return self.database_bytes + sum(table.bytes for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        """Return the manifest."""
        fields = asdict(self)
        fields["version"] = fields.pop("number")
        del fields["folder"]
        return {"version": fields.pop("version"), **fields}


@dataclass(frozen=True)
class Switch:
    """One time at which ``current`` was pointed to another version.

    Parameters
    ----------
    at : str
        When (UTC, ISO 8601).
    kind : {"publish", "rollback"}
        By which command.
    from_version : int or None
        What readers saw before; None the first time.
    to_version : int
        What they see after.
    by : str
        The user of the operating system.
    reason : str
        As given by that user; may be empty.
    """

    at: str
    kind: str
    from_version: int | None
    to_version: int
    by: str
    reason: str = ""


def versions_folder(project: Project) -> Path:
    """Return the folder of all versions."""
    return project.published / "versions"


def version_name(number: int) -> str:
    """Return the folder name of a version: ``000042``."""
    return f"{number:0{_DIGITS}d}"


def version_numbers(project: Project) -> list[int]:
    """Return the numbers of all versions that are kept, ascending."""
    folder = versions_folder(project)
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())


def current_number(project: Project) -> int | None:
    """Return the number that ``current`` points to, None before the first one.

    Raises
    ------
    InputError
        If it points to something that is not there.
    """
    link = project.published / "current"
    if not link.is_symlink():
        return None
    target = link.readlink().name
    if not target.isdigit() or not (link / DATABASE_NAME).exists():
        kept = ", ".join(map(str, version_numbers(project))) or "none"
        raise InputError(
            f"The published version is gone: current points to {link.readlink()}.",
            where=str(link),
            hint=f"Point it to a version that is kept ({kept}) with"
            " `acrm rollback VERSION`, or run `acrm build`.",
        )
    return int(target)


def read_version(project: Project, number: int) -> Version:
    """Read the manifest of one version.

    Raises
    ------
    InputError
        If there is no such version or its manifest cannot be read.
    """
    folder = versions_folder(project) / version_name(number)
    path = folder / MANIFEST_NAME
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["number"] = fields.pop("version")
        fields["tables"] = tuple(map(_table_entry, fields["tables"]))
        fields.pop("database_sha256", None)  # of versions from before it was left out
        fields["left_out"] = tuple(fields["left_out"])
        return Version(folder=folder, **fields)
    except FileNotFoundError:
        raise unknown_version(project, number) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The manifest of version {number} cannot be read.",
            where=f"{path}: {error}",
            hint="Roll back to another version, or publish anew.",
        ) from error


def _table_entry(fields: dict[str, Any]) -> TableEntry:
    files = tuple(ParquetFile(**each) for each in fields.pop("files", ()))
    return TableEntry(**fields, files=files)


def list_versions(project: Project) -> list[Version]:
    """Return all versions that are kept, oldest first."""
    return [read_version(project, number) for number in version_numbers(project)]


def current_version(project: Project) -> Version | None:
    """Return the version that readers see now, None before the first one."""
    number = current_number(project)
    return None if number is None else read_version(project, number)


def find_version(project: Project, number: int | None = None) -> Version:
    """Return one version, or the one that readers see now.

    Parameters
    ----------
    project : Project
        Whose versions.
    number : int, optional
        Which; the current one by default.

    Raises
    ------
    InputError
        If nothing was published, or there is no such version.
    """
    if number is not None:
        return read_version(project, number)
    version = current_version(project)
    if version is None:
        raise nothing_published(project)
    return version


def nothing_published(project: Project) -> InputError:
    """Return the error for a warehouse without a published version."""
    return InputError(
        "Nothing is published yet.",
        where=str(project.published),
        hint="Run `acrm build`, which publishes when all tests pass.",
    )


def unknown_version(project: Project, number: int) -> InputError:
    """Return the error for a version that is not kept."""
    numbers = version_numbers(project)
    if not numbers:
        return nothing_published(project)
    return InputError(
        f"There is no version {number}.",
        where=str(versions_folder(project)),
        hint=f"Versions that are kept: {', '.join(map(str, numbers))}.",
    )


def read_switches(project: Project) -> list[Switch]:
    """Return every publication and rollback, oldest first."""
    path = _switches_path(project)
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Switch(**json.loads(line)) for line in lines]


def switch(project: Project, event: Switch) -> None:
    """Point ``current`` to a version in one step, and note who did it and why.

    Readers resolve the link once, so each sees either the old or the new version.
    """
    project.tmp.mkdir(parents=True, exist_ok=True)
    link = project.tmp / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version_name(event.to_version))
    link.replace(project.published / "current")
    sync(project.published)
    lines = [json.dumps(asdict(each)) for each in (*read_switches(project), event)]
    write_atomically(_switches_path(project), ("\n".join(lines) + "\n").encode())


def _switches_path(project: Project) -> Path:
    return project.published / "switches.jsonl"
