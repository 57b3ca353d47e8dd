"""Definitions that were held against a warehouse: names are columns, with types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrm_olap.definitions.model import (
    Cube,
    Dimension,
    Hierarchy,
    Level,
    Measure,
    Period,
    Use,
    VirtualCube,
)
from acrm_olap.definitions.named_sets import NamedSet
from acrm_olap.errors import UnknownNameError

if TYPE_CHECKING:
    from acrm_olap.expressions import Node


@dataclass(frozen=True)
class BoundLevel:
    """A level of a dimension as a cube uses it.

    Parameters
    ----------
    use : str
        The role: ``customer``, ``shipped_date``.
    name : str
        The level, or the tree hierarchy it stands for: ``region``.
    level : Level
        Its definition.
    types : tuple of str
        DuckDB types of its key columns.
    tree : str
        The parent-child hierarchy, if this is a member with all that is under it.
    """

    use: str
    name: str
    level: Level
    types: tuple[str, ...]
    tree: str = ""

    @property
    def path(self) -> str:
        """``customer.region``."""
        return f"{self.use}.{self.name}"

    @property
    def period(self) -> Period | None:
        """Which stretch of time a member is."""
        return self.level.period


@dataclass(frozen=True)
class Stored:
    """How an aggregate table has a dimension whose key it does not keep.

    Parameters
    ----------
    columns : mapping of str to tuple of str
        Its columns for the keys of the levels that it keeps.
    above : mapping of str to str
        Levels that it can be rolled up to, and the kept level that decides each of
        them: of a month its year. Whoever fills it in has proved that.
    days : str
        The kept level none of whose members a cut of days of the query parts in two.
    """

    columns: Mapping[str, tuple[str, ...]]
    above: Mapping[str, str]
    days: str = ""


@dataclass(frozen=True)
class BoundUse:
    """A dimension in a role.

    Parameters
    ----------
    name : str
        The role.
    use : Use
        How the fact points to it.
    dimension : Dimension or None
        Its definition; None if its levels are columns of the fact.
    levels : mapping of str to BoundLevel
        The levels that the fact knows; trees under the name of their hierarchy.
    hierarchies : mapping of str to Hierarchy
        Ways down, cut off below the finest level that is known.
    stored : Stored or None
        If it is a dimension of an aggregate table that does not keep its key.
    """

    name: str
    use: Use
    dimension: Dimension | None
    levels: Mapping[str, BoundLevel]
    hierarchies: Mapping[str, Hierarchy]
    stored: Stored | None = None

    def base_of(self, level: BoundLevel) -> str:
        """Return the name of a level, of a tree that of its members' level."""
        return str(self.hierarchies[level.tree].level) if level.tree else level.name

    @property
    def is_time(self) -> bool:
        """Whether its members are stretches of time."""
        return any(level.period for level in self.levels.values())

    @property
    def caption(self) -> str:
        """What people read."""
        given = self.use.caption or (self.dimension.caption if self.dimension else "")
        return given or spelt_out(self.name)

    @property
    def leaf(self) -> BoundLevel:
        """The level that a bare value is looked up in."""
        if self.name in self.levels:
            return self.levels[self.name]
        for hierarchy in self.hierarchies.values():
            if not (hierarchy.is_tree or hierarchy.by_depth):
                return self.levels[hierarchy.levels[-1]]
        return list(self.levels.values())[-1]

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Return the levels above a level in the first hierarchy that has it."""
        for hierarchy in self.hierarchies.values():
            if name in hierarchy.levels:
                return tuple(hierarchy.levels[: hierarchy.levels.index(name)])
        return ()


@dataclass(frozen=True)
class BoundMeasure:
    """A measure of a cube.

    Parameters
    ----------
    cube : str
        Whose.
    name : str
        Its name.
    measure : Measure
        Its definition.
    node : Node or None
        What is aggregated or calculated; None counts rows.
    filter : Node or None
        Condition of the rows that count.
    data_type : str
        DuckDB type of what is aggregated; empty if it is calculated.
    stored : tuple of str
        Columns of an aggregate table that have its components; empty if it is
        aggregated over rows of the fact.
    summed_apart : bool
        Whether a sum of a difference is the difference of sums: of numbers that are
        exact and in every row. Whoever sets it has proved that.
    """

    cube: str
    name: str
    measure: Measure
    node: Node | None
    filter: Node | None
    data_type: str = ""
    stored: tuple[str, ...] = ()
    summed_apart: bool = False

    @property
    def is_calculated(self) -> bool:
        """Whether it is made of other measures."""
        return self.measure.kind == "expression"

    @property
    def caption(self) -> str:
        """What people read."""
        return self.measure.caption or spelt_out(self.name)


@dataclass(frozen=True)
class BoundCube:
    """A cube, or a virtual cube, ready for queries.

    Parameters
    ----------
    name : str
        Its name.
    definition : Cube or VirtualCube
        As it was read.
    uses : mapping of str to BoundUse
        Dimensions by role; of a virtual cube, those that some of its cubes have.
    measures : mapping of str to BoundMeasure
        By name; of a virtual cube also ``cube.measure``.
    sets : mapping of str to NamedSet
        By name.
    parts : tuple of BoundCube
        The cubes of a virtual cube; the cube itself otherwise.
    columns : mapping of str to str
        Columns of the fact and its joined tables, with types.
    where : Node or None
        Condition of the rows that belong to it.
    """

    name: str
    definition: Cube | VirtualCube
    uses: Mapping[str, BoundUse]
    measures: Mapping[str, BoundMeasure]
    sets: Mapping[str, NamedSet]
    parts: tuple[BoundCube, ...]
    columns: Mapping[str, str]
    where: Node | None

    @property
    def is_virtual(self) -> bool:
        """Whether it is made of other cubes."""
        return isinstance(self.definition, VirtualCube)

    @property
    def base(self) -> Cube:
        """The definition of a cube that is not virtual."""
        if not isinstance(self.definition, Cube):
            raise TypeError(self.name)
        return self.definition

    @property
    def caption(self) -> str:
        """What people read."""
        return self.definition.caption or spelt_out(self.name)

    @property
    def level_paths(self) -> list[str]:
        """``customer.region`` and so on, of all levels."""
        return [
            level.path for use in self.uses.values() for level in use.levels.values()
        ]

    def measure(self, name: str, *, where: str = "") -> BoundMeasure:
        """Return a measure.

        Raises
        ------
        UnknownNameError
            If the cube has none of that name.
        """
        found = self.measures.get(name)
        if found is None:
            raise UnknownNameError(
                "measure", name, self.measures, owner=f"cube '{self.name}'", where=where
            )
        return found

    def has_level(self, path: str) -> bool:
        """Whether a path is that of a level, as of ``level``."""
        return self._level(path) is not None

    def level(self, path: str, *, where: str = "") -> BoundLevel:
        """Return a level by ``role.level``, ``role.hierarchy.level`` or ``role``.

        Raises
        ------
        UnknownNameError
            If the cube has no such level.
        """
        found = self._level(path)
        if found is None:
            raise UnknownNameError(
                "level",
                path,
                self.level_paths,
                owner=f"cube '{self.name}'",
                where=where,
            )
        return found

    def _level(self, path: str) -> BoundLevel | None:
        role, _, rest = path.partition(".")
        use = self.uses.get(role)
        if use is None:
            return None
        if not rest:
            return use.leaf
        hierarchy, _, last = rest.rpartition(".")
        if hierarchy and last not in _levels_of(use, hierarchy):
            return None
        return use.levels.get(last)


def _levels_of(use: BoundUse, hierarchy: str) -> list[str]:
    found = use.hierarchies.get(hierarchy)
    return found.levels if found else []


def spelt_out(name: str) -> str:
    """Return a name as people would write it: ``margin_pct`` becomes ``Margin pct``."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
