"""What ``acrm build`` does, says, and refuses."""

import os
import pty
import signal
import subprocess
import sys
import textwrap

import duckdb
import pytest

from acrm.building import dbt
from acrm.building.record import read_record
from acrm.publication import current_version


def errors(ended):
    """The message, without the lines of progress before it."""
    return ended.stderr[ended.stderr.index("Error:") :]


def test_a_build_says_what_it_built_and_published(small, acrm):
    ended = acrm.passing("build")
    lines = ended.stdout.splitlines()
    assert lines == [
        "Built 9 models, 4 tests.",
        lines[1],
        "  shop: data through 2026-01-30T00:00:00",
    ]
    assert lines[1].startswith("Published version 1: 8 tables, 1,028 rows, ")
    acrm.passing("build", "--no-publish")
    record = read_record(small.database)
    assert (record.status, record.complete, record.failed) == ("pass", True, ())


def test_off_a_terminal_what_was_built_is_a_line_and_passing_tests_are_none(
    small, acrm
):
    lines = acrm.passing("build", "--no-publish").stderr.splitlines()
    assert any(line.endswith("/13 success model fct_sales_line") for line in lines)
    assert not [line for line in lines if " pass test " in line]
    numbers = [int(line.split("/")[0]) for line in lines]
    assert numbers == sorted(numbers)
    assert "fct_sales_line" in (small.root / "logs" / "dbt.log").read_text()


def test_on_a_terminal_progress_is_a_bar_and_dbt_prints_nothing(
    small, python_environment
):
    main, other = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "acrm.cli.app", "build", "--no-publish"],
        env={**python_environment, "TERM": "xterm", "ACRM_PROJECT": str(small.root)},
        stdout=other,
        stderr=other,
    ) as process:
        os.close(other)
        shown = b""
        try:
            while part := os.read(main, 65536):
                shown += part
        except OSError:
            pass  # how Linux says that the other end is closed
        os.close(main)
    text = shown.decode()
    assert process.returncode == 0, text
    assert "━" in text
    assert "13/13" in text
    assert "Built 9 models, 4 tests." in text
    assert "Running with dbt" not in text
    assert "1/13 success" not in text


def test_a_failed_test_is_named_with_table_rows_sql_and_what_readers_see(
    published, acrm
):
    ended = acrm("build", "--vars", "{least_amount: 1}")
    assert ended.code == 1
    sql = published.root / "target/compiled/acrm/tests/dbt"
    assert errors(ended) == (
        "Error: The build failed: 1 of 13 nodes did not pass; 2 more were skipped"
        " because of that.\n"
        "- test assert_amounts_are_high_enough on fct_sales_line: 4 rows\n"
        "  first row: line_number: 920, customer_key: 2, order_date: 2026-01-20,"
        " amount: 0.75\n"
        f"  {sql / 'assert_amounts_are_high_enough.sql'}\n"
        "  to do: Run the SQL named above to see all rows."
        " Readers see version 1.\n"
    )
    assert (sql / "assert_amounts_are_high_enough.sql").exists()
    assert current_version(published).number == 1
    record = read_record(published.database)
    assert (record.status, record.complete) == ("fail", False)
    assert record.failed == ("assert_amounts_are_high_enough",)


def test_a_failed_model_says_what_the_database_said(small, acrm):
    model = small.root / "models" / "marts" / "dim_customer.sql"
    model.write_text("select 'x'::integer as customer_key")
    ended = acrm("build")
    assert ended.code == 1
    assert "- model dim_customer: Runtime Error in model dim_customer" in ended.stderr
    assert "Could not convert string 'x' to INT32" in ended.stderr
    assert "Nothing is published yet." in ended.stderr
    assert current_version(small) is None


def test_a_test_that_only_warns_is_named_and_does_not_stop_it(acrm):
    ended = acrm.passing("build", "--vars", "{suspicious_customer: 3}")
    assert (
        "Warning: test assert_nobody_is_suspicious on dim_customer: 1 row"
        in ended.stderr
    )
    assert "Published version 2" in ended.stdout


def test_a_part_is_built_and_not_published(published, acrm):
    ended = acrm.passing("build", "--select", "dim_customer", "--select", "ctl_run")
    assert ended.stdout.splitlines() == [
        "Built 2 models, 2 tests.",
        "Not published, because it is a part. To test all and publish: acrm publish",
    ]
    assert current_version(published).number == 1
    assert "Published version 2" in acrm.passing("publish").stdout


def test_a_part_of_what_was_never_built_whole_cannot_be_published(small, acrm):
    acrm.passing("build", "--exclude", "agg_customer")
    ended = acrm("publish")
    assert ended.code == 2
    assert "built a part of a warehouse that was never built whole" in ended.stderr
    assert current_version(small) is None


def test_no_publish_leaves_readers_where_they_are(published, acrm):
    ended = acrm.passing("build", "--no-publish")
    assert ended.stdout.splitlines()[-1] == (
        "Not published. To publish it: acrm publish"
    )
    assert current_version(published).number == 1


