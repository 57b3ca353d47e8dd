"""How a query goes through time: which dimension, which periods, how fine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.definitions.model import Over, Period
from acrm_olap.definitions.references import Shift, ToDate
from acrm_olap.errors import MeaningError
from acrm_olap.planning.plan import Atom, Axis, TimePlan, TypedCut
from acrm_olap.query import Query


def plan_time(
    query: Query,
    parts: tuple[BoundCube, ...],
    axes: tuple[Axis, ...],
    cuts: Mapping[str, tuple[TypedCut, ...]],
    atoms: Iterable[Atom],
) -> TimePlan | None:
    """Return how a query goes through time; None if it does not.

    Raises
    ------
    MeaningError
        If a measure asks for another period, and no period is on an axis or cut.
    """
    atoms = list(atoms)
    moving = [atom for atom in atoms if atom.times]
    rolled = [
        (atom, role)
        for atom in atoms
        for role, rule in atom.measure.measure.over.items()
        if rule is not Over.NEVER
    ]
    if not moving and not rolled:
        return None
    asked: list[BoundLevel] = [axis.level for axis in axes]
    asked += [cut.level for every in cuts.values() for cut in every]
    roles = list(
        dict.fromkeys(
            level.use
            for level in asked
            if any(_use_is_time(part, level.use) for part in parts)
        )
    )
    role = _role(parts, moving, rolled, roles)
    use = next(part.uses[role] for part in parts if role in part.uses)
    levels = [level for level in asked if level.use == role]
    if moving and not levels:
        raise MeaningError(
            f"'{moving[0].measure.name}' of another period needs a period to start"
            " from.",
            hint=f"Put a level of '{role}' on an axis, such as"
            f" '{role}.{next(iter(use.levels))}', or cut it.",
        )
    hierarchy = _hierarchy(use, [level.name for level in levels])
    on_axis = [axis.level.name for axis in axes if axis.level.use == role]
    step = _finest(use, hierarchy, on_axis or [level.name for level in levels])
    if moving and not hierarchy:
        paths = ", ".join(dict.fromkeys(level.path for level in levels))
        raise MeaningError(
            f"No one way down through time has {paths}, so there is no period before.",
            hint=f"Ask for levels of one hierarchy of '{role}':"
            f" {'; '.join(', '.join(each) for each in _ways_down(use))}.",
        )
    unit = _finest(use, hierarchy, [level.name for level in levels])
    fine = bool(rolled) or _needs_days(query, moving, use, hierarchy, unit)
    grain = "" if fine or not hierarchy or _is_key(use, unit) else unit
    by_place = _by_place(use, hierarchy)
    _check_fiscal(use, moving, by_place)
    return TimePlan(role, hierarchy, step, unit, grain, by_place)


def _is_above(
    use: BoundUse, hierarchy: tuple[str, ...], period: str, unit: str
) -> bool:
    """Whether each unit is in one such period, so that it can be counted in units."""
    above = hierarchy[: hierarchy.index(unit) + 1] if unit in hierarchy else ()
    return any(use.levels[name].period == period for name in above)


def _use_is_time(part: BoundCube, name: str) -> bool:
    return name in part.uses and part.uses[name].is_time


def _role(
    parts: tuple[BoundCube, ...],
    moving: list[Atom],
    rolled: list[tuple[Atom, str]],
    roles: list[str],
) -> str:
    """Return the time dimension that a query goes through, which must be one."""
    wanted = list(dict.fromkeys(role for _, role in rolled))
    if len(wanted) > 1:
        raise MeaningError(
            f"The measures stand for different times: {', '.join(wanted)}.",
            hint="Ask for those of each in a query of its own.",
        )
    if wanted:
        role = wanted[0]
        if moving and roles and role not in roles:
            raise MeaningError(
                f"'{moving[0].measure.name}' goes by '{role}', the query by"
                f" '{roles[0]}'.",
                hint=f"Put a level of '{role}' on an axis, or cut it.",
            )
        missing = [part.name for part in parts if role not in part.uses]
        if missing:
            raise MeaningError(
                f"The cube '{missing[0]}' has no dimension '{role}', which"
                f" '{rolled[0][0].measure.name}' stands for the end of.",
                hint="Ask for its measures in a query of their own.",
            )
        return role
    for part in parts:
        defined = part.base.time
        if defined and (defined in roles or not roles):
            return defined
    keyed = [role for role in roles if all(role in part.uses for part in parts)]
    if len(keyed) == 1:
        return keyed[0]
    if keyed:
        raise MeaningError(
            f"The query has several times: {', '.join(keyed)}.",
            hint="Say `time:` in the cube's definition, or leave all but one out.",
        )
    raise MeaningError(
        f"'{moving[0].measure.name}' of another period needs a time dimension.",
        hint="Put a period on an axis, such as 'date.month', or cut it.",
    )


def _hierarchy(use: BoundUse, names: list[str]) -> tuple[str, ...]:
    """Return the levels of the first hierarchy that has all of the names."""
    for levels in _ways_down(use):
        if set(names) <= set(levels) and any(use.levels[n].period for n in levels):
            return tuple(levels)
    return ()


def _ways_down(use: BoundUse) -> list[list[str]]:
    return [each.levels for each in use.hierarchies.values() if not each.is_tree]


def _finest(use: BoundUse, hierarchy: tuple[str, ...], names: list[str]) -> str:
    inside = [name for name in hierarchy if name in names]
    if inside:
        return inside[-1]
    return names[-1] if names else use.leaf.name


def _is_key(use: BoundUse, name: str) -> bool:
    dimension = use.dimension
    return dimension is not None and use.levels[name].level.keys == (dimension.key,)


def _needs_days(
    query: Query,
    moving: list[Atom],
    use: BoundUse,
    hierarchy: tuple[str, ...],
    unit: str,
) -> bool:
    """Whether what a period is compared with can be told by its days alone."""
    periods = [
        each.period for atom in moving for each in atom.times
        if isinstance(each, ToDate)
    ]  # fmt: skip
    if any(not _is_above(use, hierarchy, period, unit) for period in periods):
        return True
    shifts = _shifts(moving)
    if shifts and query.open_periods == "same_days":
        return True
    by_place = _by_place(use, hierarchy)
    return any(shift.by and shift.by not in by_place for shift in shifts)


def _shifts(moving: list[Atom]) -> list[Shift]:
    return [each for atom in moving for each in atom.times if isinstance(each, Shift)]


def _by_place(use: BoundUse, hierarchy: tuple[str, ...]) -> frozenset[str]:
    """Return the shifts by a year that steps of a hierarchy can be counted in."""
    if not any(use.levels[name].period is Period.YEAR for name in hierarchy):
        return frozenset()
    fiscal = {
        name
        for title, each in use.hierarchies.items()
        if "fiscal" in title
        for name in each.levels
    }
    is_fiscal = bool(fiscal) and set(hierarchy[:-1]) <= fiscal
    return frozenset({"fiscal" if is_fiscal else "year"})


def _check_fiscal(use: BoundUse, moving: list[Atom], by_place: frozenset[str]) -> None:
    """Refuse the fiscal year before where nothing says which days it has."""
    calendar = use.dimension.calendar if use.dimension else None
    wanted = [each for each in _shifts(moving) if each.by == "fiscal"]
    if wanted and "fiscal" not in by_place and not (calendar and calendar.fiscal):
        raise MeaningError(
            f"Nothing says which days of '{use.name}' the fiscal year before has.",
            hint="Put a fiscal level on an axis, or give the dimension"
            " `calendar: {fiscal: column}`; prior_year_comparable goes back 364 days.",
        )
