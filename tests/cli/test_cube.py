"""``acrm cube``: what people type, what they see, and how mistakes are told."""

from __future__ import annotations

import io
import json
import shlex
import sys

import duckdb
import pyarrow.parquet as pq
import pytest
import typer

from acrm.cli.app import app, main
from acrm.cli.cube import CUBE_COMMANDS
from acrm_olap.api.example import make_example

CLICK = typer.main.get_command(app)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    make_example(folder)
    return folder


@pytest.fixture
def run(shop, monkeypatch, capsys):
    """Run ``acrm cube`` on the example; return exit code, stdout and stderr."""

    def run_it(*words, folder=shop, where=True):
        place = ["--database", str(folder / "shop.duckdb"),
                 "--definitions", str(folder / "olap")] if where else []  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["acrm", "cube", *words, *place])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return ended.value.code or 0, shown.out, shown.err

    return run_it


@pytest.mark.parametrize(
    "example", [example for *_, examples in CUBE_COMMANDS for example in examples]
)
def test_each_example_has_words_that_its_command_knows(example):
    words = shlex.split(example)
    assert words[:2] == ["acrm", "cube"]
    command = CLICK.commands["cube"].commands[words[2]]
    with command.make_context(words[2], words[3:]) as context:
        assert context.params


@pytest.mark.parametrize("name", [name for name, *_ in CUBE_COMMANDS])
def test_each_command_has_help_with_examples(run, name):
    code, out, _ = run(name, "--help", where=False)
    assert code == 0
    assert "Examples:" in out
    assert f"$ acrm cube {name}" in out


def test_cubes_are_listed(run):
    code, out, _ = run("list")
    assert code == 0
    assert out.splitlines()[1].startswith("sales  Sales           6       9  What was")
    assert json.loads(run("list", "--json")[1])[0]["cube"] == "sales"


def test_a_cube_is_shown_with_levels_and_measures(run):
    _, out, _ = run("show", "sales")
    assert "calendar: year > quarter > month > day" in out
    assert "product.department" in out
    assert "Different customers." in out
    found = json.loads(run("show", "sales", "--json")[1])
    assert [each["name"] for each in found["dimensions"]] == [
        "date", "product", "customer", "channel",
    ]  # fmt: skip
    assert found["measures"][0] == {
        "name": "net", "caption": "Net", "kind": "sum", "unit": "EUR",
        "format": "#,##0.00", "description": "What was sold.", "folder": "",
        "over": {}, "adds_up": "additive",
    }  # fmt: skip


def test_members_are_listed_page_by_page(run):
    _, out, _ = run("members", "sales", "product.product", "--search", "e")
    assert [line.split()[1] for line in out.splitlines()[1:]] == [
        "Apples", "Bread", "Cheese",
    ]  # fmt: skip
    _, out, _ = run(
        "members", "sales", "date.month", "--where", "date.year = 2025",
        "--limit", "2", "--offset", "1",
    )  # fmt: skip
    assert "2025-02" in out
    assert "2025-04" not in out
    assert out.endswith("There are more: go on with --offset 3.\n")
    found = json.loads(run("members", "sales", "customer.customer", "--json")[1])
    assert found[0] == {"key": "C1", "label": "Ann", "region": "South"}
    assert run("members", "sales", "product.product", "--search", "zz")[1] == (
        "No members.\n"
    )


def test_rows_behind_a_cell_are_shown_and_written(run, tmp_path):
    where = ["--where", "date = 2025-03 and product.department = Dairy"]
    code, out, err = run("facts", "sales", *where, "--limit", "2")
    assert code == 0
    assert len(out.splitlines()) == 3
    assert "go on with --offset 2" in err
    file = tmp_path / "rows.parquet"
    run("facts", "sales", *where, "--columns", "date_key,net", "--output", str(file))
    assert pq.read_table(file).column_names == ["date_key", "net"]
    _, out, _ = run("facts", "sales", *where, "--format", "jsonl")
    assert json.loads(out.splitlines()[0])["product_key"] in {1, 2}


