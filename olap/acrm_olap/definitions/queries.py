"""Tables that a definition makes by a query: ``(select ... from ...)``.

A star that was not built for cubes lacks a column here and there: a name that is two
columns, a calendar, a fact that lies in a table for each year. A query in brackets
stands wherever a definition names a table, and needs no view in the warehouse.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from acrm_olap.definitions.base import as_named
from acrm_olap.expressions import split_name

DIALECT = "duckdb"


def is_query(table: str) -> bool:
    """Whether a table of a definition is a query in brackets."""
    return table.startswith("(")


@lru_cache(maxsize=256)
def _read(table: str) -> exp.Query:
    try:
        trees = parse(table, dialect=DIALECT)
    except SqlglotError as error:
        first = str(error).splitlines()[0].rstrip(". ")
        raise ValueError(f"the query cannot be read: {first}") from error
    tree = trees[0] if len(trees) == 1 else None
    inner = tree.unnest() if isinstance(tree, exp.Subquery) else None
    if not isinstance(inner, exp.Query):
        raise ValueError("the query in brackets is not one select statement")
    if tree is not None and (tree.args.get("alias") or tree.args.get("joins")):
        raise ValueError("the brackets do not hold the whole of the query")
    if inner.find(exp.Placeholder, exp.Parameter):
        raise ValueError("the query has places for values, and there are none")
    for each in inner.find_all(exp.Table):
        # Quoted, as all tables of the warehouse are: not what statements define.
        if isinstance(each.this, exp.Identifier):
            each.this.set("quoted", True)
    return inner


def read_query(table: str) -> exp.Query:
    """Return the tree of a query in brackets.

    Parameters
    ----------
    table : str
        ``(select * from sales_1997 union all select * from sales_1998)``.

    Raises
    ------
    ValueError
        If it is not one select statement, or cannot be read.
    """
    return _read(table).copy()


@lru_cache(maxsize=1024)
def names_in(table: str) -> frozenset[str]:
    """Return the names, in small letters and without schema, that a table reads."""
    if not is_query(table):
        return frozenset([split_name(table)[1].lower()])
    return frozenset(each.name.lower() for each in _read(table).find_all(exp.Table))


def shown_table(table: str) -> str:
    """Return how messages name a table: a query by its beginning."""
    if not is_query(table):
        return table
    text = " ".join(table.split())
    most = 40
    return text if len(text) <= most else f"{text[:most].rstrip()} ...)"


def _checked(table: str) -> str:
    if not is_query(table):
        return as_named(table)
    _read(table)
    return table


# Any name that DuckDB takes, of a schema and a table or of a table alone; or a query.
Table = Annotated[str, StringConstraints(min_length=1), AfterValidator(_checked)]
