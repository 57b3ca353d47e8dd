"""Text for SQL: quoted names, quoted values, and columns that Parquet can hold."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Quote a name: ``order`` becomes ``"order"``."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text value, where a parameter cannot be bound."""
    return "'" + text.replace("'", "''") + "'"


def parquet_column(name: str, kind: str) -> str:
    """Return the expression that writes a column to Parquet without loss.

    Parquet has no 128-bit integer, and DuckDB would write a rounded double in its
    place. A decimal holds 38 digits, and the cast fails on what has more.

    Parameters
    ----------
    name : str
        The column.
    kind : str
        Its DuckDB type.
    """
    quoted = identifier(name)
    if kind in {"HUGEINT", "UHUGEINT"}:
        return f"{quoted}::decimal(38, 0) as {quoted}"
    return quoted
