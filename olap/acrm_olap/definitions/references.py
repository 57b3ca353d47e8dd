"""Names of numbers: a measure, and what of it: ``net.prior_year``, ``net.rank``.

=============================  ==================================================
``prior``, ``prior_3``         the period before, or three before
``prior_year``                 same period of the calendar year before
``prior_year_comparable``      same weekdays, 364 days before
``prior_year_fiscal``          same period of the fiscal year before
``year_to_date`` ...           from the start of the year, half, quarter, month, week
``fiscal_year_to_date``        from the start of the fiscal year
``moving_3``                   over the last three periods, this one included
``moving_avg_3``               that, over three; empty before there are three
``change``, ``change_year``    less the period before; less that of the year before
``growth``, ``growth_year``    change as a share of what it was; also ``_comparable``
                               and ``_fiscal``
``share_of_parent``            of the cell one level up the rows
``share_of_total``             of the total over the rows
``rank``                       1 is the greatest, within the cell one level up
``running_total``              added up along the last level of the rows
=============================  ==================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from acrm_olap.errors import MeaningError, UnknownNameError

MOST_PERIODS = 1000
TO_DATE = {
    "year_to_date": "year", "half_to_date": "half", "quarter_to_date": "quarter",
    "month_to_date": "month", "week_to_date": "week",
    "fiscal_year_to_date": "fiscal", "ytd": "year", "qtd": "quarter", "mtd": "month",
    "wtd": "week",
}  # fmt: skip
PRIOR = {
    "prior": "", "prior_year": "year", "prior_year_comparable": "comparable",
    "prior_year_fiscal": "fiscal",
}  # fmt: skip
AGAINST = {
    "": "prior", "_year": "prior_year", "_comparable": "prior_year_comparable",
    "_fiscal": "prior_year_fiscal",
}  # fmt: skip
AXIS = ("share_of_parent", "share_of_total", "rank", "running_total")
NAMES = [
    *PRIOR, "prior_3", *TO_DATE, "moving_3", "moving_avg_3", *AXIS,
    *(f"{what}{which}" for what in ("change", "growth") for which in AGAINST),
]  # fmt: skip


@dataclass(frozen=True)
class Shift:
    """The same measure some periods before.

    Parameters
    ----------
    by : str
        ``""`` goes back ``count`` periods; ``year``, ``comparable``, ``fiscal`` a year.
    count : int
        How many.
    """

    by: str
    count: int = 1


@dataclass(frozen=True)
class ToDate:
    """The measure from the start of a period: ``year`` ... or ``fiscal``."""

    period: str


@dataclass(frozen=True)
class Moving:
    """The measure over the last periods; ``average`` divides by their number."""

    count: int
    average: bool


@dataclass(frozen=True)
class Against:
    """The measure less what it was: as a difference, or as a share of what it was."""

    shift: str
    relative: bool


@dataclass(frozen=True)
class OnAxis:
    """The measure beside other cells of its axis: a share, a rank, a running total."""

    how: str


Variant = Shift | ToDate | Moving | Against | OnAxis


@dataclass(frozen=True)
class Reference:
    """A measure, and what of it.

    Parameters
    ----------
    measure : str
        Its name in the cube.
    variants : tuple of Variant
        Applied from left to right.
    """

    measure: str
    variants: tuple[Variant, ...] = ()


def read_reference(
    text: str, measures: Collection[str], *, owner: str = "", where: str = ""
) -> Reference:
    """Read the name of a number.

    Parameters
    ----------
    text : str
        ``net``, ``net.prior_year``, ``sales.net.growth``.
    measures : collection of str
        Names of the measures there are; the longest that fits is meant.
    owner, where : str, optional
        For messages: whose measures, and where the name stands.

    Raises
    ------
    UnknownNameError
        If there is no such measure, or nothing of that name of it.
    """
    parts = text.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in measures:
            variants = tuple(_variant(part, text, where) for part in parts[length:])
            return Reference(name, variants)
    raise UnknownNameError("measure", text, measures, owner=owner, where=where)


def _variant(part: str, text: str, where: str) -> Variant:
    if part in PRIOR:
        return Shift(PRIOR[part])
    if part in TO_DATE:
        return ToDate(TO_DATE[part])
    if part in AXIS:
        return OnAxis(part)
    for what in ("change", "growth"):
        which = part.removeprefix(what)
        if part.startswith(what) and which in AGAINST:
            return Against(AGAINST[which], relative=what == "growth")
    numbered = re.fullmatch(r"(prior|moving_avg|moving)_(\d{1,4})", part)
    if numbered:
        count = int(numbered[2])
        if not 1 <= count <= MOST_PERIODS:
            raise MeaningError(
                f"'{text}' goes over {count} periods.",
                where=where,
                hint=f"Give 1 to {MOST_PERIODS:,}.",
            )
        if numbered[1] == "prior":
            return Shift("", count)
        return Moving(count, average=numbered[1] == "moving_avg")
    raise UnknownNameError("form of a measure", part, NAMES, where=where)
