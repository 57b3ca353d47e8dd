"""``acrm build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.cli.publishing import Keep, Target, show_published, show_warnings
from acrm.console import err, out, size
from acrm.errors import InputError
from acrm.project import find_project
from acrm.words import counted

if TYPE_CHECKING:
    from acrm.building import Outcome
    from acrm.past import PastBuild
    from acrm.publication import Published

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
AsKnownOn = Annotated[
    str,
    typer.Option(
        "--as-known-on",
        metavar="DATE",
        help="Build what was known at the end of that day, or at a moment"
        " (2025-12-05T06:00), in UTC, into a file of its own.",
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        help="The file for --as-known-on; else one in as_known_on/ of the warehouse"
        " home.",
    ),
]

DEFAULT_KEEP = 5


def build(
    select: Select = None,
    exclude: Exclude = None,
    full: Full = False,
    variables: Vars = "",
    no_publish: NoPublish = False,
    target: Target = "",
    keep: Keep = DEFAULT_KEEP,
    as_known_on: AsKnownOn = "",
    to: To = None,
) -> None:
    """Build and test the warehouse, and publish it if all tests pass.

    With --as-known-on it is built from what was loaded by then, into a file of its
    own, and not published; where that file stands already, it is not built again
    unless --full is given.
    """
    refused = {
        "--select": bool(select),
        "--exclude": bool(exclude),
        "--no-publish": no_publish,
        "--keep": keep != DEFAULT_KEEP,
    }
    if as_known_on:
        _refuse_together([option for option, given in refused.items() if given])
        _build_past(as_known_on, to, full=full, target=target, variables=variables)
        return
    if to is not None:
        raise InputError(
            "--to is the file for --as-known-on, which was not given.",
            where=f"--to {to}",
            hint="As in `acrm build --as-known-on 2025-12-05 --to known.duckdb`.",
        )
    from acrm.building import Selection
    from acrm.cli.progress import reporting
    from acrm.lock import writer_lock
    from acrm.publication import build_and_publish, mine_and_publish
    from acrm.publication.upkeep import storage_told

    project = find_project()
    selection = Selection(tuple(select or ()), tuple(exclude or ()), full)
    again = "`acrm build` again"
    with writer_lock(project, "acrm build", for_steps=True):
        with reporting() as reporter, storage_told(project, again):
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
        _show_built(outcome, published)
        if published is not None and published.awaits_mining:
            out().print("Readers have these numbers. A month has turned: mining it.")
            with reporting() as reporter, storage_told(project, again):
                outcome, published = mine_and_publish(
                    project,
                    target=target,
                    variables=variables,
                    keep=keep,
                    listener=reporter.node,
                    on_table=reporter.table,
                )
            _show_built(outcome, published)
    if published is not None:
        return
    if selection.is_whole:
        out().print("Not published. To publish it: acrm publish")
    else:
        out().print(
            "Not published, because it is a part. To test all and publish: acrm publish"
        )


def _show_built(outcome: Outcome, published: Published | None) -> None:
    out().print(f"Built {outcome.counts()}.", markup=False)
    show_warnings(outcome)
    if published is not None:
        show_published(published)


def _refuse_together(options: list[str]) -> None:
    if options:
        raise InputError(
            f"--as-known-on does not go with {' and '.join(options)}.",
            hint="The whole warehouse is built, into a file of its own, and not"
            " published. With it go --to, --full, --target and --vars.",
        )


def _build_past(
    text: str, to: Path | None, *, full: bool, target: str, variables: str
) -> None:
    from acrm.cli.progress import reporting
    from acrm.past import build_as_known_on, parse_instant

    with reporting() as reporter:
        built = build_as_known_on(
            find_project(),
            parse_instant(text),
            to=to,
            full=full,
            target=target,
            variables=variables,
            listener=reporter.node,
        )
    if built.outcome is None:
        out().print("Not built again: the file stands. To build it anew: --full")
    else:
        out().print(f"Built {built.outcome.counts()}.", markup=False)
        show_warnings(built.outcome)
    _show_past(built, is_default=to is None)


def _show_past(built: PastBuild, *, is_default: bool) -> None:
    instant = built.instant
    if instant.is_to_come:
        err().print(f"Note: {instant} is not over; this is all that is known by now.")
    out().print(
        f"As known on {instant}: {counted(built.known.batches, 'load')}, the last"
        f" at {built.known.last_loaded_at:%Y-%m-%d %H:%M:%S} UTC.\n"
        f"{built.path}, {size(built.path.stat().st_size)}",
        markup=False,
    )
    how = (
        f"--as-known-on {instant.given.replace(' ', 'T')}"
        if is_default
        else f"--database {built.path}"
    )
    out().print(f'To ask it: acrm sql {how} "..."', markup=False)
