{#  What a system says its facts add up to, straight from its raw table.

    A relation of one row a business day, measure and disposition: `delivered` (in
    the raw zone), `kept` (of those, not superseded by a later delivery of the same
    record; what the facts must show) and `quarantined` (broke the contract; a value
    that cannot be read counts nought). It reads the raw table itself and keeps the
    last delivery by aggregation, so that it shares no step with the facts.

    fact: the mart that must show it. measures: name -> expression over the raw
    columns. business_date: expression. key: columns that name a record; or, for a
    table without one, `fingerprint`: columns that make two rows the same record
    when they come in two files, while repeats inside a file are records each.  #}
{% macro source_totals(
    system, table, fact, business_date, measures, key=none, fingerprint=none
) %}
    {%- set columns = declared_columns(
        'source.acrm.' ~ system ~ '.' ~ table, 'raw_' ~ system, table
    ) %}
(
with

delivered as (

    select
        {{ business_date }} as business_date,
        {%- for expression in measures.values() %}
        ({{ expression }})::decimal(38, 4) as measure_{{ loop.index }},
        {%- endfor %}
        *

    from {{ source(system, table) }} as source_rows

),

readable as (

    select
        {%- for column, declared in columns.items() %}
        try_cast(
            json_extract_string(row_json, '$."{{ column }}"')
            as {{ declared.data_type }}
        ) as "{{ column }}",
        {%- else %}
        *,
        {%- endfor %}
        table_name

    from {{ source('landing', 'quarantine') }}

    where system = '{{ system }}' and table_name = '{{ table }}'

),

quarantined as (

    select
        coalesce({{ business_date }}, date '1900-01-01') as business_date,
        {%- for expression in measures.values() %}
        coalesce({{ expression }}, 0)::decimal(38, 4) as measure_{{ loop.index }}
        {{- ',' if not loop.last }}
        {%- endfor %}

    from readable as source_rows

),
{% if key %}
last_delivered as (

    select
        arg_max(
            {business_date: business_date,
            {%- for column in measured(measures) %}
            {{ column }}: {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}},
            (_loaded_at, _batch_id, _source_file)
        ) as record

    from delivered

    group by {{ key | join(', ') }}

),

kept as (

    select unnest(record) from last_delivered

),
{% else %}
repeats as (

    select
        business_date,
        {{ measured(measures) | join(', ') }},
        {{ fingerprint | join(', ') }},
        _batch_id,
        _source_file,
        count(*) as repeats_in_file

    from delivered

    group by all

),

most_repeats as (

    select
        business_date,
        {{ measured(measures) | join(', ') }},
        max(repeats_in_file) as repeats

    from repeats

    group by
        business_date,
        {{ measured(measures) | join(', ') }},
        {{ fingerprint | join(', ') }}

),

kept as (

    select
        business_date,
        {%- for column in measured(measures) %}
        {{ column }} * repeats as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from most_repeats

),
{% endif %}
daily as (

    {%- for disposition in ['delivered', 'quarantined', 'kept'] %}

    select
        '{{ disposition }}' as disposition,
        business_date,
        {%- for column in measured(measures) %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ disposition }}

    group by business_date

    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

totals as (

    {%- for measure in measures %}

    select
        '{{ fact }}' as fact_name,
        '{{ measure }}' as measure,
        disposition,
        business_date,
        measure_{{ loop.index }} as total

    from daily

    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from totals
)
{%- endmacro %}
