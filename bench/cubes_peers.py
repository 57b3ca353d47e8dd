"""Other semantic layers over the same star, for the questions that they can answer.

Runs in a Python that has them, apart from the project's own: ``python cubes_peers.py
star.duckdb PROJECT 5`` prints JSON of seconds and of the first number's total, by layer
and question. A question takes from its words to an Arrow table; where a layer fails,
its message is told in place of a time.
"""

from __future__ import annotations

import importlib.metadata
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Asked:
    """A question in words that all layers have.

    Parameters
    ----------
    measures : list of str
        Of sales.
    levels : list of str
        ``customer.region``.
    equal : dict of str to list
        Members of levels that are looked at.
    days : tuple of str
        First and last day.
    """

    measures: list[str]
    levels: list[str] = field(default_factory=list)
    equal: dict[str, list[Any]] = field(default_factory=dict)
    days: tuple[str, ...] = ()


QUESTIONS = {
    "grand total": Asked(["net", "lines"]),
    "one level": Asked(["net"], ["product.department"]),
    "two dimensions": Asked(["net", "quantity"], ["customer.region", "date.quarter"]),
    "drill of a category in a year": Asked(
        ["net"],
        ["product.product_name"],
        {"product.category": ["Category 07"]},
        ("2025-01-01", "2025-12-31"),
    ),
    "dice of three": Asked(
        ["net", "quantity"],
        ["store.country"],
        {"sales.channel": ["web"], "customer.region": ["Region 03", "Region 04"]},
        ("2025-03-01", "2025-06-30"),
    ),
    "distinct customers by month": Asked(["customers"], ["date.month"]),
    "margin by category": Asked(["margin", "margin_pct"], ["product.category"]),
    "three dimensions crossed": Asked(
        ["net"], ["product.category", "customer.region", "date.month"]
    ),
    "5,000 rows": Asked(["net", "quantity", "margin_pct"], ["product.product_name"]),
}
DIMENSIONS = {
    "customer": ["region", "segment", "country"],
    "product": ["department", "category", "product_name"],
    "store": ["country"],
    "date": ["year", "quarter", "month"],
}
SUMS = {
    "net": "net_amount",
    "quantity": "quantity",
    "margin": "net_amount - cost_amount",
}
Ask = Callable[[Asked], Any]


