"""Every model, seed and exposure is described, and marts keep a contract."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import duckdb
import pytest
from repository_files import ROOT, below, name_of, parsed, text

MODELS = [
    path for kind in ("*.sql", "*.py") for path in sorted((ROOT / "models").rglob(kind))
]
MARTS = below("models/marts", "*.sql")
FACTS = [path for path in MARTS if path.stem.startswith("fct_")]
SEEDS = below("seeds", "*.csv")
ANALYSES = below("analyses", "*.sql")
EXPOSURES = {
    exposure["name"]: exposure
    for path in below("models", "*exposures.yml")
    for exposure in parsed(path)["exposures"]
}

PREFIXES = {
    "models/staging": "stg_",
    "models/intermediate": "int_",
    "models/marts": ("dim_", "fct_", "bridge_", "ctl_", "agg_"),
}
# Python models are named for what they fit; mining tables for what a row is.
MINING = {
    "models/intermediate": ("int_", "py_"),
    "models/marts": (
        "dim_",
        "fct_",
        "obs_",
        "customer_",
        "product_",
        "model_",
        "sales_",
        "next_best_",
    ),
}
REF = re.compile(r"ref\('(\w+)'\)")


def node(path, kind="models"):
    """What the YAML of the same name says of the one node that is in the file."""
    declared = path.with_suffix(".yml")
    assert declared.is_file(), f"{name_of(path)} has no {declared.name} beside it"
    (found,) = parsed(declared)[kind]
    assert found["name"] == path.stem
    return found


def columns(path, kind="models"):
    return {column["name"]: column for column in node(path, kind)["columns"]}


def data_tests_of(declared):
    """The data tests of a node or column by name."""
    return [
        next(iter(test)) if isinstance(test, dict) else test
        for test in declared.get("data_tests", [])
    ]


def is_never_null(column):
    constraints = [constraint["type"] for constraint in column.get("constraints", [])]
    return "not_null" in constraints + data_tests_of(column)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Columns of all that dbt builds where nothing was ever loaded, in their order."""
    folder = tmp_path_factory.mktemp("empty")
    environment = os.environ | {
        "ACRM_WAREHOUSE": str(folder / "warehouse"),
        "ACRM_DATABASE": str(folder / "acrm.duckdb"),
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("python", "olap")),
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "build"),
            *("--exclude-resource-type", "test", "unit_test"),
            *("--target-path", str(folder), "--log-path", str(folder)),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[str]] = {}
    with duckdb.connect(folder / "acrm.duckdb", read_only=True) as database:
        for table, column in database.execute(
            "select table_name, column_name from duckdb_columns()"
            " where not internal and schema_name <> 'landing'"
            " order by table_name, column_index"
        ).fetchall():
            found.setdefault(table, []).append(column)
    return found


@pytest.mark.parametrize("path", [*MODELS, *SEEDS], ids=name_of)
def test_a_model_or_seed_and_its_columns_are_described(path, built):
    kind = "seeds" if path in SEEDS else "models"
    assert node(path, kind).get("description", "").strip()
    described = columns(path, kind)
    assert list(described) == built[path.stem]
    bare = [name for name, one in described.items() if not one.get("description")]
    assert not bare, f"columns without a description: {bare}"


def test_every_described_node_has_its_file():
    declared = {
        one["name"]
        for folder, kind in (("models", "models"), ("seeds", "seeds"))
        for path in below(folder, "*.yml")
        for one in parsed(path).get(kind, [])
    }
    assert declared == {path.stem for path in [*MODELS, *SEEDS]}


@pytest.mark.parametrize("path", MODELS, ids=name_of)
def test_the_name_of_a_model_says_its_layer(path):
    layer = "/".join(name_of(path).split("/")[:2])
    names = MINING if path.parent.name == "mining" else PREFIXES
    assert path.stem.startswith(names[layer])
    assert path.stem.startswith("py_") == (path.suffix == ".py")
    if layer == "models/staging":
        assert path.stem.startswith(f"stg_{path.parent.name}__")


@pytest.mark.parametrize("path", MARTS, ids=name_of)
def test_a_mart_has_a_contract_for_every_column(path):
    of_layer = parsed(ROOT / "dbt_project.yml")["models"]["acrm"]["marts"]["+contract"]
    contract = node(path).get("config", {}).get("contract", of_layer)
    assert contract == {"enforced": True}
    untyped = [name for name, one in columns(path).items() if not one.get("data_type")]
    assert not untyped, f"columns without a data_type: {untyped}"


@pytest.mark.parametrize("path", MARTS, ids=name_of)
def test_a_mart_has_a_data_test(path):
    tests = data_tests_of(node(path)) + [
        test for column in columns(path).values() for test in data_tests_of(column)
    ]
    assert tests


# An order is a degenerate dimension: not every system describes its orders.
DEGENERATE = {"order_key"}


@pytest.mark.parametrize("path", FACTS, ids=name_of)
def test_a_fact_is_unique_and_its_keys_resolve(path):
    keys = {
        name: column for name, column in columns(path).items() if name.endswith("_key")
    }
    own = [name for name, one in keys.items() if "unique" in data_tests_of(one)]
    assert own or "unique_combination" in data_tests_of(node(path)), (
        "no test of the grain"
    )
    held = {
        each["key"]
        for test in node(path)["data_tests"]
        for each in test.get("keys_resolve", {}).get("arguments", {}).get("keys", [])
    }
    for name, column in keys.items():
        assert is_never_null(column), f"{name} may be null"
        assert name in held or name in own or name in DEGENERATE, (
            f"{name} is held to no dimension"
        )


@pytest.mark.parametrize(
    "path", [path for path in MARTS if path.stem.startswith("dim_")], ids=name_of
)
def test_the_key_of_a_dimension_is_unique_and_never_null(path):
    key, column = next(iter(columns(path).items()))
    assert key.endswith("_key")
    assert "unique" in data_tests_of(column)
    assert is_never_null(column)


@pytest.mark.parametrize("name", EXPOSURES)
def test_an_exposure_says_what_it_is_whose_and_of_which_marts(name):
    exposure = EXPOSURES[name]
    assert exposure["description"].strip()
    assert exposure["owner"]["name"]
    read = {REF.fullmatch(one)[1] for one in exposure["depends_on"]}
    assert read
    assert read <= {path.stem for path in MARTS}


@pytest.mark.parametrize("path", ANALYSES, ids=name_of)
def test_an_analysis_is_an_exposure_of_the_marts_that_it_reads(path):
    assert {f"ref('{name}')" for name in REF.findall(text(path))} == set(
        EXPOSURES[path.stem]["depends_on"]
    )


@pytest.mark.parametrize(
    ("name", "has_aggregates"),
    [
        ("published_warehouse", False),
        ("published_aggregates", True),
        ("published_parquet", False),
    ],
)
def test_all_marts_are_published(name, has_aggregates):
    assert set(EXPOSURES[name]["depends_on"]) == {
        f"ref('{path.stem}')"
        for path in MARTS
        if (path.parent.name == "aggregates") == has_aggregates
    }
