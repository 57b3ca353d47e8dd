"""Columns of a table and of those joined to it, held against the warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from acrm_olap.definitions.catalog import Catalog, expression_type
from acrm_olap.definitions.model import Dimension, Join, Use
from acrm_olap.definitions.queries import shown_table
from acrm_olap.errors import DefinitionError, UnknownNameError
from acrm_olap.expressions import Type, quoted_name, split_name, written_name

# What an expression has, and hardly a name: (a), 'a', a + b, a::date.
_SIGNS = re.compile(r"[-()'+*/|<>=:,]")
_IN_A_QUERY = (
    "An expression goes into the table that has it, as a query in brackets:"
    " `table: (select *, first || ' ' || last as name from people)`."
)
# What statements call the table that others are joined to.
_TAKEN = frozenset({"fact", "member", "chosen", "here"})


def table_columns(
    catalog: Catalog, table: str, joins: list[Join], where: Callable[..., str]
) -> dict[str, str]:
    """Return the columns of a table, and ``table.column`` of those joined to it."""
    found = dict(catalog.columns(table, where=where("table")))
    titles = set(_TAKEN)
    for number, join in enumerate(joins):
        place = where("joins", number)
        joined = catalog.columns(join.table, where=place)
        for here, there in join.on.items():
            own = require_column(found, here, table, place)
            other = require_column(joined, there, join.table, place)
            require_alike(
                (here, own), (f"{written_name(join.title)}.{there}", other), place
            )
        if join.title.lower() in titles:
            itself = join.title.lower() in _TAKEN
            owner = "The table itself" if itself else "Another join"
            raise DefinitionError(
                f"{owner} is called '{join.title}' already.",
                where=place,
                hint="Give the join a name of its own: `name: ...`.",
            )
        titles.add(join.title.lower())
        title = written_name(join.title)
        found |= {f"{title}.{column}": kind for column, kind in joined.items()}
    return found


def require_column(
    columns: Mapping[str, str], name: str, table: str, where: str
) -> str:
    """Return the type of a column, or refuse its name with the nearest."""
    if name not in columns:
        raise UnknownNameError(
            "column", name, columns, owner=f"table '{shown_table(table)}'", where=where,
            more=_IN_A_QUERY if _SIGNS.search(name) else "",
        )  # fmt: skip
    return columns[name]


def implied_use(name: str, columns: Mapping[str, str], fact: str, where: str) -> Use:
    """Return the use of a dimension of which nothing is said: by ``<role>_key``."""
    key = f"{name}_key"
    require_column(columns, key, fact, f"{where}, where '{name}:' alone means it")
    return Use(key=key)


def require_alike(one: tuple[str, str], other: tuple[str, str], where: str) -> None:
    """Refuse to hold columns against one another that are of different kinds.

    Parameters
    ----------
    one, other : tuple of (str, str)
        Name and DuckDB type of each.
    where : str
        Where the definition says so.
    """
    kinds = {expression_type(one[1]), expression_type(other[1])}
    if len(kinds) == 1 or kinds == {Type.NUMBER, Type.FLAG}:
        return
    column = quoted_name(written_name(split_name(one[0])[1]))
    raise DefinitionError(
        f"'{one[0]}' is {_a(one[1])}, and '{other[0]}' is {_a(other[1])}: they are"
        " never equal.",
        where=where,
        hint="Give columns of one type; a query in the place of a table can make one:"
        f" `table: (select * replace (cast({column} as {other[1]}) as {column})"
        " from ...)`.",
    )


def require_keys_alike(
    use: Use,
    columns: Mapping[str, str],
    dimension: Dimension,
    members: Mapping[str, str],
    where: str,
) -> None:
    """Refuse columns of a fact that point to keys of another kind.

    Parameters
    ----------
    use : Use
        How the fact points to the dimension.
    columns, members : mapping of str to str
        Columns of the fact and of the dimension, with their types.
    dimension : Dimension
        The dimension.
    where : str
        Where the definition says so.
    """
    pairs = {use.key: dimension.key} if use.key else {}
    pairs |= {
        column: dimension.levels[level].keys[0]
        for level, column in use.at.items()
        if level in dimension.levels
    }
    for here, there in pairs.items():
        if there in members:
            title = f"{dimension.dimension}.{there}"
            require_alike((here, columns[here]), (title, members[there]), where)


def _a(data_type: str) -> str:
    return f"{'an' if data_type[0] in 'AEIOU' else 'a'} {data_type}"
