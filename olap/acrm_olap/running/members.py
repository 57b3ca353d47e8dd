"""Members of a level, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.errors import MeaningError
from acrm_olap.planning import ALL, Rights
from acrm_olap.planning.members import typed, typed_cut
from acrm_olap.planning.plan import TypedCut
from acrm_olap.planning.resolve import row_filters
from acrm_olap.query import Cut, check_as_of, check_missing
from acrm_olap.running.engine import Engine
from acrm_olap.running.looking_up import keyed, look_up
from acrm_olap.sql.dimensions import DimensionSql, with_trees
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    all_of,
    any_of,
    as_,
    derived,
    equal,
    group_by,
    made,
    number,
    select,
)

MOST_MEMBERS = 10_000


@dataclass(frozen=True)
class Member:
    """A member of a level.

    Parameters
    ----------
    key : object
        What cuts name it by; a tuple if the level has several keys.
    label : str or None
        What people read.
    attributes : mapping
        What else is known of it.
    parents : mapping
        Keys of the members above it, by level; ``parent`` in a tree.
    """

    key: Any
    label: str | None
    attributes: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, Any] = field(default_factory=dict)


def find_members(
    engine: Engine,
    cube: BoundCube,
    level: BoundLevel,
    cuts: Iterable[Cut] = (),
    *,
    search: str = "",
    limit: int = 1000,
    offset: int = 0,
    as_of: str = "is",
    rights: Rights = ALL,
    missing: str = "refuse",
) -> list[Member]:
    """Return members of a level, in their order.

    Parameters
    ----------
    engine : Engine
        Over the file.
    cube : BoundCube
        As this cube uses the dimension.
    level : BoundLevel
        The level.
    cuts : iterable of Cut
        Of the same dimension: ``customer.region = North``.
    search : str, optional
        Part of the label or the key.
    limit, offset : int
        How many, and how many are passed over.
    as_of : str
        Which versions are meant; as they are now.
    rights : Rights
        What the caller may see.
    missing : str
        Cuts that name a member which is not there: ``refuse`` or ``empty``.

    Raises
    ------
    UnknownNameError
        If a cut names a member that is not there.
    MeaningError
        If a cut is of another dimension, the page is too large, or ``as_of`` is no
        date.
    """
    if not 1 <= limit <= MOST_MEMBERS or offset < 0:
        raise MeaningError(
            f"A page of {limit:,} members from {offset:,} on.",
            hint=f"Give a limit of 1 to {MOST_MEMBERS:,}, and page on with offset.",
        )
    check_as_of(as_of)
    check_missing(missing)
    search = typed(search, "VARCHAR", level.path)
    part = next(part for part in cube.parts if level.use in part.uses)
    use = part.uses[level.use]
    cuts = keyed(engine.membership, cube, cuts, rights, as_of, missing)
    found = [typed_cut(cube, cut) for cut in cuts]
    for cut in found:
        if cut.level.use != level.use:
            raise MeaningError(
                f"Members of '{level.path}' cannot be cut by '{cut.level.path}'.",
                hint=f"Cut them by levels of '{level.use}', or ask a query.",
            )
    filters = {part.name: row_filters(part, rights)}
    look_up(engine.membership, cube, [part], cuts, filters, as_of, missing)
    # Members of a level of the fact itself are known from its rows alone, of which
    # the caller sees those of all filters.
    found += [
        cut
        for cut in filters[part.name]
        if cut.level.use == level.use or use.dimension is None
    ]
    finding = _Finding(part, use, level, as_of)
    query = finding.query(found, search, limit, offset)
    rows = engine.database.rows(query.sql(DIALECT), finding.values.bound)
    return [finding.member(row) for row in rows]


class _Finding:
    def __init__(
        self, cube: BoundCube, use: BoundUse, level: BoundLevel, as_of: str
    ) -> None:
        self.cube = cube
        self.use = use
        self.level = level
        self.values = Values()
        self.attributes = list(level.level.attributes)
        self.above = [] if level.tree else list(use.ancestors(level.name))
        self.fact = FactSql(cube, "was", self.values)
        self.sql = (
            DimensionSql(use, as_of, self.values) if use.dimension is not None else None
        )
        self.as_of = as_of

    def _column(self, name: str) -> exp.Expr:
        if self.sql is not None:
            return self.sql.column(name)
        return self.fact.column(name)

    def query(
        self, cuts: list[TypedCut], search: str, limit: int, offset: int
    ) -> exp.Select:
        level = self.level.level
        keys = [as_(self._column(key), f"k{n}") for n, key in enumerate(level.keys)]
        columns = [*keys, as_(exp.Max(this=self._column(level.shown)), "label")]
        columns += [
            as_(exp.Max(this=self._column(level.attributes[each])), f"x{n}")
            for n, each in enumerate(self.attributes)
        ]
        columns += self._parents()
        if level.hide_if == "parent" and self.above:
            above = self._column(self.use.levels[self.above[-1]].level.shown)
            alike = equal(
                exp.cast(self._column(level.shown), "text"), exp.cast(above, "text")
            )
            columns.append(as_(exp.LogicalAnd(this=alike), "as_above"))
        columns += [
            as_(exp.Min(this=self._column(each)), f"o{n}")
            for n, each in enumerate(level.orders)
        ]
        group = group_by(key.this.copy() for key in keys)
        inner = self._rows(columns, cuts, group)
        found = select([exp.Star()], derived(inner, "found"))
        parts = [self._searched(search)] if search else []
        if level.hide_if:
            parts.append(self._not_hidden())
        where = all_of(parts)
        if where is not None:
            found.set("where", exp.Where(this=where))
        order = [*(made(f"o{n}") for n in range(len(level.orders))),
                 *(made(f"k{n}") for n in range(len(level.keys)))]  # fmt: skip
        found.set(
            "order",
            exp.Order(
                expressions=[exp.Ordered(this=e, nulls_first=False) for e in order]
            ),
        )
        found.set("limit", exp.Limit(expression=number(limit)))
        found.set("offset", exp.Offset(expression=number(offset)))
        as_of = self.as_of if self.sql is not None else self.fact.as_of
        levels = (cut.level for cut in cuts)
        return with_trees(found, self.cube, levels, as_of, self.values)

    def _parents(self) -> list[exp.Expr]:
        if self.level.tree:
            parent = str(self.use.hierarchies[self.level.tree].parent)
            return [as_(exp.Max(this=self._column(parent)), "above0")]
        names = [key for each in self.above for key in self.use.levels[each].level.keys]
        return [
            as_(exp.Max(this=self._column(key)), f"above{n}")
            for n, key in enumerate(names)
        ]

    def _rows(
        self, columns: list[exp.Expr], cuts: list[TypedCut], group: exp.Group | None
    ) -> exp.Select:
        if self.sql is None:
            self.fact.need([], cuts)
            return self.fact.select(columns, group)
        found = self.sql.select(columns, cuts)
        if group is not None:
            found.set("group", group)
        return found

    def _searched(self, search: str) -> exp.Expr:
        signs = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = self.values.bind(f"%{signs}%")
        texts = ["label", *(f"k{n}" for n in range(len(self.level.level.keys)))]
        return any_of(
            exp.Escape(
                this=exp.ILike(
                    this=exp.cast(made(each), "text"), expression=pattern.copy()
                ),
                expression=exp.Literal.string("\\"),
            )
            for each in texts
        )

    def _not_hidden(self) -> exp.Expr:
        label = exp.cast(made("label"), "text")
        blank = exp.Coalesce(
            this=exp.EQ(this=exp.Trim(this=label), expression=exp.Literal.string("")),
            expressions=[exp.true()],
        )
        hidden: list[exp.Expr] = [blank]
        if self.level.level.hide_if == "parent" and self.above:
            hidden.append(
                exp.Coalesce(this=made("as_above"), expressions=[exp.false()])
            )
        return exp.Not(this=any_of(hidden))

    def member(self, row: tuple[Any, ...]) -> Member:
        """Return the member that a row of the query is."""
        level = self.level.level
        count = len(level.keys)
        key = row[0] if count == 1 else tuple(row[:count])
        rest = list(row[count:])
        label = rest.pop(0)
        attributes = {each: rest.pop(0) for each in self.attributes}
        parents: dict[str, Any] = {}
        if self.level.tree:
            parents["parent"] = rest.pop(0)
        for each in self.above:
            keys = [rest.pop(0) for _ in self.use.levels[each].level.keys]
            parents[each] = keys[0] if len(keys) == 1 else tuple(keys)
        return Member(key, None if label is None else str(label), attributes, parents)
