"""A tmp project with the contracts of a small shop, and its command line."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from acrm.cli.app import main
from acrm.project import Project

HERE = Path(__file__).parent
ORDERS_HEADER = "order_id,customer_id,amount,ordered_at,channel,is_gift\n"


def order_row(number, **changes):
    """Return one good line of orders.csv, with some values changed."""
    values = {
        "order_id": number,
        "customer_id": 7,
        "amount": "12.50",
        "ordered_at": f"2026-01-{number % 28 + 1:02d} 10:00:00",
        "channel": "web",
        "is_gift": "no",
    } | changes
    return ",".join(str(value) for value in values.values()) + "\n"


def orders_csv(rows=5, **changes):
    """Return a good orders.csv whose second row has some values changed."""
    lines = [order_row(at, **(changes if at == 2 else {})) for at in range(1, rows + 1)]
    return ORDERS_HEADER + "".join(lines)


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Shop:
    """The project, a folder for deliveries, and ways to look at what was loaded."""

    def __init__(self, root, capfd, monkeypatch):
        self.root = root
        self.project = Project(root=root, home=root / "warehouse")
        self.delivery = root / "delivery"
        self.contract = root / "models" / "staging" / "shop" / "_shop__sources.yml"
        self._capfd = capfd
        self._monkeypatch = monkeypatch

    def file(self, name, content):
        path = self.delivery / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def parquet(self, name, select):
        path = self.delivery / name
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(select).write_parquet(str(path))
        return path

    def load(self, path, *options, system="shop"):
        """Run ``acrm load`` through the command's own entry."""
        arguments = ["acrm", "load", str(path), "--system", system, *options]
        self._monkeypatch.setattr(sys, "argv", arguments)
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capfd.readouterr()
        assert "Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err)

    def rows(self, table, columns="*", zone="raw"):
        """Return the committed rows of a table, as a reader sees them."""
        files = list((self.project.home / zone / "shop" / table).glob("*/*.parquet"))
        if not files or not list(self.project.batches.glob("*.parquet")):
            return []
        return duckdb.sql(
            f"select {columns} from read_parquet({[str(file) for file in files]}) "
            "where _batch_id in (select batch_id from read_parquet("
            f"'{self.project.batches}/*.parquet')) order by _source_file, _row_number"
        ).fetchall()

    def quarantined(self, table="orders", columns="_row_number, reason_code"):
        return self.rows(table, columns, zone="quarantine")

    def log(self, columns="*"):
        if not list(self.project.batches.glob("*.parquet")):
            return []
        return duckdb.sql(
            f"select {columns} from read_parquet('{self.project.batches}/*.parquet') "
            "order by loaded_at, source_file"
        ).fetchall()

    def files_at_home(self):
        """Return every file of the warehouse home but the lock."""
        home = self.project.home
        found = (path.relative_to(home).as_posix() for path in home.rglob("*"))
        return sorted(name for name in found if name != "acrm.lock")

    def assert_untouched(self):
        """Assert that no rows, no record and no unfinished work are there."""
        found = [path for path in self.project.home.rglob("*") if path.is_file()]
        assert [path.name for path in found if path.name != "acrm.lock"] == []


def new_shop(root, capfd, monkeypatch):
    """Return a shop in a new project under ``root``."""
    pack = root / "models" / "staging" / "shop"
    pack.mkdir(parents=True)
    shutil.copy(HERE / "shop" / "_shop__sources.yml", pack)
    (root / "dbt_project.yml").write_text("name: acrm\n")
    monkeypatch.setenv("ACRM_PROJECT", str(root))
    monkeypatch.delenv("ACRM_WAREHOUSE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return Shop(root, capfd, monkeypatch)
