"""The command line's front: names, options and help; work is imported on demand."""

from __future__ import annotations

import sys

import typer

from acrm.cli.build import build
from acrm.cli.demo import demo
from acrm.cli.docs import docs
from acrm.cli.load import load_command
from acrm.cli.publish import publish
from acrm.cli.rollback import rollback
from acrm.cli.sql import sql
from acrm.cli.status import status
from acrm.cli.versions import versions
from acrm.errors import AcrmError

app = typer.Typer(
    name="acrm",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Analytical CRM: extracts in, reconciled stars out.",
)


@app.callback()
def common() -> None:
    """Analytical CRM: extracts in, reconciled stars out."""


app.command("load")(load_command)
for command in (build, publish, versions, rollback, sql, status, docs, demo):
    app.command()(command)


def main() -> None:
    """Run the command line; every foreseen error is one message and an exit code."""
    try:
        app()
    except AcrmError as error:
        from rich.text import Text

        from acrm.console import err

        # A message may quote square brackets; they are no markup.
        err().print(Text.assemble(("Error:", "bold red"), f" {error}"))
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
