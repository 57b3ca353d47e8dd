"""Hold definitions against a warehouse: names are columns, parts have types."""

from __future__ import annotations

from collections.abc import Mapping

from acrm_olap.definitions.bound import BoundCube, BoundLevel, BoundMeasure, BoundUse
from acrm_olap.definitions.calculations import check_set, require_no_circle
from acrm_olap.definitions.catalog import Catalog, expression_type
from acrm_olap.definitions.columns import (
    implied_use,
    require_alike,
    require_column,
    require_keys_alike,
    table_columns,
)
from acrm_olap.definitions.depths import dimension_of
from acrm_olap.definitions.model import (
    Cube,
    Dimension,
    Hierarchy,
    Level,
    Measure,
    Over,
    Use,
)
from acrm_olap.definitions.read import Definitions
from acrm_olap.definitions.sources import require_models
from acrm_olap.definitions.virtual import bind_virtual, type_calculated
from acrm_olap.errors import CubeError, DefinitionError, UnknownNameError
from acrm_olap.expressions import Node, Type, parse, type_of
from acrm_olap.expressions.tree import Name

_ADDED = {"sum", "avg", "median", "quantile"}


def bind(definitions: Definitions, catalog: Catalog) -> dict[str, BoundCube]:
    """Return the cubes of a warehouse, ready for queries.

    Parameters
    ----------
    definitions : Definitions
        As they were read.
    catalog : Catalog
        What the warehouse has.

    Raises
    ------
    DefinitionError
        If a name is no column or table, or an expression has no type.
    """
    cubes = {
        name: _Binding(definitions, catalog, cube).cube()
        for name, cube in definitions.cubes.items()
    }
    virtual = {
        name: bind_virtual(definitions, cubes, cube)
        for name, cube in definitions.virtual_cubes.items()
    }
    return cubes | virtual


