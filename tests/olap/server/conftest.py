from __future__ import annotations

import asyncio

import pytest
from served_star import Client, settings_for, write_database, write_definitions

from acrm_olap.server.warehouse import Warehouse


@pytest.fixture(scope="session")
def star(tmp_path_factory):
    """The file and the folder of definitions, which nobody may change."""
    folder = tmp_path_factory.mktemp("star")
    return write_database(folder / "star.duckdb"), write_definitions(folder / "olap")


@pytest.fixture
def make_client(star):
    """Make clients of servers with settings of their own."""
    made = []
    with asyncio.Runner() as runner:

        def make(database=None, definitions=None, **more):
            settings = settings_for(database or star[0], definitions or star[1], **more)
            made.append(Client(runner, Warehouse(settings)))
            return made[-1]

        yield make
        for client in made:
            client.close()


@pytest.fixture
def client(make_client):
    return make_client()
