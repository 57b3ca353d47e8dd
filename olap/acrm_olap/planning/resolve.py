"""From a query to its plan: names found, meaning checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from acrm_olap.definitions import BoundCube, BoundLevel
from acrm_olap.errors import MeaningError, UnknownNameError
from acrm_olap.expressions import Type
from acrm_olap.planning.meaning import check_meaning
from acrm_olap.planning.members import typed_cut
from acrm_olap.planning.plan import Axis, Beside, Column, Plan, Tree, TypedCut
from acrm_olap.planning.timing import plan_time
from acrm_olap.planning.trees import Forest, under
from acrm_olap.planning.units import check_units
from acrm_olap.query import Cut, Query


@dataclass(frozen=True)
class Rights:
    """What a caller may see.

    Parameters
    ----------
    filters : tuple of Cut
        Rows the caller sees at all, of cubes that have the level: by members as they
        were when it happened, whatever a query asks. Rows without a member are not
        among them.
    hidden : frozenset of str
        Measures that are not there for the caller, as ``cube.measure``.
    """

    filters: tuple[Cut, ...] = ()
    hidden: frozenset[str] = field(default_factory=frozenset)

    def hold_back(self, role: str) -> bool:
        """Whether rows are kept from the caller by their members of a dimension.

        From when to when there are rows is no news for whom time itself is held back.
        """
        return any(cut.level.partition(".")[0] == role for cut in self.filters)


ALL = Rights()


def _no_units(_cube: BoundCube, _column: str) -> tuple[str, ...]:
    return ()


def resolve(
    cube: BoundCube,
    query: Query,
    rights: Rights = ALL,
    units: Callable[[BoundCube, str], tuple[str, ...]] = _no_units,
) -> Plan:
    """Return the plan of a query.

    Parameters
    ----------
    cube : BoundCube
        That it asks.
    query : Query
        The question.
    rights : Rights
        What the caller may see.
    units : callable
        The units that a column of a cube's fact has.

    Raises
    ------
    UnknownNameError
        If it names what is not there; with the nearest that is.
    MeaningError
        If it has no right answer as it was asked; with the nearest that has.
    """
    forest = Forest(cube, query.calculated, rights.hidden)
    columns = tuple(_column(forest, name) for name in query.measures)
    having = forest.formula(query.having, Type.FLAG) if query.having else None
    top = forest.tree(query.top.by) if query.top else None
    order = tuple(_order(forest, cube, query, text) for text in query.order)
    parts = _parts(cube, forest)
    checks = tuple(check_units(forest, parts, units))
    axes = _axes(cube, parts, query)
    _check_owners(cube, parts, query.cuts)
    filters = {part.name: row_filters(part, rights) for part in parts}
    cuts = {
        part.name: (
            *_cuts(cube, part, query.cuts),
            *cuts_of_filters(part, filters[part.name], query.as_of),
        )
        for part in parts
    }
    shown = _shown(query, axes)
    trees = [column.tree for column in columns]
    trees += [tree for tree in (having, top) if tree is not None]
    trees += [what for what, _ in order if isinstance(what, Tree)]
    time = plan_time(query, parts, axes, cuts, forest.atoms)
    plan = Plan(
        query, cube, parts, axes, cuts, tuple(forest.atoms), columns, having, top,
        tuple((axes[what] if isinstance(what, int) else what, down)
              for what, down in order),
        shown, _computed(query, shown, trees), time, (), checks, filters,
    )  # fmt: skip
    return check_meaning(plan)


def _column(forest: Forest, name: str) -> Column:
    tree = forest.tree(name)
    found = forest.reference(name)
    measure = forest.measure(found.measure)
    definition = measure.measure
    of = (
        name.removeprefix(found.measure).strip(".").replace("_", " ").replace(".", ", ")
    )
    caption = f"{measure.caption}, {of}" if of else measure.caption
    unit, shape = definition.unit, definition.format
    relative = ("growth", "share")
    last = name.rpartition(".")[2]
    if of and last.startswith(relative):
        unit, shape = "%", "0.0%"
    elif of and last == "rank":
        unit, shape = "", "0"
    return Column(name, tree, caption, unit, shape, definition.description)


def _order(
    forest: Forest, cube: BoundCube, query: Query, text: str
) -> tuple[Tree | int, bool]:
    name = text.removeprefix("-")
    down = text.startswith("-")
    if name in query.axes:
        return query.axes.index(name), down
    try:
        return forest.tree(name), down
    except UnknownNameError as error:
        raise UnknownNameError(
            "column to order by", name, [*query.axes, *query.measures],
            owner=f"the answer of '{cube.name}'",
        ) from error  # fmt: skip


def _parts(cube: BoundCube, forest: Forest) -> tuple[BoundCube, ...]:
    """Return the cubes that the measures come from, in the order of the definition."""
    used = {atom.part for atom in forest.atoms}
    if not used:
        raise MeaningError(
            "The query asks for constants alone.", hint="Ask for a measure as well."
        )
    return tuple(part for part in cube.parts if part.name in used)


def _axes(
    cube: BoundCube, parts: tuple[BoundCube, ...], query: Query
) -> tuple[Axis, ...]:
    found = []
    for number, path in enumerate(query.axes):
        cube.level(path)
        levels = {part.name: _shared(cube, parts, part, path) for part in parts}
        found.append(Axis(path, number, number < len(query.rows), levels))
    paths = [axis.level.path for axis in found]
    for path in paths:
        if paths.count(path) > 1:
            raise MeaningError(f"'{path}' is asked for twice.", hint="Give it once.")
    return tuple(found)


def _shared(
    cube: BoundCube, parts: tuple[BoundCube, ...], part: BoundCube, path: str
) -> BoundLevel:
    """Return a level in one of several cubes, which must all have it."""
    use = path.partition(".")[0]
    try:
        level = part.level(path)
    except UnknownNameError as error:
        if len(parts) == 1 and not cube.is_virtual:
            raise
        shared = [
            each
            for each in cube.level_paths
            if all(other.has_level(each) for other in parts)
        ]
        owners = [each.name for each in parts if each.has_level(path)]
        raise MeaningError(
            f"The cube '{part.name}' has no level '{path}', so its measures cannot be"
            f" parted by it{f'; {owners[0]} has it' if owners else ''}.",
            hint=f"Levels that all cubes of these measures share: {', '.join(shared)}."
            if shared
            else "These cubes share no level: ask them one by one.",
        ) from error
    first = parts[0].uses[use].dimension if use in parts[0].uses else None
    mine = part.uses[use].dimension
    if first is not mine and first != mine:
        raise MeaningError(
            f"'{use}' is not the same dimension in {parts[0].name} and {part.name}.",
            hint="Give one of the roles another name.",
        )
    return level


def _cuts(
    cube: BoundCube,
    part: BoundCube,
    cuts: Iterable[Cut],
) -> Iterable[TypedCut]:
    for cut in cuts:
        owner = _owner(cube, cut)
        if owner is not None:
            if owner.name == part.name:
                yield typed_cut(with_sets(cube, part), inner_cut(cube, cut))
            continue
        # The name is looked up where the caller asked, for the nearest one.
        cube.level(cut.level)
        if not part.has_level(cut.level):
            raise MeaningError(
                f"The cube '{part.name}' has no level '{cut.level}', so it cannot be"
                " cut by it.",
                hint=_instead(cube, part, cut),
            )
        yield typed_cut(with_sets(cube, part), cut)


def row_filters(part: BoundCube, rights: Rights) -> tuple[TypedCut, ...]:
    """Return the filters of a caller's rows, of levels that a cube has."""
    return tuple(
        typed_cut(part, cut) for cut in rights.filters if part.has_level(cut.level)
    )


