"""Cubes as semantic models and metrics of dbt, which MetricFlow answers.

Every cube becomes a semantic model over its fact, every role of a dimension one over
the dimension's table, every measure a metric ``<cube>_<measure>``. A level is asked for
as ``<role>__<level>``; one whose key is not its label has both, as ``<level>`` and
``<level>_label``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from acrm_olap.definitions import BoundCube, BoundUse
from acrm_olap.definitions.sources import why_no_models
from acrm_olap.errors import DefinitionError
from acrm_olap.export.files import HEADER
from acrm_olap.export.metrics import Metrics
from acrm_olap.export.parts import (
    Exported,
    LeftOut,
    is_joined,
    joined_columns,
    own_sql,
    plain_sql,
)
from acrm_olap.export.semantic import (
    Roles,
    Semantic,
    dimension_model,
    model_ref,
    time_of,
)
from acrm_olap.expressions import parse

SPINE = "cubes_time_spine"


def metricflow_files(cubes: Mapping[str, BoundCube]) -> Exported:
    """Return the YAML of semantic models and metrics, and a time spine.

    Parameters
    ----------
    cubes : mapping of str to BoundCube
        Cubes and virtual cubes; their tables are models of a dbt project.

    Raises
    ------
    DefinitionError
        If no dimension has a calendar: there is nothing to make a time spine of.
    """
    return _Export(cubes).exported()


class _Export:
    def __init__(self, cubes: Mapping[str, BoundCube]) -> None:
        self.left_out: list[LeftOut] = []
        self.cubes = self._of_models(cubes)
        self.virtual = {name: cube for name, cube in cubes.items() if cube.is_virtual}
        self.roles = Roles(self.cubes)
        self.metrics = Metrics(self.left_out)
        self.files: dict[str, str] = {}

    def _of_models(self, cubes: Mapping[str, BoundCube]) -> dict[str, BoundCube]:
        """Return the cubes whose tables models can build."""
        found = {}
        for name, cube in cubes.items():
            if cube.is_virtual:
                continue
            if reason := why_no_models(cube):
                self._leave(cube, "the cube", reason)
            else:
                found[name] = cube
        return found

    def exported(self) -> Exported:
        self._time_spine()
        for cube in self.cubes.values():
            before = len(self.left_out)
            model = self._cube(cube)
            metrics = self.metrics.of(cube) if model else []
            self._write(f"cube_{cube.name}", [model] if model else [], metrics, before)
        for entity, use in self.roles.used.items():
            before = len(self.left_out)
            models = dimension_model(entity, use, self.roles.names, self.left_out)
            self._write(f"dimension_{entity}", models, [], before)
        for cube in self.virtual.values():
            before = len(self.left_out)
            self._write(f"cube_{cube.name}", [], self.metrics.of(cube), before)
        return Exported(self.files, tuple(self.left_out))

    def _write(
        self, name: str, models: list[Any], metrics: list[Any], before: int
    ) -> None:
        content: dict[str, Any] = {"version": 2}
        if models:
            content["semantic_models"] = models
        if metrics:
            content["metrics"] = metrics
        self.files[f"{name}.yml"] = _text(content, self.left_out[before:])

    def _time_spine(self) -> None:
        for use in (use for cube in self.cubes.values() for use in cube.uses.values()):
            dimension = use.dimension
            if dimension is not None and dimension.calendar is not None:
                break
        else:
            raise DefinitionError(
                "No cube has a dimension of days.",
                hint="MetricFlow needs one: give a dimension `calendar`, and a cube"
                " that uses it.",
            )
        day = dimension.calendar.date
        kept = (
            f"\nwhere not coalesce({plain_sql(parse(dimension.special))}, false)"
            if dimension.special
            else ""
        )
        self.files[f"{SPINE}.sql"] = (
            f"-- {HEADER}\n"
            "{{ config(materialized='view', contract={'enforced': false}) }}\n\n"
            f"select distinct cast({own_sql(day)} as date) as date_day\n"
            f"from {{{{ {model_ref(dimension.table)} }}}}{kept}\n"
        )
        content = {
            "version": 2,
            "models": [
                {
                    "name": SPINE,
                    "description": "Days of the calendar, for MetricFlow.",
                    "time_spine": {"standard_granularity_column": "date_day"},
                    "columns": [
                        {
                            "name": "date_day",
                            "description": "The day.",
                            "granularity": "day",
                        }
                    ],
                }
            ],
        }
        self.files[f"{SPINE}.yml"] = _text(content, [])

    def _cube(self, cube: BoundCube) -> dict[str, Any] | None:
        time = time_of(cube)
        if time is None:
            self._leave(
                cube, "the cube",
                "MetricFlow needs a date in the fact for every measure; no dimension"
                " of days has the day itself as its key.",
            )  # fmt: skip
            return None
        outside = joined_columns(cube.where)
        if outside:
            self._leave(
                cube, "the cube",
                f"its rows are chosen by {outside[0]}, which is not in its fact.",
            )  # fmt: skip
            return None
        taken = self.roles.of(cube)
        rows = self._rows(cube) if cube.where else model_ref(cube.base.fact)
        model = Semantic(f"cube_{cube.name}", rows, self.roles.names)
        self.metrics.times[cube.name] = time.name
        model.describe(cube.definition.description)
        self._entities(cube, model, taken)
        for use in cube.uses.values():
            self._use(cube, use, model, taken)
        model.measures = self.metrics.measures(cube)
        model.content["defaults"] = {"agg_time_dimension": time.name}
        return model.dict()

    def _rows(self, cube: BoundCube) -> str:
        """Add a model of the rows that belong to a cube; return its reference."""
        name = f"rows_of_{cube.name}"
        where = plain_sql(cube.where) if cube.where else "true"
        self.files[f"{name}.sql"] = (
            f"-- {HEADER}\n"
            "{{ config(materialized='view', contract={'enforced': false}) }}\n\n"
            f"select * from {{{{ {model_ref(cube.base.fact)} }}}}\n"
            f"where {where}\n"
        )
        return model_ref(name)

    def _entities(
        self, cube: BoundCube, model: Semantic, taken: Mapping[str, str]
    ) -> None:
        primary = self.roles.primary(cube)
        keys = cube.base.keys
        if len(keys) == 1 and not is_joined(keys[0]):
            model.entity(primary, "primary", own_sql(keys[0]))
        else:
            model.content["primary_entity"] = primary
        for role, entity in taken.items():
            model.entity(entity, "foreign", own_sql(str(cube.uses[role].use.key)))

    def _use(
        self,
        cube: BoundCube,
        use: BoundUse,
        model: Semantic,
        taken: Mapping[str, str],
    ) -> None:
        if use.use.span is not None:
            self._leave(
                cube, f"dimension {use.name}",
                "it is joined by dated spans; MetricFlow joins those by the time of"
                " the metric alone. Give the fact the key of the version.",
            )  # fmt: skip
            return
        time = time_of(cube, use.name)
        if time is not None:
            model.time(time)
        if use.name in taken:
            return
        if use.dimension is not None and not use.use.at:
            self._leave(
                cube, f"dimension {use.name}",
                "its key stands in a table that the fact looks up. Give the fact the"
                " column.",
            )  # fmt: skip
            return
        for level in use.levels.values():
            columns = (
                level.level.keys if use.dimension is None else (use.use.at[level.name],)
            )
            label = level.level.shown if use.dimension is None else columns[-1]
            wanted = [*columns, label]
            if any(map(is_joined, wanted)):
                self._leave(
                    cube, f"level {level.path}",
                    "it stands in a table that the fact looks up. Give the fact the"
                    " column, or make the table a dimension.",
                )  # fmt: skip
                continue
            short = use.name if level.name == use.name else f"{use.name}_{level.name}"
            model.level(short, columns, label, level.level)

    def _leave(self, cube: BoundCube, what: str, reason: str) -> None:
        self.left_out.append(LeftOut(cube.name, what, reason))


def _text(content: dict[str, Any], left_out: list[LeftOut]) -> str:
    lines = [f"# {HEADER}"]
    if left_out:
        lines.append("# Left out, since MetricFlow has no way to say it:")
        lines += [f"#   {each.what}: {each.reason}" for each in left_out]
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=88)
    return "\n".join(lines) + f"\n{body}"
