"""What an extract promises: the contract of each table of a source system.

A contract is read from the pack's sources file, the same that dbt reads, by
:mod:`acrm.loading.contract_file`. Here is only what it says.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path

Scalar = str | int | float | bool | Decimal | date | datetime

PLAIN_TYPES = (
    "bigint",
    "integer",
    "double",
    "boolean",
    "date",
    "timestamp",
    "varchar",
)
RESERVED_COLUMNS = (
    "_loaded_at",
    "_extracted_at",
    "_batch_id",
    "_source_file",
    "_row_number",
)
MAX_DECIMAL_DIGITS = 38
_DECIMAL = re.compile(r"(?:decimal|numeric)\(\s*(\d+)\s*,\s*(\d+)\s*\)")


@dataclass(frozen=True)
class DataType:
    """The promised type of a column.

    Parameters
    ----------
    name : str
        One of ``PLAIN_TYPES`` or ``decimal``.
    precision, scale : int, default 0
        Digits in all and after the point, of a decimal.
    """

    name: str
    precision: int = 0
    scale: int = 0

    @property
    def sql(self) -> str:
        """The type as DuckDB writes it."""
        if self.name == "decimal":
            return f"decimal({self.precision},{self.scale})"
        return self.name

    @property
    def is_number(self) -> bool:
        """Whether values are compared as numbers."""
        return self.name in ("bigint", "integer", "double", "decimal")

    @property
    def is_moment(self) -> bool:
        """Whether values are days or instants."""
        return self.name in ("date", "timestamp")


def parse_data_type(text: str) -> DataType | None:
    """Return the type that a contract names, or None when there is no such type."""
    name = text.strip().lower()
    if name in PLAIN_TYPES:
        return DataType(name)
    match = _DECIMAL.fullmatch(name)
    if match is None:
        return None
    precision, scale = int(match[1]), int(match[2])
    if not 1 <= precision <= MAX_DECIMAL_DIGITS or scale > precision:
        return None
    return DataType("decimal", precision, scale)


@dataclass(frozen=True)
class Column:
    """One promised column.

    Parameters
    ----------
    name : str
        As in the file's header.
    data_type : DataType
        What every value is cast to, strictly.
    required : bool
        Whether a value must be there.
    optional : bool
        Whether the whole column may be absent from a file.
    minimum, maximum : Scalar, optional
        Bounds, both inclusive.
    allowed : tuple of Scalar
        The only values allowed; empty for any.
    time_format : str, optional
        How days or instants are written in text; ISO 8601 by default.
    """

    name: str
    data_type: DataType
    required: bool = False
    optional: bool = False
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    allowed: tuple[Scalar, ...] = ()
    time_format: str | None = None


@dataclass(frozen=True)
class CsvDialect:
    """How a table's text files are written.

    Parameters
    ----------
    delimiter : str, optional
        One character; by default a comma, and a tab in ``.tsv`` files.
    encoding : str
        A Python codec name.
    quote : str
        One character, or empty where nothing is quoted.
    null_values : tuple of str
        Texts that stand for no value.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    quote: str = '"'
    null_values: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Postgres:
    """How a table is read from a PostgreSQL database.

    Parameters
    ----------
    table : str, optional
        Its name there, ``schema.table`` or ``table``; the contract's own by default.
    watermark : str, optional
        The column that grows with every change, so that a load reads new rows only;
        without one the whole table is read each time.
    overlap : timedelta or int
        How far before the last watermark reading begins, for rows that were
        committed late.
    """

    table: str | None = None
    watermark: str | None = None
    overlap: timedelta | int = 0


@dataclass(frozen=True)
class Table:
    """The contract of one table.

    Parameters
    ----------
    name : str
        Name of the table, and of its folder in the raw zone.
    columns : tuple of Column
        In the order in which they are written to the raw zone.
    files : tuple of str
        Globs on file names that belong to the table.
    key : tuple of str
        Columns whose values are unique within one file; empty for none.
    event_time : str, optional
        The column that says when a row happened.
    max_quarantined_share : float
        Share of a batch's rows, 0 to 1, that may break the contract.
    csv : CsvDialect
        How its text files are written.
    postgres : Postgres, optional
        How it is read from a database; None where it never is.
    """

    name: str
    columns: tuple[Column, ...]
    files: tuple[str, ...]
    key: tuple[str, ...] = ()
    event_time: str | None = None
    max_quarantined_share: float = 0.0
    csv: CsvDialect = field(default_factory=CsvDialect)
    postgres: Postgres | None = field(default_factory=Postgres)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def sha256(self) -> str:
        """A fingerprint of all that the contract says."""
        said = asdict(self)
        if self.postgres == Postgres():
            # contracts that say nothing of databases keep the fingerprint they had
            del said["postgres"]
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def takes(self, columns: set[str]) -> bool:
        """Whether a file with exactly these columns fits the contract."""
        needed = {column.name for column in self.columns if not column.optional}
        return needed <= columns <= set(self.column_names)

    def glob_for(self, file_name: str) -> str | None:
        """Return the most specific of the table's globs that matches, if any."""
        return most_specific(self.files, file_name)


@dataclass(frozen=True)
class Ignored:
    """Files that are known and deliberately not loaded.

    Parameters
    ----------
    files : tuple of str
        Globs on file names.
    reason : str
        Why, for whoever reads the load's summary.
    """

    files: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class System:
    """All contracts of one source system.

    Parameters
    ----------
    name : str
        Name of the pack.
    path : Path
        The sources file that the contracts stand in.
    tables : tuple of Table
        Its tables, in the file's order.
    ignored : tuple of Ignored
        Files to pass over.
    """

    name: str
    path: Path
    tables: tuple[Table, ...]
    ignored: tuple[Ignored, ...] = ()

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the tables, in order."""
        return tuple(table.name for table in self.tables)

    def table(self, name: str) -> Table | None:
        """Return the table of that name, if there is one."""
        return next((table for table in self.tables if table.name == name), None)


def most_specific(globs: tuple[str, ...], file_name: str) -> str | None:
    """Return the matching glob that fixes most characters, if any matches."""
    matching = [glob for glob in globs if fnmatchcase(file_name, glob)]
    return max(matching, key=fixed_characters, default=None)


def fixed_characters(glob: str) -> int:
    """Count the characters of a glob that are not wildcards."""
    return len(re.sub(r"\[[^]]*\]|[*?]", "", glob))
