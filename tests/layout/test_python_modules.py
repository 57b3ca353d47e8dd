"""Imports run one way, and a module fits in the head."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest
from repository_files import ROOT, below, name_of, text

MODULES = [*below("python", "*.py"), *below("olap", "*.py")]
MAX_LINES = 400

# Each part knows only the parts of lines above its own.
LAYERS = [
    {"errors"},
    {"project", "console", "disk", "sql", "words", "yaml_lines"},
    {"lock", "journal", "dbt_plugin"},
    {"loading", "building", "example", "mining"},
    {"publication"},
    {"past"},
    {"reading"},
    {"nightly"},
    {"cli"},
    {"__main__"},
]
OLAP_LAYERS = [
    "errors", "expressions", "definitions", "query", "planning", "sql",
    "aggregates", "results", "running", "export", "api", "server",
]  # fmt: skip
LAYER_OF = {part: level for level, parts in enumerate(LAYERS) for part in parts}
LAZY = {"duckdb", "pyarrow", "dbt", "yaml", "pydantic", "pandas", "polars", "numpy"}
LAZY |= {"scipy", "sklearn"}


def dotted(path):
    (source,) = [
        folder
        for folder in (ROOT / "python", ROOT / "olap")
        if path.is_relative_to(folder)
    ]
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {dotted(path) for path in MODULES}


def imports(path):
    """Every module that the file imports, wherever the import stands."""
    package = (
        dotted(path) if path.stem == "__init__" else dotted(path).rpartition(".")[0]
    )
    found = set()
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(
                [*above, node.module or ""] if node.level else [node.module]
            )
            base = base.strip(".")
            inside = {f"{base}.{alias.name}" for alias in node.names} & KNOWN
            found |= inside or {base}
    return found


def part(module):
    """The part of acrm that a module belongs to: errors, loading, cli …"""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path):
    own = dotted(path)
    for module in imports(path):
        if own.split(".")[0] == "acrm_olap":
            assert not f"{module}.".startswith("acrm.cli.")
            if part(own) and module.startswith("acrm_olap.") and part(module) != (
                part(own)
            ):  # fmt: skip
                above = OLAP_LAYERS.index(part(module))
                assert above < OLAP_LAYERS.index(part(own)), f"{own} knows {module}"
        elif (
            part(own)
            and module.startswith("acrm.")
            and part(module) not in ("", part(own))
        ):
            assert LAYER_OF[part(module)] < LAYER_OF[part(own)], f"{own} knows {module}"
        if own == "acrm":
            assert not part(module), "acrm itself imports none of its parts"


def test_every_part_has_a_layer():
    parts = {part(name) for name in KNOWN if name.startswith("acrm.")}
    assert parts <= LAYER_OF.keys(), "say in LAYERS which parts a new one may know"


def test_modules_do_not_import_each_other_in_a_circle():
    waiting = {dotted(path): imports(path) & KNOWN for path in MODULES}
    while ready := {name for name, needs in waiting.items() if not needs - {name}}:
        waiting = {
            name: needs - ready for name, needs in waiting.items() if name not in ready
        }
    assert not waiting


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_knows_typer(path):
    if part(dotted(path)) != "cli":
        assert not {module.split(".")[0] for module in imports(path)} & {
            "typer",
            "click",
        }


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_no_longer_than_400_lines(path):
    assert len(text(path).splitlines()) <= MAX_LINES


def test_help_imports_nothing_that_is_slow():
    program = "import json, sys, acrm.cli.app; print(json.dumps(sorted(sys.modules)))"
    paths = os.pathsep.join(str(ROOT / source) for source in ("python", "olap"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not LAZY & {name.split(".")[0] for name in json.loads(done.stdout)}
