import pytest
from loading_shop import new_shop


@pytest.fixture
def shop(tmp_path, capfd, monkeypatch):
    return new_shop(tmp_path, capfd, monkeypatch)
