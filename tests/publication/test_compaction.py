"""A build file that is written to every night does not grow without end."""

import duckdb
import pytest

from acrm.project import Project
from acrm.publication import compaction
from acrm.publication.build_file import opened
from acrm.publication.compaction import compact, reason_to_compact
from acrm.publication.file_copy import clone, copy_file

NIGHTS = 10


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("ACRM_DATABASE", str(tmp_path / "acrm.duckdb"))
    return Project(root=tmp_path, home=tmp_path / "warehouse")


def write(project, *statements):
    older = {"storage_compatibility_version": "v1.5.0"}
    with duckdb.connect(str(project.database), config=older) as build:
        for statement in statements:
            build.execute(statement)


def reason(project):
    with opened(project.database, project.tmp) as connection:
        return reason_to_compact(connection, project.database.stat().st_size)


FACT = """
    select
        range as line, (hash(range + {seed}) >> 8)::bigint as customer_key,
        date '2024-01-01' + (range % 365)::integer as date_key
    from range({rows})
"""


def test_nights_that_delete_and_insert_do_not_let_the_file_grow(project, monkeypatch):
    monkeypatch.setattr(compaction, "SMALLEST_BYTES", 1_000_000)
    write(project, f"create table f as {FACT.format(seed=0, rows=400_000)}")
    smallest = project.database.stat().st_size
    sizes = []
    compactions = 0
    for night in range(1, NIGHTS + 1):
        write(
            project,
            # Corrections meet all of the fact, and now and then much of it is redone.
            f"delete from f where hash(line + {night}) % 50 < {1 if night % 4 else 30}",
            f"insert into f {FACT.format(seed=night, rows=40_000)}",
        )
        if reason(project):
            compact(project)
            compactions += 1
        sizes.append(project.database.stat().st_size)
    assert compactions, "the nights left nothing to compact"
    # Half free, or a third dead, and a night's own on top.
    assert max(sizes) < 3 * smallest


def test_dead_rows_of_a_large_table_are_a_reason_and_of_a_small_one_are_none(
    project, monkeypatch
):
    write(
        project,
        f"create table f as {FACT.format(seed=0, rows=400_000)}",
        "create table small as select range as a from range(1000)",
        "delete from small where a % 2 = 0",
    )
    assert reason(project) is None, "the file is small"
    monkeypatch.setattr(compaction, "SMALLEST_BYTES", 0)
    assert reason(project) is None
    write(project, "delete from f where line % 5 < 2")
    assert reason(project) == "160000 of 400000 rows of f are deleted"
    compact(project)
    assert reason(project) is None


def test_free_blocks_are_a_reason(project, monkeypatch):
    monkeypatch.setattr(compaction, "SMALLEST_BYTES", 0)
    write(
        project,
        f"create table a as {FACT.format(seed=0, rows=400_000)}",
        f"create table f as {FACT.format(seed=1, rows=100_000)}",
    )
    write(project, "drop table a")
    assert "blocks are free" in reason(project)
    before = project.database.stat().st_size
    compact(project)
    assert project.database.stat().st_size < before / 2


def test_a_compacted_file_has_all_tables_with_comments_and_facts_in_date_order(project):
    write(
        project,
        "create schema intermediate",
        "create table intermediate.model_state (model varchar not null)",
        "insert into intermediate.model_state values ('int_a')",
        "create table d as from (values (3), (1), (2)) t(a)",
        "comment on table d is 'It''s a dimension.'",
        f"create table f as {FACT.format(seed=0, rows=1000)} order by line desc",
        "alter table f alter column line set not null",
        "comment on column f.line is 'Of an order.'",
    )
    told = []
    compact(project, lambda *step: told.append(step))
    assert told == [
        ("compacted model_state", 1, 3),
        ("compacted d", 2, 3),
        ("compacted f", 3, 3),
    ]
    assert [path.name for path in project.root.glob("acrm.duckdb*")] == ["acrm.duckdb"]
    with duckdb.connect(str(project.database), read_only=True) as build:
        ask = build.execute
        state = ask("select * from intermediate.model_state").fetchall()
        order = ask("select a from d").fetchall()
        lines = ask("select date_key, -line from f").fetchall()
        comments = ask(
            "select comment from duckdb_tables() where table_name = 'd'"
            " union all select comment from duckdb_columns() where table_name = 'f'"
            " and comment is not null"
        ).fetchall()
        nullable = ask(
            "select column_name from duckdb_columns()"
            " where not is_nullable and not internal order by column_name"
        ).fetchall()
    assert state == [("int_a",)]
    assert order == [(3,), (1,), (2,)]
    assert lines == sorted(lines)
    assert len(lines) == 1000
    assert comments == [("It's a dimension.",), ("Of an order.",)]
    assert nullable == [("line",), ("model",)]


def test_a_copied_file_is_the_same_and_tells_how_far_it_is(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 400_000)
    told = []
    copy_file(source, tmp_path / "copy", lambda *step: told.append(step))
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    total = source.stat().st_size
    assert told[-1] == (total, total)


def test_a_file_system_without_clones_leaves_no_half_one(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"x")
    cloned = clone(source, tmp_path / "copy")
    assert (tmp_path / "copy").exists() == cloned
