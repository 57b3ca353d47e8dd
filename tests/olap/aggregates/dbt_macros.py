"""The macros of this project over a DuckDB connection, without dbt around them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment

MACROS = Path(__file__).parents[3] / "macros"
# each by itself, as dbt takes them
_MACRO = re.compile(r"\{% macro (\w+)\(.*?endmacro -?%\}", re.S)


class Table(str):
    """A table by its name, as macros are given it."""

    @property
    def identifier(self) -> str:
        return self.rpartition(".")[2]


class _Row(tuple):
    """Values by number and by name."""

    names: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        return self[self.names.index(name)]


class _Answer:
    def __init__(self, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.rows = [_Row(row) for row in rows]
        for row in self.rows:
            row.names = tuple(names)
        self.columns = [dict(enumerate(each)) for each in zip(*rows, strict=True)]
        self.columns = self.columns or [{} for _ in names]


class _Returned(Exception):  # noqa: N818 -- as dbt does it, it ends a macro
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Project:
    """Models and macros of a project.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Where they run.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.graph: dict[str, Any] = {"nodes": {}}
        self.environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 -- it writes SQL
        self.environment.globals |= {
            "return": self._return,
            "run_query": self.run,
            "graph": self.graph,
            "execute": True,
            "flags": {"WHICH": "build"},
            "target": {"database": "memory", "schema": "main"},
            "api": {"Relation": {"create": lambda _db, _schema, name: Table(name)}},
        }
        for path in sorted(MACROS.glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            for found in _MACRO.finditer(text):
                self.environment.globals[found[1]] = self._macro(found[0], found[1])

    def _macro(self, text: str, name: str) -> Any:
        template = self.environment.from_string(text)

        def call(*given: Any, **named: Any) -> Any:
            try:
                return getattr(template.make_module(), name)(*given, **named)
            except _Returned as returned:
                return returned.value

        return call

    @staticmethod
    def _return(value: Any) -> None:
        raise _Returned(value)

    def run(self, sql: str) -> _Answer:
        """Run a statement as `run_query` does."""
        done = self.connection.execute(str(sql))
        names = [column[0] for column in done.description or []]
        return _Answer(names, done.fetchall() if names else [])

    def model(self, name: str, text: str, columns: dict[str, str]) -> dict[str, Any]:
        """Take a model up in the graph, as its own `config` says what it is."""
        given: dict[str, Any] = {}
        self.environment.from_string(text).render(
            config=lambda **kind: given.update(kind) or "",
            is_incremental=lambda: False,
            ref=str,
        )
        node = {
            "unique_id": f"model.acrm.{name}",
            "name": name,
            "resource_type": "model",
            "columns": {
                column: {"name": column, "data_type": kind}
                for column, kind in columns.items()
            },
            "config": {"meta": given.get("meta", {})} | given,
            "text": text,
        }
        self.graph["nodes"][node["unique_id"]] = node
        return node

    def build(self, name: str) -> None:
        """Do what dbt does of an incremental model in a night."""
        node = self.graph["nodes"][f"model.acrm.{name}"]
        self._within(node)
        sql = self.environment.from_string(node["text"]).render(
            config=lambda **_: "", is_incremental=lambda: True, ref=str
        )
        self.connection.execute(f"create or replace temp table {name}__tmp as {sql}")
        self.replace(node)

    def replace(self, node: dict[str, Any]) -> None:
        """Put the rows of a model's working table in the place of what was there."""
        name = node["name"]
        self._within(node)
        self.connection.execute("begin")
        call = self.environment.globals["get_incremental_by_record_sql"]
        self.connection.execute(
            call(
                {
                    "target_relation": Table(name),
                    "temp_relation": f"{name}__tmp",
                    "unique_key": node["config"]["unique_key"],
                    "dest_columns": [{"name": each} for each in node["columns"]],
                }
            )
        )
        self.connection.execute("commit")

    def call(self, node: dict[str, Any], name: str, *given: Any) -> Any:
        """Call a macro as of a model in hand."""
        self._within(node)
        return self.environment.globals[name](*given)

    def reached(self, name: str) -> None:
        """Note that a model has taken in all that was loaded."""
        self.graph.pop("model_states", None)
        newest = self.environment.globals["newest_load"]()
        self.connection.execute(
            f"delete from intermediate.model_state where model = '{name}'"
        )
        self.connection.execute(
            f"insert into intermediate.model_state select '{name}', '', {newest}"
        )

    def _within(self, node: dict[str, Any]) -> None:
        self.environment.globals |= {
            "model": node,
            "this": Table(node["name"]),
            "config": node["config"],
        }
