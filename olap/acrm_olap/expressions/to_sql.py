"""Write an expression as a sqlglot tree."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from acrm_olap.expressions.tree import Call, Name, Node, Operation, Type, Value

Resolve = Callable[[str], exp.Expr]

_BINARY: dict[str, type[exp.Binary]] = {
    "and": exp.And, "or": exp.Or, "+": exp.Add, "-": exp.Sub, "*": exp.Mul,
    "=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT,
    ">=": exp.GTE,
}  # fmt: skip


def to_sql(node: Node, resolve: Resolve) -> exp.Expr:
    """Return the SQL of an expression.

    Division gives a double, and null where the denominator is nought or null.

    Parameters
    ----------
    node : Node
        An expression that has a type.
    resolve : callable
        The SQL of a name.
    """
    if isinstance(node, Value):
        return _value(node)
    if isinstance(node, Name):
        return resolve(node.text)
    if isinstance(node, Operation):
        operands = [to_sql(operand, resolve) for operand in node.operands]
        return exp.paren(_operation(node.operator, operands), copy=False)
    if isinstance(node, Call):
        return _call(node, [to_sql(each, resolve) for each in node.arguments])
    raise TypeError(node)


def _value(node: Value) -> exp.Expr:
    if node.type is Type.NUMBER:
        return exp.Literal.number(node.text)
    if node.type is Type.TEXT:
        return exp.Literal.string(node.text)
    if node.type is Type.FLAG:
        return exp.Boolean(this=node.text == "true")
    return exp.Null()


def cast(tree: exp.Expr, kind: str) -> exp.Expr:
    """Return a tree as a value of a type: ``bigint``, ``date``.

    ``exp.cast`` reads the type with a parser each time, which is slow.
    """
    held = tree.copy() if tree.parent is not None else tree
    data_type = exp.DataType(this=exp.DataType.Type[kind.upper()], nested=False)
    return exp.Cast(this=held, to=data_type)


def divide(above: exp.Expr, below: exp.Expr) -> exp.Expr:
    """Return a quotient that is null where there is nothing to divide by."""
    return exp.Div(
        this=cast(above, "double"),
        expression=cast(
            exp.Nullif(this=below, expression=exp.Literal.number(0)), "double"
        ),
        typed=False,
        safe=False,
    )


def _not_null(operand: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=operand, expression=exp.Null()))


_OTHERS: dict[str, Callable[[list[exp.Expr]], exp.Expr]] = {
    "/": lambda operands: divide(*operands),
    "negative": lambda operands: exp.Neg(this=operands[0]),
    "not": lambda operands: exp.Not(this=operands[0]),
    "is null": lambda operands: exp.Is(this=operands[0], expression=exp.Null()),
    "is not null": lambda operands: _not_null(operands[0]),
    "in": lambda operands: exp.In(this=operands[0], expressions=operands[1:]),
}


def _operation(sign: str, operands: list[exp.Expr]) -> exp.Expr:
    if sign in _OTHERS:
        return _OTHERS[sign](operands)
    return _BINARY[sign](this=operands[0], expression=operands[1])


def _call(node: Call, arguments: list[exp.Expr]) -> exp.Expr:
    if node.function == "if":
        condition, then, otherwise = arguments
        return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)
    if node.function == "days_between":
        first, last = (cast(each, "date") for each in arguments)
        return exp.Anonymous(
            this="date_diff", expressions=[exp.Literal.string("day"), first, last]
        )
    if node.function in {"sqrt", "ln"}:
        # Outside of their domain there is no value; DuckDB would stop the query.
        argument = arguments[0]
        least = exp.Literal.number(0)
        fits = exp.GTE if node.function == "sqrt" else exp.GT
        safe = exp.Case(
            ifs=[
                exp.If(this=fits(this=argument.copy(), expression=least), true=argument)
            ]
        )
        return exp.Anonymous(this=node.function, expressions=[safe])
    return exp.Anonymous(this=node.function, expressions=arguments)
