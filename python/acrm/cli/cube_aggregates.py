"""``acrm cube aggregates`` and ``acrm cube advise``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.cli.cube_open import Database, Folders, Version, opened, target_of
from acrm.console import err, out, show_table
from acrm.errors import InputError
from acrm.project import find_project
from acrm.words import counted

if TYPE_CHECKING:
    from acrm_olap.aggregates.advise import Proposal


def aggregates(
    write: Annotated[
        bool,
        typer.Option("--write", help="Write the dbt models that definitions declare."),
    ] = False,
    in_step: Annotated[
        bool,
        typer.Option("--in-step", help="Fail if models are not as defined."),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Hold answers from aggregates against the facts."),
    ] = False,
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
) -> None:
    """Show which aggregate tables cubes have; write and check them.

    Aggregates are declared in olap/cubes. Their dbt models, contracts and tests stand
    in models/marts/aggregates and tests/dbt/aggregates, and are made, never edited.
    """
    if (write or in_step) and not check and (database or version or definitions):
        raise InputError(
            "Models are written from the definitions of the project, without asking"
            " a file.",
            hint="Leave out --database, --version and --definitions, or add --check.",
        )
    if write:
        _write()
    if in_step:
        _require_in_step()
    if check:
        _check(database, version, definitions)
    if not (write or in_step or check):
        _show(database, version, definitions)


def advise(
    log: Annotated[
        Path, typer.Option("--log", help="Log of queries: connect(..., log=FILE).")
    ],
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Aggregates of a cube, at most.")
    ] = 5,
) -> None:
    """Propose aggregate tables from a log of queries, with their size and gain.

    The gain is the share of all rows read by the queries of a cube that facts had to
    answer which would not be read any more.
    """
    from acrm_olap.aggregates.advise import advise as propose
    from acrm_olap.aggregates.advise import read_log
    from acrm_olap.running.sizes import FileSizes

    asked = read_log(log)
    with opened(database, version, definitions) as cubes:
        engine = cubes.engine
        sizes = FileSizes(engine)
        names = [
            name
            for name in dict.fromkeys(ask.cube for ask in asked)
            if name in engine.aggregates
        ]
        found = [
            proposal
            for name in names
            for proposal in propose(engine.cube(name), asked, sizes, most)
        ]
    facts = sum(asked.values())
    if not found:
        out().print(
            f"No aggregate is worth having for the {counted(facts, 'query', 'queries')}"
            " that facts answered.",
            markup=False,
        )
        return
    _print_proposals(found)


def _print_proposals(found: list[Proposal]) -> None:
    show_table(
        ["cube", "aggregate", "rows", "of the fact", "queries", "rows saved"],
        [
            [
                each.cube, each.name, f"{each.rows:,}",
                f"{each.rows / max(each.fact_rows, 1):.1%}", f"{each.queries:,}",
                f"{each.gain:.1%}",
            ]
            for each in found
        ],
        numbers=[2, 3, 4, 5],
    )  # fmt: skip
    for cube in dict.fromkeys(each.cube for each in found):
        out().print(f"\n# in the definition of the cube {cube}:", markup=False)
        out().print("aggregates:", markup=False)
        for each in found:
            if each.cube == cube:
                out().print(each.yaml(), markup=False)
    err().print("Then: acrm cube aggregates --write, and build.", markup=False)


def _write() -> None:
    from acrm_olap.aggregates.models import write_models

    written, removed = write_models(find_project().root)
    for path in written:
        out().print(f"wrote {path}", markup=False)
    for path in removed:
        out().print(f"removed {path}", markup=False)
    if not written and not removed:
        out().print("All models of aggregates are as the definitions say.")


def _require_in_step() -> None:
    from acrm_olap.aggregates.models import changed_files, model_files, stale_files

    root = find_project().root
    files = model_files(root)
    wrong = [*changed_files(root, files), *stale_files(root, files)]
    if wrong:
        raise InputError(
            f"{counted(len(wrong), 'file')} of aggregates not as the definitions say.",
            where=", ".join(map(str, wrong)),
            hint="Run `acrm cube aggregates --write`.",
        )


def _check(
    database: Path | None, version: int | None, definitions: list[Path] | None
) -> None:
    from acrm_olap.running.self_check import check_aggregates

    with opened(database, version, definitions) as cubes:
        checks = list(check_aggregates(cubes.engine))
    wrong = [each for each in checks if each.fault]
    for each in wrong:
        levels = ", ".join(each.query.rows) or "nothing"
        err().print(f"{each.table} by {levels}: {each.fault}", markup=False)
    cells = sum(each.cells for each in checks)
    if wrong:
        raise InputError(
            f"{len(wrong)} of {len(checks)} answers of aggregates are wrong.",
            where=str(target_of(database, version)),
            hint="Build them anew: acrm build --select models/marts/aggregates.",
        )
    queries = counted(len(checks), "query", "queries")
    out().print(
        f"Aggregates answer {queries}, of {counted(cells, 'cell')}, as facts do.",
        markup=False,
    )


def _show(
    database: Path | None, version: int | None, definitions: list[Path] | None
) -> None:
    with opened(database, version, definitions) as cubes:
        engine = cubes.engine
        rows = []
        for name, tables in engine.aggregates.items():
            for table in tables:
                reason = engine.proofs.why_not(table)
                size = "" if reason else f"{engine.proofs.size(table):,}"
                rows.append([name, table.name, ", ".join(table.grain), size,
                             reason or "in use"])  # fmt: skip
    if not rows:
        out().print("No cube declares an aggregate; `acrm cube advise` proposes some.")
        return
    show_table(["cube", "table", "grouped by", "rows", "state"], rows, numbers=[3])
