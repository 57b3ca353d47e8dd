-- The totals that are kept by day are what the facts add up to, to the cent. Once that
-- has passed, a night counts rows, which costs nothing; a publication by hand and a
-- full build add up all of them.

{% set facts = reconciled_facts() %}
{% set has_passed = execute and 'nodes' in graph
    and flags.WHICH in ['build', 'test'] and tested_through(model) %}

with

kept as (

    select * from {{ ref('int_fact_totals') }}

),

{% if has_passed -%}
counted as (

    {% for fact, _, measures in facts -%}
    select
        '{{ fact }}' as fact_name,
        '{{ measures | first }}' as measure,
        count(*) as total

    from {{ ref(fact) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        counted.fact_name,
        counted.measure,
        counted.total,
        coalesce(sum(kept.total), 0) as kept_total

    from counted

    left join kept
        on counted.fact_name = kept.fact_name and counted.measure = kept.measure

    group by counted.fact_name, counted.measure, counted.total

)

select * from compared

where total <> kept_total
{%- else -%}
added_up as (

    select * from {{ fact_totals(facts) }}

)

select
    source_system,
    fact_name,
    measure,
    business_date,
    added_up.total,
    kept.total as kept_total

from added_up

full join kept
    using (source_system, fact_name, measure, business_date)

where added_up.total is distinct from kept.total
{%- endif %}
