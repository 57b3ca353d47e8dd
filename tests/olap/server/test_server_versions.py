from __future__ import annotations

import json
import threading

import duckdb
import pytest
from served_star import write_database, write_definitions

from acrm.project import Project
from acrm.publication.versions import Switch, Version, switch, version_name

MORE = """
    insert into fct_sales
    select * replace (line_id + 1000 as line_id) from fct_sales
"""
NET, TWICE = [["3300.00"]], [["6600.00"]]


def publish(project, number, *more):
    """Put a version where readers see it, as a publication does."""
    folder = project.published / "versions" / version_name(number)
    folder.mkdir(parents=True)
    write_database(folder / "acrm.duckdb", *more)
    version = Version(
        number, folder, f"2026-01-0{number}T00:00:00Z", "", "", (), 1,
        {"shop": f"2026-01-0{number}"}, {}, (), "", "",
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(version.to_json()))
    switch(project, Switch("", "publish", None, number, "", ""))


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.setenv("ACRM_PROJECT", str(tmp_path))
    monkeypatch.delenv("ACRM_WAREHOUSE", raising=False)
    found = Project(tmp_path, tmp_path / "warehouse")
    publish(found, 1)
    return found


@pytest.fixture
def client(make_client, project, tmp_path):
    assert project.published.is_dir()
    return make_client("published", write_definitions(tmp_path / "olap"))


def test_a_publication_is_taken_without_a_restart(client, project):
    assert client.cells(measures=["net"]) == NET
    publish(project, 2, MORE)
    assert client.warehouse.refresh()
    found = client.ask(measures=["net"]).json()
    assert found["cells"] == TWICE
    assert found["source"]["version"] == 2
    assert found["source"]["data_through"] == {"shop": "2026-01-02"}
    assert found["source"]["served_by"] == "facts"
    assert not client.warehouse.refresh()


def test_it_is_looked_for_while_nobody_asks(client, project):
    client.warehouse.watch()
    publish(project, 2, MORE)
    served = threading.Event()

    def look():
        while client.warehouse.state.engine.database.version != 2:
            if served.wait(0.02):
                return
        served.set()

    looking = threading.Thread(target=look)
    looking.start()
    assert served.wait(20)
    looking.join()


def test_a_question_that_runs_finishes_on_the_version_it_began_with(client, project):
    with client.warehouse.lease() as state:
        publish(project, 2, MORE)
        assert client.warehouse.refresh()
        assert client.cells(measures=["net"]) == TWICE
        old = state.engine.database
        assert old.rows("select sum(amount)::text from fct_sales") == [("3300.00",)]
    with pytest.raises(duckdb.Error):
        old.connection.execute("select 1")


def test_a_rollback_is_taken_too(client, project):
    publish(project, 2, MORE)
    assert client.warehouse.refresh()
    switch(project, Switch("", "rollback", 2, 1, "", ""))
    assert client.warehouse.refresh()
    assert client.cells(measures=["net"]) == NET


def test_a_version_that_lacks_a_column_leaves_the_old_one(client, project):
    publish(project, 2, "alter table fct_sales drop column cost")
    assert not client.warehouse.refresh()
    assert client.cells(measures=["net"]) == NET
    health = client.get("/health").json()
    assert (health["status"], health["version"]) == ("fault", 1)
    assert "cost" in health["faults"][0]
    publish(project, 3, MORE)
    assert client.warehouse.refresh()
    assert client.get("/health").json()["status"] == "ok"


def test_a_changed_definition_is_read_and_a_spoiled_one_is_not(client, tmp_path):
    path = tmp_path / "olap" / "cubes" / "sales.yml"
    good = path.read_text()
    assert client.cells(measures=["net"]) == NET
    path.write_text(good.replace("{sum: amount,", "{sum: amount * 2,"))
    assert client.warehouse.refresh()
    assert client.cells(measures=["net"]) == TWICE
    path.write_text(good.replace("sum: amount,", "sum: amont,"))
    assert not client.warehouse.refresh()
    assert client.cells(measures=["net"]) == TWICE
    (fault,) = client.get("/health").json()["faults"]
    assert "amont" in fault
    assert "sales.yml, line" in fault
    path.write_text(good)
    assert client.warehouse.refresh()
    assert client.cells(measures=["net"]) == NET
    assert client.get("/health").json()["faults"] == []


def test_a_file_that_was_replaced_is_opened_anew(make_client, tmp_path):
    path = write_database(tmp_path / "star.duckdb")
    client = make_client(path)
    assert client.cells(measures=["net"]) == NET
    write_database(path, MORE)
    # Before it is opened anew, the old file goes on, and nothing of it is kept.
    found = client.ask(measures=["net"]).json()
    assert (found["cells"], found["source"]["served_by"]) == (NET, "facts")
    assert client.warehouse.refresh()
    assert client.cells(measures=["net"]) == TWICE


def test_a_cube_whose_keys_are_not_unique_is_told_and_refused(make_client, tmp_path):
    path = write_database(
        tmp_path / "star.duckdb",
        "insert into dim_product from dim_product where product_key = 1",
    )
    client = make_client(path)
    (fault,) = client.get("/health").json()["faults"]
    assert "not unique" in fault
    found = client.ask(measures=["net"], rows=["product.class"])
    assert found.status_code == 503
    assert found.json()["error"] == "definition"
    assert client.cells(measures=["net"], rows=["channel.channel"])
