"""``acrm versions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.console import out, show_table, size
from acrm.project import find_project

if TYPE_CHECKING:
    from acrm.publication import Switch, Version

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def versions(as_json: AsJson = False) -> None:
    """List the published versions that are kept, and which one readers see."""
    import json

    from acrm.publication import current_version, list_versions, read_switches

    project = find_project()
    kept = list_versions(project)
    current = current_version(project)
    number = current.number if current else None
    rolled_back = {
        switch.to_version: switch
        for switch in read_switches(project)[-1:]
        if switch.kind == "rollback"
    }
    if as_json:
        entries = [_entry(each, number, rolled_back) for each in kept]
        out().print(json.dumps(entries, indent=2), markup=False)
    elif kept:
        _print_table(kept, number, rolled_back)
    else:
        out().print("Nothing is published yet: run acrm build.")


def _entry(
    version: Version, current: int | None, rolled_back: dict[int, Switch]
) -> dict[str, Any]:
    switch = rolled_back.get(version.number)
    return {
        "version": version.number,
        "is_current": version.number == current,
        "published_at": version.published_at,
        "data_through": dict(version.data_through),
        "tables": len(version.tables),
        "rows": version.rows,
        "bytes": version.bytes,
        "rolled_back_by": switch.by if switch else None,
        "rolled_back_at": switch.at if switch else None,
        "rollback_reason": switch.reason if switch else None,
    }


def _print_table(
    kept: list[Version], current: int | None, rolled_back: dict[int, Switch]
) -> None:
    rows = []
    for version in reversed(kept):
        through = "\n".join(
            f"{system} {until}" for system, until in version.data_through.items()
        )
        switch = rolled_back.get(version.number)
        note = ""
        if switch:
            note = f"rolled back from {switch.from_version} by {switch.by}"
            note += f" at {switch.at}" + (f": {switch.reason}" if switch.reason else "")
        rows.append(
            (
                "*" if version.number == current else "",
                str(version.number),
                version.published_at,
                through,
                f"{version.rows:,}",
                size(version.bytes),
                note,
            )
        )
    headings = ("", "version", "published at", "data through", "rows", "size", "note")
    show_table(headings, rows, numbers=(4, 5))
    out().print("* is what readers see.")
