"""Dimensions as a query needs them: narrowed, in the version that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.definitions.model import Dimension, History
from acrm_olap.definitions.sources import tables_of
from acrm_olap.expressions import parse, split_name, to_sql
from acrm_olap.planning.plan import TypedCut
from acrm_olap.sql.cuts import condition
from acrm_olap.sql.terms import (
    Values,
    all_of,
    as_,
    column,
    cte,
    derived,
    equal,
    in_query,
    join,
    made,
    named,
    number,
    select,
    table,
    title_of,
    with_queries,
)

KEY = "_key"
# As the keys of a level of several end.
_OF_SEVERAL = re.compile(r"_\d+$")


def key_names(level: BoundLevel) -> list[str]:
    """Return how the key columns of a level are called in a query.

    A level that is itself called ``month_1`` gets a dot, which no name of a level has.
    """
    count = len(level.level.keys)
    if count > 1:
        return [f"{level.name}_{n}" for n in range(count)]
    return [f"{level.name}." if _OF_SEVERAL.search(level.name) else level.name]


def tree_name(level: BoundLevel) -> str:
    """Return how the table of a tree's ancestors is called in a query."""
    return title_of("tree", level.use, level.tree)


class DimensionSql:
    """The columns of a dimension's tables, in the version that was asked for.

    Parameters
    ----------
    use : BoundUse
        The dimension in its role, with a table.
    as_of : str
        ``was``, ``is`` or a date.
    values : Values
        Gets what conditions compare with.
    """

    def __init__(self, use: BoundUse, as_of: str, values: Values) -> None:
        if use.dimension is None:
            raise TypeError(use.name)
        self.use = use
        self.dimension: Dimension = use.dimension
        self.as_of = as_of
        self.values = values
        has_versions = self.dimension.history is not None and as_of != "was"
        # By dated spans, the fact meets members without a version in between.
        self.one_version = has_versions and use.use.span is not None
        self.remapped = has_versions and not self.one_version
        # Attributes are read from the version that was asked for.
        self.attributes = "chosen" if self.remapped else "member"

    def column(self, text: str) -> exp.Expr:
        """Return a column, of the dimension's table or of one joined to it."""
        outrigger, last = split_name(text)
        return column(last, outrigger or self.attributes)

    def keys(self, level: BoundLevel) -> list[exp.Expr]:
        """Return the key columns of a level."""
        return [self.column(key) for key in level.level.keys]

    def condition(self, cut: TypedCut) -> exp.Expr:
        """Return the condition of a cut."""
        if cut.level.tree and not cut.operator.startswith("is "):
            # Outside of a set is who is under none of its members.
            positive = replace(cut, operator=cut.operator.removeprefix("not "))
            under = select(
                [made("member")],
                cte(tree_name(cut.level)),
                where=condition(positive, [made("ancestor")], self.values),
            )
            inside = in_query(self.keys(cut.level)[0], under)
            if positive is cut or cut.operator == positive.operator:
                return inside
            return exp.Not(this=exp.Coalesce(this=exp.Paren(this=inside),
                                             expressions=[exp.false()]))  # fmt: skip
        if cut.operator == "days":
            return condition(cut, [self.day()], self.values)
        return condition(cut, self.keys(cut.level), self.values)

    def select(
        self,
        columns: Sequence[exp.Expr],
        cuts: Iterable[TypedCut] = (),
        more: exp.Expr | None = None,
        later: Iterable[exp.Expr] = (),
    ) -> exp.Select:
        """Return rows of the dimension: one a key, cut to what is asked for.

        ``later`` is what the caller adds to it, of tables that then have to be joined.
        """
        wanted = [*columns, *([more] if more is not None else []), *later]
        conditions = [self.condition(cut) for cut in cuts]
        joins = self._version_join() + self._outriggers([*wanted, *conditions])
        return select(
            columns,
            self._source(),
            joins=joins,
            where=all_of([*conditions, more]),
        )

    def key(self) -> exp.Expr:
        """Return the key that facts point to."""
        return named(self.dimension.key, "member")

    def day(self) -> exp.Expr:
        """Return the day that a member is; without a calendar, its key."""
        calendar = self.dimension.calendar
        return self.column(calendar.date) if calendar else self.key()

    def not_special(self) -> exp.Expr | None:
        """Return that a member is no special one; None if there are no such."""
        if not self.dimension.special:
            return None
        special = to_sql(parse(self.dimension.special), self.column)
        return exp.Not(this=exp.Coalesce(this=special, expressions=[exp.false()]))

    def _source(self) -> exp.Expr:
        history = self.dimension.history
        if not self.one_version or history is None:
            return table(self.dimension.table, "member")
        rows = version_rows(self.dimension, history, self.as_of, self.values)
        return derived(rows, "member")

    def _version_join(self) -> list[exp.Join]:
        history = self.dimension.history
        if not self.remapped or history is None:
            return []
        durable = history.durable_key
        chosen = derived(
            version_rows(self.dimension, history, self.as_of, self.values), "chosen"
        )
        on = equal(named(durable, "chosen"), named(durable, "member"))
        return [join(chosen, on, side="LEFT")]

    def _outriggers(self, wanted: Sequence[exp.Expr]) -> list[exp.Join]:
        """Join the outrigger tables that are needed, and those on the way to them."""
        needed = {found.table for tree in wanted for found in tree.find_all(exp.Column)}
        titles = [each.title for each in self.dimension.joins]
        for each, title in reversed(
            list(zip(self.dimension.joins, titles, strict=True))
        ):
            if title in needed:
                needed |= {split_name(here)[0] for here in each.on}
        joins = []
        for each, title in zip(self.dimension.joins, titles, strict=True):
            if title in needed:
                on = all_of(
                    equal(named(there, title), self.column(here))
                    for here, there in each.on.items()
                )
                kept = each.complete and not self.remapped
                joins.append(
                    join(table(each.table, title), on or exp.true(),
                         side="" if kept else "LEFT")
                )  # fmt: skip
        return joins


