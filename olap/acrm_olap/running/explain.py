"""What a query means and how it is answered, for people who want to know why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acrm.reading.formats import json_value
from acrm_olap.aggregates.route import Choice
from acrm_olap.definitions import BoundUse
from acrm_olap.definitions.queries import shown_table
from acrm_olap.planning import ALL, Plan, Rights
from acrm_olap.planning.plan import TypedCut
from acrm_olap.query import Query, to_dict, to_line
from acrm_olap.running.engine import Engine, served_by, tables_of


@dataclass(frozen=True)
class Explanation:
    """The plan of a query.

    Parameters
    ----------
    line : str
        The query, in one line.
    chosen, rejected : tuple of Choice
        Aggregate tables that answer in the place of facts; the others, with the rule
        that says why they do not.
    found : dict
        Cubes, tables, measures, levels, cuts, joins, time, notes, SQL and its values.
    """

    line: str
    found: dict[str, Any]
    chosen: tuple[Choice, ...] = ()
    rejected: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, as JSON has it."""
        return self.found

    def __str__(self) -> str:
        """Return it as people read it."""
        found = self.found
        blocks = {
            "query": [self.line],
            "cubes": [", ".join(found["cubes"])],
            "tables": [", ".join(found["tables"])],
            "as of": [found["as_of"]],
            "measures": [
                f"{each['name']}: {each['how']}" for each in found["measures"]
            ],
            "levels": [f"{each['path']} on {each['axis']}" for each in found["levels"]],
            "cuts": [f"{each['cube']}: {each['text']}" for each in found["cuts"]],
            "joins": [
                f"{each['cube']}: {each['role']}, {each['how']}"
                for each in found["joins"]
            ],
            "time": [f"{name}: {value}" for name, value in found["time"].items()],
            "from": [found["served_by"], *map(_of_aggregate, found["aggregates"])],
            "notes": found["notes"],
            "values": [f"${n} = {value!r}" for n, value in found["values"].items()],
        }
        lines = [
            f"{name if not n else '':<10}{part}"
            for name, parts in blocks.items()
            for n, part in enumerate(parts)
        ]
        return "\n".join([*lines, "", found["sql"]])


def explain(engine: Engine, query: Query, rights: Rights = ALL) -> Explanation:
    """Return what a query means and how it is answered, without asking it.

    Parameters
    ----------
    engine : Engine
        Over which file.
    query : Query
        The question.
    rights : Rights
        What the caller may see.
    """
    plan = engine.plan(query, rights)
    routing = engine.route(plan)
    statement = engine.statement(routing.plan)
    found = {
        "query": to_dict(query),
        "cubes": [part.name for part in plan.parts],
        "tables": list(tables_of(statement)),
        "as_of": query.as_of,
        "measures": [
            {"name": column.name, "how": _how_measured(plan, column.name, rights)}
            for column in plan.columns
        ],
        "levels": [
            {"path": axis.path, "axis": "rows" if axis.on_rows else "columns"}
            for axis in plan.axes
        ],
        "cuts": [
            {"cube": name, "level": cut.level.path, "text": cut_text(cut)}
            for name, cuts in plan.cuts.items()
            for cut in cuts
        ],
        "joins": _joins(plan),
        "time": _time(plan),
        "served_by": served_by(routing),
        "aggregates": [
            *(
                {"cube": each.part, "table": each.table, "answers": list(each.measures)}
                for each in routing.chosen
            ),
            *(
                {"cube": each.part, "table": each.table, "not_because": each.reason}
                for each in routing.rejected
            ),
        ],
        "notes": list(plan.notes),
        "sql": statement.sql(pretty=True),
        "values": {name: json_value(each) for name, each in statement.values.items()},
    }
    return Explanation(to_line(query), found, routing.chosen, routing.rejected)


def _of_aggregate(found: dict[str, Any]) -> str:
    if "answers" in found:
        return f"{found['cube']}: {', '.join(found['answers'])} from {found['table']}"
    return f"{found['cube']}: not from {found['table']}: {found['not_because']}"


def _how_measured(plan: Plan, name: str, rights: Rights) -> str:
    from acrm_olap.definitions.references import read_reference

    calculated = dict(plan.query.calculated)
    if name in calculated:
        return f"expression {calculated[name]}"
    known = [*plan.cube.measures, *calculated]
    found = read_reference(name, known, owner=f"cube '{plan.cube.name}'")
    if found.measure in calculated:
        return f"{calculated[found.measure]}, {name.removeprefix(found.measure)[1:]}"
    measure = plan.cube.measures[found.measure].measure
    of = name.removeprefix(found.measure).removeprefix(".")
    if measure.kind == "expression" and rights.hidden:
        # What it is made of may be hidden from the caller.
        return f"calculated{f', {of}' if of else ''}"
    where = f" where {measure.filter}" if measure.filter else ""
    over = "".join(f", {rule} over {role}" for role, rule in measure.over.items())
    return f"{measure.kind} {measure.argument}{where}{over}{f', {of}' if of else ''}"


def cut_text(cut: TypedCut) -> str:
    """Return a cut as people read it."""
    values = [
        "nothing" if value is None else ", ".join(map(_shown, value))
        for value in cut.values
    ]
    if cut.operator == "days":
        ranges = " or ".join(
            _shown(v[0]) if v[0] == v[-1] else f"{_shown(v[0])} to {_shown(v[-1])}"
            for v in cut.values
            if v
        )
        return f"{cut.level.path}: days {ranges}"
    joiner = " to " if cut.operator.endswith("range") else " | "
    return f"{cut.level.path} {cut.operator} {joiner.join(values)}".rstrip()


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


def _joins(plan: Plan) -> list[dict[str, str]]:
    found = []
    for part in plan.parts:
        for role in sorted(plan.roles(part.name) & part.uses.keys()):
            how = how_joined(part.uses[role], plan.query.as_of)
            found.append({"cube": part.name, "role": role, "how": how})
    return found


def how_joined(use: BoundUse, as_of: str) -> str:
    """Return how a fact gets to the members of a dimension."""
    if use.dimension is None:
        return "columns of the fact"
    table, span = shown_table(use.dimension.table), use.use.span
    if use.use.at:
        columns = ", ".join(use.use.at.values())
        return f"{table}, by its levels in the fact's {columns}"
    versions = ""
    if use.dimension.history is not None:
        versions = {
            "was": ", version at the time of the row",
            "is": ", current version of the member",
        }.get(as_of, f", version that held on {as_of}")
    if span is not None:
        return f"{table}, {span.key} within the span that held on {span.date}{versions}"
    key = f"{use.use.key} = {use.dimension.key}"
    promised = "every row has a member" if use.use.complete else "rows may have none"
    return f"{table}, {key}, {promised}{versions}"


def _time(plan: Plan) -> dict[str, str]:
    if plan.time is None:
        return {}
    time = plan.time
    return {
        "dimension": time.role,
        "hierarchy": " > ".join(time.hierarchy) or "its days",
        "step": time.step,
        "kept at": time.grain or "the day",
    }
