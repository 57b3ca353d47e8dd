"""A publication that is killed or meets a full disk changes nothing for readers."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from acrm.publication import current_version, list_versions

pytestmark = pytest.mark.slow

# Publishes the build file of ACRM_PROJECT as if its tests had just passed, keeps one
# version, and dies by SIGKILL right before or right after a step.
PUBLISH_AND_DIE = """
import importlib, os, pathlib, signal, sys

from acrm.building.outcome import Outcome
from acrm.lock import writer_lock
from acrm.project import find_project
from acrm.publication import compaction, release, staging
from acrm.publication.cube_views import Views


class BuildsEverything:
    def manifest(self):
        raise AssertionError("not asked")

    def variable(self, name, default):
        return default


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


step, moment, compacts = sys.argv[1:]
module_name, _, name = step.rpartition(".")
owner = (
    pathlib.Path
    if module_name == "pathlib.Path"
    else importlib.import_module("acrm.publication." + module_name)
)
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
staging.relations_of = lambda dbt: set(TABLES)
staging._state_of = lambda dbt: frozenset()
staging._aggregates_of = lambda dbt: frozenset()
if compacts == "compacts":
    compaction.SMALLEST_BYTES = 0
    compaction.FREE_BLOCKS = -1
project = find_project()
with writer_lock(project, "test"):
    release.clean_up(project)
    release.publish_checked(
        project,
        BuildsEverything(),
        Outcome("run", ()),
        built_at="2026-02-01T00:00:00Z",
        views=Views(project),
        keep=1,
    )
raise SystemExit("it was to die")
"""

TABLES = ["fct_sales_line", "customer_sales", "agg_customer"]

WHILE_THE_BUILD_IS_WHOLE = [
    ("build_file.find_relations", "after"),
    ("build_file.write_comments", "before"),
    ("build_file._make_table", "after"),
    ("parquet._share", "second"),
    ("staging.write_copies", "after"),
]
BEFORE_THE_NAME = [
    ("staging._note_publishing", "after"),
    ("build_file.strip", "after"),
    ("compaction._copy_table", "second"),
    ("compaction.sync", "after"),
    ("compaction.sync", "second"),
    ("build_file.require_readable", "after"),
    ("release.put_in_place", "before"),
    ("staging._move_build_file", "after"),
    ("staging.sync_tree", "after"),
]
BEFORE_THE_SWITCH = [
    ("release.put_in_place", "after"),
    ("pathlib.Path.symlink_to", "after"),
]
AFTER_THE_SWITCH = [
    ("versions.sync", "before"),
    ("release.switch", "after"),
    ("release.prune", "before"),
    ("upkeep.lay_out_old", "before"),
    ("standby.write_record", "after"),
    ("standby._put_in_place", "after"),
    ("release.prune", "after"),
]


def publish_and_die(environment, step, moment):
    code = f"TABLES = {TABLES!r}\n{PUBLISH_AND_DIE}"
    compacts = "compacts" if step.startswith("compaction.") else "does not"
    ended = subprocess.run(
        [sys.executable, "-c", code, step, moment, compacts],
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


def numbers(project):
    return [version.number for version in list_versions(project)]


def require_healed(project, acrm, version):
    """The next build is published, and leaves nothing but versions behind."""
    acrm.passing("build")
    assert current_version(project).number == version
    assert sum_read_by_readers(acrm) == "124875.00"
    assert list(project.tmp.iterdir()) == []
    beside = {path.name for path in project.database.parent.glob("acrm.duckdb*")}
    assert beside <= {"acrm.duckdb", "acrm.duckdb.build.json"}


@pytest.mark.parametrize(("step", "moment"), WHILE_THE_BUILD_IS_WHOLE)
def test_killed_while_the_build_is_whole(
    rebuilt, acrm, python_environment, step, moment
):
    publish_and_die(python_environment, step, moment)
    assert numbers(rebuilt) == [1]
    assert sum_read_by_readers(acrm) == "124875.00"
    assert "Published version 2" in acrm.passing("publish").stdout


@pytest.mark.parametrize(("step", "moment"), BEFORE_THE_NAME)
def test_killed_before_the_version_has_its_name(
    rebuilt, acrm, python_environment, step, moment
):
    publish_and_die(python_environment, step, moment)
    assert numbers(rebuilt) == [1]
    assert sum_read_by_readers(acrm) == "124875.00"
    ended = acrm("publish")
    assert ended.code == 2
    assert "was being published, which was interrupted" in ended.stderr
    require_healed(rebuilt, acrm, 2)


@pytest.mark.parametrize(("step", "moment"), BEFORE_THE_SWITCH)
def test_killed_between_name_and_switch(
    rebuilt, acrm, python_environment, step, moment
):
    publish_and_die(python_environment, step, moment)
    assert current_version(rebuilt).number == 1
    assert sum_read_by_readers(acrm) == "124875.00"
    # It is whole, so it can be kept; but its number is not given again.
    assert numbers(rebuilt) == [1, 2]
    assert "There is no build to publish" in acrm("publish").stderr
    require_healed(rebuilt, acrm, 3)


@pytest.mark.parametrize(("step", "moment"), AFTER_THE_SWITCH)
def test_killed_after_the_switch(rebuilt, acrm, python_environment, step, moment):
    publish_and_die(python_environment, step, moment)
    assert current_version(rebuilt).number == 2
    assert sum_read_by_readers(acrm) == "124875.00"
    assert acrm("publish").code == 2
    require_healed(rebuilt, acrm, 3)


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
    rebuilt, tmp_path, python_environment
):
    used = sum(path.lstat().st_size for path in rebuilt.home.rglob("*"))
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
            *("unshare", "-rm", "sh", "-c", script, "sh", disk, rebuilt.home),
            *(sys.executable, "-m", "acrm.cli.app", "publish"),
        ],
        env={
            **python_environment,
            "ACRM_PROJECT": str(rebuilt.root),
            "ACRM_WAREHOUSE": str(disk),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Error: Cannot publish version 2." in ended.stderr
    assert "Readers see version 1." in ended.stderr
    assert "Traceback" not in ended.stderr
    listed = ended.stdout.split()
    assert "000001" in listed
    assert "000002" not in listed
    assert listed[-1] == "versions/000001"
    assert "publish" not in listed, "the unfinished copy fills the disk"
