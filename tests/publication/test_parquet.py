"""Parquet copies: which tables have one, and which files are shared."""

from datetime import date

import duckdb
import pandas as pd
import polars as pl
import pytest

from acrm.errors import InputError
from acrm.publication import current_version, list_versions, parquet
from acrm.publication.build_file import opened
from acrm.publication.parquet import tables_with_copies, write_copies
from acrm.publication.versions import Version


@pytest.fixture
def version_of(tmp_path):
    """Write the copies of some SQL's tables as a version, sharing with another."""

    def write(number, statements, before=None, changed=None):
        folder = tmp_path / str(number)
        folder.mkdir()
        with opened(tmp_path / "build.duckdb", tmp_path / "spill") as connection:
            for statement in statements:
                connection.execute(statement)
            entries = write_copies(
                connection, ["t"], ["t"], folder, before, changed=changed
            )
        return Version(number, folder, "", "", "", entries, 0, {}, {}, (), "", "")

    return write


def inode(version, name="part-0.parquet"):
    return (version.folder / "parquet" / "t" / name).stat().st_ino


@pytest.mark.parametrize(
    "change",
    [
        "insert into t values (4, 'd')",
        "delete from t where a = 1",
        "update t set b = null where a = 1",
        "update t set b = case a when 1 then 'b' when 2 then 'a' else b end",
        "insert into t select * from t",
        "alter table t rename column b to c",
        "alter table t alter column a set data type smallint",
        # Two equal rows for two others: an exclusive or of hashes is the same.
        "update t set a = 9, b = 'i' where a = 3",
    ],
)
def test_a_table_that_changed_is_written_anew(version_of, change):
    rows = (
        "create table t as from (values (1, 'a'), (2, 'b'), (3, 'c'), (3, 'c')) t(a, b)"
    )
    first = version_of(1, [rows])
    second = version_of(2, [change], first)
    assert inode(second) != inode(first)
    with duckdb.connect() as connection:
        path = str(second.folder / "parquet" / "t" / "*.parquet")
        read = connection.execute("select count(*) from read_parquet(?)", [path])
        assert read.fetchall() == [(second.tables[0].rows,)]


@pytest.mark.parametrize(
    "no_change",
    [
        "create or replace table t as from t order by a desc",
        "insert into t select * from t where false",
    ],
)
def test_a_table_with_the_same_rows_is_shared(version_of, no_change):
    first = version_of(1, ["create table t as select range as a from range(1000)"])
    second = version_of(2, [no_change], first)
    assert inode(second) == inode(first)
    assert second.tables == first.tables


def test_a_file_that_is_damaged_is_not_shared(version_of):
    first = version_of(1, ["create table t as select range as a from range(1000)"])
    (first.folder / "parquet" / "t" / "part-0.parquet").write_bytes(b"PAR1")
    second = version_of(2, [], first)
    assert inode(second) != inode(first)


LARGE = """
    create table t as
    select range as a, date '2024-11-01' + (range // 40)::integer as date_key
    from range(4000)
"""


def test_a_large_fact_has_a_file_a_month_and_unchanged_months_are_shared(
    version_of, monkeypatch
):
    monkeypatch.setattr(parquet, "ROWS_IN_ONE_FILE", 100)
    first = version_of(1, [LARGE, "insert into t values (-1, null)"])
    months = ["2024-11", "2024-12", "2025-01", "2025-02", "no-date"]
    assert [each.name for each in first.tables[0].files] == [
        f"{month}.parquet" for month in months
    ]
    changed = "update t set a = -2 where date_key = date '2025-01-31' and a % 40 = 0"
    second = version_of(2, [changed], first)
    shared = [
        month
        for month in months
        if inode(first, f"{month}.parquet") == inode(second, f"{month}.parquet")
    ]
    assert shared == ["2024-11", "2024-12", "2025-02", "no-date"]
    # As the README reads them.
    folder = second.folder / "parquet" / "t"
    assert pl.scan_parquet(folder / "*.parquet").collect().height == 4001
    assert sorted(pd.read_parquet(folder)["a"])[:3] == [-2, -1, 0]
    with duckdb.connect() as connection:
        days = connection.execute(
            "select max(date_key) from read_parquet(?)",
            [str(folder / "2024-12.parquet")],
        ).fetchall()
    assert str(days[0][0]) == "2024-12-31"


