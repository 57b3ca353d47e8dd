"""What olap/README.md asks of our own cubes has an answer."""

from __future__ import annotations

import ast
import re

import pytest
from company import ROOT

README = (ROOT / "olap" / "README.md").read_text(encoding="utf-8")
_, _, QUERIES = README.partition("\n## Queries\n")
CODE = re.findall(r"^```python\n(.*?)^```", QUERIES, re.M | re.S)
CUTS = re.findall(r"^\| `(\{.*?\})` \|", QUERIES, re.M)


@pytest.mark.parametrize("code", CODE)
def test_a_query_has_an_answer(cubes, code):
    answer = eval(code, {"cubes": cubes, "sales": cubes["sales"]})  # noqa: S307
    assert len(answer)


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_is_one(cubes, cut):
    whole = cubes["sales"].query("lines").value()
    # Members of the page need not be those of this company.
    answer = cubes["sales"].query("lines", where=ast.literal_eval(cut), missing="empty")
    assert 0 <= sum(cell["lines"] or 0 for cell in answer.to_dicts()) <= whole


def test_forms_follow_one_another(cubes):
    cells = cubes["sales"].query(
        ["net.year_to_date.prior_year", "net.year_to_date"], "date.month"
    )
    to_date = {cell["date.month"]: cell for cell in cells.to_dicts()}
    for month, cell in to_date.items():
        year, _, number = month.partition("-")
        before = to_date.get(f"{int(year) - 1}-{number}")
        known = cell["net.year_to_date.prior_year"]
        if before is not None and known is not None:
            assert known == before["net.year_to_date"]


def test_a_dimension_alone_is_its_level(cubes):
    alone = cubes["sales"].query("lines", "channel").to_dicts()
    named = cubes["sales"].query("lines", "channel.channel").to_dicts()
    assert [cell["lines"] for cell in alone] == [cell["lines"] for cell in named]
