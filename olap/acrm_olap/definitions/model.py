"""What a definition file may say: dimensions, cubes, virtual cubes.

These classes are the reference of the YAML: the JSON Schema for editors is made of
them, and their texts are the field descriptions of ``olap/README.md``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from acrm_olap.definitions.base import Column, Definition, Described, Name, as_named
from acrm_olap.definitions.named_sets import NamedSet
from acrm_olap.definitions.queries import Table, is_query
from acrm_olap.expressions import split_name


class Period(StrEnum):
    """What stretch of time a level's members are."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


class Over(StrEnum):
    """How a measure rolls up over a dimension in which it does not add up."""

    CLOSING = "closing"
    OPENING = "opening"
    AVERAGE = "average"
    NEVER = "never"


class Level(Described):
    """Members of one kind: region, month, product."""

    key: Column | list[Column] = Field(
        description="Column, or columns, that tell members apart."
    )
    label: Column | None = Field(
        None, description="Column that people read; else the (last) key."
    )
    order: Column | list[Column] = Field(
        default_factory=list,
        description="Columns that order members; else the keys of a period or of a"
        " level with several keys, the label of others.",
    )
    attributes: dict[Name, Column] = Field(
        default_factory=dict, description="What else is known of a member."
    )
    period: Period | None = Field(
        None, description="Of a time dimension: what stretch of time a member is."
    )
    hide_if: Literal["blank", "parent"] | None = Field(
        None,
        description="Ragged: a member is no member of its own if its label is blank, or"
        " is blank or that of its parent. Lists of members leave it out; in answers its"
        " parent stands in its place, so that no row is lost.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"key": given} if isinstance(given, str | list) else given

    @property
    def keys(self) -> tuple[str, ...]:
        """Its key columns."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    @property
    def shown(self) -> str:
        """The column that people read."""
        return self.label or self.keys[-1]

    @property
    def orders(self) -> tuple[str, ...]:
        """The columns that order its members."""
        given = (self.order,) if isinstance(self.order, str) else tuple(self.order)
        by_key = self.period is not None or len(self.keys) > 1
        return given or (self.keys if by_key else (self.shown,))


class Hierarchy(Described):
    """A way down: levels from coarse to fine, or members under members."""

    levels: list[Name] = Field(
        default_factory=list, description="Levels, the coarsest first."
    )
    level: Name | None = Field(
        None, description="Parent-child: the level whose members have parents."
    )
    parent: Column | None = Field(
        None, description="Parent-child: column with the key of a member's parent."
    )
    by_depth: list[Name] = Field(
        default_factory=list,
        description="Parent-child: names of levels, the top first, that have the"
        " members of each depth; a member that stands higher stands for itself.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"levels": given} if isinstance(given, list) else given

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        tree = self.level is not None and self.parent is not None
        if bool(self.levels) == tree or (self.level is None) != (self.parent is None):
            raise ValueError("give either levels, or level and parent")
        if self.by_depth and not tree:
            raise ValueError("by_depth goes with level and parent")
        return self

    @property
    def is_tree(self) -> bool:
        """Whether members stand under members of the same level."""
        return self.parent is not None


class History(Definition):
    """Versions of members: how as was, as is and as of a date are told apart."""

    durable_key: Column = Field(description="Tells members apart, whatever version.")
    valid_from: Column = Field(description="First instant of a version.")
    valid_to: Column = Field(description="First instant at which it no longer holds.")
    current: Column | None = Field(
        None,
        description="Column that is true for the last version of a member; else it is"
        " found by valid_from.",
    )


class Calendar(Definition):
    """Of a time dimension whose key is a day: where its comparable days are."""

    date: Column = Field(description="Column with the day itself, as a date.")
    last_year: Column | None = Field(
        None, description="Same date a year ago; else the date less a year."
    )
    comparable: Column | None = Field(
        None, description="Comparable weekday a year ago; else the date less 364 days."
    )
    fiscal: Column | None = Field(
        None, description="Same day of the fiscal year before."
    )


class Join(Definition):
    """A further table, joined many to one by a key that is unique in it."""

    table: Table = Field(description="The table; or a query in brackets.")
    name: Name | None = Field(
        None,
        description="What its columns are called by: 'boss.full_name'; else the name of"
        " the table. A query needs one, and so does a table that is joined twice.",
    )
    on: dict[Column, Column] = Field(
        min_length=1, description="Column here: key column of that table."
    )
    complete: bool = Field(
        False, description="True promises that every row here has a match there."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if is_query(self.table) and self.name is None:
            raise ValueError("a query that is joined needs a name")
        return self

    @property
    def title(self) -> str:
        """What its columns are called by."""
        return self.name or split_name(self.table)[1]


class Dimension(Described):
    """A conformed dimension, defined once."""

    dimension: Name = Field(description="Its name.")
    table: Table = Field(description="Its table; or a query in brackets.")
    key: Column = Field(description="Column that facts point to; unique.")
    joins: list[Join] = Field(
        default_factory=list, description="Outrigger tables (snowflake)."
    )
    levels: dict[Name, Level] = Field(min_length=1, description="Its levels.")
    hierarchies: dict[Name, Hierarchy] = Field(
        default_factory=dict, description="Ways down; the first is the default."
    )
    history: History | None = Field(None, description="If members have versions.")
    calendar: Calendar | None = Field(None, description="If its members are days.")
    special: str = Field(
        "",
        description="Condition of its special members (unknown, anonymous, erased);"
        " they count in every total.",
    )


class Span(Definition):
    """A dimension joined by dated spans: the member that held on the row's date."""

    key: Column = Field(description="Column of the fact with the durable key.")
    date: Column = Field(description="Column of the fact with the date or instant.")


class Use(Described):
    """How a cube uses a dimension, in a role of its own."""

    dimension: Name | None = Field(
        None, description="Which conformed dimension; else that of the same name."
    )
    key: Column | None = Field(
        None, description="Column of the fact that points to the dimension's key."
    )
    finest: Name | None = Field(
        None, description="The finest level that the fact knows, if not the key."
    )
    at: dict[Name, Column] = Field(
        default_factory=dict,
        description="Instead of a key: levels that the fact has as columns.",
    )
    span: Span | None = Field(
        None, description="Instead of a key: by the span that held on a date."
    )
    complete: bool = Field(
        False,
        description="True promises that every row has a member, which lets the engine"
        " join faster; `acrm cube check` proves it.",
    )
    levels: dict[Name, Level] = Field(
        default_factory=dict,
        description="Instead of all of these: levels that are columns of the fact.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"key": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.key is not None, bool(self.at), self.span is not None]
        if sum([*ways, bool(self.levels)]) != 1:
            raise ValueError("give one of key, at, span and levels")
        if self.finest and not self.key:
            raise ValueError("finest goes with key")
        return self


KINDS = (
    "sum", "count", "min", "max", "avg", "count_distinct", "approx_count_distinct",
    "median", "quantile", "first", "last", "expression",
)  # fmt: skip


class Measure(Described):
    """A number of a cell, and how it adds up."""

    sum: str | None = Field(None, description="Column or expression to add up.")
    count: str | None = Field(
        None, description="'*' counts rows; an expression, rows where it is known."
    )
    min: str | None = Field(None, description="Least value.")
    max: str | None = Field(None, description="Greatest value.")
    avg: str | None = Field(None, description="Sum over count, of the same rows.")
    count_distinct: str | None = Field(None, description="Different values, exactly.")
    approx_count_distinct: str | None = Field(
        None, description="Different values by a sketch: some per cent off, fast."
    )
    median: str | None = Field(None, description="Middle value.")
    quantile: str | None = Field(None, description="Value at the share `at`.")
    at: float | None = Field(None, gt=0, lt=1, description="Share of a quantile.")
    first: str | None = Field(None, description="Value of the first row by `by`.")
    last: str | None = Field(None, description="Value of the last row by `by`.")
    by: Column | None = Field(None, description="Column that orders first and last.")
    expression: str | None = Field(
        None, description="Calculated from other measures: 'margin / net'."
    )
    filter: str = Field("", description="Condition that rows must meet to count.")
    over: dict[Name, Over] = Field(
        default_factory=dict,
        description="Dimensions in which it does not add up, and what it does there:"
        " closing, opening, average of a time dimension; never.",
    )
    unit: str = Field(
        "", description="Unit: pieces, %, days; '@column' takes it from the fact."
    )
    format: str = Field("", description="As spreadsheets write it: '#,##0.00', '0.0%'.")

    @field_validator("unit")
    @classmethod
    def _column_of_unit(cls, given: str) -> str:
        return f"@{as_named(given[1:])}" if given.startswith("@") else given

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            given = ", ".join(kinds) or "none"
            raise ValueError(f"give one of {', '.join(KINDS)}; given: {given}")
        if (self.quantile is not None) != (self.at is not None):
            raise ValueError("quantile and at go together")
        if (self.first or self.last or None) is None and self.by is not None:
            raise ValueError("by goes with first or last")
        if (self.first is not None or self.last is not None) and self.by is None:
            raise ValueError("first and last need by, the column that orders rows")
        if self.expression is not None and (self.filter or self.over):
            raise ValueError("filter and over belong to the measures it is made of")
        return self

    @property
    def kind(self) -> str:
        """Which kind: ``sum``, ``count`` ... ``expression``."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def argument(self) -> str:
        """The text of what is aggregated or calculated."""
        return str(getattr(self, self.kind))


class Aggregate(Described):
    """A table of sums that answers for the fact where it can."""

    levels: list[str] = Field(
        default_factory=list,
        description="Levels it is grouped by, as they were; it also answers by levels"
        " that these decide, as a month does its year.",
    )
    keys: list[Name] = Field(
        default_factory=list,
        description="Dimensions whose own key it is grouped by: it answers by every"
        " level of them, as was and as is.",
    )
    measures: list[Name] = Field(min_length=1, description="Measures it can answer.")


class Cube(Described):
    """A fact with its dimensions and measures."""

    cube: Name = Field(description="Its name.")
    fact: Table = Field(
        description="Its table, or a query in brackets: one row is one thing that"
        " happened."
    )
    key: Column | list[Column] = Field(
        default_factory=list, description="Unique columns of the fact."
    )
    where: str = Field("", description="Condition of the rows that belong to it.")
    joins: list[Join] = Field(
        default_factory=list, description="Tables that the fact looks up, many to one."
    )
    time: Name | None = Field(
        None, description="The time dimension that says how far the data go."
    )
    through: Period | date | None = Field(
        None,
        description="How far the data are whole: to a day, such as 1997-12-31, or to"
        " the end of a period, such as month, if a row of the fact is all of a month;"
        " else to the last day that has a row. A period that ends later is not over.",
    )
    dimensions: dict[Name, Use | None] = Field(
        min_length=1, description="The dimensions it uses, by role."
    )
    measures: dict[Name, Measure] = Field(min_length=1, description="Its measures.")
    sets: dict[Name, NamedSet] = Field(default_factory=dict, description="Named sets.")
    aggregates: dict[Name, Aggregate] = Field(
        default_factory=dict, description="Aggregate tables."
    )

    @property
    def keys(self) -> tuple[str, ...]:
        """The unique columns of the fact."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)


class VirtualCube(Described):
    """Measures of several cubes over the dimensions that they share."""

    virtual_cube: Name = Field(description="Its name.")
    cubes: list[Name] = Field(min_length=2, description="The cubes it is made of.")
    measures: dict[Name, Measure] = Field(
        default_factory=dict,
        description="Calculated from 'cube.measure', or from unique names alone.",
    )
    sets: dict[Name, NamedSet] = Field(default_factory=dict, description="Named sets.")
