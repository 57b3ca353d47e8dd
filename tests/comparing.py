"""Two DuckDB files, compared row for row."""

from __future__ import annotations

from pathlib import Path

import duckdb

# One row a run, or a node of it, so never the same in two files. No other mart depends
# on the log of runs or on the clock.
OF_RUNS = {"ctl_run", "ctl_run_node"}
# Mining is done when a month has turned, by what was known then, so that its tables are
# older than the rest of a file of nights, and absent where nobody built them.
OF_MINING = {
    path.stem
    for path in (Path(__file__).parents[1] / "models/marts/mining").glob("*.sql")
}


def tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    rows = connection.execute(
        """
        select table_name from information_schema.tables
        where table_catalog = ? and table_schema = 'main'
            -- views of cubes are made by a publication, of the same tables
            and table_type = 'BASE TABLE'
        order by table_name
        """,
        [catalog],
    ).fetchall()
    return [name for (name,) in rows if name not in OF_RUNS | OF_MINING]


def differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Count the rows that only one of two files has, by table; a row is all columns."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as night (read_only)")
        connection.execute(f"attach '{other}' as whole (read_only)")
        names = tables(connection, "night")
        assert names == tables(connection, "whole")
        found = {}
        for name in names:
            counts = [
                connection.execute(
                    f"select count(*) from (from {a}.main.{name}"
                    f" except all from {b}.main.{name})"
                ).fetchall()[0][0]
                for a, b in (("night", "whole"), ("whole", "night"))
            ]
            if any(counts):
                found[name] = (counts[0], counts[1])
        return found
