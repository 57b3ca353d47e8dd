"""``acrm cube export`` and ``acrm cube views``: cubes for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.console import out
from acrm.project import find_project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from acrm.project import Project

Definitions = Annotated[
    Path | None,
    typer.Option(help="Folder of the YAML of cubes; olap/ of the project by default."),
]
EXPORT_EXAMPLES = (
    "acrm cube export --metricflow models/semantic",
    "acrm cube export --atoti sales.py --cube sales",
)
VIEWS_EXAMPLES = ("acrm cube views", "acrm cube views --write")


def export_cubes(
    metricflow: Annotated[
        Path | None,
        typer.Option(help="Folder for semantic models and metrics of dbt."),
    ] = None,
    atoti: Annotated[
        Path | None, typer.Option(help="File for a Python script that uses Atoti.")
    ] = None,
    cube: Annotated[str, typer.Option(help="Which cube, for Atoti.")] = "",
    database: Annotated[
        str, typer.Option(help="For Atoti: a DuckDB file, or published:12.")
    ] = "published",
    definitions: Definitions = None,
) -> None:
    """Write the cubes for MetricFlow or Atoti.

    Both answer from the same definitions. What they cannot say is listed, with the
    reason, here and in what is written.
    """
    from acrm_olap.errors import MeaningError

    if (metricflow is None) == (atoti is None):
        raise MeaningError(
            "Nothing says what to export for."
            if metricflow is None
            else "The export can be for one tool at a time.",
            hint="Give --metricflow FOLDER or --atoti FILE.",
        )
    if metricflow is not None:
        _metricflow(find_project(), metricflow, definitions)
    elif atoti is not None:
        _atoti(atoti, cube, database, definitions)


def cube_views(
    write: Annotated[
        bool, typer.Option("--write", help="Write the models that are behind.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option(help="Folder; models/marts/cubes by default.")
    ] = None,
    definitions: Definitions = None,
) -> None:
    """Keep dbt models of the cubes' SQL views, one a cube, in step with definitions.

    A publication puts these views into its file by itself, without any model: models
    are for files that dbt builds alone, and are published as tables.

    Without --write it says which models are behind, and fails if any is.
    """
    from acrm_olap.errors import DefinitionError
    from acrm_olap.export import view_files, write_files
    from acrm_olap.export.contracts import promised_tables, types_of
    from acrm_olap.export.files import behind

    project = find_project()
    folder = to or project.root / "models" / "marts" / "cubes"
    with promised_tables(project.root / "models" / "marts") as tables:
        cubes = _bound(project, definitions, tables)
        files, left_out = view_files(cubes, lambda sql: types_of(tables, sql))
    late = behind(folder, files)
    if write:
        write_files(folder, files)
        _say(folder, len(files), left_out)
        return
    if late:
        raise DefinitionError(
            f"{len(late)} files are behind the definitions: {', '.join(late)}.",
            where=str(folder),
            hint="Run `acrm cube views --write`.",
        )
    out().print(f"The {len(files)} files in {folder} are as the definitions have them.")


def _bound(project: Project, definitions: Path | None, tables: object) -> dict:  # type: ignore[type-arg]
    from acrm_olap.definitions import bind, read_catalog, read_definitions

    found = read_definitions([definitions or project.root / "olap"])
    return bind(found, read_catalog(tables))  # type: ignore[arg-type]


def _metricflow(project: Project, folder: Path, definitions: Path | None) -> None:
    from acrm_olap.export import metricflow_files, write_files
    from acrm_olap.export.contracts import promised_tables

    with promised_tables(project.root / "models" / "marts") as tables:
        exported = metricflow_files(_bound(project, definitions, tables))
    write_files(folder, exported.files)
    _say(folder, len(exported.files), exported.left_out)


def _atoti(path: Path, cube: str, database: str, definitions: Path | None) -> None:
    from acrm_olap import connect
    from acrm_olap.errors import MeaningError

    if not cube:
        raise MeaningError("A script for Atoti is of one cube.", hint="Give --cube.")
    with connect(database, definitions) as cubes:
        cubes[cube].to_atoti(path)
    out().print(f"Wrote {path}; what it leaves out is listed at its head.")


def _say(folder: Path, count: int, left_out: Iterable[object]) -> None:
    out().print(f"Wrote {count} files into {folder}.")
    listed = list(left_out)
    if listed:
        out().print("Left out, since there is no way to say it:")
        for each in listed:
            out().print(f"  {each}", markup=False)
