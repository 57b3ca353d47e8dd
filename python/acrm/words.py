"""Words that messages share."""

from __future__ import annotations


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
