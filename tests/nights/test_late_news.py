"""News that changes old rows of facts whose own records do not come again."""

from __future__ import annotations

import shutil

import pytest
from company import EXTRACTS, Company
from comparing import differences
from deliveries import write
from warehouse import Warehouse

pytestmark = pytest.mark.slow

JAN, FEB, MAR = "2024-01-01 00:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00"
NOON = "2024-02-15 12:00:00"

MEMBERS = {"party_id": "A", "employee_id": "E", "product_id": "X", "store_id": "S"}
TREATED = {"cell_id": "T", "starts_on": "2024-02-01"}
CONTACT = {
    "cell_id": "T",
    "assigned_on": "2024-02-10",
    "contacted_at": "2024-02-10 08:00:00",
    "status": "sent",
}
CASE = MEMBERS | {"case_id": "C1", "opened_at": NOON}
LEAD = MEMBERS | {"lead_id": "L1", "created_at": NOON}
EVENT = {"party_id": "A", "from_plan_id": "LOW", "to_plan_id": "HIGH"}
VISIT = {"started_at": NOON, "ended_at": NOON}
STEP = {"step_at": NOON, "step_type": "product", "product_id": "X"}

# Facts name members that nobody has described, in visits whose steps are to come.
FIRST = {
    "example_shop": {
        "stock_outs": [{"product_id": "X", "store_id": "S", "out_from": NOON}],
        "order_lines": [
            MEMBERS | {"order_id": party, "party_id": party, "ordered_at": NOON}
            for party in "ABCD"
        ],
    },
    "example_crm": {
        "leads": [LEAD | {"contacted_at": "2024-02-20 10:00:00", "changed_at": MAR}],
        "consents": [{"consent_event_id": "W", "party_id": "A", "occurred_at": NOON}],
        "subscription_events": [
            EVENT | {"event_id": "before", "occurred_at": "2024-01-15 12:00:00"},
            EVENT | {"event_id": "after", "occurred_at": NOON},
        ],
    },
    "example_call_centre": {
        "cases": [
            CASE | {"status": "resolved", "resolved_at": MAR, "changed_at": MAR},
        ],
        "interactions": [
            {"interaction_id": "I1", "party_id": "A", "employee_id": "E"}
            | {"product_id": "X", "started_at": NOON},
        ],
        "satisfaction": [
            {"answer_id": "N1", "party_id": "A", "employee_id": "E"}
            | {"store_id": "S", "answered_at": NOON},
        ],
    },
    "example_marketing": {
        "contacts": [
            CONTACT | {"contact_id": "K1", "party_id": "A"},
            CONTACT | {"contact_id": "K2", "party_id": "B"},
            {"contact_id": "K3", "party_id": "C", "cell_id": "H", "status": "held_out"}
            | {"assigned_on": "2024-02-10"},
        ],
        "responses": [
            {"response_id": party, "party_id": party, "cell_id": "T"}
            | {"product_id": "X", "responded_at": NOON}
            for party in "ABD"
        ],
    },
    "example_traffic": {
        "visits": [
            VISIT | {"visit_id": "V", "party_id": "A", "store_id": "S"},
            VISIT | {"visit_id": "U", "party_id": "A", "visitor_id": "Z"},
        ],
        "visit_steps": [
            STEP | {"visit_id": "V", "step_number": 1},
            STEP | {"visit_id": "V", "step_number": 2},
            STEP | {"visit_id": "W", "step_number": 1},
        ],
        "store_counts": [
            {"sensor_id": "N", "store_id": "S", "zone_id": "1", "interval_start": NOON}
        ],
        "enquiries": [
            MEMBERS
            | {"enquiry_id": "Q1", "asked_at": NOON}
            | {"alternative_product_id": "Y"},
        ],
    },
}
# All are described, with a change between the first of February and the facts; nothing
# of the facts comes but the case and the lead in older states, a contact of D, and the
# other half of visits.
SECOND = {
    "example_shop": {
        "products": [
            {"product_id": product, "department": text, "changed_at": changed_at}
            for product in "XY"
            for text, changed_at in (("Food", JAN), ("Home", FEB))
        ],
        "stores": [
            {"store_id": "S", "region": region, "changed_at": changed_at}
            for region, changed_at in (("North", JAN), ("South", FEB))
        ],
        "store_zones": [
            {"store_id": "S", "zone_id": "1", "floor": floor, "changed_at": changed_at}
            for floor, changed_at in (("0", JAN), ("1", FEB))
        ],
    },
    "example_crm": {
        "parties": [
            {"party_id": "A", "region": region, "changed_at": changed_at}
            for region, changed_at in (("Norte", JAN), ("Centro", FEB))
        ],
        "employees": [
            {"employee_id": "E", "team": team, "changed_at": changed_at}
            for team, changed_at in (("Red", JAN), ("Blue", FEB))
        ],
        "leads": [LEAD | {"changed_at": "2024-02-16 00:00:00"}],
        "plans": [
            {"plan_id": "LOW", "plan_rank": 1, "changed_at": JAN},
            {"plan_id": "LOW", "plan_rank": 3, "changed_at": FEB},
            {"plan_id": "HIGH", "plan_rank": 2, "changed_at": JAN},
        ],
    },
    "example_call_centre": {
        "cases": [CASE | {"status": "open", "changed_at": NOON}],
    },
    "example_marketing": {
        "cells": [
            TREATED | {"ends_on": "2024-02-14", "changed_at": JAN},
            {"cell_id": "H", "control_type": "campaign", "changed_at": JAN},
        ],
        "contacts": [CONTACT | {"contact_id": "K4", "party_id": "D"}],
    },
    "example_traffic": {
        "visits": [VISIT | {"visit_id": "W", "party_id": "A", "order_id": "O9"}],
        "visit_steps": [
            STEP | {"visit_id": "V", "step_number": 3, "step_type": "confirmation"},
            STEP | {"visit_id": "U", "step_number": 1, "step_type": "cart"},
        ],
    },
}
# The cell runs longer; B's contact was C's; a step of V and the visit U were of T. What
# the product and the customer were since February is corrected: no key changes by it.
THIRD = {
    "example_shop": {
        "products": [{"product_id": "X", "department": "Toys", "changed_at": FEB}],
    },
    "example_marketing": {
        "cells": [TREATED | {"ends_on": "2024-02-29", "changed_at": FEB}],
        "contacts": [CONTACT | {"contact_id": "K2", "party_id": "C"}],
    },
    "example_crm": {
        "plans": [{"plan_id": "HIGH", "plan_rank": 4, "changed_at": FEB}],
        "parties": [{"party_id": "A", "region": "Sul", "changed_at": FEB}],
    },
    "example_traffic": {
        "visit_steps": [
            STEP | {"visit_id": "V", "step_number": 3, "search_text": "T"},
            STEP | {"visit_id": "W", "step_number": 1, "search_text": "T"},
        ],
        "visits": [VISIT | {"visit_id": "U", "party_id": "A", "entry_source": "email"}],
    },
}


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A build file of three nights, and one built whole after each."""
    folder = tmp_path_factory.mktemp("late_news")
    copy = Company.create(folder / "project")
    # so that a record can go to another visit
    staging = copy.folder / "models" / "staging" / "example_traffic"
    for table, condition in (
        ("visits", "entry_source = 'email'"),
        ("visit_steps", "search_text = 'T'"),
    ):
        model = staging / f"stg_example_traffic__{table}.sql"
        text = model.read_text()
        moved = f"case when {condition} then 'T' else visit_id end as source_visit_id"
        assert "visit_id as source_visit_id" in text
        model.write_text(text.replace("visit_id as source_visit_id", moved))
    nightly = Warehouse.of(copy.folder)
    wholes = []
    for night, delivery in enumerate((FIRST, SECOND, THIRD)):
        nightly.load(write(delivery, folder / f"night_{night}"))
        nightly.build_night() if night else nightly.build()
        whole = Warehouse.of(copy.folder, f"whole_{night}.duckdb")
        if night:
            whole.build()
            wholes.append(differences(nightly.database, whole.database))
    return nightly, wholes


def test_each_night_leaves_what_a_full_build_gives(nights):
    assert nights[0].ask("from ctl_quarantine") == []
    assert nights[1] == [{}, {}]


def test_facts_show_their_members_as_they_were(nights):
    ask = nights[0].ask
    for fact, joins in {
        "fct_interaction": ("customer", "employee", "product"),
        "fct_satisfaction": ("customer", "employee", "store"),
        "fct_case": ("customer", "employee", "product", "store"),
        "fct_lead_funnel": ("customer", "employee", "product", "store"),
        "fct_enquiry": ("customer", "employee", "product", "store"),
        "fct_stock_out": ("product", "store"),
        "fct_consent_event": ("customer",),
        "fct_store_traffic": ("store", "store_zone"),
    }.items():
        for member in joins:
            sql = f"""
                select valid_from::date::varchar
                from {fact} inner join dim_{member} using ({member}_key)
            """
            assert ask(sql) == [("2024-02-01",)], (fact, member)
    assert ask("""
        select valid_from::date::varchar
        from fct_enquiry inner join dim_product
            on alternative_product_key = dim_product.product_key
    """) == [("2024-02-01",)]


def test_what_depends_on_others_follows_them(nights):
    ask = nights[0].ask
    assert ask("""
        select source_record_id, customer_id, is_control from fct_contact order by all
    """) == [
        ("K1", "example:A", False),
        ("K2", "example:C", False),
        ("K3", "example:C", True),
        ("K4", "example:D", False),
    ]
    assert ask("""
        select source_record_id, counts_as_response, days_since_contact
        from fct_response order by all
    """) == [("A", True, 5), ("B", False, None), ("D", True, 5)]
    assert ask("""
        select source_record_id, migration from fct_subscription_event order by all
    """) == [("after", "up"), ("before", "up")]


def test_an_aggregate_follows_members_that_are_put_together_otherwise(nights):
    ask = nights[0].ask
    assert ask("""
        select product_department, customer_region, row_count
        from agg_sales__month order by all
    """) == [("Toys", "Sul", 1), ("Toys", "Unknown", 3)]
    assert ask("""
        select dimension, count(*)
        from intermediate.changed_member inner join fct_sales_line
            on member_key in (product_key::varchar, customer_key::varchar)
        group by all order by all
    """) == [("dim_customer", 1), ("dim_product", 4)]
    # of all that was noted, the months of the lines alone are done again
    assert ask("""
        select distinct strftime(date_key, '%Y-%m')
        from intermediate.changed_day
        where model = 'agg_sales__month' and date_key is not null
    """) == [("2024-02",)]


def test_older_states_do_not_win(nights):
    assert nights[0].ask("""
        select case_status from fct_case union all
        select lead_status from fct_lead_funnel
    """) == [("resolved",), ("contacted",)]


def test_a_visit_is_done_again_when_anything_of_it_came_or_went(nights):
    ask = nights[0].ask
    assert ask("""
        select visit_id, step_count, purchased_count from fct_visit order by all
    """) == [("example:T", 2, 0), ("example:V", 2, 0), ("example:W", 0, 1)]
    assert ask("""
        select source_record_id, visit_id, customer_id, last_step_number
        from fct_visit_step order by all
    """) == [
        ("U|1", "example:U", "unknown", 1),
        ("V|1", "example:V", "example:A", 2),
        ("V|2", "example:V", "example:A", 2),
        ("V|3", "example:T", "example:A", 3),
        ("W|1", "example:T", "example:A", 3),
    ]


def test_a_campaign_described_later_dates_its_contacts_and_lets_responses_count(
    tmp_path,
):
    copy = Company.create(tmp_path / "project")
    nightly = Warehouse.of(copy.folder)
    whole = Warehouse.of(copy.folder, "whole.duckdb")
    first = tmp_path / "first" / "complete_journey"
    later = tmp_path / "later" / "complete_journey"
    shutil.copytree(EXTRACTS / "first" / "complete_journey", first)
    later.mkdir(parents=True)
    (first / "campaign_descriptions.csv").rename(later / "campaign_descriptions.csv")
    days = "select customer_id, days_since_contact from fct_response order by all"

    nightly.load(first.parent)
    nightly.build()
    assert nightly.ask(days)[0] > ("complete_journey:1", 40_000)
    nightly.load(later.parent)
    nightly.build_night()
    whole.build()

    assert nightly.ask(days) == [
        ("complete_journey:1", 5),
        ("complete_journey:3", None),
    ]
    assert differences(nightly.database, whole.database) == {}
