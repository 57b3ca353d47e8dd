"""Small stars in memory, and cubes over them, for tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import duckdb
import yaml

from acrm_olap.api import Cubes
from acrm_olap.definitions import read_definitions
from acrm_olap.planning import ALL, Rights
from acrm_olap.query import cuts_of
from acrm_olap.running import Database, Engine


def definitions_in(folder, *documents):
    """Write definition files, each a YAML text, and return them as read."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents):
        Path(folder, f"{number}.yml").write_text(dedent(document), encoding="utf-8")
    return read_definitions([folder])


def cubes_of(folder, sql, *documents, rights=ALL):
    """Return the cubes that YAML texts define over tables that SQL makes."""
    connection = duckdb.connect()
    connection.execute(dedent(sql))
    database = Database(connection, "memory")
    return Cubes(Engine(database, definitions_in(folder, *documents)), rights)


def held_to(cube, filters):
    """Return a cube as it is for a caller who is held to cuts."""
    return type(cube)(cube._engine, cube._bound, Rights(filters=cuts_of(filters)))


def promise_tables(connection, marts):
    """Write the contracts of all tables of a connection, as the marts of a project."""
    models: dict[str, list[dict[str, str]]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where not internal order by table_name, column_index"
    ).fetchall():
        models.setdefault(table, []).append({"name": column, "data_type": kind})
    marts.mkdir(parents=True)
    for name, columns in models.items():
        document = {"models": [{"name": name, "columns": columns}]}
        Path(marts, f"{name}.yml").write_text(yaml.safe_dump(document))


def rows_of(result):
    """Return the cells of an answer as tuples: labels, then values."""
    count = len(result.levels) + len(result.measures)
    return [tuple(row.values())[:count] for row in result.to_dicts()]
