"""Names that stand in definitions: our own, and those of columns and tables."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from acrm_olap.expressions import name_parts, written_name

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
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
Table = Column
