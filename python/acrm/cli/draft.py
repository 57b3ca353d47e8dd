"""``acrm draft``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrm.console import out
from acrm.project import find_project


def draft(
    folder: Annotated[
        Path, typer.Argument(help="Sample extracts: a file a table, or one file.")
    ],
    system: Annotated[str, typer.Option(help="Name of the new pack.")],
    show: Annotated[
        bool, typer.Option("--show", help="Print the contracts; write nothing.")
    ] = False,
) -> None:
    """Draft the contracts of a new source system from sample extracts.

    Types, keys and what is required are guesses from the sample, written to the new
    pack's sources file for you to confirm.
    """
    from acrm.loading.draft import draft_pack

    project = find_project()
    path, text = draft_pack(project, folder, system)
    if show:
        out().print(text, markup=False, end="")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    out().print(
        f"Drafted {path}. Confirm what it guesses, then:\n"
        f"  acrm load {folder} --system {system} --check\n"
        "and write what the tables mean: models/staging/README.md, step 2.",
        markup=False,
    )
