from __future__ import annotations

import pytest
from olap.export.small_star import write_star

from acrm_olap import connect


@pytest.fixture(scope="session")
def star(tmp_path_factory):
    """The file of a small star, and the folder of its definitions."""
    return write_star(tmp_path_factory.mktemp("star"))


@pytest.fixture(scope="session")
def cubes(star):
    with connect(*star) as opened:
        yield opened


@pytest.fixture(scope="session")
def bound(cubes):
    return cubes.engine.cubes
