"""What dbt gives to templates and sqlfluff does not, read from this project's files.

sqlfluff puts every public name of this package into the templates that it renders, so
that a model is linted as the SQL that dbt would run: variables as dbt_project.yml sets
them, columns as the models' YAML declares them. It runs this file again for each
template; therefore a file is parsed only when a template asks for it.
"""

from __future__ import annotations as _annotations

from functools import cache as _cache
from pathlib import Path as _Path
from types import SimpleNamespace as _Namespace
from typing import Any as _Any

import jinja2 as _jinja2
import yaml as _yaml

_ROOT = _Path(__file__).resolve().parents[3]


def _compile_each_text_once() -> None:
    """Keep what Jinja compiled: sqlfluff compiles all macros twice for each template.

    That takes longer than linting. The code of a text depends on the kind of
    environment only, of which sqlfluff has one.
    """
    compiled = _jinja2.Environment.compile
    if compiled.__name__ == "compile_once":
        return
    code_of: dict[_Any, _Any] = {}

    def compile_once(self: _Any, source: _Any, *args: _Any, **named: _Any) -> _Any:
        if not isinstance(source, str):
            return compiled(self, source, *args, **named)
        key = (type(self), source, args, tuple(sorted(named.items())))
        if key not in code_of:
            code_of[key] = compiled(self, source, *args, **named)
        return code_of[key]

    _jinja2.Environment.compile = compile_once  # type: ignore[method-assign]


_compile_each_text_once()


class _Attributes(dict[str, _Any]):
    """A mapping whose keys are attributes too, and what is missing is none."""

    def __getattr__(self, name: str) -> _Any:
        return self.get(name)


class _Nodes:
    """The models of the project by dbt's unique id."""

    def get(self, unique_id: str) -> _Attributes | None:
        kind, _, name = unique_id.split(".", 2)
        if kind != "model":
            return None
        (path,) = (_ROOT / "models").rglob(f"{name}.yml")
        return _node(_parsed(path)["models"][0])

    __getitem__ = get


def _sources() -> dict[str, _Attributes]:
    found = {}
    for path in sorted((_ROOT / "models" / "staging").rglob("_*__sources.yml")):
        for source in _parsed(path)["sources"]:
            for table in source["tables"]:
                found[f"source.acrm.{source['name']}.{table['name']}"] = _node(
                    {
                        "loader": "",
                        "freshness": source.get("config", {}).get("freshness"),
                    }
                    | source
                    | {"source_name": source["name"]}
                    | table
                )
    return found


# What an aggregate says in its SQL, which is not read here.
_UNITS = _Attributes(
    fact="fct_sales_line", day="date_key", columns={"date_key": "date_key"}
)
_AGGREGATE = {
    "units": _UNITS,
    "redone": _Attributes(marker="row_count"),
    "differences": _Attributes(
        keys=["date_key"], counts=["row_count"], sums={}, ones={}, reads=["date_key"]
    ),
}


def _node(declared: dict[str, _Any]) -> _Attributes:
    columns = {
        column["name"]: _Attributes(
            name=column["name"],
            data_type=column.get("data_type"),
            config=_Attributes(
                meta=_Attributes(column.get("config", {}).get("meta", {}))
            ),
        )
        for column in declared.get("columns", [])
    }
    config = declared.get("config") or {}
    meta = _Attributes(_AGGREGATE | (config.get("meta") or {}))
    return _Attributes(
        declared | {"columns": columns, "config": _Attributes(config | {"meta": meta})}
    )


@_cache
def _parsed(path: _Path) -> dict[str, _Any]:
    return _yaml.load(path.read_text(encoding="utf-8"), _yaml.CSafeLoader)


class _RawReads:
    """What macros keep with the graph: that no model looks anything up."""

    def __contains__(self, _unique_id: str) -> bool:
        return True

    def __getitem__(self, _unique_id: str) -> _Attributes:
        return _Attributes(driving=[], lookups=[], loaded_through="2024-01-01")


class _Graph(_Namespace):
    nodes = _Nodes()

    @property
    def sources(self) -> dict[str, _Attributes]:
        return _sources()

    def __contains__(self, name: str) -> bool:
        return name in ("nodes", "sources")

    def setdefault(self, _name: str, _default: _Any) -> _RawReads:
        return _RawReads()


class _Exceptions:
    """Stop at what dbt would stop at."""

    def raise_compiler_error(self, message: str) -> None:
        raise ValueError(message)


class _Relation:
    """A relation that is in no ref or source, under its name."""

    @staticmethod
    def create(_database: str, schema: str, identifier: str) -> str:
        return f"{schema}.{identifier}"


class _Row(_Namespace):
    """A row whose first column can be asked for by its number."""

    def __getitem__(self, number: int) -> str:
        return ["2024-01-01"][number]


def run_query(_sql: str) -> _Namespace:
    """What an incremental model that was built before knows of itself."""
    return _Namespace(
        rows=[
            _Row(
                is_whole=True,
                code_hash="",
                loaded_through="2024-01-01",
                columns="date_key",
                since="2024-01-01",
                first_day="2024-01-01",
                last_day="2024-01-01",
                id_space="example",
                month_start="2024-01-01",
            )
        ]
    )


def var(name: str, default: _Any = None) -> _Any:
    """Return a variable of dbt_project.yml."""
    return _parsed(_ROOT / "dbt_project.yml")["vars"].get(name, default)


execute = True
flags = _Namespace(WHICH="compile")
api = _Namespace(Relation=_Relation)
graph = _Graph()
target = _Namespace(database="acrm", schema="main")
model = _Namespace(unique_id="model.acrm.dim_customer", name="dim_customer")
exceptions = _Exceptions()
