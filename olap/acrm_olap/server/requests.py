"""What callers may ask, as JSON and in a URL; strict, so that no cut is overlooked."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from acrm_olap.errors import MeaningError
from acrm_olap.query import Query, from_pairs, make_query

MOST_NAMES = 200
MOST_OFFSET = 2**62
Text = Annotated[str, StringConstraints(max_length=4000)]
Name = Annotated[str, StringConstraints(max_length=400, min_length=1)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES)]
# Lists of a URL: as long as the line of a request may be.
Listed = Annotated[str, StringConstraints(max_length=65_536)]
Lists = Annotated[list[Listed], Field(max_length=MOST_NAMES)]
Limit = Annotated[int, Field(ge=1, le=MOST_OFFSET)]
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET)]
Missing = Literal["refuse", "empty"]
MISSING: Any = Field("refuse", description="Cuts of a member which is not there.")
Format = Literal["json", "csv", "arrow"]


class Strict(BaseModel):
    """Refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TopBody(Strict):
    """The first members of the last level of the rows."""

    count: Limit = Field(description="How many, for each member of the levels above.")
    by: Name = Field(description="The measure that decides.")
    least: bool = Field(False, description="The last ones instead.")


class QueryBody(Strict):
    """A question."""

    cube: Name = Field(description="Which cube.", examples=["sales"])
    measures: Names = Field(min_length=1, description="Names of numbers.",
                            examples=[["net", "net.prior_year"]])  # fmt: skip
    rows: Names = Field(default=[], description="Levels down.")
    columns: Names = Field(default=[], description="Levels across.")
    where: dict[Name, JsonValue] | list[dict[Name, JsonValue]] = Field(
        default={},
        description="Cuts: a member; a list of members; {'from': a, 'to': b};"
        " {'not': [...]}; {'matches': 'Sm%'}; null for members without a value. A list"
        " of such objects where a level is cut more than once.",
    )
    as_of: Text = Field("was", description="'was', 'is', or a date.")
    subtotals: bool = Field(False, description="Totals beside the cells.")
    calculated: dict[Name, Text] = Field(
        default={}, description="Measures of this query alone.", max_length=MOST_NAMES
    )
    having: Text = Field("", description="Condition that cells must meet.")
    top: TopBody | None = Field(None, description="Only the first members.")
    order: Names = Field(default=[], description="Names, '-' before those down.")
    limit: Limit | None = Field(None, description="Rows, at most.")
    offset: Offset = Field(0, description="Rows that are passed over.")
    empty: Literal["skip", "show"] = Field("skip", description="Cells without rows.")
    open_periods: Literal["hide", "same_days", "whole"] = Field(
        "hide", description="What a period that is not over is compared with."
    )
    part_periods: Literal["note", "hide"] = Field(
        "note", description="What is beside a period that is older than the data."
    )
    missing: Missing = MISSING

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: Any) -> Any:
        """Refuse halves of signs, which JSON can escape and no text can hold."""
        try:
            json.dumps(given, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("it has half a sign") from error
        return given

    def query(self) -> Query:
        """Return the query.

        Raises
        ------
        MeaningError
            If it cannot be one.
        """
        given = self.model_dump()
        top = given.pop("top")
        for each in self.where if isinstance(self.where, list) else [self.where]:
            check_where(each)
        return make_query(
            given.pop("cube"), given.pop("measures"), given.pop("rows"),
            given.pop("columns"), given.pop("where"), order=given.pop("order"),
            top=top, **given,
        )  # fmt: skip


def check_where(where: dict[str, Any]) -> None:
    """Refuse what JSON can say and no cut means."""
    for level, given in where.items():
        if isinstance(given, dict):
            for name, inner in given.items():
                many = name in {"in", "not"}
                if name == "in" and not isinstance(inner, list):
                    raise MeaningError(
                        f"'in' of '{level}' is no list.", hint="Give a list of members."
                    )
                _check_members(level, inner if many else [inner])
        else:
            _check_members(level, given if isinstance(given, list) else [given])


def _check_members(level: str, given: Any) -> None:
    for each in given if isinstance(given, list) else [given]:
        keys = each if isinstance(each, list) else [each]
        if not all(key is None or isinstance(key, str | int | float) for key in keys):
            raise MeaningError(
                f"A member of '{level}' cannot be {each!r}.",
                hint="Give texts, numbers, true, false or null; a list of them for a"
                " level of several keys.",
            )


class FormatParams(Strict):
    """In which form the answer comes."""

    format: Format | None = Field(None, description="Else by the Accept header.")


class QueryParams(FormatParams):
    """A question as the parameters of a URL; ``query.forms_url`` reads them."""

    cube: Text = Field("", description="That of the path, if it is given again.")
    measures: Lists = Field(default=[], description="net,margin, or several times.")
    aggregates: Lists = Field(default=[], description="Another word for measures.")
    rows: Lists = Field(default=[], description="Levels down: customer.region.")
    drilldown: Lists = Field(
        default=[], description="Levels down, after rows: customer:region|date:year."
    )
    columns: Lists = Field(default=[], description="Levels across.")
    cut: Lists = Field(default=[], description="Cuts: date:2024|product:3;4.")
    where: Lists = Field(
        default=[], description="Cuts as a line has them: customer.region is not null."
    )
    as_of: Text = Field("was", description="'was', 'is', or a date.")
    subtotals: bool = Field(False, description="Totals beside the cells.")
    calculated: Lists = Field(
        default=[], description="Measures of this query alone: per_line:net / lines."
    )
    having: Text = Field("", description="Condition that cells must meet.")
    top: Text = Field("", description="Only the first members: 10 by net.")
    bottom: Text = Field("", description="Only the last members: 10 by net.")
    order: Lists = Field(default=[], description="Names, '-' before those down.")
    limit: Limit | None = Field(None, description="Rows, at most.")
    offset: Offset = Field(0, description="Rows that are passed over.")
    empty: Literal["skip", "show"] = Field("skip", description="Cells without rows.")
    open_periods: Literal["hide", "same_days", "whole"] = Field(
        "hide", description="What a period that is not over is compared with."
    )
    part_periods: Literal["note", "hide"] = Field(
        "note", description="What is beside a period that is older than the data."
    )
    missing: Missing = MISSING

    def query(self, cube: str) -> Query:
        """Return the query.

        Raises
        ------
        FormError
            If a parameter cannot be read.
        MeaningError
            If it cannot be a query.
        """
        if self.cube not in {"", cube}:
            raise MeaningError(
                f"The path asks the cube '{cube}', and the parameter '{self.cube}'.",
                hint="Leave the parameter out.",
            )
        given = self.model_dump(exclude={"format", "cube"}, exclude_unset=True)
        return from_pairs(
            (
                (name, text if isinstance(text, str) else str(text).lower())
                for name, value in given.items()
                if value is not None
                for text in (value if isinstance(value, list) else [value])
            ),
            cube=cube,
        )


class MemberParams(Strict):
    """Which members of a level."""

    search: Text = Field("", description="Part of a label or key.")
    cut: Lists = Field(default=[], description="Cuts of the same dimension.")
    as_of: Text = Field("is", description="'was', 'is', or a date.")
    missing: Missing = MISSING
    limit: int = Field(100, ge=1, le=10_000, description="How many.")
    offset: Offset = Field(0, description="How many are passed over.")


class FactParams(FormatParams):
    """Which rows of a fact."""

    cut: Lists = Field(default=[], description="Cuts that make the cell.")
    columns: Lists = Field(default=[], description="Levels and columns of the fact.")
    as_of: Text = Field("was", description="'was', 'is', or a date.")
    missing: Missing = MISSING
    limit: int = Field(1000, ge=1, le=100_000, description="How many.")
    offset: Offset = Field(0, description="How many are passed over.")
