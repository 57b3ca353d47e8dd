"""The SQL of aggregate models and of their tests, as people would write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp

from acrm_olap.aggregates.build import totals_of
from acrm_olap.aggregates.differences import Differences
from acrm_olap.aggregates.tables import ROW_COUNT, AggregateTable
from acrm_olap.aggregates.units import Units
from acrm_olap.aggregates.writing import (
    WIDTH,
    fitting,
    indented,
    listed,
    name_text,
    select_text,
    sql_text,
)
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import DIALECT, Values, as_, column

_COUNTED = """,

all_rows as (

{rows}

),

all_groups as (

    select
        coalesce(sum({count}), 0) as rows_there,
        min({count}) as least_count

    from {{{{ ref('{table}') }}}}

)"""
_ONLY = "{{ again.only }}"
_END = "select * from final\n"
_CHANGED = (
    "select *\n\nfrom {{ changed_groups('grouped', again) if is_incremental() else"
    " 'grouped' }}"
)


def model_text(
    table: AggregateTable,
    tree: exp.Select,
    casts: Mapping[str, str],
    units: Units | str,
    differences: Differences | str,
) -> str:
    """Return the dbt model of an aggregate table.

    Parameters
    ----------
    table : AggregateTable
        The table.
    tree : Select
        Its rows, out of the fact.
    casts : mapping of str to str
        Types of columns that are kept narrower than they are computed.
    units : Units or str
        By which it is done again; or why it is a whole table.
    differences : Differences or str
        How it is kept by differences; or why units of it are done whole.
    """
    time = [title for title, is_time in _times(table) if is_time]
    order = f"\n\norder by {', '.join(map(name_text, time))}" if time else ""
    if isinstance(units, str):
        rows = select_text(tree, casts) + order
        final = f"final as (\n\n{indented(rows)}\n\n)"
        head = _head(table, units, differences)
        return f"{head}\n\nwith\n\n{_ctes(tree)}{final}\n\n{_END}"
    begin = (
        f"{_head(table, units, differences)}\n\n{_config(units, differences)}\n\n"
        "{% if is_incremental() -%}\n"
        f"{{%- set again = units_to_redo('fact.{units.day}') -%}}\n"
        f"{{%- endif %}}\n\nwith\n\n{_ctes(tree)}"
    )
    if not isinstance(differences, str):
        grouped = f"grouped as (\n\n{indented(_grouped(tree, casts))}\n\n),\n\n"
        final = f"final as (\n\n{indented(_CHANGED + order)}\n\n)"
        return f"{begin}{grouped}{final}\n\n{_END}"
    taken = [f"changed.{name_text(title)}" for title in units.columns]
    redone = (
        "\n{% if is_incremental() %}\nunion all by name\n\n"
        "-- the units that these take the place of\n"
        f"{listed('select', taken)}\n\nfrom {{{{ again.units }}}} as changed\n"
        "{% endif %}"
    )
    only = f"{{% if is_incremental() %}}\n[[and]] {_ONLY}\n{{% endif %}}"
    rows = select_text(tree, casts, only)
    final = f"final as (\n\n{indented(rows + redone + order)}\n\n)"
    return f"{begin}{final}\n\n{_END}"


def _grouped(tree: exp.Select, casts: Mapping[str, str]) -> str:
    """Return rows of the fact in groups, in a night told apart by their way."""
    found = tree.copy()
    way = column("way", "fact")
    found.set("expressions", [way, *found.expressions])
    found.args["group"].set("expressions", [way, *found.args["group"].expressions])
    fact = found.args["from_"].this
    text = select_text(found, casts).replace(
        "    fact.way,\n",
        "    {% if is_incremental() %}\n    fact.way,\n    {% endif %}\n",
    )
    night = f"{{{{ again.lines if is_incremental() else '{fact.name}' }}}}"
    return text.replace(f"\nfrom {fact.name} as", f"\nfrom {night} as")


def _config(units: Units, differences: Differences | str) -> str:
    """Return what dbt is told of a model that is done again by units."""
    keys = ", ".join(f"'{title}'" for title in units.columns)
    columns = ", ".join(f"'{one}': '{other}'" for one, other in units.columns.items())
    dates = f"\n            'dates': '{units.dates}', 'key': '{units.key}',"
    lines = [
        "{{ config(", "    materialized='incremental',",
        f"    unique_key=[{keys}],", "    meta={",
        f"        'redone': {{'marker': '{ROW_COUNT}'}},", "        'units': {",
        f"            'fact': '{units.fact}', 'day': '{units.day}',"
        + (dates if units.dates else ""),
        f"            'columns': {{{columns}}},", "        },",
    ]  # fmt: skip
    if units.grouped_by:
        lines.append("        'grouped_by': {")
        for dimension, each in units.grouped_by.items():
            lines += [
                f"            '{dimension}': {{",
                f"                'key': '{each.key}',",
                f"                'columns': {list(each.columns)},",
                f"                'of': {list(each.of)},", "            },",
            ]  # fmt: skip
        lines.append("        },")
    if not isinstance(differences, str):
        kept: dict[str, Sequence[str] | Mapping[str, object]] = {
            "keys": differences.keys, "counts": differences.counts,
            "sums": differences.sums, "reads": differences.reads,
            "ones": {title: [*of] for title, of in differences.ones.items()},
        }  # fmt: skip
        lines.append("        'differences': {")
        for name, values in kept.items():
            brackets = "{}" if isinstance(values, Mapping) else "[]"
            lines.append(f"            '{name}': {brackets[0]}")
            lines += [
                f"                '{each}'"
                + (f": {values[each]!r}," if isinstance(values, Mapping) else ",")
                for each in values
            ]
            lines.append(f"            {brackets[1]},")
        lines.append("        },")
    return "\n".join([*lines, "    },", ") }}"])


def test_text(
    table: AggregateTable,
    doubles: Collection[str],
    units: Units | str,
    differences: Differences | str,
) -> str:
    """Return a dbt test: what a table keeps adds up to what its fact has.

    Parameters
    ----------
    table : AggregateTable
        The table.
    doubles : collection of str
        Columns whose sums depend on the order in which they are added up.
    units : Units or str
        By which it is done again, so that only what changed is looked at; or why not.
    differences : Differences or str
        How it is kept by differences, of which not all is looked at, so that its rows
        are counted besides; or why not.
    """
    titles, rows, of_table = totals_of(table, counted=True)
    if not isinstance(differences, str):
        for title, each in differences.added.items():
            titles.append(title)
            rows.select(as_(each.copy(), title, quoted=True), copy=False)
            put = as_(_counted(title), title, quoted=True)
            of_table.select(put, copy=False)
    puts = [f"{sql_text(each.this)} as {name_text(each.alias)}"
            for each in of_table.expressions]  # fmt: skip
    compared = "\n    or ".join(_differs(title, title in doubles) for title in titles)
    again, only, kept = "", "", ""
    if not isinstance(units, str):
        again = (
            "{%- set again = untested_units(\n"
            f"    ref('{table.name}'), 'fact.{units.day}'\n) %}}\n\n"
        )
        only = f"[[and]] {_ONLY}"
        kept = "\n\n    where {{ again.kept }}"
    counted, joined, shown = "", "", ""
    if not isinstance(differences, str):
        rows_of_fact = as_(exp.Count(this=exp.Star()), "rows_of_fact", quoted=True)
        every = FactSql(table.cube, "was", Values()).select([rows_of_fact])
        if every.args.get("where") is None:
            every.args["from_"].this.set("alias", None)  # which nothing would use
        counted = _COUNTED.format(
            rows=indented(select_text(every, {})), count=ROW_COUNT, table=table.name
        )
        joined = "cross join all_rows\n\ncross join all_groups\n\n"
        shown = ",\n    all_rows.*,\n    all_groups.*"
        compared += "\n    or all_groups.rows_there <> all_rows.rows_of_fact"
        compared += "\n    or all_groups.least_count <= 0"
    return (
        f"-- What {table.name} keeps adds up to what its fact has.\n"
        f"-- Made by `acrm cube aggregates --write`.\n\n{again}with\n\n"
        f"{_ctes(rows)}of_fact as (\n\n{indented(select_text(rows, {}, only))}\n\n"
        f"),\n\nof_aggregate as (\n\n{indented(listed('select', puts))}\n\n"
        f"    from {{{{ ref('{table.name}') }}}}{kept}\n\n){counted}\n\n"
        f"select\n    of_fact.*,\n    of_aggregate.*{shown}\n\nfrom of_fact\n\n"
        f"cross join of_aggregate\n\n{joined}where\n    {compared}\n"
    )


def _counted(title: str) -> exp.Expr:
    found = exp.Coalesce(
        this=exp.Sum(this=column(title)), expressions=[exp.Literal.number(0)]
    )
    return exp.cast(found, "bigint", dialect=DIALECT)


def _differs(title: str, is_double: bool) -> str:
    of_fact, of_aggregate = f"of_fact.{title}", f"of_aggregate.{title}"
    if not is_double:
        return fitting(f"{of_fact} is distinct from {of_aggregate}", 4)
    least = f"1e-9 * abs({of_fact})"
    return f"({of_fact} is null) <> ({of_aggregate} is null)\n    or " + fitting(
        f"abs({of_fact} - {of_aggregate}) > {least}", 7
    )


def _times(table: AggregateTable) -> list[tuple[str, bool]]:
    """Return columns, and whether they are times: rows lie in the order of these."""
    found = [
        (title, table.cube.uses[role].is_time) for role, title in table.keys.items()
    ]
    for path, titles in table.levels.items():
        level = table.cube.level(path)
        found += [(title, level.period is not None) for title in titles]
    return found


def _head(
    table: AggregateTable, units: Units | str, differences: Differences | str
) -> str:
    grain = ", ".join(table.grain)
    text = (
        f"Grain: one row for each {grain}. The aggregate {table.aggregate} of the cube"
        f" {table.cube.name}, made by `acrm cube aggregates --write`: change it in the"
        " definition of the cube."
    )
    if isinstance(units, str):
        kept = f"A whole table, not incremental: {units}."
    elif isinstance(differences, str):
        kept = (
            f"Incremental: each {', '.join(units.columns)} is done again in which a"
            " row of the fact came, went or changed, or is of a member that is put"
            " together otherwise than before. Not by differences, since"
            f" {differences}."
        )
    else:
        kept = (
            "Incremental: rows of the fact that came are added, and those that went are"
            f" taken away. Each {', '.join(units.columns)} is done again in which a row"
            " is of a member that is put together otherwise than before."
        )
    return f"{{#  {_filled(text, '    ')}\n\n    {_filled(kept, '    ')}  #}}"


def _ctes(tree: exp.Select) -> str:
    """Return the tables that a select reads, and what it joins of them."""
    tables = dict.fromkeys(each.name for each in tree.find_all(exp.Table))
    rows = "(\n\n    select * from {{ ref('%s') }}\n\n),"
    found = [f"{name} as not materialized {rows % name}" for name in tables]
    found += [
        f"{name_text(each.alias)} as (\n\n{indented(select_text(each.this, {}))}\n\n),"
        for each in tree.find_all(exp.Subquery)
        if isinstance(each.parent, exp.Join)
    ]
    return "".join(f"{each}\n\n" for each in found)


def _filled(text: str, indent: str) -> str:
    from textwrap import fill

    return fill(text, WIDTH - 4, subsequent_indent=indent)
