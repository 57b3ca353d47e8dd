"""What a query means: every name resolved, every value typed, every number a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure
from acrm_olap.definitions.references import Moving, Shift, ToDate
from acrm_olap.expressions import Node
from acrm_olap.query import Query

TimeVariant = Shift | ToDate | Moving


@dataclass(frozen=True)
class Axis:
    """A level of the answer.

    Parameters
    ----------
    path : str
        As it was asked for.
    number : int
        Its place: rows from the first, then columns.
    on_rows : bool
        Whether it goes down.
    levels : mapping of str to BoundLevel
        The level in each cube that takes part.
    """

    path: str
    number: int
    on_rows: bool
    levels: Mapping[str, BoundLevel]

    @property
    def level(self) -> BoundLevel:
        """The level, as the first cube knows it."""
        return next(iter(self.levels.values()))


@dataclass(frozen=True)
class TypedCut:
    """A cut with its level resolved and its values of the level's type."""

    level: BoundLevel
    operator: str
    values: tuple[tuple[Any, ...] | None, ...]


@dataclass(frozen=True)
class Atom:
    """A number that a fact gives by itself.

    Parameters
    ----------
    part : str
        The cube.
    measure : BoundMeasure
        Not a calculated one.
    times : tuple of TimeVariant
        What of it, over time.
    """

    part: str
    measure: BoundMeasure
    times: tuple[TimeVariant, ...] = ()


@dataclass(frozen=True)
class Tree:
    """A column of the answer, as it is made of atoms."""


@dataclass(frozen=True)
class Leaf(Tree):
    """An atom, by its number in the plan."""

    atom: int


@dataclass(frozen=True)
class Formula(Tree):
    """An expression over other trees."""

    node: Node
    names: Mapping[str, Tree] = field(hash=False)


@dataclass(frozen=True)
class Difference(Tree):
    """One less another, or that as a share of the other."""

    now: Tree
    then: Tree
    relative: bool


@dataclass(frozen=True)
class Mean(Tree):
    """A total over periods, divided by how many they are."""

    total: Tree
    count: int


@dataclass(frozen=True)
class Beside(Tree):
    """A share, a rank, or a running total among the cells of the answer."""

    how: str
    tree: Tree


@dataclass(frozen=True)
class Column:
    """A measure of the answer."""

    name: str
    tree: Tree
    caption: str
    unit: str
    format: str
    description: str


@dataclass(frozen=True)
class UnitCheck:
    """A measure whose rows have units of their own: amounts with a currency.

    Parameters
    ----------
    atom : int
        The number whose unit it is.
    measure : str
        Its name.
    level : str
        The level whose members are the units, or else their column.
    least, greatest : int
        Atoms with the least and the greatest unit of a cell, which must be one.
    """

    atom: int
    measure: str
    level: str
    least: int
    greatest: int


@dataclass(frozen=True)
class TimePlan:
    """How a query goes through time.

    Parameters
    ----------
    role : str
        The time dimension.
    hierarchy : tuple of str
        The levels that its periods are counted in, the coarsest first.
    step : str
        The level that ``prior`` goes back in.
    unit : str
        The finest level that is asked for: of a step that is cut, the same units are
        compared.
    grain : str
        The level that cells are kept at; empty is the dimension's key, a day.
    by_place : frozenset of str
        Shifts by a year (``year``, ``fiscal``) that go to the step at the same place
        of the year before; others go day by day.
    """

    role: str
    hierarchy: tuple[str, ...]
    step: str
    unit: str
    grain: str
    by_place: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """A query, resolved.

    Parameters
    ----------
    query : Query
        As it was asked.
    cube : BoundCube
        Of it.
    parts : tuple of BoundCube
        Cubes that take part.
    axes : tuple of Axis
        Levels of the answer.
    cuts : mapping of str to tuple of TypedCut
        By cube; those of the caller's rights are in it where they also decide which
        members are shown.
    atoms : tuple of Atom
        What facts give.
    columns : tuple of Column
        What the answer shows.
    having : Tree or None
        Condition of cells.
    top : Tree or None
        What decides who is among the first.
    order : tuple of (Tree or Axis, bool)
        What decides the order before the axes do, and whether it goes down.
    shown, computed : tuple of frozenset of int
        Levels that are told apart, of what is shown and of what is computed: the
        cells themselves, and with totals fewer.
    time : TimePlan or None
        If the query goes through time.
    notes : tuple of str
        What a reader has to know.
    units : tuple of UnitCheck
        Amounts that may be of different units, which must not be added up.
    filters : mapping of str to tuple of TypedCut
        By cube: the rows that the caller may see, whatever the query asks.
    """

    query: Query
    cube: BoundCube
    parts: tuple[BoundCube, ...]
    axes: tuple[Axis, ...]
    cuts: Mapping[str, tuple[TypedCut, ...]]
    atoms: tuple[Atom, ...]
    columns: tuple[Column, ...]
    having: Tree | None
    top: Tree | None
    order: tuple[tuple[Tree | Axis, bool], ...]
    shown: tuple[frozenset[int], ...]
    computed: tuple[frozenset[int], ...]
    time: TimePlan | None
    notes: tuple[str, ...]
    units: tuple[UnitCheck, ...] = ()
    filters: Mapping[str, tuple[TypedCut, ...]] = field(default_factory=dict)

    def part(self, name: str) -> BoundCube:
        """Return one of its cubes."""
        return next(part for part in self.parts if part.name == name)

    def levels(self, part: str) -> list[BoundLevel]:
        """Return the levels that a cube is asked for: those on axes, those of cuts."""
        found = [axis.levels[part] for axis in self.axes]
        return found + [cut.level for cut in self.cuts[part]]

    def roles(self, part: str) -> set[str]:
        """Return the dimensions that a cube is asked by, that of time among them."""
        found = {level.use for level in self.levels(part)}
        return found | {self.time.role} if self.time is not None else found