def cuts_of_filters(
    part: BoundCube, filters: Iterable[TypedCut], as_of: str
) -> list[TypedCut]:
    """Return the filters that also decide which members are shown.

    Which rows a caller sees goes by members as they were when it happened, so that
    no other ``as_of`` shows others. Where members are asked for in another version,
    these rows may be those of any member, and nothing more is cut.

    Raises
    ------
    MeaningError
        If rows under a member of a tree are asked for in another version.
    """
    found = []
    for cut in filters:
        dimension = part.uses[cut.level.use].dimension
        if as_of == "was" or dimension is None or dimension.history is None:
            found.append(cut)
        elif cut.level.tree:
            raise MeaningError(
                f"What you may see goes by '{cut.level.path}', as it was.",
                hint="Ask as it was when it happened: as_of 'was'.",
            )
    return found


def _owner(cube: BoundCube, cut: Cut) -> BoundCube | None:
    """Return the cube that ``targets.plan_version`` cuts, and no other.

    A cube and a dimension may have the same name: what is a level is one first.
    """
    name, _, level = cut.level.partition(".")
    if not (cube.is_virtual and level) or cube.has_level(cut.level):
        return None
    found = next((part for part in cube.parts if part.name == name), None)
    named = name in cube.uses and found is not None and not found.has_level(level)
    return None if named else found


