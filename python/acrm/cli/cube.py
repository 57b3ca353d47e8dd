"""``acrm cube``: the commands that ask cubes, and look at them."""

from __future__ import annotations

from collections.abc import Callable

import typer

from acrm.cli.cube_aggregates import advise, aggregates
from acrm.cli.cube_check import check_cubes, write_cube_schemas
from acrm.cli.cube_export import (
    EXPORT_EXAMPLES,
    VIEWS_EXAMPLES,
    cube_views,
    export_cubes,
)
from acrm.cli.cube_look import list_cubes, list_members, show_cube, show_facts
from acrm.cli.cube_query import query_cube
from acrm.cli.help_texts import with_examples

cube = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Ask cubes over the published stars, and look at what they have.",
)

CUBE_COMMANDS: tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...] = (
    ("list", list_cubes, ("acrm cube list", "acrm cube list --json")),
    ("show", show_cube, ("acrm cube show sales", "acrm cube show sales --json")),
    (
        "query",
        query_cube,
        (
            "acrm cube query 'sales: net, margin_pct by product.department'",
            "acrm cube query sales --measures net --rows product.department"
            " --columns date.year --where 'customer.region = North' --subtotals",
            "acrm cube query 'sales: net by product.product top 10 by net' --explain",
            "acrm cube query 'sales: net by date.month' --output net.png",
        ),
    ),
    (
        "members",
        list_members,
        (
            "acrm cube members sales customer.region",
            "acrm cube members sales product.product --search milk --limit 20",
            "acrm cube members sales date.month --where 'date.year = 2025'",
        ),
    ),
    (
        "facts",
        show_facts,
        (
            "acrm cube facts sales --where 'date = 2025-03 and store.store = 7'",
            "acrm cube facts sales --where 'date = 2025-03' --output march.parquet",
        ),
    ),
    (
        "check",
        check_cubes,
        ("acrm cube check", "acrm cube check --definitions olap --json"),
    ),
    ("schema", write_cube_schemas, ("acrm cube schema --to .vscode/cubes",)),
    (
        "aggregates",
        aggregates,
        ("acrm cube aggregates", "acrm cube aggregates --write"),
    ),
    ("advise", advise, ("acrm cube advise --log queries.jsonl",)),
    ("views", cube_views, VIEWS_EXAMPLES),
    ("export", export_cubes, EXPORT_EXAMPLES),
)

for name, command, examples in CUBE_COMMANDS:
    cube.command(name, help=with_examples(command, examples))(command)
