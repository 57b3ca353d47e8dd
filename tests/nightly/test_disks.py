"""A disk that fills up, or turns read-only, at several points of a run."""

import os
import re
import subprocess
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.slow

DISK = 24_000_000


@contextmanager
def mounted(folder, size=DISK):
    """A small disk in place of a folder; skips where mounting is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={size},mode=755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"mounting a small disk is not allowed: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def fill(folder, free):
    """Leave so many bytes of room."""
    path = folder / "filler"
    path.unlink(missing_ok=True)
    room = os.statvfs(folder)
    with path.open("wb") as filler:
        filler.write(bytes(max(0, room.f_bavail * room.f_frsize - free)))
    return path


def told(ended):
    assert "Traceback" not in ended.err, ended.err
    (message,) = re.findall(r"^Error: .*", ended.err, re.M | re.S)
    return message


def test_a_disk_that_fills_up_leaves_readers_their_version(shop):
    """Room for nothing, for the log, for the load, for a part of the publication."""
    home = shop.project.home
    with mounted(home):
        shop.deliver("sales_1.csv", rows=50_000)
        shop.run("--keep", "1", code=0)
        before = shop.totals()
        shop.deliver("sales_2.csv", rows=50_000, first=50_000)
        messages = []
        for free in (0, 4096, 40_000, 800_000):
            filler = fill(home, free)
            messages.append(told(shop.run(code=2)))
            assert shop.totals() == before
            assert not [path for path in home.rglob("tmp/*") if path.is_file()], free
            filler.unlink()
        assert "The log of the run cannot be written." in messages[0]
        assert "The disk is full." in messages[2]
        assert "Nothing was loaded" in messages[2]
        assert "Readers see version 1." in messages[3]
        shop.run("--keep", "1", code=0)
        assert shop.totals() == (100_000, "125000.00", "125000.00")


def test_a_disk_that_turned_read_only_leaves_readers_their_version(shop):
    home = shop.project.home
    with mounted(home):
        shop.deliver("sales_1.csv", rows=10)
        shop.run(code=0)
        shop.deliver("sales_2.csv", rows=10, first=10)
        remount(home, "ro")
        assert "The warehouse home cannot be written." in told(shop.run(code=2))
        assert "Read-only file system" in told(shop.run(code=2))
        assert shop.totals() == (10, "12.50", "12.50")
        remount(home, "rw")
        shop.run(code=0)
        assert shop.totals() == (20, "25.00", "25.00")
