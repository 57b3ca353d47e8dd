"""Terms of SQL: names, bound values, small trees that everything else is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, reduce
from typing import Any

from sqlglot import exp

from acrm_olap.definitions.queries import is_query, names_in, read_query
from acrm_olap.expressions import split_name

DIALECT = "duckdb"


class Values:
    """The values of a statement, bound and never written into it."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self._known: dict[tuple[type, Any], str] = {}

    def bind(self, value: Any) -> exp.Expr:
        """Return the place of a value in the statement."""
        if value is None:
            return exp.Null()
        name = self._known.get((type(value), value))
        if name is None:
            name = f"v{len(self.bound)}"
            self.bound[name] = value
            self._known[type(value), value] = name
        return exp.Placeholder(this=name)


def name(text: str) -> exp.Identifier:
    """Return a name that means itself, whatever it is."""
    return exp.Identifier(this=text, quoted=True)


def own(text: str) -> exp.Identifier:
    """Return a name that this engine made up, or of a table that is joined."""
    return exp.Identifier(this=text, quoted=not is_bare(text))


@lru_cache(maxsize=4096)  # a statement says the same few names a hundred times
def is_bare(text: str) -> bool:
    """Whether a name means itself in SQL without quotes."""
    return bool(re.fullmatch(r"[a-z_][a-z0-9_]*", text)) and text not in _words()


@cache
def _words() -> frozenset[str]:
    """Return the words that DuckDB does not take as a name everywhere."""
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(
            "select keyword_name from duckdb_keywords()"
            " where keyword_category <> 'unreserved'"
        ).fetchall()
    return frozenset(word for (word,) in rows)


def column(text: str, table: str = "") -> exp.Column:
    """Return a column of a table, by the alias of the table."""
    return exp.Column(this=name(text), table=own(table) if table else None)


def made(text: str, table: str = "") -> exp.Column:
    """Return a column that this engine named."""
    return exp.Column(this=own(text), table=own(table) if table else None)


def named(text: str, table: str = "") -> exp.Column:
    """Return a column by the name that a definition gives it."""
    return column(split_name(text)[1], table)


def table(text: str, alias: str = "") -> exp.Table | exp.Subquery:
    """Return a table: ``t`` or ``schema.t``; or a query in brackets."""
    if is_query(text):
        return derived(read_query(text), alias or "given")
    schema, last = split_name(text)
    return exp.Table(
        this=name(last),
        db=name(schema) if schema else None,
        alias=exp.TableAlias(this=own(alias)) if alias else None,
    )


def cte(text: str, alias: str = "") -> exp.Table:
    """Return a common table expression as a table."""
    return exp.Table(
        this=own(text), alias=exp.TableAlias(this=own(alias)) if alias else None
    )


def title_of(*names: str) -> str:
    """Return the name of a query that is about several names, as no others give it.

    Names begin with a letter, and their underscores are doubled, so that an odd one is
    where a name ends: ``a_b`` with ``c`` is ``a__b_c``, ``a`` with ``b_c`` ``a_b__c``.
    """
    return "_".join(each.replace("_", "__") for each in names)


def as_(tree: exp.Expr, alias: str, *, quoted: bool = False) -> exp.Expr:
    """Return a tree under a name; a column of that name as it is."""
    if isinstance(tree, exp.Column) and not tree.args.get("table") and (
        tree.name == alias and not quoted
    ):  # fmt: skip
        return tree
    return exp.Alias(this=tree, alias=name(alias) if quoted else own(alias))


def select(
    columns: Iterable[exp.Expr],
    source: exp.Expr,
    *,
    joins: Iterable[exp.Join] = (),
    where: exp.Expr | None = None,
    group: exp.Group | None = None,
) -> exp.Select:
    """Return a select statement."""
    found = exp.Select(expressions=list(columns))
    found.set("from_", exp.From(this=source))
    joined = list(joins)
    if joined:
        found.set("joins", joined)
    if where is not None:
        found.set("where", exp.Where(this=where))
    if group is not None:
        found.set("group", group)
    return found


def join(source: exp.Expr, on: exp.Expr, *, side: str = "") -> exp.Join:
    """Return an inner join, or one that keeps the rows of a side."""
    found = exp.Join(this=source, on=on)
    found.set("side", side) if side else found.set("kind", "INNER")
    return found


def derived(query: exp.Expr, alias: str) -> exp.Subquery:
    """Return a query as a table."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=own(alias)))


def all_of(parts: Iterable[exp.Expr | None]) -> exp.Expr | None:
    """Return the parts under ``and``; None if there are none."""
    found: exp.Expr | None = None
    for part in parts:
        if part is not None:
            found = part if found is None else exp.And(this=found, expression=part)
    return found


def any_of(parts: Iterable[exp.Expr]) -> exp.Expr:
    """Return the parts under ``or``, in brackets."""
    found: exp.Expr | None = None
    for part in parts:
        found = part if found is None else exp.Or(this=found, expression=part)
    return exp.Paren(this=found) if found is not None else exp.Boolean(this=False)


def equal(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return that two are equal."""
    return exp.EQ(this=left, expression=right)


def same(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return that two are equal, or both null."""
    return exp.NullSafeEQ(this=left, expression=right)


def number(value: int) -> exp.Expr:
    """Return a whole number that is no caller's."""
    return exp.Literal.number(value)


def call(function: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a function."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def group_by(keys: Iterable[exp.Expr]) -> exp.Group | None:
    """Return a grouping by keys; None if there are none."""
    found = list(keys)
    return exp.Group(expressions=found) if found else None


def union(queries: Iterable[exp.Query], *, distinct: bool) -> exp.Query:
    """Return queries of the same columns as one; of one, that."""
    return reduce(
        lambda before, each: exp.Union(this=before, expression=each, distinct=distinct),
        queries,
    )


def with_queries(
    found: exp.Select,
    queries: Iterable[tuple[str, exp.Query]],
    *,
    recursive: bool,
    tables: Iterable[str],
) -> exp.Select:
    """Put named queries before a select; as it is if there are none.

    A table of the warehouse that has the name of one of them is meant by that name: the
    query then gets another. ``tables`` are those that may be read.
    """
    known = list(queries)
    taken = {title for each in tables for title in names_in(each)}
    apart = {title: f"{title}_made" for title, _ in known if title.lower() in taken}
    if apart:
        _keep_apart([found, *(query for _, query in known)], apart)
    named = [
        exp.CTE(this=query, alias=exp.TableAlias(this=own(apart.get(title, title))))
        for title, query in known
    ]
    if named:
        found.set("with_", exp.With(expressions=named, recursive=recursive))
    return found


def _keep_apart(trees: Iterable[exp.Expr], apart: Mapping[str, str]) -> None:
    """Call queries otherwise wherever they are read; tables are quoted, these not."""
    for tree in trees:
        for each in tree.find_all(exp.Table):
            called = each.this
            if not isinstance(called, exp.Identifier) or called.quoted:
                continue
            if each.name in apart:
                if not each.alias:
                    each.set("alias", exp.TableAlias(this=own(each.name)))
                each.set("this", own(apart[each.name]))


def in_query(tree: exp.Expr, query: exp.Query) -> exp.Expr:
    """Return that a value is among those of a query."""
    return exp.In(this=tree, query=exp.Subquery(this=query))
