"""What can go wrong with a cube or a query, by who can mend it.

::

    CubeError (an InputError)   one clear message, exit code 2, 4xx over HTTP
    ├── DefinitionError         a definition file: the analyst mends its line
    ├── UnknownNameError        a cube, measure, level, member that does not exist
    ├── FormError               a written query that cannot be read
    ├── ExpressionError         an expression that does not parse or has no type
    ├── MeaningError            a query that has no right answer as it was asked
    ├── TooLargeError           more cells than allowed
    └── QueryStoppedError       took too long, or its client went away
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from acrm.errors import InputError

MOST_LISTED = 40


class CubeError(InputError):
    """Anything that is wrong with a definition or a query."""


class DefinitionError(CubeError):
    """A definition that cannot be used; ``where`` has its file and line."""


class UnknownNameError(CubeError):
    """A name that nothing has.

    Parameters
    ----------
    kind : str
        What was looked for: ``measure``, ``level`` ...
    given : str
        The name.
    known : iterable of str
        The names there are.
    owner : str, optional
        Who should have it: ``cube 'sales'``.
    where : str, optional
        Where it was given.
    more : str, optional
        What else can be done.
    """

    def __init__(
        self,
        kind: str,
        given: str,
        known: Iterable[str],
        *,
        owner: str = "",
        where: str = "",
        more: str = "",
    ) -> None:
        names = sorted(set(known))
        self.nearest = nearest(given, names)
        has = f"{owner} has no {kind} '{given}'" if owner else f"no {kind} '{given}'"
        guess = f" Did you mean '{self.nearest}'?" if self.nearest else ""
        super().__init__(
            f"{has[0].upper()}{has[1:]}.{guess}",
            where=where,
            hint=f"{_listed(names)} {more}".strip(),
        )


class FormError(CubeError):
    """A query whose text, JSON or URL cannot be read; ``where`` has the place."""


class ExpressionError(CubeError):
    """An expression that cannot be read, or whose parts do not fit together."""


class MeaningError(CubeError):
    """A query that has no right answer as it was asked; the hint has the nearest."""


class TooLargeError(CubeError):
    """An answer of more cells than one request may have."""


class QueryStoppedError(CubeError):
    """A query that was stopped before it had its answer."""


def nearest(given: str, known: Iterable[str]) -> str:
    """Return the known name that was most likely meant, or nothing.

    Parameters
    ----------
    given : str
        A name that is not known.
    known : iterable of str
        Those that are. ``customer.region`` is also near ``region``.
    """
    names = list(known)
    lowered = {name.lower(): name for name in names}
    found = get_close_matches(given.lower(), lowered, n=1, cutoff=0.6)
    if found:
        return lowered[found[0]]
    last = given.lower().rpartition(".")[2]
    for name in names:
        if name.lower().rpartition(".")[2] == last:
            return name
    return ""


def _listed(names: list[str]) -> str:
    if not names:
        return "There are none."
    shown = ", ".join(names[:MOST_LISTED])
    rest = len(names) - MOST_LISTED
    return f"There are: {shown}{f', and {rest} more' if rest > 0 else ''}."
