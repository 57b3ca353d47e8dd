"""How a query would be answered: its plan and SQL, as far as the caller may see."""

from __future__ import annotations

from acrm_olap.expressions import names
from acrm_olap.planning import Plan
from acrm_olap.query import Query
from acrm_olap.running import Engine
from acrm_olap.running.drill_through import hidden_columns
from acrm_olap.running.engine import tables_of
from acrm_olap.server.access import View
from acrm_olap.server.answers import Explanation
from acrm_olap.server.encode import exact


def explanation(engine: Engine, view: View, query: Query) -> Explanation:
    """Return how a query would be answered.

    Parameters
    ----------
    engine : Engine
        Over the file.
    view : View
        What the caller sees.
    query : Query
        The question; it is not run.
    """
    plan = engine.plan(query, view.rights)
    statement = engine.statement(engine.route(plan).plan)
    told = not _reads_hidden(plan, view)
    return Explanation(
        cube=query.cube,
        cubes=[part.name for part in plan.parts],
        rows=list(query.rows),
        columns=list(query.columns),
        measures={each.name: each.description or each.caption
                  for each in plan.columns},
        cuts={name: [f"{cut.level.path} {cut.operator}" for cut in cuts]
              for name, cuts in plan.cuts.items()},
        filters=[cut.level for cut in view.rights.filters],
        time=_time(plan),
        as_of=query.as_of,
        notes=list(plan.notes),
        tables=list(tables_of(statement)) if told else [],
        sql=statement.sql(pretty=True) if told else "",
        values=exact(dict(statement.values)) if told else {},
    )  # fmt: skip


def _reads_hidden(plan: Plan, view: View) -> bool:
    """Whether the SQL names columns of a measure that is not there for the caller."""
    return any(
        f"{atom.part}.{atom.measure.name}" in view.rights.hidden
        or set(names(atom.measure.node) if atom.measure.node else ())
        & hidden_columns(plan.part(atom.part), view.rights)
        for atom in plan.atoms
    )


def _time(plan: Plan) -> dict[str, str]:
    if plan.time is None:
        return {}
    return {
        "dimension": plan.time.role,
        "levels": ", ".join(plan.time.hierarchy),
        "step": plan.time.step,
        "grain": plan.time.grain or "key",
    }