LINE = "sales: net by customer.region across date.year subtotals"
OPTIONS = (
    "sales", "--measures", "net", "--rows", "customer.region", "--columns",
    "date.year", "--subtotals",
)  # fmt: skip


def test_a_line_and_options_say_the_same(run):
    code, out, _ = run("query", LINE)
    assert code == 0
    assert out.splitlines()[:5] == [
        "Net (EUR) across Year",
        "Region    2024    2025   Total",
        "North   246.00  154.00  400.00",
        "South   236.00  319.00  555.00",
        "Total   482.00  473.00  955.00",
    ]
    assert run("query", *OPTIONS)[1] == out


def test_every_option_has_its_clause(run):
    _, by_options, _ = run(
        "query", "sales", "--measures", "net,x", "--rows", "product.product",
        "--where", "customer.region = North|South", "--where", "date = 2025",
        "--as-of", "is", "--top", "2 by net", "--having", "net > 10", "--order", "-net",
        "--with", "x = net / lines", "--limit", "5", "--offset", "0", "--show-empty",
        "--open-periods", "whole", "--explain",
    )  # fmt: skip
    _, by_line, _ = run(
        "query",
        "sales: net, x by product.product where customer.region = North|South and"
        ' date = 2025 as is with x = "net / lines" top 2 by net having "net > 10"'
        " order by -net limit 5 show empty open whole",
        "--explain",
    )
    assert by_options == by_line
    _, bottom, _ = run(
        "query", "sales", "--measures", "net", "--rows", "product.product",
        "--bottom", "1 by net", "--format", "csv",
    )  # fmt: skip
    assert bottom == "product.product,net,product.product.key\r\nBread,236.00,4\r\n"


def test_a_query_is_read_from_standard_input_and_as_json(run, monkeypatch):
    text = json.dumps({"cube": "sales", "measures": ["net"], "where": {"date": "2025"}})
    assert run("query", text, "--format", "csv")[1] == "net\r\n473.00\r\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO("sales: net"))
    assert run("query", "-", "--format", "csv")[1] == "net\r\n955.00\r\n"


def test_answers_are_written_as_each_format(run, tmp_path):
    assert json.loads(run("query", LINE, "--json")[1])["count"] == 9
    assert json.loads(run("query", LINE, "--format", "json")[1])["count"] == 9
    assert len(run("query", LINE, "--format", "jsonl")[1].splitlines()) == 9
    for name in ("a.csv", "a.json", "a.jsonl", "a.parquet", "a.png", "a.svg"):
        code, out, err = run("query", LINE, "--output", str(tmp_path / name))
        assert (code, out) == (0, "")
        assert "".join(err.split()).startswith("Wrote9cellsto")
        assert (tmp_path / name).stat().st_size
    run("query", LINE, "--format", "chart", "-o", str(tmp_path / "picture"))
    assert (tmp_path / "picture").read_bytes()[1:4] == b"PNG"