def version_rows(
    dimension: Dimension, history: History, as_of: str, values: Values
) -> exp.Select:
    """Return the one version of each member: the last one, or that of a day's end."""
    rows = select([exp.Star()], table(dimension.table))
    if as_of != "is":
        after = values.bind(date.fromisoformat(as_of) + timedelta(days=1))
        rows.set(
            "where",
            exp.Where(
                this=exp.And(
                    this=exp.LT(this=named(history.valid_from), expression=after),
                    expression=exp.GTE(
                        this=named(history.valid_to), expression=after.copy()
                    ),
                )
            ),
        )
    elif history.current:
        rows.set("where", exp.Where(this=named(history.current)))
    else:
        place = exp.Window(
            this=exp.RowNumber(),
            partition_by=[named(history.durable_key)],
            order=exp.Order(
                expressions=[exp.Ordered(this=named(history.valid_from), desc=True)]
            ),
        )
        rows.set("qualify", exp.Qualify(this=equal(place, number(1))))
    return rows


def tree_queries(
    cube: BoundCube, levels: Iterable[BoundLevel], as_of: str, values: Values
) -> list[tuple[str, exp.Query]]:
    """Return the named queries of the trees among levels, each tree once."""
    trees = {level.path: level for level in levels if level.tree}
    return [
        pair
        for level in trees.values()
        for pair in tree_rows(cube.uses[level.use], level, as_of, values)
    ]


def with_trees(
    found: exp.Select,
    cube: BoundCube,
    levels: Iterable[BoundLevel],
    as_of: str,
    values: Values,
) -> exp.Select:
    """Put the queries of the trees among levels before a select of one cube."""
    trees = tree_queries(cube, levels, as_of, values)
    return with_queries(found, trees, recursive=True, tables=tables_of(cube))


def tree_rows(
    use: BoundUse, level: BoundLevel, as_of: str, values: Values
) -> tuple[tuple[str, exp.Query], tuple[str, exp.Query]]:
    """Return every member with each of its ancestors, itself among them.

    Two named queries: members with their parents, and from these ``ancestor``,
    ``member`` and ``parent``, which is null for an ancestor that has none above it.
    The walk is up from each member, and ends where a parent is no member.
    """
    hierarchy = use.hierarchies[level.tree]
    sql = DimensionSql(use, as_of, values)
    (key,) = sql.keys(level)
    parents = sql.select(
        [as_(key, "member"), as_(sql.column(str(hierarchy.parent)), "parent")]
    ).distinct(copy=False)
    known = select(
        [made("member", "child"), as_(made("member", "above"), "parent")],
        derived(parents, "child"),
        joins=[
            join(
                derived(parents.copy(), "above"),
                exp.And(
                    this=equal(made("member", "above"), made("parent", "child")),
                    expression=exp.NEQ(
                        this=made("parent", "child"), expression=made("member", "child")
                    ),
                ),
                side="LEFT",
            )
        ],
    ).distinct(copy=False)
    members = tree_name(level) + "_parents"
    start = select(
        [as_(made("member"), "ancestor"), as_(made("member"), "member"),
         as_(made("parent"), "parent")],
        cte(members),
    )  # fmt: skip
    step = select(
        [as_(made("parent", "up"), "ancestor"), made("member", "up"),
         as_(made("parent", "above"), "parent")],
        cte(tree_name(level), "up"),
        joins=[join(cte(members, "above"),
                    equal(made("member", "above"), made("parent", "up")))],
    )  # fmt: skip
    walk = exp.Union(this=start, expression=step, distinct=True)
    return (members, known), (tree_name(level), walk)
