"""The first row of each test that found some, so that a failure explains itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from acrm.building.outcome import Node, Outcome

_WIDTH = 60


def with_examples(outcome: Outcome, database: Path) -> Outcome:
    """Return the outcome with an example for each data test that found rows.

    Parameters
    ----------
    outcome : Outcome
        A run that has ended; its build file is open nowhere.
    database : Path
        The build file.
    """
    if not any(map(_found_rows, outcome.nodes)):
        return outcome
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        nodes = tuple(
            replace(node, example=_first_row(connection, node))
            if _found_rows(node)
            else node
            for node in outcome.nodes
        )
    return replace(outcome, nodes=nodes)


def _found_rows(node: Node) -> bool:
    return (
        node.kind == "test"
        and node.status in ("fail", "warn")
        and node.sql is not None
        and node.sql.is_file()
    )


def _first_row(connection: duckdb.DuckDBPyConnection, node: Node) -> str:
    """Return ``column: value`` of the first row, nulls and long ends left out."""
    if node.sql is None:
        return ""
    sql = node.sql.read_text(encoding="utf-8").strip().rstrip(";")
    try:
        answer = connection.execute(f"select * from (\n{sql}\n) limit 1")
        names = [column[0] for column in answer.description]
        rows = answer.fetchall()
    except duckdb.Error as error:
        return f"its SQL does not run by itself: {str(error).splitlines()[0]}"
    values = (
        (name, str(value))
        for row in rows
        for name, value in zip(names, row, strict=True)
        if value is not None
    )
    return ", ".join(
        f"{name}: {text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…'}"
        for name, text in values
    )