class _Binding:
    """One cube, held against the warehouse."""

    def __init__(self, definitions: Definitions, catalog: Catalog, cube: Cube) -> None:
        self.definitions = definitions
        self.catalog = catalog
        self.definition = cube
        try:
            self.columns = table_columns(
                catalog, cube.fact, cube.joins,
                lambda *parts: self._where("fact" if parts == ("table",) else parts[0],
                                           *parts[1:]),
            )  # fmt: skip
        except UnknownNameError as error:
            raise DefinitionError(
                error.what, where=error.where, hint=error.hint
            ) from error

    def _where(self, *location: str | int) -> str:
        return self.definitions.where("cube", self.definition.cube, *location)

    def cube(self) -> BoundCube:
        try:
            return self._cube()
        except DefinitionError:
            raise
        except CubeError as error:
            raise DefinitionError(
                error.what, where=error.where, hint=error.hint
            ) from error

    def _cube(self) -> BoundCube:
        cube = self.definition
        uses = {}
        for name, use in cube.dimensions.items():
            place = self._where("dimensions", name)
            given = use or implied_use(name, self.columns, cube.fact, place)
            uses[name] = self._use(name, given)
        for column in cube.keys:
            require_column(self.columns, column, cube.fact, self._where("key"))
        where = self._condition(cube.where, "where") if cube.where else None
        measures = {
            name: self._measure(name, measure, uses)
            for name, measure in cube.measures.items()
        }
        bound = BoundCube(
            cube.cube, cube, uses, measures, cube.sets, (), self.columns, where
        )
        self._check_rest(bound)
        object.__setattr__(bound, "parts", (bound,))
        return bound

    def _check_rest(self, bound: BoundCube) -> None:
        cube = self.definition
        for name, measure in bound.measures.items():
            if measure.node and measure.is_calculated:
                place = self._where("measures", name)
                require_no_circle(bound, name, place)
                type_calculated(bound, measure, place)
        for name, named in cube.sets.items():
            check_set(bound, name, named, self._where("sets", name))
        for name, aggregate in cube.aggregates.items():
            place = self._where("aggregates", name)
            require_models(bound, name, place)
            for path in aggregate.levels:
                bound.level(path, where=place)
            for measure_name in aggregate.measures:
                bound.measure(measure_name, where=place)
        if cube.through and not any(use.is_time for use in bound.uses.values()):
            raise DefinitionError(
                f"The cube '{cube.cube}' says how far its data go, and has no time.",
                where=self._where("through"),
                hint="Give it a dimension whose levels have `period`, or leave"
                " `through` out.",
            )
        if cube.time and (cube.time not in bound.uses):
            raise UnknownNameError(
                "dimension", cube.time, bound.uses, owner=f"cube '{cube.cube}'",
                where=self._where("time"),
            )  # fmt: skip

    def _use(self, name: str, use: Use) -> BoundUse:
        place = self._where("dimensions", name)
        fact = self.definition.fact
        if use.levels:
            levels = {
                level_name: self._level(
                    name, level_name, level, self.columns, fact, place
                )
                for level_name, level in use.levels.items()
            }
            down = {name: Hierarchy(levels=list(use.levels))}
            return BoundUse(name, use, None, levels, down)
        dimension = self._dimension(use.dimension or name, place)
        for column in (use.key, *use.at.values()):
            if column:
                require_column(self.columns, column, fact, place)
        columns = self._columns_of(dimension)
        require_keys_alike(use, self.columns, dimension, columns, place)
        if use.span:
            if dimension.history is None:
                raise DefinitionError(
                    f"The dimension '{dimension.dimension}' has no dated spans.",
                    where=place,
                    hint="Give it `history`, or join it by `key`.",
                )
            require_column(self.columns, use.span.key, fact, place)
            require_column(self.columns, use.span.date, fact, place)
        known = self._known(dimension, use, place)
        levels = self._levels(name, dimension, columns, known)
        hierarchies = {}
        for title, hierarchy in dimension.hierarchies.items():
            if hierarchy.is_tree:
                if hierarchy.level in known and use.key:
                    hierarchies[title] = hierarchy
                continue
            kept = [level for level in hierarchy.levels if level in known]
            if kept:
                hierarchies[title] = hierarchy.model_copy(update={"levels": kept})
        return BoundUse(name, use, dimension, levels, hierarchies)

    def _columns_of(self, dimension: Dimension) -> dict[str, str]:
        def where(*parts: str | int) -> str:
            return self.definitions.where("dimension", dimension.dimension, *parts)

        return table_columns(self.catalog, dimension.table, dimension.joins, where)

    def _dimension(self, name: str, place: str) -> Dimension:
        if name not in self.definitions.dimensions:
            raise UnknownNameError(
                "dimension", name, self.definitions.dimensions, where=place
            )
        return dimension_of(self.definitions, self.catalog, name)

    def _known(self, dimension: Dimension, use: Use, place: str) -> list[str]:
        """Return the levels that the fact knows, by how it points to the dimension."""
        for level in (*use.at, *([use.finest] if use.finest else [])):
            if level not in dimension.levels:
                raise UnknownNameError(
                    "level", level, dimension.levels,
                    owner=f"dimension '{dimension.dimension}'", where=place,
                )  # fmt: skip
        for level in use.at:
            keys = dimension.levels[level].keys
            if len(keys) > 1:
                raise DefinitionError(
                    f"The level '{level}' has {len(keys)} keys, and `at` gives one.",
                    where=place,
                    hint=f"Give the level one key column, or join by `key`:"
                    f" {', '.join(keys)} cannot be one column of the fact.",
                )
        if use.at:
            return [level for level in dimension.levels if level in use.at]
        if not use.finest:
            return list(dimension.levels)
        above = {use.finest}
        for hierarchy in dimension.hierarchies.values():
            if use.finest in hierarchy.levels:
                above |= set(hierarchy.levels[: hierarchy.levels.index(use.finest)])
        return [level for level in dimension.levels if level in above]

    def _levels(
        self,
        use: str,
        dimension: Dimension,
        columns: Mapping[str, str],
        known: list[str],
    ) -> dict[str, BoundLevel]:
        name = dimension.dimension

        def where(*parts: str | int) -> str:
            return self.definitions.where("dimension", name, *parts)

        require_column(columns, dimension.key, dimension.table, where("key"))
        for title in ("history", "calendar"):
            part = getattr(dimension, title)
            for field, named in (part.model_dump() if part else {}).items():
                if named:
                    place = where(title, field)
                    require_column(columns, named, dimension.table, place)
        if dimension.special:
            self._special(dimension, columns, where("special"))
        levels = {}
        for level_name, level in dimension.levels.items():
            bound = self._level(
                use, level_name, level, columns, dimension.table,
                where("levels", level_name),
            )  # fmt: skip
            if level_name in known:
                levels[level_name] = bound
        for title, hierarchy in dimension.hierarchies.items():
            place = where("hierarchies", title)
            for each in filter(None, [*hierarchy.levels, hierarchy.level]):
                if each not in dimension.levels:
                    raise UnknownNameError(
                        "level", each, dimension.levels,
                        owner=f"dimension '{name}'", where=place,
                    )  # fmt: skip
            if hierarchy.is_tree and hierarchy.level in known:
                parent = str(hierarchy.parent)
                of_parent = require_column(columns, parent, dimension.table, place)
                base = levels[str(hierarchy.level)]
                key = base.level.keys[0]
                require_alike((parent, of_parent), (key, columns[key]), place)
                if title in dimension.levels:
                    raise DefinitionError(
                        f"'{title}' is a level and a tree of members under members.",
                        where=place,
                        hint="Name the hierarchy otherwise: queries use its name.",
                    )
                levels[title] = BoundLevel(
                    use, title, base.level, base.types, tree=title
                )
        return levels

    def _special(
        self, dimension: Dimension, columns: Mapping[str, str], place: str
    ) -> None:
        def kind(name: str) -> Type:
            return expression_type(require_column(columns, name, dimension.table, ""))

        node = self._parse(dimension.special, place)
        try:
            found = type_of(node, dimension.special, kind)
        except CubeError as error:
            raise DefinitionError(
                error.what, where=f"{place}{error.where}", hint=error.hint
            ) from error
        if found is not Type.FLAG:
            raise DefinitionError(
                f"'{dimension.special}' is a {found}, not a condition.",
                where=place,
                hint="A condition compares: `customer_key < 0`.",
            )

    def _level(
        self,
        use: str,
        name: str,
        level: Level,
        columns: Mapping[str, str],
        table: str,
        place: str,
    ) -> BoundLevel:
        for column in (*level.keys, level.shown, *level.orders,
                       *level.attributes.values()):  # fmt: skip
            require_column(columns, column, table, place)
        return BoundLevel(use, name, level, tuple(columns[key] for key in level.keys))

    def _measure(
        self, name: str, measure: Measure, uses: Mapping[str, BoundUse]
    ) -> BoundMeasure:
        place = self._where("measures", name)
        node = None
        data_type = ""
        if measure.kind == "expression":
            node = self._parse(measure.argument, place)
        elif measure.argument != "*" or measure.kind != "count":
            node = self._parse(measure.argument, place)
            found = self._type(node, measure.argument, place)
            if measure.kind in _ADDED and found not in {Type.NUMBER, Type.NOTHING}:
                raise DefinitionError(
                    f"The measure '{name}' takes the {measure.kind} of a {found}.",
                    where=place,
                    hint="Give a column or expression that is a number, or count it.",
                )
            if isinstance(node, Name):
                data_type = self.columns[node.text]
        if measure.by:
            require_column(self.columns, measure.by, self.definition.fact, place)
        if measure.unit.startswith("@"):
            require_column(self.columns, measure.unit[1:], self.definition.fact, place)
        for role, rule in measure.over.items():
            self._check_over(name, role, rule, uses, place)
        condition = (
            self._condition(measure.filter, "measures", name)
            if measure.filter
            else None
        )
        return BoundMeasure(
            self.definition.cube, name, measure, node, condition, data_type
        )

    def _check_over(
        self, name: str, role: str, rule: Over, uses: Mapping[str, BoundUse], place: str
    ) -> None:
        if role not in uses:
            raise UnknownNameError(
                "dimension", role, uses, owner=f"cube '{self.definition.cube}'",
                where=place,
            )  # fmt: skip
        kind = self.definition.measures[name].kind
        if rule is Over.AVERAGE and kind not in {"sum", "count"}:
            raise DefinitionError(
                f"The measure '{name}' is the average over '{role}' of a {kind}.",
                where=place,
                hint="An average over time divides a sum or a count by the number of"
                " snapshots; use closing or opening for others.",
            )
        if rule is not Over.NEVER and not (uses[role].is_time and uses[role].use.key):
            raise DefinitionError(
                f"The measure '{name}' is {rule} over '{role}', which is no time.",
                where=place,
                hint="Closing, opening and average go by a time dimension with a key.",
            )

    def _parse(self, text: str, place: str) -> Node:
        try:
            return parse(text)
        except CubeError as error:
            raise DefinitionError(
                error.what, where=f"{place}{error.where}", hint=error.hint
            ) from error

    def _type(self, node: Node, text: str, place: str) -> Type:
        try:
            return type_of(node, text, self._column_type)
        except CubeError as error:
            raise DefinitionError(
                error.what, where=f"{place}{error.where}", hint=error.hint
            ) from error

    def _column_type(self, name: str) -> Type:
        return expression_type(
            require_column(self.columns, name, self.definition.fact, "")
        )

    def _condition(self, text: str, *location: str) -> Node:
        place = self._where(*location)
        node = self._parse(text, place)
        found = self._type(node, text, place)
        if found is not Type.FLAG:
            raise DefinitionError(
                f"'{text}' is a {found}, not a condition.",
                where=place,
                hint="A condition compares: `line_type = 'sale'`, `not is_return`.",
            )
        return node
