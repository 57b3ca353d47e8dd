"""The JSON Schema for editors takes what the engine takes, and is up to date."""

from __future__ import annotations

import pytest
import yaml
from jsonschema import Draft7Validator
from olap.stars.contracts import ROOT
from pydantic import ValidationError

from acrm_olap.definitions.model import Cube, Dimension, VirtualCube
from acrm_olap.definitions.schema import json_schema, schema_text, write_schemas
from acrm_olap.errors import UnknownNameError

KINDS = {"cube": Cube, "dimension": Dimension, "virtual_cube": VirtualCube}
FILES = sorted([*ROOT.glob("olap/cubes/*.yml"), *ROOT.glob("olap/dimensions/*.yml")])

DIMENSION = """
dimension: customer
table: dim_customer
key: customer_key
levels:
  region: region
  city: [region, city]
  customer: {key: customer_id, label: name}
hierarchies:
  geography: [region, city, customer]
  above: {level: customer, parent: parent_id}
"""
CUBE = """
cube: sales
fact: fct_sales
dimensions:
  date: date_key
  customer:
  store: {key: store_key, finest: region}
  channel: {levels: {channel: channel}}
measures:
  net: {sum: amount, over: {date: closing}}
  lines: {count: "*"}
  upper: {quantile: amount, at: 0.9}
  newest: {last: amount, by: sold_at}
"""
WRONG = {
    "a word that is no field": ("lines: {count", "lines: {counts"),
    "two kinds of measure": ("sum: amount,", "sum: amount, avg: amount,"),
    "no share for a quantile": (", at: 0.9", ""),
    "no order for a last one": (", by: sold_at", ""),
    "two ways to a dimension": (
        "store: {key: store_key,",
        "store: {at: {a: b}, key: k,",
    ),
    "finest without a key": ("{key: store_key, finest", "{at: {region: r}, finest"),
    "a rule that is none": ("closing", "ending"),
    "a name in capitals": ("  net:", "  Net:"),
    "no fact": ("fact: fct_sales\n", ""),
    "a share beyond one": ("at: 0.9", "at: 9"),
}


def faults(kind, text):
    return list(Draft7Validator(json_schema(kind)).iter_errors(yaml.safe_load(text)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_is_shipped_as_it_is(kind, tmp_path):
    Draft7Validator.check_schema(json_schema(kind))
    shipped = ROOT / "olap" / "schema" / f"{kind}.json"
    assert shipped.read_text(encoding="utf-8") == schema_text(kind), (
        "run acrm_olap.definitions.schema.write_schemas('olap/schema')"
    )
    written = write_schemas(tmp_path / "new")
    assert shipped.read_bytes() in [path.read_bytes() for path in written]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_own_files_meet_it(path):
    text = path.read_text(encoding="utf-8")
    kind = yaml.safe_load(text).keys() & KINDS.keys()
    assert not faults(kind.pop(), text)


def test_short_forms_are_taken():
    assert not faults("dimension", DIMENSION)
    assert not faults("cube", CUBE)
    Dimension.model_validate(yaml.safe_load(DIMENSION))
    Cube.model_validate(yaml.safe_load(CUBE))


@pytest.mark.parametrize("what", WRONG)
def test_what_the_engine_refuses_is_marked(what):
    right, wrong = WRONG[what]
    assert right in CUBE
    text = CUBE.replace(right, wrong)
    assert faults("cube", text)
    with pytest.raises(ValidationError):
        Cube.model_validate(yaml.safe_load(text))


def test_a_hierarchy_needs_its_parent():
    text = DIMENSION.replace(", parent: parent_id", "")
    assert faults("dimension", text)
    with pytest.raises(ValidationError):
        Dimension.model_validate(yaml.safe_load(text))


def test_an_unknown_kind_is_refused_with_those_there_are():
    with pytest.raises(UnknownNameError, match="Did you mean 'cube'"):
        json_schema("cubes")
