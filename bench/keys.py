"""What a surrogate key costs: dense integers, hashed integers, text.

A star join of 5 million facts to 300,000 members, and what making the keys anew
costs, which is what a rebuild pays.
"""

from __future__ import annotations

from functools import partial

import duckdb
from rich.console import Console
from rich.table import Table

from bench.timing import medians

FACTS = 5_000_000
MEMBERS = 300_000
HASHED = "(md5_number('6:' || n || '|6:system') & 9223372036854775807)::bigint"
KEYS = {"dense integer": "n", "hashed bigint": HASHED, "md5 text": "md5(n::varchar)"}


def run(console: Console, rounds: int = 5) -> None:
    """Time the joins and the making of keys, and print the ratios to dense integers."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for number, key in enumerate(KEYS.values()):
            connection.execute(
                f"create table member_{number} as "
                f"select {key} as member_key, n % 50 as region "
                f"from range({MEMBERS}) t(n)"
            )
            connection.execute(
                f"create table fact_{number} as select {key} as member_key, "
                f"amount from (select hash(i) % {MEMBERS} as n, i % 100 as amount "
                f"from range({FACTS}) t(i))"
            )

        def join(number: int) -> None:
            connection.execute(
                f"select region, sum(amount) from fact_{number} "
                f"inner join member_{number} using (member_key) group by region"
            ).fetchall()

        def make(key: str) -> None:
            connection.execute(
                f"create or replace temp table made as "
                f"select {key} as member_key from range({FACTS}) t(n)"
            )

        joins = medians({name: partial(join, i) for i, name in enumerate(KEYS)}, rounds)
        makes = medians(
            {
                "dense integer": partial(make, "row_number() over (order by n)"),
                "hashed bigint": partial(make, HASHED),
                "md5 text": partial(make, KEYS["md5 text"]),
            },
            rounds,
        )
    table = Table(title=f"Keys: {FACTS:,} facts, {MEMBERS:,} members")
    for heading in ("key", "star join, s", "ratio", "make the keys, s", "ratio"):
        table.add_column(heading, justify="left" if heading == "key" else "right")
    for name in KEYS:
        table.add_row(
            name,
            f"{joins[name]:.3f}",
            f"{joins[name] / joins['dense integer']:.2f}",
            f"{makes[name]:.3f}",
            f"{makes[name] / makes['dense integer']:.2f}",
        )
    console.print(table)
