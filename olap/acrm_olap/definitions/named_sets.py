"""Members with a name, listed or the first by a measure."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from acrm_olap.definitions.base import Described

Key = str | int | float | bool


class NamedSet(Described):
    """Members with a name, for cuts: ``@top_regions``."""

    level: str = Field(description="Level: 'customer.region'.")
    members: list[Key | list[Key]] | None = Field(
        None,
        min_length=1,
        description="Keys of its members; of a level with several keys, a list of them"
        " for each.",
    )
    top: int | None = Field(
        None, gt=0, description="Instead: so many first members, by a measure."
    )
    bottom: int | None = Field(None, gt=0, description="Instead: so many last members.")
    by: str | None = Field(
        None, description="The measure that decides who is first, over all of the cube."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [each is not None for each in (self.members, self.top, self.bottom)]
        if sum(given) != 1:
            raise ValueError("give one of members, top and bottom")
        if (self.by is not None) != (self.members is None):
            raise ValueError("by goes with top or bottom")
        return self

    @property
    def rule(self) -> str:
        """Who its members are, if they are not listed: ``top 5 by net``."""
        if self.members is not None:
            return ""
        which = f"top {self.top}" if self.top else f"bottom {self.bottom}"
        return f"{which} by {self.by}"
