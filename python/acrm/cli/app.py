"""The command line's front: names, options and help; work is imported on demand."""

from __future__ import annotations

import sys

import typer

from acrm.cli.load import load_command
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


def main() -> None:
    """Run the command line; every foreseen error is one message and an exit code."""
    try:
        app()
    except AcrmError as error:
        from rich.markup import escape

        from acrm.console import err

        err().print(f"[bold red]Error:[/] {escape(str(error))}", markup=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
