"""MetricFlow answers as the engine does, from what the engine exported."""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from acrm_olap.errors import DefinitionError
from acrm_olap.export import HEADER, metricflow_files, write_files

HERE = Path(__file__).parent
TABLES = [
    "dim_date", "dim_customer", "dim_employee", "fct_sales", "fct_stock", "fct_plan",
]  # fmt: skip


@pytest.fixture(scope="module")
def exported(bound):
    return metricflow_files(bound)


@pytest.fixture(scope="module")
def left_out(exported):
    return {(each.cube, each.what): each.reason for each in exported.left_out}


def content(exported, name):
    return yaml.safe_load(exported.files[name])


def by_name(entries):
    return {entry["name"]: entry for entry in entries}


def test_measures_become_measures_and_metrics(exported):
    document = content(exported, "cube_sales.yml")
    (model,) = document["semantic_models"]
    measures = by_name(model["measures"])
    assert measures["sales_net"] == {
        "name": "sales_net", "agg": "sum", "expr": "amount",
    }  # fmt: skip
    assert measures["sales_mean"]["agg"] == "average"
    assert measures["sales_high"]["agg_params"]["percentile"] == 0.9
    assert measures["sales_web_lines"]["expr"] == (
        "case when (channel = 'web') then 1 end"
    )
    metrics = by_name(document["metrics"])
    assert metrics["sales_per_line"]["type"] == "ratio"
    assert metrics["sales_twice"]["type"] == "derived"
    assert metrics["sales_net"]["description"] == (
        "What was paid. Unit: that of currency."
    )


def test_no_two_metrics_have_the_same_label(bound, exported):
    """Dbt refuses them; two cubes may well have a measure of the same caption."""
    labels = [
        metric["label"]
        for name in exported.files
        if name.endswith(".yml")
        for metric in content(exported, name).get("metrics", [])
    ]
    assert len(set(labels)) == len(labels)
    sales = by_name(content(exported, "cube_sales.yml")["metrics"])
    assert sales["sales_net"]["label"] == f"Net ({bound['sales'].caption})"


def test_snapshots_are_not_added_up_over_time(exported):
    (model,) = content(exported, "cube_stock.yml")["semantic_models"]
    measures = by_name(model["measures"])
    assert measures["stock_closing"]["non_additive_dimension"] == {
        "name": "date_time", "window_choice": "max",
    }  # fmt: skip
    assert measures["stock_opening"]["non_additive_dimension"]["window_choice"] == "min"


def test_a_fact_that_knows_months_alone_has_no_days(exported):
    (model,) = content(exported, "cube_plan.yml")["semantic_models"]
    assert model["dimensions"][0]["type_params"] == {"time_granularity": "month"}
    assert by_name(model["entities"])["plan_date"]["type"] == "foreign"
    (members,) = content(exported, "dimension_plan_date.yml")["semantic_models"]
    assert "date_day" not in by_name(members["dimensions"])


@pytest.mark.parametrize(
    ("cube", "what", "reason"),
    [
        ("sales", "measure final", "no last value"),
        ("sales", "measure roughly", "no sketches"),
        ("sales", "measure weighted", "lookup_channel.weight"),
        ("sales", "measure never_by_channel", "cannot refuse"),
        ("sales", "measure growth", "net.growth"),
        ("sales", "measure of_final", "final, which is left out"),
        ("sales", "dimension segment", "dated spans"),
        ("sales", "named sets sea", "has none"),
        ("sales", "refusal to add up units of net", "currency"),
        ("stock", "measure usual", "no average"),
        ("", "as is, and as of a date, of customer", "as they were"),
        ("", "parent-child hierarchy reports of employee", "members under members"),
        ("", "level unit of employee", "further table"),
    ],
)
def test_what_cannot_be_said_is_listed_with_the_reason(left_out, cube, what, reason):
    assert reason in left_out[cube, what]


def test_what_cannot_be_said_is_listed_in_the_files(exported):
    assert (
        "#   measure final: MetricFlow has no last value."
        in (exported.files["cube_sales.yml"])
    )


