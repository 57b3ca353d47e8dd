"""Help of commands, with examples."""

from __future__ import annotations

import inspect
from collections.abc import Callable


def with_examples(command: Callable[..., None], examples: tuple[str, ...]) -> str:
    """Return a command's docstring with examples, a paragraph a line.

    Parameters
    ----------
    command : callable
        The command.
    examples : tuple of str
        Calls of it, as people type them.
    """
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(
        [" ".join(each.split()) for each in paragraphs]
        + ["Examples:"]
        + [f"$ {example}" for example in examples]
    )
