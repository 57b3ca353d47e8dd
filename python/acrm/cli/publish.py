"""``acrm publish``."""

from __future__ import annotations

from acrm.cli.publishing import Keep, Target, show_published, show_warnings
from acrm.project import find_project


def publish(target: Target = "", keep: Keep = 5) -> None:
    """Test the present build, and give it to readers if all tests pass."""
    from acrm.cli.progress import reporting
    from acrm.publication import publish as publish_build
    from acrm.publication.upkeep import storage_told

    project = find_project()
    with reporting() as reporter, storage_told(project, "`acrm publish` again"):
        published = publish_build(
            project,
            target=target,
            keep=keep,
            listener=reporter.node,
            on_table=reporter.table,
        )
    show_warnings(published.outcome)
    show_published(published)
