"""Cubes against the floor: the best SQL by hand for the same questions.

``ACRM_BENCH_CUBE_LINES`` names the numbers of sales lines, 10 and 100 million by
default; ``ACRM_BENCH_FOLDER`` where the file goes, ``ACRM_BENCH_CUBE_ROUNDS`` how often
each way is timed. ``python -m bench.cubes`` runs this measurement alone. Where
``ACRM_BENCH_PEERS`` names Pythons that have other semantic layers (``pip install
boring-semantic-layer sidemantic 'ibis-framework[duckdb]' dbt-duckdb dbt-metricflow
'update-checker<0.19'``), they are timed as well.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from acrm.sql import identifier
from acrm_olap import Cubes, Query, connect
from acrm_olap.aggregates import select_of
from acrm_olap.export import metricflow_files, write_files
from acrm_olap.running.cache import Cache
from acrm_olap.sql.terms import DIALECT
from bench.cubes_data import Star, write_star
from bench.cubes_questions import QUESTIONS, Question
from bench.processes import folder_of_its_own
from bench.timing import medians, seconds

LINES = "ACRM_BENCH_CUBE_LINES"
ROUNDS = "ACRM_BENCH_CUBE_ROUNDS"
CUSTOMERS = "ACRM_BENCH_CUBE_CUSTOMERS"
PEERS = "ACRM_BENCH_PEERS"
DEFINITIONS = Path(__file__).parent / "cubes"
OFF = 1e-9


@dataclass(frozen=True)
class Timed:
    """What a question took, in seconds.

    Parameters
    ----------
    engine : float
        The engine, from the question to Arrow, without cache.
    floor : float
        The fastest SQL by hand, to Arrow.
    by_hand : str
        Which.
    planning : float
        Of the engine's time, until it has its SQL.
    aggregates : float
        The engine, from the question to Arrow, over aggregate tables where they answer.
    again : float
        The same question to the same open cube, once more: from the cache.
    rows : int
        Of the answer.
    total : float
        Of its first measure, added up over all cells.
    """

    engine: float
    floor: float
    by_hand: str
    planning: float
    aggregates: float
    again: float
    rows: int
    total: float

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.engine / self.floor


def run(console: Console) -> None:
    """Measure all sizes that ``ACRM_BENCH_CUBE_LINES`` names.

    Parameters
    ----------
    console : Console
        Where to print.
    """
    for lines in os.environ.get(LINES, "10_000_000,100_000_000").split(","):
        customers = int(os.environ.get(CUSTOMERS, "500_000"))
        star = Star(int(lines), customers)
        with folder_of_its_own() as folder:
            with console.status(f"a star of {star.lines:,} lines"):
                write_star(folder / "star.duckdb", star)
                write_aggregates(folder / "star.duckdb")
            measure(console, folder / "star.duckdb", star)


def write_aggregates(path: Path) -> None:
    """Build the aggregate tables that the cubes declare.

    Parameters
    ----------
    path : Path
        A file with a star.
    """
    with connect(path, DEFINITIONS) as cubes:
        statements = {
            table.name: select_of(table).sql(DIALECT)
            for tables in cubes.engine.aggregates.values()
            for table in tables
        }
    with duckdb.connect(str(path)) as connection:
        for name, statement in statements.items():
            title = identifier(name)
            connection.execute(f"create or replace table {title} as {statement}")


def measure(console: Console, path: Path, star: Star) -> None:
    """Time all questions over one file, and print what they took.

    Parameters
    ----------
    console : Console
        Where to print.
    path : Path
        The file.
    star : Star
        How large it is.
    """
    rounds = int(os.environ.get(ROUNDS, "5"))
    opened = medians({"open": lambda: connect(path, DEFINITIONS).close()}, 5)["open"]
    timed = {}
    with connect(path, DEFINITIONS) as cubes:
        first = seconds(lambda: ask(cubes, question_of(cubes, QUESTIONS[1])))
        for question in QUESTIONS:
            with console.status(question.name):
                timed[question.name] = _time(cubes, question, rounds)
        last = seconds(lambda: ask(cubes, question_of(cubes, QUESTIONS[1])))
        _print(console, star, timed)
        console.print(
            f"Connect {opened * 1000:.0f} ms, at most 300. The first question, which"
            f" proves keys and joins once, {first * 1000:.0f} ms; the same at the end"
            f" {last * 1000:.0f} ms."
        )
        if PEERS in os.environ:
            with console.status("other layers"):
                peers = _ask_peers(cubes, path, rounds)
            _print_peers(console, peers, timed)


def _ask_peers(
    cubes: Cubes, path: Path, rounds: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what other layers took, each question by name, from their own Python."""
    project = _dbt_project(cubes, path)
    script = Path(__file__).parent / "cubes_peers.py"
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for python in os.environ[PEERS].split(","):
        command = [python, script, path, project, str(rounds)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
        found |= json.loads(done.stdout[done.stdout.index("\n{") :])
    return found


def _dbt_project(cubes: Cubes, path: Path) -> Path:
    """Write the star as a dbt project, which MetricFlow asks."""
    project = path.parent / "project"
    exported = metricflow_files(cubes.engine.cubes)
    write_files(project / "models" / "semantic", exported.files)
    (project / "dbt_project.yml").write_text(
        "{name: star, version: 1.0.0, profile: star, model-paths: [models]}\n"
    )
    (project / "profiles.yml").write_text(
        f"star: {{target: it, outputs: {{it: {{type: duckdb, path: '{path}'}}}}}}\n"
    )
    for table in cubes.engine.database.rows("select table_name from duckdb_tables()"):
        # The tables are there; dbt has to know their names alone.
        (project / "models" / f"{table[0]}.sql").write_text("select 1 as never_built\n")
    return project


def _print_peers(
    console: Console,
    peers: dict[str, dict[str, dict[str, Any]]],
    timed: dict[str, Timed],
) -> None:
    """Print how many times the floor each layer took, and where its number differs."""
    table = Table(title="Other layers: times the floor")
    table.add_column("question")
    for name in ("engine", *peers):
        table.add_column(name, justify="right")
    for question, ours in timed.items():
        row = [f"{ours.ratio:.2f}"]
        for answers in peers.values():
            answer = answers.get(question, answers.get("", {}))
            row.append(_told(answer, ours))
        table.add_row(question, *row)
    console.print(table)


def _told(answer: dict[str, Any], ours: Timed) -> str:
    if "seconds" not in answer:
        return str(answer.get("error", "not asked"))
    ratio = f"{answer['seconds'] / ours.floor:.1f}"
    same = math.isclose(answer["total"], ours.total, rel_tol=OFF)
    return ratio if same else f"{ratio}, another number"


def question_of(cubes: Cubes, question: Question) -> Query:
    """Return a question as the engine takes it."""
    return cubes[question.cube].question(**question.asked)


def ask(cubes: Cubes, query: Query) -> pa.Table:
    """Plan, write and run a query, with neither cache nor aggregates in between."""
    statement = cubes.engine.statement(cubes.engine.plan(query))
    return cubes.engine.database.arrow(statement.sql(), statement.values)


def _ask_aggregates(cubes: Cubes, query: Query) -> pa.Table:
    """Plan, write and run a query over aggregate tables where they answer."""
    plan = cubes.engine.route(cubes.engine.plan(query)).plan
    statement = cubes.engine.statement(plan)
    return cubes.engine.database.arrow(statement.sql(), statement.values)


def _plan(cubes: Cubes, query: Query) -> str:
    return cubes.engine.statement(cubes.engine.plan(query)).sql()


def _by_hand(cubes: Cubes, sql: str) -> pa.Table:
    return cubes.engine.database.arrow(sql, {})


def _time(cubes: Cubes, question: Question, rounds: int) -> Timed:
    query = question_of(cubes, question)
    answer = ask(cubes, query)
    for way, sql in question.by_hand.items():
        require_same(answer, _by_hand(cubes, sql), f"{question.name}, {way}")
    require_same(_ask_aggregates(cubes, query), answer, f"{question.name}, aggregates")
    ways = {
        f"by hand: {way}": partial(_by_hand, cubes, sql)
        for way, sql in question.by_hand.items()
    }
    taken = medians({"engine": partial(ask, cubes, query), **ways}, rounds)
    # a plan takes a millisecond: more rounds, or one pause of the machine tells it
    plans = medians({"plan": partial(_plan, cubes, query)}, rounds * 10)
    less = medians({"aggregates": partial(_ask_aggregates, cubes, query)}, rounds)
    # It is asked of a second engine: the cache must not answer what is timed above.
    keeping = replace(cubes.engine, cache=Cache())
    again = medians({"again": partial(keeping.ask, query)}, rounds)
    best = min(ways, key=taken.__getitem__)
    return Timed(
        taken["engine"], taken[best], best.removeprefix("by hand: "), plans["plan"],
        less["aggregates"], again["again"], answer.num_rows,
        _total(answer, len(query.axes)),
    )  # fmt: skip


def _total(answer: pa.Table, place: int) -> float:
    return float(sum(value or 0 for value in answer.column(place).to_pylist()))


def require_same(ours: pa.Table, floor: pa.Table, what: str) -> None:
    """Refuse to time two ways whose answers are not the same.

    Parameters
    ----------
    ours, floor : Table
        Cells of the engine, and by hand; the engine's may have keys beside labels.
    what : str
        Which question, for the message.

    Raises
    ------
    ValueError
        If a cell differs.
    """
    left, right = _cells(ours, floor.num_columns), _cells(floor, floor.num_columns)
    if len(left) != len(right):
        raise ValueError(f"{what}: {len(left):,} rows, {len(right):,} by hand")
    for one, other in zip(left, right, strict=True):
        if not all(map(_is_same, one, other)):
            raise ValueError(f"{what}: {one}, {other} by hand")


def _cells(table: pa.Table, width: int) -> list[tuple[Any, ...]]:
    columns = [table.column(n).to_pylist() for n in range(width)]
    rows: list[tuple[Any, ...]] = list(zip(*columns, strict=True))
    texts = [n for n in range(width) if pa.types.is_string(table.column(n).type)]
    return sorted(rows, key=lambda row: [row[n] for n in texts])


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(float(one), float(other), rel_tol=OFF)
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return one == other and (one is None) == (other is None)
    return bool(one == other)


def _print(console: Console, star: Star, timed: dict[str, Timed]) -> None:
    table = Table(
        title=f"Cubes: {star.lines:,} sales, {star.contacts:,} contacts,"
        f" {star.customers:,} customers, {star.products:,} products; milliseconds"
    )
    table.add_column("question")
    table.add_column("best by hand")
    for heading in ("rows", "floor", "engine", "plan", "again", "ratio", "aggregates"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, each in timed.items():
        table.add_row(
            name,
            each.by_hand,
            f"{each.rows:,}",
            f"{each.floor * 1000:.1f}",
            f"{each.engine * 1000:.1f}",
            f"{each.planning * 1000:.1f}",
            f"{each.again * 1000:.2f}",
            f"{each.ratio:.2f}",
            f"{each.aggregates / each.floor:.2f}",
        )
    table.add_section()
    every = list(timed.values())
    for name, of in (("median", statistics.median), ("worst", max)):
        table.add_row(
            name, "", "", "", "",
            f"{of([each.planning for each in every]) * 1000:.1f}",
            f"{of([each.again for each in every]) * 1000:.2f}",
            f"{of([each.ratio for each in every]):.2f}",
            f"{of([each.aggregates / each.floor for each in every]):.2f}",
        )  # fmt: skip
    table.add_row("bound of the median", "", "", "", "", "5.0", "2.00", "1.15", "0.20")
    table.add_row("bound of the worst", "", "", "", "", "", "", "1.50", "")
    console.print(table)


if __name__ == "__main__":
    run(Console())
