r"""Queries as the query string of a URL, with cuts and drilldowns.

::

    cube=sales&measures=net,margin_pct&rows=product.department&columns=date.year
        &cut=date:2024|customer.region:North;South&top=10 by net&order=-net

- ``measures`` (or ``aggregates``), ``rows``, ``columns``, ``order``: parted by commas
  or ``|``. ``order`` also takes ``net:desc``.
- ``drilldown``: ``customer:region|product:department``, or
  ``dimension@hierarchy:level``; these levels go down, after those of ``rows``. Rows and
  columns take levels in the same spelling.
- ``cut``: ``level:members``, with ``|`` between cuts, all of which must hold; a
  dimension alone takes periods or its finest members: ``date:2024-03``.
- ``where``: cuts as a line of text has them, for what ``cut`` cannot say.
- ``top=10 by net`` or ``bottom=...``; ``calculated=name:expression``, once for each.
- ``as_of``, ``having``, ``subtotals``, ``limit``, ``offset``, ``empty``,
  ``open_periods``.

=====================================  ============================================
``date:2024``                          one member
``product.class:3;4``                  a set; ``()`` is the empty one
``date:2024-01..2024-06``              a range, of which either end may be left out
``!channel:web``                       all others; also before a set and a range
``product.product:~Sm%``               a pattern, with ``%`` for anything
``date.quarter:2024,1``                a member of several keys; also ``[2024, 1]``
``customer.region:``                   members without a value; also ``null``
``customer.name:Smith\, J.``            a backslash takes the next sign for itself
``customer.name:"Smith, J."``          a member in quotes; a quote inside is doubled
=====================================  ============================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from acrm_olap.errors import FormError
from acrm_olap.query.cuts import Cut
from acrm_olap.query.forms import canonical, require_known
from acrm_olap.query.forms_line import (
    read_top,
    read_where,
    written_cut,
    written_order,
    written_top,
)
from acrm_olap.query.forms_text import QUOTES, Scanner, written_member, written_name
from acrm_olap.query.query import Query

LISTS = ("measures", "rows", "columns")
PARAMETERS = (
    "cube", "measures", "aggregates", "rows", "columns", "drilldown", "cut", "where",
    "as_of", "subtotals", "calculated", "having", "top", "bottom", "order", "limit",
    "offset", "empty", "open_periods",
)  # fmt: skip
_MANY = {*LISTS, "aggregates", "drilldown", "cut", "where", "calculated", "order"}
_IN_CUT = ("in", "not in", "range", "not range", "matches")
_PARTING = "|;,"
_HINT = "Write it as in: cut=date:2024|customer.region:North;South."


def to_url(query: Query, *, cube: bool = True) -> str:
    """Return a query as the query string of a URL; members as texts.

    Parameters
    ----------
    query : Query
        The question.
    cube : bool
        Whether to name the cube, if the path of the URL does not.
    """
    query = canonical(query)
    word, _, rest = written_top(query.top).partition(" ") if query.top else ("",) * 3
    pairs: list[tuple[str, str]] = [
        ("cube", query.cube if cube else ""),
        *((name, ",".join(map(written_name, getattr(query, name)))) for name in LISTS),
        _cuts(query.cuts) if query.cuts else ("cut", ""),
        ("as_of", query.as_of if query.as_of != "was" else ""),
        ("subtotals", "true" if query.subtotals else ""),
        *(("calculated", f"{written_name(a)}:{b}") for a, b in query.calculated),
        ("having", query.having),
        (word, rest),
        ("order", ",".join(map(written_order, query.order))),
        ("limit", "" if query.limit is None else str(query.limit)),
        ("offset", str(query.offset or "")),
        ("empty", query.empty if query.empty != "skip" else ""),
        ("open_periods", query.open_periods if query.open_periods != "hide" else ""),
    ]
    return urlencode([pair for pair in pairs if pair[1]])


def _cuts(cuts: tuple[Cut, ...]) -> tuple[str, str]:
    if any(cut.operator not in _IN_CUT for cut in cuts):
        return "where", " and ".join(map(written_cut, cuts))
    return "cut", "|".join(map(_cut, cuts))


def _cut(cut: Cut) -> str:
    sign = "!" if cut.operator.startswith("not") else ""
    values = [_member(value) for value in cut.values]
    if cut.operator.endswith("range"):
        first, last = (
            "" if value is None else text
            for value, text in zip(cut.values, values, strict=True)
        )
        shown = f"{first}..{last}"
    elif cut.operator == "matches":
        shown = f"~{values[0]}"
    else:
        shown = ";".join(values) or "()"
    return f"{sign}{written_name(cut.level)}:{shown}"


def _member(value: Any) -> str:
    if isinstance(value, tuple) and len(value) > 1:
        return ",".join(written_member(each) for each in value)
    return written_member(value)


def from_url(text: str, *, cube: str = "", also: Iterable[str] = ()) -> Query:
    """Return the query that the query string of a URL says.

    Parameters
    ----------
    text : str
        ``measures=net&cut=date:2024``, percent-encoded; a leading ``?`` is dropped.
    cube : str
        The cube, if the path of the URL names it.
    also : iterable of str
        Further parameters that the caller reads itself: ``format``.

    Raises
    ------
    FormError
        If a parameter is not known, given twice, or cannot be read.
    """
    pairs = parse_qsl(text.removeprefix("?"), keep_blank_values=True)
    return from_pairs(pairs, cube=cube, also=also)


def from_pairs(
    pairs: Iterable[tuple[str, str]], *, cube: str = "", also: Iterable[str] = ()
) -> Query:
    """Return the query that decoded parameters say; as ``from_url``."""
    skipped = set(also)
    mine = [(name, value) for name, value in pairs if name not in skipped]
    require_known(
        (name for name, _ in mine),
        [name for name in PARAMETERS if name != "cube" or not cube],
        "parameter",
    )
    reading = _Reading(cube)
    for name, value in mine:
        reading.take(name, value)
    return reading.query()


class _Reading:
    def __init__(self, cube: str) -> None:
        self.found: dict[str, Any] = {"cube": cube} if cube else {}
        self.cuts: list[Cut] = []
        self.lists: dict[str, list[str]] = {}
        self.drilled: list[str] = []
        self.calculated: list[tuple[str, str]] = []
        self.given: set[str] = set()

    def take(self, name: str, value: str) -> None:
        once = "top" if name == "bottom" else name
        if once in self.given and once not in _MANY:
            raise FormError(
                f"The parameter '{name}' is given twice.",
                where=f"{name}={value}",
                hint="Give it once.",
            )
        self.given.add(once)
        if name in {"cube", "as_of", "having", "empty", "open_periods"}:
            self.found[name] = value
        elif name in {"limit", "offset"}:
            self.found[name] = _all(Scanner(value, name), lambda s: s.number(name))
        elif name == "subtotals":
            self.found[name] = _flag(name, value)
        elif name == "where":
            self.cuts += read_where(value)
        else:
            self._read(name, Scanner(value, name))

    def _read(self, name: str, scanner: Scanner) -> None:
        if name == "cut":
            self.cuts += _listed(scanner, _read_cut, "|")
        elif name == "drilldown":
            self.drilled += _listed(scanner, _read_level)
        elif name == "calculated":
            self.calculated.append(_read_calculated(scanner))
        elif name in {"top", "bottom"}:
            least = name == "bottom"
            self.found["top"] = _all(scanner, lambda s: read_top(s, least=least))
        else:
            field = "measures" if name == "aggregates" else name
            readers = {"order": _read_order, "measures": _read_measure}
            read = readers.get(field, _read_level)
            self.lists.setdefault(field, []).extend(_listed(scanner, read))

    def query(self) -> Query:
        rows = [*self.lists.pop("rows", []), *self.drilled]
        if "cube" not in self.found:
            raise FormError("No cube is named.", hint="Give cube=sales.")
        return Query(
            measures=tuple(self.lists.get("measures", [])),
            rows=tuple(rows),
            columns=tuple(self.lists.get("columns", [])),
            cuts=tuple(self.cuts),
            calculated=tuple(self.calculated),
            order=tuple(self.lists.get("order", [])),
            **self.found,
        )


def _all(scanner: Scanner, read: Any) -> Any:
    """Read the whole of a value."""
    found = read(scanner)
    if not scanner.ended:
        scanner.fail("More follows than can be read.", hint="Commas part names.")
    return found


def _listed(scanner: Scanner, read: Any, signs: str = "|,") -> list[Any]:
    """Read what is parted by signs; nothing at all is an empty list."""
    if scanner.ended:
        return []
    found = [read(scanner)]
    while any(scanner.take(sign) for sign in signs):
        found.append(read(scanner))
    if not scanner.ended:
        scanner.fail(
            "More follows than can be read.",
            hint="Names are parted by commas or |."
            if "," in signs
            else "Cuts are parted by |, members of a set by ;. A member with such signs"
            ' stands in quotes: "Bread; rolls".',
        )
    return found


def read_url_cuts(texts: Iterable[str]) -> tuple[Cut, ...]:
    """Return the cuts of ``cut`` parameters: ``date:2024|product.class:3;4``.

    Parameters
    ----------
    texts : iterable of str
        Decoded; each may hold several cuts.

    Raises
    ------
    FormError
        If one is no cut, with the place.
    """
    return tuple(
        cut for text in texts for cut in _listed(Scanner(text, "cut"), _read_cut, "|")
    )


def read_url_names(texts: Iterable[str], what: str) -> list[str]:
    """Return the levels or columns of a parameter, parted by commas or ``|``.

    Parameters
    ----------
    texts : iterable of str
        Decoded.
    what : str
        Which parameter, for messages.

    Raises
    ------
    FormError
        If one is no name, with the place.
    """
    return [
        name for text in texts for name in _listed(Scanner(text, what), _read_level)
    ]


def _read_cut(scanner: Scanner) -> Cut:
    turned = scanner.take("!")
    at = scanner.at
    level = _name(scanner, "A level or dimension")
    if scanner.take("@"):
        hierarchy = _name(scanner, "A hierarchy")
        scanner.fail(
            f"A cut by the hierarchy '{hierarchy}' does not say its level.",
            hint=f"Name the level: {level}.{hierarchy}.LEVEL:member.",
            at=at,
        )
    if not scanner.take(":"):
        scanner.fail(
            "A colon is expected between level and members.",
            hint=_HINT,
        )
    if scanner.take("~"):
        if turned:
            scanner.fail(
                "A pattern cannot be turned round.",
                hint="Name the members, or leave the ! out.",
                at=at,
            )
        return Cut(level, "matches", (_read_key(scanner, "|", is_text=True),))
    operator, values = _read_members(scanner)
    return Cut(level, f"not {operator}" if turned else operator, values)


def _read_members(scanner: Scanner) -> tuple[str, tuple[Any, ...]]:
    """Take a set or a range of members, and say which."""
    at = scanner.at
    if scanner.take("("):
        if scanner.take(")") and (scanner.ended or scanner.sees("|")):
            return "in", ()
        scanner.at = at
    first = _read_member(scanner)
    if scanner.take(".."):
        return "range", (first, _read_member(scanner))
    members = [first]
    while scanner.take(";"):
        members.append(_read_member(scanner))
    return "in", tuple(members)


def _read_member(scanner: Scanner) -> Any:
    """Take a member; of a level with several keys, these with commas between."""
    found = [_read_key(scanner)]
    while scanner.take(","):
        found.append(_read_key(scanner))
    return found[0] if len(found) == 1 else tuple(found)


def _read_key(
    scanner: Scanner, parting: str = _PARTING, *, is_text: bool = False
) -> Any:
    """Take signs up to one that parts; a backslash takes the next for itself."""
    scanner.space()
    text = scanner.text
    if not is_text and scanner.sees("["):
        return scanner.member()
    if text[scanner.at : scanner.at + 1] in {*QUOTES}:
        return scanner.quoted()
    member, is_plain = _take(scanner, parting, "" if is_text else "..")
    is_missing = is_plain and not is_text and member.lower() in {"", "null"}
    return None if is_missing else member


def _take(scanner: Scanner, parting: str, mark: str = "") -> tuple[str, bool]:
    """Take signs up to one that parts, and say whether no backslash was among them."""
    text = scanner.text
    found: list[str] = []
    kept = 0  # white space before a sign that parts is none of it
    is_plain = True
    while scanner.at < len(text):
        sign = text[scanner.at]
        if sign in parting or (mark and text.startswith(mark, scanner.at)):
            break
        escaped = sign == "\\"
        if escaped:
            is_plain = False
            if scanner.at + 1 == len(text):
                scanner.fail(
                    "A backslash stands at the end.", hint="Write \\\\ for one."
                )
            scanner.at += 1
            sign = text[scanner.at]
        found.append(sign)
        scanner.at += 1
        if escaped or not sign.isspace():
            kept = len(found)
    return "".join(found[:kept]), is_plain


def _name(scanner: Scanner, what: str) -> str:
    """Take a name, bare or in quotes."""
    scanner.space()
    if scanner.text[scanner.at : scanner.at + 1] in {*QUOTES}:
        return scanner.quoted()
    at = scanner.at
    found, _ = _take(scanner, "|,:@")
    if not found:
        scanner.fail(f"{what} is expected here.", at=at)
    return found


def _read_level(scanner: Scanner) -> str:
    """Take ``customer.region``, ``customer:region`` or ``date@fiscal:month``."""
    path = _name(scanner, "A level")
    if scanner.take("@"):
        path += "." + _name(scanner, "A hierarchy")
    if scanner.take(":"):
        path += "." + _name(scanner, "A level")
    return path


def _read_measure(scanner: Scanner) -> str:
    return _name(scanner, "A measure")


def _read_calculated(scanner: Scanner) -> tuple[str, str]:
    name = scanner.name("The name of a new measure")
    if not scanner.take(":"):
        scanner.fail(
            "A colon is expected here.", hint="calculated=per_line:net / lines"
        )
    return name, scanner.text[scanner.at :]


def _read_order(scanner: Scanner) -> str:
    """Take ``-net``, ``net:desc`` or ``net:asc``."""
    sign = "-" if scanner.take("-") else ""
    name = _name(scanner, "A measure or level to order by")
    if not sign and scanner.take(":"):
        way = scanner.take_word("asc", "desc")
        if not way:
            scanner.fail_unknown(["asc", "desc"], "order")
        sign = "-" if way == "desc" else ""
    return sign + name


def _flag(name: str, value: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "": True,
             "false": False, "0": False, "no": False}  # fmt: skip
    if value.lower() not in known:
        raise FormError(
            f"The parameter '{name}' is '{value}'.", hint="Give true or false."
        )
    return known[value.lower()]
