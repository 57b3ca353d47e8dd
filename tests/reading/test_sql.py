"""Questions in SQL: what they see, what they cannot do, and how rows are written."""

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal

import polars as pl
import pytest

from acrm.errors import InputError
from acrm.reading import connect, query

TOTAL = "select sum(amount) as amount from fct_sales_line"


def in_a_pipe(environment, project, line):
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env={
            **environment,
            "ACRM_PROJECT": str(project.root),
            "ACRM": f"{sys.executable} -m acrm.cli.app",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_question_is_answered_as_a_table(acrm):
    ended = acrm.passing(
        "sql",
        "select customer_key, customer_name, '[bold]' as mark from dim_customer"
        " order by 1 limit 2",
    )
    assert ended.stdout.splitlines() == [
        "customer_key  customer_name  mark",
        "          -1  Customer -1    [bold]",
        "           0  Customer 0     [bold]",
        "2 rows",
    ]


def test_a_table_says_how_many_rows_it_does_not_show(acrm):
    lines = acrm.passing("sql", "from fct_sales_line -- all").stdout.splitlines()
    assert len(lines) == 1 + 40 + 1
    assert lines[-1] == "showing 40 of 1,000 rows"
    lines = acrm.passing("sql", "from fct_sales_line", "--limit", "999").stdout
    assert lines.endswith("showing 999 of 1,000 rows\n")
    lines = acrm.passing("sql", "from fct_sales_line", "--limit", "1000").stdout
    assert lines.endswith("\n1,000 rows\n")


def test_the_count_is_that_of_the_whole_question(acrm):
    sql = "select order_date, count(*) as n from fct_sales_line group by 1 limit 20;"
    ended = acrm.passing("sql", sql, "--limit", "3")
    assert ended.stdout.endswith("showing 3 of 20 rows\n")


def test_wide_tables_are_not_cut_off_a_terminal(acrm):
    columns = ", ".join(f"'{'x' * 30}' as c{number}" for number in range(20))
    lines = acrm.passing("sql", f"select {columns}").stdout.splitlines()
    assert len(lines) == 3
    assert lines[1].count("x" * 30) == 20


def test_cells_of_several_lines_stay_in_their_column(acrm):
    sql = "select e'one\\ntwo' as a, '日本' as b, '' as c, 7 as d"
    assert acrm.passing("sql", sql).stdout.splitlines() == [
        "a    b     c  d",
        "one  日本     7",
        "two",
        "1 row",
    ]


def test_sql_comes_from_a_file_or_from_standard_input(acrm, tmp_path, monkeypatch):
    file = tmp_path / "question.sql"
    file.write_text(f"-- the total\n{TOTAL};\n")
    expected = "amount\r\n124875.00\r\n"
    by_file = acrm.passing("sql", "--file", file, "--format", "csv").stdout
    monkeypatch.setattr(sys, "stdin", io.StringIO(TOTAL))
    by_input = acrm.passing("sql", "-", "--format", "csv").stdout
    assert by_file == by_input == expected


def test_an_older_version_can_be_asked(published, acrm):
    model = published.root / "models" / "marts" / "ctl_run.sql"
    model.write_text(model.read_text().replace("f6a7", "new"))
    acrm.passing("build")
    sql = ("sql", "select run_id from ctl_run", "--format", "jsonl")
    assert json.loads(acrm.passing(*sql).stdout) == {"run_id": "new"}
    assert json.loads(acrm.passing(*sql, "--version", "1").stdout) == {"run_id": "f6a7"}
    ended = acrm(*sql, "--version", "3")
    assert ended.code == 2
    assert "There is no version 3" in ended.stderr
    assert "Versions that are kept: 1, 2." in ended.stderr


VALUES = """
    select
        12345678901234567.89::decimal(38, 2) as money,
        9007199254740993 as big,
        170141183460469231731687303715884105727::hugeint as huge,
        0.1::double as share,
        'nan'::double as nothing,
        '-inf'::double as below,
        true as flag,
        date '2026-01-30' as day,
        timestamp '2026-01-30 12:34:56.789012' as instant,
        timestamptz '2026-01-30 12:00:00+02' as zoned,
        null as missing,
        '' as empty,
        'a "b", c\nd' as text,
        [1.5, null] as list,
        {'a': date '2026-01-01'} as struct,
        '\\x00\\xff'::blob as bytes
"""


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json_loses_nothing(acrm, kind):
    text = acrm.passing("sql", VALUES, "--format", kind).stdout
    row = json.loads(text)[0] if kind == "json" else json.loads(text)
    assert row == {
        "money": "12345678901234567.89",
        "big": 9007199254740993,
        "huge": 170141183460469231731687303715884105727,
        "share": 0.1,
        "nothing": "NaN",
        "below": "-Infinity",
        "flag": True,
        "day": "2026-01-30",
        "instant": "2026-01-30T12:34:56.789012",
        "zoned": "2026-01-30T10:00:00+00:00",
        "missing": None,
        "empty": "",
        "text": 'a "b", c\nd',
        "list": ["1.5", None],
        "struct": {"a": "2026-01-01"},
        "bytes": "00ff",
    }


def test_csv_loses_nothing_and_tells_null_from_empty(acrm):
    text = acrm.passing("sql", VALUES, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["money"] == "12345678901234567.89"
    assert row["huge"] == "170141183460469231731687303715884105727"
    assert row["flag"] == "true"
    assert row["text"] == 'a "b", c\nd'
    assert row["instant"] == "2026-01-30T12:34:56.789012"
    assert json.loads(row["list"]) == ["1.5", None]
    assert ',,"",' in text, "null, then an empty text"


def test_no_rows_are_still_an_answer(acrm):
    nothing = "select 1 as a where false"
    assert acrm.passing("sql", nothing).stdout.splitlines() == ["a", "0 rows"]
    assert acrm.passing("sql", nothing, "--format", "csv").stdout == "a\r\n"
    assert acrm.passing("sql", nothing, "--format", "json").stdout == "[]\n"
    assert acrm.passing("sql", nothing, "--format", "jsonl").stdout == ""


def test_parquet_keeps_types_and_replaces_the_file_at_once(acrm, tmp_path):
    file = tmp_path / "out.parquet"
    file.write_text("old")
    sql = "select line_number, amount, line_number::hugeint as h from fct_sales_line"
    ended = acrm.passing("sql", sql, "--output", file)
    assert "Wrote 1,000 rows" in ended.stderr
    frame = pl.read_parquet(file)
    assert frame.schema == {
        "line_number": pl.Int64,
        "amount": pl.Decimal(18, 2),
        "h": pl.Decimal(38, 0),
    }
    assert frame["amount"].sum() == Decimal("124875.00")
    assert frame["line_number"].to_list()[:3] == [30, 60, 90]
    assert list(tmp_path.glob("*out*")) == [file]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_the_ending_of_the_output_says_the_format(acrm, tmp_path, ending):
    file = tmp_path / f"out.{ending}"
    acrm.passing("sql", TOTAL, "--output", file)
    printed = acrm.passing("sql", TOTAL, "--format", ending).stdout
    assert file.read_bytes().decode() == printed


def test_a_question_that_fails_half_way_leaves_the_old_file(acrm, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    sql = (
        "select case when line_number = 900 then error('stop') end from fct_sales_line"
    )
    ended = acrm("sql", sql, "--output", file)
    assert ended.code == 2
    assert "stop" in ended.stderr
    assert file.read_text() == "old"
    assert list(tmp_path.glob("*out*")) == [file]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "Give SQL, or a file with it"),
        (["select 1", "--file", "x.sql"], "and not both"),
        (["--file", "no/such.sql"], "The SQL file cannot be read"),
        (["select 1", "--format", "parquet"], "Parquet goes to a file"),
        (["select 1", "--output", "x.txt"], "The ending of x.txt says no format"),
        (["select 1", "--output", "x", "--format", "table"], "for the terminal"),
        (["select 1", "--output", "/no/such/x.csv"], "The output cannot be written"),
        (["select 1 as a, 2 as a", "--format", "json"], "the same name: a"),
        (["create temp table t (a int)", "--output", "x.parquet"], "no rows"),
        (["  -- nothing"], "There is no SQL to run"),
        (["select 1", "--version", "9"], "There is no version 9"),
    ],
)
def test_what_cannot_be_done_is_one_message(acrm, given, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = acrm("sql", *given)
    assert ended.code == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "\n  where: " in ended.stderr or "\n  to do: " in ended.stderr
    assert list(tmp_path.glob("*x*")) == []


def test_a_wrong_table_is_answered_with_the_near_ones(acrm):
    ended = acrm("sql", "select * from fct_sale_lines")
    assert ended.code == 2
    assert "Table with name fct_sale_lines does not exist" in ended.stderr
    assert "Did you mean fct_sales_line" in ended.stderr
    assert "agg_customer, ctl_freshness" in ended.stderr
    assert "LINE 1: select * from fct_sale_lines\n" in ended.stderr


def test_a_wrong_column_is_shown_at_its_place(acrm):
    ended = acrm("sql", "select\n    amuont\nfrom fct_sales_line")
    assert ended.code == 2
    assert 'Referenced column "amuont" not found' in ended.stderr
    assert 'Candidate bindings: "amount"' in ended.stderr
    assert "LINE 2:     amuont" in ended.stderr
    assert "^" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "sql",
    [
        "drop table dim_customer",
        "insert into dim_customer select * from dim_customer",
        "create table t as select 1",
        "update fct_sales_line set amount = 0",
        "select 1; delete from fct_sales_line",
        "copy dim_customer to '/tmp/stolen.csv'",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "attach '/tmp/other.duckdb'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
        "export database '/tmp/stolen'",
    ],
)
def test_a_question_changes_nothing_and_sees_no_other_file(published, acrm, sql):
    before = (published.published / "current" / "acrm.duckdb").read_bytes()
    ended = acrm("sql", sql)
    assert ended.code == 2, ended.stdout
    assert (published.published / "current" / "acrm.duckdb").read_bytes() == before


