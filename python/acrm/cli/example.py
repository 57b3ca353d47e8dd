"""``acrm example``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.console import err, out, progress, show_table
from acrm.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from acrm.example import Made, Settings


def example(
    folder: Annotated[
        Path, typer.Argument(help="Where to write; must not exist, or be empty.")
    ],
    customers: Annotated[int, typer.Option(help="Persons and firms.")] = 10_000,
    days: Annotated[int, typer.Option(help="Business days in all.")] = 730,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    daily: Annotated[
        int, typer.Option(help="The last days, delivered day by day.")
    ] = 30,
    end: Annotated[str, typer.Option(help="The last business day.")] = "2025-12-31",
    kind: Annotated[
        str, typer.Option("--format", help="auto, csv or parquet.")
    ] = "auto",
    lines: Annotated[
        float,
        typer.Option("--lines-per-customer", help="Order lines a customer and year."),
    ] = 50.0,
    json_output: Annotated[
        bool,
        typer.Option("--json", help="Print the result as JSON; messages to stderr."),
    ] = False,
) -> None:
    """Write the extracts of an example company: five systems, with planted truths.

    A retailer of fashion and home with stores, a web shop and a call centre: an initial
    extract, a folder for each of the last days, and what is true of it under truth/.
    """
    import json
    import time

    from acrm.example import Settings, make_company

    settings = Settings(
        customers, days, seed, daily=daily, end=_date(end), kind=kind, lines=lines
    )
    started = time.monotonic()
    with progress() as bars:
        task = bars.add_task("starting", total=None)

        def report(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        made = make_company(settings, folder, report)
    seconds = time.monotonic() - started
    if json_output:
        rows = [
            {"system": system, "table": table, **counts}
            for (system, table), counts in sorted(made.rows.items())
        ]
        out().print(
            json.dumps(
                {"folder": str(folder), "seconds": round(seconds, 1), "tables": rows}
            ),
            markup=False,
        )
        return
    _show(made, settings, seconds)


def _date(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"--end {text!r} is no date.", hint="Write it as 2025-12-31."
        ) from error


def _show(made: Made, settings: Settings, seconds: float) -> None:
    rows = sorted(made.rows.items())
    show_table(
        ["system", "table", "initial", "daily"],
        [
            [system, table, f"{counts['initial']:,}", f"{counts['daily']:,}"]
            for (system, table), counts in rows
        ],
        [2, 3],
    )
    total = sum(sum(counts.values()) for _, counts in rows)
    err().print(f"{total:,} rows in {seconds:.1f} s: {made.folder}", markup=False)
    systems = sorted({system for (system, _), _ in rows})
    out().print("\nLoad it, each system on its own:", markup=False)
    for system in systems:
        out().print(
            f"  acrm load {made.folder / 'initial' / system} --system {system}",
            markup=False,
        )
    if settings.daily:
        day = settings.date_of(settings.first_daily)
        out().print(
            f"then day by day: {made.folder / 'daily' / day.isoformat()} and on.\n"
            f"What is true of it: {made.folder / 'README.md'}",
            markup=False,
        )
