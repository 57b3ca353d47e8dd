"""The stars as their contracts describe them: empty tables, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Mart:
    """One table: columns with types, those never null, and which key leads where."""

    name: str
    types: dict[str, str]
    filled: frozenset[str]
    unique: frozenset[str]
    keys: dict[str, tuple[str, str]]


@cache
def marts() -> dict[str, Mart]:
    """Return all tables of ``models/marts``, by name."""
    found = {}
    for path in sorted((ROOT / "models" / "marts").rglob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for model in document.get("models", []):
            found[model["name"]] = _mart(model)
    return found


def _mart(model: dict[str, Any]) -> Mart:
    types, filled, unique, keys = {}, set(), set(), {}
    for column in model["columns"]:
        name = column["name"]
        types[name] = column["data_type"]
        rules = {rule["type"] for rule in column.get("constraints", [])}
        for test in column.get("data_tests", []):
            rules.add(test if isinstance(test, str) else next(iter(test)))
        if "not_null" in rules:
            filled.add(name)
        if "unique" in rules:
            unique.add(name)
    for test in model.get("data_tests", []):
        for each in test.get("keys_resolve", {}).get("arguments", {}).get("keys", []):
            table = each["to"].removeprefix("ref('").removesuffix("')")
            keys[each["key"]] = (table, each.get("of", each["key"]))
    return Mart(model["name"], types, frozenset(filled), frozenset(unique), keys)


def make_empty(path: Path) -> Path:
    """Make a file with every table of the contracts, none of which has a row."""
    with duckdb.connect(str(path)) as connection:
        for mart in marts().values():
            columns = ", ".join(f'"{name}" {kind}' for name, kind in mart.types.items())
            connection.execute(f'create table "{mart.name}" ({columns})')
    return path
