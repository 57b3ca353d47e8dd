"""Deliveries of a few rows, written as the files that systems of the example send."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml
from company import ROOT


def filled(row: dict, columns: list[dict]) -> dict:
    """Give a row any value that its contract allows where it requires one."""
    anything = {"varchar": "-", "boolean": False, "date": "2024-01-01"}
    anything["timestamp"] = "2024-01-01 00:00:00"
    rules = {column["name"]: column["config"]["meta"] for column in columns}
    return {
        column["name"]: rules[column["name"]].get(
            "allowed", [anything.get(column["data_type"], 1)]
        )[0]
        for column in columns
        if rules[column["name"]].get("required")
    } | row


def write(delivery: dict, folder: Path) -> Path:
    """Write each table as a file of all columns that its contract has."""
    for system, tables in delivery.items():
        sources = ROOT / "models" / "staging" / system / f"_{system}__sources.yml"
        declared = {
            table["name"]: [{"config": {"meta": {}}} | it for it in table["columns"]]
            for table in yaml.safe_load(sources.read_text())["sources"][0]["tables"]
        }
        (folder / system).mkdir(parents=True)
        for table, rows in tables.items():
            columns = declared[table]
            path = folder / system / f"{table}-{folder.name}.csv"
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, [column["name"] for column in columns])
                writer.writeheader()
                writer.writerows(filled(row, columns) for row in rows)
    return folder
