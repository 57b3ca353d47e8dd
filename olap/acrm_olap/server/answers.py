"""The shapes of answers, as the description of the interface has them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from acrm_olap.definitions import BoundCube

Cell = str | int | float | bool | list[Any] | dict[str, Any] | None


class Start(BaseModel):
    """What is here."""

    name: str
    version: str = Field(description="Of the program.")
    source: str = Field(description="The file, or the published version.")
    cubes: list[str]
    links: dict[str, str]


class Health(BaseModel):
    """Whether cubes are served, and from what."""

    status: Literal["ok", "fault"] = Field(
        description="fault: something is asked in vain, or the old goes on."
    )
    source: str
    version: int | None
    data_through: dict[str, str]
    faults: list[str] = Field(description="Told only to who may see everything.")
    running: int
    waiting: int
    cache: dict[str, int]


class CubeName(BaseModel):
    """A cube in a list."""

    name: str
    caption: str
    description: str
    folder: str
    virtual: bool

    @classmethod
    def of(cls, cube: BoundCube) -> CubeName:
        """Return a cube as a list shows it."""
        definition = cube.definition
        return cls(
            name=cube.name, caption=cube.caption, description=definition.description,
            folder=definition.folder, virtual=cube.is_virtual,
        )  # fmt: skip


class CubeList(BaseModel):
    """The cubes."""

    source: str
    version: int | None
    data_through: dict[str, str]
    cubes: list[CubeName]


class LevelInfo(BaseModel):
    """A level."""

    path: str
    name: str
    caption: str
    description: str
    folder: str
    period: str
    keys: int = Field(description="How many keys a member has.")
    attributes: list[str]
    tree: bool = Field(description="Members stand under members.")


class HierarchyInfo(BaseModel):
    """A way down."""

    name: str
    caption: str
    description: str
    levels: list[str]
    tree: bool
    level: str


class DimensionInfo(BaseModel):
    """A dimension in its role."""

    name: str
    caption: str
    description: str
    folder: str
    time: bool
    history: bool = Field(description="Members have versions: as_of matters.")
    first: str = Field(description="Of time: first day with rows; may be empty.")
    last: str
    hierarchies: list[HierarchyInfo]
    levels: list[LevelInfo]


class MeasureInfo(BaseModel):
    """A measure."""

    name: str
    caption: str
    kind: str
    unit: str
    format: str
    folder: str
    description: str
    over: dict[str, str] = Field(
        description="Dimensions it does not add up in, and what it does there."
    )
    adds_up: Literal["additive", "semi-additive", "non-additive"]


class SetInfo(BaseModel):
    """A named set."""

    name: str
    caption: str
    description: str
    level: str
    members: list[str | int | float | bool | list[str | int | float | bool]]
    rule: str


class CubeInfo(BaseModel):
    """A cube, with all that a query may name."""

    name: str
    caption: str
    description: str
    virtual: bool
    cubes: list[str]
    source: str
    version: int | None
    data_through: dict[str, str]
    time: str
    dimensions: list[DimensionInfo]
    measures: list[MeasureInfo]
    sets: list[SetInfo]
    forms: list[str] = Field(description="What may be asked of each measure.")


class MemberInfo(BaseModel):
    """A member."""

    key: Cell
    label: str | None
    attributes: dict[str, Cell]
    parents: dict[str, Cell]


class MemberList(BaseModel):
    """A page of members."""

    level: str
    members: list[MemberInfo]
    next_offset: int | None = Field(description="Of the next page, if there is one.")


class FieldInfo(BaseModel):
    """A column of an answer."""

    name: str
    kind: Literal["level", "measure", "key", "set", "column"]
    type: str = Field(description="As Arrow names it; decimals come as texts.")
    caption: str
    unit: str
    format: str


class SourceInfo(BaseModel):
    """What an answer was read from."""

    name: str
    version: int | None
    data_through: dict[str, str]
    cubes: list[str]
    served_by: str
    aggregates: list[str]
    seconds: float


class Answer(BaseModel):
    """The answer to a query."""

    cube: str
    rows: list[str]
    columns: list[str]
    measures: list[str]
    as_of: str
    notes: list[str]
    source: SourceInfo
    fields: list[FieldInfo]
    cells: list[list[Cell]]


class FactPage(BaseModel):
    """A page of rows of a fact."""

    cube: str
    fields: list[FieldInfo]
    next_offset: int | None
    cells: list[list[Cell]]


class Explanation(BaseModel):
    """How a query would be answered."""

    cube: str
    cubes: list[str]
    rows: list[str]
    columns: list[str]
    measures: dict[str, str] = Field(description="Name and what it means.")
    cuts: dict[str, list[str]]
    filters: list[str] = Field(description="Levels that your role is held to.")
    time: dict[str, str]
    as_of: str
    notes: list[str]
    tables: list[str]
    sql: str = Field(description="Empty where it tells what you may not see.")
    values: dict[str, Cell]
