"""Expressions over measures as Python that makes a measure of Atoti."""

from __future__ import annotations

from acrm_olap.expressions import Node, Type
from acrm_olap.expressions.tree import Call, Name, Operation, Value

SIGNS = {
    "and": "&", "or": "|", "=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">",
    ">=": ">=", "+": "+", "-": "-", "*": "*", "/": "/",
}  # fmt: skip
MATH = {"abs": "abs", "floor": "floor", "ceil": "ceil", "round": "round",
        "sqrt": "sqrt", "ln": "log", "exp": "exp", "least": "min",
        "greatest": "max"}  # fmt: skip


class CannotSay(Exception):  # noqa: N818
    """An expression that the script has no words for; it is left out, with this."""


def measure_expression(node: Node) -> str:
    """Return the Python of an expression over measures.

    Parameters
    ----------
    node : Node
        Its tree.

    Raises
    ------
    CannotSay
        If it uses a function that Atoti has no word for.
    """
    if isinstance(node, Name):
        return f"m[{node.text!r}]"
    if isinstance(node, Value):
        if node.type is Type.TEXT:
            return repr(node.text)
        constants = {"true": "True", "false": "False", "": "None"}
        return constants.get(node.text, node.text)
    if isinstance(node, Operation):
        return _operation(node)
    if isinstance(node, Call):
        return _call(node)
    raise TypeError(node)


def _call(node: Call) -> str:
    given = [measure_expression(each) for each in node.arguments]
    name = node.function
    if name in MATH:
        return f"tt.math.{MATH[name]}({', '.join(given)})"
    if name == "coalesce":
        found = given[-1]
        for each in reversed(given[:-1]):
            found = f"tt.where({each}.isnull(), {found}, {each})"
        return found
    templates = {
        "if": "tt.where({0}, {1}, {2})",
        "power": "({0} ** {1})",
        "nullif": "tt.where({0} != {1}, {0})",
    }
    if name not in templates:
        raise CannotSay(f"it uses {name}().")
    return templates[name].format(*given)


_TEMPLATES = {
    "negative": "(-{0})",
    "not": "(~{0})",
    "is null": "{0}.isnull()",
    "is not null": "(~{0}.isnull())",
}


def _operation(node: Operation) -> str:
    sign = node.operator
    operands = [measure_expression(each) for each in node.operands]
    if sign in _TEMPLATES:
        return _TEMPLATES[sign].format(*operands)
    if sign == "in":
        return "(" + " | ".join(f"({operands[0]} == {e})" for e in operands[1:]) + ")"
    if sign == "/" and not isinstance(node.operands[1], Value):
        # Nothing, where there is nothing to divide by.
        above, below = operands
        return f"tt.where({below} != 0, {above} / {below})"
    return f"({f' {SIGNS[sign]} '.join(operands)})"
