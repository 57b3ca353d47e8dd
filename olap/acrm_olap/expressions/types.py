"""Give every part of an expression its type, or say which part has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from acrm_olap.errors import ExpressionError, UnknownNameError
from acrm_olap.expressions.parse import fail
from acrm_olap.expressions.tree import Call, Name, Node, Operation, Type, Value

MOST_PLACES = 18
Types = Callable[[str], Type]


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives.

    Parameters
    ----------
    takes : tuple of Type or None
        Types of its arguments; None takes any, all such the same.
    gives : Type or None
        Type of its value; None is that of the arguments without one.
    least : int
        How many arguments it needs; those beyond are optional.
    repeats : bool
        Whether the last argument may come again.
    """

    takes: tuple[Type | None, ...]
    gives: Type | None
    least: int
    repeats: bool = False


_N, _T, _D, _F = Type.NUMBER, Type.TEXT, Type.DATE, Type.FLAG
FUNCTIONS = {
    "if": Signature((_F, None, None), None, 3),
    "coalesce": Signature((None, None), None, 2, repeats=True),
    "nullif": Signature((None, None), None, 2),
    "least": Signature((None, None), None, 2, repeats=True),
    "greatest": Signature((None, None), None, 2, repeats=True),
    "abs": Signature((_N,), _N, 1),
    "sign": Signature((_N,), _N, 1),
    "round": Signature((_N, _N), _N, 1),
    "floor": Signature((_N,), _N, 1),
    "ceil": Signature((_N,), _N, 1),
    "sqrt": Signature((_N,), _N, 1),
    "ln": Signature((_N,), _N, 1),
    "exp": Signature((_N,), _N, 1),
    "power": Signature((_N, _N), _N, 2),
    "lower": Signature((_T,), _T, 1),
    "upper": Signature((_T,), _T, 1),
    "starts_with": Signature((_T, _T), _F, 2),
    "contains": Signature((_T, _T), _F, 2),
    "year": Signature((_D,), _N, 1),
    "month": Signature((_D,), _N, 1),
    "day": Signature((_D,), _N, 1),
    "days_between": Signature((_D, _D), _N, 2),
}


def type_of(node: Node, text: str, types: Types) -> Type:
    """Return the type of an expression.

    Parameters
    ----------
    node : Node
        Its tree.
    text : str
        What it was read from, for messages.
    types : callable
        The type of a name; raises ``UnknownNameError`` for one that is not known.

    Raises
    ------
    ExpressionError
        If parts do not fit together.
    """
    return _Typing(text, types).of(node)


def _is_whole(node: Node) -> bool:
    if isinstance(node, Operation) and node.operator == "negative":
        node = node.operands[0]
    return (
        isinstance(node, Value)
        and node.text.isdigit()
        and int(node.text) <= MOST_PLACES
    )


class _Typing:
    def __init__(self, text: str, types: Types) -> None:
        self.text = text
        self.types = types

    def of(self, node: Node) -> Type:
        if isinstance(node, Value):
            return node.type
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Call):
            return self._call(node)
        raise TypeError(node)

    def _name(self, node: Name) -> Type:
        try:
            return self.types(node.text)
        except UnknownNameError as error:
            raise fail(self.text, node.position, error.what, error.hint) from error

    def _need(self, node: Node, wanted: Type, what: str) -> None:
        found = self.of(node)
        if found not in {wanted, Type.NOTHING}:
            raise self._misfit(node, f"{what} needs a {wanted}, not a {found},")

    def _misfit(self, node: Node, problem: str) -> ExpressionError:
        return fail(self.text, node.position, problem)

    def _check_dates(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if isinstance(node, Value) and node.type is Type.TEXT:
                try:
                    datetime.fromisoformat(node.text)
                except ValueError as error:
                    raise self._misfit(node, f"'{node.text}' is no date") from error

    def _same(self, nodes: tuple[Node, ...], what: str) -> Type:
        found = Type.NOTHING
        for node in nodes:
            kind = self.of(node)
            if kind in {found, Type.NOTHING}:
                continue
            date_as_text = {kind, found} == {Type.DATE, Type.TEXT} and any(
                isinstance(each, Value) for each in nodes
            )
            if found is Type.NOTHING or date_as_text:
                found = Type.DATE if date_as_text else kind
                continue
            raise self._misfit(node, f"{what} puts a {kind} beside a {found}")
        if found is Type.DATE:
            self._check_dates(nodes)
        return found

    def _operation(self, node: Operation) -> Type:
        sign = node.operator
        if sign in {"and", "or", "not"}:
            for operand in node.operands:
                self._need(operand, Type.FLAG, f"'{sign}'")
            return Type.FLAG
        if sign in {"+", "-", "*", "/", "negative"}:
            for operand in node.operands:
                self._need(operand, Type.NUMBER, f"'{sign}'")
            return Type.NUMBER
        if sign in {"is null", "is not null"}:
            self.of(node.operands[0])
            return Type.FLAG
        self._same(node.operands, f"'{sign}'")
        return Type.FLAG

    def _call(self, node: Call) -> Type:
        signature = FUNCTIONS.get(node.function)
        if signature is None:
            error = UnknownNameError("function", node.function, FUNCTIONS)
            raise fail(self.text, node.position, error.what, error.hint)
        count = len(node.arguments)
        most = len(signature.takes)
        if count < signature.least or (count > most and not signature.repeats):
            wanted = (
                f"{signature.least} or more"
                if signature.repeats
                else " or ".join(map(str, range(signature.least, most + 1)))
            )
            raise self._misfit(
                node, f"{node.function}() has {count} arguments, needs {wanted},"
            )
        free: list[Node] = []
        if node.function == "round" and count > 1 and not _is_whole(node.arguments[1]):
            raise self._misfit(node.arguments[1], "round() needs whole places")
        for number, argument in enumerate(node.arguments):
            taken = signature.takes[min(number, most - 1)]
            if taken is None:
                free.append(argument)
            else:
                self._need(argument, taken, f"{node.function}()")
        same = self._same(tuple(free), f"{node.function}()")
        return signature.gives or same
