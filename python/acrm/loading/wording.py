"""Words for messages: near names, clipped values, counts with their noun."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

VALUE_WIDTH = 80


def near_names(name: str, allowed: Iterable[str], most: int = 3) -> list[str]:
    """Return the allowed names that look like ``name``, nearest first."""
    by_lower = {each.lower(): each for each in allowed}
    return [
        by_lower[each]
        for each in get_close_matches(name.strip().lower(), by_lower, n=most)
    ]


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Return ``Did you mean 'x'? `` or nothing, ready to stand before a list."""
    found = near_names(name, allowed, most=1)
    return f"Did you mean '{found[0]}'? " if found else ""


def listed(names: Iterable[str]) -> str:
    """Return the names joined by commas, or ``none``."""
    return ", ".join(names) or "none"


def clipped(value: str, width: int = VALUE_WIDTH) -> str:
    """Return the value cut to ``width`` characters, with an ellipsis when cut."""
    return value if len(value) <= width else value[: width - 1] + "…"
