"""What can be wrong with the tables under a cube: asked of the data, one by one."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube
from acrm_olap.definitions.model import Dimension, History, Join
from acrm_olap.definitions.queries import shown_table
from acrm_olap.errors import DefinitionError
from acrm_olap.expressions import split_name
from acrm_olap.running.database import Database
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    all_of,
    any_of,
    as_,
    call,
    column,
    group_by,
    join,
    made,
    named,
    number,
    select,
    table,
)

ONE = number(1)


class Proofs:
    """Questions to a file whose answer is what is wrong, or nothing.

    Parameters
    ----------
    database : Database
        The file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def row(self, tree: exp.Expr, values: Values | None = None) -> Any:
        """Return the one row of a query."""
        bound = values.bound if values else None
        return self.database.rows(tree.sql(DIALECT), bound)[0]

    def first(self, query: exp.Select, values: Values | None = None) -> Any:
        """Return the first row of a query, None if it has none."""
        query.set("limit", exp.Limit(expression=ONE))
        bound = values.bound if values else None
        rows = self.database.rows(query.sql(DIALECT), bound)
        return rows[0] if rows else None

    def find_twice(
        self, name: str, keys: list[str], what: str
    ) -> DefinitionError | None:
        """Return what is wrong with keys that should be unique."""
        columns = [named(key) for key in keys]
        count = exp.Count(this=exp.Star())
        twice = select(
            [*columns, count], table(name),
            group=group_by(each.copy() for each in columns),
        )  # fmt: skip
        twice.set("having", exp.Having(this=exp.GT(this=count.copy(), expression=ONE)))
        found = self.first(twice)
        if found is None:
            return None
        *key, rows = found
        return DefinitionError(
            f"{what} is not unique: {', '.join(map(str, key))} stands in {rows:,}"
            " rows.",
            where=f"table {shown_table(name)}",
            hint="Rows of a fact would be counted once for each. Give a column that is"
            " unique, or mend the table.",
        )

    def find_endless(
        self, dimension: Dimension, history: History
    ) -> DefinitionError | None:
        """Return what is wrong with versions that never begin or end."""
        ends = [named(history.valid_from), named(history.valid_to)]
        endless = select(
            [named(history.durable_key)], table(dimension.table),
            where=any_of(exp.Is(this=each, expression=exp.Null()) for each in ends),
        )  # fmt: skip
        found = self.first(endless)
        if found is None:
            return None
        return DefinitionError(
            f"A version of '{found[0]}' in the dimension '{dimension.dimension}' has no"
            " beginning or no end.",
            where=f"table {shown_table(dimension.table)}",
            hint="Give versions that hold a last instant such as 9999-12-31.",
        )

    def find_unmatched(
        self, name: str, way: list[Join], owner: str
    ) -> DefinitionError | None:
        """Return what is wrong with a join that would lose rows."""
        chain = []
        for each in way:
            title = each.title
            on = all_of(
                exp.EQ(this=named(there, title), expression=_of(here))
                for here, there in each.on.items()
            )
            chain.append(join(table(each.table, title), on or exp.true(), side="LEFT"))
        last = way[-1]
        key = named(next(iter(last.on.values())), last.title)
        lost = select(
            [exp.Count(this=exp.Star())], table(name, "here"), joins=chain,
            where=exp.Is(this=key, expression=exp.Null()),
        )  # fmt: skip
        (missing,) = self.row(lost)
        if not missing:
            return None
        return DefinitionError(
            f"The join of the {owner} to '{last.title}' is not complete: {missing:,}"
            " rows have no match there.",
            where=f"table {shown_table(name)}",
            hint="Leave `complete` out, or mend the table: rows would be lost.",
        )

    def find_overlap(
        self, dimension: Dimension, history: History
    ) -> DefinitionError | None:
        """Return what is wrong with versions that hold at the same time."""
        before = exp.Window(
            this=exp.Lag(this=named(history.valid_to)),
            partition_by=[named(history.durable_key)],
            order=exp.Order(expressions=[exp.Ordered(this=named(history.valid_from))]),
        )
        overlap = select([named(history.durable_key)], table(dimension.table))
        over = exp.GT(this=before, expression=named(history.valid_from))
        overlap.set("qualify", exp.Qualify(this=over))
        found = self.first(overlap)
        if found is None:
            return None
        return DefinitionError(
            f"Versions of '{found[0]}' in the dimension '{dimension.dimension}'"
            " overlap.",
            where=f"table {shown_table(dimension.table)}",
            hint="A row would be counted once for each version that held then.",
        )

    def find_not_current(
        self, dimension: Dimension, history: History
    ) -> DefinitionError | None:
        """Return what is wrong with the marks of current versions."""
        durable = named(history.durable_key)
        current = exp.Filter(
            this=exp.Count(this=exp.Star()),
            expression=exp.Where(this=named(str(history.current))),
        )
        wrong = select(
            [durable], table(dimension.table), group=group_by([durable.copy()])
        )
        wrong.set("having", exp.Having(this=exp.NEQ(this=current, expression=ONE)))
        found = self.first(wrong)
        if found is None:
            return None
        return DefinitionError(
            f"'{found[0]}' of the dimension '{dimension.dimension}' has not exactly one"
            " current version.",
            where=f"table {shown_table(dimension.table)}, column {history.current}",
            hint="Mend the table, or leave `current` out.",
        )

    def find_lost(
        self, cube: BoundCube, here: list[str], name: str, there: list[str], what: str
    ) -> DefinitionError | None:
        """Return what is wrong with keys of a fact that should have members."""
        fact = FactSql(cube, "was", Values())
        columns = [as_(fact.column(key), f"k{n}") for n, key in enumerate(here)]
        keys = fact.select(columns).distinct(copy=False)
        members = select([named(key) for key in there], table(name))
        lost = exp.Except(this=keys, expression=members, distinct=True)
        count = select(
            [exp.Count(this=exp.Star()), call("any_value", made("k0"))],
            exp.Subquery(this=lost),
        )
        missing, example = self.row(count)
        if not missing:
            return None
        return DefinitionError(
            f"{what} of the cube '{cube.name}' is not complete: {missing:,} keys of the"
            f" fact have no row there, such as {example}.",
            where=f"column {', '.join(here)} of {shown_table(cube.base.fact)}",
            hint="Leave `complete` out, or mend the table: rows would be lost.",
        )


def _of(text: str) -> exp.Expr:
    """Return a column of a table as ``here``, or of one joined to it."""
    title, last = split_name(text)
    return column(last, title or "here")
