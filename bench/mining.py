"""All mining outputs of a company with a million customers, node by node.

What is counted and aggregated by SQL streams, and what Python is given grows with the
customers at the most; the measurement says what each node took, and the most memory
that the process held by its end.
"""

from __future__ import annotations

import json
import os
import shutil

import duckdb
from rich.console import Console
from rich.table import Table

from bench.extracts import Size, write_initial
from bench.processes import Home, Took, folder_of_its_own

SIZES = "ACRM_BENCH_MINING"


def run(console: Console) -> None:
    """Measure the sizes that ``ACRM_BENCH_MINING`` names, such as ``50_000:1_000_000``.

    Parameters
    ----------
    console : Console
        Where to print.
    """
    for size in os.environ.get(SIZES, "1_000_000:20_000_000").split(","):
        customers, lines = map(int, size.split(":"))
        title = f"{customers:,} customers, {lines:,} lines"
        with folder_of_its_own() as folder:
            home = Home(folder)
            with console.status(title):
                _load(home, Size(lines, customers))
                took = _mine(home, threads=1)  # the memory is for one at a time
            _print(console, home, title, took)
    with folder_of_its_own() as folder:
        home = Home(folder)
        with console.status("the demo"):
            home.acrm("demo")
            _build(home)
            took = _mine(home, threads=2)
        _print(console, home, "the demo's companies", took)


def _mine(home: Home, *, threads: int) -> Took:
    return home.dbt(
        "run", "--threads", str(threads), "--select", "tag:mining",
        "--target-path", str(home.folder / "target"),
    )  # fmt: skip


def _load(home: Home, size: Size) -> None:
    extracts = home.folder / "extracts"
    write_initial(extracts, size)
    for system in ("example_crm", "example_shop"):
        home.acrm("load", extracts / system, "--system", system)
    shutil.rmtree(extracts)
    _build(home)


def _build(home: Home) -> None:
    """Build all but mining of what is loaded."""
    home.dbt("seed")
    home.dbt("run", "--full-refresh", "--threads", "1", "--exclude", "tag:mining")


def _print(console: Console, home: Home, title: str, took: Took) -> None:
    said = f"{took.seconds:.0f} s ({took.cpu_seconds:.0f} s of cores), at most"
    table = Table(title=f"Mining of {title}: {said} {took.gibibytes:.1f} GiB")
    for heading in ("node", "rows", "s"):
        table.add_column(heading, justify="left" if heading == "node" else "right")
    results = json.loads(
        (home.folder / "target" / "run_results.json").read_text("utf-8")
    )
    with duckdb.connect(str(home.database), read_only=True) as connection:
        for result in results["results"]:
            if result["relation_name"] is None:  # what runs before and after
                continue
            name = result["unique_id"].rpartition(".")[2]
            (rows,) = connection.execute(
                f"select count(*) from {result['relation_name']}"
            ).fetchone() or (0,)
            table.add_row(name, f"{rows:,}", f"{result['execution_time']:.1f}")
    console.print(table)
