"""A cube as a Python script for Atoti, for those who hold a licence of it.

Atoti is no dependency: the script is text, and runs where Atoti is installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from acrm_olap.definitions import BoundCube, BoundLevel, BoundMeasure, BoundUse
from acrm_olap.definitions.calculations import home_of, needs, reference
from acrm_olap.definitions.model import Over
from acrm_olap.errors import MeaningError
from acrm_olap.export.atoti_expressions import CannotSay, measure_expression
from acrm_olap.export.files import HEADER
from acrm_olap.export.parts import (
    LeftOut,
    argument_sql,
    is_joined,
    is_plain,
    joined_columns,
    name_sql,
    own_sql,
    plain_sql,
    table_sql,
    title_of,
)
from acrm_olap.expressions import names

AGGREGATIONS = {
    "sum": "sum", "count": "sum", "min": "min", "max": "max", "avg": "mean",
    "count_distinct": "count_distinct", "median": "median", "quantile": "quantile",
}  # fmt: skip


def atoti_script(cube: BoundCube, database: str) -> str:
    """Return a Python script that loads a cube's star into Atoti.

    Parameters
    ----------
    cube : BoundCube
        Not a virtual one.
    database : str
        Path of the DuckDB file that the script reads.

    Raises
    ------
    MeaningError
        If the cube is made of other cubes.
    """
    if cube.is_virtual:
        raise MeaningError(
            f"'{cube.name}' is made of other cubes, which Atoti does not have.",
            hint=f"Write a script of each: {', '.join(p.name for p in cube.parts)}.",
        )
    outside = joined_columns(cube.where)
    if outside:
        raise MeaningError(
            f"The rows of '{cube.name}' are chosen by {outside[0]}, which is not in"
            " its fact.",
            hint="Give the fact the column.",
        )
    return _Script(cube, database).text()


@dataclass
class _Script:
    cube: BoundCube
    database: str
    left_out: list[LeftOut] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _reasons: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        body = self._body()
        left_out = [
            "# Left out, since Atoti has no way to say it, or this script has not:",
            *(f"#   {each.what}: {each.reason}" for each in self.left_out),
        ]
        head = [
            f'"""The cube {self.cube.name} in Atoti. {HEADER}"""',
            "",
            *([*left_out, ""] if self.left_out else []),
            "import atoti as tt",
            "import duckdb",
            "",
            f"DATABASE = {self.database!r}",
            "",
            "",
            "def read(sql):",
            '    """Return the answer of a select as an Arrow table."""',
            "    with duckdb.connect(DATABASE, read_only=True) as connection:",
            "        return connection.execute(sql).to_arrow_table()",
            "",
            "",
        ]
        return "\n".join([*head, *body]) + "\n"

    def _body(self) -> list[str]:
        cube = self.cube
        self._add("session = tt.Session.start()")
        self._fact()
        for use in cube.uses.values():
            if reason := _why_not_joined(use):
                self._leave(f"dimension {use.name}", reason)
            elif use.dimension is not None and use.use.key is not None:
                self._dimension(use)
        self._add(
            "",
            f'cube = session.create_cube(fact, "{cube.name}", mode="manual")',
            "h, l, m = cube.hierarchies, cube.levels, cube.measures",
        )
        for use in cube.uses.values():
            self._hierarchies(use)
        self._add("")
        for measure in cube.measures.values():
            self._measure(measure)
        for title in cube.definition.sets:
            self._leave(f"named set {title}", "define it in a query or dashboard.")
        self._add(
            "",
            'if __name__ == "__main__":',
            "    print(session.link)",
            "    session.wait()",
        )
        return self.lines

    def _add(self, *lines: str) -> None:
        self.lines += lines

    def _leave(self, what: str, reason: str) -> None:
        self.left_out.append(LeftOut(self.cube.name, what, reason))

    # -- tables ----------------------------------------------------------------

    def _fact(self) -> None:
        cube = self.cube
        wanted: dict[str, str] = {}
        for key in cube.base.keys:
            wanted[title_of(key)] = own_sql(key)
        for use in cube.uses.values():
            if use.dimension is None:
                columns = [
                    column
                    for level in use.levels.values()
                    for column in (*level.level.keys, level.level.shown)
                ]
            else:
                columns = [use.use.key or "", *use.use.at.values()]
            for column in filter(None, columns):
                if not is_joined(column):
                    wanted[title_of(column)] = own_sql(column)
        for measure in cube.measures.values():
            if not measure.is_calculated and not self._why_not(measure):
                wanted[self._source(measure)] = _loaded(measure)
        listed = ",\n        ".join(
            sql if sql == name_sql(name) else f"{sql} as {name_sql(name)}"
            for name, sql in wanted.items()
        )
        keys = {title_of(key) for key in cube.base.keys}
        where = [f"where {plain_sql(cube.where)}"] if cube.where else []
        sql = [f"select {listed}", f"from {table_sql(cube.base.fact)}", *where]
        self._read("fact", sql, cube.name, keys)

    def _read(self, variable: str, sql: list[str], name: str, keys: set[str]) -> None:
        """Read what a select gives as a table of the session."""
        told = f", keys={keys!r}" if keys else ""
        self._add(
            "",
            f"{variable} = session.read_arrow(",
            '    read("""',
            *(f"        {_in_quotes(line)}" for line in sql),
            f'    """), table_name="{name}"{told},',
            ")",
        )

    def _dimension(self, use: BoundUse) -> None:
        dimension = use.dimension
        if dimension is None:
            return
        key = title_of(dimension.key)
        wanted = {key: own_sql(dimension.key)}
        for level in self._levels(use):
            for column in (*level.level.keys, level.level.shown):
                wanted[title_of(column)] = own_sql(column)
        if dimension.history is not None:
            self._leave(
                f"as is, and as of a date, of {use.name}",
                "members are loaded as they were.",
            )
        listed = ", ".join(wanted.values())
        name = f"d_{use.name}"
        sql = [f"select {listed}", f"from {table_sql(dimension.table)}"]
        self._read(name, sql, use.name, {key})
        own = title_of(str(use.use.key))
        self._add(f"fact.join({name}, fact[{own!r}] == {name}[{key!r}])")

    def _levels(self, use: BoundUse) -> list[BoundLevel]:
        """Return the levels whose columns stand in the table itself."""

        def columns(level: BoundLevel) -> list[str]:
            at = use.use.at
            return [at[level.name]] if at else [*level.level.keys, level.level.shown]

        return [
            level
            for level in use.levels.values()
            if not (level.tree or any(map(is_joined, columns(level))))
        ]

    # -- hierarchies -----------------------------------------------------------

    def _hierarchies(self, use: BoundUse) -> None:
        if _why_not_joined(use):
            return
        known = {level.name: level for level in self._levels(use)}
        for level in use.levels.values():
            if level.tree:
                self._leave(
                    f"parent-child hierarchy {level.path}",
                    "load it as levels, or by create_parameter_hierarchy of its paths.",
                )
            elif level.name not in known:
                self._leave(f"level {level.path}", "it stands in a further table.")
        placed: set[str] = set()
        for title, hierarchy in use.hierarchies.items():
            kept = [known[name] for name in hierarchy.levels if name in known]
            if kept:
                self._hierarchy(use, title, kept)
                placed |= {level.name for level in kept}
        for name, level in known.items():
            if name not in placed:
                self._hierarchy(use, name, [level])

    def _hierarchy(self, use: BoundUse, title: str, levels: list[BoundLevel]) -> None:
        parts: dict[str, str] = {}
        above: set[str] = set()
        for level in levels:
            if use.dimension is None:
                table, columns = "fact", level.level.keys
            elif use.use.at:
                table, columns = "fact", (use.use.at[level.name],)
            else:
                table, columns = f"d_{use.name}", level.level.keys
            # A level of several keys is told apart by the levels above it.
            if not set(columns[:-1]) <= above:
                self._leave(
                    f"level {level.path} in hierarchy {title}",
                    f"its members are told apart by {', '.join(columns)}, of which"
                    " the levels above have not all.",
                )
                continue
            above |= set(columns)
            if level.level.shown != columns[-1] and not use.use.at:
                self._leave(
                    f"label of level {level.path}",
                    f"members show their key; {level.level.shown} is loaded beside it.",
                )
            parts[level.name] = f"{table}[{title_of(columns[-1])!r}]"
        if not parts:
            return
        self._add(
            f"h[{use.name!r}, {title!r}] = {{"
            + ", ".join(f"{name!r}: {column}" for name, column in parts.items())
            + "}"
        )

    # -- measures --------------------------------------------------------------

    @staticmethod
    def _source(measure: BoundMeasure) -> str:
        argument = measure.measure.argument
        plain = measure.filter is None and is_plain(measure.node, argument)
        if plain and measure.measure.kind != "count":
            return title_of(argument)
        return f"{measure.name}_value"

    def _why_not(self, measure: BoundMeasure) -> str:
        kind = measure.measure.kind
        if kind not in AGGREGATIONS:
            return f"Atoti has no {kind} of rows."
        outside = joined_columns(measure.node, measure.filter)
        if outside:
            return f"{outside[0]} stands in a table that the fact looks up."
        for role, rule in measure.measure.over.items():
            if rule is Over.NEVER:
                return f"it is never added up over {role}; Atoti would do so."
            return f"its rule over {role} is {rule}, for which there is no aggregation."
        return ""

    def _measure(self, measure: BoundMeasure) -> str:
        """Add a measure and those that it is made of; return why not, if not."""
        if measure.name in self._reasons:
            return self._reasons[measure.name]
        try:
            written = self._written(measure)
            reason = ""
        except CannotSay as error:
            reason = str(error)
        self._reasons[measure.name] = reason
        if reason:
            self._leave(f"measure {measure.name}", reason)
            return reason
        self._add(f"m[{measure.name!r}] = {written}")
        told = measure.measure
        if told.format:
            self._add(f"m[{measure.name!r}].formatter = {f'DOUBLE[{told.format}]'!r}")
        if told.description:
            self._add(f"m[{measure.name!r}].description = {told.description!r}")
        if told.folder:
            self._add(f"m[{measure.name!r}].folder = {told.folder!r}")
        if told.unit.startswith("@"):
            self._leave(
                f"refusal to add up different units of {measure.name}",
                f"filter by {told.unit[1:]} before adding up.",
            )
        return ""

    def _written(self, measure: BoundMeasure) -> str:
        if measure.is_calculated and measure.node is not None:
            home = home_of(self.cube, measure)
            for text in names(measure.node):
                if reference(home, text).variants:
                    raise CannotSay(f"it goes through time or the axes: {text}.")
            for title in needs(self.cube, measure):
                reason = self._measure(home.measures[title])
                if reason:
                    raise CannotSay(f"it is made of {title}, which is left out.")
            return measure_expression(measure.node)
        reason = self._why_not(measure)
        if reason:
            raise CannotSay(reason)
        column = f"fact[{self._source(measure)!r}]"
        kind = measure.measure.kind
        if kind == "quantile":
            written = f"tt.agg.quantile({column}, q={measure.measure.at})"
        else:
            written = f"tt.agg.{AGGREGATIONS[kind]}({column})"
        return written


def _in_quotes(text: str) -> str:
    """Return a text as it stands between three quotes."""
    return text.replace("\\", "\\\\").replace('"""', r"\"\"\"")


def _why_not_joined(use: BoundUse) -> str:
    """Return why the fact cannot be joined to a dimension; nothing if it can."""
    if use.use.span is not None:
        return "it is joined by dated spans."
    if use.dimension is not None and use.use.key and is_joined(use.use.key):
        return "its key stands in a table that the fact looks up."
    return ""


def _loaded(measure: BoundMeasure) -> str:
    """Return the SQL of the column that a measure aggregates; what counts is 1."""
    value = argument_sql(measure)
    if measure.measure.kind == "count":
        return f"case when {value} is not null then 1 else 0 end"
    return value
