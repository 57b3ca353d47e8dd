"""One command loads, builds, audits and publishes, and says what became of it."""

from collections import namedtuple

import pytest

from acrm.building.record import read_record
from acrm.errors import InputError
from acrm.loading.load import load
from acrm.nightly import find_landings
from acrm.nightly.changes import present_basis, what_changed
from acrm.nightly.summary import NEXT
from acrm.publication import current_version, read_switches, standby


def test_a_first_run_publishes_and_a_second_finds_nothing_new(shop):
    shop.deliver("sales_1.csv", rows=8)
    first = shop.run(code=0)
    assert "Published version 1: 5 tables" in first.out
    assert first.out.splitlines()[-1].startswith("Run 1: published version 1, in ")
    assert shop.totals() == (8, "10.00", "10.00")

    second = shop.summary()
    assert (second["outcome"], second["exit_code"]) == ("nothing_new", 0)
    assert second["published"] is None
    assert [switch.to_version for switch in read_switches(shop.project)] == [1]
    assert shop.totals() == (8, "10.00", "10.00")

    always = shop.summary("--always")
    assert (always["outcome"], always["reason"]) == ("published", "it was asked for")
    assert always["published"]["version"] == 2


def test_the_next_run_begins_with_what_readers_have(shop, monkeypatch):
    monkeypatch.setattr(standby, "clone", lambda *_: False)
    for number in range(1, 4):
        shop.deliver(f"sales_{number}.csv", first=8 * number, rows=8)
        seconds = shop.summary("--keep", "1")["seconds"]
        record = read_record(shop.project.database)
        assert (record.status, record.version) == ("standby", number)
        assert record.complete
        assert NEXT in seconds
    assert shop.totals()[0] == 24


def test_without_room_the_next_run_begins_with_an_older_version(shop, monkeypatch):
    monkeypatch.setattr(standby, "clone", lambda *_: False)
    nearly_full = namedtuple("Usage", "free")(1)
    monkeypatch.setattr(standby.shutil, "disk_usage", lambda _: nearly_full)
    for number in range(1, 4):
        shop.deliver(f"sales_{number}.csv", first=8 * number, rows=8)
        seconds = shop.summary("--keep", "1")["seconds"]
        assert NEXT not in seconds
    record = read_record(shop.project.database)
    assert (record.status, record.version) == ("standby", 2)
    assert shop.totals()[0] == 24


def test_what_a_version_rests_on_is_its_batches_project_and_options(shop):
    shop.deliver("sales_1.csv", rows=8)
    reason = changed(shop)
    assert reason == "nothing is published yet"
    shop.run(code=0)
    assert changed(shop) == ""
    for option in ("--full", "{lost_amount: 0}"):
        assert changed(shop, option) == "the project or its options changed"
    for name in ("models/marts/dim_customer.sql", "dbt_project.yml", "tests/dbt/x.sql"):
        path = shop.project.root / name
        text = path.read_text() if path.exists() else None
        path.write_text(f"{text or ''}\n")
        assert changed(shop) == "the project or its options changed", name
        path.write_text(text) if text else path.unlink()
    assert changed(shop) == ""
    load(shop.project, shop.deliver("sales_2.csv", first=8), "shop")
    assert changed(shop) == "batches were loaded"
    (shop.project.logs / "published.json").unlink()
    assert changed(shop) == "version 1 was not published by acrm run"


def changed(shop, *options):
    given = options or ("", "", "False")
    return what_changed(shop.project, present_basis(shop.project, *given))


def test_refused_files_are_told_and_the_others_are_published(shop):
    shop.deliver("sales_1.csv", rows=4)
    (shop.landing / "shop" / "sales_2.csv").write_text("line_number\n1\n")
    (shop.landing / "shopp").mkdir()
    ended = shop.run(code=2)
    assert shop.totals() == (4, "5.00", "5.00")
    assert "Refused: The columns are not those of table 'sales'" in ended.err
    assert "sales_2.csv" in ended.err
    assert "There is no pack 'shopp'" in ended.err
    assert "Did you mean 'shop'?" in ended.err
    assert "published version 1" in ended.out
    end = shop.last_log()[-1]
    assert (end["outcome"], end["exit_code"], end["refused"]) == ("published", 2, 2)


