"""An answer: its cells, and all that a reader has to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acrm_olap.errors import MeaningError
from acrm_olap.planning.plan import Plan
from acrm_olap.query import Query
from acrm_olap.results.answer import SET, There
from acrm_olap.results.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


@dataclass(frozen=True)
class Source:
    """What an answer was read from.

    Parameters
    ----------
    name : str
        The file, or ``version 12``.
    version : int or None
        The published version.
    data_through : mapping of str to str
        Last business instant of each source system.
    cubes, tables : tuple of str
        Cubes and tables that were read.
    served_by : str
        ``facts``, ``aggregates`` or ``cache``.
    aggregates : tuple of str
        Aggregate tables that were read instead of facts.
    seconds : float
        How long it took.
    """

    name: str
    version: int | None
    data_through: Mapping[str, str]
    cubes: tuple[str, ...]
    tables: tuple[str, ...]
    served_by: str
    aggregates: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Result(Shown):
    """The answer to a query.

    Parameters
    ----------
    table : Table
        One row a cell: labels of the levels on rows and columns, the measures, then
        ``level.key`` for levels whose label is not their key, and with subtotals
        ``_set``: bit n is set where the nth level is rolled up.
    query : Query
        The question.
    plan : Plan
        What it meant.
    sql : str
        The statement.
    values : mapping
        Bound to it.
    source : Source
        What was read.
    units : mapping of str to str
        Unit of each measure; of several, with commas.
    there : There, optional
        Which passes over facts found rows for each cell; see ``states``.
    asker : callable, optional
        Asks the next question; ``drill_down`` and the like need it.
    """

    table: pa.Table
    query: Query
    plan: Plan = field(repr=False)
    sql: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    source: Source
    units: Mapping[str, str]
    there: There | None = field(default=None, repr=False)
    asker: Callable[[Query], Result] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of the answer, rows first."""
        return self.query.axes

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures of the answer."""
        return self.query.measures

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know."""
        return self.plan.notes

    @property
    def as_of(self) -> str:
        """``was``, ``is``, or the date whose members are meant."""
        return self.query.as_of

    def __len__(self) -> int:
        """Return how many cells there are."""
        return int(self.table.num_rows)

    def to_arrow(self) -> pa.Table:
        """Return the cells as an Arrow table."""
        return self.table

    def to_pandas(self) -> pd.DataFrame:
        """Return the cells as a pandas frame; decimals become floats."""
        import pyarrow as pa
        import pyarrow.types as kinds

        columns = [
            column.cast(pa.float64()) if kinds.is_decimal(column.type) else column
            for column in self.table.columns
        ]
        return pa.table(columns, names=self.table.column_names).to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """Return the cells as a polars frame."""
        import polars as pl

        found = pl.from_arrow(self.table)
        if not isinstance(found, pl.DataFrame):
            raise TypeError(type(found))
        return found

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the cells, each as a dictionary."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows

    def value(self, measure: str = "") -> Any:
        """Return the number of an answer of one cell."""
        name = measure or self.measures[0]
        if len(self) != 1:
            raise ValueError(f"the answer has {len(self)} cells, not one")
        return self.table.column(name)[0].as_py()

    # -- the next question ---------------------------------------------------------

    def ask(self, query: Query) -> Result:
        """Ask the same cube another question.

        Raises
        ------
        MeaningError
            If the answer does not come from a cube that can be asked.
        """
        if self.asker is None:
            raise MeaningError(
                "This answer does not know the cube that it comes from.",
                hint="Ask the cube: cubes['sales'].ask(query).",
            )
        return self.asker(query)

    def slice(self, level: str, member: Any) -> Result:
        """Ask again, of one member of a level."""
        return self.ask(self.query.slice(level, member))

    def dice(self, where: Any) -> Result:
        """Ask again, cut by several levels, sets and ranges."""
        return self.ask(self.query.dice(where))

    def drill_down(self, level: str, member: Any = ...) -> Result:
        """Ask again with a finer level on the rows; of one member, if given."""
        return self.ask(self.query.drill_down(level, member))

    def roll_up(self, level: str = "") -> Result:
        """Ask again without a level; the last of the rows, if none is given."""
        return self.ask(self.query.roll_up(level))

    def turn(
        self, rows: Iterable[str] | None = None, columns: Iterable[str] | None = None
    ) -> Result:
        """Ask again with rows and columns turned round, or with the given levels."""
        return self.ask(self.query.pivot(rows, columns))

    def keep_top(self, count: int, by: str, *, least: bool = False) -> Result:
        """Ask again for the first members of the last level of the rows."""
        return self.ask(self.query.keep_top(count, by, least=least))

    def cells(self) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...], bool]]:
        """Yield labels, values, and whether a cell is a total, one by one."""
        count = len(self.levels)
        width = count + len(self.measures)
        totals = (
            self.table.column(SET).to_pylist()
            if SET in self.table.column_names
            else [0] * len(self)
        )
        for row, rolled in zip(self.table.to_pylist(), totals, strict=True):
            values = tuple(row.values())
            yield values[:count], values[count:width], bool(rolled)
