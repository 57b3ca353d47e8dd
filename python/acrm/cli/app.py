"""The command line's front: names, options and help; work is imported on demand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from acrm import __version__
from acrm.cli.build import build
from acrm.cli.cube import cube
from acrm.cli.demo import demo
from acrm.cli.docs import docs
from acrm.cli.draft import draft
from acrm.cli.example import example
from acrm.cli.help_texts import with_examples
from acrm.cli.load import load_command
from acrm.cli.model import model
from acrm.cli.publish import publish
from acrm.cli.rollback import rollback
from acrm.cli.run import run_command
from acrm.cli.serve import serve
from acrm.cli.sql import sql
from acrm.cli.status import status
from acrm.cli.versions import versions
from acrm.errors import AcrmError


class _Commands(TyperGroup):
    """The commands; what is said of a wrong call shows no password of a URL."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # errors of usage have a message, and quote what was given
            message = getattr(error, "message", None)
            if isinstance(message, str):
                from acrm.loading.postgres_url import without_passwords

                vars(error)["message"] = without_passwords(message)
            raise


app = typer.Typer(
    name="acrm",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Analytical CRM: extracts in, reconciled stars out.",
)


def show_version(wanted: bool) -> None:
    """Print the version and end, where it was asked for."""
    if wanted:
        typer.echo(f"acrm {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Analytical CRM: extracts in, reconciled stars out."""


COMMANDS: tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...] = (
    (
        "load",
        load_command,
        (
            "acrm load extracts/2026-11-22 --system shop",
            "acrm load orders.csv.gz --system shop --table orders",
            "acrm load extracts --system shop --check",
            "acrm load postgresql://reader@db.example:5432/shop --system shop",
        ),
    ),
    (
        "build",
        build,
        (
            "acrm build",
            "acrm build --select fct_sales_line+ --no-publish",
            "acrm build --vars '{as_of: 2017-06-30}'",
            "acrm build --as-known-on 2025-12-05",
            "acrm build --as-known-on 2025-12-05T06:00 --to known.duckdb",
        ),
    ),
    (
        "run",
        run_command,
        (
            "acrm run landing",
            "acrm run extracts/2026-11-22 --system shop",
            "acrm run landing --watch --every 30s",
            "acrm run postgresql://reader@db.example:5432/shop --system shop",
        ),
    ),
    ("publish", publish, ("acrm publish", "acrm publish --keep 30")),
    ("versions", versions, ("acrm versions", "acrm versions --json")),
    (
        "rollback",
        rollback,
        ("acrm rollback", "acrm rollback 12 --reason 'prices of Monday were wrong'"),
    ),
    (
        "sql",
        sql,
        (
            "acrm sql 'select count(*) from fct_sales_line'",
            "acrm sql --file question.sql --output answer.parquet",
            "echo 'from dim_store' | acrm sql - --format csv",
            "acrm sql --as-known-on 2025-12-05 'select count(*) from fct_sales_line'",
        ),
    ),
    (
        "serve",
        serve,
        (
            "acrm serve",
            "acrm serve --database known.duckdb --port 8080",
            "acrm serve --host 0.0.0.0 --tokens tokens.yml",
            "acrm serve --new-token north",
        ),
    ),
    ("status", status, ("acrm status", "acrm status --json")),
    ("docs", docs, ("acrm docs", "acrm docs --output docs.html --open")),
    (
        "draft",
        draft,
        (
            "acrm draft samples/shop --system shop",
            "acrm draft orders.csv --system shop --show",
        ),
    ),
    (
        "example",
        example,
        (
            "acrm example company",
            "acrm example company --customers 2000 --days 400 --seed 7",
            "acrm example big --customers 1000000 --format parquet",
        ),
    ),
    ("demo", demo, ("acrm demo", "acrm demo --from extracts/complete_journey")),
)


for name, command, examples in COMMANDS:
    app.command(name, help=with_examples(command, examples))(command)
app.add_typer(cube, name="cube")
app.add_typer(model, name="model")


def main() -> None:
    """Run the command line; every foreseen error is one message and an exit code."""
    try:
        app()
    except AcrmError as error:
        from rich.text import Text

        from acrm.console import err
        from acrm.loading.postgres_url import without_passwords

        # A message may quote square brackets; they are no markup.
        text = without_passwords(str(error))
        err().print(Text.assemble(("Error:", "bold red"), f" {text}"))
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
