from __future__ import annotations

import duckdb
import pytest
from olap.foreign.orchard import write_orchard

from acrm_olap import connect


@pytest.fixture(scope="session")
def orchard(tmp_path_factory):
    """The file of a star that was not built for cubes, and its definitions."""
    return write_orchard(tmp_path_factory.mktemp("orchard"))


@pytest.fixture(scope="session")
def cubes(orchard):
    with connect(*orchard) as opened:
        yield opened


@pytest.fixture(scope="session")
def plain(orchard):
    """Answers of plain SQL over the tables alone."""
    with duckdb.connect(str(orchard[0]), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()
