"""How a query is answered: what it means, what is read, and why no aggregate is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from acrm_olap.aggregates.route import Choice
from acrm_olap.planning.plan import Plan


@dataclass(frozen=True)
class Explanation:
    """The way to an answer.

    Parameters
    ----------
    plan : Plan
        What the query means.
    chosen, rejected : tuple of Choice
        Aggregate tables that answer in the place of facts; the others, with the rule
        that says why they do not.
    sql : str
        The statement.
    values : mapping
        Bound to it.
    tables : tuple of str
        What it reads.
    """

    plan: Plan = field(repr=False)
    chosen: tuple[Choice, ...]
    rejected: tuple[Choice, ...]
    sql: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    tables: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Yield it as text, line by line."""
        yield f"reads: {', '.join(self.tables)}"
        for part in self.plan.parts:
            mine = [each for each in self.chosen if each.part == part.name]
            for each in mine:
                yield f"{part.name}: {', '.join(each.measures)} from {each.table}"
            if not mine:
                yield f"{part.name}: from its fact, {part.base.fact}"
            for each in self.rejected:
                if each.part == part.name:
                    yield f"  not from {each.table}: {each.reason}"
        for note in self.plan.notes:
            yield f"note: {note}"

    def __str__(self) -> str:
        """Return it as text, the SQL below."""
        return "\n".join([*self.lines(), "", self.sql])
