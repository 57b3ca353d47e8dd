"""``acrm publish``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrm.cli.build import Keep, Target, show_warnings
from acrm.console import err, out, size
from acrm.project import find_project

if TYPE_CHECKING:
    from acrm.publication import Published


def publish(target: Target = "", keep: Keep = 5) -> None:
    """Test the present build, and give it to readers if all tests pass."""
    from acrm.cli.progress import reporting
    from acrm.publication import publish as publish_build

    project = find_project()
    with reporting() as reporter:
        published = publish_build(
            project,
            target=target,
            keep=keep,
            listener=reporter.node,
            on_table=reporter.table,
        )
    show_warnings(published.outcome)
    show_published(published)


def show_published(published: Published) -> None:
    """Say what readers see from now on."""
    version = published.version
    count = len(version.tables)
    tables = f"{count} table{'' if count == 1 else 's'}"
    out().print(
        f"Published version {version.number}: {tables}, {version.rows:,} rows,"
        f" {size(version.bytes)}.",
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