def test_the_sql_and_the_plan_are_shown_instead_of_the_answer(run):
    _, out, _ = run("query", LINE, "--sql")
    assert out.startswith("WITH")
    _, out, _ = run("query", LINE, "--explain")
    assert out.startswith(f"query     {LINE}\n")
    assert "version at the time of the row" in out
    found = json.loads(run("query", LINE, "--explain", "--json")[1])
    assert found["tables"] == ["dim_customer", "dim_date", "fct_sales"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["show", "sals"], "Did you mean 'sales'?"),
        (["query", "sales: nett"], "Did you mean 'net'?"),
        (["query", "sales: net buy date.year"], "position 12"),
        (["query", "sales: net", "--rows", "date.year", "--with", "x = 1"],
         "given twice: as a whole, and by --rows, --with"),
        (["query", "sales"], "asks for no measure"),
        (["query", "sales", "--measures", "net", "--top", "x"], "--top, position 1"),
        (["query", "sales", "--measures", "net", "--top", "1 by net", "--bottom",
          "1 by net"], "exclude each other"),
        (["query", "sales", "--measures", "net", "--where", "a ="],
         "--where, position 4"),
        (["query", "sales", "--measures", "net", "--as-of", "then"], "as_of is 'then'"),
        (["query", "{"], "The query is no JSON"),
        (["query", LINE, "--format", "parquet"], "A Parquet file goes to a file."),
        (["query", LINE, "--format", "chart"], "A picture goes to a file."),
        (["query", LINE, "--json", "--format", "csv"], "exclude each other"),
        (["query", LINE, "-o", "answer.docx"], "says no format"),
        (["query", LINE, "-o", "answer.csv", "--format", "table"], "for the terminal"),
        (["query", LINE, "-o", "no/such/folder/answer.csv"], "cannot be written"),
        (["query", LINE, "--version", "3"], "--version names another file"),
        (["members", "sales", "customer.regio"], "Did you mean 'customer.region'?"),
        (["members", "sales", "date.month", "--where", "product.product = 1"],
         "cannot be cut by"),
        (["facts", "sales", "--columns", "nett"], "has no column 'nett'"),
        (["query", "sales: net where customer.region = Nroth"],
         "--missing empty (in a line: missing empty) takes it as a member without"),
        (["members", "sales", "customer", "--where", "customer.region = Nroth"],
         "--missing empty (in a line: missing empty) takes it as a member without"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_exit_code_2(
    run, tmp_path, monkeypatch, words, what
):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert what in err
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_one_message(run, tmp_path):
    (tmp_path / "olap").mkdir()
    (tmp_path / "olap" / "sales.yml").write_text("cube: sales\n")
    code, _, err = run("list", folder=tmp_path)
    assert code == 2
    assert err.startswith("Error: ")


def test_check_says_what_was_proven(run):
    code, out, _ = run("check")
    assert code == 0
    assert (
        "cube sales, dimension date      key is unique, every row has a member" in out
    )
    assert "no fault." in out


def test_check_lists_every_fault_with_file_and_line(run, tmp_path):
    make_example(tmp_path)
    cubes = tmp_path / "olap" / "cubes"
    sales = (cubes / "sales.yml").read_text()
    (cubes / "second.yml").write_text(
        sales.replace("cube: sales", "cube: second").replace("sum: cost", "sum: costs")
    )
    (cubes / "third.yml").write_text(
        sales.replace("cube: sales", "cube: third").replace("time: date", "tine: date")
    )
    (cubes / "fourth.yml").write_text("a: [\n")
    (cubes / "both.yml").write_text(
        "virtual_cube: both\ncubes: [sales, second]\nmeasures: {}\n"
    )
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("insert into dim_product values (1, 'Twice', 'Dairy')")
        connection.execute("delete from dim_date where date_key = '2024-01-04'")
    code, out, err = run("check", folder=tmp_path)
    assert code == 2
    assert "cube sales, dimension customer  key is unique" in out
    for part in (
        "second.yml, line 12",
        "has no column 'costs'",
        "third.yml, line 4",
        "'tine' is not known",
        "fourth.yml",
        "made of second, which cannot be used",
        "'product_key' of the dimension 'product' is not unique: 1 stands in 2 rows",
        "'date' of the cube 'sales' is not complete: 1 keys",
        "Error: 6 faults in the definitions",
    ):
        assert part in err
    code, out, _ = run("check", "--json", folder=tmp_path)
    assert code == 2
    found = [each for each in json.loads(out) if not each["ok"]]
    assert len(found) == 6
    assert all(each["fault"] for each in found)


def test_schemas_for_editors_are_written(run, tmp_path):
    code, out, _ = run("schema", "--to", str(tmp_path / "schemas"), where=False)
    assert code == 0
    assert "cube.json" in out
    schema = json.loads((tmp_path / "schemas" / "cube.json").read_text())
    assert "measures" in json.dumps(schema)
    (tmp_path / "taken").write_text("")
    code, _, err = run("schema", "--to", str(tmp_path / "taken"), where=False)
    assert code == 2
    assert "The schemas cannot be written." in err
