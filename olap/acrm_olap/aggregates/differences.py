"""What an aggregate table needs so that rows can be taken from it and added to it.

Sums of whole numbers and of decimals are exact: what came is added to them and what
went is taken away, without a look at the rows that stayed. A sum of values of which
none is left has to be none again, so it is known how many it is made of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from acrm_olap.aggregates.tables import (
    ROW_COUNT,
    AggregateTable,
    Kept,
    Signature,
    columns_grouped_by,
    sql_of,
)
from acrm_olap.definitions import BoundMeasure
from acrm_olap.definitions.model import Measure
from acrm_olap.expressions import parse
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.measures import components
from acrm_olap.sql.terms import Values, as_

_INEXACT = {"DOUBLE", "FLOAT"}


@dataclass(frozen=True)
class Differences:
    """How rows are taken from a table and added to it.

    Parameters
    ----------
    keys : tuple of str
        What its rows are told apart by.
    counts : tuple of str
        Its columns that count; each row of it has a number there.
    sums : mapping of str to str
        Its columns that add up, each with the column that says of how many values.
    ones : mapping of str to (str, str)
        Its columns that say what a group is grouped by, each with the column of that,
        and the column that says how many rows of the group count for it.
    added : mapping of str to Expression
        Columns that are kept for this alone, out of the fact.
    counted_for : mapping of str to str
        Of those columns, for which other they are kept.
    reads : tuple of str
        The columns of the fact that the table is made of.
    """

    keys: tuple[str, ...]
    counts: tuple[str, ...]
    sums: Mapping[str, str]
    ones: Mapping[str, tuple[str, str]]
    added: Mapping[str, exp.Expr]
    counted_for: Mapping[str, str]
    reads: tuple[str, ...]


def differences_of(
    table: AggregateTable,
    tree: exp.Select,
    types: Mapping[str, str],
    never_null: Collection[str],
) -> Differences | str:
    """Return how a table is kept by differences, or why units of it are done whole.

    Parameters
    ----------
    table : AggregateTable
        The table.
    tree : Select
        Its rows, out of the fact.
    types : mapping of str to str
        DuckDB types of its columns.
    never_null : collection of str
        Columns of the fact that always have a value, as its contract promises.
    """
    if any(table.shown.values()):
        return "a label is the greatest of its rows'"
    keeping = _Keeping(table, frozenset(sql_of(parse(each)) for each in never_null))
    grouped = columns_grouped_by(table)
    for signature, kept in table.numbers.items():
        if signature.function in {"distinct", "count"}:
            continue
        if signature.function == "sum":
            if types[kept.column] in _INEXACT:
                return f"{kept.column} is no exact number"
            keeping.sum(signature, kept)
        elif signature.is_one_of(grouped):
            keeping.one(signature, kept)
        else:
            return f"what {kept.column} was before is not known of a row that goes"
    reads = {each.name for each in tree.find_all(exp.Column) if each.table == "fact"}
    counts = [
        kept.column
        for signature, kept in table.numbers.items()
        if signature.function == "count"
    ]
    return Differences(
        table.grain, (*counts, *keeping.added), keeping.sums, keeping.ones,
        keeping.added, keeping.counted_for, tuple(sorted(reads)),
    )  # fmt: skip


def with_counts(tree: exp.Select, differences: Differences) -> exp.Select:
    """Return the rows of a table with what is kept for differences, the hash last."""
    found = tree.copy()
    *columns, definition = found.expressions
    added = [
        as_(each.copy(), title, quoted=True)
        for title, each in differences.added.items()
    ]
    found.set("expressions", [*columns, *added, definition])
    return found


@dataclass
class _Keeping:
    table: AggregateTable
    never_null: frozenset[str]
    sums: dict[str, str] = field(default_factory=dict)
    ones: dict[str, tuple[str, str]] = field(default_factory=dict)
    added: dict[str, exp.Expr] = field(default_factory=dict)
    counted_for: dict[str, str] = field(default_factory=dict)
    counted: dict[Signature, str] = field(default_factory=dict)

    def sum(self, signature: Signature, kept: Kept) -> None:
        """Keep of how many values a sum is made."""
        argument = "*" if signature.argument in self.never_null else signature.argument
        self.sums[kept.column] = self._count(argument, kept, signature)

    def one(self, signature: Signature, kept: Kept) -> None:
        """Keep how many rows count for what says by what a group is grouped."""
        (key,) = [
            title
            for path, titles in self.table.levels.items()
            if self.table.cube.uses[path.partition(".")[0]].dimension is None
            for title, each in zip(
                titles, self.table.cube.level(path).level.keys, strict=True
            )
            if sql_of(parse(each)) == signature.argument
        ][:1]
        self.ones[kept.column] = (key, self._count("*", kept, signature))

    def _count(self, argument: str, kept: Kept, of: Signature) -> str:
        """Return the column that counts values; one is added where none does."""
        wanted = Signature("count", argument, of.condition)
        there = self.table.numbers.get(wanted)
        if there is not None:
            return there.column
        if wanted not in self.counted:
            title = f"{kept.column}_count"
            while title in self._taken():
                title += "_"
            node = None if argument == "*" else kept.measure.node
            cube = self.table.cube
            measure = BoundMeasure(
                cube.name, title, Measure.model_validate({"count": "*"}), node,
                kept.measure.filter,
            )  # fmt: skip
            fact = FactSql(cube, "was", Values())
            self.counted[wanted] = title
            self.added[title] = components(measure)[0].over_rows(fact.column)
            self.counted_for[title] = kept.column
        return self.counted[wanted]

    def _taken(self) -> set[str]:
        kept = {each.column for each in self.table.numbers.values()}
        return {*self.table.grain, *kept, *self.added, ROW_COUNT}
