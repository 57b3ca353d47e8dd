"""Measures of cubes as measures and metrics of MetricFlow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from acrm_olap.definitions import BoundCube, BoundMeasure
from acrm_olap.definitions.calculations import home_of, needs, reference
from acrm_olap.definitions.model import Over
from acrm_olap.export.parts import (
    LeftOut,
    argument_sql,
    joined_columns,
    plain_sql,
    quotient,
)
from acrm_olap.expressions import Node, names

AGGREGATIONS = {
    "sum": "sum", "count": "count", "min": "min", "max": "max", "avg": "average",
    "count_distinct": "count_distinct", "median": "median", "quantile": "percentile",
}  # fmt: skip
WHY_NOT = {
    "first": "MetricFlow has no first value.",
    "last": "MetricFlow has no last value.",
    "approx_count_distinct": "MetricFlow has no sketches; count_distinct is exact.",
}
WHY_NOT_OVER = {
    Over.AVERAGE: "MetricFlow has no average over the snapshots of {role}.",
    Over.NEVER: "it is never added up over {role}, which MetricFlow cannot refuse.",
}
WINDOWS = {Over.CLOSING: "max", Over.OPENING: "min"}
NAME = re.compile(r"^[a-z](?!.*__)[a-z0-9_]*[a-z0-9]$")


@dataclass
class Metrics:
    """Metrics of all cubes.

    Parameters
    ----------
    left_out : list of LeftOut
        Gets measures that have no metric, with the reason.
    times : dict of str to str
        The time of each cube that has a semantic model.
    """

    left_out: list[LeftOut]
    times: dict[str, str] = field(default_factory=dict)
    _labels: set[str] = field(default_factory=set)
    _reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def measures(self, cube: BoundCube) -> list[dict[str, Any]]:
        """Return the measures of a cube's semantic model."""
        return [
            self._measure(measure)
            for measure in cube.measures.values()
            if not measure.is_calculated and not self.reason(cube, measure)
        ]

    def of(self, cube: BoundCube) -> list[dict[str, Any]]:
        """Return the metrics of a cube, or those that a virtual cube adds."""
        found = []
        units: dict[str, list[str]] = {}
        for measure in cube.measures.values():
            if measure.cube != cube.name:
                continue
            reason = self.reason(cube, measure)
            if reason:
                self.left_out.append(
                    LeftOut(cube.name, f"measure {measure.name}", reason)
                )
                continue
            found.append(self._metric(cube, measure))
            if measure.measure.unit.startswith("@"):
                units.setdefault(measure.measure.unit[1:], []).append(measure.name)
        for column, titles in units.items():
            self.left_out.append(
                LeftOut(
                    cube.name, f"refusal to add up units of {', '.join(titles)}",
                    f"filter or group by {column}, for MetricFlow adds them up.",
                )
            )  # fmt: skip
        snapshots = [
            measure.name
            for measure in cube.measures.values()
            if measure.cube == cube.name
            and measure.measure.over
            and not self.reason(cube, measure)
        ]
        if snapshots:
            self.left_out.append(
                LeftOut(
                    cube.name, f"last and first days of {', '.join(snapshots)}",
                    "MetricFlow takes those of the rows that are left under a filter,"
                    " and of periods of metric_time alone: group by a level instead of"
                    " filtering by it, and by metric_time.",
                )
            )  # fmt: skip
        if cube.definition.sets:
            named = ", ".join(cube.definition.sets)
            self.left_out.append(
                LeftOut(cube.name, f"named sets {named}", "MetricFlow has none.")
            )
        return found

    def reason(self, cube: BoundCube, measure: BoundMeasure) -> str:
        """Return why a measure has no metric; nothing if it has one."""
        key = (measure.cube, measure.name)
        if key not in self._reasons:
            self._reasons[key] = self._reason(home_of(cube, measure), measure)
        return self._reasons[key]

    def _reason(self, cube: BoundCube, measure: BoundMeasure) -> str:
        name = metric_name(measure)
        if not NAME.match(name):
            return f"'{name}' is no name that MetricFlow takes."
        if measure.is_calculated and measure.node is not None:
            return self._why_not_calculated(cube, measure, measure.node)
        if measure.cube not in self.times:
            return "its cube is left out."
        outside = joined_columns(measure.node, measure.filter)
        if outside:
            return f"{outside[0]} stands in a table that the fact looks up."
        return WHY_NOT.get(measure.measure.kind) or self._why_not_over(measure)

    def _why_not_calculated(
        self, cube: BoundCube, measure: BoundMeasure, node: Node
    ) -> str:
        more = [text for text in names(node) if reference(cube, text).variants]
        if more:
            return f"it goes through time or the axes: {', '.join(more)}."
        for title in needs(cube, measure):
            if self.reason(cube, cube.measures[title]):
                return f"it is made of {title}, which is left out."
        return "" if names(node) else "it is made of no measure."

    def _why_not_over(self, measure: BoundMeasure) -> str:
        over = measure.measure.over
        if not over:
            return ""
        role, rule = next(iter(over.items()))
        if len(over) > 1:
            return "it is not additive in several dimensions."
        if rule not in WINDOWS:
            return WHY_NOT_OVER[rule].format(role=role)
        if f"{role}_time" != self.times[measure.cube]:
            return f"its snapshots go by {role}, which is not the time of the cube."
        return ""

    def _measure(self, measure: BoundMeasure) -> dict[str, Any]:
        kind = measure.measure.kind
        found: dict[str, Any] = {
            "name": metric_name(measure),
            "agg": AGGREGATIONS[kind],
            "expr": argument_sql(measure),
        }
        if kind == "quantile":
            found["agg_params"] = {
                "percentile": measure.measure.at,
                "use_discrete_percentile": False,
            }
        for rule in measure.measure.over.values():
            found["non_additive_dimension"] = {
                "name": self.times[measure.cube],
                "window_choice": WINDOWS[rule],
            }
        return found

    def _label(self, cube: BoundCube, measure: BoundMeasure) -> str:
        """Return what people read; no two metrics may have the same."""
        label = f"{measure.caption} ({cube.caption})"
        if label in self._labels:
            label = f"{measure.caption} ({metric_name(measure)})"
        self._labels.add(label)
        return label

    def _metric(self, cube: BoundCube, measure: BoundMeasure) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": metric_name(measure),
            "label": self._label(cube, measure),
        }
        about = measure.measure.description.strip()
        unit = measure.measure.unit
        if unit.startswith("@"):
            unit = f"that of {unit[1:]}"
        if about or unit:
            found["description"] = f"{about}{f' Unit: {unit}.' if unit else ''}".strip()
        if not measure.is_calculated or measure.node is None:
            found |= {
                "type": "simple",
                "type_params": {"measure": {"name": metric_name(measure)}},
            }
            return found
        home = home_of(cube, measure)

        def metric(text: str) -> str:
            return metric_name(home.measures[text])

        ratio = quotient(measure.node)
        if ratio:
            above, below = map(metric, ratio)
            found |= {
                "type": "ratio",
                "type_params": {"numerator": above, "denominator": below},
            }
            return found
        inputs = dict.fromkeys(metric(text) for text in names(measure.node))

        def column(text: str) -> exp.Expr:
            return exp.column(metric(text))

        found |= {
            "type": "derived",
            "type_params": {
                "expr": plain_sql(measure.node, column),
                "metrics": [{"name": name} for name in inputs],
            },
        }
        return found


def metric_name(measure: BoundMeasure) -> str:
    """Return what a measure is called among the metrics of all cubes."""
    return f"{measure.cube}_{measure.name}"
