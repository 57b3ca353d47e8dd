"""What a person reads: messages and tables to the terminal, progress to stderr."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table


@cache
def out() -> Console:
    """Return the console for results (stdout); colour only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, emoji=False, soft_wrap=True)


@cache
def err() -> Console:
    """Return the console for messages and progress (stderr)."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def size(count: int) -> str:
    """Return a number of bytes in the unit that a person would use."""
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000:  # noqa: PLR2004 - decimal units
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def show_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
    console: Console | None = None,
) -> None:
    """Print a table; off a terminal it is as wide as it needs to be.

    Parameters
    ----------
    headings : sequence of str
        One a column.
    rows : iterable of sequence of str
        The cells; nothing in them is markup.
    numbers : collection of int
        Columns that are set to the right, counted from 0.
    console : Console, optional
        Where to; stdout by default.
    """
    to = console or out()
    listed = list(rows)
    table = _rich_table(headings, listed, numbers)
    if to.is_terminal and to.measure(table).minimum <= to.width:
        to.print(table)
        return
    # A number is never cut or folded: on a narrow terminal, lines run over its edge.
    for line in _plain_table(headings, listed, numbers):
        to.out(line, highlight=False)


def _rich_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[int]
) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for position, heading in enumerate(headings):
        is_number = position in numbers
        table.add_column(
            Text(heading),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _plain_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[int]
) -> Iterator[str]:
    """Yield the lines of a table; a cell of several lines makes its row as high."""
    from rich.cells import cell_len

    lines = [
        line
        for row in (headings, *rows)
        for line in zip_longest(
            *(cell.splitlines() or [""] for cell in row), fillvalue=""
        )
    ]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = []
        for position, (cell, width) in enumerate(zip(line, widths, strict=True)):
            padding = " " * (width - cell_len(cell))
            cells.append(padding + cell if position in numbers else cell + padding)
        yield "  ".join(cells).rstrip()


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress bars on stderr while the block runs; silent off a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err(),
        transient=True,
        disable=not err().is_terminal,
    ) as bars:
        yield bars
