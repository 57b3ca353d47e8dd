"""An answer as HTML: a table that stands by itself in a notebook or a mail."""

from __future__ import annotations

from html import escape
from itertools import groupby

from acrm_olap.results.answer import Answer, State, about
from acrm_olap.results.pivot import Pivot, make_pivot
from acrm_olap.results.text import legend

MOST_ROWS = 200
_STYLE = (
    "border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-family:system-ui,sans-serif;font-size:13px"
)
_TH = "padding:2px 10px;border-bottom:1px solid #8884;text-align:{}"
_TD = "padding:2px 10px;text-align:right;white-space:nowrap"


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
    caption = "<br>".join(map(escape, notes))
    return (
        f'<table style="{_STYLE}">'
        f'<caption style="caption-side:bottom;text-align:left;padding-top:6px;'
        f'opacity:.75">{caption}</caption>'
        f"<thead>{_head(pivot)}</thead><tbody>{_body(pivot)}</tbody></table>"
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
            cells.append(_th(labels[level], "center", colspan=columns))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    cells = [_th(caption, "left") for caption in pivot.row_levels]
    if not pivot.row_levels and pivot.column_levels:
        cells = [_th("", "left")]
    cells += [_th(heading.caption, "right") for _, heading in pivot.across]
    lines.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(lines)


def _body(pivot: Pivot) -> str:
    lines = []
    before: tuple[str, ...] = ()
    for header, row in zip(pivot.rows, pivot.cells, strict=True):
        cells = []
        for n, label in enumerate(header.labels):
            same = header.labels[: n + 1] == before[: n + 1] and not header.is_total
            cells.append(_th("" if same else label, "left"))
        if not pivot.row_levels and pivot.column_levels:
            cells.append(_th("", "left"))
        before = header.labels
        for cell in row:
            bold = ";font-weight:600" if cell.total else ""
            grey = ";opacity:.55" if cell.state is not State.VALUE else ""
            cells.append(f'<td style="{_TD}{bold}{grey}">{escape(cell.text)}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(lines)


def _th(text: str, side: str, colspan: int = 1) -> str:
    span = f' colspan="{colspan}"' if colspan > 1 else ""
    return f'<th style="{_TH.format(side)}"{span}>{escape(text)}</th>'
