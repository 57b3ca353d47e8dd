"""Levels of a parent-child hierarchy by depth, as levels of any other hierarchy.

Members under members cannot be parted into cells: each counts in all that are above
it. By depth they can: the members of the second depth are who stands one below the top,
each row counts in one of them, and shares, first members and subtotals mean what they
mean elsewhere. A member that stands higher than a depth stands for itself there.
"""

from __future__ import annotations

from acrm.sql import identifier
from acrm_olap.definitions.catalog import Catalog
from acrm_olap.definitions.columns import require_alike, require_column, table_columns
from acrm_olap.definitions.model import Dimension, Hierarchy, Join, Level
from acrm_olap.definitions.queries import is_query
from acrm_olap.definitions.read import Definitions
from acrm_olap.errors import DefinitionError
from acrm_olap.expressions import name_parts, split_name


def dimension_of(definitions: Definitions, catalog: Catalog, name: str) -> Dimension:
    """Return a dimension, with the levels that its trees have by depth.

    Parameters
    ----------
    definitions : Definitions
        That have it.
    catalog : Catalog
        What the warehouse has.
    name : str
        Of the dimension.

    Raises
    ------
    CubeError
        If a tree has columns that are not there, or cannot have such levels.
    """
    found = definitions.dimensions[name]

    def where(*parts: str | int) -> str:
        return definitions.where("dimension", name, *parts)

    for title, tree in found.hierarchies.items():
        level = found.levels.get(tree.level or "")
        place = where("hierarchies", title)
        if level is not None and len(level.keys) > 1:
            raise DefinitionError(
                f"Members of '{title}' have {len(level.keys)} keys:"
                f" {', '.join(level.keys)}.",
                where=place,
                hint="A member of a parent-child hierarchy has one key, as its parent"
                " has.",
            )
        if level is not None and tree.by_depth:
            columns = table_columns(catalog, found.table, found.joins, where)
            parent = str(tree.parent)
            of_parent = require_column(columns, parent, found.table, place)
            of_level = where("levels", str(tree.level))
            for each in (*level.keys, level.shown, *level.orders):
                require_column(columns, each, found.table, of_level)
            key = level.keys[0]
            require_alike((parent, of_parent), (key, columns[key]), place)
    try:
        return _with_depths(found)
    except ValueError as error:
        raise DefinitionError(
            str(error),
            where=where("hierarchies"),
            hint="Name the levels of `by_depth` otherwise, or leave it out.",
        ) from None


def _with_depths(dimension: Dimension) -> Dimension:
    trees = {
        title: tree
        for title, tree in dimension.hierarchies.items()
        if tree.is_tree and tree.by_depth and tree.level in dimension.levels
    }
    if not trees:
        return dimension
    joins, hierarchies = list(dimension.joins), dict(dimension.hierarchies)
    levels: dict[str, Level] = {}
    for title, tree in trees.items():
        base = dimension.levels[str(tree.level)]
        _check(dimension, title, tree, {*dimension.levels, *levels})
        joined = Join(
            table=_query(dimension, base, tree), name=f"depths_of_{title}",
            on={base.keys[0]: "member"},
        )  # fmt: skip
        joins.append(joined)
        levels |= _levels(joined.title, base, tree)
        hierarchies[f"{title}_by_depth"] = tree.model_copy(
            update={"levels": list(tree.by_depth), "level": None, "parent": None}
        )
    # The last level, and the first hierarchy, stand for the dimension alone.
    return dimension.model_copy(
        update={
            "joins": joins,
            "levels": levels | dict(dimension.levels),
            "hierarchies": hierarchies,
        }
    )


def _check(dimension: Dimension, title: str, tree: Hierarchy, taken: set[str]) -> None:
    name = dimension.dimension
    if dimension.history is not None:
        raise ValueError(
            f"The dimension '{name}' has versions, and '{title}' levels by depth."
        )
    twice = [each for each in tree.by_depth if each in taken]
    if twice or len(set(tree.by_depth)) < len(tree.by_depth):
        each = twice[0] if twice else tree.by_depth[0]
        raise ValueError(f"'{name}' has two levels '{each}'; '{title}' names one.")
    if f"{title}_by_depth" in dimension.hierarchies:
        raise ValueError(f"'{name}' has a hierarchy '{title}_by_depth' already.")


def _levels(title: str, base: Level, tree: Hierarchy) -> dict[str, Level]:
    found = {}
    for n, name in enumerate(tree.by_depth):
        orders = [f"{title}.order{m}_{n}" for m in range(len(base.orders))]
        found[name] = Level(
            key=f"{title}.key_{n}", label=f"{title}.label_{n}", order=orders,
            description=base.description, visible=base.visible,
        )  # fmt: skip
    return found


def _query(dimension: Dimension, base: Level, tree: Hierarchy) -> str:
    """Return who stands above each member at each depth, as a query in brackets."""
    wanted = {"key": base.keys[0], "above": str(tree.parent), "label": base.shown}
    wanted |= {f"order{m}": each for m, each in enumerate(base.orders)}
    listed = ", ".join(f"{_column(each)} as {title}" for title, each in wanted.items())
    source = f"{_table(dimension.table)} as member"
    further = any(split_name(each)[0] for each in wanted.values())
    for each in dimension.joins if further else ():
        on = " and ".join(
            f"{_column(here)} = {_column(there, each.title)}"
            for here, there in each.on.items()
        )
        source += f" left join {_table(each.table)} as {identifier(each.title)} on {on}"
    kept = [title for title in wanted if title not in {"key", "above"}]
    first = ", ".join(f"any_value({title}) as {title}" for title in kept)
    begun = ", ".join(f"[{title}] as {title}" for title in ("key", *kept))
    longer = ", ".join(
        f"list_append(walk.{title}, known.{title})" for title in ("key", *kept)
    )
    at = ", ".join(
        f"list_extract({title}, least({n + 1}, len(key))) as {title}_{n}"
        for n in range(len(tree.by_depth))
        for title in ("key", *kept)
    )
    return (
        f"(with recursive depth_members as (select {listed} from {source}),"
        # A parent that is no member, or the member itself, is none.
        " depth_found as (select key, max(above) filter (where above <> key"
        " and above in (select key from depth_members)) as above,"
        f" {first} from depth_members where key is not null group by key),"
        f" depth_walk as (select key as member, {begun} from depth_found"
        f" where above is null union all select known.key, {longer}"
        " from depth_found as known inner join depth_walk as walk"
        " on known.above = walk.member)"
        f" select member, {at} from depth_walk)"
    )


def _table(text: str) -> str:
    if is_query(text):
        return text
    return ".".join(identifier(part) for part in name_parts(text))


def _column(text: str, of: str = "member") -> str:
    title, last = split_name(text)
    return f"{identifier(title or of)}.{identifier(last)}"
