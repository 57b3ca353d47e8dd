"""Can you trust today's numbers: yes, or no and why."""

import json

import duckdb
import pytest

from acrm.publication import current_version

QUESTION = "Can you trust today's numbers?"
# The small warehouse was loaded at 2026-01-31 01:00, with limits of 36 h and 72 h.
FRESH = "2026-02-01T12:00"
LATE = "2026-02-01T14:00"
STALE = "2026-02-03T01:01"


def log_run(project, run_id, status, started_at, *, failed=0, command="dbt build"):
    project.runs.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select"
            f" '{run_id}' as run_id, '{command}' as command,"
            f" timestamp '{started_at}' as started_at,"
            f" timestamp '{started_at}' as ended_at,"
            f" '{status}' as status, 13 - {failed} as nodes_passed,"
            f" 0 as nodes_warned, {failed} as nodes_failed, 0 as nodes_skipped,"
            " '1.11.16' as dbt_version)"
            f" to '{project.runs / run_id}.parquet' (format parquet)"
        )


def log_batch(project, batch_id, loaded_at, *, system="shop", table="sales"):
    project.batches.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select"
            f" '{batch_id}' as batch_id, '{system}' as system,"
            f" '{table}' as table_name, 'sales.csv' as source_file,"
            f" timestamp '{loaded_at}' as loaded_at)"
            f" to '{project.batches / batch_id}.parquet' (format parquet)"
        )


def status(acrm, now=FRESH):
    ended = acrm("status", "--now", now)
    assert ended.stderr == ""
    return ended.code, ended.stdout.splitlines()


def test_yes_with_what_to_know(acrm):
    code, lines = status(acrm)
    assert code == 0
    assert lines[:3] == [
        f"{QUESTION} Yes.",
        "Note: shop.customers was never loaded.",
        "Note: 2 delivered rows in quarantine and in no fact; the reconciliation counts"
        " them.",
    ]


def test_the_tables_show_what_the_answer_rests_on(published, acrm):
    log_run(published, "a1", "pass", "2026-01-31 02:00:00")
    _, lines = status(acrm)
    cells = [line.split() for line in lines]
    assert cells[lines.index("Last runs, at most five") + 2][:6] == [
        *("2026-01-31", "02:00:00", "dbt", "build", "pass", "13")
    ]
    reconciliation = lines.index("Reconciliation with the source")
    assert cells[reconciliation + 2] == [
        *("shop", "amount", "1", "0"),
        *("124875.00", "0.00", "0.00", "124875.00", "0.00"),
    ]
    quarantine = lines.index("Quarantine")
    assert cells[quarantine + 2][:4] == ["shop", "sales", "not_a_number", "2"]
    assert "amount is not a number: [x]" in lines[quarantine + 2]
    freshness = lines.index("Freshness")
    assert cells[freshness + 2][:5] == ["shop", "customers", "0", "0", "0"]
    assert cells[freshness + 3][:5] == ["shop", "sales", "1", "1,000", "2"]
    assert cells[freshness + 3][-2:] == ["35.0", "fresh"]


def test_data_that_is_late_is_a_note(acrm):
    code, lines = status(acrm, LATE)
    assert code == 0
    assert "Note: shop.sales was last loaded 37 h ago, more than 36 h." in lines


def test_data_that_is_stale_is_a_no(acrm):
    code, lines = status(acrm, STALE)
    assert code == 1
    assert lines[0] == (
        f"{QUESTION} No: shop.sales was last loaded 72 h ago, more than 72 h."
    )


def test_the_instant_may_have_a_time_zone(acrm):
    assert (
        status(acrm, "2026-02-03T03:01+02:00")[1][0]
        == (status(acrm, "2026-02-03T01:01")[1][0])
    )
    ended = acrm("status", "--now", "yesterday")
    assert ended.code == 2
    assert "--now is not an instant: 'yesterday'" in ended.stderr


def test_totals_that_differ_are_a_no(published, acrm):
    """An audit refuses them; a version from before the audit may still have them."""
    database = current_version(published).database
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update ctl_reconciliation set is_reconciled = false, difference = 1"
        )
    code, lines = status(acrm)
    assert code == 1
    assert "No: shop amount differs from its source on 1 of 1 days." in lines[0]


def test_a_batch_after_the_build_is_a_no(published, acrm):
    log_batch(published, "20260131T010000Z-aaaaaa", "2026-01-31 01:00:00")
    assert status(acrm)[0] == 0
    log_batch(published, "20260201T010000Z-bbbbbb", "2026-02-01 01:00:00")
    code, lines = status(acrm)
    assert code == 1
    assert lines[0] == (
        f"{QUESTION} No: a batch (20260201T010000Z-bbbbbb) loaded after version 1"
        " was built: run acrm build."
    )


