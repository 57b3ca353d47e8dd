"""The statement that makes an aggregate table out of its fact."""

from __future__ import annotations

import hashlib

from sqlglot import exp

from acrm_olap.aggregates.tables import (
    DEFINITION,
    AggregateTable,
    Kept,
    columns_grouped_by,
)
from acrm_olap.expressions import to_sql
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.measures import components
from acrm_olap.sql.terms import DIALECT, Values, as_, call, column, group_by, select
from acrm_olap.sql.terms import table as table_of

_PUT: dict[str, type[exp.Func]] = {
    "sum": exp.Sum, "count": exp.Sum, "min": exp.Min, "max": exp.Max,
    "first_by": exp.Min, "last_by": exp.Max,
}  # fmt: skip


def select_of(table: AggregateTable) -> exp.Select:
    """Return the rows of an aggregate table, grouped out of the fact.

    Its columns are what it is grouped by, then numbers, then what marks the definition
    that they were made by.
    """
    found, groups = _grouped(table)
    columns = [*found.expressions]
    columns.append(
        as_(exp.Literal.string(definition_of(table)), DEFINITION, quoted=True)
    )
    found.set("expressions", columns)
    found.set("group", group_by(groups))
    return found


def definition_of(table: AggregateTable) -> str:
    """Return a hash of all that decides what the rows of an aggregate table are.

    A table that was built by an older definition has another one, and is not used.
    """
    found, groups = _grouped(table)
    found.set("group", group_by(groups))
    return hashlib.md5(found.sql(DIALECT).encode(), usedforsecurity=False).hexdigest()


def totals_of(
    table: AggregateTable, *, counted: bool
) -> tuple[list[str], exp.Select, exp.Select]:
    """Return names, and totals of their columns over a fact and over its table.

    Values at the first or last instant are left out; these instants are among them. So
    are extremes of what rows are grouped by.

    Parameters
    ----------
    table : AggregateTable
        The table.
    counted : bool
        Whether to tell how many different values there are, which takes long.
    """
    fact = FactSql(table.cube, "was", Values())
    grouped = columns_grouped_by(table)
    titles: list[str] = []
    of_fact: list[exp.Expr] = []
    of_table: list[exp.Expr] = []
    for signature, kept in table.numbers.items():
        if counted and kept.column == table.pair:
            value = _counted(kept, fact)
            titles.append(f"{kept.column}_count")
            of_fact.append(as_(_different(value), titles[-1], quoted=True))
            there = _different(column(kept.column))
            of_table.append(as_(there, titles[-1], quoted=True))
        put = _PUT.get(signature.function)
        if put is None or signature.is_one_of(grouped):
            continue
        titles.append(kept.column)
        number = components(kept.measure)[kept.number].over_rows(fact.column)
        of_fact.append(as_(number, kept.column, quoted=True))
        total = put(this=column(kept.column))
        if signature.function == "count":
            none = [exp.Literal.number(0)]
            total = exp.cast(exp.Coalesce(this=total, expressions=none), "bigint")
        of_table.append(as_(total, kept.column, quoted=True))
    return titles, fact.select(of_fact), select(of_table, table_of(table.name))


def _different(value: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[value]))


def _grouped(table: AggregateTable) -> tuple[exp.Select, list[exp.Expr]]:
    cube = table.cube
    fact = FactSql(cube, "was", Values())
    levels = [cube.level(path) for path in table.levels]
    fact.need(levels, ())
    keys: list[tuple[str, exp.Expr]] = []
    for role, title in table.keys.items():
        keys.append((title, fact.column(str(cube.uses[role].use.key))))
    for level in levels:
        titles = table.levels[level.path]
        keys += list(zip(titles, fact.keys[level.path], strict=True))
    grouped = columns_grouped_by(table)
    columns = [as_(tree, title, quoted=True) for title, tree in keys]
    groups = [tree.copy() for _, tree in keys]
    for level in levels:
        columns += _shown(table, fact, level.path)
    for signature, kept in table.numbers.items():
        if signature.function == "distinct":
            if kept.column != table.pair:
                continue  # It counts a key, which is there already.
            value = _counted(kept, fact)
            columns.append(as_(value, kept.column, quoted=True))
            groups.append(value.copy())
        else:
            number = components(kept.measure)[kept.number].over_rows(fact.column)
            if signature.is_one_of(grouped):
                number = _the_one(kept, fact)
            columns.append(as_(number, kept.column, quoted=True))
    return fact.select(columns), groups


def _the_one(kept: Kept, fact: FactSql) -> exp.Expr:
    """Return the least or the greatest of values that are all alike in a group.

    It is what they are grouped by, which costs nothing, where comparing texts row by
    row takes most of the time that a table is made in.
    """
    value = _argument(kept, fact)
    if kept.measure.filter is None:
        return value
    condition = to_sql(kept.measure.filter, fact.column)
    return exp.Case(ifs=[exp.If(this=call("bool_or", condition), true=value)])


def _shown(table: AggregateTable, fact: FactSql, path: str) -> list[exp.Expr]:
    """Return the label and the order of members, by the rule of an answer's labels."""
    if not table.shown.get(path):
        return []
    level = table.cube.level(path).level
    best: list[tuple[type[exp.Func], str]] = [(exp.Max, level.shown)]
    best += [(exp.Min, each) for each in level.orders]
    wanted = [(of, each) for of, each in best if each not in level.keys]
    return [
        as_(of(this=fact.column(each)), title, quoted=True)
        for (of, each), title in zip(wanted, table.shown[path], strict=True)
    ]


def _counted(kept: Kept, fact: FactSql) -> exp.Expr:
    """Return the value that a row counts by; none where it does not count."""
    measure = kept.measure
    value = _argument(kept, fact)
    if measure.filter is None:
        return value
    condition = to_sql(measure.filter, fact.column)
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def _argument(kept: Kept, fact: FactSql) -> exp.Expr:
    if kept.measure.node is None:
        raise TypeError(kept.measure)
    return to_sql(kept.measure.node, fact.column)
