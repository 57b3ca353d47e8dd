"""What all definitions have: strictness, names, and what people see of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$")]


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
