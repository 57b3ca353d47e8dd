"""The ways to show and write an answer, as methods of a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from acrm_olap.query import Cut
from acrm_olap.results.answer import Answer, State, cell_cuts, states
from acrm_olap.results.pivot import Pivot, make_pivot


class Shown:
    """What a result can be turned into for people and for other programs."""

    def states(self: Answer) -> list[tuple[State, ...]]:
        """Return of each row of the table, measure by measure, what a cell has.

        ``value``; ``empty``: no row of a fact is in it; ``undefined``: a quotient
        without a value; ``null``: rows are there, and the measure has no value.
        """
        return states(self)

    def cuts(self: Answer, row: int) -> tuple[Cut, ...]:
        """Return the cuts that make a cell, for the rows behind it.

        ``sales.facts(answer.cuts(3), as_of=answer.as_of)`` are those of row 3.
        """
        return cell_cuts(self, row)

    def pivot(self: Answer) -> Pivot:
        """Return the answer as a grid of rows and columns, totals marked."""
        return make_pivot(self)

    def describe(self: Answer, *, sql: bool = False) -> dict[str, Any]:
        """Return what a reader has to know of the answer, but for its cells."""
        from acrm_olap.results.files import describe

        return describe(self, sql=sql)

    def to_json(self: Answer, *, sql: bool = False) -> str:
        """Return cells and description as JSON; decimals are texts, none is rounded.

        Parameters
        ----------
        sql : bool
            Whether to give the statement as well.
        """
        from acrm_olap.results.files import write_json

        return write_json(self, sql=sql)

    def to_csv(self: Answer) -> str:
        """Return the cells as CSV."""
        from acrm_olap.results.files import write_cells

        return write_cells(self, "csv")

    def to_jsonl(self: Answer) -> str:
        """Return the cells as lines of JSON."""
        from acrm_olap.results.files import write_cells

        return write_cells(self, "jsonl")

    def to_parquet(self: Answer, path: str | Path) -> None:
        """Write the cells to a Parquet file, whole or not at all."""
        from acrm_olap.results.files import save

        save(self, Path(path), "parquet")

    def save(self: Answer, path: str | Path) -> None:
        """Write a file, whole or not at all; its ending says how.

        Parameters
        ----------
        path : str or Path
            Ends with .csv, .json, .jsonl, .parquet, .png or .svg.
        """
        from acrm_olap.results.chart import draw_chart
        from acrm_olap.results.files import CHARTS, save, save_bytes

        where = Path(path)
        kind = where.suffix.removeprefix(".").lower()
        if kind in CHARTS:
            save_bytes(where.absolute(), draw_chart(self, kind))
        else:
            save(self, where, kind)

    def to_text(self: Answer, width: int | None = None, most: int | None = 200) -> str:
        """Return the grid as a table of text.

        Parameters
        ----------
        width : int, optional
            Columns that do not fit go into a block of their own.
        most : int, optional
            Rows that are shown; None for all.
        """
        from acrm_olap.results.text import write_lines

        return "\n".join(line.text for line in write_lines(self, width, most))

    def to_html(self: Answer, most: int = 200) -> str:
        """Return the grid as a table of HTML that stands by itself."""
        from acrm_olap.results.html import write_html

        return write_html(self, most)

    def chart(self: Answer, kind: str = "png") -> bytes:
        """Return a chart: lines over time, bars otherwise; a colour each column.

        Parameters
        ----------
        kind : {"png", "svg"}
            Of the picture.

        Raises
        ------
        CubeError
            If matplotlib is not installed.
        """
        from acrm_olap.results.chart import draw_chart

        return draw_chart(self, kind)

    def _repr_html_(self: Answer) -> str:
        from acrm_olap.results.html import write_html

        return write_html(self)

    def __str__(self) -> str:
        """Return the grid as a table of text."""
        return self.to_text()  # type: ignore[misc]
