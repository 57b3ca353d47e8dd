"""Where things are: the dbt project, and the warehouse home that runs write to.

The warehouse home holds, beside each other::

    raw/<system>/<table>/<batch_id>/*.parquet         what was loaded, immutable
    quarantine/<system>/<table>/<batch_id>/*.parquet  rows that broke their contract
    batches/<batch_id>.parquet                        the batch log: a batch exists
                                                      once this file does
    runs/<run_id>.parquet                             the log of dbt runs
    runs/nodes/<run_id>.parquet                       what each node of them did
    logs/run-<number>.jsonl                           the log of nightly runs, by step
    published/versions/<number>/                      what readers see, read-only
    published/current -> versions/<number>
    as_known_on/<instant>.duckdb                      the warehouse of a past date
    tmp/                                              unfinished work, free to delete
    acrm.lock                                         held by whoever writes
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from acrm.errors import InputError

PROJECT_VARIABLE = "ACRM_PROJECT"
WAREHOUSE_VARIABLE = "ACRM_WAREHOUSE"
DATABASE_VARIABLE = "ACRM_DATABASE"
MEMORY_VARIABLE = "ACRM_MEMORY"
_DEFAULT_MEMORY = "10GB"
_MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B)", re.IGNORECASE)


@dataclass(frozen=True)
class Project:
    """The folders that a command works in.

    Parameters
    ----------
    root : Path
        The folder with ``dbt_project.yml``.
    home : Path
        The warehouse home.
    """

    root: Path
    home: Path

    @property
    def raw(self) -> Path:
        """Folder of the raw zone."""
        return self.home / "raw"

    @property
    def quarantine(self) -> Path:
        """Folder of rows that broke their contract."""
        return self.home / "quarantine"

    @property
    def batches(self) -> Path:
        """Folder of the batch log, one Parquet file a committed batch."""
        return self.home / "batches"

    @property
    def runs(self) -> Path:
        """Folder of the run log, one Parquet file a dbt run."""
        return self.home / "runs"

    @property
    def logs(self) -> Path:
        """Folder of the logs of nightly runs."""
        return self.home / "logs"

    @property
    def published(self) -> Path:
        """Folder of published versions."""
        return self.home / "published"

    @property
    def tmp(self) -> Path:
        """Folder of unfinished work on the same file system as the rest."""
        return self.home / "tmp"

    @property
    def lock_file(self) -> Path:
        """File whose lock a writer holds."""
        return self.home / "acrm.lock"

    @property
    def packs(self) -> Path:
        """Folder with one folder a source system."""
        return self.root / "models" / "staging"

    @property
    def database(self) -> Path:
        """The private DuckDB file that dbt builds; a publication moves it away."""
        given = os.environ.get(DATABASE_VARIABLE)
        return Path(given).absolute() if given else self.root / "target" / "acrm.duckdb"


def find_project(start: Path | None = None) -> Project:
    """Find the dbt project from a folder upwards, and the warehouse home beside it.

    Parameters
    ----------
    start : Path, optional
        Where to begin; the environment variable ``ACRM_PROJECT`` or else the
        working directory by default.

    Returns
    -------
    Project
        With absolute paths.

    Raises
    ------
    InputError
        If no folder on the way up holds ``dbt_project.yml``.
    """
    begin = Path(start or os.environ.get(PROJECT_VARIABLE) or Path.cwd()).absolute()
    for folder in (begin, *begin.parents):
        if (folder / "dbt_project.yml").is_file():
            home = os.environ.get(WAREHOUSE_VARIABLE)
            return Project(
                root=folder,
                home=Path(home).absolute() if home else folder / "warehouse",
            )
    raise InputError(
        "No dbt project here.",
        where=f"{begin} and the folders above it have no dbt_project.yml",
        hint=f"Change to the repository's folder, or set {PROJECT_VARIABLE} to it.",
    )


def memory_limit() -> str:
    """Return what DuckDB may take in a build or publication.

    Raises
    ------
    InputError
        If what the environment says is no size.
    """
    memory = os.environ.get(MEMORY_VARIABLE) or _DEFAULT_MEMORY
    check_memory(memory, MEMORY_VARIABLE)
    return memory


def check_memory(memory: str, where: str) -> None:
    """Refuse a memory limit that is none.

    Parameters
    ----------
    memory : str
        Such as ``4GB``.
    where : str
        The option or variable that says so.

    Raises
    ------
    InputError
        If it is no size.
    """
    if not _MEMORY.fullmatch(memory.strip()):
        raise InputError(
            f"The memory limit {memory!r} is no size.",
            where=where,
            hint="Write a number and a unit, such as 512MB or 4GB.",
        )
