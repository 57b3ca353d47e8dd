"""What ``acrm build`` and ``acrm publish`` share: options, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acrm.console import err, out, size
from acrm.words import counted

if TYPE_CHECKING:
    from acrm.building import Outcome
    from acrm.publication import Published

Target = Annotated[
    str, typer.Option("--target", "-t", help="Target of profiles.yml, if not its own.")
]
Keep = Annotated[int, typer.Option("--keep", help="Published versions to keep.")]


def show_warnings(outcome: Outcome) -> None:
    """Name the tests that only warn."""
    for node in outcome.warned:
        err().print(
            f"Warning: test {node.name} on {node.about}: {counted(node.rows, 'row')}"
            + (f"\n  first row: {node.example}" if node.example else ""),
            markup=False,
        )


def show_published(published: Published) -> None:
    """Say what readers see from now on."""
    version = published.version
    out().print(
        f"Published version {version.number}: {counted(len(version.tables), 'table')},"
        f" {counted(version.rows, 'row')}, {size(version.bytes)}.",
        markup=False,
    )
    for system, through in version.data_through.items():
        out().print(f"  {system}: data through {through}", markup=False)
    if version.left_out:
        err().print(
            "Left out, because no model builds it:"
            f" {', '.join(version.left_out)}. Drop it from the build file.",
            markup=False,
        )
    if published.removed:
        removed = ", ".join(map(str, published.removed))
        out().print(f"Removed old versions: {removed}.", markup=False)
