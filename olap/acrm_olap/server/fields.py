"""What the columns of an answer are, and what it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from acrm_olap.definitions import BoundCube
from acrm_olap.definitions.bound import spelt_out
from acrm_olap.results import Result, Source
from acrm_olap.results.answer import SET
from acrm_olap.server.answers import FieldInfo, SourceInfo

if TYPE_CHECKING:
    import pyarrow as pa


def fields_of(result: Result) -> list[FieldInfo]:
    """Return the columns of an answer."""
    found = []
    axes, columns = result.plan.axes, result.plan.columns
    for place, field in enumerate(result.table.schema):
        kind: Literal["level", "measure", "key", "set"] = "key"
        caption, unit, form = "", "", ""
        if place < len(axes):
            kind = "level"
            level = axes[place].level
            caption = level.level.caption or spelt_out(level.name)
        elif place < len(axes) + len(columns):
            column = columns[place - len(axes)]
            kind, caption, form = "measure", column.caption, column.format
            unit = result.units.get(column.name, column.unit)
        elif field.name == SET:
            kind = "set"
        found.append(_field(field, kind, caption, unit, form))
    return found


def fact_fields(cube: BoundCube, table: pa.Table) -> list[FieldInfo]:
    """Return the columns of rows of a fact."""
    found = []
    for field in table.schema:
        if field.name in cube.level_paths:
            level = cube.level(field.name)
            caption = level.level.caption or spelt_out(level.name)
            found.append(_field(field, "level", caption, "", ""))
        else:
            found.append(_field(field, "column", spelt_out(field.name), "", ""))
    return found


def _field(
    field: pa.Field,
    kind: Literal["level", "measure", "key", "set", "column"],
    caption: str,
    unit: str,
    form: str,
) -> FieldInfo:
    return FieldInfo(
        name=field.name, kind=kind, type=str(field.type), caption=caption, unit=unit,
        format=form,
    )  # fmt: skip


def source_of(source: Source) -> SourceInfo:
    """Return what an answer was read from, without the folders of this machine."""
    return SourceInfo(
        name=source.name.rpartition("/")[2], version=source.version,
        data_through=dict(source.data_through), cubes=list(source.cubes),
        served_by=source.served_by, aggregates=list(source.aggregates),
        seconds=source.seconds,
    )  # fmt: skip
