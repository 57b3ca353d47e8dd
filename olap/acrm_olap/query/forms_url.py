"""Queries as the query string of a URL, with cuts and drilldowns.

::

    cube=sales&measures=net,margin_pct&rows=product.department&columns=date.year
        &cut=date:2024|customer.region:North;South&top=10 by net&order=-net

- ``measures`` (or ``aggregates``), ``rows``, ``columns``, ``order``: parted by commas
  or ``|``. ``order`` also takes ``net:desc``.
- ``drilldown``: ``customer:region|product:department``, or
  ``dimension@hierarchy:level``; these levels go down, after those of ``rows``. Rows and
  columns take levels in the same spelling.
- ``cut``: ``level:members``, with ``|`` between cuts, all of which must hold; see
  ``acrm_olap.query.forms_cut``.
- ``where``: cuts as a line of text has them, for what ``cut`` cannot say.
- ``top=10 by net`` or ``bottom=...``; ``calculated=name:expression``, once for each.
- ``as_of``, ``having``, ``subtotals``, ``limit``, ``offset``, ``empty``,
  ``open_periods``, ``part_periods``, ``missing``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from acrm_olap.errors import FormError
from acrm_olap.query.cuts import Cut
from acrm_olap.query.forms import DEFAULTS, canonical, require_known
from acrm_olap.query.forms_cut import (
    read_cut,
    read_level,
    read_list,
    read_measure,
    read_name,
)
from acrm_olap.query.forms_line import (
    read_top,
    read_where,
    written_cut,
    written_order,
    written_top,
)
from acrm_olap.query.forms_text import Scanner, written_member, written_name
from acrm_olap.query.query import Query

WORDS = ("empty", "open_periods", "part_periods", "missing")
LISTS = ("measures", "rows", "columns")
PARAMETERS = (
    "cube", "measures", "aggregates", "rows", "columns", "drilldown", "cut", "where",
    "as_of", "subtotals", "calculated", "having", "top", "bottom", "order", "limit",
    "offset", "empty", "open_periods", "part_periods", "missing",
)  # fmt: skip
_MANY = {*LISTS, "aggregates", "drilldown", "cut", "where", "calculated", "order"}
_IN_CUT = ("in", "not in", "range", "not range", "matches")


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
        *(
            (name, value)
            for name in WORDS
            if (value := getattr(query, name)) != DEFAULTS[name]
        ),
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
        if name in {"cube", "as_of", "having", *WORDS}:
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
            self.cuts += read_list(scanner, read_cut, "|")
        elif name == "drilldown":
            self.drilled += read_list(scanner, read_level)
        elif name == "calculated":
            self.calculated.append(_read_calculated(scanner))
        elif name in {"top", "bottom"}:
            least = name == "bottom"
            self.found["top"] = _all(scanner, lambda s: read_top(s, least=least))
        else:
            field = "measures" if name == "aggregates" else name
            readers = {"order": _read_order, "measures": read_measure}
            read = readers.get(field, read_level)
            self.lists.setdefault(field, []).extend(read_list(scanner, read))

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
    name = read_name(scanner, "A measure or level to order by")
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
