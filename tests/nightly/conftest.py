import os

import pytest
from forked import Forked
from small_company import ROOT, Nights, SmallCompany


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """One place for all, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("nights")


@pytest.fixture
def shop(place, capfd, monkeypatch):
    """A project of a few tables that reads what was loaded; nothing is built yet."""
    company = SmallCompany.create(place)
    monkeypatch.setenv("COLUMNS", "200")
    return Nights(
        company.project, company.landing, capfd=capfd, monkeypatch=monkeypatch
    )


@pytest.fixture(scope="session")
def forked():
    """What starts real processes of ``acrm``."""
    server = Forked({**os.environ, "PYTHONPATH": str(ROOT / "python")})
    yield server
    server.close()
