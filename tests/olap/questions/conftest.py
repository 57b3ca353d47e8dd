"""An example company, its stars, and the cubes over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from company import ROOT, Company
from nights.warehouse import Warehouse, silent

from acrm.example import Settings, make_company
from acrm.project import DATABASE_VARIABLE
from acrm_olap import connect

Row = dict[str, Any]


@pytest.fixture(scope="session")
def company_stars(tmp_path_factory) -> Warehouse:
    folder = tmp_path_factory.mktemp("cube_questions")
    make_company(Settings(2_000, 400, 4, daily=1), folder / "made", silent)
    warehouse = Warehouse.of(Company.create(folder / "project").folder)
    warehouse.load(folder / "made" / "initial")
    warehouse.build()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_VARIABLE, str(warehouse.database))
        warehouse.dbt.run(["compile", "--select", "path:analyses"])
    return warehouse


@pytest.fixture(scope="session")
def cubes(company_stars):
    with connect(company_stars.database, ROOT / "olap") as found:
        yield found


@pytest.fixture(scope="session")
def sql(company_stars) -> Callable[[str], list[Row]]:
    """Ask the same file by SQL."""

    def ask(text: str) -> list[Row]:
        with duckdb.connect(str(company_stars.database), read_only=True) as reader:
            answer = reader.execute(text)
            names = [column[0] for column in answer.description or []]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    return ask


@pytest.fixture(scope="session")
def question(company_stars, sql) -> Callable[[str], list[Row]]:
    """Ask the analysis of a question, as dbt compiled it."""

    def ask(number: str) -> list[Row]:
        folder = company_stars.project.root / "target/compiled/acrm/analyses"
        (path,) = folder.glob(f"question_{number}_*.sql")
        rows = sql(path.read_text(encoding="utf-8"))
        assert rows, path.name
        return rows

    return ask


@pytest.fixture(scope="session")
def ask(cubes) -> Callable[..., list[Row]]:
    """Ask a cube, and return its cells by the names of what was asked."""

    def cells(cube: str, *arguments: Any, **more: Any) -> list[Row]:
        return cubes[cube].query(*arguments, **more).to_dicts()

    return cells
