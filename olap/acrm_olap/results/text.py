"""An answer as a table of text: for a terminal, a log, a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from acrm_olap.results.answer import MEANINGS, Answer, State, about
from acrm_olap.results.pivot import Pivot, make_pivot

MOST_LINES = 200
_GAP = "  "


@dataclass(frozen=True)
class Line:
    """A line, and what it is: ``heading``, ``cells``, ``total`` or ``note``."""

    text: str
    kind: str


def write_lines(
    answer: Answer, width: int | None = None, most: int | None = MOST_LINES
) -> Iterator[Line]:
    """Yield an answer line by line.

    Parameters
    ----------
    answer : Answer
        What to show.
    width : int, optional
        Of the terminal; columns that do not fit go into a block of their own, below.
    most : int, optional
        Rows that are shown; how many there are is said.
    """
    pivot = make_pivot(answer, most)
    if answer.table.num_rows == 0:
        yield Line("No cells: no row of the fact is in the question.", "note")
    else:
        yield from _blocks(pivot, width)
    if len(pivot.rows) < pivot.count:
        yield Line(f"showing {len(pivot.rows):,} of {pivot.count:,} rows", "note")
    for text in legend(pivot):
        yield Line(text, "note")
    for text in about(answer):
        yield Line(text, "note")


def legend(pivot: Pivot) -> list[str]:
    """Return what the marks in a grid mean, if it has any."""
    from acrm_olap.results.answer import MARKS

    used = {cell.state for row in pivot.cells for cell in row}
    parts = [f"{MARKS[state]} {MEANINGS[state]}"
             for state in (State.NULL, State.UNDEFINED, State.HIDDEN)
             if state in used]  # fmt: skip
    if parts and State.EMPTY in used:
        parts.append("blank no rows")
    return ["; ".join(parts)] if parts else []


def _blocks(pivot: Pivot, width: int | None) -> Iterator[Line]:
    from rich.cells import cell_len

    left = _left(pivot)
    columns = _columns(pivot)
    left_widths = [max(map(cell_len, column)) for column in left]
    widths = [max(map(cell_len, column)) for column in columns]
    room = None if width is None else width - sum(left_widths) - 2 * len(left)
    blocks = _fitting(widths, room)
    height = len(left[0]) if left else len(columns[0])
    heads = len(pivot.column_levels) + (0 if _is_single(pivot) else 1)
    if _is_single(pivot):
        across = ", ".join(pivot.column_levels)
        title = f"{pivot.measures[0].caption} across {across}"
        yield Line(_clean(title), "heading")
    for number, block in enumerate(blocks):
        if number:
            yield Line("", "note")
        for y in range(height):
            parts = [
                _padded(column[y], wide, right=False)
                for column, wide in zip(left, left_widths, strict=True)
            ]
            parts += [_padded(columns[x][y], widths[x], right=True) for x in block]
            row = y - heads
            kind = "heading" if row < 0 else "cells"
            if row >= 0 and pivot.rows[row].is_total:
                kind = "total"
            yield Line(_GAP.join(parts).rstrip(), kind)


def _fitting(widths: Sequence[int], room: int | None) -> list[list[int]]:
    """Part columns into blocks that fit; one that is too wide alone has its own."""
    blocks: list[list[int]] = [[]]
    used = 0
    for x, wide in enumerate(widths):
        if room is not None and blocks[-1] and used + wide + len(_GAP) > room:
            blocks.append([])
            used = 0
        blocks[-1].append(x)
        used += wide + len(_GAP)
    return blocks


def _is_single(pivot: Pivot) -> bool:
    """Whether one measure is across, which is said once, in a title."""
    return len(pivot.measures) == 1 and bool(pivot.column_levels)


def _left(pivot: Pivot) -> list[list[str]]:
    """Return the columns of row headers; a member that goes on is said once."""
    above = [f"{_clean(name)} >" for name in pivot.column_levels]
    if _is_single(pivot):
        above = [""] * (len(above) - 1)
    found = []
    for n, caption in enumerate(pivot.row_levels):
        head = above if n == len(pivot.row_levels) - 1 else [""] * len(above)
        cells = []
        before: tuple[str, ...] = ()
        for header in pivot.rows:
            same = header.labels[: n + 1] == before[: n + 1] and not header.is_total
            cells.append("" if same else _clean(header.labels[n]))
            before = header.labels
        found.append([*head, _clean(caption), *cells])
    if not pivot.row_levels and above:
        found.append([*above, *[""] * (len(pivot.rows) + 1)])
    return found


def _columns(pivot: Pivot) -> list[list[str]]:
    found = []
    for x, (header, heading) in enumerate(pivot.across):
        head = [_clean(label) for label in header.labels]
        if not _is_single(pivot):
            head.append(_clean(heading.caption))
        found.append([*head, *(_clean(row[x].text) for row in pivot.cells)])
    return found


def _clean(text: str) -> str:
    """Return a text on one line, without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    from rich.cells import cell_len

    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding
