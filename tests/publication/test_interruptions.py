"""A publication that is killed or meets a full disk changes nothing for readers."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from acrm.publication import current_version, list_versions

# Publishes the build file of ACRM_PROJECT as if its tests had just passed, and dies
# by SIGKILL right before or right after a step.
PUBLISH_AND_DIE = """
import importlib, os, signal, sys

from acrm.building.outcome import Outcome
from acrm.lock import writer_lock
from acrm.project import find_project
from acrm.publication import release as publication


class BuildsEverything:
    def manifest(self):
        raise AssertionError("not asked")


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


step, moment = sys.argv[1:]
module_name, _, name = step.rpartition(".")
owner = importlib.import_module(module_name)
original = getattr(owner, name)
calls = 0


def dying(*args, **kwargs):
    global calls
    calls += 1
    if moment == "before" or (moment == "second" and calls == 2):
        die()
    result = original(*args, **kwargs)
    if moment == "after":
        die()
    return result


setattr(owner, name, dying)
publication._relations_of = lambda dbt: set(TABLES)
project = find_project()
with writer_lock(project, "test"):
    publication.clean_up(project)
    publication.publish_checked(
        project, BuildsEverything(), Outcome("run", ()), built_at="2026-02-01T00:00:00Z"
    )
raise SystemExit("it was to die")
"""

TABLES = ["fct_sales_line", "dim_customer", "agg_customer"]

BEFORE_THE_NAME = [
    ("acrm.publication.copying.find_relations", "after"),
    ("acrm.publication.copying._copy_table", "before"),
    ("acrm.publication.copying._copy_table", "after"),
    ("acrm.publication.copying._write_parquet", "after"),
    ("acrm.publication.copying._copy_table", "second"),
    ("acrm.publication.copying.require_readable", "before"),
    ("acrm.publication.release._put_in_place", "before"),
    ("acrm.publication.release.sync_tree", "after"),
]
BEFORE_THE_SWITCH = [
    ("acrm.publication.release._put_in_place", "after"),
    ("acrm.publication.release.switch", "before"),
    ("pathlib.Path.symlink_to", "after"),
]
AFTER_THE_SWITCH = [
    ("acrm.publication.versions.sync", "before"),
    ("acrm.publication.release.switch", "after"),
    ("acrm.publication.release.prune", "before"),
]


def publish_and_die(environment, step, moment):
    if step.startswith("pathlib."):
        code = PUBLISH_AND_DIE.replace(
            "owner = importlib.import_module(module_name)",
            "import pathlib; owner = pathlib.Path",
        )
    else:
        code = PUBLISH_AND_DIE
    code = f"TABLES = {TABLES!r}\n{code}"
    ended = subprocess.run(
        [sys.executable, "-c", code, step, moment],
        env={**environment, "ACRM_PROJECT": os.environ["ACRM_PROJECT"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def sum_read_by_readers(acrm):
    ended = acrm.passing(
        "sql", "select sum(amount) from fct_sales_line", "--format", "csv"
    )
    return ended.stdout.splitlines()[1]


@pytest.mark.parametrize(("step", "moment"), BEFORE_THE_NAME)
def test_killed_while_copying(published, acrm, python_environment, step, moment):
    publish_and_die(python_environment, step, moment)
    assert [version.number for version in list_versions(published)] == [1]
    assert current_version(published).number == 1
    assert sum_read_by_readers(acrm) == "124875.00"
    assert list(published.tmp.iterdir()) != [], "the step was not reached"


@pytest.mark.parametrize(("step", "moment"), BEFORE_THE_SWITCH)
def test_killed_between_name_and_switch(
    published, acrm, python_environment, step, moment
):
    publish_and_die(python_environment, step, moment)
    assert current_version(published).number == 1
    assert sum_read_by_readers(acrm) == "124875.00"
    # It is whole, so it can be kept; but its number is not given again.
    assert [version.number for version in list_versions(published)] == [1, 2]
    acrm.passing("publish")
    assert current_version(published).number == 3


@pytest.mark.parametrize(("step", "moment"), AFTER_THE_SWITCH)
def test_killed_after_the_switch(published, acrm, python_environment, step, moment):
    publish_and_die(python_environment, step, moment)
    assert current_version(published).number == 2
    assert sum_read_by_readers(acrm) == "124875.00"


def test_the_next_publication_removes_what_a_killed_one_left(
    published, acrm, python_environment
):
    publish_and_die(python_environment, "acrm.publication.copying._copy_table", "after")
    assert list(published.tmp.rglob("acrm.duckdb")) != []
    acrm.passing("publish")
    assert list(published.tmp.iterdir()) == []
    assert [version.number for version in list_versions(published)] == [1, 2]


READER = """
import sys
from acrm.project import find_project
from acrm.reading import connect

connection = connect(find_project())
sql = "select (select count(*) from fct_sales_line), max(customer_name)"
sql += " from dim_customer"
for line in sys.stdin:
    print(connection.execute(sql).fetchall(), flush=True)
"""


def test_a_reader_keeps_its_version_through_a_switch(
    published, acrm, python_environment
):
    """Also when that version is removed under it."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**python_environment, "ACRM_PROJECT": str(published.root)},
    )
    with reader:

        def ask():
            reader.stdin.write("\n")
            reader.stdin.flush()
            return reader.stdout.readline()

        before = ask()
        assert before == "[(1000, 'Customer 6')]\n"
        model = published.root / "models" / "marts" / "dim_customer.sql"
        model.write_text(model.read_text().replace("'Customer '", "'Client '"))
        ended = acrm.passing("build", "--keep", "1")
        assert "Removed old versions: 1." in ended.stdout
        assert ask() == before
        reader.stdin.close()
    assert reader.returncode == 0
    ended = acrm.passing(
        "sql", "select max(customer_name) from dim_customer", "--format", "csv"
    )
    assert ended.stdout.splitlines()[1] == "Client 6"


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size={size} tmpfs "$1"
cp -r "$2"/. "$1"
shift 2
"$@" || code=$?
ls "$ACRM_WAREHOUSE/published/versions" "$ACRM_WAREHOUSE/tmp"
readlink "$ACRM_WAREHOUSE/published/current"
exit $code
"""


def test_a_full_disk_leaves_readers_their_version(
    published, tmp_path, python_environment
):
    used = sum(path.lstat().st_size for path in published.home.rglob("*"))
    disk = tmp_path / "disk"
    disk.mkdir()
    probe = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if probe.returncode:
        pytest.skip("no right to mount a small disk here")
    script = textwrap.dedent(ON_A_SMALL_DISK.format(size=used + 500_000))
    ended = subprocess.run(
        [
            *("unshare", "-rm", "sh", "-c", script, "sh", disk, published.home),
            *(sys.executable, "-m", "acrm.cli.app", "publish"),
        ],
        env={
            **python_environment,
            "ACRM_PROJECT": str(published.root),
            "ACRM_WAREHOUSE": str(disk),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Error: Cannot copy version 2." in ended.stderr
    assert "Readers see version 1." in ended.stderr
    assert "Traceback" not in ended.stderr
    listed = ended.stdout.split()
    assert "000001" in listed
    assert "000002" not in listed
    assert listed[-1] == "versions/000001"
    assert "publish" not in listed, "the unfinished copy fills the disk"
