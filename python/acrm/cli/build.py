"""``acrm build``."""

from __future__ import annotations

from typing import Annotated

import typer

from acrm.cli.publishing import Keep, Target, show_published, show_warnings
from acrm.console import out
from acrm.project import find_project

Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", "-s", help="Build a part, in dbt's syntax. It is not published."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", help="Leave a part out. The rest is not published."),
]
Full = Annotated[
    bool, typer.Option("--full", help="Rebuild incremental models from all raw data.")
]
Vars = Annotated[str, typer.Option("--vars", help="dbt variables as YAML.")]
NoPublish = Annotated[
    bool, typer.Option("--no-publish", help="Leave readers where they are.")
]


def build(
    select: Select = None,
    exclude: Exclude = None,
    full: Full = False,
    variables: Vars = "",
    no_publish: NoPublish = False,
    target: Target = "",
    keep: Keep = 5,
) -> None:
    """Build and test the warehouse, and publish it if all tests pass."""
    from acrm.building import Selection
    from acrm.cli.progress import reporting
    from acrm.publication import build_and_publish

    project = find_project()
    selection = Selection(tuple(select or ()), tuple(exclude or ()), full)
    with reporting() as reporter:
        outcome, published = build_and_publish(
            project,
            selection,
            target=target,
            variables=variables,
            publishes=not no_publish,
            keep=keep,
            listener=reporter.node,
            on_table=reporter.table,
        )
    out().print(f"Built {outcome.counts()}.", markup=False)
    show_warnings(outcome)
    if published is not None:
        show_published(published)
    elif selection.is_whole:
        out().print("Not published. To publish it: acrm publish")
    else:
        out().print(
            "Not published, because it is a part. To test all and publish: acrm publish"
        )
