"""The command, what it refuses, and that it makes the same again."""

from __future__ import annotations

import json
import subprocess
import sys

import duckdb
import pytest
import test_company
from example_extracts import KEYS, opened

from acrm.errors import InputError
from acrm.example import Settings, make_company

SMALL = ["--customers", "500", "--days", "200", "--daily", "5"]


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def made(folder, **changes):
    given = {"customers": 500, "days": 200, "seed": 3, "daily": 5} | changes
    make_company(Settings(**given), folder, lambda *_: None)
    return folder


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_seed_makes_the_same_bytes(tmp_path, kind):
    first = content(made(tmp_path / "first", kind=kind))
    again = content(made(tmp_path / "again", kind=kind))
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_another_seed_makes_another_company(tmp_path):
    first = content(made(tmp_path / "first"))
    other = content(made(tmp_path / "other", seed=4))
    lines = "initial/example_shop/order_lines.csv"
    assert first[lines] != other[lines]


def test_parquet_says_what_csv_says(tmp_path):
    csv = made(tmp_path / "csv", kind="csv", daily=0)
    parquet = made(tmp_path / "parquet", kind="parquet", daily=0)
    names = sorted(path.stem for path in csv.glob("initial/*/*"))
    assert names == sorted(path.stem for path in parquet.glob("initial/*/*"))
    for system in sorted(path.name for path in (csv / "initial").iterdir()):
        for path in sorted((csv / "initial" / system).iterdir()):
            other = parquet / "initial" / system / f"{path.stem}.parquet"
            types = duckdb.sql(f"describe from '{other}'").fetchall()
            columns = ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in types)
            differing = duckdb.execute(f"""
                with text as (
                    from read_csv(
                        '{path}', columns={{{columns}}}, header=true, nullstr=''
                    )
                ),
                typed as (from '{other}')
                select count(*) from (
                    (from text except all from typed)
                    union all (from typed except all from text)
                )
            """).fetchall()
            assert differing == [(0,)], path.name


def test_large_tables_come_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("acrm.example.outbox.BUFFERED_ROWS", 1_000)
    monkeypatch.setattr("acrm.example.outbox.PART_ROWS", 5_000)
    parts = made(tmp_path / "parts", kind="parquet") / "initial" / "example_shop"
    monkeypatch.undo()
    whole = made(tmp_path / "whole", kind="parquet") / "initial" / "example_shop"
    names = sorted(path.name for path in parts.glob("order_lines*"))
    assert names[:2] == ["order_lines-0001.parquet", "order_lines-0002.parquet"]
    assert (parts / "stores.parquet").exists()
    sql = "select * from read_parquet('{}') order by ordered_at, order_id, line_number"
    assert (
        duckdb.sql(sql.format(parts / "order_lines-*.parquet")).fetchall()
        == duckdb.sql(sql.format(whole / "order_lines.parquet")).fetchall()
    )


def test_a_company_too_large_for_months_at_once_is_made_in_days(tmp_path, monkeypatch):
    monkeypatch.setattr("acrm.example.company.PERIOD_LINES", 300)
    settings = Settings(500, 200, 3, daily=5)
    folder = made(tmp_path / "days")
    company = opened(settings, folder)
    test_company.test_lines_add_up_to_the_true_totals_on_every_day(company)
    test_company.test_visits_end_in_the_orders_of_web_and_app(company)
    for path in sorted(folder.glob("initial/*/*.csv")):
        repeated = duckdb.execute(f"""
            select count(*) from (
                select 1 from read_csv('{path}', all_varchar=true)
                group by {KEYS[path.stem]} having count(*) > 1
            )
        """).fetchall()
        assert repeated == [(0,)], path.name


