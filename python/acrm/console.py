"""What a person reads: messages and tables to the terminal, progress to stderr."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_BOUNDLESS = 100_000


@cache
def out() -> Console:
    """Return the console for results (stdout); colour only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> Console:
    """Return the console for messages and progress (stderr)."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


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
) -> None:
    """Print a table to stdout; off a terminal it is as wide as it needs to be.

    Parameters
    ----------
    headings : sequence of str
        One a column.
    rows : iterable of sequence of str
        The cells; nothing in them is markup.
    numbers : collection of int
        Columns that are set to the right, counted from 0.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for position, heading in enumerate(headings):
        table.add_column(
            Text(heading),
            justify="right" if position in numbers else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    if out().is_terminal:
        out().print(table)
        return
    boundless = out().options.update(width=_BOUNDLESS)
    for line in out().render_lines(table, boundless, pad=False):
        out().out("".join(piece.text for piece in line).rstrip(), highlight=False)


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