def test_nothing_is_dropped_silently(bound, exported, left_out):
    """Every measure is a metric, or listed."""
    metrics = {
        metric["name"]
        for name in exported.files
        if name.endswith(".yml")
        for metric in content(exported, name).get("metrics", [])
    }
    for cube in bound.values():
        for measure in cube.measures.values():
            listed = (measure.cube, f"measure {measure.name}") in left_out
            assert listed != (f"{measure.cube}_{measure.name}" in metrics)


def test_without_a_dimension_of_days_there_is_no_time_spine(bound):
    with pytest.raises(DefinitionError, match="dimension of days"):
        metricflow_files({"turnover": bound["turnover"]})


def test_files_of_others_are_not_replaced(exported, tmp_path):
    (tmp_path / "cube_sales.yml").write_text("version: 2\n")
    with pytest.raises(DefinitionError, match="no export wrote it"):
        write_files(tmp_path, exported.files)
    assert [path.name for path in tmp_path.iterdir()] == ["cube_sales.yml"]


def test_files_of_cubes_that_are_gone_go(tmp_path):
    write_files(tmp_path, {"a.yml": f"# {HEADER}\n", "b.yml": f"# {HEADER}\n"})
    (tmp_path / "mine.yml").write_text("version: 2\n")
    write_files(tmp_path, {"b.yml": f"# {HEADER}\n"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.yml", "mine.yml"]


# -- MetricFlow itself -------------------------------------------------------------

QUESTIONS = [
    # metrics, group by, engine: cube, measures, rows
    (["net", "lines", "margin", "costed"], [], []),
    (["web_net", "web_lines", "customers"], ["customer__region"], ["customer.region"]),
    (["least", "most", "mean", "middle", "high"], ["sales__channel"], ["channel"]),
    (["per_line", "web_share", "twice"], ["metric_time__month"], ["date.month"]),
    (["net"], ["shipped__date_year", "customer__customer_member"],
     ["shipped.year", "customer.customer"]),
    (["lines"], ["date__date_quarter_calendar_year",
                 "date__date_quarter_quarter_number"], ["date.quarter"]),
    (["net"], ["employee__employee_member"], ["employee.employee"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def answers(star, exported, tmp_path_factory):
    """What MetricFlow says to all questions, in one process."""
    if importlib.util.find_spec("dbt_metricflow") is None:
        pytest.skip("dbt-metricflow is not installed: pip install dbt-metricflow")
    project = tmp_path_factory.mktemp("project")
    database = project / "star.duckdb"
    shutil.copy(star[0], database)
    (project / "dbt_project.yml").write_text(
        "name: shop\nversion: '1.0.0'\nprofile: shop\nmodel-paths: [models]\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    (project / "profiles.yml").write_text(
        "shop:\n  target: it\n  outputs:\n"
        f"    it: {{type: duckdb, path: '{database}', schema: main}}\n"
    )
    models = project / "models"
    models.mkdir()
    for table in TABLES:
        # The tables are there; dbt has to know their names alone.
        (models / f"{table}.sql").write_text("select 1 as never_built\n")
    write_files(models / "semantic", exported.files)
    asked = [
        {
            "metrics": [f"sales_{name}" for name in metrics],
            "group_by": groups,
        }
        for metrics, groups, _ in QUESTIONS
    ] + STOCK
    done = subprocess.run(
        [sys.executable, HERE / "metricflow_answers.py", project],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


STOCK = [
    {"metrics": ["stock_closing", "stock_opening"], "group_by": ["metric_time__month"]},
    {"metrics": ["stock_closing"], "group_by": ["metric_time__year", "stock__product"]},
    {"metrics": ["turnover_turn"], "group_by": ["metric_time__year"]},
    {"metrics": ["plan_planned"], "group_by": ["metric_time__month"]},
    {
        "metrics": ["stock_closing"],
        "group_by": ["metric_time__month"],
        "where": ["{{ Dimension('stock__product') }} = 2"],
    },
    {"metrics": ["stock_closing"], "group_by": ["date__date_year"]},
]


def cells(rows, levels):
    """Rows without order, numbers told apart from labels."""
    return sorted(
        (tuple(str(value)[:10] for value in row[:levels]), [*map(number, row[levels:])])
        for row in rows
    )


def number(value):
    return None if value is None else float(value)


def assert_same(ours, theirs):
    assert [labels for labels, _ in ours] == [labels for labels, _ in theirs]
    for (_, left), (_, right) in zip(ours, theirs, strict=True):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            if one is None or other is None:
                # No rows: a count of MetricFlow gives nothing, ours nought.
                assert (one or 0) == (other or 0)
            else:
                assert math.isclose(one, other, rel_tol=1e-9)


@pytest.mark.parametrize("question", range(len(QUESTIONS)))
def test_metricflow_gives_the_same_cells(answers, cubes, question):
    metrics, groups, rows = QUESTIONS[question]
    answer = answers[question]
    order = [*groups, *(f"sales_{name}" for name in metrics)]
    places = [answer["columns"].index(name) for name in order]
    theirs = [[row[place] for place in places] for row in answer["rows"]]
    # Their members are keys; ours are labels, with keys beside them.
    table = cubes["sales"].query(metrics, rows).to_arrow()
    keys = _keys(metrics, rows, table)
    theirs = [[_day_to_month(value, groups) for value in row] for row in theirs]
    assert_same(cells(keys, len(groups)), cells(theirs, len(groups)))


def _day_to_month(value, groups):
    month = isinstance(value, str) and groups == ["metric_time__month"]
    return value[:7] if month and value[4:5] == "-" else value


def _keys(metrics, rows, table):
    """Rows with the keys of members, which stand beside labels that are not keys."""
    found = []
    for row in table.to_pylist():
        labels = []
        for place, path in enumerate(rows):
            key = row.get(f"{path}.key", [*row.values()][place])
            labels += key if isinstance(key, list) else [key]
        found.append([*labels, *(row[name] for name in metrics)])
    return found


def test_closing_and_opening_are_the_same(answers, cubes):
    theirs = answers[len(QUESTIONS)]
    ours = cubes["stock"].query(["closing", "opening"], "date.month").to_arrow()
    assert_same(
        cells([[*row.values()][:3] for row in ours.to_pylist()], 1),
        cells([[row[0][:7], *row[1:]] for row in theirs["rows"]], 1),
    )


def test_a_member_that_is_gone_on_the_last_day_has_nothing_then(answers, cubes):
    theirs = answers[len(QUESTIONS) + 1]
    ours = cubes["stock"].query("closing", ["date.year", "product.product"]).to_dicts()
    filled = [[*row.values()][:3] for row in ours if row["closing"] is not None]
    assert_same(
        cells([[str(year), str(product), value] for year, product, value in filled], 2),
        cells([[row[0][:4], *row[1:]] for row in theirs["rows"]], 2),
    )


def test_measures_of_two_facts_meet(answers, cubes):
    theirs = answers[len(QUESTIONS) + 2]
    ours = cubes["turnover"].query("turn", "date.year").to_arrow()
    assert_same(
        cells([[*row.values()][:2] for row in ours.to_pylist()], 1),
        cells([[row[0][:4], row[1]] for row in theirs["rows"]], 1),
    )


def test_months_of_a_fact_without_days(answers, cubes):
    theirs = answers[len(QUESTIONS) + 3]
    ours = cubes["plan"].query("planned", "date.month").to_arrow()
    assert_same(
        cells([[*row.values()][:2] for row in ours.to_pylist()], 1),
        cells([[row[0][:7], row[1]] for row in theirs["rows"]], 1),
    )


def test_where_snapshots_differ_the_export_says_so(answers, cubes, left_out):
    """MetricFlow takes the last day that a filter leaves, and of metric_time alone."""
    filtered, by_year = (answers[len(QUESTIONS) + n] for n in (4, 5))
    ours = cubes["stock"].query("closing", "date.month", where={"product.product": 2})
    filled = [row for row in ours.to_dicts() if row["closing"] is not None]
    assert len(filled) == len(filtered["rows"]) - 1
    years = cubes["stock"].query("closing", "date.year").to_dicts()
    assert len(years) == len(by_year["rows"]) + 1
    what = "last and first days of closing, opening"
    assert "under a filter" in left_out["stock", what]
    assert "metric_time" in left_out["stock", what]
