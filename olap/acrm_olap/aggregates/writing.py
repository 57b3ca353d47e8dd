"""SQL of a statement as people would write it: a part a line, names bare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from acrm_olap.sql.terms import DIALECT

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
WIDTH = 88


def select_text(tree: exp.Select, casts: Mapping[str, str], only: str = "") -> str:
    """Return a select with each part on lines of its own.

    Parameters
    ----------
    tree : Select
        What to write.
    casts : mapping of str to str
        Types of columns that are cast.
    only : str, optional
        A further condition, which dbt fills in, with [[and]] before it.
    """
    columns = []
    for each in tree.expressions:
        title = each.alias_or_name
        value = each.this if isinstance(each, exp.Alias) else each
        if title in casts:
            value = exp.cast(value.copy(), casts[title], dialect=DIALECT)
        renamed = not (isinstance(value, exp.Column) and value.name == title)
        columns.append(sql_text(value) + (f" as {name_text(title)}" if renamed else ""))
    parts = [listed("select distinct" if tree.args.get("distinct") else "select",
                     columns)]  # fmt: skip
    parts.append(f"from {_source(tree.args['from_'].this)}")
    for join in tree.args.get("joins") or []:
        side = (join.args.get("side") or "inner").lower()
        on = fitting(sql_text(_ordered(join)), 7)
        parts.append(f"{side} join {_source(join.this)}\n    on {on}")
    where = tree.args.get("where")
    if where is not None:
        parts.append(fitting(f"where {sql_text(_bracketed(where.this, only))}", 4))
    if only:
        parts.append(only.replace("[[and]]", "where" if where is None else "and"))
    group = tree.args.get("group")
    if group is not None:
        parts.append(listed("group by", [sql_text(key) for key in group.expressions]))
    return "\n\n".join(parts)


def _bracketed(condition: exp.Expr, only: str) -> exp.Expr:
    """Return a condition to which another is added."""
    return exp.Paren(this=condition.copy()) if only else condition


def _ordered(join: exp.Join) -> exp.Expr:
    """Return the condition of a join, what was there before it on the left."""
    joined = join.this.alias_or_name
    on: exp.Expr = join.args["on"].copy()
    for each in on.find_all(exp.EQ):
        if isinstance(each.this, exp.Column) and each.this.table == joined:
            left, right = each.this, each.expression
            each.set("this", right)
            each.set("expression", left)
    return on


def listed(word: str, items: Sequence[str]) -> str:
    """Return a word and what it is about, each item on a line of its own."""
    if len(items) == 1:
        return fitting(f"{word} {items[0]}", 4)
    last = len(items) - 1
    lines = [
        fitting(f"    {each}{',' if n < last else ''}", 4)
        for n, each in enumerate(items)
    ]
    return "\n".join([word, *lines])


def fitting(line: str, indent: int) -> str:
    """Return a line; one that is too long says that it is meant to be."""
    long = len(line) + indent > WIDTH
    return f"{line}  -- noqa: LT05" if long else line


def _source(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Subquery):
        return name_text(tree.alias)
    if isinstance(tree, exp.Table):
        alias = f" as {name_text(tree.alias)}" if tree.alias else ""
        return f"{tree.name}{alias}"
    raise TypeError(tree)


def name_text(text: str) -> str:
    """Return a name, in quotes only where it needs them."""
    return sql_text(exp.Identifier(this=text, quoted=True))


def sql_text(tree: exp.Expr) -> str:
    """Return SQL in small letters, with quotes only where a name needs them."""
    from sqlglot import Dialect

    dialect = Dialect.get_or_raise(DIALECT)
    text = tree.sql(DIALECT)
    found = []
    end = 0
    for token in dialect.tokenize(text):
        written = text[token.start : token.end + 1]
        if token.token_type.name == "IDENTIFIER":
            if _PLAIN.fullmatch(token.text) and not _is_reserved(token.text):
                written = token.text
        elif token.token_type.name != "STRING":
            written = written.lower()
        found.append(text[end : token.start] + written)
        end = token.end + 1
    return "".join(found).replace("filter(", "filter (")


def _is_reserved(name: str) -> bool:
    import duckdb

    if not _RESERVED:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select keyword_name from duckdb_keywords()"
                " where keyword_category <> 'unreserved'"
            ).fetchall()
        _RESERVED.update(word for (word,) in rows)
    return name in _RESERVED


_RESERVED: set[str] = set()


def indented(text: str) -> str:
    """Return a text that stands in brackets."""
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
