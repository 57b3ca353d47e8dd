"""Ask MetricFlow, in a process of its own: JSON of questions in, of rows out.

python metricflow_answers.py PROJECT < questions.json > answers.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest


def main(project: Path) -> None:
    """Build what the export adds to the project, then ask."""
    flags = ["--project-dir", str(project), "--profiles-dir", str(project), "--quiet"]
    done = dbtRunner().invoke(
        ["run", "--select", "cubes_time_spine", "rows_of_*", *flags]
    )
    if not done.success:
        sys.exit(f"dbt run: {done.exception or done.result}")
    configuration = CLIConfiguration()
    configuration.setup(project, project, configure_file_logging=False)
    answers = []
    for question in json.load(sys.stdin):
        request = MetricFlowQueryRequest.create(
            metric_names=question["metrics"],
            group_by_names=question.get("group_by"),
            where_constraints=question.get("where"),
        )
        table = configuration.mf.query(request).result_df
        answers.append({"columns": list(table.column_names), "rows": list(table.rows)})
    json.dump(answers, sys.stdout, default=str)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