@pytest.mark.parametrize("period", ["month", "day"])
def test_only_days_that_a_model_noted_are_looked_at(version_of, monkeypatch, period):
    monkeypatch.setattr(parquet, "ROWS_IN_ONE_FILE", 100)
    monkeypatch.setattr(parquet, "ROWS_IN_MONTHS", 1e9 if period == "month" else 100)
    first = version_of(1, [LARGE])
    noted = {"t": {date(2025, 1, 31), date(2025, 3, 1)}}
    second = version_of(
        2,
        [
            "update t set a = -2 where date_key = date '2025-01-31' and a % 40 = 0",
            "insert into t values (4000, date '2025-03-01')",
            # what nobody notes is not looked at
            "update t set a = -1 where date_key = date '2024-12-24' and a % 40 = 0",
        ],
        first,
        noted,
    )
    names = {each.name for each in second.tables[0].files}
    new = {
        name
        for name in names
        if not any(
            name == each.name and inode(first, name) == inode(second, name)
            for each in first.tables[0].files
        )
    }
    assert new == (
        {"2025-01.parquet", "2025-03.parquet"}
        if period == "month"
        else {"2025-01-31.parquet", "2025-03-01.parquet"}
    )
    assert len(names) == (5 if period == "month" else 101)
    assert second.tables[0].rows == 4001


def test_days_that_do_not_account_for_all_rows_are_not_believed(
    version_of, monkeypatch
):
    monkeypatch.setattr(parquet, "ROWS_IN_ONE_FILE", 100)
    first = version_of(1, [LARGE])
    second = version_of(2, ["delete from t where a = 7"], first, {"t": set()})
    assert second.tables[0].rows == 3999
    assert inode(first, "2024-11.parquet") != inode(second, "2024-11.parquet")
    assert inode(first, "2024-12.parquet") == inode(second, "2024-12.parquet")


def test_a_small_table_that_nobody_changed_is_shared_unread(version_of):
    first = version_of(1, ["create table t as select 1 as a, 2 as b"])
    second = version_of(2, ["update t set b = 3"], first, {"t": set()})
    assert inode(first) == inode(second)
    third = version_of(3, [], second, {"t": {date(2025, 1, 1)}})
    assert inode(second) != inode(third)


def test_the_next_build_shares_the_files_of_tables_that_did_not_change(published, acrm):
    model = published.root / "models" / "marts" / "dim_customer.sql"
    model.write_text(model.read_text().replace("'Customer '", "'Client '"))
    acrm.passing("build")
    first, second = list_versions(published)
    shared = {
        table.name
        for table in first.tables
        if (first.folder / "parquet" / table.name / "part-0.parquet").samefile(
            second.folder / "parquet" / table.name / "part-0.parquet"
        )
    }
    assert {table.name for table in first.tables} - shared == {"dim_customer"}


@pytest.mark.parametrize(
    ("setting", "copied"), [("none", []), ("[dim_customer]", ["dim_customer"])]
)
def test_a_project_says_which_tables_get_a_copy(published, acrm, setting, copied):
    acrm.passing("build", "--vars", f"{{published_parquet: {setting}}}")
    version = current_version(published)
    folders = version.folder.glob("parquet/*")
    assert sorted(path.name for path in folders) == copied
    assert version.rows == 1028


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("some", "The variable published_parquet cannot be used: 'some'"),
        ([1], "The variable published_parquet cannot be used: [1]"),
        (["dim_x"], "The variable published_parquet names what is no table: dim_x"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(setting, message):
    with pytest.raises(InputError) as error:
        tables_with_copies(setting, {"dim_customer"})
    assert message in str(error.value)


def test_such_a_setting_is_refused_before_the_build(small, acrm):
    ended = acrm("build", "--vars", "{published_parquet: some}")
    assert ended.code == 2
    assert "published_parquet" in ended.stderr
    assert not small.database.exists()
