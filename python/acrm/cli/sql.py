"""``acrm sql``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.cli.row_formats import RowFormat, format_of, require_right_place
from acrm.console import err, out, show_table
from acrm.errors import InputError
from acrm.project import find_project
from acrm.words import counted

if TYPE_CHECKING:
    from acrm.project import Project
    from acrm.reading import Answer


def sql(
    statement: Annotated[
        str | None, typer.Argument(help="SQL; - reads it from standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the SQL from a file.")
    ] = None,
    kind: Annotated[
        RowFormat | None,
        typer.Option(
            "--format",
            help="Default: by the ending of --output, else table. JSON has decimals"
            " as strings and all digits of integers; dates are ISO 8601.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a file, whole or not at all."),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, help="Published version; else current."),
    ] = None,
    as_known_on: Annotated[
        str,
        typer.Option(
            "--as-known-on",
            metavar="DATE",
            help="Ask what `acrm build --as-known-on` of that date has built.",
        ),
    ] = "",
    database: Annotated[
        Path | None,
        typer.Option("--database", help="Ask a DuckDB file, such as one of --to."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="Rows that a table shows.")
    ] = 40,
) -> None:
    """Ask the published version in SQL, read-only; or what was known on a past date.

    Of several statements, the rows of the last one are shown.
    """
    from acrm.reading import query
    from acrm.reading.formats import write_file, write_text

    text = _read_sql(statement, file)
    chosen = kind or RowFormat(format_of(output, list(RowFormat)))
    require_right_place(chosen, output)
    project = find_project()
    if as_known_on:
        _require_one_of(version=version, database=database)
        database = _past_file(project, as_known_on)
    elif database is not None:
        _require_one_of(version=version)
    with query(project, text, version, database=database) as answer:
        if output is not None:
            count = write_file(answer, chosen.value, output.absolute())
            err().print(f"Wrote {counted(count, 'row')} to {output}.", markup=False)
        elif chosen is RowFormat.TABLE:
            _print_table(answer, limit)
        else:
            write_text(answer, chosen.value, sys.stdout)
            sys.stdout.flush()


def _require_one_of(**others: object) -> None:
    """Refuse to ask two files at once."""
    given = [f"--{name}" for name, value in others.items() if value is not None]
    if given:
        raise InputError(
            f"{' and '.join(given)} names another file to ask.",
            hint="Give one of --version, --as-known-on and --database.",
        )


def _past_file(project: Project, text: str) -> Path:
    from acrm.past import find_past_file, parse_instant

    instant = parse_instant(text)
    found = find_past_file(project, instant)
    news = found.differs(project, instant)
    if news:
        err().print(
            f"Note: {news}. To build it anew: acrm build --as-known-on {text}",
            markup=False,
        )
    return found.path


def _read_sql(statement: str | None, file: Path | None) -> str:
    if (statement is None) == (file is None):
        raise InputError(
            "Give SQL, or a file with it, and not both.",
            hint='As in `acrm sql "select 1"`, `acrm sql --file question.sql` or'
            " `acrm sql -`.",
        )
    if statement == "-":
        return sys.stdin.read()
    if file is None:
        return statement or ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            "The SQL file cannot be read.",
            where=f"{file}: {reason}",
            hint="Give a text file in UTF-8.",
        ) from error


def _print_table(answer: Answer, limit: int) -> None:
    if not answer.columns:
        out().print("No rows: the last statement returns none.")
        return
    rows = answer.take(limit + 1)
    shown = rows[:limit]
    show_table(
        answer.columns,
        (["" if cell is None else str(cell) for cell in row] for row in shown),
        numbers=[n for n, kind in enumerate(answer.types) if _is_number(kind)],
    )
    total = answer.count() if len(rows) > limit else len(shown)
    if total > limit:
        out().print(f"showing {limit:,} of {total:,} rows")
    else:
        out().print(counted(total, "row"))


def _is_number(kind: str) -> bool:
    return kind.startswith("DECIMAL") or kind in {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
        "FLOAT",
        "DOUBLE",
    }
