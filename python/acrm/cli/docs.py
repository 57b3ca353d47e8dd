"""``acrm docs``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrm.cli.publishing import Target
from acrm.console import out
from acrm.project import find_project


def docs(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; else beside the versions."),
    ] = None,
    opens: Annotated[
        bool, typer.Option("--open", help="Show it in the web browser.")
    ] = False,
    target: Target = "",
) -> None:
    """Write the documentation of all tables as one page that needs no network."""
    from acrm.building import write_docs
    from acrm.building.dbt import Dbt
    from acrm.lock import writer_lock
    from acrm.publication.shapes import with_shapes

    project = find_project()
    path = (output or project.published / "docs.html").absolute()
    with writer_lock(project, "acrm docs"), with_shapes(project):
        write_docs(Dbt(project, target), path)
    out().print(str(path), markup=False)
    if opens:
        typer.launch(path.as_uri())
