"""Semantic models: entities, dimensions and time of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse, spelt_out
from acrm_olap.definitions.model import Level
from acrm_olap.export.metrics import NAME
from acrm_olap.export.parts import LeftOut, is_joined, own_sql, title_of
from acrm_olap.expressions import split_name

# Words that MetricFlow keeps for itself; no element may be called so.
GRANULARITIES = (
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day",
    "week", "month", "quarter", "year",
)  # fmt: skip
RESERVED = {*GRANULARITIES, "metric_time"}
FINEST = {"day", "week", "month", "quarter", "year"}


@dataclass(frozen=True)
class Time:
    """A time in a fact.

    Parameters
    ----------
    name : str
        of the time dimension: ``date_time``.
    column : str
        Of the fact.
    granularity : str
        The finest stretch of time that the fact tells apart.
    """

    name: str
    column: str
    granularity: str


def model_ref(table: str) -> str:
    """Return the reference to the model that builds a table."""
    return f"ref('{split_name(table)[1]}')"


def time_of(cube: BoundCube, role: str = "") -> Time | None:
    """Return a time of a cube that MetricFlow can use: its key is the day itself.

    Parameters
    ----------
    cube : BoundCube
        Not a virtual one.
    role : str, optional
        Which; by default the cube's own time, else the first there is.
    """
    if not role:
        roles = [*([cube.base.time] if cube.base.time else []), *cube.uses]
        return next(filter(None, (time_of(cube, each) for each in roles)), None)
    use = cube.uses[role]
    calendar = use.dimension.calendar if use.dimension else None
    key = use.use.key
    if calendar is None or use.dimension is None or key is None or is_joined(key):
        return None
    if use.dimension.key != calendar.date:
        return None
    finest = use.use.finest
    period = use.levels[finest].period if finest else None
    granularity = str(period) if period and str(period) in FINEST else "day"
    return Time(f"{role}_time", key, granularity)


class Roles:
    """Entities of the roles of all cubes; cubes share those that mean the same."""

    def __init__(self, cubes: Mapping[str, BoundCube]) -> None:
        self.used: dict[str, BoundUse] = {}
        self._of: dict[str, dict[str, str]] = {}
        for cube in cubes.values():
            found = {}
            for role, use in cube.uses.items():
                key = use.use.key
                if use.dimension is None or key is None or is_joined(key):
                    continue
                entity = self._entity(cube.name, use)
                self.used.setdefault(entity, use)
                found[role] = entity
            self._of[cube.name] = found
        # An entity of one model may be called as no dimension of any other is.
        self.names = {*self.used, *map(self.primary, cubes.values())}

    def primary(self, cube: BoundCube) -> str:
        """Return the entity of a cube's own rows."""
        return f"{cube.name}_row" if cube.name in self.used else cube.name

    def _entity(self, cube: str, use: BoundUse) -> str:
        same = self.used.get(use.name)
        fits = same is None or (
            same.dimension == use.dimension and list(same.levels) == list(use.levels)
        )
        # A fact that knows months alone must not be asked for days.
        return use.name if fits and not use.use.finest else f"{cube}_{use.name}"

    def of(self, cube: BoundCube) -> dict[str, str]:
        """Return the entities of a cube, by role."""
        return self._of[cube.name]


