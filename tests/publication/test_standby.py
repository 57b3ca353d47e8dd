"""Where the next build file comes from, and who may still be reading it."""

import json
import os
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import duckdb
import pytest

from acrm.building.record import BuildRecord, read_record, write_record
from acrm.publication import current_version, list_versions, standby
from acrm.publication.file_copy import clone
from acrm.publication.standby import is_open_anywhere, prepare

HOLD = """
import sys
{opens}
print("open", flush=True)
sys.stdin.read()
"""


def holding(environment, path, opens):
    """Another process that has the file open, until its input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(opens=opens), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert holder.stdout.readline() == "open\n"
    return holder


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.duckdb"
    older = {"storage_compatibility_version": "v1.5.0"}
    with duckdb.connect(str(path), config=older) as connection:
        connection.execute("create table t as select range as a from range(1000)")
    return path


READ_ONLY = "import duckdb; a = duckdb.connect(sys.argv[1], read_only=True)"
# Closing the second connection drops the lock of the first, as POSIX has it.
ONE_OF_TWO = f"""
{READ_ONLY}
b = duckdb.connect()
b.execute(f"attach '{{sys.argv[1]}}' as t (read_only)")
b.close()
"""


@pytest.mark.parametrize("opens", [READ_ONLY, ONE_OF_TWO, "a = open(sys.argv[1])"])
def test_a_file_that_another_process_reads_is_open(database, python_environment, opens):
    with holding(python_environment, database, opens) as holder:
        assert is_open_anywhere(database)
        holder.stdin.close()
    assert not is_open_anywhere(database)


def test_a_file_that_the_older_duckdb_reads_is_open(database, older_duckdb):
    opens = READ_ONLY + "; assert duckdb.__version__ == '1.5.5'"
    with holding(older_duckdb, database, opens) as holder:
        assert is_open_anywhere(database)
        holder.stdin.close()
    assert not is_open_anywhere(database)


def test_a_file_that_this_process_reads_is_open_and_stays_locked(
    database, python_environment
):
    with duckdb.connect(str(database), read_only=True):
        assert is_open_anywhere(database)
        writer = "import duckdb, sys; duckdb.connect(sys.argv[1])"
        refused = subprocess.run(
            [sys.executable, "-c", writer, str(database)],
            env=python_environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Conflicting lock is held" in refused.stderr
    assert not is_open_anywhere(database)


@pytest.fixture
def no_clones(monkeypatch):
    """As on a file system that cannot make them, which most can not."""
    monkeypatch.setattr(standby, "clone", lambda *_: False)


def test_where_files_can_be_cloned_the_next_build_file_is_what_readers_see(
    rebuilt, acrm, tmp_path
):
    (tmp_path / "source").write_bytes(b"x")
    if not clone(tmp_path / "source", tmp_path / "clone"):
        pytest.skip("this file system makes no clones")
    acrm.passing("publish", "--keep", "1")
    record = read_record(rebuilt.database)
    assert (record.status, record.version, record.complete) == ("standby", 2, True)
    assert "There is nothing to publish" in acrm("publish").stderr
    acrm.passing("build", "--select", "agg_customer")
    assert "Published version 3" in acrm.passing("publish").stdout


@pytest.fixture
def no_room(monkeypatch):
    """As on a disk that takes no second copy of the file."""
    nearly_full = namedtuple("Usage", "free")(1)
    monkeypatch.setattr(standby.shutil, "disk_usage", lambda _: nearly_full)
    monkeypatch.setattr(standby, "clone", lambda *_: False)


@pytest.mark.usefixtures("no_clones")
def test_a_build_begins_with_what_readers_see(rebuilt, acrm):
    acrm.passing("publish", "--keep", "1")
    assert read_record(rebuilt.database).version == 1
    ended = acrm.passing("build", "--keep", "1")
    assert "copied version 2 to build on" in ended.stderr


@pytest.mark.usefixtures("no_clones")
def test_mining_that_did_not_pass_is_given_up(rebuilt, acrm):
    acrm.passing("publish", "--keep", "1")
    for status in ("running", "fail"):
        failed = BuildRecord("", "2026-02-01T00:00:00", status, False, mines=True)
        write_record(rebuilt.database, failed)
        ended = acrm.passing("build", "--keep", "1")
        number = current_version(rebuilt).number
        assert f"copied version {number - 1} to build on" in ended.stderr


@pytest.mark.usefixtures("no_room")
def test_an_old_version_becomes_the_next_build_file(rebuilt, acrm):
    versions = rebuilt.published / "versions"
    first = (versions / "000001" / "acrm.duckdb").stat().st_ino
    acrm.passing("publish", "--keep", "1")
    assert rebuilt.database.stat().st_ino == first
    record = read_record(rebuilt.database)
    assert (record.status, record.version, record.complete) == ("standby", 1, False)
    assert "There is nothing to publish" in acrm("publish").stderr
    ended = acrm.passing("build", "--keep", "1")
    assert "to build on" not in ended.stderr
    assert current_version(rebuilt).number == 3
    database = current_version(rebuilt).database
    assert (database.stat().st_ino, database.stat().st_mode & 0o777) == (first, 0o444)


LINES = """
{{ config(materialized="incremental", schema="intermediate") }}
select range as line_number, '{{ invocation_id }}' as run_id
from range({{ var('through') }})
{% if is_incremental() %} where range >= (select count(*) from {{ this }}) {% endif %}
"""


@pytest.mark.usefixtures("no_room")
def test_an_incremental_model_makes_up_for_what_an_old_file_lacks(published, acrm):
    marts = published.root / "models" / "marts"
    (marts / "int_line.sql").write_text(LINES)
    (marts / "fct_line.sql").write_text("select * from {{ ref('int_line') }}")
    for through in (10, 20, 30):
        acrm.passing("build", "--keep", "1", "--vars", f"{{through: {through}}}")
    sql = "select count(*) from fct_line group by run_id order by min(line_number)"
    with duckdb.connect(
        str(current_version(published).database), read_only=True
    ) as reader:
        # The third build went on from the file of the first.
        assert reader.execute(sql).fetchall() == [(10,), (20,)]


@pytest.mark.usefixtures("no_clones")
def test_after_a_change_of_code_no_file_that_older_code_built_comes_back(rebuilt, acrm):
    """Its models would be rebuilt from all of the raw zone once more."""
    hook = (
        '\non-run-end: ["create schema if not exists intermediate",'
        ' "create or replace table intermediate.model_state as'
        " select 'a' as model, 'changed' as code_hash\"]\n"
    )
    project = rebuilt.root / "dbt_project.yml"
    project.write_text(project.read_text() + hook)
    acrm.passing("build", "--keep", "1")
    assert not rebuilt.database.exists()
    acrm.passing("build", "--keep", "1")
    assert read_record(rebuilt.database).version == 2


@pytest.mark.usefixtures("no_clones")
def test_after_a_full_build_no_version_from_before_it_comes_back(rebuilt, acrm):
    acrm.passing("build", "--full", "--keep", "1")
    assert [version.number for version in list_versions(rebuilt)] == [2]
    assert not rebuilt.database.exists(), "version 1 would undo the rebuild"
    assert "copied version 2 to build on" in acrm.passing("build").stderr


@pytest.mark.usefixtures("no_clones")
def test_what_another_tool_wrote_to_the_build_file_counts_as_a_full_build(
    rebuilt, acrm
):
    with duckdb.connect(str(rebuilt.database)) as build:
        build.execute("update dim_customer set customer_name = customer_name || '.'")
    acrm.passing("publish", "--keep", "1")
    assert not rebuilt.database.exists()


@pytest.mark.usefixtures("no_clones")
def test_a_part_is_built_on_what_readers_see(rebuilt, acrm):
    acrm.passing("publish", "--keep", "1")
    assert read_record(rebuilt.database).version == 1
    ended = acrm.passing("build", "--select", "agg_customer")
    assert "copied version 2 to build on" in ended.stderr
    assert "success model stg_shop__sales" in ended.stderr, "it was stripped"
    assert "Published version 3" in acrm.passing("publish").stdout


def test_a_file_that_a_tool_made_by_looking_for_it_is_no_build(published, acrm):
    published.database.unlink(missing_ok=True)
    duckdb.connect(str(published.database)).close()
    assert "copied version 1 to build on" in acrm.passing("build").stderr


def test_a_published_file_that_cannot_be_read_is_not_built_on(published, acrm):
    published.database.unlink(missing_ok=True)
    database = current_version(published).database
    database.chmod(0o644)
    database.write_bytes(b"x" * 20_000)
    ended = acrm("build")
    assert ended.code == 2
    assert "Version 1, which readers see, cannot be built on" in ended.stderr
    assert "acrm build --full" in ended.stderr
    assert "Published version 2" in acrm.passing("build", "--full").stdout


def test_a_version_of_an_earlier_release_is_not_built_on(published):
    """It holds no state, and models that build on it would be wrong."""
    manifest = current_version(published).folder / "manifest.json"
    fields = json.loads(manifest.read_text())
    del fields["generation"]
    fields["database_sha256"] = "0" * 64
    for table in fields["tables"]:
        del table["files"]
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(fields))
    assert current_version(published).rows == 1028
    published.database.unlink(missing_ok=True)
    prepare(published, whole=True, full=False)
    assert not published.database.exists()


READER = """
import sys
from acrm.project import find_project
from acrm.reading import connect