def _instead(cube: BoundCube, part: BoundCube, cut: Cut) -> str:
    others = [each.name for each in cube.parts if each.has_level(cut.level)]
    alone = f"cut '{others[0]}.{cut.level}' to cut that cube alone" if others else ""
    return f"Leave the cut out, or the measures of '{part.name}'; or {alone}."


def _check_owners(
    cube: BoundCube, parts: tuple[BoundCube, ...], cuts: Iterable[Cut]
) -> None:
    """Refuse to cut a cube that no measure comes from: it would change nothing."""
    for cut in cuts:
        owner = _owner(cube, cut)
        if owner is not None and owner not in parts:
            raise MeaningError(
                f"'{cut.level}' cuts the cube '{owner.name}', which no measure of the"
                " query comes from.",
                hint=f"Leave the cut out, or ask for a measure of '{owner.name}'.",
            )


def with_sets(cube: BoundCube, part: BoundCube) -> BoundCube:
    """Return a cube of a virtual one with the named sets of both."""
    if part.name == cube.name:
        return part
    return replace(part, sets={**part.sets, **cube.sets})


def inner_cut(cube: BoundCube, cut: Cut) -> Cut:
    """Return a cut as the cube knows its level: without ``targets.`` before it."""
    owner = _owner(cube, cut)
    if owner is None:
        return cut
    return replace(cut, level=cut.level.removeprefix(f"{owner.name}."))


def parts_of_cut(
    cube: BoundCube, parts: Iterable[BoundCube], cut: Cut
) -> list[BoundCube]:
    """Return the cubes of a query that a cut is about."""
    owner = _owner(cube, cut)
    return [part for part in parts if owner is None or part.name == owner.name]


def _shown(query: Query, axes: tuple[Axis, ...]) -> tuple[frozenset[int], ...]:
    whole = frozenset(range(len(axes)))
    if not query.subtotals:
        return (whole,)
    rows, columns = len(query.rows), len(query.columns)
    return tuple(
        frozenset([*range(down), *range(rows, rows + across)])
        for down in range(rows, -1, -1)
        for across in range(columns, -1, -1)
    )


def _computed(
    query: Query, shown: tuple[frozenset[int], ...], trees: list[Tree]
) -> tuple[frozenset[int], ...]:
    """Return what has to be computed: what is shown, and what it is compared with."""
    rows = frozenset(range(len(query.rows)))
    found = dict.fromkeys(shown)
    hows = {
        each.how for tree in trees for each in under(tree) if isinstance(each, Beside)
    }
    for every in shown:
        down = sorted(every & rows)
        if "share_of_parent" in hows and down:
            found[every - {down[-1]}] = None
        if "share_of_total" in hows:
            found[every - rows] = None
    if query.top:
        found[rows] = None
    return tuple(found)
