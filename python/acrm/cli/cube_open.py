"""What all ``acrm cube`` commands share: which file, which definitions, how to wait."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from acrm.cli.row_formats import RowFormat, format_of, require_right_place
from acrm.console import err, out, show_table
from acrm.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from acrm_olap import Cubes

Found = TypeVar("Found")
Database = Annotated[
    Path | None,
    typer.Option("--database", help="Ask a DuckDB file instead of what is published."),
]
Version = Annotated[
    int | None,
    typer.Option("--version", min=1, help="Published version; else the current one."),
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--definitions",
        help="Folder with the YAML of cubes; olap/ of the project by default.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write a file, whole or not at all."),
]
# What hints say in Python, as an option and as a clause of a line.
_IN_WORDS = {
    "missing='empty'": "--missing empty (in a line: missing empty)",
    "as_of='is'": "--as-of is (in a line: as is)",
}


def target_of(database: Path | None, version: int | None) -> str | Path:
    """Return what is asked, as ``connect`` takes it."""
    if database is not None and version is not None:
        raise InputError(
            "--version names another file to ask.",
            hint="Give one of --version and --database.",
        )
    if database is not None:
        return database
    return "published" if version is None else f"published:{version}"


@contextmanager
def opened(
    database: Path | None, version: int | None, definitions: list[Path] | None
) -> Iterator[Cubes]:
    """Open the cubes that a command is for; close them at the end."""
    from acrm_olap import connect
    from acrm_olap.errors import CubeError

    try:
        with connect(target_of(database, version), definitions or None) as cubes:
            yield cubes
    except CubeError as error:
        for python, words in _IN_WORDS.items():
            error.hint = error.hint.replace(python, words)
        raise


def waiting(what: str, work: Callable[[], Found]) -> Found:
    """Do what may take long, with a sign of life on a terminal."""
    if not err().is_terminal:
        return work()
    with err().status(what):
        return work()


def write_table(
    table: pa.Table, kind: RowFormat | None, output: Path | None, most: int
) -> None:
    """Print rows, or write them to a file."""
    from acrm.reading.formats import write_file, write_text
    from acrm_olap.results.files import Cells

    rows = Cells(table)
    chosen = kind or RowFormat(format_of(output, list(RowFormat)))
    require_right_place(chosen.value, output)
    if output is not None:
        count = write_file(rows, chosen.value, output.absolute())
        say_written(count, "row", output)
    elif chosen is RowFormat.TABLE:
        shown = table.slice(0, most)
        print_rows(
            table.column_names, [tuple(row.values()) for row in shown.to_pylist()]
        )
    else:
        write_text(rows, chosen.value, sys.stdout)
        sys.stdout.flush()


def say_written(count: int, what: str, output: Path) -> None:
    """Say on stderr that a file was written."""
    from acrm.words import counted

    err().print(f"Wrote {counted(count, what)} to {output}.", markup=False)


def print_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table; numbers to the right."""
    numbers = [
        n
        for n in range(len(names))
        if any(_is_number(row[n]) for row in rows)
        and all(row[n] is None or _is_number(row[n]) for row in rows)
    ]
    show_table(
        names, [["" if c is None else str(c) for c in row] for row in rows], numbers
    )


def _is_number(value: Any) -> bool:
    from decimal import Decimal

    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def print_json(value: Any) -> None:
    """Print a value as JSON, decimals as texts."""
    import json

    from acrm.reading.formats import json_value

    out().print(
        json.dumps(json_value(value), indent=2, ensure_ascii=False), markup=False
    )
