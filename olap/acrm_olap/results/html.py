"""An answer as HTML: a table that stands by itself in a notebook or a mail."""

from __future__ import annotations

from html import escape
from itertools import groupby

from acrm_olap.results.answer import Answer, State, about
from acrm_olap.results.pivot import Pivot, make_pivot
from acrm_olap.results.text import legend

MOST_ROWS = 200
# Longer tables scroll under their head.
MOST_LINES = 25
TABLE = (
    "border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-family:system-ui,sans-serif;font-size:13px;margin:0"
)
LINE = "border-bottom:1px solid #8884"
CELL = f"padding:2px 10px;white-space:nowrap;vertical-align:top;{LINE}"
_GROUP = ";border-left:1px solid #8884"
# Colours of the page that shows it, so that rows do not shine through the head.
_HEAD = (
    "position:sticky;top:0;background:var(--jp-layout-color0,Canvas);"
    "color:var(--jp-content-font-color1,CanvasText)"
)


def write_html(answer: Answer, most: int = MOST_ROWS) -> str:
    """Return an answer as a table of HTML, without scripts or links.

    Parameters
    ----------
    answer : Answer
        What to show.
    most : int
        Rows that are shown; how many there are is said.
    """
    pivot = make_pivot(answer, most)
    notes = [*legend(pivot), *about(answer)]
    if answer.table.num_rows == 0:
        notes.insert(0, "No cells: no row of the fact is in the question.")
    if len(pivot.rows) < pivot.count:
        notes.insert(0, f"showing {len(pivot.rows):,} of {pivot.count:,} rows")
    table = (
        f'<table style="{TABLE}"><thead style="{_HEAD}">{_head(pivot)}</thead>'
        f"<tbody>{_body(pivot)}</tbody></table>"
    )
    return f"{scrolled(table, len(pivot.rows))}{under(notes)}"


def scrolled(table: str, rows: int) -> str:
    """Return a table in a frame that a page is not stretched by.

    Parameters
    ----------
    table : str
        HTML.
    rows : int
        How many it has.
    """
    high = ";max-height:36em" if rows > MOST_LINES else ""
    return f'<div style="overflow:auto;max-width:100%{high}">{table}</div>'


def under(notes: list[str]) -> str:
    """Return notes as they stand under a table."""
    lines = "<br>".join(map(escape, notes))
    return (
        '<div style="padding:6px 10px;opacity:.75;font-family:system-ui,sans-serif;'
        f'font-size:12px">{lines}</div>'
    )


def _head(pivot: Pivot) -> str:
    lines = []
    width = len(pivot.measures)
    for level, caption in enumerate(pivot.column_levels):
        spread = max(len(pivot.row_levels), 1)
        cells = [_th(f"{caption} ▸", "right", colspan=spread)]
        runs = groupby(pivot.columns, key=lambda each: each.labels[: level + 1])
        for labels, run in runs:
            columns = len(list(run)) * width
            cells.append(_th(labels[level], "center", colspan=columns, more=_GROUP))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    cells = [_th(caption, "left") for caption in pivot.row_levels]
    if not pivot.row_levels and pivot.column_levels:
        cells = [_th("", "left")]
    cells += [
        _th(heading.caption, "right", more=_group(pivot, number))
        for number, (_, heading) in enumerate(pivot.across)
    ]
    lines.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(lines)


def _body(pivot: Pivot) -> str:
    lines = []
    before: tuple[str, ...] = ()
    for header, row in zip(pivot.rows, pivot.cells, strict=True):
        weight = ";font-weight:600" if header.is_total else ";font-weight:400"
        cells = []
        for n, label in enumerate(header.labels):
            same = header.labels[: n + 1] == before[: n + 1] and not header.is_total
            cells.append(_th("" if same else label, "left", more=weight, scope="row"))
        if not pivot.row_levels and pivot.column_levels:
            cells.append(_th("", "left", scope="row"))
        before = header.labels
        for number, cell in enumerate(row):
            bold = ";font-weight:600" if cell.total else ""
            grey = ";opacity:.55" if cell.state is not State.VALUE else ""
            style = f"{CELL};text-align:right{_group(pivot, number)}{bold}{grey}"
            cells.append(f'<td style="{style}">{escape(cell.text)}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(lines)


def _group(pivot: Pivot, number: int) -> str:
    """Return a line where the measures of a further member begin."""
    starts = bool(pivot.column_levels) and number % len(pivot.measures) == 0
    return _GROUP if starts else ""


def _th(
    text: str, side: str, colspan: int = 1, more: str = "", scope: str = "col"
) -> str:
    span = f' colspan="{colspan}"' if colspan > 1 else ""
    style = f"{CELL};text-align:{side}{more}"
    return f'<th scope="{scope}" style="{style}"{span}>{escape(text)}</th>'
