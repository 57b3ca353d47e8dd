"""``acrm rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from acrm.console import out
from acrm.project import find_project


def rollback(
    version: Annotated[
        int | None,
        typer.Argument(help="Version to return to; else the one before.", min=1),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", "-r", help="Why, for acrm versions.")
    ] = "",
) -> None:
    """Give readers an earlier version back, in one step."""
    from acrm.publication import roll_back

    switch = roll_back(find_project(), version, reason)
    before = "nothing" if switch.from_version is None else switch.from_version
    out().print(
        f"Readers are back from version {before} to version {switch.to_version}."
    )
    out().print("The next build is published as a new version.")
