"""Columns of the answer: trees over what the cells have, windows among the cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from acrm_olap.expressions import divide, to_sql
from acrm_olap.planning.plan import (
    Beside,
    Difference,
    Formula,
    Leaf,
    Mean,
    Plan,
    Tree,
)
from acrm_olap.planning.trees import under
from acrm_olap.sql.periods import axis_names
from acrm_olap.sql.terms import equal, made, number


def there(pass_count: int) -> exp.Expr:
    """Return which passes found rows for a cell: bit n stands for the nth."""
    found: exp.Expr | None = None
    for n in range(pass_count):
        missing = equal(
            exp.Coalesce(this=made(f"p{n}"), expressions=[number(0)]), number(0)
        )
        bit = exp.Case(
            ifs=[exp.If(this=missing, true=number(0))], default=number(1 << n)
        )
        found = bit if found is None else exp.Add(this=found, expression=bit)
    return found or number(0)


class Windows:
    """The windows that the columns of an answer need, layer upon layer.

    Parameters
    ----------
    plan : Plan
        The query.
    orders : mapping
        What orders the members of each level, by its number.
    """

    def __init__(self, plan: Plan, orders: dict[int, tuple[exp.Expr, ...]]) -> None:
        self.plan = plan
        self.orders = orders
        self.known: list[Beside] = []
        self.rows = [axis for axis in plan.axes if axis.on_rows]
        self.across = [axis for axis in plan.axes if not axis.on_rows]
        self.row_bits = sum(1 << axis.number for axis in self.rows)

    def layers(self, trees: Sequence[Tree]) -> list[list[tuple[str, exp.Expr]]]:
        """Return the windows of each layer, with the names they get."""
        found: list[list[tuple[str, exp.Expr]]] = []
        waiting = [
            each for tree in trees for each in under(tree) if isinstance(each, Beside)
        ]
        for tree in sorted(waiting, key=_depth):
            if tree in self.known:
                continue
            depth = _depth(tree)
            while len(found) < depth:
                found.append([])
            sql = self._window(tree)
            self.known.append(tree)
            found[depth - 1].append((f"w{len(self.known) - 1}", sql))
        return found

    def sql(self, tree: Tree) -> exp.Expr:
        """Return the SQL of a tree, over the columns of the last layer."""
        if isinstance(tree, Leaf):
            return made(f"m{tree.atom}")
        if isinstance(tree, Formula):
            names = tree.names
            return to_sql(tree.node, lambda name: self.sql(names[name]))
        if isinstance(tree, Difference):
            less = exp.Paren(
                this=exp.Sub(this=self.sql(tree.now), expression=self.sql(tree.then))
            )
            return divide(less, self.sql(tree.then)) if tree.relative else less
        if isinstance(tree, Mean):
            return divide(self.sql(tree.total), number(tree.count))
        if isinstance(tree, Beside):
            return made(f"w{self.known.index(tree)}")
        raise TypeError(tree)

    # -- windows -----------------------------------------------------------------

    def _window(self, tree: Beside) -> exp.Expr:
        value = self.sql(tree.tree)
        if tree.how == "share_of_total":
            return divide(value, self._of_set(value, 0))
        makers: dict[str, Callable[[exp.Expr, int], exp.Expr]] = {
            "share_of_parent": self._share_of_parent,
            "rank": self._rank,
            "running_total": self._running_total,
        }
        return self._by_depth(value, makers[tree.how])

    def _by_depth(
        self,
        value: exp.Expr,
        make: Callable[[exp.Expr, int], exp.Expr],
    ) -> exp.Expr:
        """Return a case by how many levels of the rows a cell has."""
        depths = sorted(
            {len([n for n in every if n < len(self.rows)]) for every in self.plan.shown}
        )
        cases = [
            exp.If(this=self._has_depth(depth), true=make(value.copy(), depth))
            for depth in depths
        ]
        return cases[0].args["true"] if len(cases) == 1 else exp.Case(ifs=cases)

    def _has_depth(self, depth: int) -> exp.Expr:
        rolled = sum(1 << axis.number for axis in self.rows[depth:])
        bits = exp.BitwiseAnd(this=made("g"), expression=number(self.row_bits))
        return equal(exp.Paren(this=bits), number(rolled))

    def _across_keys(self) -> list[exp.Expr]:
        bits = sum(1 << axis.number for axis in self.across)
        found: list[exp.Expr] = []
        if self.across:
            found.append(exp.BitwiseAnd(this=made("g"), expression=number(bits)))
        return found + [made(t) for axis in self.across for t in axis_names(axis)]

    def _above(self, depth: int) -> list[exp.Expr]:
        return [made(t) for axis in self.rows[:depth] for t in axis_names(axis)]

    def _of_set(self, value: exp.Expr, depth: int) -> exp.Expr:
        """Return the value of the cell that has only the first levels of the rows."""
        chosen = exp.Case(ifs=[exp.If(this=self._has_depth(depth), true=value.copy())])
        return exp.Window(
            this=exp.Max(this=chosen),
            partition_by=[*self._across_keys(), *self._above(depth)],
        )

    def _share_of_parent(self, value: exp.Expr, depth: int) -> exp.Expr:
        return divide(value, self._of_set(value, max(depth - 1, 0)))

    def _rank(self, value: exp.Expr, depth: int) -> exp.Expr:
        order = exp.Ordered(this=value.copy(), desc=True, nulls_first=False)
        place = exp.Window(
            this=exp.Anonymous(this="rank"),
            partition_by=[made("g"), *self._across_keys()[1:],
                          *self._above(max(depth - 1, 0))],
            order=exp.Order(expressions=[order]),
        )  # fmt: skip
        known = exp.Not(this=exp.Is(this=value, expression=exp.Null()))
        return exp.Case(ifs=[exp.If(this=known, true=place)])

    def _running_total(self, value: exp.Expr, depth: int) -> exp.Expr:
        last = self.rows[depth - 1] if depth else None
        order = (
            [*self.orders[last.number], *(made(t) for t in axis_names(last))]
            if last
            else []
        )
        return exp.Window(
            this=exp.Sum(this=value),
            partition_by=[made("g"), *self._across_keys()[1:],
                          *self._above(max(depth - 1, 0))],
            order=exp.Order(
                expressions=[exp.Ordered(this=each.copy(), nulls_first=False)
                             for each in order]
            )
            if order
            else None,
            spec=exp.WindowSpec(
                kind="ROWS", start="UNBOUNDED", start_side="PRECEDING",
                end="CURRENT ROW",
            )
            if order
            else None,
        )  # fmt: skip


def _depth(tree: Tree) -> int:
    """Return how many windows stand upon one another in a tree."""
    inner = 0
    if isinstance(tree, Formula):
        inner = max((_depth(each) for each in tree.names.values()), default=0)
    elif isinstance(tree, Difference):
        inner = max(_depth(tree.now), _depth(tree.then))
    elif isinstance(tree, Mean):
        inner = _depth(tree.total)
    elif isinstance(tree, Beside):
        return 1 + _depth(tree.tree)
    return inner
