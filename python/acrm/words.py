"""Words that messages share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near_names(name: str, allowed: Iterable[str], most: int = 3) -> list[str]:
    """Return the allowed names that look like ``name``, nearest first."""
    by_lower = {each.lower(): each for each in allowed}
    return [
        by_lower[each]
        for each in get_close_matches(name.strip().lower(), by_lower, n=most)
    ]


def counted(count: int | None, noun: str, plural: str = "") -> str:
    """Return a number and its noun: ``1 row``, ``1,000 rows``.

    Parameters
    ----------
    count : int or None
        How many; none counts as 0.
    noun : str
        Its singular.
    plural : str, optional
        If it is not the singular and an s.
    """
    return f"{count or 0:,} {noun if count == 1 else plural or noun + 's'}"
