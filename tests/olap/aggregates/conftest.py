"""The small star, with its aggregate tables built, and without."""

from __future__ import annotations

import pytest
from star import build, engine_over, make_star, write_files


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("definitions"))


@pytest.fixture(scope="session")
def facts(folder):
    """An engine that reads facts alone."""
    connection = make_star()
    engine = engine_over(connection, folder, use_aggregates=False)
    build(connection, engine)
    return engine


@pytest.fixture(scope="session")
def aggregated(facts, folder):
    """An engine over the same file that reads aggregate tables where it can."""
    return engine_over(facts.database.connection, folder)
