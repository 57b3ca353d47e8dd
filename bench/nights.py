"""Nights laid on companies of different ages: what a day costs, and corrections.

The same day of 100,000 order lines comes to a company with ten and with a hundred
million lines; then corrections of 100,000 old lines drawn at random. What is told is
how long readers wait for numbers; mining of a month that has turned comes after that.
"""

from __future__ import annotations

import os

from rich.console import Console
from rich.table import Table

from bench import full_build
from bench.extracts import Size, write_corrections, write_day, write_initial
from bench.processes import Home, folder_of_its_own

LINES = "ACRM_BENCH_LINES"
A_DAY = 100_000
DAYS = 4
CORRECTIONS = 3
# Copies of the largest facts as Parquet follow the days that changed; corrections of
# all days would write them whole, which is told apart.
OPTIONS = ["--keep", "2"]
WITHOUT_COPIES = ["--vars", "{published_parquet: none}"]


def run(console: Console) -> None:
    """Measure all sizes that ``ACRM_BENCH_LINES`` names, and print the ratios.

    Parameters
    ----------
    console : Console
        Where to print.
    """
    sizes = [
        Size(int(lines), with_orders=False)
        for lines in os.environ.get(LINES, "10_000_000,100_000_000").split(",")
    ]
    costs = {}
    for size in sizes:
        with folder_of_its_own() as folder:
            costs[size.lines] = _nights(console, Home(folder), size)
    _print(console, costs)


def _nights(console: Console, home: Home, size: Size) -> dict[str, list[float]]:
    extracts = home.folder / "extracts"
    write_initial(extracts / "initial", size)
    with console.status(f"{size.lines:,} lines"):
        for system in ("example_crm", "example_shop"):
            home.acrm("load", extracts / "initial" / system, "--system", system)
        full_build.compare(console, home, size.lines)
        home.acrm("run", extracts / "initial", "--always", *OPTIONS)
        costs: dict[str, list[float]] = {"day": [], "corrections": [], "GB": []}
        for number in range(1, DAYS + 1):
            write_day(extracts / f"day-{number}", size, number, A_DAY)
            home.acrm("run", extracts / f"day-{number}", *OPTIONS)
            costs["day"].append(home.seconds_to_readers)
        home.acrm("build", *OPTIONS, *WITHOUT_COPIES)
        for number in range(1, CORRECTIONS + 1):
            folder = extracts / f"corrections-{number}"
            write_corrections(folder, size, number, A_DAY)
            home.acrm("run", folder, *OPTIONS, *WITHOUT_COPIES)
            costs["corrections"].append(home.seconds_to_readers)
            costs["GB"].append(home.published.stat().st_size / 1e9)
    return costs


def _print(console: Console, costs: dict[int, dict[str, list[float]]]) -> None:
    table = Table(title=f"Nights, {A_DAY:,} lines each, from extract to published")
    table.add_column("into lines", justify="right")
    table.add_column("days, s (the first turns the month)")
    table.add_column("ratio of the last", justify="right")
    table.add_column("corrections, s")
    table.add_column("file after each, GB")
    least = costs[min(costs)]["day"][-1]
    for lines, measured in costs.items():
        table.add_row(
            f"{lines:,}",
            ", ".join(f"{seconds:.1f}" for seconds in measured["day"]),
            f"{measured['day'][-1] / least:.2f}",
            ", ".join(f"{seconds:.1f}" for seconds in measured["corrections"]),
            ", ".join(f"{size:.2f}" for size in measured["GB"]),
        )
    console.print(table)
