"""An example company, its stars, and the cubes over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from company import ROOT

from acrm_olap import connect

Row = dict[str, Any]


@pytest.fixture(scope="session")
def cubes(example_stars):
    with connect(example_stars.warehouse.database, ROOT / "olap") as found:
        yield found


@pytest.fixture(scope="session")
def sql(example_stars) -> Callable[[str], list[Row]]:
    """Ask the same file by SQL."""
    return example_stars.sql


@pytest.fixture(scope="session")
def question(example_stars) -> Callable[[str], list[Row]]:
    """Ask the analysis of a question, as dbt compiled it."""
    return example_stars.question


@pytest.fixture(scope="session")
def ask(cubes) -> Callable[..., list[Row]]:
    """Ask a cube, and return its cells by the names of what was asked."""

    def cells(cube: str, *arguments: Any, **more: Any) -> list[Row]:
        return cubes[cube].query(*arguments, **more).to_dicts()

    return cells