@dataclass
class Semantic:
    """A semantic model in the making.

    Parameters
    ----------
    name : str
        Of it.
    model : str
        The dbt model that it is of.
    taken : set of str
        Names that its dimensions cannot have.
    """

    name: str
    model: str
    taken: set[str]
    content: dict[str, Any] = field(default_factory=dict)
    entities: list[dict[str, Any]] = field(default_factory=list)
    dimensions: dict[str, dict[str, Any]] = field(default_factory=dict)
    measures: list[dict[str, Any]] = field(default_factory=list)

    def describe(self, text: str) -> None:
        """Say what a row is."""
        if text:
            self.content["description"] = text.strip()

    def entity(self, name: str, kind: str, column: str) -> None:
        """Add a key."""
        self.entities.append({"name": name, "type": kind, "expr": column})

    def time(self, time: Time) -> None:
        """Add a time."""
        self.dimensions[time.name] = {
            "name": time.name,
            "type": "time",
            "expr": own_sql(time.column),
            "type_params": {"time_granularity": time.granularity},
        }

    def level(
        self, name: str, keys: Iterable[str], label: str, level: Level, owner: str = ""
    ) -> None:
        """Add a level: its key, or each of its keys, and its label."""
        columns = list(keys)
        safe = name
        if safe in RESERVED or safe in self.taken:
            safe = f"{owner}_{name}" if owner and owner != name else f"{name}_member"
        about = level.description.strip()
        if len(columns) == 1:
            self._categorical(safe, columns[0], level, about)
        else:
            parts = [_part(safe, number, each) for number, each in enumerate(columns)]
            about = f"{about} Group by all of {', '.join(parts)}.".strip()
            for part, column in zip(parts, columns, strict=True):
                self._categorical(part, column, level, about)
        if label not in columns:
            about = f"Label of {safe}; two members may share it."
            self._categorical(f"{safe}_label", label, level, about)
        for attribute, column in level.attributes.items():
            self._categorical(f"{safe}_{attribute}", column, level, "")

    def _categorical(self, name: str, column: str, level: Level, about: str) -> None:
        found = {
            "name": name,
            "type": "categorical",
            "expr": own_sql(column),
            "label": level.caption or spelt_out(name),
        }
        if about:
            found["description"] = about
        self.dimensions[name] = found

    def dict(self) -> dict[str, Any]:
        """Return it as YAML has it."""
        found = {"name": self.name, "model": self.model, **self.content}
        if self.entities:
            found["entities"] = self.entities
        if self.dimensions:
            found["dimensions"] = list(self.dimensions.values())
        if self.measures:
            found["measures"] = self.measures
        return found


def _part(level: str, number: int, column: str) -> str:
    """Return what one of several keys is called: by its column, if it can be."""
    name = f"{level}_{title_of(column)}"
    return name if NAME.match(name) else f"{level}_key{number}"


def dimension_model(
    entity: str, use: BoundUse, taken: set[str], left_out: list[LeftOut]
) -> list[dict[str, Any]]:
    """Return the semantic model of a dimension in a role, and those of its outriggers.

    Parameters
    ----------
    entity : str
        The key that facts have.
    use : BoundUse
        The dimension in the role.
    taken : set of str
        Names of all entities.
    left_out : list of LeftOut
        Gets what has no place in it.
    """
    dimension = use.dimension
    if dimension is None:
        return []
    model = Semantic(f"dimension_{entity}", model_ref(dimension.table), taken)
    model.describe(dimension.description)
    model.entity(entity, "primary", own_sql(dimension.key))

    def leave(what: str, reason: str) -> None:
        left_out.append(LeftOut("", f"{what} of {entity}", reason))

    if dimension.history is not None:
        leave("as is, and as of a date,", "MetricFlow joins members as they were.")
    for title, hierarchy in use.hierarchies.items():
        if hierarchy.is_tree:
            leave(
                f"parent-child hierarchy {title}",
                "MetricFlow does not add up members under members.",
            )
    for level in use.levels.values():
        if not level.tree:
            _add_level(model, level, dimension.dimension, leave)
    if not model.dimensions:
        leave("levels", "none stands in the table of the dimension itself.")
    return [model.dict()]


def _add_level(model: Semantic, level: BoundLevel, owner: str, leave: Any) -> None:
    found = level.level
    outside = [
        column
        for column in (*found.keys, found.shown, *found.attributes.values())
        if is_joined(column)
    ]
    if outside:
        leave(
            f"level {level.name}",
            f"its column {outside[0]} stands in a further table. Give it to the table"
            " of the dimension.",
        )
        return
    if found.hide_if:
        leave(
            f"hiding of members of level {level.name}",
            "MetricFlow shows all members of a ragged level.",
        )
    model.level(level.name, found.keys, found.shown, found, owner)
