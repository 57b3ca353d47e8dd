"""Watching: what counts as delivered, and a real process from start to end."""

import os
import signal
from pathlib import Path

import pytest

from acrm.nightly.watch import Look, delivered, look

pytestmark = pytest.mark.slow

A_FILE = "shop/sales.csv"


def looks(*files):
    """Looks one interval apart, of files named with their size and time."""
    return [
        Look({Path(name): signature for name, signature in each.items()})
        for each in files
    ]


def whole(before, now, *, needs_marker=False):
    first, second = looks(before, now)
    return [str(path) for path in delivered(second, first, needs_marker=needs_marker)]


def test_a_file_that_lies_still_for_two_looks_is_delivered():
    assert whole({}, {A_FILE: (10, 1)}) == []
    assert whole({A_FILE: (9, 1)}, {A_FILE: (10, 1)}) == []
    assert whole({A_FILE: (10, 1)}, {A_FILE: (10, 2)}) == []
    assert whole({A_FILE: (10, 1)}, {A_FILE: (10, 1)}) == [A_FILE]


def test_a_file_with_a_marker_is_delivered_at_once():
    marked = {A_FILE: (10, 5), f"{A_FILE}.done": (0, 5)}
    assert whole({}, marked) == [A_FILE]
    assert whole({}, {A_FILE: (10, 5), "shop/_SUCCESS": (0, 6)}) == [A_FILE]
    # of another file, of another folder, or of what the file was before
    assert whole({}, {A_FILE: (10, 5), "shop/other.csv.done": (0, 6)}) == []
    assert whole({}, {A_FILE: (10, 5), "_SUCCESS": (0, 6)}) == []
    assert whole({}, {A_FILE: (10, 5), f"{A_FILE}.done": (0, 4)}) == []


def test_where_markers_are_needed_lying_still_is_not_enough():
    still = {A_FILE: (10, 5)}
    assert whole(still, still, needs_marker=True) == []
    marked = {A_FILE: (10, 5), f"{A_FILE}.done": (0, 5)}
    assert whole(still, marked, needs_marker=True) == [A_FILE]


def test_a_look_passes_over_hidden_folders_and_what_is_gone(tmp_path):
    for name in ("a.csv", "in/b.csv", ".hidden/c.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    seen = look((tmp_path, tmp_path / "missing")).files
    names = {
        path.relative_to(tmp_path).as_posix(): size for path, (size, _) in seen.items()
    }
    assert names == {"a.csv": 5, "in/b.csv": 8}
    single = tmp_path / "in" / "b.csv"
    assert list(look((single,)).files) == [single]


class Watcher:
    """A process that watches the landing folder."""

    def __init__(self, forked, shop):
        options = ("run", str(shop.landing), "--watch", "--every", "0.2s")
        self.process = forked.start(shop.environment, *options, lines=True)
        self.out = self.process.out.open()
        self.err = self.process.err.open()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.wait(0) is None:
            self.process.signal(signal.SIGKILL)
            self.process.wait()
        self.out.close()
        self.err.close()

    def end_of_run(self):
        """Wait for the line that says what the next run came to."""
        for line in self.out:
            if line.startswith("Run "):
                return line
        raise AssertionError(self.err.read())

    def end(self):
        """Wait for the end, and return what else it said."""
        assert self.out.read() == ""
        told = self.err.read()
        assert "Traceback" not in told
        assert self.process.wait() == 0
        return told


def test_a_watch_runs_when_something_came_and_goes_on_after_failures(shop, forked):
    with Watcher(forked, shop) as watcher:
        # nothing was ever loaded, so that the first build cannot pass
        assert "Run 1: failed" in watcher.end_of_run()
        first = shop.deliver("sales_1.csv", rows=4)
        assert "Run 2: published version 1" in watcher.end_of_run()
        assert shop.totals() == (4, "5.00", "5.00")

        bad = shop.landing / "shop" / "sales_2.csv"
        bad.write_text("line_number\n1\n")
        assert "Run 3: nothing new, nothing published" in watcher.end_of_run()
        # touched, and the same content: looked at, and nothing new; the refused file
        # is not tried again
        os.utime(first, (1, 1))
        assert "Run 4: nothing new, nothing published" in watcher.end_of_run()
        tried = {step.get("file") for step in shop.last_log() if step["step"] == "load"}
        assert tried == {"sales_1.csv", None}

        shop.deliver("sales_2.csv", rows=4, first=4)
        (shop.landing / "shop" / "sales_2.csv.done").touch()
        # asked to end while the build is in hand: that is finished first
        for line in watcher.err:
            if "sales_2.csv: loaded" in line:
                break
        for line in watcher.err:
            if "success model" in line:
                watcher.process.signal(signal.SIGTERM)
                break
        assert "Run 5: published version 2" in watcher.end_of_run()
        assert watcher.end().endswith("Ended: nothing is left half done.\n")
    assert shop.totals() == (8, "10.00", "10.00")


def test_an_interrupt_ends_a_watch_that_waits(shop, forked):
    shop.landing.joinpath("shop").rmdir()
    with Watcher(forked, shop) as watcher:
        assert "Run 1: " in watcher.end_of_run()
        watcher.process.signal(signal.SIGINT)
        assert watcher.end().endswith("Ended: nothing is left half done.\n")
