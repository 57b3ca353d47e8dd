"""What a newcomer with a star of their own does wrong: one message, with the place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from olap.foreign.orchard import write_definitions

from acrm.errors import InputError
from acrm_olap import connect

FAULTS = {
    # What is wrong: file, what stands there, what is written instead, where, message.
    "query unread": (
        "all_picks", "fact: (from", "fact: (fro", "fact:", "the query cannot be read",
    ),
    "two queries": (
        "staff", "from staff)", "from staff) union (select 1)", "table: >",
        "not one select statement",
    ),
    "no select": (
        "all_picks", "(from picks_2023 union all from picks_2024)",
        "(drop table staff)", "fact:", "cannot be read",
    ),
    "query of no table": (
        "all_picks", "from picks_2024", "from picks_2025", "fact:",
        "Table with name picks_2025 does not exist",
    ),
    "query without brackets": (
        "staff", ">\n  (select *, first_name || ' ' ||"
        " last_name as full_name from staff)",
        "select * from staff", "table: select", "A query stands in brackets",
    ),
    "column of a query": (
        "staff", "label: full_name", "label: ful_name", "  staff:",
        "Did you mean 'full_name'",
    ),
    "expression for a column": (
        "staff", "label: full_name", "label: first_name || last_name", "  staff:",
        "An expression goes into the table that has it",
    ),
    "query without a name": (
        "staff", "    name: closure\n", "", "  - table: (select boss",
        "a query that is joined needs a name",
    ),
    "join twice": (
        "staff", "name: boss_site, ", "", "  - {table: sites, on: {boss.",
        "Another join is called 'sites' already",
    ),
    "name of the fact": (
        "wages", "name: worker", "name: fact", "  - {table: staff",
        "The table itself is called 'fact' already",
    ),
    "key of several columns in a tree": (
        "staff", "key: staff_id, label", "key: [staff_id, site_id], label",
        "  reports:", "Members of 'reports' have 2 keys",
    ),
    "level of that name": (
        "staff", "[head, lead", "[head, boss", "hierarchies:", "two levels 'boss'",
    ),
    "parent of a tree": (
        "staff", "parent: boss_id", "parent: chief_id", "  reports:",
        "no column 'chief_id'",
    ),
    "by depth without a tree": (
        "site", "places: [country, county, town, site]",
        "places: {levels: [country, site], by_depth: [a]}", "  places:",
        "by_depth goes with level and parent",
    ),
    "types that are never equal": (
        "fruit", "{kind_id: kind_id}", "{variety: kind_id}", "  - {table: kinds",
        "'variety' is a VARCHAR, and 'kinds.kind_id' is an INTEGER",
    ),
    "parent of another type": (
        "staff", "parent: boss_id", "parent: first_name", "  reports:",
        "'first_name' is a VARCHAR, and 'staff_id' is an INTEGER",
    ),
    "key of several columns": (
        "fruit", "key: fruit_id", "key: [fruit_id, kind_id]", "key:",
        "one column is taken, and 2 are given",
    ),
    "text with a comma": (
        "both", "expression: profit / shipped", "expression: coalesce(profit, 0)",
        "  profit_per", "A comma ends a text that has no quotes",
    ),
    "dimension without a key": (
        "picks", "dimensions: {day: day_id,", "dimensions: {day: ,", "dimensions:",
        "where 'day:' alone means it",
    ),
    "set by no measure": (
        "depot_cube", "top: 3, by: worth", "top: 3, by: wort", "  best:",
        "Did you mean 'worth'",
    ),
    "set of no kind": (
        "depot_cube", "top: 3, by: worth", "by: worth", "  best:",
        "give one of members, top and bottom",
    ),
    "through no day": (
        "depot_cube", "2023-12-31", "2023-13-31", "through:", "'2023-13-31' is no date",
    ),
    "through without a time": (
        "fields", "fact: sites", "fact: sites\nthrough: month", "through:",
        "and has no time",
    ),
    "aggregate of a query": (
        "all_picks", "measures:",
        "aggregates: {a: {levels: [day.year], measures: [boxes]}}\nmeasures:",
        "aggregates:", "built of a query, '(from picks_2023",
    ),
}  # fmt: skip


def spoilt(folder, file, before, after):
    """Write the definitions of the orchard with one fault; return the file's text."""
    write_definitions(folder)
    path = Path(folder, f"{file}.yml")
    text = path.read_text(encoding="utf-8")
    assert before in text
    text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    return text


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_message_with_its_line(orchard, tmp_path, fault):
    file, before, after, there, message = FAULTS[fault]
    lines = spoilt(tmp_path, file, before, after).splitlines()
    with pytest.raises(InputError) as refused:
        connect(orchard[0], tmp_path)
    assert message in str(refused.value)
    (line,) = [n for n, text in enumerate(lines, 1) if text.startswith(there)]
    assert f"{file}.yml, line {line}" in refused.value.where.split(", where")[0]


def test_a_fault_that_the_reader_finds_leaves_nothing_but_its_message(
    orchard, tmp_path
):
    """What pydantic keeps of it once held the open file, and DuckDB complained."""
    spoilt(tmp_path, "all_picks", "fact: (from", "fact: (fro")
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "acrm", "cube", "check", "--database", str(orchard[0]),
         "--definitions", str(tmp_path)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": f"{root / 'python'}:{root / 'olap'}"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "the query cannot be read" in done.stdout + done.stderr
    assert "leak" not in done.stderr
