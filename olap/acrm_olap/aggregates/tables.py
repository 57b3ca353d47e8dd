"""The tables of a declared aggregate: what each is grouped by, and what it keeps.

Sums, counts, extremes and first and last values are kept in one table, as what they
are put together from: a mean as its sum and its count. A distinct count cannot be put
together from numbers, so each has a table of its own, with one row for each pair of a
cell and a counted value, over which it is counted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure
from acrm_olap.definitions.calculations import home_of, needs
from acrm_olap.definitions.model import Aggregate, Measure
from acrm_olap.errors import CubeError, DefinitionError
from acrm_olap.expressions import Node, parse, quoted_name, split_name, to_sql
from acrm_olap.sql.terms import DIALECT, column

ROW_COUNT = "row_count"
DEFINITION = "definition_hash"
DISTINCT = {"count_distinct", "approx_count_distinct"}
_PARTS = {
    "sum": ("sum",), "count": ("count",), "avg": ("sum", "count"), "min": ("min",),
    "max": ("max",), "first": ("first", "first_by"), "last": ("last", "last_by"),
}  # fmt: skip


@dataclass(frozen=True)
class Signature:
    """What a number is: equal ones are kept once, whatever the measure is called.

    Parameters
    ----------
    function : str
        ``sum``, ``count``, ``first_by`` ..., or ``distinct``.
    argument, condition : str
        SQL of what is aggregated, and of the rows that count.
    by : str
        Column that orders first and last.
    """

    function: str
    argument: str
    condition: str
    by: str = ""

    def is_one_of(self, columns: Collection[str]) -> bool:
        """Return whether it is an extreme of one of some columns of the fact."""
        return self.function in {"min", "max"} and self.argument in columns


@dataclass(frozen=True)
class Kept:
    """A column with a number.

    Parameters
    ----------
    column : str
        Its name.
    measure : BoundMeasure
        The first measure that it is kept for.
    number : int
        Which of what that measure is put together from.
    """

    column: str
    measure: BoundMeasure
    number: int


@dataclass(frozen=True)
class AggregateTable:
    """A table of a declared aggregate.

    Parameters
    ----------
    name : str
        ``agg_sales__month``; that of a distinct count ends in its measure.
    aggregate : str
        The declared aggregate.
    cube : BoundCube
        Whose fact it stands for.
    keys : mapping of str to str
        Its columns for keys of dimensions, by role.
    levels : mapping of str to tuple of str
        Its columns for keys of levels, by path.
    shown : mapping of str to tuple of str
        Of levels that are columns of the fact: its columns for the label, and for what
        orders members, where these are no keys; by path.
    numbers : mapping of Signature to Kept
        What it keeps.
    pair : str
        Its column of counted values, if it is the table of a distinct count.
    """

    name: str
    aggregate: str
    cube: BoundCube
    keys: Mapping[str, str]
    levels: Mapping[str, tuple[str, ...]]
    shown: Mapping[str, tuple[str, ...]]
    numbers: Mapping[Signature, Kept]
    pair: str = ""

    @property
    def grain(self) -> tuple[str, ...]:
        """The columns that its rows are told apart by."""
        found = [*self.keys.values()]
        found += [each for every in self.levels.values() for each in every]
        return (*found, self.pair) if self.pair else tuple(found)


def signatures(measure: BoundMeasure) -> list[Signature]:
    """Return what a measure is put together from; none if nothing can put it so."""
    kind = measure.measure.kind
    argument = sql_of(measure.node)
    condition = sql_of(measure.filter) if measure.filter else ""
    if kind in DISTINCT:
        return [Signature("distinct", argument, condition)]
    by = measure.measure.by or ""
    return [
        Signature(part, argument, condition, by if by else "")
        for part in _PARTS.get(kind, ())
    ]


def columns_grouped_by(table: AggregateTable) -> frozenset[str]:
    """Return the fact's columns in which the rows of a group are alike, as SQL.

    Parameters
    ----------
    table : AggregateTable
        The table.
    """
    levels = [table.cube.level(path) for path in table.levels]
    return frozenset(
        sql_of(parse(key))
        for level in levels
        if table.cube.uses[level.use].dimension is None
        for key in level.level.keys
    )


def sql_of(node: Node | None) -> str:
    """Return an expression over columns of a fact as text; rows themselves as ``*``."""
    if node is None:
        return "*"
    return str(to_sql(node, column).sql(DIALECT))


def tables_of_cube(
    cube: BoundCube, where: Callable[[str], str] = lambda _name: ""
) -> list[AggregateTable]:
    """Return the tables of all aggregates that a cube declares.

    Parameters
    ----------
    cube : BoundCube
        Not a virtual one.
    where : callable, optional
        The place of an aggregate in its file, for messages.

    Raises
    ------
    DefinitionError
        If an aggregate cannot keep what it is said to.
    """
    found: list[AggregateTable] = []
    for name, aggregate in cube.base.aggregates.items():
        try:
            found += _Making(cube, name, aggregate, where(name)).tables()
        except DefinitionError:
            raise
        except CubeError as error:
            raise DefinitionError(
                error.what, where=where(name), hint=error.hint
            ) from error
    return found


class _Making:
    def __init__(
        self, cube: BoundCube, name: str, aggregate: Aggregate, where: str
    ) -> None:
        self.cube = cube
        self.name = name
        self.aggregate = aggregate
        self.where = where
        self.keys: dict[str, str] = {}
        self.levels: dict[str, tuple[str, ...]] = {}
        self.shown: dict[str, tuple[str, ...]] = {}

    def tables(self) -> Iterator[AggregateTable]:
        for role in self.aggregate.keys:
            self._keep_key(role)
        for path in self.aggregate.levels:
            self._keep_level(self.cube.level(path, where=self.where))
        if not self.keys and not self.levels:
            raise DefinitionError(
                f"The aggregate '{self.name}' of the cube '{self.cube.name}' is grouped"
                " by nothing.",
                where=self.where,
                hint="Give `levels`, such as [date.month], or `keys`, such as [date].",
            )
        measures = [*self._measures()]
        numbers: dict[Signature, Kept] = {
            Signature("count", "*", ""): Kept(ROW_COUNT, _rows(self.cube), 0)
        }
        for measure in measures:
            if measure.measure.kind not in DISTINCT:
                self._keep(numbers, measure)
        base = f"agg_{self.cube.name}__{self.name}"
        pairs: dict[Signature, BoundMeasure] = {}
        for measure in measures:
            if measure.measure.kind in DISTINCT:
                signature = signatures(measure)[0]
                key = self._key_counted(signature)
                if key:
                    numbers[signature] = Kept(key, measure, 0)
                else:
                    pairs.setdefault(signature, measure)
        if len(numbers) > 1 or not pairs:
            yield self._table(base, numbers)
        rows = dict(list(numbers.items())[:1])
        for signature, measure in pairs.items():
            counted = Kept(f"{measure.name}_value", measure, 0)
            yield self._table(
                f"{base}__{measure.name}", rows | {signature: counted}, counted.column
            )

    def _table(
        self, name: str, numbers: dict[Signature, Kept], pair: str = ""
    ) -> AggregateTable:
        found = AggregateTable(
            name, self.name, self.cube, self.keys, self.levels, self.shown, numbers,
            pair,
        )  # fmt: skip
        titles = [*found.grain, *(t for every in self.shown.values() for t in every)]
        titles += [
            each.column
            for signature, each in numbers.items()
            if signature.function != "distinct"
        ]
        twice = sorted({each for each in titles if titles.count(each) > 1})
        if twice or DEFINITION in titles:
            title = twice[0] if twice else DEFINITION
            raise DefinitionError(
                f"Two columns of the aggregate '{self.name}' would be called"
                f" '{title}'.",
                where=self.where,
                hint="Name one of its measures or levels otherwise.",
            )
        return found

    def _key_counted(self, signature: Signature) -> str:
        """Return the column of a key that a distinct count counts, if it is kept."""
        for role, title in self.keys.items():
            key = sql_of(parse(str(self.cube.uses[role].use.key)))
            if signature == Signature("distinct", key, ""):
                return title
        return ""

    # -- what it is grouped by ---------------------------------------------------

    def _keep_key(self, role: str) -> None:
        use = self.cube.uses.get(role)
        if use is None or use.dimension is None or use.use.key is None:
            keyed = [
                name
                for name, each in self.cube.uses.items()
                if each.use.key is not None
            ]
            raise DefinitionError(
                f"The cube '{self.cube.name}' has no dimension '{role}' that it points"
                " to by a key.",
                where=self.where,
                hint=f"Those are: {', '.join(keyed)}. Give levels of others.",
            )
        self.keys[role] = _plain(use.use.key)

    def _keep_level(self, level: BoundLevel) -> None:
        use = self.cube.uses[level.use]
        if level.tree:
            base = f"{level.use}.{use.base_of(level)}"
            raise DefinitionError(
                f"'{level.path}' counts members under members, and rows have one.",
                where=self.where,
                hint=f"Give '{base}': it then answers by '{level.path}' as well.",
            )
        dimension = use.dimension
        if dimension is not None and use.use.key and level.level.keys == (
            dimension.key,
        ):  # fmt: skip
            self._keep_key(level.use)
            return
        keys = level.level.keys
        title = level.use if level.name == level.use else f"{level.use}_{level.name}"
        self.levels[level.path] = (
            (title,) if len(keys) == 1 else tuple(f"{title}_{_plain(k)}" for k in keys)
        )
        if dimension is None:
            shown = [f"{title}_label"] if level.level.shown not in keys else []
            orders = [
                f"{title}_order_{n}"
                for n, each in enumerate(level.level.orders)
                if each not in keys
            ]
            self.shown[level.path] = (*shown, *orders)

    # -- what it keeps -----------------------------------------------------------

    def _measures(self) -> Iterator[BoundMeasure]:
        seen: set[str] = set()
        waiting = [*self.aggregate.measures]
        while waiting:
            name = waiting.pop(0)
            measure = self.cube.measure(name, where=self.where)
            if name in seen:
                continue
            seen.add(name)
            if measure.is_calculated:
                home = home_of(self.cube, measure)
                waiting += needs(home, measure)
                continue
            if not signatures(measure):
                raise DefinitionError(
                    f"'{name}' is a {measure.measure.kind}, which no table of sums can"
                    " answer.",
                    where=self.where,
                    hint="Leave it out: it is read from the fact.",
                )
            yield measure
            yield from self._units(measure)

    def _units(self, measure: BoundMeasure) -> Iterator[BoundMeasure]:
        """Yield the least and the greatest unit of a cell, which must be one."""
        unit = measure.measure.unit
        if not unit.startswith("@"):
            return
        for kind in ("min", "max"):
            column = quoted_name(unit[1:])
            definition = Measure.model_validate({kind: column})
            yield BoundMeasure(
                self.cube.name, f"{measure.name}_unit_{kind}", definition,
                parse(column), measure.filter, self.cube.columns[unit[1:]],
            )  # fmt: skip

    @staticmethod
    def _keep(numbers: dict[Signature, Kept], measure: BoundMeasure) -> None:
        found = signatures(measure)
        for number, signature in enumerate(found):
            if signature not in numbers:
                several = len(found) > 1
                title = (
                    f"{measure.name}_{signature.function}" if several else measure.name
                )
                numbers[signature] = Kept(title, measure, number)


def _rows(cube: BoundCube) -> BoundMeasure:
    return BoundMeasure(
        cube.name, ROW_COUNT, Measure.model_validate({"count": "*"}), None, None
    )


def _plain(name: str) -> str:
    return split_name(name)[1]