def test_dbt_tells_of_nodes_and_not_of_each_query(acrm, monkeypatch):
    told = set()
    monkeypatch.setattr(
        dbt, "_callback", lambda _: lambda event: told.add(event.info.name)
    )
    acrm.passing("build", "--no-publish")
    assert {"LogModelResult", "NodeFinished"} <= told
    assert not {"ConnectionUsed", "SQLQuery", "SQLQueryStatus"} & told


def test_a_full_build_rebuilds_incremental_models(small, acrm):
    model = small.root / "models" / "marts" / "dim_customer.sql"
    model.write_text(
        '{{ config(materialized="incremental") }}\n'
        "select range as customer_key, 'c' as customer_name from range(7)\n"
        "{% if is_incremental() %} where false {% endif %}\n"
    )
    rows = "select count(*), min(customer_name) from dim_customer"

    def state():
        with duckdb.connect(str(small.database), read_only=True) as build:
            return build.execute(rows).fetchall()

    acrm.passing("build", "--no-publish")
    model.write_text(model.read_text().replace("'c'", "'d'"))
    acrm.passing("build", "--no-publish")
    assert state() == [(7, "c")]
    acrm.passing("build", "--no-publish", "--full")
    assert state() == [(7, "d")]


def test_a_selection_that_meets_nothing_names_the_near_ones(published, acrm):
    acrm.passing("build", "--no-publish")
    before = read_record(published.database)
    ended = acrm("build", "--select", "fct_sale_lines+")
    assert ended.code == 2
    assert "fct_sale_lines+ meets no model, seed or test" in ended.stderr
    assert "Did you mean fct_sales_line" in ended.stderr
    assert read_record(published.database) == before


HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("command", ["build", "publish", "docs"])
def test_a_build_file_that_another_process_holds_is_refused(
    published, acrm, python_environment, command
):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(published.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=python_environment,
    ) as holder:
        assert holder.stdout.readline() == "open\n"
        before = read_record(published.database)
        ended = acrm(command)
        holder.stdin.close()
    assert ended.code == 2
    assert "The build file is open in another process" in ended.stderr
    assert f"PID {holder.pid}" in ended.stderr
    assert read_record(published.database) == before
    assert current_version(published).number == 1


def test_after_a_build_other_processes_can_open_its_file(
    published, acrm, python_environment
):
    """dbt itself keeps the file open until its process ends."""
    acrm.passing("build", "--select", "ctl_run")
    ended = subprocess.run(
        [sys.executable, "-c", HOLD, str(published.database)],
        env=python_environment,
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_two_builds_do_not_run_at_once(published, acrm):
    from acrm.lock import writer_lock

    with writer_lock(published, "acrm load"):
        ended = acrm("build")
    assert ended.code == 2
    assert "The warehouse is being written by another run" in ended.stderr


def test_a_hook_that_fails_is_one_message(small, acrm):
    project = small.root / "dbt_project.yml"
    project.write_text(project.read_text() + '\non-run-start: ["select no_such()"]\n')
    ended = acrm("build")
    assert ended.code in {1, 2}
    assert "no_such" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert current_version(small) is None


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_build_that_is_stopped_changes_nothing_for_readers(
    published, acrm, python_environment, sent, code
):
    model = published.root / "models" / "marts" / "agg_customer.sql"
    text = model.read_text()
    model.write_text(
        "select count(*) as n from range(1000000) as a, range(1000000) as b\n"
        "where (a.range * b.range) % 7 = 3 -- {{ ref('ctl_reconciliation') }}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "acrm.cli.app", "build"],
        env={**python_environment, "ACRM_PROJECT": str(published.root)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr:
            if "success model ctl_reconciliation" in line:
                process.send_signal(sent)
                break
        rest = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in rest
    assert current_version(published).number == 1
    assert "was interrupted" in acrm("publish").stderr
    model.write_text(text)
    assert "Published version 2" in acrm.passing("build").stdout


@pytest.mark.parametrize("command", ["build", "publish", "rollback", "docs"])
def test_a_home_that_cannot_be_written_is_one_message(acrm, monkeypatch, command):
    monkeypatch.setenv("ACRM_WAREHOUSE", "/proc/no/such")
    ended = acrm(command)
    assert ended.code == 2
    assert "The warehouse home cannot be written" in ended.stderr
    assert "ACRM_WAREHOUSE" in ended.stderr


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=3m tmpfs "$1"
shift
exec "$@"
"""


def test_a_full_disk_while_building_is_one_message(small, tmp_path, python_environment):
    disk = tmp_path / "disk"
    disk.mkdir()
    probe = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if probe.returncode:
        pytest.skip("no right to mount a small disk here")
    model = small.root / "models" / "marts" / "agg_customer.sql"
    model.write_text("select md5(range::varchar) as text from range(1000000)")
    ended = subprocess.run(
        [
            *("unshare", "-rm", "sh", "-c", textwrap.dedent(ON_A_SMALL_DISK), "sh"),
            *(str(disk), sys.executable, "-m", "acrm.cli.app", "build"),
        ],
        env={
            **python_environment,
            "ACRM_PROJECT": str(small.root),
            "ACRM_DATABASE": str(disk / "acrm.duckdb"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Error: The disk is full." in ended.stderr
    assert str(disk / "acrm.duckdb") in ended.stderr
    assert "Traceback" not in ended.stderr
