"""The YAML of an aggregate model: its contract, what its columns are, its tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill

from acrm_olap.aggregates.differences import Differences
from acrm_olap.aggregates.tables import (
    DEFINITION,
    ROW_COUNT,
    AggregateTable,
    Kept,
    Signature,
)
from acrm_olap.definitions import spelt_out

WIDTH = 88
_FUNCTIONS = {
    "sum": "Sum", "count": "Count", "min": "Least", "max": "Greatest",
    "first": "First value", "last": "Last value", "first_by": "When it was first",
    "last_by": "When it was last",
}  # fmt: skip


def described(
    table: AggregateTable, types: Mapping[str, str], differences: Differences | str
) -> str:
    """Return the YAML of a model.

    Parameters
    ----------
    table : AggregateTable
        The table.
    types : mapping of str to str
        DuckDB types of its columns, in their order.
    differences : Differences or str
        How it is kept by differences; or why it is not.
    """
    texts = dict(_columns(table))
    never_null = {ROW_COUNT, DEFINITION}
    never_null |= {
        kept.column
        for signature, kept in table.numbers.items()
        if signature.function == "count"
    }
    if not isinstance(differences, str):
        never_null |= {*differences.added}
        for title, other in differences.counted_for.items():
            texts[title] = (
                f"Of how many rows {other} is made: it goes with the last of them."
                " Additive."
            )
    about = (
        f"{table.cube.caption} by {', '.join(_by(table))}:"
        f" answers queries of the cube {table.cube.name} in the place of"
        f" {table.cube.base.fact}."
    )
    lines = [
        "version: 2", "", "models:", f"  - name: {table.name}", "    description: >",
        _folded(about, 6), "    data_tests:", "      - unique_combination:",
        "          arguments:", "            columns:",
    ]  # fmt: skip
    lines += [f"              - {each}" for each in table.grain]
    lines.append("    columns:")
    for name, kind in types.items():
        lines += [
            f"      - name: {name}",
            f"        data_type: {kind.lower()}",
            "        description: >",
            _folded(texts[name], 10),
        ]
        if name in never_null:
            lines.append("        constraints: [{type: not_null}]")
    return "\n".join(lines) + "\n"


def _by(table: AggregateTable) -> Iterator[str]:
    for role in table.keys:
        yield role.replace("_", " ")
    for path in table.levels:
        use, _, level = path.partition(".")
        yield level.replace("_", " ") if use == level else path.replace("_", " ")
    if table.pair:
        yield "counted value"


def _columns(table: AggregateTable) -> Iterator[tuple[str, str]]:
    cube = table.cube
    for role, title in table.keys.items():
        dimension = cube.uses[role].dimension
        of = f"; {dimension.table}" if dimension else ""
        yield title, f"Key of {role.replace('_', ' ')}, as the fact has it{of}."
    for path, titles in table.levels.items():
        level = cube.level(path)
        caption = level.level.caption or spelt_out(level.name)
        about = f" {level.level.description}" if level.level.description else ""
        for title, key in zip(titles, level.level.keys, strict=True):
            part = f" ({key})" if len(titles) > 1 else ""
            dimension = cube.uses[level.use].dimension
            of = f" of {level.use}{part}" if dimension else ""
            was = ", as it was" if dimension and dimension.history else ""
            yield title, f"{caption}{of}{was}.{about}"
        for title in table.shown.get(path, ()):
            what = "Label" if title.endswith("_label") else "What orders members"
            yield title, f"{what} of {path}."
    for signature, kept in table.numbers.items():
        if kept.column not in table.grain or kept.column == table.pair:
            yield kept.column, _number(signature, kept)
    yield (
        DEFINITION,
        "What the rows were made by; a table that was made by another definition is not"
        " read.",
    )


def _number(signature: Signature, kept: Kept) -> str:
    measure = kept.measure
    if kept.column == ROW_COUNT:
        return "Rows of the fact. Additive."
    where = f", where {signature.condition}" if signature.condition else ""
    text = f"of {signature.argument}{where}".replace('"', "")
    if signature.function == "distinct":
        return f"Value {text}, which is counted once however often it is there."
    about = f" {measure.measure.description}" if measure.measure.description else ""
    added = " Additive." if signature.function in {"sum", "count"} else ""
    if signature.function in {"sum", "count"} and measure.measure.over:
        roles = ", ".join(measure.measure.over)
        added = f" Does not add up over {roles}."
    return f"{_FUNCTIONS[signature.function]} {text}.{about}{added}"


def _folded(text: str, indent: int) -> str:
    space = " " * indent
    plain = " ".join(text.split())
    return fill(
        plain, WIDTH, initial_indent=space, subsequent_indent=space,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
