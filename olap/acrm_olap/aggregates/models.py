"""Aggregate tables as dbt models: their SQL, their contract, and a test of their sums.

Everything is made of the definitions and of the contracts of the marts, no warehouse
is asked, so that the same definitions always give the same files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrm.sql import identifier
from acrm.yaml_lines import read_yaml
from acrm_olap.aggregates.build import select_of
from acrm_olap.aggregates.contract import described
from acrm_olap.aggregates.differences import differences_of, with_counts
from acrm_olap.aggregates.tables import AggregateTable, tables_of_cube
from acrm_olap.aggregates.texts import model_text, test_text
from acrm_olap.aggregates.units import facts_by_day, units_of
from acrm_olap.definitions import Definitions, bind, read_catalog, read_definitions
from acrm_olap.sql.terms import DIALECT

if TYPE_CHECKING:
    import duckdb
    from sqlglot import exp

MODELS = Path("models/marts/aggregates")
TESTS = Path("tests/dbt/aggregates")
CONTRACTS = Path("models/marts")


def model_files(root: Path) -> dict[Path, str]:
    """Return the files that the definitions of a project give.

    Parameters
    ----------
    root : Path
        Of the project: it has ``olap`` and ``models``.

    Returns
    -------
    dict of Path to str
        Texts by path, from the root on.

    Raises
    ------
    CubeError
        If a definition cannot be used.
    """
    import duckdb

    definitions = read_definitions([root / "olap"])
    by_day = facts_by_day(root)
    found: dict[Path, str] = {}
    with duckdb.connect() as connection:
        _make_marts(connection, root)
        for table in _tables(definitions, connection):
            found |= _files(table, connection, by_day)
    return found


def stale_files(root: Path, files: Mapping[Path, str]) -> list[Path]:
    """Return made files that no definition gives any more."""
    there = [
        *(root / MODELS).glob("agg_*.sql"), *(root / MODELS).glob("agg_*.yml"),
        *(root / TESTS).glob("assert_agg_*.sql"),
    ]  # fmt: skip
    return sorted(
        path.relative_to(root) for path in there if path.relative_to(root) not in files
    )


def changed_files(root: Path, files: Mapping[Path, str]) -> list[Path]:
    """Return files that are not there, or not as the definitions give them."""
    return [
        path
        for path, text in files.items()
        if not (root / path).is_file()
        or (root / path).read_text(encoding="utf-8") != text
    ]


def write_models(root: Path) -> tuple[list[Path], list[Path]]:
    """Write the files of all aggregates; return those written, and those removed.

    Parameters
    ----------
    root : Path
        Of the project.
    """
    files = model_files(root)
    written = changed_files(root, files)
    for path in written:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], encoding="utf-8")
    removed = stale_files(root, files)
    for path in removed:
        (root / path).unlink()
    return written, removed


def _tables(
    definitions: Definitions, connection: duckdb.DuckDBPyConnection
) -> Iterator[AggregateTable]:
    for name, cube in bind(definitions, read_catalog(connection)).items():
        if cube.is_virtual:
            continue

        def where(aggregate: str, cube_name: str = name) -> str:
            return definitions.where("cube", cube_name, "aggregates", aggregate)

        yield from tables_of_cube(cube, where)


def _files(
    table: AggregateTable,
    connection: duckdb.DuckDBPyConnection,
    by_day: frozenset[str],
) -> dict[Path, str]:
    tree = select_of(table)
    units = units_of(table, tree, by_day)
    types = _types_of(tree, connection)
    differences = "it is a whole table" if isinstance(units, str) else differences_of(
        table, tree, types, _never_null(units.fact, connection)
    )  # fmt: skip
    if not isinstance(differences, str):
        tree = with_counts(tree, differences)
        types = _types_of(tree, connection)
    kinds = {name: _narrow(table, name, kind) for name, kind in types.items()}
    casts = {name: kinds[name] for name in kinds if kinds[name] != types[name]}
    doubles = {name for name, kind in kinds.items() if kind in {"DOUBLE", "FLOAT"}}
    test = f"assert_{table.name.replace('__', '_')}_adds_up_to_its_fact.sql"
    return {
        MODELS / f"{table.name}.sql": model_text(
            table, tree, casts, units, differences
        ),
        MODELS / f"{table.name}.yml": described(table, kinds, differences),
        TESTS / test: test_text(table, doubles, units, differences),
    }


def _types_of(
    tree: exp.Select, connection: duckdb.DuckDBPyConnection
) -> dict[str, str]:
    rows = connection.execute(f"describe {tree.sql(DIALECT)}").fetchall()
    return {name: kind for name, kind, *_ in rows}


def _never_null(fact: str, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the columns that the contract of a fact promises always to have."""
    rows = connection.execute(f"describe {identifier(fact)}").fetchall()
    return {name for name, _, is_nullable, *_ in rows if is_nullable == "NO"}


def _narrow(table: AggregateTable, name: str, kind: str) -> str:
    """Keep sums in 64 bits, which are read in half the time; too great ones fail."""
    summed = {
        kept.column
        for signature, kept in table.numbers.items()
        if signature.function == "sum"
    }
    if name in summed and kind == "HUGEINT":
        return "BIGINT"
    if name in summed and kind.startswith("DECIMAL(38,"):
        scale = int(kind.removeprefix("DECIMAL(38,").rstrip(")"))
        if scale <= 6:  # noqa: PLR2004 -- twelve digits are left before the point
            return f"DECIMAL(18,{scale})"
    return kind


def _make_marts(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make the tables of the marts, empty, as their contracts say."""
    for path in sorted((root / CONTRACTS).rglob("*.yml")):
        if path.parent == root / MODELS:
            continue
        for model in _models_in(path):
            columns = ", ".join(
                f"{identifier(column['name'])} {column['data_type']}{_null(column)}"
                for column in model.get("columns", [])
                if column.get("data_type")
            )
            if columns:
                connection.execute(
                    f"create table {identifier(model['name'])} ({columns})"
                )


def _null(column: Mapping[str, Any]) -> str:
    promised = [each.get("type") for each in column.get("constraints", [])]
    return " not null" if "not_null" in promised else ""


def _models_in(path: Path) -> list[dict[str, Any]]:
    document = read_yaml(path, "description of models") or {}
    models: list[dict[str, Any]] = document.get("models", [])
    return models
