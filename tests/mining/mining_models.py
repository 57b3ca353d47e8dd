"""SQL models of mining, rendered without dbt and run over tables made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

ROOT = Path(__file__).parents[2]
VARS: dict[str, Any] = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]


def rendered(name: str, **variables: Any) -> str:
    """The SQL of a model over tables of the names of the models that it reads."""
    (path,) = (ROOT / "models").rglob(f"{name}.sql")
    settings = VARS | {"packs": {}} | variables
    environment = jinja2.Environment(  # noqa: S701 - it writes SQL
        loader=jinja2.FileSystemLoader(ROOT / "macros"), extensions=["jinja2.ext.do"]
    )
    environment.globals.update(
        ref=lambda model: model,
        var=settings.__getitem__,
        config=lambda **_: "",
        id_space_of_system=lambda column: column,
        surrogate_key=lambda columns: f"hash(concat_ws('|', {', '.join(columns)}))",
        open_end_date=lambda: "date '9999-12-31'",
    )
    for macro in ("finite", "known_batches", "lifecycle_stage", "supported"):
        file = environment.get_template(f"{macro}.sql")
        environment.globals[macro] = getattr(file.module, macro)
    return environment.from_string(path.read_text(encoding="utf-8")).render()


def build(connection: duckdb.DuckDBPyConnection, *names: str, **variables: Any) -> None:
    """Make a table of each model, in their order."""
    for name in names:
        sql = rendered(name, **variables)
        connection.execute(f"create or replace table {name} as {sql}")
