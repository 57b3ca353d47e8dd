"""Whatever is asked, the answer is as the interface describes it, and never a 500."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from served_star import settings_for

from acrm_olap.server.app import ROUTES, create_app
from acrm_olap.server.warehouse import Warehouse

schemathesis = pytest.importorskip("schemathesis")
from schemathesis.generation import GenerationMode  # noqa: E402 -- if it is there

POSTED = {"/query", "/explain"}
OPERATIONS = ["/", *(path for path in ROUTES.values() if path != "/openapi.json")]
# Those that take more than a name, which can then be wrong.
TAKING = OPERATIONS[4:]
# Names that are right, so that what is asked gets beyond the names.
CUBES = st.sampled_from(["sales", "both", "stock"])
LEVELS = st.sampled_from(["date.month", "customer.region", "product", "channel", "x"])
MEASURES = st.sampled_from(["net", "lines", "customers.prior", "pieces", "net.rank"])
MEMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
    st.dates().map(str), st.sampled_from(["North", "web", "2024", "2024-Q1", "@shops"]),
)  # fmt: skip
CUT = st.one_of(
    MEMBERS, st.lists(MEMBERS, max_size=3), st.lists(st.lists(MEMBERS, max_size=2)),
    st.fixed_dictionaries({}, optional={"from": MEMBERS, "to": MEMBERS}),
    st.fixed_dictionaries(
        {}, optional={"in": st.lists(MEMBERS), "not": st.lists(MEMBERS),
                      "matches": MEMBERS}
    ),
)  # fmt: skip
QUESTIONS = st.fixed_dictionaries(
    {"cube": CUBES, "measures": st.lists(MEASURES, min_size=1, max_size=3)},
    optional={
        "rows": st.lists(LEVELS, max_size=3),
        "columns": st.lists(LEVELS, max_size=2),
        "where": st.dictionaries(LEVELS, CUT, max_size=2),
        "as_of": st.sampled_from(["was", "is", "2024-02-29", "0001-01-01", "x"]),
        "subtotals": st.booleans(),
        "calculated": st.dictionaries(
            st.text(max_size=3), st.sampled_from(["net / 0", "lines - net", "1", ")"])
        ),
        "having": st.sampled_from(["", "net > 1e", "lines > 3", "net is null", "'"]),
        "top": st.fixed_dictionaries({"count": st.integers(1, 2**62), "by": MEASURES}),
        "order": st.lists(MEASURES.map("-{}".format), max_size=2),
        "limit": st.integers(1, 2**62),
        "offset": st.integers(0, 2**62),
        "empty": st.sampled_from(["skip", "show"]),
        "open_periods": st.sampled_from(["hide", "same_days", "whole"]),
        "part_periods": st.sampled_from(["note", "hide"]),
        "missing": st.sampled_from(["refuse", "empty"]),
    },
)
FEW = settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def described(star):
    warehouse = Warehouse(settings_for(*star, seconds=5))
    app = create_app(warehouse)

    async def going_on(scope, receive, send):
        """The server; a client that ends does not end it."""
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", going_on, headers={"Host": "127.0.0.1"}
    )
    yield schema
    warehouse.close()


def operation(schema, path):
    return schema[path]["POST" if path in POSTED else "GET"]


def require_described(case):
    case.headers = {**(case.headers or {}), "Host": "127.0.0.1"}
    response = case.call()
    assert response.status_code < 500 or response.status_code in {503, 504}
    case.validate_response(response, excluded_checks=[
        # A cube is asked by names, which a description cannot know.
        schemathesis.checks.CHECKS.get_one("positive_data_acceptance")
    ] if "positive_data_acceptance" in schemathesis.checks.CHECKS.get_all_names()
        else [])  # fmt: skip


@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, GenerationMode.POSITIVE) for path in OPERATIONS]
    + [(path, GenerationMode.NEGATIVE) for path in TAKING],
)
def test_every_answer_is_as_described(described, path, mode):
    strategy = operation(described, path).as_strategy(generation_mode=mode)

    @FEW
    @given(strategy)
    def holds(case):
        require_described(case)

    holds()


@pytest.mark.parametrize("path", sorted(POSTED))
def test_every_answer_to_what_looks_right_is_as_described(described, path):
    asked = operation(described, path)

    @settings(FEW, max_examples=150)
    @given(QUESTIONS)
    def holds(body):
        require_described(asked.Case(body=body, media_type="application/json"))

    holds()