def test_a_first_batch_of_a_table_is_a_no(published, acrm):
    log_batch(published, "b1", "2026-01-30 01:00:00", table="customers")
    assert status(acrm)[0] == 1


def test_a_batch_of_a_system_that_is_switched_off_does_not_matter(published, acrm):
    log_batch(published, "b1", "2026-03-01 01:00:00", system="old_shop")
    assert status(acrm)[0] == 0


@pytest.mark.parametrize(
    ("loaded_at", "code"), [("2000-01-01 00:00:00", 0), ("2200-01-01 00:00:00", 1)]
)
def test_without_freshness_the_start_of_the_build_decides(
    published, acrm, loaded_at, code
):
    (published.root / "models" / "marts" / "ctl_freshness.sql").unlink()
    (published.root / "models" / "marts" / "ctl_reconciliation.sql").unlink()
    acrm.passing("build")
    log_batch(published, "b1", loaded_at)
    assert status(acrm)[0] == code
    assert (
        "Note: the warehouse has no ctl_freshness: ages are not judged."
        in (status(acrm)[1])
    )


def rewrite(published, model, old, new):
    path = published.root / "models" / "marts" / f"{model}.sql"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_warehouse_that_was_never_loaded_is_a_no(published, acrm):
    path = published.root / "models" / "marts" / "ctl_freshness.sql"
    path.write_text(
        f"select * from ({path.read_text().partition('union all')[0]}) where false"
    )
    acrm.passing("build")
    code, lines = status(acrm)
    assert code == 1
    assert "nothing was ever loaded: run acrm load" in lines[0]


def test_a_system_that_states_no_totals_is_named(published, acrm):
    rewrite(published, "ctl_reconciliation", "from totals", "from totals where false")
    acrm.passing("build")
    note = "Note: shop states no source totals, so that its facts are not reconciled."
    assert note in status(acrm)[1]


def test_a_failed_build_is_a_no_with_when_and_what(published, acrm):
    log_run(published, "a1", "pass", "2026-01-31 02:00:00")
    log_run(published, "a2", "fail", "2026-02-01 02:00:00", failed=2)
    code, lines = status(acrm)
    assert code == 1
    assert lines[0] == (
        f"{QUESTION} No: the last build failed (2026-02-01 02:00 UTC,"
        " 2 nodes failed), readers are on version 1."
    )
    log_run(published, "a3", "pass", "2026-02-01 03:00:00")
    assert status(acrm)[0] == 0


def test_a_failed_build_is_known_also_without_a_run_log(acrm):
    assert acrm("build", "--vars", "{least_amount: 1}").code == 1
    code, lines = status(acrm)
    assert code == 1
    assert "the last build failed (" in lines[0]
    assert "assert_amounts_are_high_enough), readers are on version 1." in lines[0]
    acrm.passing("build")
    assert status(acrm)[0] == 0


def test_a_failed_test_run_is_no_failed_build(published, acrm):
    log_run(
        published, "a1", "fail", "2026-02-01 02:00:00", failed=1, command="dbt test"
    )
    assert status(acrm)[0] == 0


def test_a_rollback_is_a_note(acrm):
    acrm.passing("build")
    acrm.passing("rollback", "--reason", "prices were net")
    code, lines = status(acrm)
    assert code == 0
    assert any("rolled back to version 1" in line for line in lines)
    assert any(line.endswith(": prices were net.") for line in lines)


@pytest.mark.usefixtures("small")
def test_without_a_version_it_is_a_no(acrm):
    code, lines = status(acrm)
    assert code == 1
    assert lines[0] == f"{QUESTION} No: nothing is published yet: run acrm build."


def test_status_as_json(published, acrm):
    log_run(published, "a1", "pass", "2026-01-31 02:00:00")
    ended = acrm("status", "--json", "--now", STALE)
    assert ended.code == 1
    report = json.loads(ended.stdout)
    assert report["trusted"] is False
    assert report["problems"] == ["shop.sales was last loaded 72 h ago, more than 72 h"]
    assert report["version"]["version"] == 1
    assert report["runs"][0]["started_at"] == "2026-01-31T02:00:00"
    (totals,) = report["reconciliation"]
    assert (totals["source_total"], totals["difference"]) == ("124875.00", "0.00")
    assert report["quarantine"][0]["rows_quarantined"] == 2
    assert report["freshness"][1]["state"] == "stale"


def test_a_log_that_cannot_be_read_is_one_message(published, acrm):
    published.runs.mkdir(parents=True)
    (published.runs / "a1.parquet").write_text("broken")
    ended = acrm("status")
    assert ended.code == 2
    assert "A log of the warehouse cannot be read" in ended.stderr
    assert "a1.parquet" in ended.stderr
