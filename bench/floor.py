"""The stars by hand: run floor.sql over the raw zone of a warehouse home."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from acrm.project import memory_limit
from acrm.sql import literal

HERE = Path(__file__).parent
TABLES = ["dim_customer", "dim_product", "fct_sales_line", "fct_customer_month"]


def build(home: Path, database: Path) -> None:
    """Make the tables in a new file, under the settings of the project's profile.

    Parameters
    ----------
    home : Path
        The warehouse home whose raw zone is read.
    database : Path
        Must not exist.
    """
    script = (HERE / "floor.sql").read_text(encoding="utf-8")
    script = script.replace("{home}", str(home))
    script = script.replace("{seeds}", str(HERE.parent / "seeds"))
    settings = {"storage_compatibility_version": "v1.5.0"}
    with duckdb.connect(str(database), config=settings) as connection:
        connection.execute(f"set memory_limit = {literal(memory_limit())}")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(script)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
