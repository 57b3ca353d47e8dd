"""Read an expression: text to tree, with the position of what cannot be read.

::

    or      := and ("or" and)*
    and     := not ("and" not)*
    not     := "not" not | compare
    compare := sum [("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") sum
                    | ["not"] "in" "(" or ("," or)* ")" | "is" ["not"] "null"]
    sum     := product (("+" | "-") product)*
    product := unary (("*" | "/") unary)*
    unary   := "-" unary | primary
    primary := number | 'text' | true | false | null | name | name "(" [or, ...] ")"
               | "(" or ")"

A name with blanks or signs, or that is a word of the language, stands in double quotes,
each part for itself: ``"Store Sales"``, ``stores."the year"``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from acrm_olap.errors import ExpressionError
from acrm_olap.expressions.quoting import WORDS, name_parts, written_name
from acrm_olap.expressions.tree import (
    Call,
    Name,
    Node,
    Operation,
    Type,
    Value,
    depth,
)

MOST_CHARACTERS = 4000
MOST_DEPTH = 60
MOST_IN_A_ROW = 100

_PART = r'(?:[^\W\d]\w*|"(?:[^"]|"")+")'
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>\d+(\.\d+)?|\.\d+)"
    r"|(?P<text>'(?:[^']|'')*')"
    rf"|(?P<name>{_PART}(\.{_PART})*)"
    r"|(?P<sign><=|>=|<>|!=|[-+*/()=<>,])"
)
_COMPARED = {"=", "!=", "<>", "<", "<=", ">", ">="}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Read an expression.

    Parameters
    ----------
    text : str
        Such as ``margin / net`` or ``if(is_return, 0, quantity)``.

    Returns
    -------
    Node
        Its tree.

    Raises
    ------
    ExpressionError
        If it cannot be read; with a mark under the place.
    """
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(
            f"The expression has {len(text):,} characters.",
            hint=f"At most {MOST_CHARACTERS:,} are read; make measures of its parts.",
        )
    return _Parser(text).whole()


def fail(text: str, position: int, problem: str, hint: str = "") -> ExpressionError:
    """Return an error that shows the place in an expression."""
    line_start = text.rfind("\n", 0, position) + 1
    line = text[line_start:].split("\n", 1)[0]
    mark = " " * (position - line_start) + "^"
    return ExpressionError(
        f"{problem} at position {position + 1} of '{text}'.",
        where=f"\n    {line}\n    {mark}",
        hint=hint
        or "Expressions have names, numbers, 'texts', + - * /, comparisons, and, or,"
        " not, and functions such as if(condition, then, else). A name with blanks or"
        ' signs stands in double quotes: "Store Sales".',
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._read())
        self.at = 0
        self.depth = 0

    def _read(self) -> list[_Token]:
        found = []
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                sign = self.text[position]
                problem = (
                    "A text or name without its closing quote"
                    if sign in {"'", '"'}
                    else f"The sign '{sign}' means nothing"
                )
                raise fail(self.text, position, problem)
            kind = str(match.lastgroup)
            if kind != "space":
                word = match.group().lower()
                if kind == "name" and word in WORDS:
                    kind = "word"
                found.append(_Token(kind, match.group(), position))
            position = match.end()
        return [*found, _Token("end", "", len(self.text))]

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def _next(self) -> _Token:
        token = self.token
        self.at += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self.token.kind in {"sign", "word"} and self.token.text.lower() in texts

    def _take(self, text: str) -> None:
        if not self._is(text):
            raise self._unexpected(f"'{text}'")
        self.at += 1

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self.token
        found = f"'{token.text}'" if token.text else "the end"
        return fail(self.text, token.position, f"Found {found}, expected {wanted},")

    def whole(self) -> Node:
        node = self._or()
        if self.token.kind != "end":
            raise self._unexpected("an operator or the end")
        if depth(node) > MOST_IN_A_ROW:
            raise ExpressionError(
                f"The expression has more than {MOST_IN_A_ROW} operators in a row.",
                hint="Make measures of its parts.",
            )
        return node

    def _or(self) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise fail(self.text, self.token.position, "Nested too deeply")
        node = self._and()
        while self._is("or"):
            position = self._next().position
            node = Operation(position, "or", (node, self._and()))
        self.depth -= 1
        return node

    def _and(self) -> Node:
        node = self._not()
        while self._is("and"):
            position = self._next().position
            node = Operation(position, "and", (node, self._not()))
        return node

    def _not(self) -> Node:
        position = self.token.position
        turned = False
        while self._is("not"):
            self.at += 1
            turned = not turned
        node = self._compare()
        return Operation(position, "not", (node,)) if turned else node

    def _compare(self) -> Node:
        node = self._sum()
        position = self.token.position
        if self.token.text in _COMPARED:
            operator = self._next().text.replace("<>", "!=")
            return Operation(position, operator, (node, self._sum()))
        if self._is("is"):
            self.at += 1
            turned = self._is("not")
            self.at += turned
            self._take("null")
            return Operation(position, "is not null" if turned else "is null", (node,))
        turned = self._is("not")
        self.at += turned
        if self._is("in"):
            self.at += 1
            members = self._list()
            if not members:
                raise fail(self.text, position, "'in' has no members to look for")
            found = Operation(position, "in", (node, *members))
            return Operation(position, "not", (found,)) if turned else found
        if turned:
            raise self._unexpected("'in'")
        return node

    def _list(self) -> tuple[Node, ...]:
        self._take("(")
        found = [] if self._is(")") else [self._or()]
        while self._is(","):
            self.at += 1
            found.append(self._or())
        self._take(")")
        return tuple(found)

    def _sum(self) -> Node:
        node = self._product()
        while self._is("+", "-"):
            token = self._next()
            node = Operation(token.position, token.text, (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._unary()
        while self._is("*", "/"):
            token = self._next()
            node = Operation(token.position, token.text, (node, self._unary()))
        return node

    def _unary(self) -> Node:
        position = self.token.position
        turned = False
        while self._is("-"):
            self.at += 1
            turned = not turned
        node = self._primary()
        return Operation(position, "negative", (node,)) if turned else node

    def _primary(self) -> Node:
        token = self._next()
        lowered = token.text.lower()
        value = _value(token)
        if value is not None:
            return value
        if token.kind == "name":
            if self._is("("):
                return Call(token.position, lowered, self._list())
            # As definitions write it, in quotes only where it needs them.
            return Name(token.position, written_name(*name_parts(token.text)))
        if token.text == "(":
            node = self._or()
            self._take(")")
            return node
        self.at -= 1
        raise self._unexpected("a name, a number or '('")


def _value(token: _Token) -> Value | None:
    """Return the constant that a token is; None if it is none."""
    lowered = token.text.lower()
    found = None
    if token.kind == "number":
        found = (Type.NUMBER, token.text)
    elif token.kind == "text":
        found = (Type.TEXT, token.text[1:-1].replace("''", "'"))
    elif token.kind == "word" and lowered in {"true", "false"}:
        found = (Type.FLAG, lowered)
    elif token.kind == "word" and lowered == "null":
        found = (Type.NOTHING, "")
    return Value(token.position, *found) if found else None
