"""What a dbt run came to, node by node, and how its failures read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acrm.errors import RunError
from acrm.words import counted

PASSED = frozenset({"success", "pass", "no-op"})
# What a build is counted by; dbt also reports hooks, and exposures, which do nothing.
BUILT = frozenset({"model", "seed", "snapshot", "test"})
FAILED = frozenset({"error", "fail", "runtime error", "partial success"})


@dataclass(frozen=True)
class Node:
    """One model, seed, test or hook that dbt ran.

    Parameters
    ----------
    name : str
        Its name in the project.
    kind : str
        dbt's resource type: ``model``, ``seed``, ``snapshot``, ``test``, ``operation``.
    status : str
        dbt's word: ``success``, ``pass``, ``warn``, ``fail``, ``error``, ``skipped`` …
    seconds : float
        How long it ran.
    message : str
        What dbt says of it; empty if nothing.
    rows : int or None
        Of a test: the rows that break its rule.
    about : str
        Of a test: the table, and the column if it has one.
    sql : Path or None
        The compiled SQL.
    example : str
        Of a test that found rows: the first of them.
    """

    name: str
    kind: str
    status: str
    seconds: float
    message: str = ""
    rows: int | None = None
    about: str = ""
    sql: Path | None = None
    example: str = ""


@dataclass(frozen=True)
class Outcome:
    """All nodes of one dbt run.

    Parameters
    ----------
    run_id : str
        dbt's invocation id, the key of the run log.
    nodes : tuple of Node
        In the order in which they ended.
    """

    run_id: str
    nodes: tuple[Node, ...]

    @property
    def failed(self) -> tuple[Node, ...]:
        """Nodes that failed; nodes skipped because of them are not among them."""
        return tuple(node for node in self.nodes if node.status in FAILED)

    @property
    def warned(self) -> tuple[Node, ...]:
        """Tests that found rows but only warn."""
        return tuple(node for node in self.nodes if node.status == "warn")

    @property
    def tests_passed(self) -> int:
        """Number of data tests that passed."""
        return sum(node.kind == "test" and node.status in PASSED for node in self.nodes)

    def counts(self) -> str:
        """Return what ran, in words: ``3 models, 12 tests``."""
        by_kind = Counter(node.kind for node in self.nodes if node.kind in BUILT)
        return ", ".join(
            counted(count, kind) for kind, count in sorted(by_kind.items())
        )

    def require_pass(self, what: str, *, readers: str) -> None:
        """Raise if a node failed, naming each one.

        Parameters
        ----------
        what : str
            The run, as the subject of the sentence: ``The build``.
        readers : str
            What readers see in spite of it.

        Raises
        ------
        RunError
            With one line for the rule, table, rows and SQL of each failure.
        """
        if not self.failed:
            return
        skipped = sum(node.status == "skipped" for node in self.nodes)
        after = f"; {skipped} more were skipped because of that" if skipped else ""
        lines = "\n".join(_describe(node) for node in self.failed)
        raise RunError(
            f"{what} failed: {len(self.failed)} of {len(self.nodes)} nodes did not"
            f" pass{after}.\n{lines}",
            hint=f"Run the SQL named above to see all rows. {readers}",
        )


def read_outcome(result: Any, root: Path) -> Outcome:
    """Translate dbt's ``RunExecutionResult``.

    Parameters
    ----------
    result : RunExecutionResult
        What ``dbtRunner.invoke`` returned for build, run or test.
    root : Path
        The project's folder, to which compiled paths are relative.
    """
    return Outcome(
        run_id=result.args.get("invocation_id") or _invocation_id(),
        nodes=tuple(_read_node(each, root) for each in result.results),
    )


def _invocation_id() -> str:
    from dbt_common.invocation import get_invocation_id

    return str(get_invocation_id())


def _read_node(each: Any, root: Path) -> Node:
    node = each.node
    compiled = getattr(node, "compiled_path", None)
    return Node(
        name=node.name,
        kind=str(node.resource_type),
        status=str(each.status),
        seconds=float(each.execution_time),
        message=(each.message or "").strip(),
        rows=each.failures,
        about=_tested(node) if str(node.resource_type) == "test" else "",
        sql=root / compiled if compiled else None,
    )


def _tested(node: Any) -> str:
    attached = getattr(node, "attached_node", None)
    parents: Iterable[str] = [attached] if attached else node.depends_on.nodes
    tables = ", ".join(parent.split(".", 2)[-1] for parent in parents)
    column = getattr(node, "column_name", None)
    return f"{tables}.{column}" if column and tables else tables


def _describe(node: Node) -> str:
    if node.kind == "test" and node.status == "fail":
        head = f"- test {node.name} on {node.about or 'no table'}: "
        head += counted(node.rows, "row")
    else:
        reason = " ".join(node.message.split()) or node.status
        head = f"- {node.kind} {node.name}: {reason}"
    if node.example:
        head += f"\n  first row: {node.example}"
    return f"{head}\n  {node.sql}" if node.sql else head
