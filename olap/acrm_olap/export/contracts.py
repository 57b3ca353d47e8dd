"""The tables that the dbt project promises, without any data: for what is generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from acrm.sql import identifier
from acrm.yaml_lines import read_yaml
from acrm_olap.errors import DefinitionError
from acrm_olap.export.files import HEADER, is_ours

if TYPE_CHECKING:
    import duckdb


@contextmanager
def promised_tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory with the empty tables that contracts promise.

    Parameters
    ----------
    folder : Path
        With the YAML of models, such as ``models/marts``. Generated ones are passed
        over.

    Raises
    ------
    DefinitionError
        If a column has no type, or there is no contract at all.
    """
    import duckdb

    paths = [path for path in sorted(folder.rglob("*.yml")) if not is_ours(path)]
    with duckdb.connect() as connection:
        count = 0
        for path in paths:
            document = read_yaml(path, "description of models") or {}
            for model in document.get("models") or []:
                columns = _columns(path, model)
                if columns:
                    connection.execute(
                        f"create table {identifier(model['name'])} ({columns})"
                    )
                    count += 1
        if not count:
            raise DefinitionError(
                "No model there has a contract.",
                where=str(folder),
                hint="Give the folder of the marts: each has its columns and their"
                " types in its YAML.",
            )
        yield connection


def types_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return the DuckDB types of the columns of a select."""
    return [row[1] for row in connection.execute(f"describe {sql}").fetchall()]


def contract_of(
    name: str, description: str, columns: Mapping[str, str], types: Sequence[str]
) -> str:
    """Return the YAML of a generated model.

    Parameters
    ----------
    name, description : str
        Of the model.
    columns : mapping of str to str
        What each column is, by its name.
    types : sequence of str
        Their DuckDB types.
    """
    import yaml

    content = {
        "version": 2,
        "models": [
            {
                "name": name,
                "description": description,
                "columns": [
                    {"name": title, "data_type": kind.lower(), "description": about}
                    for (title, about), kind in zip(columns.items(), types, strict=True)
                ],
            }
        ],
    }
    return f"# {HEADER}\n" + yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True, width=88
    )


def _columns(path: Path, model: dict[str, object]) -> str:
    listed = model.get("columns")
    if not isinstance(listed, list):
        return ""
    found = []
    for column in listed:
        if not column.get("data_type"):
            raise DefinitionError(
                f"The column '{column.get('name')}' of '{model['name']}' has no type.",
                where=str(path),
                hint="Give it a data_type: cubes are held against contracts.",
            )
        found.append(f"{identifier(column['name'])} {column['data_type']}")
    return ", ".join(found)
