"""Queries as one line of text, for the command line and for notes.

::

    sales: net, margin_pct by product.department, customer.region across date.year
        where customer.region = North|South and date = 2025-01..2025-12
        and product.department != "Fruit & Veg" as is subtotals
        top 10 by net having "net > 100" order by -net limit 50 offset 10

A cube and its measures come first; then clauses, each once, in any order:

======================================  ==============================================
``by LEVEL, ...``                       levels down
``across LEVEL, ...``                   levels across
``where CUT and CUT ...``               which members; all must hold
``as was``, ``as is``, ``as 2025-03-01``  which versions of members
``with NAME = "EXPRESSION", ...``       measures of this query alone
``subtotals``                           totals of rows and columns
``top 10 by net``, ``bottom 3 by net``  first or last members of the last level down
``having "net > 100"``                  which cells
``order by -net, date.year``            in which order; ``-`` goes down
``limit 50``, ``offset 10``             which rows of the answer
``show empty``                          members without rows as well
``open same_days``                      what periods that are not over compare with
``part hide``                           nothing beside periods older than the data
``missing empty``                       members that are not there are without rows
======================================  ==============================================

Cuts: ``region = North``, ``region = North|South`` a set, ``region != North|South``,
``date = 2025-01..2025-12`` a range with both ends, ``2025-01..`` and ``..2025-12`` open
ones, ``name like "Sm%"``, ``region is null``, ``region is not null``. A member of a
level with several keys is ``[2024, 1]``; null among members is the missing one.
Members and names with spaces or signs stand in quotes, double or single; a quote inside
is doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acrm_olap.query.cuts import Cut
from acrm_olap.query.forms import canonical
from acrm_olap.query.forms_text import Scanner, quote, written_member, written_name
from acrm_olap.query.query import Query, Top

CLAUSES = (
    "by", "across", "where", "as", "with", "subtotals", "top", "bottom", "having",
    "order", "limit", "offset", "show", "open", "part", "missing",
)  # fmt: skip
RESERVED = frozenset([*CLAUSES, "and", "is", "not", "null", "like", "in"])
_CUT_SIGNS = ("=", "!=", ">=", "<=", "like", "is")


def from_line(text: str) -> Query:
    """Return the query that a line says.

    Parameters
    ----------
    text : str
        As above.

    Raises
    ------
    FormError
        If it cannot be read, with the position.
    """
    return _Line(text).query()


def to_line(query: Query) -> str:
    """Return a query as a line; members as texts, see ``canonical``."""
    query = canonical(query)
    made = (
        f"{written_name(name, RESERVED)} = {quote(expression)}"
        for name, expression in query.calculated
    )
    cuts = " and ".join(map(written_cut, query.cuts))
    clauses = (
        ("by", _names(query.rows)),
        ("across", _names(query.columns)),
        ("where", cuts),
        ("as", written_member(query.as_of) if query.as_of != "was" else ""),
        ("with", ", ".join(made)),
        ("", "subtotals" if query.subtotals else ""),
        ("", written_top(query.top) if query.top else ""),
        ("having", quote(query.having) if query.having else ""),
        ("order by", ", ".join(map(written_order, query.order))),
        ("limit", "" if query.limit is None else f"{query.limit}"),
        ("offset", f"{query.offset}" if query.offset else ""),
        ("show", "empty" if query.empty == "show" else ""),
        ("open", query.open_periods if query.open_periods != "hide" else ""),
        ("part", query.part_periods if query.part_periods != "note" else ""),
        ("missing", query.missing if query.missing != "refuse" else ""),
    )
    parts = [f"{written_name(query.cube, RESERVED)}: {_names(query.measures)}"]
    parts += [f"{word} {rest}".strip() for word, rest in clauses if rest]
    return " ".join(parts)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(written_name(each, RESERVED) for each in names)


def written_top(top: Top) -> str:
    """Return ``top 10 by net``."""
    word = "bottom" if top.least else "top"
    return f"{word} {top.count} by {written_name(top.by, RESERVED)}"


def written_order(text: str) -> str:
    """Return ``-net``."""
    sign = "-" if text.startswith("-") else ""
    return sign + written_name(text.removeprefix("-"), RESERVED)


def written_cut(cut: Cut) -> str:
    """Return a cut, whose members are texts, as the line has it."""
    level = written_name(cut.level, RESERVED)
    values = [written_member(each, RESERVED) for each in cut.values]
    match cut.operator:
        case "in" | "not in":
            sign = "=" if cut.operator == "in" else "!="
            return f"{level} {sign} {'|'.join(values) or '()'}"
        case "range" | "not range":
            sign = "=" if cut.operator == "range" else "!="
            first, last = (
                "" if value is None else text
                for value, text in zip(cut.values, values, strict=True)
            )
            return f"{level} {sign} {first}..{last}"
        case "matches":
            return f"{level} like {quote(str(cut.values[0]))}"
    return f"{level} {cut.operator}"


def read_where(text: str, what: str = "where") -> tuple[Cut, ...]:
    """Return the cuts of a text such as ``region = North and date = 2025``.

    Parameters
    ----------
    text : str
        Cuts, with ``and`` between them.
    what : str
        What the text is, for messages.
    """
    scanner = Scanner(text, what)
    found = tuple(read_cuts(scanner))
    if not scanner.ended:
        scanner.fail_unknown(["and"], "word that goes on after a cut")
    return found


def read_cuts(scanner: Scanner) -> list[Cut]:
    """Take cuts with ``and`` between them."""
    found = [_read_cut(scanner)]
    while scanner.take_word("and"):
        found.append(_read_cut(scanner))
    return found


def _read_cut(scanner: Scanner) -> Cut:
    level = scanner.name("A level to cut")
    if scanner.take_word("is"):
        turned = bool(scanner.take_word("not"))
        if not scanner.take_word("null"):
            scanner.fail_unknown(["null", "not null"], "end of a cut with is")
        return Cut(level, "is not null" if turned else "is null")
    if scanner.take_word("like"):
        return Cut(level, "matches", (scanner.member(),))
    for sign, ends in ((">=", "from"), ("<=", "to")):
        if scanner.take(sign):
            value = scanner.member()
            pair = (value, None) if ends == "from" else (None, value)
            return Cut(level, "range", pair)
    turned = scanner.take("!=")
    if not turned and not scanner.take("="):
        scanner.fail_unknown(_CUT_SIGNS, "sign of a cut")
    operator, values = _read_members(scanner)
    return Cut(level, f"not {operator}" if turned else operator, values)


def _read_members(scanner: Scanner) -> tuple[str, tuple[Any, ...]]:
    """Take a set or a range of members, and say which."""
    if scanner.take("("):
        if not scanner.take(")"):
            scanner.fail("The bracket is not closed.", hint="() is the empty set.")
        return "in", ()
    if scanner.take(".."):
        return "range", (None, None if _is_over(scanner) else scanner.member())
    first = scanner.member()
    if scanner.take(".."):
        return "range", (first, None if _is_over(scanner) else scanner.member())
    members = [first]
    while scanner.take("|"):
        members.append(scanner.member())
    return "in", tuple(members)


def _is_over(scanner: Scanner) -> bool:
    """Whether no member follows: the end, a clause, another cut."""
    at = scanner.at
    spaced = at < len(scanner.text) and scanner.text[at].isspace()
    return scanner.ended or spaced or scanner.sees("|")


class _Line:
    def __init__(self, text: str) -> None:
        self.scanner = Scanner(text)
        self.found: dict[str, Any] = {}

    def query(self) -> Query:
        scanner = self.scanner
        self.found["cube"] = scanner.name("The name of a cube")
        if not scanner.take(":"):
            scanner.fail(
                "A colon is expected after the cube.",
                hint="Write it as in: sales: net by product.department",
            )
        self.found["measures"] = tuple(scanner.names("A measure"))
        given: set[str] = set()
        while not scanner.ended:
            at = scanner.at
            word = scanner.take_word(*CLAUSES)
            if not word:
                self._fail_rest()
            once = "top" if word == "bottom" else word
            if once in given:
                scanner.fail(f"'{word}' is given twice.", hint="Give it once.", at=at)
            given.add(once)
            readers: dict[str, Callable[[], None]] = {
                "top": lambda: self._top(least=False),
                "bottom": lambda: self._top(least=True),
            }
            readers.get(word, getattr(self, f"_{word}", self._top))()
        return Query(**self.found)

    def _fail_rest(self) -> None:
        self.scanner.fail_unknown(
            CLAUSES, "clause (lists have commas, members with spaces have quotes)"
        )

    def _by(self) -> None:
        self.found["rows"] = tuple(self.scanner.names("A level"))

    def _across(self) -> None:
        self.found["columns"] = tuple(self.scanner.names("A level"))

    def _where(self) -> None:
        self.found["cuts"] = tuple(read_cuts(self.scanner))

    def _as(self) -> None:
        self.scanner.take_word("of")
        self.found["as_of"] = str(self.scanner.member())

    def _with(self) -> None:
        made = [_read_made(self.scanner)]
        while self.scanner.take(","):
            made.append(_read_made(self.scanner))
        self.found["calculated"] = tuple(made)

    def _subtotals(self) -> None:
        self.found["subtotals"] = True

    def _top(self, *, least: bool = False) -> None:
        self.found["top"] = read_top(self.scanner, least=least)

    def _having(self) -> None:
        self.found["having"] = self.scanner.text_or_rest("A condition of cells")

    def _order(self) -> None:
        if not self.scanner.take_word("by"):
            self.scanner.fail_unknown(["by"], "word that follows order")
        self.found["order"] = tuple(read_order(self.scanner))

    def _limit(self) -> None:
        self.found["limit"] = self.scanner.number("limit")

    def _offset(self) -> None:
        self.found["offset"] = self.scanner.number("offset")

    def _show(self) -> None:
        if not self.scanner.take_word("empty"):
            self.scanner.fail_unknown(["empty"], "word that follows show")
        self.found["empty"] = "show"

    def _open(self) -> None:
        self.found["open_periods"] = self.scanner.name("hide, same_days or whole")

    def _part(self) -> None:
        self.found["part_periods"] = self.scanner.name("note or hide")

    def _missing(self) -> None:
        self.found["missing"] = self.scanner.name("refuse or empty")


def read_top(scanner: Scanner, *, least: bool) -> Top:
    """Take ``10 by net``."""
    count = scanner.number("How many are wanted")
    if not scanner.take_word("by"):
        scanner.fail_unknown(["by"], "word that follows how many")
    return Top(count, scanner.name("A measure"), least)


def read_order(scanner: Scanner) -> list[str]:
    """Take ``-net, date.year``."""
    found: list[str] = []
    while not found or scanner.take(","):
        sign = "-" if scanner.take("-") else ""
        found.append(sign + scanner.name("A measure or level to order by"))
    return found


def _read_made(scanner: Scanner) -> tuple[str, str]:
    name = scanner.name("The name of a new measure")
    if not scanner.take("="):
        scanner.fail(
            "'=' is expected here.", hint='Write it as in: with x = "net / lines".'
        )
    return name, scanner.text_or_rest("An expression")


def read_made(text: str, what: str) -> tuple[str, str]:
    """Return name and expression of ``per_line = net / lines``; quotes may be left out.

    Parameters
    ----------
    text : str
        One calculated measure.
    what : str
        What the text is, for messages.
    """
    scanner = Scanner(text, what)
    name = scanner.name("The name of a new measure")
    if not scanner.take("="):
        scanner.fail(
            "'=' is expected here.", hint="Write it as in: per_line = net / lines"
        )
    return name, text[scanner.at :].strip()


def read_top_text(text: str, what: str, *, least: bool) -> Top:
    """Return what ``10 by net`` says.

    Parameters
    ----------
    text : str
        How many, and by which measure.
    what : str
        What the text is, for messages.
    least : bool
        Whether the last ones are meant.
    """
    scanner = Scanner(text, what)
    found = read_top(scanner, least=least)
    if not scanner.ended:
        scanner.fail("More follows than can be read.", hint="Write it as in: 10 by net")
    return found
