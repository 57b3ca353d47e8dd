"""Expressions worked out in plain Python, with SQL's way with what is not known."""

from __future__ import annotations

import math
from decimal import Decimal

from acrm_olap.expressions.tree import Call, Name, Operation, Type, Value


def value_of(node, named):
    """Return the value of an expression; ``named`` gives that of a name."""
    if isinstance(node, Value):
        return constant(node)
    if isinstance(node, Name):
        return named(node.text)
    if isinstance(node, Operation):
        return operation(
            node.operator, [value_of(each, named) for each in node.operands]
        )
    assert isinstance(node, Call)
    return call(node.function, [value_of(each, named) for each in node.arguments])


def constant(node):
    if node.type is Type.NUMBER:
        return Decimal(node.text)
    if node.type is Type.FLAG:
        return node.text == "true"
    return node.text if node.type is Type.TEXT else None


def both(*values):
    """Make numbers fit together: a double beside a decimal makes both doubles."""
    if any(isinstance(each, float) for each in values):
        return [float(each) for each in values]
    return list(values)


def ratio(above, below):
    if above is None or below is None or below == 0:
        return None
    return float(above) / float(below)


def difference(now, then):
    if now is None or then is None:
        return None
    left, right = both(now, then)
    return left - right


def operation(sign, given):  # noqa: PLR0911 -- a case each
    if sign == "and":
        return False if False in given else None if None in given else True
    if sign == "or":
        return True if True in given else None if None in given else False
    if sign == "is null":
        return given[0] is None
    if sign == "is not null":
        return given[0] is not None
    if sign == "in":
        first, *members = given
        if first is None:
            return None
        return True if first in members else None if None in members else False
    if None in given:
        return None
    if sign == "not":
        return not given[0]
    if sign == "negative":
        return -given[0]
    if sign == "/":
        return ratio(*given)
    left, right = both(*given) if isinstance(given[0], int | float | Decimal) else given
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "=": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }[sign]()


def call(function, given):
    if function == "if":
        return given[1] if given[0] is True else given[2]
    if function == "coalesce":
        return next((each for each in given if each is not None), None)
    if function == "nullif":
        return None if given[0] == given[1] else given[0]
    if function in {"least", "greatest"}:
        known = both(*(each for each in given if each is not None))
        best = min if function == "least" else max
        return best(known) if known else None
    if None in given:
        return None
    return {"abs": abs, "sqrt": lambda x: math.sqrt(x) if x >= 0 else None}[function](
        *given
    )
