"""Rows of a fact with what a query needs of its dimensions, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse, Stored
from acrm_olap.expressions import split_name, to_sql
from acrm_olap.planning.plan import TypedCut
from acrm_olap.sql.codes import CODE, Codes
from acrm_olap.sql.cuts import condition, lets_nothing_in
from acrm_olap.sql.dimensions import KEY, DimensionSql, key_names
from acrm_olap.sql.stored import StoredSql
from acrm_olap.sql.terms import (
    Values,
    all_of,
    as_,
    column,
    derived,
    equal,
    in_query,
    join,
    made,
    named,
    select,
    table,
)


class FactSql:
    """A fact joined to the dimensions that levels and cuts need.

    Parameters
    ----------
    cube : BoundCube
        Not a virtual one.
    as_of : str
        ``was``, ``is`` or a date.
    values : Values
        Gets what conditions compare with.
    """

    def __init__(self, cube: BoundCube, as_of: str, values: Values) -> None:
        self.cube = cube
        self.as_of = as_of
        self.values = values
        self.keys: dict[str, list[exp.Expr]] = {}
        self.codes: dict[str, Codes] = {}
        self.conditions: list[exp.Expr] = []
        self.source: exp.Expr = table(cube.base.fact, "fact")
        self._joins: list[exp.Join] = []
        self._looked_up: set[str] = set()

    def column(self, text: str) -> exp.Expr:
        """Return a column of the fact, or of a table that it looks up."""
        title, last = split_name(text)
        if title:
            self._look_up(title)
        return column(last, title or "fact")

    def need(
        self,
        levels: Iterable[BoundLevel],
        cuts: Iterable[TypedCut],
        within: Mapping[str, exp.Expr] | None = None,
    ) -> None:
        """Join what levels and cuts need; ``keys`` then has the levels' columns.

        Parameters
        ----------
        levels : iterable of BoundLevel
            Levels that rows are put together by.
        cuts : iterable of TypedCut
            What rows must meet.
        within : mapping of str to Expression, optional
            Further conditions of the members of a dimension, by role.
        """
        wanted: dict[str, list[BoundLevel]] = {}
        cut: dict[str, list[TypedCut]] = {}
        for level in levels:
            wanted.setdefault(level.use, []).append(level)
        for each in cuts:
            cut.setdefault(each.level.use, []).append(each)
        roles = dict.fromkeys([*cut, *wanted, *(within or {})])
        for role in roles:
            self._need_use(
                self.cube.uses[role],
                wanted.get(role, []),
                cut.get(role, []),
                (within or {}).get(role),
            )

    def restrict(self, filters: Iterable[TypedCut]) -> None:
        """Leave the rows that a caller may see, whatever else is asked.

        Each filter stands by itself, as was: neither another version of members, nor
        another period that a number is compared with, leads out of it. Rows without
        a member are not among them.

        Parameters
        ----------
        filters : iterable of TypedCut
            Of the caller's rights.
        """
        by_role: dict[str, list[TypedCut]] = {}
        for each in filters:
            by_role.setdefault(each.level.use, []).append(each)
        for role, cuts in by_role.items():
            use = self.cube.uses[role]
            if use.stored is not None:
                self._need_stored(use, use.stored, [], cuts, None)
                continue
            if use.dimension is None or use.use.at:
                for cut in cuts:
                    self.conditions.append(self._column_condition(use, cut))
                continue
            sql = DimensionSql(use, "was", self.values)
            if use.use.span is None:
                kept = sql.select([as_(sql.key(), KEY)], cuts)
                key = self.column(str(use.use.key))
                self.conditions.append(in_query(key, kept))
                continue
            columns: list[exp.Expr] = []
            on = self._on(use, sql, f"seen_{role}", columns)
            source = derived(sql.select(columns, cuts), f"seen_{role}")
            self._joins.append(join(source, on))

    def code(self, role: str) -> exp.Expr:
        """Return the code of a row's member, of a role that has codes."""
        return made(CODE, f"d_{role}")

    @property
    def joins(self) -> list[exp.Join]:
        """The joins, lookups of the fact first."""
        return self._joins

    def where(self) -> exp.Expr | None:
        """Return the condition of the rows."""
        own_rows = (
            to_sql(self.cube.where, self.column)
            if self.cube.where is not None
            else None
        )
        return all_of([own_rows, *self.conditions])

    def select(
        self, columns: Sequence[exp.Expr], group: exp.Group | None = None
    ) -> exp.Select:
        """Return a select over the rows; call it when all that is needed is joined."""
        where = self.where()
        return select(
            columns,
            self.source.copy(),
            joins=self._joins,
            where=where,
            group=group,
        )

    def _look_up(self, title: str) -> None:
        if title in self._looked_up:
            return
        for each in self.cube.base.joins:
            if each.title == title:
                self._looked_up.add(title)
                on = all_of(
                    equal(named(there, title), self.column(here))
                    for here, there in each.on.items()
                )
                self._joins.insert(
                    len(self._looked_up) - 1,
                    join(table(each.table, title), on or exp.true(),
                         side="" if each.complete else "LEFT"),
                )  # fmt: skip

    def _need_use(
        self,
        use: BoundUse,
        levels: list[BoundLevel],
        cuts: list[TypedCut],
        within: exp.Expr | None,
    ) -> None:
        if use.stored is not None:
            self._need_stored(use, use.stored, levels, cuts, within)
            return
        if use.dimension is None or use.use.at:
            for level in levels:
                self.keys[level.path] = self._columns(use, level)
            for cut in cuts:
                self.conditions.append(self._column_condition(use, cut))
            return
        sql = DimensionSql(use, self.as_of, self.values)
        if self._is_key_enough(use, sql, levels, cuts) and within is None:
            for level in levels:
                self.keys[level.path] = [self.column(str(use.use.key))]
            for cut in cuts:
                key = [self.column(str(use.use.key))]
                self.conditions.append(condition(cut, key, self.values))
            return
        self._join_dimension(use, sql, levels, cuts, within)

    def _need_stored(
        self,
        use: BoundUse,
        stored: Stored,
        levels: list[BoundLevel],
        cuts: list[TypedCut],
        within: exp.Expr | None,
    ) -> None:
        """Read levels from columns of an aggregate table, or by those that it keeps."""
        sql = StoredSql(use, stored, DimensionSql(use, self.as_of, self.values))
        for level in levels:
            self.keys[level.path] = self._stored_keys(sql, level)
        for cut in cuts:
            if sql.is_asked_of_members(cut):
                self.conditions.append(sql.among(cut))
            else:
                keys = self._stored_keys(sql, cut.level)
                self.conditions.append(condition(cut, keys, self.values))
        if within is not None:
            # What it narrows is the grain of time, which is the last of the levels.
            self.conditions.append(sql.within(levels[-1], within))

    def _stored_keys(self, sql: StoredSql, level: BoundLevel) -> list[exp.Expr]:
        kept = sql.columns(level)
        if kept:
            return kept
        if level.path not in self.keys:
            alias = f"above{len(self._joins)}"
            self._joins.append(sql.join(level, alias))
            self.keys[level.path] = [column(t, alias) for t in key_names(level)]
        return self.keys[level.path]

    def _columns(self, use: BoundUse, level: BoundLevel) -> list[exp.Expr]:
        if use.dimension is None:
            return [self.column(key) for key in level.level.keys]
        return [self.column(use.use.at[level.name])]

    def _column_condition(self, use: BoundUse, cut: TypedCut) -> exp.Expr:
        """Return the condition of a cut by columns of the fact."""
        if cut.operator == "days":
            # The fact knows no days: those of the dimension say which periods.
            leaf = use.leaf
            sql = DimensionSql(use, self.as_of, self.values)
            (key,) = sql.keys(leaf)
            return in_query(self._columns(use, leaf)[0], sql.select([key], [cut]))
        return condition(cut, self._columns(use, cut.level), self.values)

    @staticmethod
    def _is_key_enough(
        use: BoundUse,
        sql: DimensionSql,
        levels: list[BoundLevel],
        cuts: list[TypedCut],
    ) -> bool:
        """Whether the fact's own key answers, so that nothing has to be joined."""
        if use.use.key is None or sql.remapped or not use.use.complete:
            # A key of the fact that is no member's has no member on any level.
            return False
        key = (sql.dimension.key,)
        calendar = sql.dimension.calendar
        # Of a dimension whose key is the day, a cut of days is one of keys.
        is_day = calendar is None or calendar.date == sql.dimension.key
        others = [cut for cut in cuts if not (is_day and cut.operator == "days")]
        asked = [*levels, *(cut.level for cut in others)]
        whole = all(cut.operator in {"in", "range"} for cut in others)
        return whole and all(each.level.keys == key and not each.tree for each in asked)

    def _join_dimension(
        self,
        use: BoundUse,
        sql: DimensionSql,
        levels: list[BoundLevel],
        cuts: list[TypedCut],
        within: exp.Expr | None,
    ) -> None:
        # A span may have gaps: what is promised of keys says nothing of dates.
        promised = use.use.complete and use.use.span is None
        complete = promised or within is not None
        inner = complete or (bool(cuts) and all(map(lets_nothing_in, cuts)))
        narrowed = cuts if inner else []
        if use.use.span is None and inner and not levels:
            kept = sql.select([as_(sql.key(), KEY)], cuts, within)
            key = self.column(str(use.use.key))
            self.conditions.append(in_query(key, kept))
            return
        alias = f"d_{use.name}"
        columns: list[exp.Expr] = []
        for level in levels:
            columns += [
                as_(key, title, quoted=True)
                for key, title in zip(sql.keys(level), key_names(level), strict=True)
            ]
        if not inner:
            for n, cut in enumerate(cuts):
                inside = exp.Coalesce(
                    this=exp.Paren(this=sql.condition(cut)), expressions=[exp.false()]
                )
                columns.append(as_(inside, f"_in{n}"))
        on = self._on(use, sql, alias, columns)
        unique = list({each.alias_or_name: each for each in columns}.values())
        rows = sql.select(unique, narrowed, within)
        codes = self.codes.get(use.name)
        if codes is not None:
            rows = codes.in_place(rows)
        source = derived(rows, alias)
        self._joins.append(join(source, on, side="" if inner else "LEFT"))
        for level in [] if codes is not None else levels:
            self.keys[level.path] = [column(t, alias) for t in key_names(level)]
        if not inner:
            for n, cut in enumerate(cuts):
                # A row without a member is where what is not known is.
                outside = exp.Boolean(this=not lets_nothing_in(cut))
                self.conditions.append(
                    exp.Coalesce(this=made(f"_in{n}", alias), expressions=[outside])
                )

    def _on(
        self,
        use: BoundUse,
        sql: DimensionSql,
        alias: str,
        columns: list[exp.Expr],
    ) -> exp.Expr:
        """Return how the fact meets the dimension; adds the columns that it takes."""
        span = use.use.span
        history = sql.dimension.history
        if span is None or history is None:
            columns.insert(0, as_(sql.key(), KEY))
            return equal(made(KEY, alias), self.column(str(use.use.key)))
        durable = named(history.durable_key, "member")
        columns.insert(0, as_(durable, KEY))
        found = equal(made(KEY, alias), self.column(span.key))
        if sql.one_version:
            return found
        for title, held in (("_from", history.valid_from), ("_to", history.valid_to)):
            columns.append(as_(named(held, "member"), title))
        at = self.column(span.date)
        return (
            all_of(
                [
                    found,
                    exp.GTE(this=at, expression=made("_from", alias)),
                    exp.LT(this=at.copy(), expression=made("_to", alias)),
                ]
            )
            or found
        )
