"""Cuts: which members of a level a query looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from acrm_olap.errors import MeaningError

Member = str | int | float | bool | Decimal | date | datetime | None
OPERATORS = ("in", "not in", "range", "not range", "is null", "is not null", "matches")
MOST_MEMBERS = 10_000
PAIR = 2


@dataclass(frozen=True)
class Cut:
    """Members of one level.

    Parameters
    ----------
    level : str
        ``customer.region``; a dimension alone stands for its finest level, a time
        dimension for the level that the value is written as.
    operator : str
        ``in`` and ``not in`` a set; ``range`` from the first value to the second, both
        included, either None for open; ``matches`` a text with ``%`` for anything;
        ``is null``, ``is not null``.
    values : tuple
        Members; ``@name`` stands for a named set. A member of a level with several
        keys is a tuple.
    """

    level: str
    operator: str
    values: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise MeaningError(
                f"A cut by '{self.operator}' is not known.",
                hint=f"There are: {', '.join(OPERATORS)}.",
            )
        if len(self.values) > MOST_MEMBERS:
            raise MeaningError(
                f"A cut of '{self.level}' names {len(self.values):,} members.",
                hint=f"At most {MOST_MEMBERS:,} are taken; cut a level above.",
            )
        if self.operator.endswith("range") and len(self.values) != PAIR:
            raise MeaningError(
                f"A range of '{self.level}' needs a first and a last member.",
                hint="Leave one of them None for a range that is open.",
            )
        if self.operator == "matches" and len(self.values) != 1:
            raise MeaningError(
                f"'{self.level}' is matched with {len(self.values)} texts.",
                hint="Give one text; % stands for anything.",
            )
        for value in self.values:
            if isinstance(value, list | set | frozenset | Mapping):
                raise MeaningError(
                    f"A member of '{self.level}' cannot be {value!r}.",
                    hint="Give a text, a number, a date, true or false; of a level"
                    " with several keys, a list of these for each member.",
                )
        if self.operator == "range" and self.values == (None, None):
            object.__setattr__(self, "operator", "is not null")
            object.__setattr__(self, "values", ())


def cuts_of(where: Any) -> tuple[Cut, ...]:
    """Return the cuts that a caller wrote as a mapping, or as a list of cuts.

    Parameters
    ----------
    where : mapping or sequence
        ``{"customer.region": "North"}`` one member; a list, a set of them; a tuple of
        two, a range; ``{"not": [...]}``, ``{"from": a, "to": b}``, that under
        ``not``, ``{"matches": "Sm%"}``; None, members without a value.
    """
    if isinstance(where, Cut):
        return (where,)
    if isinstance(where, Mapping):
        return tuple(
            cut for level, given in where.items() for cut in _cuts(level, given)
        )
    if isinstance(where, Sequence) and not isinstance(where, str):
        return tuple(cut for each in where for cut in cuts_of(each))
    raise MeaningError(
        f"A cut cannot be {where!r}.",
        hint="Give a mapping of levels to members: {'customer.region': 'North'}.",
    )


def _cuts(level: str, given: Any) -> list[Cut]:
    if isinstance(given, Mapping):
        return _named(level, given)
    if given is None:
        return [Cut(level, "is null")]
    if isinstance(given, tuple):
        if len(given) != PAIR:
            raise MeaningError(
                f"A tuple of {len(given)} for '{level}' is no range.",
                hint="Give (first, last) for a range, a list for a set of members.",
            )
        return [Cut(level, "range", tuple(_tuples(list(given))))]
    if isinstance(given, list | set | frozenset):
        members = sorted(given, key=str) if not isinstance(given, list) else given
        return [Cut(level, "in", tuple(_tuples(members)))]
    return [Cut(level, "in", (given,))]


def _tuples(members: list[Any]) -> list[Any]:
    return [tuple(each) if isinstance(each, list) else each for each in members]


def _named(level: str, given: Mapping[str, Any]) -> list[Cut]:
    known = {"in", "not", "from", "to", "matches"}
    extra = set(given) - known
    if extra or not given:
        raise MeaningError(
            f"A cut of '{level}' by {', '.join(map(str, extra)) or 'nothing'}.",
            hint=f"There are: {', '.join(sorted(known))}.",
        )
    cuts = []
    if "in" in given:
        listed = given["in"]
        if isinstance(listed, str) or not isinstance(listed, Iterable):
            listed = [listed]
        cuts.append(Cut(level, "in", tuple(_tuples(list(listed)))))
    if "not" in given:
        turned = given["not"]
        if turned is None:
            cuts.append(Cut(level, "is not null"))
        elif isinstance(turned, Mapping):
            _require_ends(level, turned)
            ends = tuple(_tuples([turned.get("from"), turned.get("to")]))
            cuts.append(Cut(level, "not range", ends))
        else:
            members = turned if isinstance(turned, list | tuple) else [turned]
            cuts.append(Cut(level, "not in", tuple(_tuples(list(members)))))
    if "from" in given or "to" in given:
        ends = tuple(_tuples([given.get("from"), given.get("to")]))
        cuts.append(Cut(level, "range", ends))
    if "matches" in given:
        cuts.append(Cut(level, "matches", (given["matches"],)))
    return cuts


def _require_ends(level: str, given: Mapping[str, Any]) -> None:
    extra = set(given) - {"from", "to"}
    if extra or not given:
        raise MeaningError(
            f"A cut of '{level}' by not {', '.join(map(str, extra)) or 'nothing'}.",
            hint="There are: from, to; or give a list of members.",
        )
