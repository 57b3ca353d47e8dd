"""One file of a batch: read the fast way or the careful, or refused without a trace."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from acrm.errors import AcrmError, InputError
from acrm.loading.batch_log import FileRecord, known_until
from acrm.loading.discovery import DataFile
from acrm.loading.engine import storage_error
from acrm.loading.file_load import FileLoad, Outcome, Stamp
from acrm.loading.options import Listener


@dataclass(frozen=True)
class FileAttempt:
    """What loading a file takes.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Does the work.
    stamp : Stamp
        What every row of the batch carries.
    contract : str
        Where the contract stands.
    log : sequence of FileRecord
        What was committed before.
    home : Path
        The warehouse home, whose disk may be full.
    work : Path
        Takes what is written until the commit.
    checked_only : bool
        Whether nothing is to be written.
    listener : Listener
        Is told what share is done.
    """

    connection: duckdb.DuckDBPyConnection
    stamp: Stamp
    contract: str
    log: Sequence[FileRecord]
    home: Path
    work: Path
    checked_only: bool
    listener: Listener

    def load(self, file: DataFile, number: int) -> Outcome | InputError:
        """Load one file; a problem is returned, so that all of them are found.

        Parameters
        ----------
        file : DataFile
            The file.
        number : int
            Its number in the batch, which names what is written.

        Returns
        -------
        Outcome or InputError
            With a problem, nothing of the file is left.
        """
        name = f"{self.stamp.system}/{file.table.name}/{number:05d}.parquet"
        targets = self.work / "raw" / name, self.work / "quarantine" / name
        parking = self.work / "parking"
        parking.mkdir(parents=True, exist_ok=True)
        try:
            outcome = self._tried(file, parking, targets)
        finally:
            shutil.rmtree(parking)
        if isinstance(outcome, InputError):
            _remove(targets)
        return outcome

    def _tried(
        self, file: DataFile, parking: Path, targets: tuple[Path, Path]
    ) -> Outcome | InputError:
        try:
            before = file.path.stat()
            outcome = self._read(file, parking, targets)
            after = file.path.stat()
            if (before.st_mtime_ns, before.st_size) != (
                after.st_mtime_ns,
                after.st_size,
            ):
                return InputError(
                    "The file changed while it was read.",
                    hint="Load it when it is written to its end.",
                )
        except InputError as error:
            return error
        except (OSError, duckdb.Error) as error:
            if storage_error(error, self.home) is not None:
                raise
            return InputError(
                f"The file cannot be read: {str(error).strip().splitlines()[0]}.",
                hint="It was damaged on the way, or is something else; deliver it "
                "again.",
            )
        return outcome

    def _read(
        self,
        file: DataFile,
        parking: Path,
        targets: tuple[Path, Path],
        *,
        careful: bool = False,
    ) -> Outcome:
        """Read a file the fast way where there is one, else, or then, the careful."""
        loading = FileLoad(
            self.connection,
            file,
            self.stamp,
            contract=self.contract,
            parking=parking,
            report=self.listener.report,
            careful=careful,
            known_until=known_until(self.log, self.stamp.system, file.table.name),
        )
        try:
            return loading.check() if self.checked_only else loading.write(*targets)
        except (AcrmError, duckdb.Error) as error:
            failed_for_good = storage_error(error, self.home) is not None
            if not loading.is_fast or failed_for_good:
                raise
        _remove(targets)
        return self._read(file, parking, targets, careful=True)


def _remove(targets: tuple[Path, Path]) -> None:
    for target in targets:
        target.unlink(missing_ok=True)
