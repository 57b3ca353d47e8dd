"""A drafted contract takes the very files that it was drafted from."""

from __future__ import annotations

import gzip
import shutil

import pytest
import yaml
from company import EXTRACTS, Company

SAMPLE = """receipt;pos;paid_at;until;day;card;code;paid;rate;gift;town;note
R1;1;05/03/2024 23:30;31.12.2024;2024-03-05;K1;007;5.00;0.1255;true;Lisboa;
R1;2;15/03/2024 23:30;31.12.2024;2024-03-15;;012;3.5;7;false;Évora;
R2;1;16/03/2024 00:10;30.11.2024;2024-03-16;;012;-1;-7;false;Évora;
"""


@pytest.fixture
def company(tmp_path):
    return Company.create(tmp_path / "project")


def drafted(company, system):
    path = company.folder / f"models/staging/{system}/_{system}__sources.yml"
    (source,) = yaml.safe_load(path.read_text())["sources"]
    return {table["name"]: table for table in source["tables"]}


def test_types_formats_and_keys_are_read_off_the_sample(company, tmp_path):
    file = tmp_path / "till.csv"
    file.write_text(SAMPLE, encoding="latin-1")
    company.acrm("draft", str(file), "--system", "corner")
    table = drafted(company, "corner")["till"]
    columns = {each["name"]: each for each in table["columns"]}
    assert {name: each["data_type"] for name, each in columns.items()} == {
        "receipt": "varchar",
        "pos": "bigint",
        "paid_at": "timestamp",
        "until": "date",
        "day": "date",
        "card": "varchar",
        "code": "varchar",
        "paid": "decimal(18,2)",
        "rate": "decimal(18,4)",
        "gift": "boolean",
        "town": "varchar",
        "note": "varchar",
    }
    assert columns["paid_at"]["config"]["meta"]["format"] == "%d/%m/%Y %H:%M"
    assert columns["until"]["config"]["meta"]["format"] == "%d.%m.%Y"
    assert "config" not in columns["card"]
    assert table["config"]["meta"] == {
        "key": ["paid_at"],
        "event_time": "paid_at",
        "csv": {"encoding": "latin-1", "delimiter": ";"},
    }


@pytest.mark.parametrize("system", ["complete_journey", "online_retail"])
def test_the_draft_takes_the_files_that_it_is_of(company, tmp_path, system):
    samples = tmp_path / "samples"
    shutil.copytree(EXTRACTS / "first" / system, samples)
    one = next(samples.glob("*.csv"))
    with gzip.open(f"{one}.gz", "wb") as packed:
        packed.write(one.read_bytes())
    one.unlink()
    company.acrm("draft", str(samples), "--system", "another")
    assert len(drafted(company, "another")) == len(list(samples.iterdir()))
    done = company.acrm("load", str(samples), "--system", "another", "--check")
    assert "nothing was written" in done.stdout


def test_a_draft_that_is_shown_writes_nothing(company):
    sample = str(EXTRACTS / "first" / "online_retail")
    done = company.acrm("draft", sample, "--system", "another", "--show")
    (source,) = yaml.safe_load(done.stdout)["sources"]
    assert source["name"] == "another"
    assert not (company.folder / "models/staging/another").exists()


@pytest.mark.parametrize(
    ("folder", "system", "said"),
    [
        ("first/online_retail", "online_retail", "has its contracts already"),
        ("first/online_retail", "../out", "cannot be the name of a pack"),
        ("nowhere", "another", "no such file or folder"),
        (".", "another", "no sample that can be read"),
    ],
)
def test_what_cannot_be_drafted_is_one_message(company, folder, system, said):
    done = company.acrm("draft", str(EXTRACTS / folder), "--system", system, code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (company.folder / "models/staging/another").exists()


def test_a_broken_sample_is_one_message(company, tmp_path):
    file = tmp_path / "orders.parquet"
    file.write_bytes(b"PAR1 and no more")
    done = company.acrm("draft", str(file), "--system", "another", code=2)
    assert "cannot be read" in done.stderr
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