def sidemantic(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Return how Sidemantic is asked: it writes SQL, which runs as it is."""
    from sidemantic import Dimension, Metric, Model, Relationship, SemanticLayer

    layer = SemanticLayer()
    metrics = [Metric(name=name, agg="sum", sql=sql) for name, sql in SUMS.items()]
    metrics += [
        Metric(name="lines", agg="count"),
        Metric(name="customers", agg="count_distinct", sql="customer_id"),
        Metric(
            name="margin_pct",
            type="ratio",
            numerator="sales.margin",
            denominator="sales.net",
        ),
    ]
    for name, columns in DIMENSIONS.items():
        layer.add_model(
            Model(
                name=name,
                table=f"dim_{name}",
                primary_key=f"{name}_key",
                dimensions=[
                    Dimension(name=column, type="categorical", sql=column)
                    for column in columns
                ],
            )
        )
    layer.add_model(
        Model(
            name="sales",
            table="fct_sales",
            primary_key="order_id",
            dimensions=[
                Dimension(name="channel", type="categorical", sql="channel"),
                Dimension(
                    name="date_key", type="time", granularity="day", sql="date_key"
                ),
            ],
            metrics=metrics,
            relationships=[
                Relationship(name=name, type="many_to_one", foreign_key=f"{name}_key")
                for name in DIMENSIONS
            ],
        )
    )

    def ask(asked: Asked) -> Any:
        filters = [
            f"{level} in ({', '.join(repr(member) for member in members)})"
            for level, members in asked.equal.items()
        ]
        if asked.days:
            first, last = asked.days
            filters += [f"sales.date_key >= '{first}'", f"sales.date_key <= '{last}'"]
        sql = layer.compile(
            metrics=[f"sales.{name}" for name in asked.measures],
            dimensions=asked.levels,
            filters=filters,
        )
        return connection.sql(sql).to_arrow_table()

    return ask


def boring(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Return how Boring Semantic Layer is asked: through Ibis."""
    import ibis
    from boring_semantic_layer import to_semantic_table

    backend = ibis.duckdb.from_connection(connection)

    def dimension(name: str) -> Any:
        columns = [f"{name}_key", *DIMENSIONS[name]]
        return to_semantic_table(
            backend.table(f"dim_{name}"), name=name
        ).with_dimensions(**{column: (lambda t, c=column: t[c]) for column in columns})

    sales = (
        to_semantic_table(backend.table("fct_sales"), name="sales")
        .with_dimensions(channel=lambda t: t.channel, date_key=lambda t: t.date_key)
        .with_measures(
            net=lambda t: t.net_amount.sum(),
            quantity=lambda t: t.quantity.sum(),
            margin=lambda t: (t.net_amount - t.cost_amount).sum(),
            lines=lambda t: t.count(),
            customers=lambda t: t.customer_id.nunique(),
        )
        .with_measures(margin_pct=lambda t: t.margin / t.net)
    )
    for name in DIMENSIONS:
        key = f"{name}_key"
        sales = sales.join_one(
            dimension(name), on=lambda left, right, k=key: left[k] == right[k]
        )

    def ask(asked: Asked) -> Any:
        filters: list[Any] = [
            {"field": level, "operator": "in", "values": members}
            for level, members in asked.equal.items()
        ]
        if asked.days:
            filters += [
                {"field": "sales.date_key", "operator": sign, "value": day}
                for sign, day in zip((">=", "<="), asked.days, strict=True)
            ]
        return sales.query(
            dimensions=asked.levels,
            measures=[f"sales.{name}" for name in asked.measures],
            filters=filters,
        ).to_pyarrow()

    return ask


def metricflow(connection: duckdb.DuckDBPyConnection, project: Path) -> Ask:
    """Return how MetricFlow is asked: it writes SQL, which runs as it is."""
    from dbt.cli.main import dbtRunner
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    done = dbtRunner().invoke(["parse", "--quiet", *folders])
    if not done.success:
        raise RuntimeError(str(done.exception))
    configuration = CLIConfiguration()
    configuration.setup(project, project, configure_file_logging=False)

    def level(path: str) -> str:
        role, name = path.replace("product_name", "product_member_label").split(".")
        if role == "sales":
            return f"sales__{name}"
        if role == "date":
            name = f"date_{name}"
        return f"{role}__{name}"

    def ask(asked: Asked) -> Any:
        where = [
            f"{{{{ Dimension('{level(path)}') }}}} in"
            f" ({', '.join(repr(member) for member in members)})"
            for path, members in asked.equal.items()
        ]
        if asked.days:
            day = "{{ TimeDimension('sales__date_time', 'day') }}"
            first, last = asked.days
            where += [f"{day} >= '{first}'", f"{day} <= '{last}'"]
        request = MetricFlowQueryRequest.create(
            metric_names=[f"sales_{name}" for name in asked.measures],
            group_by_names=[level(path) for path in asked.levels],
            where_constraints=where or None,
        )
        sql = configuration.mf.explain(request).sql_statement.sql
        return connection.sql(sql).to_arrow_table()

    return ask


PEERS = {
    "sidemantic": lambda connection, _: sidemantic(connection),
    "boring-semantic-layer": lambda connection, _: boring(connection),
    "metricflow": metricflow,
}


def measure(path: str, project: Path, rounds: int) -> dict[str, Any]:
    """Return what each layer took, or why it did not answer."""
    found: dict[str, Any] = {}
    for name, prepare in PEERS.items():
        with duckdb.connect(path, read_only=True) as connection:
            try:
                title = f"{name} {importlib.metadata.version(name)}"
            except importlib.metadata.PackageNotFoundError:
                continue
            try:
                ask = prepare(connection, project)
            except Exception as error:  # any fault of theirs is told
                found[title] = {"": _told(error)}
                continue
            found[title] = {
                question: _time(ask, asked, rounds)
                for question, asked in QUESTIONS.items()
            }
    return found


def _time(ask: Ask, asked: Asked, rounds: int) -> dict[str, Any]:
    try:
        table = ask(asked)
        taken = []
        for _ in range(rounds):
            started = time.perf_counter()
            ask(asked)
            taken.append(time.perf_counter() - started)
    except Exception as error:  # any fault of theirs is told
        return _told(error)
    column = table.column(len(asked.levels)).to_pylist()
    return {
        "seconds": statistics.median(taken),
        "rows": table.num_rows,
        "total": float(sum(value or 0 for value in column)),
    }


def _told(error: Exception) -> dict[str, Any]:
    lines = str(error).strip().splitlines() or [""]
    return {"error": f"{type(error).__name__}: {lines[0]}"}


if __name__ == "__main__":
    answers = measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    # After a line of its own: what they print themselves comes before.
    print()  # noqa: T201
    json.dump(answers, sys.stdout, indent=1)