def test_effects_are_planted_exactly():
    """Without added orders the treated would buy as controls do, over many seeds."""
    from acrm.example.campaigns import Campaigns
    from acrm.example.catalogue import Catalogue
    from acrm.example.clock import Clock
    from acrm.example.consents import Consents
    from acrm.example.demand import ADDED, Demand
    from acrm.example.people import People
    from acrm.example.places import Places

    inside, differences = 0, []
    for seed in range(40):
        settings = Settings(1_000, 400, seed)
        clock = Clock(settings)
        places = Places(settings, clock)
        Catalogue(settings, clock)
        people = People(settings, clock, places)
        campaigns = Campaigns(
            settings, clock, people, places, Consents(settings, clock, people)
        )
        heads = campaigns.plan(Demand(settings, clock, people, places).draw())
        (x,) = [one for one in campaigns.campaigns if one.id == "X"]
        (w,) = [one for one in campaigns.campaigns if one.id == "W"]
        added = int(heads.has(ADDED).sum())
        assert added == round(0.05 * x.treated.sum()) + round(0.06 * w.treated.sum())
        treated, base = x.rates
        differences.append(treated - base)
        n, m = int(x.treated.sum()), int((~x.treated).sum())
        spread = 1.96 * (treated * (1 - treated) / n + base * (1 - base) / m) ** 0.5
        inside += abs(treated - base - 0.05) <= spread
    mean = sum(differences) / len(differences)
    # The mean of 40 differences with a spread of 0.045 each.
    assert mean == pytest.approx(0.05, abs=0.02)
    assert inside >= 34


def test_the_summary_is_for_people_and_for_programs(acrm, tmp_path):
    ended = acrm.passing("example", tmp_path / "a", *SMALL)
    assert "order_lines" in ended.stdout
    assert f"acrm load {tmp_path / 'a' / 'initial' / 'example_crm'}" in ended.stdout
    assert "rows in" in ended.stderr
    told = json.loads(acrm.passing("example", tmp_path / "b", *SMALL, "--json").stdout)
    rows = {row["table"]: row for row in told["tables"]}
    lines = tmp_path / "b" / "initial" / "example_shop" / "order_lines.csv"
    assert rows["order_lines"]["initial"] == len(lines.read_text().splitlines()) - 1
    assert rows["order_lines"]["daily"] > 0
    page = (tmp_path / "b" / "README.md").read_text(encoding="utf-8")
    assert "500 customers, 200 business days from 2025-06-15 to" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--customers", "3"], "--customers 3 is out of range."),
        (["--days", "30"], "--days 30 is out of range."),
        (["--daily", "700"], "--daily 700 is out of range."),
        (["--end", "yesterday"], "--end 'yesterday' is no date."),
        (["--format", "xml"], "--format 'xml' is unknown."),
        (["--lines-per-customer", "0"], "--lines-per-customer 0.0 is out of range."),
    ],
)
def test_what_cannot_be_made_is_refused(acrm, tmp_path, options, message):
    place = tmp_path / "place"
    place.mkdir()
    ended = acrm("example", place / "company", *options)
    assert ended.code == 2
    assert message in ended.stderr
    assert list(place.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(acrm, tmp_path):
    mine = tmp_path / "company" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    ended = acrm("example", mine.parent, *SMALL)
    assert ended.code == 2
    assert "is not empty" in ended.stderr
    assert list(mine.parent.iterdir()) == [mine]
    ended = acrm("example", mine, *SMALL)
    assert ended.code == 2
    assert mine.read_text() == "mine"


def test_a_folder_without_a_parent_is_refused(acrm, tmp_path):
    ended = acrm("example", tmp_path / "no" / "company", *SMALL)
    assert ended.code == 2
    assert "does not exist" in ended.stderr


def test_an_empty_folder_is_taken(acrm, tmp_path):
    folder = tmp_path / "place" / "company"
    folder.mkdir(parents=True)
    acrm.passing("example", folder, *SMALL)
    assert (folder / "truth" / "totals.csv").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path, python_environment):
    """The system refuses to let a file grow beyond a megabyte."""
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        f"sys.argv = ['acrm', 'example', {str(tmp_path / 'company')!r}, *{SMALL!r}]\n"
        "from acrm.cli.app import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=python_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "cannot be written" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_settings_know_their_limits():
    with pytest.raises(InputError, match="--seed -1 is out of range"):
        Settings(1_000, 400, -1)
    assert Settings(50_000, 400, 1).extension == "csv"
    assert Settings(50_001, 400, 1).extension == "parquet"