def test_python_variables_are_no_tables(published):
    frame = pl.DataFrame({"a": [1]})
    assert frame.height == 1
    with pytest.raises(InputError, match="frame does not exist"):
        query(published, "select * from frame")


def test_several_statements_are_answered_by_the_last(acrm):
    sql = f"create temp table t as {TOTAL}; select amount / 2 as half from t; "
    assert acrm.passing("sql", sql, "--format", "csv").stdout == "half\r\n62437.5\r\n"


@pytest.mark.parametrize("sql", ["describe dim_customer", "show tables", "summarize t"])
def test_statements_that_describe_are_questions_too(acrm, sql):
    if "summarize" in sql:
        sql = "summarize dim_customer"
    ended = acrm.passing("sql", sql, "--format", "json")
    assert "customer_key" in ended.stdout or "dim_customer" in ended.stdout


def test_a_statement_without_rows_says_so(acrm):
    ended = acrm.passing("sql", "create temp table t (a int)")
    assert ended.stdout == "No rows: the last statement returns none.\n"


@pytest.mark.usefixtures("small")
def test_before_the_first_publication_it_says_what_to_do(acrm):
    ended = acrm("sql", "select 1")
    assert ended.code == 2
    assert "Nothing is published yet" in ended.stderr
    assert "acrm build" in ended.stderr


