"""The record of models: what is read, printed and drawn."""

from __future__ import annotations

import re

import duckdb
import pytest

from acrm.errors import InputError
from acrm.reading.marketing import marketing_lines
from acrm.reading.model_page import model_page, shown_value
from acrm.reading.models import read_models


@pytest.fixture
def judged():
    """A model that was better, and one that could not be judged."""
    with duckdb.connect() as connection:
        connection.execute("""
            create table model_version as from (values
                ('clv', 'shop', 'EUR', 'clv-1', date '2024-06-30', 'last year', 'ok',
                 '', 'better', 1, 'model', '{}', 'c0de', 'da7a'),
                ('rhythm', 'shop', 'all', 'rhythm-1/2024', date '2024-06-30', 'days',
                 'insufficient_data', '3 <customers>', 'insufficient_data', 0,
                 'baseline', '{}', '', '')
            ) as rows (model, id_space, part, model_version, cutoff_date, baseline,
                status, reason, verdict, cutoffs_judged, published, parameters,
                code_hash, data_hash);
            create table model_evaluation as from (values
                ('clv', 'shop', 'EUR', date '2024-02-29', 'concentration', true, 0.7,
                 0.65, 0.75, 0.6, 0.1, 0.05, 0.15, 400, 'better', ''),
                ('features', 'shop', 'all', date '2024-06-30', 'psi_recency_days',
                 false, 0.31, null, null, null, null, null, null, 420, null, '')
            ) as rows (model, id_space, part, cutoff_date, metric, is_primary, value,
                lo, hi, baseline_value, gain, gain_lo, gain_hi, n, verdict, reason);
            create table model_decile as
            select 'clv' as model, 'shop' as id_space, 'EUR' as part,
                date '2024-02-29' as cutoff_date, decile::integer as decile,
                40::bigint as n, 100.0 / decile as predicted, 90.0 / decile as observed,
                decile / 10.0 as captured, 3.0 / decile as lift
            from range(1, 11) as rows (decile)
        """)
        yield connection


def test_a_model_is_told_with_its_verdict_and_what_readers_get(judged):
    better, thin = read_models(judged)
    assert better.title == "clv of shop, EUR"
    assert better.sentence == (
        "Better than its baseline, last year (1 past cut-offs judged); readers get the"
        " model."
    )
    assert [row["metric"] for row in better.evaluations] == ["concentration"]
    assert [row["metric"] for row in better.drift] == ["psi_recency_days"]
    assert len(better.deciles) == 10
    assert thin.title == "rhythm of shop"
    assert "insufficient_data: 3 <customers>" in thin.sentence


def test_the_page_needs_no_network_and_is_the_same_every_time(judged):
    models = read_models(judged)
    page = model_page(models, "Version 1")
    assert page == model_page(models, "Version 1")
    assert page.count("<svg") == 1  # a model that was never judged has no chart
    assert "3 &lt;customers&gt;" in page
    fetched = re.findall(r"""(?:src|href)\s*=\s*["']?(?!#)[^"'\s>]+""", page)
    assert [one for one in fetched if "#" not in one] == []
    assert "url(http" not in page
    assert "<script" not in page
    assert "better" in page


def test_each_of_many_cut_offs_is_drawn(judged):
    judged.execute("""
        create or replace table model_decile as
        select * replace (
            (date '2024-01-31' + to_months(months::integer))::date as cutoff_date
        )
        from model_decile, range(7) as cutoffs (months)
    """)
    page = model_page(read_models(judged, "clv"), "Version 1")
    # the first of six colours comes again: a line of two cut-offs in two charts
    lines = re.findall(r'clip-path="[^"]+" style="fill: none; stroke: #0072b2', page)
    assert len(lines) == 4


def test_a_wrong_name_is_told_with_the_nearest(judged):
    with pytest.raises(InputError, match=r"no model 'rythm'. Did you mean rhythm"):
        read_models(judged, "rythm")
    with pytest.raises(InputError, match=r"no model 'CVL'. Did you mean clv"):
        read_models(judged, "CVL")
    assert [one.title for one in read_models(judged, "clv")] == ["clv of shop, EUR"]


def test_a_version_without_models_says_how_to_get_them():
    with (
        duckdb.connect() as connection,
        pytest.raises(InputError, match="no models to report on"),
    ):
        read_models(connection)


def test_numbers_are_shown_as_people_read_them():
    assert shown_value(None) == ""
    assert shown_value(0.123456) == "0.1235"
    assert shown_value(12345.6) == "12,346"
    assert shown_value(12345) == "12,345"
    assert shown_value("not_better") == "not better"


def test_each_line_for_marketing_is_a_number_of_its_table_with_a_verdict():
    with duckdb.connect() as connection:
        connection.execute("""
            create table fct_base_movement as
            select 'example' as id_space, date '2024-06-30' as date_key,
                1000 as opening_count, -5 as redefined_count, 20 as new_count,
                7 as reactivated_count, 12 as lapsed_count, 1010 as closing_count;
            create table customer_rfm as from (values
                ('example', 'EUR', 'high', 'lapsed', 700.0, 'better'),
                ('example', 'EUR', 'high', 'at_risk', 500.4, 'better'),
                ('example', 'EUR', 'high', 'active', 900.0, 'better'),
                ('example', 'EUR', 'low', 'lapsed', 10.0, 'better')
            ) as rows (id_space, currency_code, value_tier, lifecycle_stage, monetary,
                verdict);
            create table customer_clv as from (values
                ('example', 'EUR', 'margin', 75.0, 'high', 'model', 'better'),
                ('example', 'EUR', 'margin', 25.0, 'low', 'model', 'better'),
                ('complete_journey', 'USD', 'net', 9.0, 'high', 'baseline',
                 'not_better')
            ) as rows (id_space, currency_code, value_basis, clv, clv_tier, method,
                verdict);
            create table product_affinity as
            select 'example' as id_space, 'class' as level, 1 as rule_rank,
                'Shirts' as antecedent_name, 'Ties' as consequent_name, 3.76 as lift,
                0.3 as confidence, 'forward' as direction, 0.21 as followed_rate_30,
                0.1 as preceded_rate_30, 'better' as verdict
        """)
        told = marketing_lines(connection)
    assert told == [
        (
            "example",
            "The base closed June 2024 with 1,010 customers: 1,000 before, -5 by the"
            " new yearly definition, 20 new, 7 back, 12 lapsed.",
            "balances to the unit",
        ),
        (
            "example",
            "2 of the most valuable fifth are late or lapsed by their own rhythm; they"
            " brought 1,200 EUR in a year.",
            "own rhythm tells better than days since the last order",
        ),
        (
            "example",
            "The most valuable fifth of 2 customers will bring 75 % of the next year's"
            " 100 EUR of margin, by the model.",
            "model ranks better than last year's value",
        ),
        (
            "example",
            "Baskets with Shirts hold Ties 3.8 times as often as chance (30 % do); it"
            " follows within 30 days after 21 %, the other way round 10 %.",
            "rules went on to hold in later baskets",
        ),
        (
            "complete_journey",
            "The most valuable fifth of 1 customers will bring 100 % of the next year's"
            " 9 USD of net, by the naive baseline.",
            "model ranks no better than last year's value",
        ),
    ]
