"""What is written in the repository holds wherever it is read."""

from __future__ import annotations

import re

import pytest
from repository_files import ROOT, below, name_of, parsed, text, text_files

MARKDOWN = [path for path in text_files() if path.suffix == ".md"]
ENTITIES_PAGE = ROOT / "models" / "staging" / "README.md"
CANONICAL = {
    path.stem.removeprefix("int_"): parsed(path)["models"][0]
    for path in below("models/intermediate/canonical", "int_*.yml")
}

# Joined here, so that this file does not name what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        "".join(pieces)
        for pieces in [
            (r"(?<![\w.*/<>{}-])/wo", "rk/"),
            (r"(?<![\w.*/<>{}-])/ro", "ot/"),
            (r"/t", "mp/env"),
            (r"/ho", r"me/\w+/"),
            (r"py", r"pi\.org"),
            (r"pythonho", r"sted\.org"),
            (r"registry\.np", r"mjs\."),
            (r"(static\.)?cra", r"tes\.io"),
            (r"deb\.deb", r"ian\.org"),
            (r"hub\.getd", r"bt\.com"),
            (r"(?i:sub-?ag", r"ents?\b)"),
            (r"(?i:session no", r"tes?\b)"),
        ]
    )
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"^```.*?^```", re.S | re.M)


def test_what_is_forbidden_is_found():
    assert FORBIDDEN.search("see /wo" + "rk/main")
    assert FORBIDDEN.search("left by a Sub" + "agent")
    assert not FORBIDDEN.search("raw/<system>/wo" + "rk/ and warehouse/ro" + "ot/")


@pytest.mark.parametrize("path", text_files(), ids=name_of)
def test_a_file_names_no_place_or_tool_of_the_machine_it_was_written_on(path):
    found = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(text(path).splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert not found


def anchors(path):
    """The fragments that the headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", text(path)), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", MARKDOWN, ids=name_of)
def test_links_within_the_repository_lead_somewhere(path):
    broken = []
    for match in LINK.finditer(CODE.sub("", text(path))):
        target, _, fragment = match["target"].partition("#")
        if re.match(r"\w+:", target):
            continue
        page = (path.parent / target).resolve() if target else path
        if not page.exists() or (fragment and fragment not in anchors(page)):
            broken.append(match["target"])
    assert not broken


def sections():
    """Each entity of the page: its paragraph, and the cells of its table."""
    _, _, entities = text(ENTITIES_PAGE).partition("\n## The entities\n")
    _, *parts = re.split(r"^### (\w+)$", entities, flags=re.M)
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        prose, _, table = body.partition("\n|")
        rows = [
            tuple(cell.strip() for cell in line.strip("|").split("|"))
            for line in ("|" + table).strip().splitlines()
        ]
        yield name, (" ".join(prose.split()), rows)


def test_the_page_on_packs_has_every_entity_in_the_order_of_the_macro():
    macro = text(ROOT / "macros" / "canonical_entities.sql")
    listed = re.findall(r"'(\w+)'", macro)
    assert sorted(listed) == sorted(CANONICAL)
    assert sorted(name for name, _ in sections()) == sorted(CANONICAL)


@pytest.mark.parametrize("entity", CANONICAL)
def test_the_page_on_packs_shows_the_contract_of_an_entity(entity):
    contract = CANONICAL[entity]
    prose, (heading, line, *rows) = dict(sections())[entity]
    assert prose == " ".join(contract["description"].split())
    assert heading == ("column", "type", "", "what")
    assert set(line) == {"---"}
    assert rows == [
        (
            f"`{column['name']}`",
            column["data_type"],
            "required"
            if column.get("config", {}).get("meta", {}).get("required")
            else "",
            " ".join(column["description"].split()),
        )
        for column in contract["columns"]
        if column["name"] not in {"source_system", "id_space"}
    ]


@pytest.mark.parametrize("entity", CANONICAL)
def test_an_entity_says_its_system_first_and_then_what_makes_a_record(entity):
    first, *others = [column["name"] for column in CANONICAL[entity]["columns"]]
    assert first == "source_system"
    # union_packs counts a record once by this column; totals are no records
    is_record = others[:2] == ["id_space", "source_record_id"]
    assert is_record == (entity != "source_totals")


def test_the_page_on_packs_shows_order_lines_first():
    assert next(iter(sections()))[0] == "order_lines"


def test_an_oddity_that_a_pack_explains_is_one_that_the_models_tell():
    """Codes that the packs' pages name for data_issue exist, and all are explained."""
    pages = "".join(
        text(ROOT / "models" / "staging" / pack / "README.md")
        for pack in ("complete_journey", "online_retail")
    )
    named = set()
    for codes in re.findall(r"`(?:ctl_data_issue|data_issue)`: ([a-z_, ]+)", pages):
        named |= {code.strip() for code in codes.split(",")}
    told = set()
    for path in below("models/staging", "*order_lines.sql"):
        told |= set(re.findall(r"then\s+'([a-z_]+)'", text(path)))
    for in_all_systems in (
        "models/marts/control/ctl_data_issue.sql",
        "models/intermediate/control/int_data_issues_by_day.sql",
    ):
        kinds_told = re.findall(r"^    '([a-z_]+)':", text(ROOT / in_all_systems), re.M)
        told |= set(kinds_told)
    kinds = {"return", "adjustment", "sale", "charge", "fuel_unit", "not_applicable"}
    assert named == told - kinds - {"customer_unknown"}
