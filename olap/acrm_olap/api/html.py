"""Cubes, levels and measures as HTML, for a notebook: what a query may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from acrm_olap.results.html import CELL, TABLE, scrolled

_TITLE = "font-family:system-ui,sans-serif;font-size:{}px;margin:6px 0"
_NAME = "font-family:ui-monospace,monospace"


def head_html(caption: str, name: str, about: str = "") -> str:
    """Return what a thing is called, by people and in queries, and what it is.

    Parameters
    ----------
    caption, name, about : str
        Texts of its definition.
    """
    told = f'<div style="{_TITLE.format(13)}">{escape(about)}</div>' if about else ""
    return (
        f'<div style="{_TITLE.format(15)}"><b>{escape(caption)}</b>'
        f' <span style="{_NAME};opacity:.75">{escape(name)}</span></div>{told}'
    )


def facts_html(facts: Mapping[str, str]) -> str:
    """Return what is known of a thing; what is empty is left out.

    Parameters
    ----------
    facts : mapping of str to str
        By their names.
    """
    style = f"{CELL};text-align:left"
    rows = "".join(
        f'<tr><th scope="row" style="{style};font-weight:400;opacity:.75">'
        f'{escape(name)}</th><td style="{style}">{escape(text)}</td></tr>'
        for name, text in facts.items()
        if text
    )
    return f'<table style="{TABLE}"><tbody>{rows}</tbody></table>' if rows else ""


def table_html(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column has names, the last wraps.

    Parameters
    ----------
    heads : sequence of str
        Of the columns.
    rows : iterable of sequence of str
        As many texts each.
    """
    listed = list(rows)
    top = "".join(
        f'<th scope="col" style="{CELL};text-align:left">{escape(each)}</th>'
        for each in heads
    )
    lines = []
    for name, *rest in listed:
        cells = [
            f'<th scope="row" style="{CELL};{_NAME};text-align:left;font-weight:400">'
            f"{escape(name)}</th>"
        ]
        for number, text in enumerate(rest, start=2):
            wraps = ";white-space:normal" if number == len(heads) else ""
            cells.append(
                f'<td style="{CELL};text-align:left{wraps}">{escape(text)}</td>'
            )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    table = (
        f'<table style="{TABLE};margin-bottom:10px"><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
    return scrolled(table, 0)
