"""What all definitions have: strictness, names, and what people see of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from acrm_olap.expressions import name_parts, written_name

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
MOST_PARTS = 2  # table and column, schema and table


def as_named(text: str) -> str:
    """Return the name of a column or table as all of this package writes it.

    Raises
    ------
    ValueError
        If it is none.
    """
    parts = name_parts(text)
    if len(parts) > MOST_PARTS:
        raise ValueError(f"'{text}' has {len(parts)} parts, and at most 2 are taken")
    return written_name(*parts)


# Any name that DuckDB takes; see ``acrm_olap.expressions.quoting``.
Column = Annotated[str, StringConstraints(min_length=1), AfterValidator(as_named)]


class Definition(BaseModel):
    """Frozen, and strict about what it is given."""

    # A folded text of YAML ends with a new line, which is no part of it.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Described(Definition):
    """What people and other clients see of a thing."""

    caption: str = Field("", description="What people read; else the name, spelt out.")
    description: str = Field("", description="What it is, in a sentence.")
    folder: str = Field("", description="Display folder, parts parted by '/'.")
    visible: bool = Field(True, description="False hides it from lists; it works on.")
