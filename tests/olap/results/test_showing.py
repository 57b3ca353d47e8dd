"""Answers as text, HTML, JSON, CSV, files and charts."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from html.parser import HTMLParser

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from acrm.errors import InputError
from acrm_olap import from_dict, from_line
from acrm_olap.errors import CubeError, MeaningError

PNG = b"\x89PNG\r\n\x1a\n"


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.tags = set()

    def handle_starttag(self, tag, _attrs):
        self.tags.add(tag)
        if tag in {"td", "th"}:
            self.found.append("")

    def handle_data(self, data):
        if self.found:
            self.found[-1] += data


def test_text_is_a_readable_pivot(sales):
    shown = sales.query("net", "customer.region", "date.year", subtotals=True).to_text()
    assert shown.splitlines()[:5] == [
        "Net (EUR) across Year",
        "Region    2024    2025   Total",
        "North   246.00  154.00  400.00",
        "South   236.00  319.00  555.00",
        "Total   482.00  473.00  955.00",
    ]
    assert "members as they were when it happened" in shown
    assert shown == str(
        sales.query("net", "customer.region", "date.year", subtotals=True)
    )


def test_columns_that_do_not_fit_go_below(sales):
    answer = sales.query("net", "customer.region", "date.month")
    lines = answer.to_text(width=60).splitlines()
    table = [line for line in lines if line.startswith(("Region", "North", "South"))]
    assert max(map(len, table)) <= 60
    assert [line.split()[0] for line in table[:4]] == [
        "Region",
        "North",
        "South",
        "Region",
    ]
    assert sum(len(line.split()) - 1 for line in table if line.startswith("R")) == 24


def test_marks_are_explained_under_the_table(visits):
    shown = visits.query(
        ["visits", "per_visit"], "store.region", "date.month"
    ).to_text()
    assert "- rows, but no value; n/a divided by nothing; blank no rows" in shown
    assert "n/a" not in visits.query("visits", "store.region").to_text()


def test_an_empty_answer_says_so(sales):
    answer = sales.query("net", "customer.region", where={"date": "1999"})
    assert answer.to_text().startswith("No cells: no row of the fact")
    assert "No cells" in answer.to_html()
    assert answer.to_csv() == "customer.region,net\r\n"


def test_what_steers_a_terminal_is_taken_out(visits):
    with_sign = visits.query("visits", "store.region", calculated={"x": "visits"})
    assert "\x1b" not in with_sign.to_text()


def test_html_stands_by_itself_and_is_escaped(visits):
    answer = visits.query("visits", "store.region", "date.year", subtotals=True)
    html = answer._repr_html_()
    parser = Cells()
    parser.feed(html)
    assert parser.tags == {
        "div", "br", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert "<b>South</b>" in parser.found
    assert "&lt;b&gt;South&lt;/b&gt;" in html
    assert "b" not in parser.tags
    assert "members as they were" in html
    assert not re.search(r"https?:|<script|<img|<link", html)


def test_a_long_or_wide_table_scrolls_in_its_frame(sales):
    short = sales.query("net", "product.department").to_html()
    assert "overflow:auto" in short
    assert "max-height" not in short
    answer = sales.query(["net", "lines"], ["date.day", "product.product"])
    long = answer.to_html()
    assert "max-height" in long
    # Rows pass under the head: it has a colour of its own, and letters that go with it.
    assert "position:sticky;top:0;background:" in long
    assert f"showing 200 of {len(answer):,} rows" in long


def test_only_totals_are_bold(sales):
    html = sales.query("net", "product.department", subtotals=True).to_html()
    weights = re.findall(r'scope="row" style="[^"]*font-weight:(\d+)', html)
    assert weights == ["400", "400", "400", "600"]


def test_cubes_levels_and_measures_are_shown_in_a_notebook(visits, sales):
    html = sales._repr_html_()
    for name in (*sales.measures, *sales.levels):
        assert f">{name}</th>" in html
    assert "What was sold." in sales.measures["net"]._repr_html_()
    assert "#,##0.00" in sales.measures["net"]._repr_html_()
    assert "month" in sales.levels["date.month"]._repr_html_()
    for shown in (html, visits._repr_html_()):
        parser = Cells()
        parser.feed(shown)
        assert not re.search(r"https?:|<script|<img|<link", shown)
        assert parser.tags <= {
            "div", "b", "span", "table", "thead", "tbody", "tr", "th", "td",
        }  # fmt: skip


def test_texts_of_definitions_are_escaped_in_a_notebook():
    from acrm_olap.api import Level, Measure

    bad = "<script>x</script>"
    for each in (
        Level("a.b", bad, bad, bad, ""), Measure("m", bad, "sum", bad, bad, bad, ""),
    ):  # fmt: skip
        assert "<script" not in each._repr_html_()


def test_html_has_as_many_cells_in_each_row(sales):
    answer = sales.query(
        ["net", "lines"], ["product.department", "product.product"],
        ["date.year", "date.quarter"], subtotals=True,
    )  # fmt: skip
    widths = set()
    for row in re.findall(r"<tr>(.*?)</tr>", answer.to_html()):
        spans = re.findall(r'<t[hd][^>]*?(?:colspan="(\d+)")?>', row)
        widths.add(sum(int(span or 1) for span in spans))
    assert len(widths) == 1


def test_json_has_the_cells_and_what_they_mean(sales):
    answer = sales.query(
        ["net", "margin_pct"], "customer.customer", where={"date": ("2025-01", None)}
    )
    found = json.loads(answer.to_json(sql=True))
    assert found["cells"][0] == {
        "customer.customer": "Ann",
        "net": "157.00",
        "margin_pct": pytest.approx(0.4),
        "customer.customer.key": "C1",
    }
    assert found["count"] == 3
    assert found["source"]["cubes"] == ["sales"]
    assert found["source"]["tables"] == ["dim_customer", "fct_sales"]
    assert found["measures"][0]["unit"] == "EUR"
    assert found["measures"][1]["format"] == "0.0%"
    assert found["levels"][0]["key"] == "customer.customer.key"
    assert found["sql"].startswith("WITH")
    assert from_dict(found["query"]) == answer.query
    assert from_line(found["line"]) == answer.query
    assert "sql" not in json.loads(answer.to_json())


def test_no_digit_is_lost_in_json_and_csv(sales):
    answer = sales.query("net", "product.department")
    exact = [str(row["net"]) for row in answer.to_dicts()]
    assert [cell["net"] for cell in json.loads(answer.to_json())["cells"]] == exact
    assert [line.split(",")[-1] for line in answer.to_csv().splitlines()[1:]] == exact
    assert json.loads(answer.to_jsonl().splitlines()[0])["net"] == exact[0]


def test_files_hold_the_cells(sales, tmp_path):
    answer = sales.query("net", "product.department", "date.year", subtotals=True)
    for ending in ("csv", "json", "jsonl", "parquet", "png", "svg"):
        answer.save(tmp_path / f"answer.{ending}")
    assert pq.read_table(tmp_path / "answer.parquet").equals(answer.table)
    read = pyarrow.csv.read_csv(tmp_path / "answer.csv")
    assert read.num_rows == len(answer)
    assert json.loads((tmp_path / "answer.json").read_text())["count"] == len(answer)
    assert (tmp_path / "answer.png").read_bytes().startswith(PNG)
    answer.to_parquet(tmp_path / "other.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answer.csv", "answer.json", "answer.jsonl", "answer.parquet", "answer.png",
        "answer.svg", "other.parquet",
    ]  # fmt: skip


def test_a_file_that_cannot_be_written_is_one_message(sales, tmp_path):
    answer = sales.query("net")
    for name in ("nowhere/a.csv", "nowhere/a.json", "nowhere/a.png"):
        with pytest.raises(InputError, match="cannot be written"):
            answer.save(tmp_path / name)
    with pytest.raises(CubeError, match="cannot be written as 'docx'"):
        answer.save(tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("measures", "rows", "columns", "more"),
    [
        (["net", "margin_pct"], ["date.month"], ["customer.region"], {}),
        ("net", ["product.department"], ["date.year"], {"subtotals": True}),
        ("net", [], ["date.year"], {}),
        ("net", [], [], {}),
        ("net", ["customer.region"], [], {"where": {"date": "1999"}}),
        ("net.growth_year", ["date.year"], [], {}),
        ("net", ["customer.region", "date.quarter"], [], {}),
        ("net", ["date.day"], [], {}),
        ("net", ["date.day"], ["product.product"], {"where": {"date": "2025-12-30"}}),
    ],
)
def test_a_chart_is_drawn_and_the_same_each_time(sales, measures, rows, columns, more):
    answer = sales.query(measures, rows, columns, **more)
    picture = answer.chart("svg")
    assert picture == answer.chart("svg")
    assert b"</svg>" in picture
    png = answer.chart()
    assert png.startswith(PNG)
    assert png == answer.chart("png")


def test_a_chart_says_what_it_cuts_off(sales):
    from acrm_olap.results.chart import MOST_BARS, _Drawing

    # Days under products: bars, as a product comes last.
    answer = sales.query("net", ["date.day", "product.product"])
    drawing = _Drawing(answer)
    assert len(drawing.labels) == MOST_BARS
    assert drawing.notes == ["the first 30 of 240 members are drawn"]
    drawing = _Drawing(sales.query("net", "date.year", "date.month"))
    assert drawing.notes == ["the first 10 of 24 series are drawn"]


def test_periods_at_the_end_of_the_rows_go_along_the_chart(sales):
    from acrm_olap.results.chart import _Drawing

    drawing = _Drawing(sales.query("net", ["customer.region", "date.quarter"]))
    assert drawing.is_line
    assert drawing.labels[0] == "2024-Q1"
    assert len(drawing.labels) == 8
    assert [each.label for each in drawing.panels[0].series] == ["North", "South"]
    assert sum(drawing.panels[0].series[0].values) == 400


def test_totals_are_not_drawn(sales):
    from acrm_olap.results.chart import _Drawing

    answer = sales.query("net", "customer.region", "date.year", subtotals=True)
    drawing = _Drawing(answer)
    assert drawing.labels == ["North", "South"]
    assert [each.label for each in drawing.panels[0].series] == ["2024", "2025"]


def test_a_chart_of_another_kind_is_refused(sales):
    with pytest.raises(CubeError, match="cannot be 'gif'"):
        sales.query("net").chart("gif")


def test_an_answer_asks_the_next_question(sales):
    answer = sales.query("net", "product.department", "date.year")
    dairy = answer.drill_down("product.product", "Dairy")
    assert dairy.query.rows == ("product.department", "product.product")
    assert {row["product.product"] for row in dairy.to_dicts()} == {"Milk", "Cheese"}
    assert dairy.roll_up().roll_up("date.year").value() == Decimal("480.00")
    assert answer.turn().query.rows == ("date.year",)
    assert answer.slice("date.year", 2025).dice({"product.department": "Dairy"})
    assert len(answer.roll_up("date.year").keep_top(1, "net")) == 1
    from dataclasses import replace

    with pytest.raises(MeaningError, match="does not know the cube"):
        replace(answer, asker=None).roll_up()


def test_a_line_is_asked_as_it_is_and_of_its_own_cube(sales):
    assert sales.ask("sales: net where date = 2024").value() == Decimal("482.00")
    with pytest.raises(MeaningError, match="is for the cube 'stock'"):
        sales.ask("stock: pieces")


def test_explain_says_how_a_query_is_answered(sales):
    query = from_line(
        "sales: net, net.prior_year by customer.region"
        " where date = 2025 and channel = web|store"
    )
    found = sales.explain(query)
    shown = str(found)
    for part in (
        "cubes     sales",
        "net: sum net",
        "net.prior_year: sum net, prior_year",
        "customer.region on rows",
        "date.year: days 2025-01-01 to 2025-12-31",
        "channel.channel in web | store",
        "customer, dim_customer, customer_key = customer_key, rows may have none,"
        " version at the time of the row",
        "date, dim_date, date_key = date_key, every row has a member",
        "dimension: date",
        "from      facts",
    ):
        assert part in shown
    assert json.loads(json.dumps(found.to_dict()))["sql"] == shown.partition("\n\n")[2]


def test_without_matplotlib_a_chart_says_what_to_install(sales, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = sales.query("net")
    with pytest.raises(CubeError, match="matplotlib, which is not installed"):
        answer.chart()
    assert answer.to_text()


@pytest.mark.parametrize("as_of", ["was", "is", "2024-03-01"])
def test_the_rows_behind_each_cell_add_up_to_it(sales, as_of):
    answer = sales.query(
        "net", ["customer.region", "product.product"], "date.quarter",
        where={"date": ("2024-05", "2025-06"), "channel": ["web", "store"]},
        as_of=as_of, subtotals=True,
    )  # fmt: skip
    for number in range(0, len(answer), 7):
        rows = sales.facts(answer.cuts(number), ["net"], as_of=as_of)
        behind = sum(rows.column("net").to_pylist())
        assert behind == answer.table.column("net")[number].as_py()
    assert answer.cuts(len(answer) - 1) == answer.query.cuts


def test_cells_without_a_member_have_rows_behind_them(visits):
    answer = visits.query("visits", "store.region")
    number = answer.table.column("store.region").to_pylist().index(None)
    assert visits.facts(answer.cuts(number)).num_rows == 1
