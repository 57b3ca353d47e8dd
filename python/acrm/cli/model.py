"""``acrm model``: the models behind the mining tables, and their record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from acrm.cli.help_texts import with_examples
from acrm.console import out, show_table
from acrm.errors import InputError
from acrm.project import find_project

model = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="See which models stand behind the mining tables, and how good they are.",
)

_HEADINGS = ["cut-off", "metric", "model", "from", "to", "baseline", "n", "verdict"]
_FIELDS = ["cutoff_date", "metric", "value", "lo", "hi", "baseline_value", "n"]
_NUMBERS = [2, 3, 4, 5, 6]


def report(
    name: Annotated[
        str, typer.Argument(help="One model, such as clv; all by default.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page; else beside the versions."),
    ] = None,
    opens: Annotated[
        bool, typer.Option("--open", help="Show it in the web browser.")
    ] = False,
) -> None:
    """Print how each model did out of time, beside its baseline.

    The same goes into one page with charts of calibration, lift and deciles, which
    needs no network.
    """
    from acrm.publication.versions import find_version
    from acrm.reading import connect
    from acrm.reading.model_page import model_page, shown_value
    from acrm.reading.models import read_models

    project = find_project()
    version = find_version(project)
    with connect(project) as connection:
        models = read_models(connection, name)
    for each in models:
        out().print(f"\n[bold]{each.title}[/]")
        out().print(each.sentence, markup=False)
        if each.evaluations:
            rows = [
                [
                    *(shown_value(row[field]) for field in _FIELDS),
                    row["verdict"] or "",
                ]
                for row in each.evaluations
            ]
            show_table(_HEADINGS, rows, _NUMBERS)
    path = (output or project.published / "models.html").absolute()
    page = model_page(models, f"Version {version.number} of {version.published_at}")
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(
            "The page cannot be written.",
            where=f"{path}: {error.strerror}",
            hint="Give another place with --output.",
        ) from error
    out().print(f"\n{path}", markup=False)
    if opens:
        typer.launch(path.as_uri())


MODEL_COMMANDS: tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...] = (
    (
        "report",
        report,
        (
            "acrm model report",
            "acrm model report clv --output clv.html --open",
        ),
    ),
)

for command_name, command, examples in MODEL_COMMANDS:
    model.command(command_name, help=with_examples(command, examples))(command)
