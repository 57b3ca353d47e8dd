"""What a query must not be asked for, and what its reader has to know."""

from __future__ import annotations

from dataclasses import replace

from acrm_olap.definitions.model import Over
from acrm_olap.definitions.references import Moving, ToDate
from acrm_olap.errors import MeaningError
from acrm_olap.planning.plan import Beside, Leaf, Mean, Plan, Tree
from acrm_olap.planning.trees import under


def check_meaning(plan: Plan) -> Plan:
    """Return a plan that has a right answer, with notes for its reader.

    Raises
    ------
    MeaningError
        If it has none; with the nearest query that has.
    """
    _check_never(plan)
    _check_running(plan)
    _check_trees(plan)
    _check_time(plan)
    if plan.query.top and not plan.query.rows:
        raise MeaningError(
            "There are no rows to take the first of.",
            hint="Put a level on the rows, such as rows=['product.product'].",
        )
    return replace(plan, notes=tuple(_notes(plan)))


def _check_never(plan: Plan) -> None:
    """Refuse to add up over a dimension what never adds up there."""
    for atom in plan.atoms:
        for role, rule in atom.measure.measure.over.items():
            if rule is not Over.NEVER:
                continue
            on_axis = all(
                any(
                    axis.level.use == role and axis.number in every
                    for axis in plan.axes
                )
                for every in plan.shown
            )
            one = any(
                cut.level.use == role and cut.operator == "in" and len(cut.values) == 1
                for cut in (*plan.cuts[atom.part], *plan.filters.get(atom.part, ()))
            )
            if on_axis or one:
                continue
            part = plan.part(atom.part)
            level = part.uses[role].leaf.path
            shared = all(role in each.uses for each in plan.parts)
            raise MeaningError(
                f"'{atom.measure.name}' does not add up over '{role}'.",
                hint=f"Put '{level}' on an axis without subtotals, or cut it to one"
                " member."
                if shared
                else f"Cut '{part.name}.{level}' to one member.",
            )


def _check_running(plan: Plan) -> None:
    """Refuse a running total of what does not add up along the rows."""
    for column in plan.columns:
        for tree in under(column.tree):
            if isinstance(tree, Beside) and tree.how == "running_total":
                _check_adds_up(plan, column.name, tree.tree)


def _check_adds_up(plan: Plan, name: str, tree: Tree) -> None:
    leaf = tree.total if isinstance(tree, Mean) else tree
    rows = [axis for axis in plan.axes if axis.on_rows]
    if isinstance(leaf, Leaf):
        atom = plan.atoms[leaf.atom]
        role = rows[-1].level.use if rows else ""
        summed = atom.measure.measure.kind in {"sum", "count"}
        gathered = any(isinstance(each, ToDate | Moving) for each in atom.times)
        part = plan.part(atom.part)
        twice = gathered and bool(rows) and part.uses[role].is_time
        if summed and not twice and role not in atom.measure.measure.over and not (
            rows and rows[-1].level.tree
        ):  # fmt: skip
            return
    raise MeaningError(
        f"'{name}' adds up what does not add up along the rows.",
        hint="Ask for it to date: '"
        + name.replace("running_total", "year_to_date")
        + "' computes the measure anew over all of the time.",
    )


def _check_trees(plan: Plan) -> None:
    trees = [axis for axis in plan.axes if axis.level.tree]
    if len(trees) > 1:
        raise MeaningError(
            f"{trees[0].path} and {trees[1].path} both count members under members.",
            hint="Put one of them on an axis, and cut by the other.",
        )


def _check_time(plan: Plan) -> None:
    if plan.time is None:
        return
    for part in plan.parts:
        use = part.uses.get(plan.time.role)
        if use is None or use.use.key is None or use.dimension is None:
            raise MeaningError(
                f"The cube '{part.name}' cannot go through time by '{plan.time.role}'.",
                hint="It needs a time dimension that it points to by a key.",
            )


def _notes(plan: Plan) -> list[str]:
    found = []
    if any(axis.level.tree for axis in plan.axes):
        found.append(
            "Each member counts with all that is under it; the total counts every row"
            " once."
        )
    aside = {
        each.how.replace("_", " ")
        for column in plan.columns
        for each in under(column.tree)
        if isinstance(each, Beside)
    }
    rows = [axis for axis in plan.axes if axis.on_rows]
    if aside and rows and rows[-1].level.tree:
        found.append(
            f"{' and '.join(sorted(aside)).capitalize()} go over all members of"
            f" {rows[-1].path}, whoever they are under; levels by_depth are told apart."
        )
    if plan.query.having and plan.query.subtotals:
        found.append("Totals are those of all cells, also of those that are not shown.")
    if plan.query.top and plan.query.subtotals:
        found.append("Totals are those of all members, not of the first ones alone.")
    return found
