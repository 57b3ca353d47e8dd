"""The statement of a plan: passes over facts, put together, named and ordered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import Shift
from acrm_olap.definitions.sources import tables_of
from acrm_olap.expressions import cast
from acrm_olap.planning.plan import Axis, Plan, TimeVariant, Tree
from acrm_olap.query import MOST_CELLS
from acrm_olap.sql.columns import Windows, there
from acrm_olap.sql.empty import empty_cells
from acrm_olap.sql.keyed import Sizes
from acrm_olap.sql.labels import label_of
from acrm_olap.sql.mixed import unit_columns
from acrm_olap.sql.passes import PartSql, Pass
from acrm_olap.sql.periods import Extent, axis_names
from acrm_olap.sql.terms import (
    Values,
    all_of,
    any_of,
    as_,
    cte,
    derived,
    equal,
    group_by,
    join,
    made,
    number,
    same,
    select,
    union,
    with_queries,
)
from acrm_olap.sql.written import Statement

SET = "_set"
THERE = "_there"
COMPARED = "_compared_"


def passes_of(plan: Plan, extents: Mapping[str, Extent]) -> dict[str, list[Pass]]:
    """Return the passes of each cube: atoms that go through time in the same way.

    Where rows have no period, what is asked for as it is does not go through periods
    at all: its rows would be lost.
    """
    groups: dict[tuple[str, tuple[TimeVariant, ...], bool], list[int]] = {}
    for n, atom in enumerate(plan.atoms):
        timed = plan.time is not None
        if plan.time is not None and not atom.times:
            over = atom.measure.measure.over.get(plan.time.role, Over.NEVER)
            extent = extents.get(atom.part)
            is_loose = extent is not None and extent.is_loose
            timed = over is not Over.NEVER or not is_loose
        groups.setdefault((atom.part, atom.times, timed), []).append(n)
    found: dict[str, list[Pass]] = {}
    for n, ((part, times, timed), atoms) in enumerate(groups.items()):
        found.setdefault(part, []).append(Pass(n, times, tuple(atoms), timed))
    return found


def write(
    plan: Plan,
    extents: Mapping[str, Extent],
    sizes: Sizes | None = None,
) -> Statement:
    """Return the statement of a plan.

    Parameters
    ----------
    plan : Plan
        A query, resolved.
    extents : mapping of str to Extent
        From when to when each cube has rows; only those that go through time.
    sizes : Sizes, optional
        How large tables and levels are.
    """
    return _Writing(plan, extents, sizes or Sizes()).statement()


class _Writing:
    def __init__(self, plan: Plan, extents: Mapping[str, Extent], sizes: Sizes) -> None:
        self.sizes = sizes
        self.plan = plan
        self.extents = extents
        self.values = Values()
        self.queries: list[tuple[str, exp.Query]] = []
        self.passes = passes_of(plan, extents)
        self.pass_count = sum(len(each) for each in self.passes.values())
        self.comparing = [
            each.number
            for passes in self.passes.values()
            for each in passes
            if any(isinstance(variant, Shift) for variant in each.times)
        ]

    def statement(self) -> Statement:
        source = self._cells()
        labels = [
            label_of(self.plan, axis, self.values, "cell") for axis in self.plan.axes
        ]
        for label in labels:
            self.queries += label.queries
        windows = Windows(
            self.plan,
            {axis.number: self._order_names(axis, len(label.orders))
             for axis, label in zip(self.plan.axes, labels, strict=True)},
        )  # fmt: skip
        columns: list[exp.Expr] = [
            exp.Column(this=exp.Star(), table=exp.Identifier(this="cell"))
        ]
        joins: list[exp.Join] = []
        for axis, label in zip(self.plan.axes, labels, strict=True):
            columns.append(as_(self._shown(axis, label.shown), f"l{axis.number}"))
            columns += [
                as_(each, title.name)
                for each, title in zip(
                    label.orders, windows.orders[axis.number], strict=True
                )
            ]
            joins += label.joins
        if self.plan.axes:
            rows = select(columns, cte(source, "cell"), joins=joins)
            source = self._add("labelled", rows)
        for n, layer in enumerate(windows.layers(self._trees())):
            more = [exp.Star(), *(as_(sql, title) for title, sql in layer)]
            source = self._add(f"beside_{n}", select(more, cte(source)))
        return self._final(source, windows)

    def _shown(self, axis: Axis, label: exp.Expr) -> exp.Expr:
        """Return a label; a level that is rolled up has none, nor that of no member."""
        if len(self.plan.computed) == 1:
            return label
        bit = exp.BitwiseAnd(
            this=made("g", "cell"), expression=number(1 << axis.number)
        )
        told_apart = equal(exp.Paren(this=bit), number(0))
        return exp.Case(ifs=[exp.If(this=told_apart, true=label)])

    def _trees(self) -> list[Tree]:
        found = [column.tree for column in self.plan.columns]
        found += [each for each in (self.plan.having, self.plan.top) if each]
        return found + [each for each, _ in self.plan.order if isinstance(each, Tree)]

    def _add(self, title: str, query: exp.Query) -> str:
        self.queries.append((title, query))
        return title

    @staticmethod
    def _order_names(axis: Axis, count: int) -> tuple[exp.Column, ...]:
        return tuple(made(f"o{axis.number}_{n}") for n in range(count))

    def _cells(self) -> str:
        """Add all passes over facts, and what puts them together."""
        selects: list[exp.Select] = []
        for part in self.plan.parts:
            for timed in (True, False):
                passes = [
                    each for each in self.passes[part.name] if each.timed is timed
                ]
                if not passes:
                    continue
                sql = PartSql(
                    self.plan, part, passes, self.pass_count, self.comparing,
                    self.extents.get(part.name, Extent(None, None)), self.values,
                    self.sizes,
                )  # fmt: skip
                selects += sql.selects()
                known = {title for title, _ in self.queries}
                self.queries += [pair for pair in sql.queries if pair[0] not in known]
        if self.plan.query.empty == "show" and self.plan.axes:
            selects += empty_cells(
                self.plan, self.values, self.pass_count, self.comparing
            )
        if len(selects) == 1:
            return self._add("cells", selects[0])
        keys = [made(t) for axis in self.plan.axes for t in axis_names(axis)]
        values = [(f"m{n}", "any_value") for n in range(len(self.plan.atoms))]
        values += [(f"p{n}", "max") for n in range(self.pass_count)]
        values += [(f"q{n}", "bit_or") for n in self.comparing]
        merged = select(
            [
                made("g"),
                *keys,
                *(
                    as_(exp.Anonymous(this=whose, expressions=[made(each)]), each)
                    for each, whose in values
                ),
            ],
            derived(union(selects, distinct=False), "passes"),
            group=group_by([made("g"), *(key.copy() for key in keys)]),
        )
        return self._add("cells", merged)

    # -- the answer ----------------------------------------------------------------

    def _final(self, source: str, windows: Windows) -> Statement:
        plan = self.plan
        query = plan.query
        columns: list[exp.Expr] = []
        for axis in plan.axes:
            columns.append(as_(made(f"l{axis.number}"), axis.path, quoted=True))
        for each in plan.columns:
            columns.append(as_(windows.sql(each.tree), each.name, quoted=True))
        columns += self._more_columns()
        joins, conditions = self._conditions(source, windows)
        found = select(
            columns, cte(source, "cell"), joins=joins, where=all_of(conditions)
        )
        order = self._order(windows)
        if order:
            found.set("order", exp.Order(expressions=order))
        most = MOST_CELLS // max(len(plan.columns), 1)
        limit = query.limit if query.limit is not None else most + 1
        found.set("limit", exp.Limit(expression=number(limit)))
        if query.offset:
            found.set("offset", exp.Offset(expression=number(query.offset)))
        recursive = any(title.startswith("tree_") for title, _ in self.queries)
        tables = [each for part in plan.parts for each in tables_of(part)]
        with_queries(found, self.queries, recursive=recursive, tables=tables)
        pass_of = {
            atom: each.number
            for passes in self.passes.values()
            for each in passes
            for atom in each.atoms
        }
        numbers = tuple(pass_of[n] for n in range(len(plan.atoms)))
        return Statement(found, self.values.bound, limit, numbers)

    def _more_columns(self) -> list[exp.Expr]:
        """Return keys beside labels, which levels are rolled up, which passes gave."""
        found: list[exp.Expr] = []
        for axis in self.plan.axes:
            titles = axis_names(axis)
            level = axis.level.level
            if level.shown == level.keys[-1] and len(titles) == 1:
                continue
            key: exp.Expr = made(titles[0])
            if len(titles) > 1:
                key = exp.Array(
                    expressions=[cast(made(each), "text") for each in titles]
                )
            found.append(as_(key, f"{axis.path}.key", quoted=True))
        if self.plan.query.subtotals:
            found.append(as_(made("g"), SET))
        if self.plan.units:
            found += unit_columns(self.plan)
        if self.pass_count > 1 or self.plan.time or self.plan.query.empty == "show":
            found.append(as_(there(self.pass_count), THERE))
        found += [as_(made(f"q{n}"), f"{COMPARED}{n}") for n in self.comparing]
        return found

    def _conditions(
        self, source: str, windows: Windows
    ) -> tuple[list[exp.Join], list[exp.Expr | None]]:
        plan = self.plan
        conditions: list[exp.Expr | None] = []
        joins: list[exp.Join] = []
        shown = {self._number(every) for every in plan.shown}
        if len(plan.computed) > len(plan.shown):
            conditions.append(
                exp.In(this=made("g", "cell"),
                       expressions=[number(each) for each in sorted(shown)])
            )  # fmt: skip
        if self.pass_count > 1 or plan.time:
            # The total over all is there, even if it is of nothing.
            total = equal(made("g", "cell"), number((1 << len(plan.axes)) - 1))
            given = [
                exp.Not(this=exp.Is(this=made(f"p{n}"), expression=exp.Null()))
                for n in range(self.pass_count)
            ]
            conditions.append(any_of([*given, total]))
        if plan.having is not None:
            met = exp.Paren(this=windows.sql(plan.having))
            total = exp.NEQ(this=made("g", "cell"), expression=number(0))
            conditions.append(exp.Paren(this=exp.Or(this=total, expression=met))
                              if len(plan.shown) > 1 else met)  # fmt: skip
        if plan.top is not None and plan.query.top is not None:
            condition = self._top(source, windows, joins)
            conditions.append(condition)
        return joins, conditions

    def _number(self, every: frozenset[int]) -> int:
        return sum(1 << n for n in range(len(self.plan.axes)) if n not in every)

    def _top(self, source: str, windows: Windows, joins: list[exp.Join]) -> exp.Expr:
        """Join the first members of the last level of the rows; return who stays."""
        plan = self.plan
        top = plan.query.top
        if top is None or plan.top is None:
            raise TypeError(plan)
        rows = [axis for axis in plan.axes if axis.on_rows]
        keys = [t for axis in rows for t in axis_names(axis)]
        above = [t for axis in rows[:-1] for t in axis_names(axis)]
        value = windows.sql(plan.top)
        last = [*windows.orders[rows[-1].number],
                *(made(t) for t in axis_names(rows[-1]))]  # fmt: skip
        place = exp.Window(
            this=exp.RowNumber(),
            partition_by=[made(t) for t in above],
            order=exp.Order(
                expressions=[
                    exp.Ordered(this=value, desc=not top.least, nulls_first=False),
                    *(exp.Ordered(this=e.copy(), nulls_first=False) for e in last),
                ]
            ),
        )
        whole = self._number(frozenset(axis.number for axis in rows))
        first = select(
            [made(t) for t in keys],
            cte(source),
            where=all_of(
                [equal(made("g"), number(whole)),
                 exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))]
            ),
        )  # fmt: skip
        first.set(
            "qualify",
            exp.Qualify(this=exp.LTE(this=place, expression=number(top.count))),
        )
        marked = select(
            [*(as_(made(t), f"first_{t}") for t in keys), as_(exp.true(), "kept")],
            derived(first, "f"),
        )
        self._add("first_members", marked)
        joins.append(
            join(
                cte("first_members"),
                all_of(same(made(f"first_{t}"), made(t, "cell")) for t in keys)
                or exp.true(),
                side="LEFT",
            )
        )
        bit = 1 << rows[-1].number
        rolled = exp.NEQ(
            this=exp.Paren(
                this=exp.BitwiseAnd(this=made("g", "cell"), expression=number(bit))
            ),
            expression=number(0),
        )
        return exp.Paren(this=exp.Or(this=made("kept"), expression=rolled))

    def _order(self, windows: Windows) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        for what, down in self.plan.order:
            terms = (
                self._axis_terms(what, windows)
                if isinstance(what, Axis)
                else [windows.sql(what)]
            )
            found += [
                exp.Ordered(this=term, desc=down, nulls_first=False) for term in terms
            ]
        for axis in self.plan.axes:
            if len(self.plan.shown) > 1:
                bit = exp.BitwiseAnd(
                    this=made("g", "cell"), expression=number(1 << axis.number)
                )
                found.append(exp.Ordered(this=bit, nulls_first=False))
            found += [
                exp.Ordered(this=term, nulls_first=False)
                for term in self._axis_terms(axis, windows)
            ]
        return found

    @staticmethod
    def _axis_terms(axis: Axis, windows: Windows) -> list[exp.Expr]:
        return [
            *(each.copy() for each in windows.orders[axis.number]),
            *(made(title, "cell") for title in axis_names(axis)),
        ]
