"""Cubes, levels and measures as HTML, for a notebook: what a query may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from acrm_olap.results.html import CELL, TABLE, scrolled

if TYPE_CHECKING:
    from acrm_olap.api.handles import Cube, Level, Measure

_TITLE = "font-family:system-ui,sans-serif;font-size:{}px;margin:6px 0"
_NAME = "font-family:ui-monospace,monospace"


def cube_html(cube: Cube) -> str:
    """Return what a cube has: its measures and levels.

    Parameters
    ----------
    cube : Cube
        As its caller sees it.
    """
    return (
        _head(cube.caption, cube.name, cube.description)
        + _table(
            ["Measure", "Caption", "Unit", "Description"],
            [
                (each.name, each.caption, each.unit, each.description)
                for each in cube.measures.values()
            ],
        )
        + _table(
            ["Level", "Caption", "Dimension", "Description"],
            [
                (each.path, each.caption, each.dimension, each.description)
                for each in cube.levels.values()
            ],
        )
    )


def level_html(level: Level) -> str:
    """Return what is known of a level."""
    facts = {"Dimension": level.dimension, "Period": level.period}
    return _head(level.caption, level.path, level.description) + _list(facts)


def measure_html(measure: Measure) -> str:
    """Return what is known of a measure."""
    facts = {
        "Kind": measure.kind, "Unit": measure.unit, "Format": measure.format,
        "Folder": measure.folder,
    }  # fmt: skip
    return _head(measure.caption, measure.name, measure.description) + _list(facts)


def cubes_html(cubes: Mapping[str, Cube], source: str) -> str:
    """Return a list of cubes.

    Parameters
    ----------
    cubes : mapping of str to Cube
        By name.
    source : str
        The file that they are of.
    """
    rows = [(each.name, each.caption, each.description) for each in cubes.values()]
    return _head("Cubes", source, "") + _table(["Cube", "Caption", "Description"], rows)


def _head(caption: str, name: str, about: str) -> str:
    told = f'<div style="{_TITLE.format(13)}">{escape(about)}</div>' if about else ""
    return (
        f'<div style="{_TITLE.format(15)}"><b>{escape(caption)}</b>'
        f' <span style="{_NAME};opacity:.75">{escape(name)}</span></div>{told}'
    )


def _list(facts: Mapping[str, str]) -> str:
    style = f"{CELL};text-align:left"
    rows = "".join(
        f'<tr><th scope="row" style="{style};font-weight:400;opacity:.75">'
        f'{escape(name)}</th><td style="{style}">{escape(text)}</td></tr>'
        for name, text in facts.items()
        if text
    )
    return f'<table style="{TABLE}"><tbody>{rows}</tbody></table>' if rows else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column has names, the last wraps."""
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
