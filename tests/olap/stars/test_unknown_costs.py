"""A cost that is not known is not nought, and makes no ratio."""

from __future__ import annotations

import duckdb
import pytest
from olap.stars.contracts import ROOT, make_empty

from acrm_olap import connect


@pytest.fixture(scope="module")
def cubes(tmp_path_factory):
    path = make_empty(tmp_path_factory.mktemp("costs") / "e.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            insert into fct_contact by name from (values
                ('known', 1, 1, true, 2.00, 'EUR'), ('known', 1, 1, true, 3.00, 'EUR'),
                ('some', 1, 1, true, 4.00, 'EUR'), ('some', 1, 1, true, null, null),
                ('none', 1, 1, true, null, null)
            ) t(source_system, assigned_count, contacted_count, is_contacted,
                cost_amount, currency_code);
            insert into fct_response by name
            select distinct source_system, true as counts_as_response,
                1 as response_count from fct_contact;
            insert into fct_sales_line by name from (values
                ('known', 10.00, 4.00, 6.00, 'EUR'), ('some', 10.00, 4.00, 6.00, 'EUR'),
                ('some', 30.00, null, null, 'EUR'), ('none', 5.00, null, null, 'EUR')
            ) t(source_system, net_amount, cost_amount, margin_amount, currency_code);
        """)
    with connect(path, ROOT / "olap") as found:
        yield found


def by_system(cube, *measures):
    cells = cube.query(list(measures), "source_system").to_dicts()
    return {cell.pop("source_system"): tuple(cell.values()) for cell in cells}


def test_cost_by_response_is_that_of_contacts_that_are_all_known(cubes):
    assert by_system(
        cubes["sales_with_contacts"],
        "contact_cost", "known_contact_cost", "campaign_cost", "cost_per_response",
    ) == {
        "known": (5, 5, 5, 5), "none": (None,) * 4, "some": (None, 4, None, None),
    }  # fmt: skip


def test_margin_is_that_of_lines_that_are_all_known(cubes):
    measures = ("margin", "margin_pct", "known_margin", "known_margin_pct")
    assert by_system(cubes["sales"], *measures, "margin_coverage") == {
        "known": (6, 0.6, 6, 0.6, 1),
        "none": (None, None, None, None, 0),
        "some": (None, None, 6, 0.6, 0.5),
    }
