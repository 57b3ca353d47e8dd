"""Columns beside an answer that say which units its cells have, and add up."""

from __future__ import annotations

from sqlglot import exp

from acrm_olap.planning.plan import Plan, UnitCheck
from acrm_olap.sql.terms import as_, call, cte, derived, made, number, select, union

MIXED = "_mixed"
UNITS = "_units_"


def unit_columns(plan: Plan) -> list[exp.Expr]:
    """Return the first measure that adds up different units, and the units of each.

    They are the units of the cells: those that cuts and rights let through.

    Parameters
    ----------
    plan : Plan
        With units to be looked at; its cells stand in ``cells``.
    """
    cases = [
        exp.If(
            this=exp.NEQ(
                this=made(f"m{check.least}"), expression=made(f"m{check.greatest}")
            ),
            true=number(n),
        )
        for n, check in enumerate(plan.units)
    ]
    every = select([exp.Min(this=exp.Case(ifs=cases))], cte("cells"))
    return [
        as_(exp.Subquery(this=every), MIXED),
        *(as_(_units(check), f"{UNITS}{n}") for n, check in enumerate(plan.units)),
    ]


def _units(check: UnitCheck) -> exp.Expr:
    ends = (
        select([as_(made(f"m{atom}"), "u")], cte("cells"))
        for atom in (check.least, check.greatest)
    )
    both = union(ends, distinct=True)
    return exp.Subquery(this=select([call("list", made("u"))], derived(both, "units")))
