"""Progress of dbt and of publication: a bar on a terminal, lines elsewhere.

Off a terminal a log should stay readable: what was built has a line each, of the tests
only those that did not pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrm.console import err, progress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from acrm.building.dbt import Step

QUIET = frozenset({("test", "pass"), ("exposure", "no-op"), ("operation", "success")})


@dataclass
class Reporter:
    """Shows what ends: nodes of dbt, tables of a publication."""

    bars: Progress
    nodes: TaskID
    tables: TaskID
    is_terminal: bool

    def node(self, step: Step) -> None:
        """Show a node that dbt has run."""
        if not self.is_terminal and (step.kind, step.status) in QUIET:
            return
        self._show(
            self.nodes,
            f"{step.status} {step.kind} {step.name}",
            f"{step.kind} {step.name}",
            step.done,
            step.total,
        )

    def table(self, name: str, done: int, total: int) -> None:
        """Show what was done with a table, or how much of a file is copied."""
        self._show(self.tables, name, name, done, total)

    def _show(self, task: TaskID, line: str, bar: str, done: int, total: int) -> None:
        if self.is_terminal:
            self.bars.update(
                task, description=bar, completed=done, total=total, visible=True
            )
        else:
            width = len(str(total))
            err().print(f"{done:{width}}/{total} {line}", markup=False)


@contextmanager
def reporting() -> Iterator[Reporter]:
    """Show progress while the block runs."""
    with progress() as bars:
        yield Reporter(
            bars,
            bars.add_task("reading the dbt project", total=None),
            bars.add_task("publishing", total=None, visible=False),
            err().is_terminal,
        )
