"""``acrm status``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.cli.versions import AsJson
from acrm.console import out, show_table, size
from acrm.errors import InputError
from acrm.project import find_project

if TYPE_CHECKING:
    from acrm.reading import Health


def status(
    as_json: AsJson = False,
    now: Annotated[
        str,
        typer.Option(
            "--now", metavar="ISO", help="Judge ages as of this instant (UTC)."
        ),
    ] = "",
) -> None:
    """Say whether today's numbers can be trusted, and why.

    Exit code 0 if they can, 1 if not.
    """
    from acrm.reading import read_health

    health = read_health(find_project(), _instant(now))
    if as_json:
        _print_json(health)
    else:
        _print_report(health)
    raise typer.Exit(0 if health.trusted else 1)


def _instant(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"--now is not an instant: {text!r}.",
            hint="Write it as 2026-11-22T08:00 or 2026-11-22T08:00+01:00.",
        ) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _print_json(health: Health) -> None:
    import json
    from dataclasses import asdict

    from acrm.reading.formats import json_value

    report = {
        "trusted": health.trusted,
        "answer": health.answer(),
        "problems": list(health.problems),
        "notes": list(health.notes),
        "version": health.version.to_json() if health.version else None,
        "runs": [asdict(run) for run in health.runs],
        "reconciliation": list(health.reconciliation),
        "quarantine": list(health.quarantine),
        "freshness": list(health.freshness),
        "volume": list(health.volume),
        "last_run": _run_of(health),
        "nodes": list(health.nodes),
    }
    out().print(json.dumps(json_value(report), indent=2), markup=False)


def _run_of(health: Health) -> dict[str, Any] | None:
    """Return the last nightly run: how it ended, and what each step took."""
    run = health.last_run
    if run is None:
        return None
    end = run.end or {}
    return {
        "run": run.number,
        "started_at": run.started_at,
        "outcome": end.get("outcome", "not ended"),
        "exit_code": end.get("exit_code"),
        "version": end.get("version"),
        "rows_loaded": end.get("rows"),
        "refused": end.get("refused"),
        "seconds": end.get("seconds"),
        "steps": end.get("steps", {}),
        "error": end.get("error"),
    }


def _print_report(health: Health) -> None:
    out().print(health.answer(), style="green" if health.trusted else "red")
    for note in health.notes:
        out().print(f"Note: {note}.", markup=False)
    version = health.version
    if version is not None:
        out().print(
            f"\nPublished version {version.number}, {version.published_at},"
            f" {len(version.tables)} tables, {version.rows:,} rows,"
            f" {size(version.bytes)}",
            markup=False,
        )
    runs = [
        {
            "started (UTC)": f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            "command": run.command,
            "status": run.status,
            "passed": run.nodes_passed,
            "warned": run.nodes_warned,
            "failed": run.nodes_failed,
            "skipped": run.nodes_skipped,
        }
        for run in health.runs
    ]
    _print_last_run(health)
    _print_table("Last runs, at most five", runs)
    _print_table("Reconciliation with the source", health.reconciliation)
    _print_table("Quarantine", health.quarantine)
    _print_table("Freshness", health.freshness)
    if health.volume:
        _print_table("Volume of the last delivery", health.volume)


def _print_last_run(health: Health) -> None:
    run = _run_of(health)
    if run is None:
        return
    steps = ", ".join(f"{name} {spent:.1f} s" for name, spent in run["steps"].items())
    version = f", version {run['version']}" if run["version"] else ""
    out().print(
        f"\nRun {run['run']}, {run['started_at'][:19]}: {run['outcome']}{version},"
        f" {run['rows_loaded'] or 0:,} rows loaded{f' ({steps})' if steps else ''}",
        markup=False,
    )


def _print_table(title: str, rows: Sequence[dict[str, Any]]) -> None:
    out().print(f"\n{title}", style="bold")
    if not rows:
        out().print("  none")
        return
    show_table(
        [name.replace("_", " ") for name in rows[0]],
        ([_cell(value) for value in row.values()] for row in rows),
        numbers=[
            position
            for position, value in enumerate(rows[0].values())
            if not isinstance(value, str | date | None)
        ],
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
