{#  Grain: one row a system, fact, business day and measure: what the facts add up to.

    Incremental: the days on which rows of a fact came, went or changed are added up
    again, and no others.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key=['fact_name', 'business_date'],
    meta={'redone': {'marker': 'measure'}},
) }}

{%- set facts = reconciled_facts() -%}
{%- set only = {} -%}
{%- if is_incremental() -%}
{%- set changed = changed_facts(facts) -%}
{%- set facts = changed.facts -%}
{%- set only = changed.only -%}
{%- endif %}

with
{% if is_incremental() %}
changed as (

    select * from {{ changed.days }}

    where business_date is not null

),
{% endif %}
totals as (

    {% if facts -%}
    select * from {{ fact_totals(facts, only) }}
    {%- endif %}
    {% if is_incremental() -%}
    {{ 'union all by name' if facts }}

    -- the days that these take the place of
    select
        null::varchar as source_system,
        fact_name,
        null::varchar as measure,
        business_date,
        null::decimal(38, 4) as total

    from changed
    {%- endif %}

)

select * from totals
