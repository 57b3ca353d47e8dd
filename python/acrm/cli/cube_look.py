"""``acrm cube list``, ``show``, ``members`` and ``facts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrm.cli.cube_open import (
    AsJson,
    Database,
    Folders,
    Output,
    Version,
    opened,
    print_json,
    print_rows,
    waiting,
    write_table,
)
from acrm.cli.row_formats import RowFormat
from acrm.console import out

if TYPE_CHECKING:
    from acrm_olap import Cut

CubeName = Annotated[str, typer.Argument(metavar="CUBE", help="Name of the cube.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", help="Cuts: 'customer.region = North|South and date = 2025-03'."
    ),
]
Missing = Annotated[
    str,
    typer.Option(
        "--missing",
        help="Cuts that name a member which is not there: refuse, or empty.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many, at most.")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="How many to pass over.")]


def list_cubes(
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    as_json: AsJson = False,
) -> None:
    """List the cubes."""
    with opened(database, version, definitions) as cubes:
        rows = [
            {
                "cube": each.name,
                "caption": each.caption,
                "measures": len(each.measures),
                "levels": len(each.levels),
                "description": each.description,
            }
            for each in cubes.values()
        ]
    if as_json:
        print_json(rows)
    else:
        print_rows(list(rows[0]), [tuple(row.values()) for row in rows])


def show_cube(
    name: CubeName,
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    as_json: AsJson = False,
) -> None:
    """Show what a cube has: dimensions with levels and hierarchies, and measures."""
    with opened(database, version, definitions) as cubes:
        found = cubes[name].describe()
    if as_json:
        print_json(found)
        return
    print_line = out().print
    print_line(f"{found['caption']} ({found['name']})", style="bold", markup=False)
    if found["description"]:
        print_line(found["description"], markup=False)
    for each in found["dimensions"]:
        print_line(f"\n{each['caption']}", style="bold", markup=False)
        for hierarchy in each["hierarchies"]:
            levels = [path.partition(".")[2] for path in hierarchy["levels"]]
            way = " > ".join(levels)
            level = hierarchy["level"].partition(".")[2]
            under = f", each {level} under another" if hierarchy["tree"] else ""
            print_line(f"{hierarchy['name']}: {way}{under}", markup=False)
        print_rows(
            ["level", "caption", "description"],
            [
                (level["path"], level["caption"], level["description"])
                for level in each["levels"]
            ],
        )
    print_line("\nMeasures", style="bold")
    print_rows(
        ["measure", "caption", "kind", "unit", "description"],
        [
            (m["name"], m["caption"], m["kind"], m["unit"], m["description"])
            for m in found["measures"]
        ],
    )
    if found["sets"]:
        print_line("\nNamed sets", style="bold")
        print_rows(
            ["set", "level", "members"],
            [
                (s["name"], s["level"], s["rule"] or len(s["members"]))
                for s in found["sets"]
            ],
        )


def list_members(
    name: CubeName,
    level: Annotated[str, typer.Argument(help="As in customer.region.")],
    where: Where = None,
    search: Annotated[
        str, typer.Option("--search", help="Part of the label or the key.")
    ] = "",
    limit: Limit = 100,
    offset: Offset = 0,
    as_of: Annotated[str, typer.Option("--as-of", help="was, is, or a date.")] = "is",
    missing: Missing = "refuse",
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
    as_json: AsJson = False,
) -> None:
    """List members of a level, page by page."""
    with opened(database, version, definitions) as cubes:
        cube = cubes[name]
        # One more than is shown, to know whether there is more.
        found = waiting(
            "looking up members",
            lambda: cube.members(
                level, cuts_of_options(where), search=search, limit=limit + 1,
                offset=offset, as_of=as_of, missing=missing,
            ),
        )  # fmt: skip
    more = len(found) > limit
    rows = [_member(each) for each in found[:limit]]
    if as_json:
        print_json(rows)
        return
    if rows:
        names = list(dict.fromkeys(key for row in rows for key in row))
        print_rows(names, [[row.get(key) for key in names] for row in rows])
    else:
        out().print("No members.")
    if more:
        out().print(f"There are more: go on with --offset {offset + limit}.")


def _member(each: Any) -> dict[str, Any]:
    key = list(each.key) if isinstance(each.key, tuple) else each.key
    return {"key": key, "label": each.label, **each.parents, **each.attributes}


def show_facts(
    name: CubeName,
    where: Where = None,
    columns: Annotated[
        str,
        typer.Option("--columns", help="Levels and columns of the fact, by commas."),
    ] = "",
    limit: Limit = 100,
    offset: Offset = 0,
    as_of: Annotated[str, typer.Option("--as-of", help="was, is, or a date.")] = "was",
    missing: Missing = "refuse",
    kind: Annotated[
        RowFormat | None,
        typer.Option(
            "--format", help="Default: by the ending of --output, else table."
        ),
    ] = None,
    output: Output = None,
    database: Database = None,
    version: Version = None,
    definitions: Folders = None,
) -> None:
    """Show the rows of a fact that are behind a cell, page by page (drill through)."""
    with opened(database, version, definitions) as cubes:
        cube = cubes[name]
        table = waiting(
            "reading rows",
            lambda: cube.facts(
                cuts_of_options(where), split(columns), limit=limit + 1, offset=offset,
                as_of=as_of, missing=missing,
            ),
        )  # fmt: skip
    write_table(table.slice(0, limit), kind, output, limit)
    if table.num_rows > limit:
        from acrm.console import err

        err().print(f"There are more rows: go on with --offset {offset + limit}.")


def cuts_of_options(where: list[str] | None) -> list[Cut]:
    """Return the cuts of all ``--where``."""
    from acrm_olap.query import read_where

    return [cut for text in where or [] for cut in read_where(text, "--where")]


def split(text: str) -> list[str]:
    """Return the names of an option, parted by commas."""
    return [each.strip() for each in text.split(",") if each.strip()]
