"""What an expression is made of once it has been read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """Of a value."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    FLAG = "flag"
    NOTHING = "null"


@dataclass(frozen=True)
class Node:
    """A part of an expression, and where it begins in the text (from 0)."""

    position: int


@dataclass(frozen=True)
class Value(Node):
    """A constant; a number keeps the text it was written as, digits and all."""

    type: Type
    text: str


@dataclass(frozen=True)
class Name(Node):
    """A measure or a column: ``net``, ``net.prior_year``, ``employee.salary``."""

    text: str


@dataclass(frozen=True)
class Operation(Node):
    """Operands under an operator: ``+``, ``and``, ``in``, ``not``, ``is null`` ..."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Call(Node):
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts directly under a part."""
    if isinstance(node, Operation):
        return node.operands
    if isinstance(node, Call):
        return node.arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a part and all that is under it."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> list[str]:
    """Return the names in an expression, each once, as first met."""
    found = [part.text for part in walk(node) if isinstance(part, Name)]
    return list(dict.fromkeys(found))


def depth(node: Node) -> int:
    """Return how many parts stand under one another; without recursion."""
    deepest = 0
    waiting = [(node, 1)]
    while waiting:
        part, at = waiting.pop()
        deepest = max(deepest, at)
        waiting += [(child, at + 1) for child in children(part)]
    return deepest
