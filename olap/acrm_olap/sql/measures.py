"""Aggregates of measures: over rows, and over cells that rows were put into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from acrm_olap.definitions import BoundMeasure
from acrm_olap.expressions import cast, divide, split_name, to_sql
from acrm_olap.expressions.tree import Name, Node, Operation
from acrm_olap.sql.terms import (
    call,
    column,
    made,
)

Resolve = Callable[[str], exp.Expr]
_WHOLE = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
)  # fmt: skip


@dataclass(frozen=True)
class Component:
    """What cells keep of a measure.

    Parameters
    ----------
    over_rows : callable
        Its aggregate over rows of the fact, of the SQL of a column by name.
    merged : callable
        The aggregate of it over cells, of the names it and its fellows have there.
    """

    over_rows: Callable[[Resolve], exp.Expr]
    merged: Callable[[Sequence[str]], exp.Expr]


def is_mergeable(measure: BoundMeasure) -> bool:
    """Whether cells can be put together without their rows."""
    return measure.measure.kind in {
        "sum", "count", "min", "max", "avg", "first", "last",
    }  # fmt: skip


def added_columns(
    measure: BoundMeasure, types: Mapping[str, str]
) -> tuple[tuple[str, bool], ...]:
    """Return the columns whose sums, added and subtracted, would be a sum; else none.

    A difference of two decimals of 18 digits needs more than 64 bits in each row, and
    the sum of such differences takes half as long again as two sums.

    Parameters
    ----------
    measure : BoundMeasure
        Any.
    types : mapping of str to str
        DuckDB types of columns.

    Returns
    -------
    tuple of (str, bool)
        Each column, and whether it is added.
    """
    if measure.measure.kind != "sum" or measure.stored or measure.node is None:
        return ()
    found = _added(measure.node, plus=True)
    kinds = {types.get(name, "") for name, _ in found}
    own = not any(split_name(name)[0] for name, _ in found)
    exact = len(kinds) == 1 and kinds.pop().startswith("DECIMAL")
    return tuple(found) if len(found) > 1 and own and exact else ()


def _added(node: Node, *, plus: bool) -> list[tuple[str, bool]]:
    """Return the columns of a sum of columns, with their signs; none if it is not."""
    if isinstance(node, Name):
        return [(node.text, plus)]
    if not isinstance(node, Operation) or node.operator not in {"+", "-"}:
        return []
    left, right = node.operands
    first = _added(left, plus=plus)
    second = _added(right, plus=plus if node.operator == "+" else not plus)
    return first + second if first and second else []


def over_rows(measure: BoundMeasure, resolve: Resolve) -> exp.Expr:
    """Return a measure as an aggregate over rows of the fact."""
    kind = measure.measure.kind
    if is_mergeable(measure):
        kept = [each.over_rows(resolve) for each in components(measure)]
        return _finished(measure, kept)
    argument = _argument(measure, resolve)
    if kind == "count_distinct":
        return _filtered(
            measure, exp.Count(this=exp.Distinct(expressions=[argument])), resolve
        )
    if kind == "approx_count_distinct":
        return _filtered(measure, call("approx_count_distinct", argument), resolve)
    share = 0.5 if kind == "median" else measure.measure.at
    return _filtered(
        measure,
        call("quantile_cont", cast(argument, "double"), exp.Literal.number(share)),
        resolve,
    )


def over_cells(measure: BoundMeasure, names: Sequence[str]) -> exp.Expr:
    """Return a mergeable measure as an aggregate over cells.

    Parameters
    ----------
    measure : BoundMeasure
        The measure.
    names : sequence of str
        How its components are called there.
    """
    return _finished(measure, [each.merged(names) for each in components(measure)])


def _finished(measure: BoundMeasure, kept: Sequence[exp.Expr]) -> exp.Expr:
    """Return a measure of its components, each an aggregate."""
    return divide(*kept) if measure.measure.kind == "avg" else kept[0]


def components(measure: BoundMeasure) -> list[Component]:
    """Return what cells keep of a mergeable measure."""
    if measure.stored:
        return _stored(measure)
    kind = measure.measure.kind

    def aggregate(
        make: Callable[[exp.Expr], exp.Expr],
    ) -> Callable[[Resolve], exp.Expr]:
        return lambda resolve: _filtered(
            measure, make(_argument(measure, resolve)), resolve
        )

    def sums(resolve: Resolve) -> exp.Expr:
        found: exp.Expr | None = None
        for name, plus in _added(measure.node, plus=True) if measure.node else ():
            each = _filtered(measure, exp.Sum(this=resolve(name)), resolve)
            if found is None:
                found = each
            else:
                sign = exp.Add if plus else exp.Sub
                found = sign(this=found, expression=each)
        return exp.Paren(this=found)

    summed = Component(
        sums
        if measure.summed_apart
        else aggregate(lambda argument: exp.Sum(this=argument)),
        lambda names: exp.Sum(this=made(names[0])),
    )
    counted = Component(
        aggregate(lambda argument: exp.Count(this=argument)),
        lambda names: cast(
            exp.Coalesce(
                this=exp.Sum(this=made(names[-1])), expressions=[exp.Literal.number(0)]
            ),
            "bigint",
        ),
    )
    if kind == "sum":
        return [
            Component(
                lambda resolve: _whole(measure, summed.over_rows(resolve)),
                lambda names: _whole(measure, summed.merged(names)),
            )
        ]
    if kind == "count":
        return [counted]
    if kind == "avg":
        return [summed, counted]
    if kind in {"min", "max"}:
        best: type[exp.Func] = exp.Min if kind == "min" else exp.Max
        return [
            Component(
                aggregate(lambda argument: best(this=argument)),
                lambda names: best(this=made(names[0])),
            )
        ]
    return _first_or_last(measure)


def _stored(measure: BoundMeasure) -> list[Component]:
    """Return what cells keep of a measure whose rows an aggregate table has put up.

    Its rows are cells already, so that what rolls cells up is what aggregates them.
    """
    names = measure.stored
    return [
        Component(_of_fact(each.merged(names)), each.merged)
        for each in components(replace(measure, stored=()))
    ]


def _of_fact(tree: exp.Expr) -> Callable[[Resolve], exp.Expr]:
    """Return an aggregate over columns of the table that stands for the fact."""
    found = tree.transform(
        lambda node: column(node.name, "fact") if isinstance(node, exp.Column) else node
    )
    return lambda _resolve: found.copy()


def _first_or_last(measure: BoundMeasure) -> list[Component]:
    """Value of the first or last row whose value and instant are known.

    Of rows at the same instant the least value is the first, the greatest the last.
    """
    kind = measure.measure.kind
    chosen, end = ("arg_min", exp.Min) if kind == "first" else ("arg_max", exp.Max)
    by = str(measure.measure.by)

    def value(resolve: Resolve) -> exp.Expr:
        argument = _argument(measure, resolve)
        return _filtered(
            measure, call(chosen, argument, _place(resolve(by), argument)), resolve
        )

    def when(resolve: Resolve) -> exp.Expr:
        argument, instant = _argument(measure, resolve), resolve(by)
        known = exp.Case(ifs=[exp.If(this=_known(argument), true=instant)])
        return _filtered(measure, end(this=known), resolve)

    return [
        Component(
            value,
            lambda names: call(
                chosen, made(names[0]), _place(made(names[1]), made(names[0]))
            ),
        ),
        Component(when, lambda names: end(this=made(names[1]))),
    ]


def _place(instant: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return what orders rows; nothing for those that have no place in time."""
    both = exp.And(this=_known(instant), expression=_known(value))
    place = call("row", instant.copy(), value.copy())
    return exp.Case(ifs=[exp.If(this=both, true=place)])


def _known(tree: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=tree.copy(), expression=exp.Null()))


def _argument(measure: BoundMeasure, resolve: Resolve) -> exp.Expr:
    if measure.node is None:
        return exp.Star()
    return to_sql(measure.node, resolve)


def _filtered(measure: BoundMeasure, aggregate: exp.Expr, resolve: Resolve) -> exp.Expr:
    if measure.filter is None:
        return aggregate
    return exp.Filter(
        this=aggregate,
        expression=exp.Where(this=to_sql(measure.filter, resolve)),
    )


def _whole(measure: BoundMeasure, total: exp.Expr) -> exp.Expr:
    """Keep sums of whole numbers in 64 bits, which every client can read."""
    if measure.data_type in _WHOLE:
        return cast(total, "bigint")
    return total
