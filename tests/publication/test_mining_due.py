"""Mining is due when a system's cut-off is another than its models were made for."""

from __future__ import annotations

import duckdb
import pytest

from acrm.project import Project
from acrm.publication.mining_due import mining_is_due


@pytest.mark.parametrize(
    ("cutoffs", "made", "is_due"),
    [
        ([("a", "2024-01-31")], [("a", "2024-01-31")], False),
        ([("a", "2024-02-29")], [("a", "2024-01-31")], True),
        ([("a", "2024-01-31"), ("b", "2024-01-31")], [("a", "2024-01-31")], True),
        ([("a", "2024-01-31")], [("a", "2024-01-31"), ("b", "2023-12-31")], True),
        ([], [], False),
        ([("a", "2024-01-31")], None, True),
    ],
)
def test_it_is_due_when_a_month_turned_or_a_system_came_or_went(
    tmp_path, monkeypatch, cutoffs, made, is_due
):
    monkeypatch.delenv("ACRM_DATABASE", raising=False)
    project = Project(root=tmp_path, home=tmp_path / "warehouse")
    project.database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("""
            create schema intermediate;
            create table intermediate.int_mining_cutoff
                (id_space varchar, cutoff_date date, is_current boolean)
        """)
        for space, day in cutoffs:
            connection.execute(
                "insert into intermediate.int_mining_cutoff values"
                " ($space, $day, true), ($space, '2020-01-31', false)",
                {"space": space, "day": day},
            )
        if made is not None:
            connection.execute(
                "create table model_version"
                " (model varchar, id_space varchar, cutoff_date date)"
            )
            for row in made:
                connection.execute(
                    "insert into model_version values ('clv', ?, ?)", row
                )
    project.tmp.mkdir(parents=True, exist_ok=True)
    assert mining_is_due(project) == is_due
