"""Run commands of the product as a user does, and say what they took."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = "ACRM_BENCH_FOLDER"


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Make a folder where ``ACRM_BENCH_FOLDER`` says, and remove it in the end."""
    place = os.environ.get(FOLDER)
    with tempfile.TemporaryDirectory(prefix="acrm-", dir=place) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class Took:
    """What a process took: wall time in seconds, peak memory in GiB, time of cores."""

    seconds: float
    gibibytes: float
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class Home:
    """A warehouse home of its own, with its build file beside it."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        """The warehouse home."""
        return self.folder / "warehouse"

    @property
    def database(self) -> Path:
        """The build file."""
        return self.folder / "build.duckdb"

    @property
    def published(self) -> Path:
        """The file that readers see."""
        return self.warehouse / "published" / "current" / "acrm.duckdb"

    @property
    def seconds_to_readers(self) -> float:
        """How long the last run took until readers had its version."""
        said = (self.folder / "last.log").read_text(encoding="utf-8")
        return float(re.findall(r"published version \d+, in ([\d.]+) s", said)[-1])

    def python(self, *arguments: str | Path) -> Took:
        """Run a module in a process of its own; stop at what it says if it fails.

        Parameters
        ----------
        *arguments : str or Path
            As of ``python``.

        Returns
        -------
        Took
            Of the whole process, its start included.
        """
        environment = os.environ | {
            "ACRM_WAREHOUSE": str(self.warehouse),
            "ACRM_DATABASE": str(self.database),
            "ACRM_PROJECT": str(ROOT),
        }
        log = self.folder / "last.log"
        started = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 -- our own program
                [sys.executable, *map(str, arguments)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(
                f"{' '.join(map(str, arguments))} ended with {process.returncode}:\n"
                + log.read_text(encoding="utf-8", errors="replace")[-4000:]
            )
        return Took(seconds, used.ru_maxrss / 2**20, used.ru_utime + used.ru_stime)

    def acrm(self, *arguments: str | Path) -> Took:
        """Run a command of the product."""
        return self.python("-m", "acrm", *arguments)

    def dbt(self, *arguments: str) -> Took:
        """Run a command of dbt."""
        return self.python("-m", "dbt.cli.main", "--quiet", *arguments)