connection = connect(find_project())
sql = "select count(*), sum(amount), (select max(customer_name) from dim_customer)"
sql += " from fct_sales_line"
for line in sys.stdin:
    print(connection.execute(sql).fetchall(), flush=True)
"""


@pytest.mark.usefixtures("no_clones")
def test_a_reader_keeps_its_version_over_many_publications(
    published, acrm, python_environment
):
    """Its file must not become a build file while it is read."""
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
        assert before == "[(1000, Decimal('124875.00'), 'Customer 6')]\n"
        held = current_version(published).database.stat().st_ino
        model = published.root / "models" / "marts" / "dim_customer.sql"
        text = model.read_text()
        for number, name in ((2, "Client"), (3, "Buyer"), (4, "Guest")):
            model.write_text(text.replace("'Customer '", f"'{name} '"))
            acrm.passing("build", "--keep", "1")
            assert [each.number for each in list_versions(published)] == [number]
            if published.database.exists():
                assert published.database.stat().st_ino != held
            assert ask() == before
        assert published.database.exists(), "version 3 was held by nobody"
        reader.stdin.close()
    assert reader.returncode == 0
    ended = acrm.passing(
        "sql", "select max(customer_name) from dim_customer", "--format", "csv"
    )
    assert ended.stdout.splitlines()[1] == "Guest 6"


def test_a_build_file_on_another_file_system_is_copied_and_stays(
    small, acrm, monkeypatch
):
    """Such as a build file on a fast disk, and versions on a large one."""
    shared_memory = Path("/dev/shm")  # noqa: S108 -- no file of a known name
    if not os.access(shared_memory, os.W_OK) or (
        shared_memory.stat().st_dev == small.root.stat().st_dev
    ):
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(dir=shared_memory) as folder:
        database = Path(folder) / "acrm.duckdb"
        monkeypatch.setenv("ACRM_DATABASE", str(database))
        acrm.passing("build")
        assert database.exists()
        record = read_record(database)
        assert (record.status, record.version) == ("standby", 1)
        assert "There is nothing to publish" in acrm("publish").stderr
        ended = acrm.passing("build", "--keep", "1")
        assert "Published version 2" in ended.stdout
        assert read_record(database).version == 2
