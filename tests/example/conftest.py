"""One small example company, made once."""

from __future__ import annotations

import pytest
from example_extracts import opened

from acrm.example import Settings, make_company


@pytest.fixture(scope="session")
def company(tmp_path_factory):
    """2,000 customers, 400 days, the last 10 of them delivered one by one."""
    settings = Settings(2_000, 400, 7, daily=10)
    folder = tmp_path_factory.mktemp("example") / "company"
    make_company(settings, folder, lambda *_: None)
    return opened(settings, folder)
