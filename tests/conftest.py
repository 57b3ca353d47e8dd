"""The small dbt project, built once, and the command line as a function."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from acrm.cli import app
from acrm.project import Project

REPOSITORY = Path(__file__).parents[1]
SMALL_PROJECT = REPOSITORY / "tests" / "small_project"

# What takes longest begins first, so that the processes of a run end together.
LONGEST = (
    "test_incremental_equals_full.py",
    "test_two_deliveries.py",
    "test_readme.py",
    "test_what_a_night_leaves_out.py",
    "test_late_news.py",
    "test_months_done_again.py",
    "test_planted_truths.py",
    "test_oracle.py",
    "test_standby.py",
    "test_past_nights.py",
    "test_kills.py",
    "test_build.py",
    "test_as_known_on.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others keep their order."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Commands:
    """The command line in this process, working on one project."""

    project: Project
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> Ended:
        self.monkeypatch.setattr(sys, "argv", ["acrm", *map(str, arguments)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            app.main()
        printed = self.capsys.readouterr()
        return Ended(int(exit_.value.code or 0), printed.out, printed.err)

    def passing(self, *arguments: str | Path) -> Ended:
        """Run a command that has to end well."""
        ended = self(*arguments)
        assert ended.code == 0, ended.stderr
        return ended


def _use(monkeypatch: pytest.MonkeyPatch, root: Path) -> Project:
    monkeypatch.setenv("ACRM_PROJECT", str(root))
    monkeypatch.delenv("ACRM_WAREHOUSE", raising=False)
    monkeypatch.delenv("ACRM_DATABASE", raising=False)
    return Project(root=root, home=root / "warehouse")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The small project with its build file, its run and version 1 published."""
    root = tmp_path_factory.mktemp("small") / "project"
    shutil.copytree(SMALL_PROJECT, root)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use(monkeypatch, root)
        monkeypatch.setattr(sys, "argv", ["acrm", "build"])
        with pytest.raises(SystemExit) as exit_:
            app.main()
        assert not exit_.value.code
    return root


@pytest.fixture(scope="session")
def rebuilt_once(built_once, tmp_path_factory):
    """The same with another build, which is held back."""
    root = tmp_path_factory.mktemp("rebuilt") / "project"
    shutil.copytree(built_once, root, symlinks=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _use(monkeypatch, root)
        monkeypatch.setattr(sys, "argv", ["acrm", "build", "--no-publish"])
        with pytest.raises(SystemExit) as exit_:
            app.main()
        assert not exit_.value.code
    return root


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A copy of the small project that nothing was built from."""
    root = tmp_path / "project"
    shutil.copytree(SMALL_PROJECT, root)
    return _use(monkeypatch, root)


@pytest.fixture
def published(built_once, tmp_path, monkeypatch):
    """A copy of the small project with version 1 published."""
    root = tmp_path / "project"
    shutil.copytree(built_once, root, symlinks=True)
    return _use(monkeypatch, root)


@pytest.fixture
def rebuilt(rebuilt_once, tmp_path, monkeypatch):
    """A copy of the small project with version 1 published and the next one built."""
    root = tmp_path / "project"
    shutil.copytree(rebuilt_once, root, symlinks=True)
    return _use(monkeypatch, root)


@pytest.fixture
def acrm(request, monkeypatch, capsys):
    """The command ``acrm`` on the project of the test."""
    wanted = {"small", "rebuilt"} & set(request.fixturenames) or {"published"}
    return Commands(request.getfixturevalue(wanted.pop()), monkeypatch, capsys)


@pytest.fixture(scope="session")
def python_environment():
    """The environment in which another Python process finds this package."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY / "python")}


@pytest.fixture(scope="session")
def older_duckdb(python_environment):
    """The environment of a Python process with the oldest DuckDB we support."""
    folder = REPOSITORY / ".cache" / "duckdb-1.5.5"
    if not (folder / "duckdb").is_dir():
        unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
                *("--target", str(unfinished), "duckdb==1.5.5"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            pytest.skip(f"duckdb 1.5.5 cannot be installed: {ended.stderr.strip()}")
        try:
            unfinished.rename(folder)
        except OSError:  # another test process was first
            shutil.rmtree(unfinished)
    paths = f"{folder}{os.pathsep}{python_environment['PYTHONPATH']}"
    return {**python_environment, "PYTHONPATH": paths}


@pytest.fixture(scope="session")
def example_stars(tmp_path_factory):
    """An example company and its stars, built once for all processes of a run."""
    from example_stars import ExampleStars

    base = tmp_path_factory.getbasetemp()
    return ExampleStars.shared(
        base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    )
