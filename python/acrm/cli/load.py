"""``acrm load``: extract files, or tables of a database, into the raw zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acrm.words import counted

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from acrm.loading.results import FileResult, LoadResult


def load_command(
    source: Annotated[
        str,
        typer.Argument(
            help="A file or a folder of CSV, Parquet or JSON lines; or "
            "postgresql://user@host:port/database."
        ),
    ],
    system: Annotated[
        str, typer.Option(help="The source system: a pack under models/staging/.")
    ],
    table: Annotated[
        str | None,
        typer.Option(
            help="The table of a single file, whatever its name; of a database, the "
            "only one to read."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would happen; write nothing.")
    ] = False,
    extracted_at: Annotated[
        str | None,
        typer.Option(
            help="When the files left their system: ISO 8601, UTC unless it says "
            "otherwise. Default: now."
        ),
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="Your own id of the batch. Default: a new one.")
    ] = None,
    memory: Annotated[
        str, typer.Option(help="Memory to use before spilling to disk.")
    ] = "4GB",
    json_output: Annotated[
        bool,
        typer.Option("--json", help="Print the result as JSON; messages to stderr."),
    ] = False,
) -> None:
    """Load extract files, or tables of PostgreSQL, held against their contracts.

    A password is best left out of the URL: PGPASSWORD, ~/.pgpass and services of
    libpq are read.

    Exit code 0: all of it is loaded, now or before. 2: a file or a table was refused,
    and nothing is loaded; or more rows went to quarantine than the contract allows,
    and the others are loaded.
    """
    from acrm.loading.load import load, mark_not_loaded
    from acrm.loading.options import Options
    from acrm.loading.postgres_url import hide_argument
    from acrm.loading.results import LoadRefusedError
    from acrm.project import find_project

    hide_argument(source)
    options = Options(
        table=table,
        check=check,
        extracted_at=_moment(extracted_at),
        batch_id=batch,
        memory=memory,
    )
    listener = LoadProgress()
    try:
        with listener:
            result = load(find_project(), source, system, options, listener)
    except LoadRefusedError as refused:
        result = mark_not_loaded(refused.result)
        if json_output:
            _print_json(result)
        if result.files and check:
            print_files(result, _console(json_output))
        raise
    if json_output:
        _print_json(result)
    _print_summary(result, _console(json_output))
    if result.over_tolerance:
        raise typer.Exit(2)


def _moment(text: str | None) -> datetime | None:
    """Return a moment in UTC without a zone."""
    from datetime import UTC, datetime

    from acrm.errors import InputError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no moment.",
            where="--extracted-at",
            hint="Write it like 2026-11-22T06:00:00, in UTC, or with an offset such as "
            "+01:00.",
        ) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment


class LoadProgress:
    """Progress for people: bars on a terminal, elsewhere a line a file."""

    def __init__(self) -> None:
        from acrm.console import err, progress

        self._console = err()
        self._context = progress()
        self._bars: Progress | None = None
        self._files: TaskID | None = None
        self._file: TaskID | None = None

    def __enter__(self) -> LoadProgress:
        self._bars = self._context.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(None, None, None)

    def begin(self, name: str, number: int, total: int) -> None:
        """Begin a file."""
        if self._bars is None:
            return
        if self._files is None:
            self._files = self._bars.add_task("files", total=total)
        self._bars.update(self._files, completed=number - 1)
        if self._file is not None:
            self._bars.remove_task(self._file)
        self._file = self._bars.add_task(name, total=100)

    def report(self, share: float) -> None:
        """Move the file's bar."""
        if self._bars is not None and self._file is not None:
            self._bars.update(self._file, completed=round(100 * share))

    def end(self, result: FileResult) -> None:
        """Tell what became of a file, where there are no bars."""
        if self._console.is_terminal:
            return
        from rich.markup import escape

        line = f"{result.source_file}: {result.status.value.replace('_', ' ')}"
        if result.rows_read:
            line += f", {counted(result.rows_loaded, 'row')}"
        if result.rows_quarantined:
            line += f", {result.rows_quarantined:,} to quarantine"
        self._console.print(escape(line))


def _console(json_output: bool) -> Console:
    from acrm.console import err, out

    return err() if json_output else out()


def _print_json(result: LoadResult) -> None:
    import json

    typer.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))


def print_files(result: LoadResult, console: Console) -> None:
    """Print a table of all files."""
    from rich.markup import escape

    from acrm.console import show_table

    rows = []
    for each in result.files:
        numbers = (each.rows_read, each.rows_loaded, each.rows_quarantined)
        reasons = ", ".join(f"{code} {count:,}" for code, count in each.reasons.items())
        is_counted = each.status.value in ("loaded", "would_load")
        rows.append(
            [
                each.source_file,
                each.table,
                *(f"{number:,}" if is_counted else "" for number in numbers),
                "; ".join(filter(None, (reasons, each.note))),
            ]
        )
    headings = ["file", "table", "rows read", "loaded", "quarantined", "note"]
    show_table(headings, rows, numbers=(2, 3, 4), console=console)
    for name, why in result.ignored:
        console.print(escape(f"ignored {name}: {why}"))


def _print_summary(result: LoadResult, console: Console) -> None:
    """Print what happened and what to do next."""
    from rich.markup import escape

    print_files(result, console)
    if result.checked_only and result.is_new:
        console.print("Checked only: nothing was written.")
    elif not result.is_new:
        console.print("Nothing new: all of it was loaded before.")
    else:
        console.print(
            f"Batch {escape(str(result.batch_id))} is loaded. Next: acrm build"
        )
    print_over_tolerance(result)


def print_over_tolerance(result: LoadResult) -> None:
    """Name the tables of which too many rows went to quarantine."""
    from rich.markup import escape

    from acrm.console import err

    for each in result.over_tolerance:
        verb = "would go" if result.checked_only else "went"
        err().print(
            f"[bold red]Error:[/] {each.share:.2%} of the rows of {each.table} {verb} "
            f"to quarantine; its contract allows {each.allowed:.2%}. The other rows "
            f"{'would be' if result.checked_only else 'are'} loaded.\n"
            + "".join(
                f"  where: {escape(file.source_file)}, {escape(file.example)}\n"
                for file in result.files
                if file.table == each.table and file.example
            )
            + f"  look:  {escape(_look(result, each.table))}\n"
            "  to do: have the rows mended and delivered again, or raise "
            f"max_quarantined_share of {each.table} in the contract."
        )


def _look(result: LoadResult, table: str) -> str:
    """Return how to see the rows in quarantine."""
    if result.checked_only:
        return "load without --check to have them in quarantine"
    folder = f"quarantine/{result.system}/{table}/{result.batch_id}/*.parquet"
    return (
        f"select _row_number, reason, row_json from '{folder}' in the warehouse home, "
        "or landing.quarantine after the next build"
    )
