"""Loads that are killed, run out of disk or memory, or may not write.

Whatever happens, a reader sees a batch whole or not at all, and the next load
clears up.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from loading_shop import ORDERS_HEADER, order_row, orders_csv

import acrm
from acrm.loading import file_load

PYTHON_PATH = str(Path(acrm.__file__).parents[1])

# Forks a load for each number n, and kills it with SIGKILL at the n-th time that it
# asks the operating system to rename, create, remove or flush something in the home.
KILLER = textwrap.dedent(
    """
    import os, shutil, signal, sys
    from pathlib import Path

    # before the forks, so that not each of them imports it (pyarrow does)
    import duckdb, pandas, pyarrow.parquet
    from acrm.loading.load import load
    from acrm.loading.options import Options
    from acrm.project import Project

    root, delivery, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    project = Project(root, root / "warehouse")
    events = {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}

    def counts(event, arguments):
        flushed = event == "open" and arguments[1] is None
        return (flushed or event in events) and str(project.home) in str(arguments[0])

    def load_and_die(at):
        seen = 0

        def hook(event, arguments):
            nonlocal seen
            if counts(event, arguments):
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        load(project, delivery, "shop", Options(batch_id=f"batch-{at}"))
        os._exit(0)

    at = 1
    while True:
        child = os.fork()
        if child == 0:
            load_and_die(at)
        _, status = os.waitpid(child, 0)
        print(at, os.WIFSIGNALED(status), flush=True)
        if not os.WIFSIGNALED(status):
            break
        shutil.copytree(project.home, root / f"after-{at}", copy_function=os.link)
        at += step
    """
)


def run(program, *arguments, before=()):
    return subprocess.run(
        [*before, sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": PYTHON_PATH},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def committed(home):
    """Return order ids of committed batches, as the views over the raw zone do."""
    if not list((home / "batches").glob("*.parquet")):
        return []
    return duckdb.sql(
        f"select order_id from read_parquet('{home}/raw/shop/orders/*/*.parquet') "
        f"where _batch_id in (select batch_id from "
        f"read_parquet('{home}/batches/*.parquet')) order by all"
    ).fetchall()


def test_a_load_may_be_killed_at_any_moment(shop):
    before = shop.file("before/orders.csv", orders_csv(rows=3))
    assert shop.load(before, "--batch", "batch-0").code == 0
    shop.file("new/orders_1.csv", orders_csv(rows=4))
    shop.file("new/stores.csv", "store_id;city;opened_on\n1;x;2020-01-01\n2;y;z\n3;;\n")
    killed = run(KILLER, shop.root, shop.delivery / "new", 1)
    lines = [line.split() for line in killed.stdout.splitlines()]
    assert killed.returncode == 0, killed.stderr
    assert len(lines) > 25
    assert all(line[1] == "True" for line in lines[:-1])
    assert [(at,) for at in (1, 2, 3)] == committed(shop.root / "after-1")
    seen = set()
    for copy in shop.root.glob("after-*"):
        ids = [row[0] for row in committed(copy)]
        assert ids in ([1, 2, 3], [1, 1, 2, 2, 3, 3, 4])
        seen.add(len(ids))
    assert 3 in seen
    # the last load of all found nothing but a clean home, and left one
    assert [row[0] for row in committed(shop.project.home)] == [1, 1, 2, 2, 3, 3, 4]
    ids = {path.stem for path in shop.project.batches.glob("*.parquet")}
    assert len(ids) == 2
    zones = (shop.project.raw, shop.project.quarantine)
    assert {path.name for zone in zones for path in zone.glob("*/*/*")} == ids
    assert list(shop.project.tmp.iterdir()) == []


LOAD = textwrap.dedent(
    """
    import sys
    sys.argv = ["acrm", "load", sys.argv[1], "--system", "shop"]
    from acrm.cli.app import main
    main()
    """
)


def test_a_load_killed_while_it_writes_leaves_nothing_that_counts(shop):
    path = shop.parquet(
        "orders.parquet",
        "select i as order_id, 1 as customer_id, 1.5 as amount, timestamp '2026-01-01' "
        "as ordered_at, 'web' as channel, true as is_gift from range(3000000) t(i)",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(path)],
        env=os.environ | {"PYTHONPATH": PYTHON_PATH},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    parts = shop.project.tmp
    while not [file for file in parts.rglob("*.parquet") if file.stat().st_size]:
        assert process.poll() is None, "the load ended before it was killed"
    process.kill()
    process.wait()
    assert list(shop.project.batches.glob("*")) == []
    assert [path for path in parts.iterdir() if path.name.startswith("load-")]
    assert shop.load(shop.file("orders.csv", orders_csv())).code == 0
    assert list(parts.iterdir()) == []
    assert len(shop.rows("orders")) == 5


@contextmanager
def small_disk(folder, options):
    """Mount a small file system, or skip where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small disk is not allowed: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", ["orders.parquet", "orders.csv", "orders.jsonl"])
