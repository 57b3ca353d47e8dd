"""Dimensions of an aggregate table that has columns of their levels, not their key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from acrm_olap.definitions import BoundLevel, BoundUse, Stored
from acrm_olap.planning.plan import TypedCut
from acrm_olap.sql.cuts import lets_nothing_in
from acrm_olap.sql.dimensions import DimensionSql, key_names
from acrm_olap.sql.terms import all_of, as_, column, derived, equal, in_query, join


@dataclass(frozen=True)
class StoredSql:
    """Levels of a dimension, from the columns of an aggregate table.

    Parameters
    ----------
    use : BoundUse
        The dimension in its role.
    stored : Stored
        What the table has of it.
    sql : DimensionSql
        Its own table, for what the columns decide.
    """

    use: BoundUse
    stored: Stored
    sql: DimensionSql

    def columns(self, level: BoundLevel) -> list[exp.Expr]:
        """Return the columns of a level; none if the table does not keep it."""
        found = self.stored.columns.get(self.use.base_of(level), ())
        return [column(each, "fact") for each in found]

    def is_asked_of_members(self, cut: TypedCut) -> bool:
        """Whether a cut is asked of the dimension, and kept members are compared."""
        if cut.operator == "days" or cut.level.tree:
            return True
        return not self.columns(cut.level) and lets_nothing_in(cut)

    def among(self, cut: TypedCut) -> exp.Expr:
        """Return that a row's member is one that a cut lets in."""
        name = self.stored.days if cut.operator == "days" else self._finer(cut.level)
        return self._in(self.use.levels[name], self.sql.condition(cut))

    def within(self, level: BoundLevel, condition: exp.Expr) -> exp.Expr:
        """Return that a row's member of a level meets a condition there."""
        return self._in(self.use.levels[self._finer(level)], condition)

    def join(self, level: BoundLevel, alias: str) -> exp.Join:
        """Join the members of a level by what decides them; at most one for each."""
        finer = self.use.levels[self._finer(level)]
        here = self.columns(finer)
        titles = [f"_finer_{n}" for n in range(len(here))]
        keys = self.sql.keys(finer)
        columns = [as_(key, title) for key, title in zip(keys, titles, strict=True)]
        columns += [
            as_(key, title, quoted=True)
            for key, title in zip(self.sql.keys(level), key_names(level), strict=True)
        ]
        source = derived(self.sql.select(columns).distinct(copy=False), alias)
        on = all_of(
            equal(column(title, alias), key)
            for title, key in zip(titles, here, strict=True)
        )
        return join(source, on or exp.true(), side="LEFT")

    def _finer(self, level: BoundLevel) -> str:
        base = self.use.base_of(level)
        return base if base in self.stored.columns else self.stored.above[base]

    def _in(self, level: BoundLevel, condition: exp.Expr) -> exp.Expr:
        keys = self.columns(level)
        one = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
        return in_query(one, self.sql.select(self.sql.keys(level), (), condition))
