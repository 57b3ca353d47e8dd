"""A question to a cube: immutable; every step returns a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from acrm_olap.errors import MeaningError
from acrm_olap.query.cuts import Cut, cuts_of

OPEN_PERIODS = ("hide", "same_days", "whole")
EMPTY = ("skip", "show")
PART_PERIODS = ("note", "hide")
MISSING = ("refuse", "empty")
MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Top:
    """The first members of the last level of the rows.

    Parameters
    ----------
    count : int
        How many, for each member of the levels above.
    by : str
        The measure that decides; ties are decided by the order of the members.
    least : bool
        The last ones instead.
    """

    count: int
    by: str
    least: bool = False


@dataclass(frozen=True)
class Query:
    """A question.

    Parameters
    ----------
    cube : str
        Which cube.
    measures : tuple of str
        ``net``, ``net.prior_year``; see ``acrm_olap.definitions.references``.
    rows, columns : tuple of str
        Levels down and across; ``customer.region``.
    cuts : tuple of Cut
        Which members; all must hold.
    as_of : str
        ``was``: members as they were when it happened. ``is``: as they are now. A
        date: as they were at the end of that day.
    subtotals : bool
        Totals of rows and columns beside the cells.
    calculated : tuple of (str, str)
        Measures of this query alone: name and expression.
    having : str
        Condition that cells must meet; totals stay those of all cells.
    top : Top, optional
        Only the first members of the last level of the rows.
    order : tuple of str
        Measures and levels of the answer, ``-`` before those that go down.
    limit : int, optional
        Rows of the answer, at most.
    offset : int
        Rows of the answer that are passed over.
    empty : str
        ``skip`` or ``show`` members without rows.
    open_periods : str
        What the past is compared with where a period is not over: ``hide`` gives
        nothing, ``same_days`` the same days of it, ``whole`` all of it.
    part_periods : str
        What is compared with a period that began before the data did: ``note`` says
        it with the answer, ``hide`` gives nothing.
    missing : str
        Cuts that name a member which is not there: ``refuse``, with the nearest, or
        ``empty``, as a member without rows.

    Examples
    --------
    >>> from acrm_olap import make_query, to_line
    >>> query = make_query("sales", "net", "product.department")
    >>> query = query.slice("customer.region", "North").dice({"date": ("2025", None)})
    >>> to_line(query)
    'sales: net by product.department where customer.region = North and date = 2025..'
    >>> to_line(query.drill_down("product.product", "Dairy").roll_up().pivot())[:40]
    'sales: net across product.department whe'
    """

    cube: str
    measures: tuple[str, ...]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    as_of: str = "was"
    subtotals: bool = False
    calculated: tuple[tuple[str, str], ...] = field(default=())
    having: str = ""
    top: Top | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    empty: str = "skip"
    open_periods: str = "hide"
    part_periods: str = "note"
    missing: str = "refuse"

    def __post_init__(self) -> None:
        if not self.measures:
            raise MeaningError(
                "The query asks for no measure.", hint="Give at least one: ['net']."
            )
        made = [name for name, _ in self.calculated]
        twice = [
            name
            for listed in (self.axes, self.measures, made)
            for name in listed
            if listed.count(name) > 1
        ]
        if twice:
            raise MeaningError(
                f"'{twice[0]}' is asked for twice.", hint="Give it once."
            )
        _one_of("empty", self.empty, EMPTY)
        _one_of("open_periods", self.open_periods, OPEN_PERIODS)
        _one_of("part_periods", self.part_periods, PART_PERIODS)
        check_missing(self.missing)
        check_as_of(self.as_of)
        for name, value, least in (
            ("limit", self.limit, 1),
            ("offset", self.offset, 0),
        ):
            if value is not None and value < least:
                raise MeaningError(f"{name} is {value}.", hint=f"Give {least} or more.")
        if self.top and self.top.count < 1:
            raise MeaningError(f"top is {self.top.count}.", hint="Give 1 or more.")

    @property
    def axes(self) -> tuple[str, ...]:
        """All levels of the answer: those of the rows, then those of the columns."""
        return (*self.rows, *self.columns)

    def slice(self, level: str, member: Any) -> Self:
        """Look at one member of a level: ``q.slice("customer.region", "North")``."""
        return self.dice({level: member if isinstance(member, Mapping) else [member]})

    def dice(self, where: Any) -> Self:
        """Cut by several levels, sets and ranges at once.

        ``q.dice({"date": ("2025-01", "2025-06"), "channel": ["web", "store"]})``
        """
        return replace(self, cuts=(*self.cuts, *cuts_of(where)))

    def drill_down(self, level: str, member: Any = ...) -> Self:
        """Put a finer level on the rows; of one member, if one is given.

        ``q.drill_down("product.class")``; ``q.drill_down("product.class", "Dairy")``
        cuts the level that the rows end with to that member.
        """
        query = self
        if member is not ...:
            if not self.rows:
                raise MeaningError(
                    "There is no level on the rows to take a member of.",
                    hint="Put one there first, or use slice().",
                )
            query = self.slice(self.rows[-1], member)
        return replace(query, rows=(*query.rows, level))

    def roll_up(self, level: str = "") -> Self:
        """Take a level off its axis; the last of the rows, if none is given."""
        gone = level or (self.rows[-1] if self.rows else "")
        if gone not in self.axes:
            raise MeaningError(
                f"'{gone}' is on no axis." if gone else "There is nothing to roll up.",
                hint=f"On the axes: {', '.join(self.axes) or 'no level'}.",
            )
        return replace(
            self,
            rows=tuple(each for each in self.rows if each != gone),
            columns=tuple(each for each in self.columns if each != gone),
        )

    def pivot(
        self, rows: Iterable[str] | None = None, columns: Iterable[str] | None = None
    ) -> Self:
        """Turn rows and columns round, or put the given levels on them."""
        if rows is None and columns is None:
            return replace(self, rows=self.columns, columns=self.rows)
        return replace(
            self,
            rows=self.rows if rows is None else tuple(rows),
            columns=self.columns if columns is None else tuple(columns),
        )

    def keep_top(self, count: int, by: str, *, least: bool = False) -> Self:
        """Keep the first members of the last level of the rows, by a measure."""
        return replace(self, top=Top(count, by, least))

    def keep(self, having: str) -> Self:
        """Keep the cells that meet a condition: ``q.keep("net > 1000")``."""
        both = f"({self.having}) and ({having})" if self.having else having
        return replace(self, having=both)


def make_query(
    cube: str,
    measures: str | Iterable[str],
    rows: str | Iterable[str] = (),
    columns: str | Iterable[str] = (),
    where: Any = None,
    **more: Any,
) -> Query:
    """Return a query of what a caller wrote; texts stand for lists of one.

    Parameters
    ----------
    cube, measures, rows, columns
        As of ``Query``.
    where : mapping, sequence or Cut, optional
        As of ``cuts_of``.
    **more
        The other fields of ``Query``; ``top`` also as ``(count, by)``,
        ``calculated`` also as a mapping.
    """
    top = more.get("top")
    if isinstance(top, tuple | list):
        more["top"] = Top(*top)
    if isinstance(top, Mapping):
        more["top"] = Top(**top)
    calculated = more.get("calculated")
    if isinstance(calculated, Mapping):
        more["calculated"] = tuple(calculated.items())
    if isinstance(more.get("as_of"), date):
        more["as_of"] = more["as_of"].isoformat()
    for name in ("order",):
        if name in more:
            more[name] = _texts(more[name])
    return Query(
        cube, _texts(measures), _texts(rows), _texts(columns),
        cuts_of(where) if where is not None else (), **more,
    )  # fmt: skip


def _texts(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _one_of(name: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise MeaningError(
            f"{name} is '{given}'.", hint=f"There are: {', '.join(known)}."
        )


def check_missing(text: str) -> None:
    """Refuse what is no way to take members that are not there.

    Raises
    ------
    MeaningError
        If it is none.
    """
    _one_of("missing", text, MISSING)


def check_as_of(text: str) -> None:
    """Refuse what says no versions of members: neither was, is, nor a date.

    Raises
    ------
    MeaningError
        If it does not.
    """
    if text in {"was", "is"}:
        return
    try:
        # The last day there is has no end that a version could be held against.
        date.fromisoformat(text) + timedelta(days=1)
    except (ValueError, TypeError, OverflowError) as error:
        raise MeaningError(
            f"as_of is '{text}'.",
            hint="Give 'was' (as it was when it happened), 'is' (as it is now), or a"
            " date such as '2025-03-01'.",
        ) from error
