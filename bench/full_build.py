"""The stars of sales, customers and products, built in full, against hand-written SQL.

The project builds them from the raw zone with all that a later night needs, and tests
them; the floor makes the same rows of the same tables with one script for one company.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bench.floor import TABLES
from bench.processes import Home, Took

STARS = ["+fct_sales_line", "+fct_customer_month"]


def compare(console: Console, home: Home, lines: int) -> None:
    """Build the stars both ways over a loaded raw zone, and print the ratio.

    Parameters
    ----------
    console : Console
        Where to print.
    home : Home
        With the extracts loaded and no build file.
    lines : int
        How many order lines were loaded.
    """
    by_hand = home.folder / "floor.duckdb"
    floor = home.python("-m", "bench.floor", home.warehouse, by_hand)
    home.dbt("seed")
    tables = home.dbt("run", "--full-refresh", "--select", *STARS)
    audit = home.dbt(
        "test", "--select", *STARS,
        "--exclude-resource-type", "unit_test",
        "--indirect-selection", "buildable",
    )  # fmt: skip
    _require_same(by_hand, home.database)
    by_hand.unlink()
    home.database.unlink()
    table = Table(title=f"Full build of the stars, {lines:,} order lines")
    for heading in ("", "s", "ratio", "GiB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, took in {
        "plain DuckDB by hand": floor,
        "dbt run": tables,
        "dbt run and test": Took(
            tables.seconds + audit.seconds, max(tables.gibibytes, audit.gibibytes)
        ),
    }.items():
        table.add_row(
            name,
            f"{took.seconds:.1f}",
            f"{took.seconds / floor.seconds:.2f}",
            f"{took.gibibytes:.1f}",
        )
    console.print(table)


def _require_same(by_hand: Path, built: Path) -> None:
    """Stop unless both have the same rows, as far as the hand-written columns go."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{by_hand}' as floor (read_only)")
        connection.execute(f"attach '{built}' as built (read_only)")
        for name in TABLES:
            columns = [
                column
                for column, *_ in connection.execute(
                    f"describe floor.main.{name}"
                ).fetchall()
                if name.startswith("fct")
                or not column.startswith(("source_rec", "loaded", "batch"))
            ]
            real = "where not starts_with(member_type, 'special')"
            sums = [
                connection.execute(
                    f"select count(*), sum(hash({', '.join(columns)}))"
                    f" from {catalog}.main.{name}"
                    f" {real if name.startswith('dim') else ''}"
                ).fetchall()
                for catalog in ("floor", "built")
            ]
            if sums[0] != sums[1]:
                raise SystemExit(f"{name} is not the same: {sums}")
