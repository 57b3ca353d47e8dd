"""Whether members that a query names are there, for the caller who names them.

Names are looked up in the tables of the dimension, whatever version of a member has
them; of a level that is a column of the fact, in the fact. What was found is kept, as a
file does not change while it is open. A caller who is held to some rows finds the
members of these alone: one that is kept from him is told of like one that is not there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundLevel
from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.planning.members import typed_cut
from acrm_olap.planning.plan import TypedCut
from acrm_olap.query import Cut
from acrm_olap.running.database import Database
from acrm_olap.sql.cuts import condition
from acrm_olap.sql.dimensions import DimensionSql, with_trees
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import (
    DIALECT,
    Values,
    all_of,
    any_of,
    as_,
    call,
    derived,
    equal,
    in_query,
    made,
    number,
    select,
)

MOST_KEPT = 100_000
MOST_NEAR = 40
NAMED = {"in", "not in"}


class Membership:
    """Members that were looked up in one file.

    Parameters
    ----------
    database : Database
        The file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: set[Any] = set()
        self._lock = threading.Lock()

    def require(
        self,
        parts: Iterable[BoundCube],
        cut: Cut,
        filters: Mapping[str, tuple[TypedCut, ...]],
        as_of: str,
    ) -> None:
        """Refuse a cut that names a member which none of the cubes knows.

        Parameters
        ----------
        parts : iterable of BoundCube
            Cubes that the cut is about; each has its level.
        cut : Cut
            Of a set of members. Those of named sets are the definition's.
        filters : mapping of str to tuple of TypedCut
            By cube: the rows that the caller may see.
        as_of : str
            ``was``, ``is`` or a date.

        Raises
        ------
        UnknownNameError
            With the nearest members.
        """
        given = tuple(
            v for v in cut.values if not (isinstance(v, str) and v[:1] == "@")
        )
        looks: list[_Look] = []
        for part in parts:
            # Each cube has the level in a type of its own.
            typed = typed_cut(part, replace(cut, values=given))
            asked = {
                member: value
                for member, value in zip(typed.values, given, strict=True)
                if member is not None and None not in member
            }
            looks.append(_Look(part, typed.level, filters.get(part.name, ()), as_of))
            left = list(self._missing(looks[-1], list(asked)))
            if not left:
                return
            given = tuple(asked[each] for each in left)
        if looks:
            raise self._error(looks, left[0])

    def is_empty(
        self, part: BoundCube, cut: TypedCut, filters: Iterable[TypedCut], as_of: str
    ) -> bool:
        """Whether a pattern or a range is met by no member.

        Parameters
        ----------
        part : BoundCube
            That is cut.
        cut : TypedCut
            The pattern or range.
        filters : iterable of TypedCut
            The rows that the caller may see.
        as_of : str
            ``was``, ``is`` or a date.
        """
        look = _Look(part, cut.level, tuple(filters), as_of)
        key = (*look.name, cut.operator, repr(cut.values))
        if key in self._known:
            return False
        found = self._has_row(look, cut)
        if found:
            self._keep([key])
        return not found

    def by_label(
        self,
        part: BoundCube,
        cut: Cut,
        filters: tuple[TypedCut, ...],
        as_of: str,
        *,
        leave_out: bool = False,
    ) -> Cut:
        """Return a cut with the keys of members that are named by what people read.

        Only of a level with several keys, a member of which no one value can be.

        Parameters
        ----------
        part : BoundCube
            That is cut.
        cut : Cut
            As the caller wrote it.
        filters : tuple of TypedCut
            The rows that the caller may see.
        as_of : str
            ``was``, ``is`` or a date.
        leave_out : bool
            Whether a label that no member has is left out, or stays what it is.

        Raises
        ------
        MeaningError
            If several members have the same label.
        """
        level = part.level(cut.level)
        if cut.operator not in NAMED or len(level.level.keys) == 1:
            return cut
        if level.period and level.level.shown in level.level.keys:
            # Month 3 is of any year, however many the data have so far.
            return cut
        members = []
        for value in cut.values:
            plain = isinstance(value, str | int) and not str(value).startswith("@")
            if plain and not (cut.level == level.use and level.period):
                look = _Look(part, level, filters, as_of)
                keys = self._keys_of(look, str(value))
                if keys or not leave_out:
                    members.append(keys or value)
            else:
                members.append(value)
        return replace(cut, values=tuple(members))

    def _keys_of(self, look: _Look, label: str) -> tuple[Any, ...] | None:
        keys = [as_(key, f"k{n}") for n, key in enumerate(look.keys())]
        found = look.query(keys, label=label).distinct(copy=False)
        found.set("limit", exp.Limit(expression=number(3)))
        rows = self.database.rows(found.sql(DIALECT), look.values.bound)
        if len(rows) > 1:
            shown = "; ".join(_text(row) for row in rows)
            names = ", ".join(look.level.level.keys)
            raise MeaningError(
                f"Several members of '{look.level.path}' are called '{label}':"
                f" {shown}.",
                hint=f"Give the keys of the one that is meant: a list of {names}.",
            )
        return rows[0] if rows else None

    def _missing(
        self, look: _Look, members: list[tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the members that are not there, looked for in halves."""
        left = [each for each in members if (*look.name, each) not in self._known]
        if not left:
            return
        if self._count(look, left) >= len(left):
            self._keep((*look.name, each) for each in left)
        elif len(left) == 1:
            yield left[0]
        else:
            half = len(left) // 2
            yield from self._missing(look, left[:half])
            yield from self._missing(look, left[half:])

    def _count(self, look: _Look, members: list[tuple[Any, ...]]) -> int:
        fresh = _Look(look.part, look.level, look.filters, look.as_of)
        cut = TypedCut(look.level, "in", tuple(members))
        if len(members) == 1:
            # The first row that has it is enough.
            return self._has_row(fresh, cut)
        keys = [as_(key, f"k{n}") for n, key in enumerate(fresh.keys())]
        found = select(
            [exp.Count(this=exp.Star())],
            derived(fresh.query(keys, cut).distinct(copy=False), "found"),
        )
        rows = self.database.rows(found.sql(DIALECT), fresh.values.bound)
        return int(rows[0][0])

    def _has_row(self, look: _Look, cut: TypedCut) -> bool:
        query = look.query([number(1)], cut)
        query.set("limit", exp.Limit(expression=number(1)))
        return bool(self.database.rows(query.sql(DIALECT), look.values.bound))

    def _keep(self, keys: Iterable[Any]) -> None:
        with self._lock:
            if len(self._known) > MOST_KEPT:
                self._known.clear()
            self._known.update(keys)

    def _error(self, looks: list[_Look], member: tuple[Any, ...]) -> UnknownNameError:
        near: list[str] = []
        for look in looks:
            near += self._near(look, member)
        return UnknownNameError(
            "member", _text(member), near, owner=f"level '{looks[0].level.path}'",
            more="missing='empty' takes it as a member without rows.",
        )  # fmt: skip

    def _near(self, look: _Look, member: tuple[Any, ...]) -> list[str]:
        """Return all members if they are few, or else those that are most alike."""
        fresh = _Look(look.part, look.level, look.filters, look.as_of)
        keys = [as_(key, f"k{n}") for n, key in enumerate(fresh.keys())]
        names = [f"k{n}" for n, _ in enumerate(keys)]
        rows = fresh.query(keys).distinct(copy=False)
        text = call("concat_ws", exp.Literal.string(","), *(made(n) for n in names))
        alike = call(
            "jaro_winkler_similarity",
            exp.Lower(this=text),
            exp.Lower(this=fresh.values.bind(",".join(map(str, member)))),
        )
        known = exp.Not(
            this=any_of(
                exp.Is(this=made(each), expression=exp.Null()) for each in names
            )
        )
        found = select([made(each) for each in names], derived(rows, "m"), where=known)
        order = [exp.Ordered(this=alike, desc=True), exp.Ordered(this=text.copy())]
        found.set("order", exp.Order(expressions=order))
        found.set("limit", exp.Limit(expression=number(MOST_NEAR + 1)))
        members = self.database.rows(found.sql(DIALECT), fresh.values.bound)
        shown = members if len(members) <= MOST_NEAR else members[:5]
        return [_text(each) for each in shown]


class _Look:
    """A look at the members of a level that a caller may know of."""

    def __init__(
        self,
        part: BoundCube,
        level: BoundLevel,
        filters: tuple[TypedCut, ...],
        as_of: str,
    ) -> None:
        self.part = part
        self.level = level
        self.as_of = as_of
        self.values = Values()
        use = part.uses[level.use]
        self.sql: FactSql | DimensionSql
        if use.dimension is None:
            self.sql = FactSql(part, "was", self.values)
            self.filters = filters
        else:
            self.sql = DimensionSql(use, "was", self.values)
            self.filters = tuple(e for e in filters if e.level.use == level.use)

    @cached_property
    def name(self) -> tuple[Any, ...]:
        """What tells it from other looks."""
        kind = self.as_of == "was" if self.filters else True
        return self.part.name, self.level.path, repr(self.filters), kind

    def keys(self) -> list[exp.Expr]:
        """Return the key columns of the level."""
        return [self.sql.column(key) for key in self.level.level.keys]

    def query(
        self, columns: list[exp.Expr], cut: TypedCut | None = None, label: str = ""
    ) -> exp.Select:
        """Return a select of rows that the caller may know of, and meet a cut."""
        met = [self._condition(cut)] if cut is not None else []
        if label:
            shown = self.sql.column(self.level.level.shown)
            met.append(equal(exp.cast(shown, "text"), self.values.bind(label)))
        if isinstance(self.sql, FactSql):
            self.sql.conditions += met
            self.sql.restrict(self.filters)
            found = self.sql.select(columns)
        else:
            met += self._visible(self.sql)
            found = self.sql.select(columns, (), all_of(met))
        levels = (each.level for each in self.filters)
        return with_trees(found, self.part, levels, "was", self.values)

    def _condition(self, cut: TypedCut) -> exp.Expr:
        """Return the condition of a cut: of keys, not of who is under them; or days."""
        if cut.operator == "days" and isinstance(self.sql, DimensionSql):
            return self.sql.condition(cut)
        return condition(cut, self.keys(), self.values)

    def _visible(self, sql: DimensionSql) -> list[exp.Expr]:
        """Return which rows of the dimension the caller may know of.

        In another version, a member that he sees has other groups: these he may name.
        """
        if not self.filters:
            return []
        history = sql.dimension.history
        if self.as_of == "was" or history is None:
            return [sql.condition(cut) for cut in self.filters]
        seen = DimensionSql(sql.use, "was", self.values)
        durable = seen.column(history.durable_key)
        return [
            in_query(
                sql.column(history.durable_key),
                seen.select([as_(durable, "_seen")], self.filters),
            )
        ]


def _text(member: Iterable[Any]) -> str:
    return ", ".join(map(str, member))
