"""The extracts of an example company as one reads them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from acrm.example import Settings

KEYS = {
    "orders": "order_id, changed_at",
    "order_lines": "order_id, line_number",
    "store_counts": "sensor_id, interval_start",
    "visits": "visit_id",
    "visit_steps": "visit_id, step_number",
    "visitors": "visitor_id, changed_at",
    "enquiries": "enquiry_id",
    "stock_outs": "product_id, store_id, out_from",
    "contacts": "contact_id",
    "responses": "response_id",
    "cells": "cell_id, changed_at",
    "costs": "cost_id",
    "offers": "offer_id, changed_at",
    "offer_products": "offer_id, product_id",
    "parties": "party_id, changed_at",
    "household_members": "household_id, party_id, changed_at",
    "consents": "consent_event_id",
    "leads": "lead_id, changed_at",
    "employees": "employee_id, changed_at",
    "plans": "plan_id, changed_at",
    "subscription_events": "event_id",
    "products": "product_id, changed_at",
    "stores": "store_id, changed_at",
    "store_zones": "store_id, zone_id, changed_at",
    "targets": "plan_version, month_start, region, department, loyalty_tier",
    "reasons": "reason_code, changed_at",
    "interactions": "interaction_id",
    "cases": "case_id, changed_at",
    "satisfaction": "answer_id",
}


@dataclass(frozen=True)
class Company:
    """A company's folder, and a connection whose views are its clean tables."""

    settings: Settings
    folder: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def one(self, sql):
        return self.connection.execute(sql).fetchone()

    def value(self, sql):
        return self.one(sql)[0]

    def truth(self, name):
        path = self.folder / "truth" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def files_of(folder, table):
    """All files of a table, the initial extract first, then by day."""
    found = [*folder.glob(f"*/*/{table}.*"), *folder.glob(f"*/*/{table}-0*.*")]
    return sorted(found) + sorted((folder / "daily").glob(f"*/*/{table}-2*.*"))


def opened(settings, folder):
    """A company whose tables hold the last good delivery of each key, as loads do."""
    connection = duckdb.connect()
    for table, key in KEYS.items():
        files = [path for path in files_of(folder, table) if "-again" not in path.name]
        first = connection.sql(f"describe from '{files[0]}'").fetchall()
        texts = ", ".join(f"'{name}': 'varchar'" for name, *_ in first)
        parts = [
            f"select *, {number} as delivery from read_csv('{path}', header=true, "
            f"columns={{{texts}}}, nullstr='')"
            for number, path in enumerate(files)
        ]
        casts = ", ".join(
            f'try_cast("{name}" as {kind}) as "{name}"' for name, kind, *_ in first
        )
        bad = " or ".join(
            f'("{name}" is not null and try_cast("{name}" as {kind}) is null)'
            for name, kind, *_ in first
        )
        keys = " and ".join(f"{one} is not null" for one in key.split(", "))
        connection.execute(
            f"create table delivered_{table} as {' union all '.join(parts)}"
        )
        connection.execute(
            f"create table {table} as select {casts}, delivery from delivered_{table} "
            f"where {keys} and not ({bad}) "
            f"and columns(*)::varchar is distinct from 'unheard_of' "
            f"qualify row_number() over (partition by {key} order by delivery desc) = 1"
        )
    return Company(settings, folder, connection)