def test_a_damaged_version_is_one_message(published, acrm):
    database = published.published / "current" / "acrm.duckdb"
    database.chmod(0o644)
    database.write_bytes(b"broken" * 1000)
    ended = acrm("sql", "select 1")
    assert ended.code == 2
    assert "Version 1 cannot be opened" in ended.stderr


@pytest.mark.parametrize("kind", ["csv", "json", "table"])
def test_a_reader_that_stops_early_is_met_with_silence(
    published, python_environment, kind
):
    sql = "select a.* from fct_sales_line as a, range(200)"
    ended = in_a_pipe(
        python_environment,
        published,
        f"$ACRM sql '{sql}' --format {kind} --limit 100000 | head -n 2 | wc -l",
    )
    assert ended.stdout.strip() == "2"
    assert ended.stderr == ""


def test_readers_do_not_wait_for_one_another(published):
    first, second = connect(published), connect(published)
    with first, second:
        assert first.execute(TOTAL).fetchall() == second.execute(TOTAL).fetchall()


def test_a_connection_leaves_nothing_beside_the_published_file(published):
    folder = (published.published / "current").resolve()
    before = sorted(path.name for path in folder.iterdir())
    with connect(published) as connection:
        connection.execute("create temp table t as select * from range(1000000)")
        (spill,) = connection.execute(
            "select current_setting('temp_directory')"
        ).fetchall()[0]
        assert not spill.startswith(str(published.home))
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_version_removed_while_it_is_opened_gives_way_to_the_next(
    published, acrm, monkeypatch
):
    """The publication that removes it has switched readers to a newer one before."""
    from acrm.reading import connection as reading

    opened = []
    real = reading.open_read_only

    def late(database):
        if not opened:
            acrm.passing("build", "--keep", "1")
            assert not database.exists()
        opened.append(database)
        return real(database)

    monkeypatch.setattr(reading, "open_read_only", late)
    with query(published, "select 1 as one") as answer:
        assert list(answer.rows()) == [(1,)]
        assert answer.version.number == 2
    assert len(opened) == 2


def test_the_python_interface_reads_in_parts(published):
    with query(published, "select line_number from fct_sales_line") as answer:
        assert answer.columns == ("line_number",)
        assert answer.types == ("BIGINT",)
        assert answer.take(2) == [(30,), (60,)]
        assert next(answer.rows()) == (90,)
        assert answer.count() == 1000


def test_help_is_quick(python_environment):
    code = "import sys, acrm.cli.app as a\nprint(sorted(m for m in sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **python_environment},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"duckdb", "pyarrow", "dbt", "yaml", "pydantic", "pandas", "polars"}
    loaded = {name.strip("'[]\n ") for name in ended.stdout.split(",")}
    assert "acrm.cli.sql" in loaded
    assert heavy & loaded == set()
