"""dbt is imported while the first file loads, and not before."""

import sys

import pytest

from acrm.loading.options import Silent
from acrm.nightly import ahead


@pytest.mark.parametrize("name", ["needed_soon", "that_nobody_has"])
def test_what_a_build_needs_is_imported_once_a_file_is_begun(
    name, tmp_path, monkeypatch
):
    (tmp_path / "needed_soon.py").write_text("ready = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(ahead, "DBT", name)
    listener = ahead.ImportsDbt(Silent())
    assert listener.thread is None
    for number in (1, 2):
        listener.begin(f"file_{number}.csv", number, 2)
        first = listener.thread
    listener.wait()
    assert not first.is_alive()
    assert listener.thread is first
    assert (name in sys.modules) == (name == "needed_soon")
    sys.modules.pop(name, None)


def test_what_a_load_says_is_passed_on(monkeypatch):
    monkeypatch.setattr(ahead, "DBT", "that_nobody_has")
    heard = []

    class Hears:
        def begin(self, *what):
            heard.append(what)

        def report(self, share):
            heard.append(share)

        def end(self, result):
            heard.append(result)

    listener = ahead.ImportsDbt(Hears())
    listener.begin("file.csv", 1, 1)
    listener.report(0.5)
    listener.end("done")
    listener.wait()
    assert heard == [("file.csv", 1, 1), 0.5, "done"]