def test_a_full_disk_is_told_and_leaves_nothing(shop, name):
    shop.delivery.mkdir()
    suffix = Path(name).suffix
    options = "(header)" if suffix == ".csv" else "(format json)"
    options = "(format parquet)" if suffix == ".parquet" else options
    duckdb.sql(
        "copy (select i as order_id, 1 as customer_id, 1.5 as amount, timestamp "
        "'2026-01-01' as ordered_at, 'web' as channel, true as is_gift, md5(i::text) "
        f"as note from range(100000) t(i)) to '{shop.delivery / name}' {options}"
    )
    with small_disk(shop.project.home, "size=2m"):
        assert shop.load(shop.file("a/orders.csv", orders_csv())).code == 0
        kept = shop.files_at_home()
        ran = shop.load(shop.delivery / name)
        assert ran.code == 2
        assert "The disk is full" in ran.err
        assert str(shop.project.home) in ran.err
        assert shop.files_at_home() == kept
        assert len(shop.rows("orders")) == 5


def test_a_home_that_cannot_be_written_is_told(shop):
    path = shop.file("orders.csv", orders_csv())
    with small_disk(shop.project.home, "ro"):
        ran = shop.load(path)
        assert ran.code == 2
        assert "warehouse home cannot be written" in ran.err
        assert shop.load(path, "--check").code == 0


def test_a_home_that_is_a_file_is_told(shop):
    shop.project.home.write_text("x")
    ran = shop.load(shop.file("orders.csv", orders_csv()))
    assert ran.code == 2
    assert "warehouse home cannot be written" in ran.err


@pytest.mark.parametrize(
    "locked", ["orders.csv", "orders.parquet", "inner", "orders.jsonl"]
)
def test_a_file_without_permission_is_told(shop, locked):
    place = f"inner/{locked}" if "." in locked else "inner/orders.csv"
    shop.file(place, orders_csv())
    shut = shop.delivery / "inner" if locked == "inner" else shop.delivery / place
    shut.chmod(0)
    ran = run(LOAD, shop.delivery, before=without_root_rights())
    shut.chmod(0o755)
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Permission denied" in ran.stderr
    assert str(shut) in ran.stderr


def without_root_rights():
    """Return a command prefix under which permissions hold for root, too."""
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root ignores permissions, and there is no setpriv to prevent it")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


MEASURED = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from acrm.loading.load import load
    from acrm.loading.options import Options
    from acrm.project import Project
    root, delivery = Path(sys.argv[1]), Path(sys.argv[2])
    load(Project(root, root / "warehouse"), delivery, "shop", Options(memory="150MB"))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    """
)


def run_measured(shop, path):
    ran = run(MEASURED, shop.root, path)
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


def test_memory_of_a_parquet_load_does_not_grow_with_the_file(shop):
    peaks = []
    for rows in (700_000, 2_100_000):
        path = shop.parquet(
            "orders.parquet",
            "select i as order_id, 1 as customer_id, 1.5 as amount, timestamp "
            "'2026-01-01' as ordered_at, 'web' as channel, true as is_gift, "
            f"repeat(md5(i::text), 8) as note from range({rows}) t(i)",
        )
        peaks.append(run_measured(shop, path))
    # the notes alone grow by 358 MB
    assert peaks[1] - peaks[0] < 180, peaks


STAGED = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from acrm.loading.contracts import CsvDialect
    from acrm.loading.csv_input import stage_csv
    from acrm.loading.formats import kind_of
    path = Path(sys.argv[1])
    stage_csv(path, kind_of(path.name), CsvDialect(), path.with_suffix(".out"), id)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    """
)


def test_memory_of_careful_reading_does_not_grow_with_the_file(shop):
    line = "1," + "x" * 400 + ",01/01/2000,1.5\n"
    peaks = []
    for rows in (50_000, 250_000):
        path = shop.file("kunden.csv", "customer_id,full_name,born_on,score\n1,2\n")
        with path.open("a") as handle:
            handle.writelines(line for _ in range(rows))
        ran = run(STAGED, path)
        assert ran.returncode == 0, ran.stderr
        peaks.append(int(ran.stdout))
    assert peaks[1] - peaks[0] < 50  # the text grows by 84 MB


def test_too_little_memory_is_told(shop):
    path = shop.parquet(
        "orders.parquet",
        "select i as order_id, 1 as customer_id, 1.5 as amount, timestamp '2026-01-01' "
        "as ordered_at, 'web' as channel, true as is_gift from range(300000) t(i)",
    )
    ran = shop.load(path, "--memory", "1MB")
    assert ran.code == 2
    assert "more memory than it may take" in ran.err
    assert "--memory" in ran.err
    shop.assert_untouched()


def test_a_file_that_grows_while_it_is_read_is_refused(shop, monkeypatch):
    path = shop.file("orders.csv", orders_csv())
    verify = file_load.FileLoad._verify

    def growing(self, raw, quarantine):
        with path.open("a") as handle:
            handle.write(order_row(99))
        verify(self, raw, quarantine)

    monkeypatch.setattr(file_load.FileLoad, "_verify", growing)
    ran = shop.load(path)
    assert ran.code == 2
    assert "changed while it was read" in ran.err
    shop.assert_untouched()
    assert ORDERS_HEADER in path.read_text()
