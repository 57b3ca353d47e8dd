"""``acrm cube check`` and ``acrm cube schema``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.cli.cube_open import (
    AsJson,
    Database,
    Folders,
    Version,
    print_json,
    print_rows,
    target_of,
    waiting,
)
from acrm.console import err, out
from acrm.errors import InputError

if TYPE_CHECKING:
    from acrm_olap.running.checking import Finding


def check_cubes(
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    as_json: AsJson = False,
) -> None:
    """Check all definitions against the warehouse, and prove what they promise.

    Names must be tables and columns, keys of dimensions unique, versions must not
    overlap, and joins that are called complete must lose no row. All faults are listed,
    each with file and line; the exit code is then 2.
    """
    from acrm.project import find_project
    from acrm.words import counted
    from acrm_olap.api.connecting import DEFINITIONS
    from acrm_olap.running import open_database
    from acrm_olap.running.checking import check

    folders = definitions or [find_project().root / DEFINITIONS]
    opened = open_database(target_of(database, version))
    try:
        findings = waiting("checking", lambda: check(folders, opened))
    finally:
        opened.close()
    faults = [each for each in findings if each.fault]
    if as_json:
        print_json([_entry(each) for each in findings])
    else:
        good = [each for each in findings if not each.fault]
        if good:
            print_rows(["checked", "found"], [(e.what, e.checked) for e in good])
    if not faults:
        if not as_json:
            out().print(f"{counted(len(findings), 'check')}, no fault.")
        return
    if not as_json:
        for each in faults:
            err().print(f"\n{each.what}: {each.fault}", markup=False)
    raise InputError(
        f"{counted(len(faults), 'fault')} in the definitions, or in what they promise.",
        where=opened.name,
        hint="Mend them, and check again.",
    )


def _entry(finding: Finding) -> dict[str, Any]:
    fault = finding.fault
    return {
        "what": finding.what,
        "ok": fault is None,
        "checked": finding.checked,
        "error": type(fault).__name__ if fault else None,
        "fault": fault.what if fault else None,
        "where": fault.where if fault else None,
        "hint": fault.hint if fault else None,
    }


def write_cube_schemas(
    to: Annotated[Path, typer.Option("--to", help="Folder for the schemas.")],
) -> None:
    """Write the JSON Schemas of definition files, for completion in editors."""
    from acrm_olap.definitions.schema import write_schemas

    try:
        paths = write_schemas(to)
    except OSError as error:
        raise InputError(
            "The schemas cannot be written.",
            where=f"{to}: {error.strerror or error}",
            hint="Give a folder that you may write to.",
        ) from error
    for path in paths:
        out().print(f"Wrote {path}.", markup=False)