def test_a_failed_build_leaves_readers_their_version_and_is_tried_again(shop):
    shop.deliver("sales_1.csv", rows=4)
    shop.run(code=0)
    shop.deliver("sales_2.csv", rows=2, amount="-2.00", first=4)
    failed = shop.run(code=1)
    assert (
        "- test assert_amounts_are_high_enough on fct_sales_line: 2 row" in failed.err
    )
    assert "failed, readers keep what they have" in failed.out
    assert shop.totals() == (4, "5.00", "5.00")
    assert shop.last_log()[-1]["exit_code"] == 1
    # nothing new came, and the rows that failed are still there
    message = failed.err[failed.err.index("Error:") :]
    assert shop.run(code=1).err.endswith(message)
    test = shop.project.root / "tests" / "dbt" / "assert_amounts_are_high_enough.sql"
    test.unlink()
    mended = shop.summary()
    assert mended["rows_loaded"] == 0
    assert mended["reason"] == "batches were loaded"
    assert shop.totals() == (6, "1.00", "1.00")


def test_the_log_has_a_line_a_step_and_old_logs_go(shop):
    shop.deliver("sales_1.csv", rows=4)
    shop.run("--keep-logs", "2", code=0)
    steps = shop.last_log()
    assert [step["step"] for step in (steps[0], steps[-1])] == ["start", "end"]
    keys = ["time", "step", "system", "table", "rows", "seconds", "outcome"]
    assert all(list(step)[:7] == keys for step in steps)
    told = {
        (step["step"], step["table"]): (step["outcome"], step["rows"]) for step in steps
    }
    assert told["load", "sales"] == ("loaded", 4)
    assert told["build", "fct_sales_line"] == ("success", None)
    assert told["publish", "fct_sales_line"] == ("copied", 4)
    assert steps[-1]["steps"].keys() - {NEXT} == {"load", "build", "publish"}
    for _ in range(2):
        shop.run("--keep-logs", "2", code=0)
    names = sorted(path.name for path in shop.project.logs.glob("run-*"))
    assert names == ["run-000002.jsonl", "run-000003.jsonl"]


def test_a_version_rolled_back_is_not_published_again_unchanged(shop):
    from acrm.publication import roll_back

    shop.deliver("sales_1.csv", rows=4)
    shop.run(code=0)
    shop.deliver("sales_2.csv", rows=4, first=4)
    shop.run(code=0)
    roll_back(shop.project, 1)
    assert shop.summary()["outcome"] == "nothing_new"
    assert current_version(shop.project).number == 1


def landings(shop, *paths, system=""):
    found, problems = find_landings(shop.project, paths, system)
    return (
        [(each.system, each.source.name) for each in found],
        [problem.what for problem in problems],
    )


def test_a_folder_is_a_systems_by_its_name_its_folders_or_the_option(shop, tmp_path):
    (shop.landing / "_archive").mkdir()
    (shop.landing / ".hidden").mkdir()
    (shop.landing / "README").write_text("x")
    assert landings(shop, shop.landing) == ([("shop", "shop")], [])
    assert landings(shop, shop.landing / "shop") == ([("shop", "shop")], [])
    day = tmp_path / "2026-11-22"
    day.mkdir()
    assert landings(shop, day, system="shop") == ([("shop", "2026-11-22")], [])
    assert landings(shop, day) == ([], ["The folder holds no system's folder."])
    (day / "sales.csv").write_text("x")
    assert landings(shop, day) == ([], ["This file lies in no system's folder."])
    assert landings(shop, day / "sales.csv") == ([], ["A single file needs --system."])
    assert landings(shop, day / "gone") == ([], ["There is no such file or folder."])
    with pytest.raises(InputError, match="There is no pack 'till'"):
        find_landings(shop.project, [day], "till")
