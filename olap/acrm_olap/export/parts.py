"""What all exports have in common: what they leave out, and SQL without aliases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from acrm.sql import identifier
from acrm_olap.definitions import BoundMeasure
from acrm_olap.definitions.queries import is_query
from acrm_olap.expressions import Node, name_parts, names, split_name, to_sql
from acrm_olap.expressions.tree import Name, Operation
from acrm_olap.sql.terms import DIALECT, is_bare


def name_sql(text: str) -> str:
    """Return a name as SQL, in quotes where it needs them."""
    return text if is_bare(text) else identifier(text)


def title_of(text: str) -> str:
    """Return what a column that a definition names is called in its table."""
    return ".".join(name_parts(text))


def own_sql(text: str) -> str:
    """Return a column that a definition names as SQL, without a table."""
    return name_sql(title_of(text))


def table_sql(text: str) -> str:
    """Return a table that a definition names, or a query in brackets, as SQL."""
    return text if is_query(text) else ".".join(map(name_sql, name_parts(text)))


def is_joined(text: str) -> bool:
    """Whether a column that a definition names stands in a table that is joined."""
    return bool(split_name(text)[0])


@dataclass(frozen=True)
class LeftOut:
    """A part of the definitions that the other tool has no way to say.

    Parameters
    ----------
    cube : str
        Whose; empty for a dimension of its own.
    what : str
        Such as ``measure stock_end``.
    reason : str
        Why, and what else would do.
    """

    cube: str
    what: str
    reason: str

    def __str__(self) -> str:
        """Return it as a line."""
        owner = f"{self.cube}: " if self.cube else ""
        return f"{owner}{self.what}: {self.reason}"


@dataclass(frozen=True)
class Exported:
    """Files for another tool.

    Parameters
    ----------
    files : mapping of str to str
        Contents by name.
    left_out : tuple of LeftOut
        What is in none of them.
    """

    files: Mapping[str, str]
    left_out: tuple[LeftOut, ...]


def is_plain(node: Node | None, text: str) -> bool:
    """Whether an argument is one column of the fact itself, under its own name."""
    return isinstance(node, Name) and node.text == text and not is_joined(text)


def column_sql(text: str, table: str = "") -> exp.Expr:
    """Return a column by its bare name, in quotes where it needs them."""
    quoted = name_sql(text) != text
    return exp.column(
        exp.Identifier(this=text, quoted=quoted),
        table=exp.Identifier(this=table, quoted=name_sql(table) != table)
        if table
        else None,
    )


def plain_sql(node: Node, resolve: Callable[[str], exp.Expr] | None = None) -> str:
    """Return an expression as SQL, its columns without a table."""

    def column(text: str) -> exp.Expr:
        return column_sql(title_of(text))

    return to_sql(node, resolve or column).sql(DIALECT)


def argument_sql(
    measure: BoundMeasure, resolve: Callable[[str], exp.Expr] | None = None
) -> str:
    """Return what a measure aggregates, null in rows that do not count.

    Parameters
    ----------
    measure : BoundMeasure
        Not a calculated one.
    resolve : callable, optional
        The SQL of a column; its bare name by default.
    """
    value = "1" if measure.node is None else plain_sql(measure.node, resolve)
    if measure.filter is None:
        return value
    return f"case when {plain_sql(measure.filter, resolve)} then {value} end"


def joined_columns(*nodes: Node | None) -> list[str]:
    """Return the columns of looked-up tables that expressions need."""
    return [
        name
        for node in nodes
        if node is not None
        for name in names(node)
        if is_joined(name)
    ]


def quotient(node: Node | None) -> tuple[str, str] | None:
    """Return the two measures of a bare ratio, if an expression is one."""
    if not isinstance(node, Operation) or node.operator != "/":
        return None
    above, below = node.operands
    if isinstance(above, Name) and isinstance(below, Name):
        return above.text, below.text
    return None
