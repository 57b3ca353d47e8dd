"""Words for messages: what was meant, clipped values, counts with their noun."""

from __future__ import annotations

from collections.abc import Iterable

from acrm.words import near_names

VALUE_WIDTH = 80


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
