"""``acrm cube query``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.cli.cube_look import Where, cuts_of_options, split
from acrm.cli.cube_open import (
    AsJson,
    Database,
    Folders,
    Output,
    Version,
    opened,
    print_json,
    say_written,
    waiting,
)
from acrm.cli.row_formats import format_of, require_right_place
from acrm.console import out
from acrm.errors import InputError

if TYPE_CHECKING:
    from acrm_olap import Query, Result


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"
    CHART = "chart"
    PNG = "png"
    SVG = "svg"


def query_cube(
    question: Annotated[
        str,
        typer.Argument(
            metavar="CUBE|QUERY",
            help="A cube, to be asked by the options; or a whole query, as one line or"
            " as JSON; - reads it from standard input.",
        ),
    ],
    measures: Annotated[
        str, typer.Option("--measures", help="By commas: net,net.prior_year.")
    ] = "",
    rows: Annotated[str, typer.Option("--rows", help="Levels down, by commas.")] = "",
    columns: Annotated[
        str, typer.Option("--columns", help="Levels across, by commas.")
    ] = "",
    where: Where = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="was (default), is, or a date: 2025-03-01."),
    ] = None,
    subtotals: Annotated[
        bool, typer.Option("--subtotals", help="Totals of rows and columns.")
    ] = False,
    top: Annotated[str, typer.Option("--top", help="'10 by net'")] = "",
    bottom: Annotated[str, typer.Option("--bottom", help="'10 by net'")] = "",
    having: Annotated[
        str, typer.Option("--having", help="Which cells: 'net > 100'.")
    ] = "",
    order: Annotated[
        str, typer.Option("--order", help="By commas; - goes down: -net.")
    ] = "",
    calculated: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="A measure of this query: 'per_line = net / lines'."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Cells, at most.")
    ] = None,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="Cells to pass over.")
    ] = 0,
    show_empty: Annotated[
        bool, typer.Option("--show-empty", help="Members without rows as well.")
    ] = False,
    open_periods: Annotated[
        str | None,
        typer.Option(
            "--open-periods",
            help="What a period that is not over compares with: hide (default),"
            " same_days, whole.",
        ),
    ] = None,
    part_periods: Annotated[
        str | None,
        typer.Option(
            "--part-periods",
            help="What is compared with a period older than the data: note (default),"
            " hide.",
        ),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(
            "--missing",
            help="Cuts that name a member which is not there: refuse (default), empty.",
        ),
    ] = None,
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="Default: by the ending of --output, else table. Chart is a PNG."
            " JSON has decimals as texts.",
        ),
    ] = None,
    output: Output = None,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL instead of asking it.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the plan instead of asking it.")
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=0.001, help="Stop after so many seconds."),
    ] = None,
    most: Annotated[
        int, typer.Option("--rows-shown", min=1, help="Rows that a table shows.")
    ] = 200,
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    as_json: AsJson = False,
) -> None:
    """Ask a cube.

    A query is a line, as in `sales: net by product.department across date.year where
    customer.region = North|South and date = 2025-01..2025-12 as is subtotals top 10 by
    net`; or a cube with options that say the same.
    """
    options: dict[str, Any] = {
        "measures": split(measures), "rows": split(rows), "columns": split(columns),
        "where": where, "as_of": as_of, "subtotals": subtotals, "top": top,
        "bottom": bottom, "having": having, "order": split(order),
        "calculated": calculated, "limit": limit, "offset": offset,
        "show_empty": show_empty, "open_periods": open_periods,
        "part_periods": part_periods, "missing": missing,
    }  # fmt: skip
    query = _read(question, options)
    chosen = _format(kind, output, as_json)
    with opened(database, version, definitions) as cubes:
        cube = cubes[query.cube]
        if sql or explain:
            found = cube.explain(query)
            if as_json:
                print_json(found.to_dict())
            else:
                text = found.to_dict()["sql"] if sql and not explain else str(found)
                out().print(text, markup=False)
            return
        result = waiting("asking", lambda: cube.ask(query, seconds=seconds))
    _write(result, chosen, output, most)


def _read(question: str, options: dict[str, Any]) -> Query:
    from acrm_olap.query import from_json, from_line

    text = sys.stdin.read() if question == "-" else question
    is_whole = question == "-" or not text.replace("_", "").isalnum()
    if not is_whole:
        return _by_options(text, options)
    given = [name for name, value in options.items() if value not in (None, "", [], 0)]
    if given:
        names = {"calculated": "with"}
        listed = ", ".join(f"--{names.get(n, n).replace('_', '-')}" for n in given)
        raise InputError(
            f"The query is given twice: as a whole, and by {listed}.",
            hint="Say all in the line, or give the cube's name and options.",
        )
    return from_json(text) if text.lstrip().startswith("{") else from_line(text)


def _by_options(cube: str, options: dict[str, Any]) -> Query:
    from acrm_olap.query import Query
    from acrm_olap.query.forms_line import read_made, read_top_text

    if options["top"] and options["bottom"]:
        raise InputError("--top and --bottom exclude each other.", hint="Give one.")
    top = None
    if options["top"] or options["bottom"]:
        name = "top" if options["top"] else "bottom"
        top = read_top_text(options[name], f"--{name}", least=name == "bottom")
    return Query(
        cube,
        tuple(options["measures"]),
        tuple(options["rows"]),
        tuple(options["columns"]),
        tuple(cuts_of_options(options["where"])),
        as_of=options["as_of"] or "was",
        subtotals=options["subtotals"],
        calculated=tuple(
            read_made(text, "--with") for text in options["calculated"] or []
        ),
        having=options["having"],
        top=top,
        order=tuple(options["order"]),
        limit=options["limit"],
        offset=options["offset"],
        empty="show" if options["show_empty"] else "skip",
        open_periods=options["open_periods"] or "hide",
        part_periods=options["part_periods"] or "note",
        missing=options["missing"] or "refuse",
    )


def _format(kind: Format | None, output: Path | None, as_json: bool) -> str:
    if as_json and kind not in {None, Format.JSON}:
        raise InputError(
            f"--json and --format {kind} exclude each other.", hint="Give one of them."
        )
    if as_json:
        return "json"
    chosen = kind.value if kind else format_of(output, list(Format))
    chosen = "png" if chosen == "chart" else chosen
    if output is None and chosen in {"parquet", "png", "svg"}:
        raise InputError(
            f"A {'picture' if chosen != 'parquet' else 'Parquet file'} goes to a file.",
            hint=f"Give --output FILE.{chosen}.",
        )
    require_right_place(chosen, output)
    return chosen


def _write(result: Result, kind: str, output: Path | None, most: int) -> None:
    from acrm_olap.results.files import (
        CHARTS,
        save,
        save_bytes,
        write_cells,
        write_json,
    )

    if output is not None and kind in CHARTS:
        save_bytes(output.absolute(), result.chart(kind))
        say_written(len(result), "cell", output)
    elif output is not None:
        say_written(save(result, output, kind), "cell", output)
    elif kind == "table":
        _print_table(result, most)
    else:
        text = (
            write_json(result) + "\n" if kind == "json" else write_cells(result, kind)
        )
        sys.stdout.write(text)
        sys.stdout.flush()


def _print_table(result: Result, most: int) -> None:
    from acrm_olap.results.text import write_lines

    console = out()
    width = console.width if console.is_terminal else None
    styles = {"heading": "bold", "total": "bold", "note": "dim", "cells": ""}
    for line in write_lines(result, width, most):
        console.print(line.text, style=styles[line.kind], markup=False)
    if result.units and console.is_terminal:
        console.print(f"{result.source.seconds:.3f} s", style="dim")
