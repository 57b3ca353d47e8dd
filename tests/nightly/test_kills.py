"""A run may be killed at any moment: readers have whole numbers, the next run heals.

ACRM_KILLS says how many times; the moments are random and come from a seed.
"""

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from datetime import datetime
from itertools import pairwise

import duckdb
import pytest

from acrm.publication import current_version

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ACRM_KILLS", "12"))
SEED = int(os.environ.get("ACRM_KILLS_SEED", "20261122"))
ROWS = 10
PER_HEALING = 6


def deliver(shop, day):
    shop.deliver(f"sales_{day:04d}.csv", rows=ROWS, first=day * ROWS)


def whole(days):
    """What readers see when so many days are published."""
    amount = f"{days * ROWS * 1.25:.2f}"
    return days * ROWS, amount, amount


def days_published(shop):
    """Read what is published as readers do, and hold all of it against each other."""
    totals = shop.totals()
    if totals is None:
        return 0
    days = totals[0] // ROWS
    assert totals == whole(days)
    version = current_version(shop.project)
    with duckdb.connect(str(version.database), read_only=True) as reader:
        for table in version.tables:
            ((rows,),) = reader.execute(f"select count(*) from {table.name}").fetchall()
            parquet = version.folder / "parquet" / table.name / "*.parquet"
            ((in_parquet,),) = reader.execute(
                f"select count(*) from '{parquet}'"
            ).fetchall()
            assert rows == in_parquet == table.rows
    return days


def run_whole(shop, forked):
    """Run undisturbed; return seconds until the log begins, and of each step."""
    started = time.time()
    process = forked.start(shop.environment, "run", str(shop.landing))
    assert process.wait() == 0, process.err.read_text()
    log = shop.last_log()
    begun = datetime.fromisoformat(log[0]["time"]).timestamp()
    steps = log[-1]["steps"]
    spent = [steps.get(name, 0.0) for name in ("load", "build", "publish")]
    return [max(begun - started, 0), *spent]


def stage_of(log):
    """How far a run came, by the last line of its log."""
    if not log:
        return "load"
    last = log[-1]
    if last["step"] == "build":
        return "publish" if last["outcome"] == "ended" else "build"
    return {"start": "load"}.get(last["step"], last["step"])


def test_a_run_may_be_killed_at_any_moment(shop, forked):
    moments = random.Random(SEED)  # noqa: S311 - no secret
    deliver(shop, 0)
    run_whole(shop, forked)
    deliver(shop, 1)
    usual = run_whole(shop, forked)
    delivered, published = 2, 2
    stages = []
    for kill in range(KILLS):
        deliver(shop, delivered)
        delivered += 1
        # each of load, build and publication in its turn, somewhere within it
        begin, load, build, publish = usual
        waits, spans = (0, 0, build), (begin + load, build, publish)
        delay = waits[kill % 3] + moments.uniform(0, spans[kill % 3])
        process = forked.start(shop.environment, "run", str(shop.landing), lines=True)
        with process.out.open(), process.err.open() as err:
            if kill % 3:
                # the load is over; from here on the clock decides
                assert any(": loaded" in line for line in err) or process.wait() == 0
            if process.wait(delay) is None:
                process.signal(signal.SIGKILL)
            code = process.wait()
            assert code in (0, -signal.SIGKILL), err.read()
        if code:
            stages.append(stage_of(shop.last_log()))
        seen = days_published(shop)
        assert published <= seen <= delivered
        assert code or seen == delivered
        published = seen
        if kill % PER_HEALING == PER_HEALING - 1:
            run_whole(shop, forked)
            published = days_published(shop)
            assert published == delivered
            assert list(shop.project.tmp.iterdir()) == []
    run_whole(shop, forked)
    assert days_published(shop) == delivered
    sys.stdout.write(f"killed in: {dict(Counter(stages))}\n")
    assert len(stages) > KILLS / 4, "hardly a run was killed before its end"

    # an undisturbed warehouse of the same deliveries has the same rows, and the log
    # has each file once
    healed = contents(shop)
    assert healed["batches"] == [
        (f"sales_{day:04d}.csv", ROWS) for day in range(delivered)
    ]
    home = shop.project.home
    home.rename(home.with_name("healed"))
    shop.project.database.unlink(missing_ok=True)
    run_whole(shop, forked)
    assert contents(shop) == healed


def contents(shop):
    version = current_version(shop.project)
    with duckdb.connect(str(version.database), read_only=True) as reader:
        rows = {
            table.name: reader.execute(f"from {table.name} order by all").fetchall()
            for table in version.tables
        }
        rows["batches"] = reader.execute(
            "select source_file, rows_loaded from read_parquet(?) order by all",
            [f"{shop.project.batches}/*.parquet"],
        ).fetchall()
    return rows


def test_a_second_run_says_who_holds_the_warehouse_and_since_when(shop, forked):
    deliver(shop, 0)
    first = forked.start(shop.environment, "run", str(shop.landing), lines=True)
    with first.out.open() as out, first.err.open() as err:
        # it cannot end before what it says is read: its pipe is held here
        assert "sales_0000.csv: loaded" in err.readline()
        second = forked.start(shop.environment, "run", str(shop.landing))
        assert second.wait() == 2
        told = second.err.read_text()
        assert "The warehouse is being written by another run." in told
        assert f"held by acrm run (process {first.child}, since 20" in told
        assert "Traceback" not in told
        reading = threading.Thread(target=err.read)
        reading.start()
        assert "Run 1: published version 1" in out.read()
        reading.join()
    assert first.wait() == 0
    assert days_published(shop) == 1
    logs = sorted(path.name for path in shop.project.logs.glob("run-*"))
    assert logs == ["run-000001.jsonl"]


def test_a_version_held_open_for_long_never_changes(shop, forked):
    deliver(shop, 0)
    run_whole(shop, forked)
    folder = current_version(shop.project).folder
    held = duckdb.connect(str(folder / "acrm.duckdb"), read_only=True)
    parquet = (folder / "parquet" / "fct_sales_line").glob("*.parquet")
    files = [path.open("rb") for path in (folder / "acrm.duckdb", *parquet)]
    before = [(os.fstat(file.fileno()).st_mtime_ns, file.read()) for file in files]
    numbers = []
    for day in range(1, 4):
        deliver(shop, day)
        process = forked.start(
            shop.environment, "run", str(shop.landing), "--keep", "1"
        )
        assert process.wait() == 0, process.err.read_text()
        numbers.append(current_version(shop.project).number)
        assert days_published(shop) == day + 1
        # pages that were not read before come from the file that is held
        ((rows, amount),) = held.execute(
            "select count(*), sum(amount)::varchar from fct_sales_line"
        ).fetchall()
        assert (rows, amount) == whole(1)[:2]
        for table in ("dim_customer", "agg_customer", "ctl_reconciliation"):
            assert held.execute(f"from {table}").fetchall()
        for file, (changed, content) in zip(files, before, strict=True):
            file.seek(0)
            assert os.fstat(file.fileno()).st_mtime_ns == changed
            assert file.read() == content
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))
    held.close()
    for file in files:
        file.close()
