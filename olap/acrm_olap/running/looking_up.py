"""The cuts of a caller, held against the members that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from acrm_olap.definitions import BoundCube
from acrm_olap.planning import Rights
from acrm_olap.planning.members import typed_cut
from acrm_olap.planning.plan import TypedCut
from acrm_olap.planning.resolve import inner_cut, parts_of_cut, row_filters, with_sets
from acrm_olap.query import Cut
from acrm_olap.running.membership import NAMED, Membership

_LOOKED_FOR = {"days", "range", "matches"}


def keyed(
    membership: Membership,
    cube: BoundCube,
    cuts: Iterable[Cut],
    rights: Rights,
    as_of: str,
    missing: str,
) -> tuple[Cut, ...]:
    """Return cuts with keys where a level of several is cut by a label.

    Parameters
    ----------
    membership : Membership
        Of the file.
    cube : BoundCube
        That is asked.
    cuts : iterable of Cut
        What the caller wrote.
    rights : Rights
        What the caller may see.
    as_of : str
        ``was``, ``is`` or a date.
    missing : str
        ``empty`` leaves labels out that no member has.

    Raises
    ------
    MeaningError
        If several members have the label.
    """
    found = []
    for cut in cuts:
        inner = inner_cut(cube, cut)
        parts = [
            part
            for part in parts_of_cut(cube, cube.parts, cut)
            if part.has_level(inner.level)
        ]
        values = cut.values
        if parts:
            held = row_filters(parts[0], rights)
            values = membership.by_label(
                parts[0], inner, held, as_of, leave_out=missing == "empty"
            ).values
        found.append(replace(cut, values=values))
    return tuple(found)


def look_up(
    membership: Membership,
    cube: BoundCube,
    parts: Iterable[BoundCube],
    cuts: Iterable[Cut],
    filters: Mapping[str, tuple[TypedCut, ...]],
    as_of: str,
    missing: str,
) -> list[str]:
    """Refuse members that are not there; say which cuts no member meets.

    Parameters
    ----------
    membership : Membership
        Of the file.
    cube : BoundCube
        That is asked.
    parts : iterable of BoundCube
        Cubes of it that take part.
    cuts : iterable of Cut
        What the caller wrote.
    filters : mapping of str to tuple of TypedCut
        By cube: the rows that the caller may see.
    as_of : str
        ``was``, ``is`` or a date.
    missing : str
        ``refuse`` or ``empty``.

    Raises
    ------
    UnknownNameError
        With the nearest members.
    """
    notes = []
    parts = tuple(parts)
    for cut in cuts:
        inner = inner_cut(cube, cut)
        cubes = [with_sets(cube, part) for part in parts_of_cut(cube, parts, cut)]
        typed = [typed_cut(part, inner) for part in cubes]
        if all(each.operator in _LOOKED_FOR for each in typed):
            if all(
                membership.is_empty(part, each, filters.get(part.name, ()), as_of)
                for part, each in zip(cubes, typed, strict=True)
            ):
                notes.append(f"No member of '{cut.level}' meets its cut.")
        elif cut.operator in NAMED and missing == "refuse":
            membership.require(cubes, inner, filters, as_of)
    return notes
